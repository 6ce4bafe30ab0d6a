-- Growth a year of what drives compute, and of what it costs, to be drawn: each over the longest span since 2010.
with

told as (
    select 'hardware' as force, * from trends.hardware_trends
    union all by name
    select 'parallelism' as force, * from trends.parallelism_trends
    union all by name
    select 'data' as force, * from trends.data_trends
    union all by name
    select 'parameters' as force, * from trends.parameter_trends
    union all by name
    select 'cost' as force, * from trends.cost_trends
    union all by name
    select 'power' as force, * from trends.power_trends
)

select *
from told
where growth_per_year is not null
order by force, metric, selection, period
