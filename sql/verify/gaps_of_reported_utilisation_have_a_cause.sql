-- A reported share of our own record that chips, hours and counted operations do not bear out, and nobody said why.
-- On failure: stop
select
    utilisation_checks.run_id,
    utilisation_checks.reported_kind,
    utilisation_checks.span,
    utilisation_checks.implied_over_reported,
from compute.utilisation_checks
join assumptions.thresholds on thresholds.threshold = 'utilisation_gap'
where
    utilisation_checks.source = 'curated'
    and abs(utilisation_checks.implied_over_reported - 1) > thresholds.limit_value
    and utilisation_checks.cause is null
