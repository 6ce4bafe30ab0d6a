-- What the notes and abstracts of Epoch AI's exports state in words, as facts.
-- Grain: one row per model row and quantity of which all its texts give one value.
-- Method: the figures flows/facts.py reads, each with its sentence; of a batch counted in tokens and in examples, the tokens.
-- Caveat: where two texts of a row differ nothing is a fact; a batch is in the unit its text says.
with

-- Rows set aside have no facts.
stated as (
    select
        texts.*,
        case
            when texts.unit = 'tokens' then 1
            when texts.unit = 'examples' then 2
            else 3
        end as unit_place,
    from raw.epoch_text_facts as texts
    join raw.epoch_models using (document_id, row_number)
),

units as (
    select
        document_id,
        row_number,
        quantity,
        min(unit_place) as unit_place,
    from stated
    group by document_id, row_number, quantity
),

agreed as (
    select
        document_id,
        row_number,
        quantity,
        min(value) as value,
        arg_min(value_text, (column_name, position)) as value_text,
        arg_min(unit, (column_name, position)) as unit,
        arg_min(quote, (column_name, position)) as quote,
        min(column_name) as column_name,
    from stated
    join units using (document_id, row_number, quantity, unit_place)
    group by document_id, row_number, quantity
    having count(distinct coalesce(value::varchar, lower(value_text))) = 1
)

select
    'run' as subject,
    agreed.document_id as subject_document_id,
    agreed.row_number as subject_row_number,
    agreed.quantity,
    agreed.value,
    agreed.value_text,
    agreed.unit,
    'epoch' as source,
    'epoch-models-' || documents.as_of_on as source_id,
    null::varchar as where_in_source,
    null::varchar as checked_against,
    agreed.document_id,
    agreed.row_number,
    headers.header as column_name,
    agreed.quote,
    'text' as how,
    documents.as_of_on,
from agreed
join raw.documents
    on documents.document_id = agreed.document_id and documents.source = 'epoch' and documents.dataset = 'models'
left join raw.headers
    on headers.document_id = agreed.document_id
    and headers.dataset = 'models'
    and headers.column_name = agreed.column_name
order by agreed.document_id, agreed.row_number, agreed.quantity
