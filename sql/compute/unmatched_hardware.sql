-- Hardware names that give no peak.
-- Grain: one row per name and reason.
-- Method: names of compute.run_chips with a reason, counted; beside each the known chip closest in spelling.
-- Caveat: a name here gives no estimate; add a row with a reason to assumptions/hardware_names.csv, or the chip itself.
with

unmatched as (
    select
        hardware_name,
        unmatched_reason,
        count(distinct run_id) as runs,
    from compute.run_chips
    where unmatched_reason is not null
    group by hardware_name, unmatched_reason
),

near as (
    select
        unmatched.hardware_name,
        chips.chip_id,
        jaro_winkler_similarity(slug(unmatched.hardware_name), chips.chip_id) as similarity,
    from (select distinct hardware_name from unmatched) as unmatched
    cross join clean.chips
),

nearest as (
    select
        hardware_name,
        arg_max(chip_id, row(similarity, chip_id)) as near_chip_id,
    from near
    where similarity >= (select limit_value from assumptions.thresholds where threshold = 'hardware_near')
    group by hardware_name
)

select
    unmatched.hardware_name,
    unmatched.runs,
    unmatched.unmatched_reason,
    nearest.near_chip_id,
from unmatched
left join nearest using (hardware_name)
order by unmatched.runs desc, unmatched.hardware_name, unmatched.unmatched_reason
