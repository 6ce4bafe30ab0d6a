-- Every spelling under which a source has listed a run of this version.
-- Grain: one row per run, spelling and source.
-- Method: the listings of all archived documents; the document is the first that held the spelling.
-- Caveat: none.
select
    run_identities.run_id,
    name_key(run_sightings.run_name) as alias,
    run_identities.source,
    min_by(run_identities.document_id, run_sightings.archive_order) as document_id,
from clean.run_identities
join raw.run_sightings using (source, document_id, row_number)
join clean.runs using (run_id)
group by all
order by run_identities.run_id, alias, run_identities.source
