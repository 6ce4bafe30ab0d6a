-- How likely each run lies above the compute thresholds of laws and proposals.
-- Grain: one row per threshold and run, where the probability is not next to nothing.
-- Method: log-normal about the run's figure with its 90% interval; the compute counted as the law does.
-- Caveat: where a law counts cumulatively the figure of a final run is a lower bound (is_lower_bound); dates are not looked at.
select
    thresholds.compute_threshold,
    runs.run_id,
    runs.published_on,
    runs.limit_flop,
    runs.counting,
    runs.counted_compute_flop,
    runs.counted_compute_flop_low,
    runs.counted_compute_flop_high,
    runs.crossing_probability,
    runs.compute_scope,
    runs.is_lower_bound,
from compute.counted_runs as runs
join assumptions.compute_thresholds as thresholds
    on thresholds.limit_flop = runs.limit_flop and thresholds.counting = runs.counting
    and coalesce(thresholds.covered_domains, 'all') = runs.covered_domains
where runs.crossing_probability >= (select limit_value from assumptions.thresholds where threshold = 'crossing_listed')
order by thresholds.compute_threshold, runs.run_id
