-- Everything the sources in force state of training runs.
-- Grain: one row per run, quantity, place where it is stated, and way it was taken from there.
-- Method: the facts of each source (one union line a source); which rows are one run is said at clean.known_runs.
-- Caveat: sources may contradict each other here; compute.run_inputs chooses by assumptions/source_precedence.csv.
with

facts as (
    from clean.curated_facts
    union all by name
    from clean.epoch_facts
    union all by name
    from clean.epoch_text_facts
    union all by name
    from clean.mlperf_facts
)

select
    run_identities.run_id,
    facts.quantity,
    facts.value,
    facts.value_text,
    facts.unit,
    facts.source,
    facts.source_id,
    facts.where_in_source,
    facts.checked_against,
    facts.document_id,
    facts.row_number,
    facts.column_name,
    facts.quote,
    facts.how,
    facts.as_of_on,
from facts
join clean.run_identities
    on run_identities.source = facts.source
    and run_identities.document_id = facts.subject_document_id
    and run_identities.row_number = facts.subject_row_number
where facts.subject = 'run'
order by run_identities.run_id, facts.quantity, facts.source, facts.document_id, facts.row_number, facts.how
