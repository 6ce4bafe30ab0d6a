-- Every run a source has ever listed, also those that none lists now.
-- Grain: one row per run.
-- Method: the listings of all archived documents; source and document are the first that listed it, run_name its first spelling.
-- Caveat: what a document of then said of a run that is listed no more stands in the versions of that time.
select
    run_identities.run_id,
    run_identities.run_name,
    arg_min(source, run_sightings.archive_order) as source,
    arg_min(document_id, run_sightings.archive_order) as document_id,
from clean.run_identities
join raw.run_sightings using (source, document_id, row_number)
group by all
order by run_identities.run_id
