-- A row of a models export that was accepted and yet belongs to no run of this version.
-- On failure: stop
select
    models.document_id,
    models.row_number,
    models.run_name,
from raw.epoch_models as models
left join clean.run_identities
    on run_identities.source = 'epoch'
    and run_identities.document_id = models.document_id
    and run_identities.row_number = models.row_number
left join clean.runs using (run_id)
where runs.run_id is null
