-- The forces that are drawn: one line a metric, since 2010.
with

told as (
    select 'hardware' as force, * from trends.hardware_trends where selection = 'ml_accelerators'
    union all by name
    select 'scale' as force, * from trends.parallelism_trends where selection = 'frontier'
    union all by name
    select 'cost' as force, * from trends.cost_trends where selection = 'frontier'
    union all by name
    select 'power' as force, * from trends.power_trends where selection = 'frontier'
)

select
    force,
    metric,
    selection,
    period,
    points as runs,
    growth_per_year,
    growth_per_year_low,
    growth_per_year_high,
    list_position(
        [
            'peak_training', 'peak_training_per_usd', 'peak_training_per_watt', 'memory_bandwidth_bytes_per_second',
            'chips', 'training_hours', 'cluster_flop_per_second', 'amortised_cost_usd_2024', 'peak_power_watts'
        ],
        metric
    ) as place,
from told
where period = 'from_2010' and place is not null and growth_per_year is not null
order by place
