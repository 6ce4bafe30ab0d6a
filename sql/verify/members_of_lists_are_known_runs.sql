-- A member of a published list that is no curated run.
-- On failure: stop
select
    selection,
    run_id,
from assumptions.selection_members
where run_id not in (select stated_run_id from raw.run_sightings where stated_run_id is not null)
    and exists (select 1 from raw.run_sightings where source = 'curated')
