-- The headline fits, the one of the front page first: the frontier since 2010, else the longest of notable runs, else any.
-- Their interval: bootstrap over runs and figures where there is one, else Student's t.
select
    metric,
    selection,
    period,
    headlines.reason,
    period_start_on,
    period_end_on,
    runs,
    doubling_months,
    case when bootstrap_draws is null then doubling_months_low else bootstrap_doubling_months_low end as low,
    case when bootstrap_draws is null then doubling_months_high else bootstrap_doubling_months_high end as high,
    growth_per_year,
    r_squared,
    bootstrap_draws,
from trends.metric_trends
join assumptions.headlines using (metric, selection, period)
where headline
order by
    metric = 'training_compute' desc,
    list_position(['frontier', 'notable', 'final_run', 'all'], selection) nulls last,
    runs desc,
    metric, selection, period
