-- A curated run or fact whose source stands in no row of sources.csv.
-- On failure: stop
with

cited as (
    select source_id from raw.curated_runs
    union
    select source_id from raw.curated_run_facts
    union
    select source_id from raw.curated_chip_facts
)

select source_id
from cited
where source_id not in (select source_id from raw.curated_sources)
