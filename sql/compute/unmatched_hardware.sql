-- Hardware names that are no known chip.
-- Grain: one row per name.
-- Method: names of compute.run_chips without a chip, counted.
-- Caveat: a name here gives no estimate; add it to assumptions/chip_names.csv with a reason.
select
    hardware_name,
    count(distinct run_id) as runs,
from compute.run_chips
where chip_id is null
group by all
order by runs desc, hardware_name
