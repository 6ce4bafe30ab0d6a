-- Epoch AI's exports as facts.
-- Grain: one row per filled cell of a model or chip row that this project reads.
-- Method: cells one by one, lists with semicolons, words of kind and openness by assumptions, corrections last.
-- Caveat: the datapoints of a dataset are tokens, words, images … by domain; a cell of several figures is kept as words.
with

kinds as (
    select
        document_id,
        row_number,
        regexp_matches(organisation_categories, '(?i)(^|,)\s*industry') as has_industry,
        organisation_categories ilike '%academia%' as has_academia,
        regexp_matches(organisation_categories, '(?i)(^|,)\s*government') as has_government,
        regexp_matches(organisation_categories, '(?i)(^|,)\s*research collective') as has_collective,
    from raw.epoch_models
),

model_words as (
    unpivot (
        select
            models.document_id,
            models.row_number,
            models.run_name,
            models.published_on::varchar as published_on,
            array_to_string(list_words(models.organisations, ','), ';') as organisations,
            array_to_string(list_words(models.countries, ','), ';') as countries,
            case
                when kinds.has_industry and (kinds.has_academia or kinds.has_government or kinds.has_collective)
                    then 'mixed'
                when kinds.has_industry then 'industry'
                when kinds.has_academia then 'academia'
                when kinds.has_government then 'government'
                when kinds.has_collective then 'collective'
            end as organisation_type,
            array_to_string(list_words(models.domains, ','), ';') as domain,
            openness_names.openness,
            (models.notability_criteria is not null)::varchar as is_notable,
            models.is_frontier_by_source::varchar as is_frontier_by_source,
            coalesce(models.is_excluded_by_source, false)::varchar as is_excluded_by_source,
            case when models.base_run_name is null then 'final_run' else 'with_base_model' end as compute_scope,
            models.base_run_name,
            models.paper_link,
            models.reference,
            models.training_hardware,
            case
                when lower(models.number_formats) in (select number_format from assumptions.peak_choice)
                    then lower(models.number_formats)
            end as number_format,
            models.number_formats,
            models.dataset_gradients,
            models.confidence,
            models.compute_estimation_method,
        from raw.epoch_models as models
        left join kinds using (document_id, row_number)
        left join assumptions.openness_names on openness_names.spelling = models.model_accessibility
    )
    on columns(* exclude (document_id, row_number))
    into name quantity value value_text
),

model_figures as (
    unpivot (
        select
            document_id,
            row_number,
            parameters,
            training_compute_flop,
            training_compute_flop_low,
            training_compute_flop_high,
            dataset_datapoints,
            epochs,
            training_hours,
            chips,
            chip_hours,
            utilisation,
            mfu,
            hfu,
            finetune_compute_flop,
            batch_size,
            training_power_watts,
            training_cost_usd_2020,
            training_cost_usd_2023,
        from raw.epoch_models
    )
    on columns(* exclude (document_id, row_number))
    into name quantity value value
),

chip_words as (
    unpivot (
        select
            document_id,
            row_number,
            chip_name,
            vendor,
            case
                when chip_kind_text in ('GPU', 'TPU', 'CPU') then lower(chip_kind_text)
                when chip_kind_text is not null then 'accelerator'
            end as chip_kind,
            released_on::varchar as released_on,
        from raw.epoch_chips
    )
    on columns(* exclude (document_id, row_number))
    into name quantity value value_text
),

chip_figures as (
    unpivot (
        select * exclude (chip_name, vendor, chip_kind_text, released_on),
        from raw.epoch_chips
    )
    on columns(* exclude (document_id, row_number))
    into name quantity value value
),

cells as (
    select
        'run' as subject,
        'models' as dataset,
        document_id,
        row_number,
        quantity,
        null::double as value,
        value_text,
    from model_words

    union all

    select
        'run' as subject,
        'models' as dataset,
        document_id,
        row_number,
        quantity,
        value,
        null as value_text,
    from model_figures

    union all

    select
        'chip' as subject,
        'chips' as dataset,
        document_id,
        row_number,
        quantity,
        null::double as value,
        value_text,
    from chip_words

    union all

    select
        'chip' as subject,
        'chips' as dataset,
        document_id,
        row_number,
        quantity,
        value,
        null as value_text,
    from chip_figures
),

-- The column of the raw table a fact comes from, where the names differ.
sources_of as (
    select *
    from (
        values
        ('organisation_type', 'organisation_categories'),
        ('domain', 'domains'),
        ('openness', 'model_accessibility'),
        ('is_notable', 'notability_criteria'),
        ('compute_scope', 'base_run_name'),
        ('number_format', 'number_formats'),
        ('chip_kind', 'chip_kind_text'),
    ) as names (quantity, raw_column)
),

-- What is the same for every cell of a column: looked up once a document, not once a cell.
columns_read as (
    select
        documents.document_id,
        documents.dataset,
        quantities.quantity,
        quantities.unit,
        'epoch-' || documents.dataset || '-' || documents.as_of_on as source_id,
        headers.header as column_name,
        documents.as_of_on,
        dense_rank() over (order by documents.document_id) as document_place,
        dense_rank() over (order by quantities.quantity) as quantity_place,
    from raw.documents
    cross join raw.quantities
    left join sources_of using (quantity)
    left join raw.headers
        on headers.document_id = documents.document_id
        and headers.dataset = documents.dataset
        and headers.column_name = coalesce(sources_of.raw_column, quantities.quantity)
    where documents.source = 'epoch'
),

-- A correction names a run; its rows are looked up once, not for every cell.
fixes as (
    select
        models.document_id,
        models.row_number,
        corrections.column_name as quantity,
        try_cast(corrections.value_from as double) as wrong_value,
        corrections.value_to,
        corrections.reason,
    from assumptions.corrections
    join raw.epoch_models as models using (run_name)
    where corrections.source = 'epoch' and corrections.dataset = 'models'
)

select
    cells.subject,
    cells.document_id as subject_document_id,
    cells.row_number as subject_row_number,
    cells.quantity,
    case when fixes.wrong_value is not null then try_cast(fixes.value_to as double) else cells.value end as value,
    coalesce(cells.value_text, fixes.value_to) as value_text,
    columns_read.unit,
    'epoch' as source,
    columns_read.source_id,
    null::varchar as where_in_source,
    null::varchar as checked_against,
    cells.document_id,
    cells.row_number,
    columns_read.column_name,
    fixes.reason as quote,
    'column' as how,
    columns_read.as_of_on,
from cells
join columns_read using (document_id, dataset, quantity)
left join fixes
    on fixes.document_id = cells.document_id
    and fixes.row_number = cells.row_number
    and fixes.quantity = cells.quantity
    and fixes.wrong_value = cells.value
order by columns_read.document_place, cells.row_number, columns_read.quantity_place
