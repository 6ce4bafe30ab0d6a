-- A rule in force without its first day, or one that ended without its last.
-- On failure: stop
select
    compute_threshold,
    threshold_status,
    adopted_on,
    applies_on,
    ended_on,
from assumptions.compute_thresholds
where
    threshold_status in ('in force', 'adopted') and (adopted_on is null or applies_on is null or ended_on is not null)
    or threshold_status in ('rescinded', 'vetoed') and ended_on is null
