-- A cause for a gap of our own record that is no more there, or of a run, kind or span that is not compared.
-- On failure: stop
select
    utilisation_gaps.run_id,
    utilisation_gaps.reported_kind,
    utilisation_gaps.span,
from assumptions.utilisation_gaps
join clean.runs using (run_id)
join assumptions.thresholds on thresholds.threshold = 'utilisation_gap'
left join compute.utilisation_checks using (run_id, reported_kind, span)
where
    runs.source = 'curated'
    and coalesce(abs(utilisation_checks.implied_over_reported - 1) <= thresholds.limit_value, true)
