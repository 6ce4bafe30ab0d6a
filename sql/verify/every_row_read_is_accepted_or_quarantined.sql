-- A document whose rows do not add up: read, but neither accepted nor quarantined.
-- On failure: stop
with

quarantined as (
    select
        source,
        dataset,
        document_id,
        count(distinct row_number) as rows_set_aside,
    from raw.quarantine
    group by all
)

select
    documents.source,
    documents.document_name,
    documents.rows_read,
    documents.rows_accepted,
    documents.rows_quarantined,
from raw.documents
left join quarantined using (source, dataset, document_id)
where
    documents.rows_read <> documents.rows_accepted + documents.rows_quarantined
    or documents.rows_quarantined <> coalesce(quarantined.rows_set_aside, 0)
