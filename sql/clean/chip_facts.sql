-- Everything the sources in force state of chips.
-- Grain: one row per chip, quantity and place where it is stated.
-- Method: the facts of each source (one union line a source), named by chip through chip_identities.
-- Caveat: sources may contradict each other and themselves here; clean.chip_flags says which figures are not believed.
with

facts as (
    from clean.curated_facts
    union all by name
    from clean.epoch_facts
    union all by name
    from clean.spec_facts
)

select
    chip_identities.chip_id,
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
join clean.chip_identities
    on chip_identities.source = facts.source
    and chip_identities.document_id = facts.subject_document_id
    and chip_identities.row_number = facts.subject_row_number
where facts.subject = 'chip'
order by chip_identities.chip_id, facts.quantity, facts.source, facts.document_id, facts.row_number
