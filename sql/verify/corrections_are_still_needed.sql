-- A correction whose wrong value the source in force no longer holds: remove its row.
-- On failure: warn
select
    corrections.dataset,
    corrections.run_name,
    corrections.column_name,
    corrections.value_from,
from assumptions.corrections
where
    exists (select 1 from raw.documents where documents.dataset = corrections.dataset and documents.source = corrections.source)
    and corrections.reason not in (select quote from clean.run_facts where quote is not null)
