-- Thresholds of law and how many runs of the record lie above each.
select
    compute_threshold,
    jurisdiction,
    instrument,
    threshold_status,
    limit_flop,
    counting,
    expected_runs,
    listed_runs,
    likely_runs,
    applies_on,
    reference,
from (
    select
        compute_threshold,
        sum(crossing_probability) as expected_runs,
        count(*) as listed_runs,
        count(*) filter (where crossing_probability > 0.5) as likely_runs,
    from compute.threshold_crossings
    group by compute_threshold
)
right join assumptions.compute_thresholds using (compute_threshold)
order by limit_flop, jurisdiction, compute_threshold
