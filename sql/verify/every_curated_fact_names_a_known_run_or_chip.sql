-- A curated fact of a run or chip that the curated lists do not have, or of a quantity the vocabulary lacks.
-- On failure: stop
select
    'run' as subject,
    run_id as missing_id,
    quantity,
from raw.curated_run_facts
where
    run_id not in (select run_id from raw.curated_runs)
    or quantity not in (select quantity from raw.quantities where subject = 'run')

union all

select
    'chip' as subject,
    chip_id as missing_id,
    quantity,
from raw.curated_chip_facts
where
    chip_id not in (select chip_id from raw.curated_chips)
    or quantity not in (select quantity from raw.quantities where subject = 'chip')
