-- Specification tables of web pages as facts.
-- Grain: one row per figure read of a chip, and the chip's name and maker.
-- Method: readings of clean.spec_readings that hold a quantity of the vocabulary; the listing is the chip.
-- Caveat: as the page claims it; clean.chip_flags says which figures are not believed.
with

figures as (
    select
        source,
        document_id,
        row_number,
        subject_row_number,
        quantity,
        value,
        null::varchar as value_text,
        column_label as column_name,
        cell_text as quote,
        table_number,
        row_label,
    from clean.spec_readings
    where chip_name is not null and quantity is not null and value is not null
),

names as (
    unpivot (
        select
            source,
            document_id,
            row_number,
            table_number,
            row_label,
            column_label,
            chip_name,
            vendor,
        from clean.spec_readings
        where row_number = subject_row_number and chip_name is not null
    )
    on chip_name, vendor
    into name quantity value value_text
),

stated as (
    from figures

    union all by name

    select
        source,
        document_id,
        row_number,
        row_number as subject_row_number,
        quantity,
        null::double as value,
        value_text,
        column_label as column_name,
        null::varchar as quote,
        table_number,
        row_label,
    from names
)

select
    'chip' as subject,
    stated.document_id as subject_document_id,
    stated.subject_row_number,
    stated.quantity,
    stated.value,
    stated.value_text,
    quantities.unit,
    stated.source,
    replace(stated.source, '_', '-') || '-' || documents.as_of_on as source_id,
    concat_ws(
        ', ', documents.document_name, 'table ' || stated.table_number, 'row ' || stated.row_label
    ) as where_in_source,
    null::varchar as checked_against,
    stated.document_id,
    stated.row_number,
    stated.column_name,
    stated.quote,
    'column' as how,
    documents.as_of_on,
from stated
join raw.documents using (source, document_id)
join raw.quantities using (quantity)
order by stated.source, stated.document_id, stated.row_number, stated.quantity
