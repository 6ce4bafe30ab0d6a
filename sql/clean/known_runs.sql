-- Every run a source has ever listed, also those that none lists now.
-- Grain: one row per run.
-- Method: rows of one source and name, else of one paper, within 60 days and 5% of parameters; the first listing names it.
-- Caveat: what a document said of a run that is listed no more stands in the versions of that time.
select
    run_identities.run_id,
    run_identities.run_name,
    arg_min(source, run_sightings.archive_order) as source,
    arg_min(document_id, run_sightings.archive_order) as document_id,
from clean.run_identities
join raw.run_sightings using (source, document_id, row_number)
group by all
order by run_identities.run_id
