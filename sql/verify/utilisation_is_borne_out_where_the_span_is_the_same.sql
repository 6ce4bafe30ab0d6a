-- Where hours and operations cover what the reported share covers, what is implied differs by no more than the limit.
-- On failure: stop
select
    utilisation_checks.run_id,
    utilisation_checks.reported_kind,
    utilisation_checks.span,
    utilisation_checks.implied_over_reported / utilisation_checks.expected_over_reported as implied_over_expected,
from compute.utilisation_checks
join assumptions.thresholds on thresholds.threshold = 'utilisation_gap'
where
    utilisation_checks.source = 'curated'
    and utilisation_checks.is_same_span
    and abs(utilisation_checks.implied_over_reported / utilisation_checks.expected_over_reported - 1)
    > thresholds.limit_value
