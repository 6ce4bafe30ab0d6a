-- The curated CSVs as facts.
-- Grain: one row per figure or word stated of a run or chip.
-- Method: the attributes of runs.csv and chips.csv one by one, then the long fact files; stated units are converted.
-- Caveat: none.
with

run_attributes as (
    unpivot (
        select
            runs.document_id,
            runs.row_number,
            runs.source_id,
            runs.run_name,
            runs.published_on::varchar as published_on,
            runs.organisations,
            runs.countries,
            runs.organisation_type,
            runs.domain,
            runs.openness,
            runs.is_notable::varchar as is_notable,
            runs.compute_scope,
            runs.base_run_id as base_run_name,
            sources.url as paper_link,
        from raw.curated_runs as runs
        left join raw.curated_sources as sources using (source_id)
    )
    on columns(* exclude (document_id, row_number, source_id))
    into name quantity value value_text
),

chip_attributes as (
    unpivot (
        select
            document_id,
            row_number,
            chip_name,
            vendor,
            chip_kind,
        from raw.curated_chips
    )
    on columns(* exclude (document_id, row_number))
    into name quantity value value_text
),

stated as (
    select
        'run' as subject,
        runs.document_id as subject_document_id,
        runs.row_number as subject_row_number,
        facts.document_id,
        facts.row_number,
        facts.quantity,
        facts.value_text,
        facts.unit,
        facts.source_id,
        facts.where_in_source,
        facts.checked_against,
        facts.note,
        'value' as column_name,
    from raw.curated_run_facts as facts
    join raw.curated_runs as runs using (run_id)

    union all

    select
        'chip' as subject,
        chips.document_id as subject_document_id,
        chips.row_number as subject_row_number,
        facts.document_id,
        facts.row_number,
        facts.quantity,
        facts.value_text,
        facts.unit,
        facts.source_id,
        facts.where_in_source,
        facts.checked_against,
        facts.note,
        'value' as column_name,
    from raw.curated_chip_facts as facts
    join raw.curated_chips as chips using (chip_id)

    union all

    select
        'run' as subject,
        document_id as subject_document_id,
        row_number as subject_row_number,
        document_id,
        row_number,
        quantity,
        value_text,
        null as unit,
        source_id,
        null as where_in_source,
        null as checked_against,
        null as note,
        case quantity when 'base_run_name' then 'base_run_id' when 'paper_link' then 'source_id' else quantity end as column_name,
    from run_attributes

    union all

    select
        'chip' as subject,
        document_id as subject_document_id,
        row_number as subject_row_number,
        document_id,
        row_number,
        quantity,
        value_text,
        null as unit,
        null as source_id,
        null as where_in_source,
        null as checked_against,
        null as note,
        quantity as column_name,
    from chip_attributes
)

select
    stated.subject,
    stated.subject_document_id,
    stated.subject_row_number,
    stated.quantity,
    try_cast(stated.value_text as double) * units.factor as value,
    stated.value_text,
    quantities.unit,
    'curated' as source,
    stated.source_id,
    stated.where_in_source,
    stated.checked_against,
    stated.document_id,
    stated.row_number,
    stated.column_name,
    stated.note as quote,
    'curated' as how,
    documents.as_of_on,
from stated
join raw.quantities using (quantity)
left join assumptions.units on units.unit_from = stated.unit and units.unit_to = quantities.unit
join raw.documents on documents.document_id = stated.document_id and documents.source = 'curated'
order by stated.document_id, stated.row_number, stated.quantity
