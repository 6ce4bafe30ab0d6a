-- Every fit of training compute by selection and period.
select
    selection,
    period,
    period_start_on,
    period_end_on,
    runs,
    doubling_months,
    doubling_months_low,
    doubling_months_high,
    growth_per_year,
    oom_per_year,
    standard_error_oom_per_year,
    r_squared,
from trends.metric_trends
where metric = 'training_compute' and doubling_months is not null
order by headline desc, runs desc, selection, period
