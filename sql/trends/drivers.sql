-- The essay's three drivers of progress: algorithms, data, compute; which of them this record measures.
-- Grain: one row per driver.
-- Method: growth from metric_trends; algorithms cannot be read off runs' facts.
-- Caveat: data counts datapoints of language runs only, as other units do not add up.
select
    drivers.driver,
    case when drivers.metric is null then 'out of reach' else 'measured' end as driver_status,
    drivers.metric,
    drivers.selection,
    drivers.period,
    metric_trends.runs,
    metric_trends.growth_per_year,
    metric_trends.doubling_months,
    drivers.explanation,
from assumptions.drivers
left join trends.metric_trends using (metric, selection, period)
order by drivers.driver
