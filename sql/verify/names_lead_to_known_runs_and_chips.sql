-- A row of run_names or chip_names that leads to no curated run or chip.
-- On failure: stop
select
    spelling,
    run_id as missing_id,
from assumptions.run_names
where run_id not in (select stated_run_id from raw.run_sightings where stated_run_id is not null)
    and exists (select 1 from raw.run_sightings where source = 'curated')

union all

select
    spelling,
    chip_id as missing_id,
from assumptions.chip_names
where chip_id not in (select stated_chip_id from raw.chip_sightings where stated_chip_id is not null)
    and exists (select 1 from raw.chip_sightings where source = 'curated')
