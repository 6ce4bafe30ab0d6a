-- What became of what others expected.
select
    forecast,
    made_on,
    due_on,
    claim,
    claimed_low,
    claimed_high,
    found_value,
    found_verdict,
    projected_value,
    projected_low,
    projected_high,
    projected_verdict,
    reference,
from trends.forecast_checks
order by due_on, forecast
