-- Growth of the compute of frontier runs, split into its parts; the shares add up to one.
select
    selection,
    period,
    growth_part,
    points as runs,
    growth_per_year,
    growth_per_year_low,
    growth_per_year_high,
    part_of_whole,
    list_position(['chips', 'peak', 'time', 'utilisation', 'whole'], growth_part) as place,
from trends.growth_decomposition
where growth_per_year is not null
order by selection, period, place
