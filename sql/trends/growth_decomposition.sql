-- What the growth of training compute is made of: more chips, faster chips, longer runs, better use of the peak.
-- Grain: one row per selection, period and part; the part "whole" is the growth of compute itself.
-- Method: slopes of log10 of each factor on the same runs (trends.force_trends); as compute is their product, they add up.
-- Caveat: final runs alone with chips, peak and time known; utilisation is what compute leaves over the other three.
with

lines as (
    from trends.force_trends
    where force = 'decomposition'
),

whole as (
    from lines
    where metric = 'training_compute'
)

select
    lines.selection,
    lines.period,
    case when lines.metric = 'training_compute' then 'whole' else lines.metric end as growth_part,
    lines.points,
    lines.oom_per_year,
    lines.standard_error_oom_per_year,
    lines.oom_per_year_low,
    lines.oom_per_year_high,
    lines.growth_per_year,
    lines.growth_per_year_low,
    lines.growth_per_year_high,
    lines.oom_per_year / nullif(whole.oom_per_year, 0) as part_of_whole,
from lines
join whole using (selection, period)
order by lines.selection, lines.period, growth_part
