-- MLPerf Training results as facts: each system, benchmark and round is one run of kind benchmark.
-- Grain: one row per benchmark run and quantity; what several result files state stands under the first of them.
-- Method: hours are the mean of the result files less the fastest and the slowest; one failed run is the slowest.
-- Caveat: with fewer files than the round's rules ask for, the plain mean of what is there; no score scaling applied.
with

results as (
    select
        results.*,
        documents.as_of_on,
        regexp_replace(documents.document_name, '/[^/]*$', '') as folder,
        benchmarks.result_files,
        benchmarks.data_unit,
        benchmarks.parameters,
        benchmarks.forward_flop_per_example,
        benchmarks.source_id,
        benchmarks.samples_rule,
        case benchmarks.samples_rule
            when 'train_samples' then results.train_samples
            when 'train_samples × last_epoch_num' then results.train_samples * results.last_epoch_num
        end as processed,
    from raw.mlperf_results as results
    join raw.documents on documents.document_id = results.document_id and documents.source = 'mlperf'
    -- Another division may train another model.
    left join assumptions.benchmarks
        on benchmarks.benchmark = results.benchmark
        and benchmarks.benchmark_round = results.benchmark_round
        and results.division = 'closed'
),

failures as (
    select
        regexp_replace(documents.document_name, '/[^/]*$', '') as folder,
        count(distinct quarantine.document_id) as failed_files,
    from raw.quarantine
    join raw.documents using (source, dataset, document_id)
    where quarantine.source = 'mlperf' and quarantine.rule = 'run_stop says success'
    group by all
),

ranked as (
    select
        results.*,
        coalesce(failures.failed_files, 0) as failed_files,
        count(*) over (partition by results.run_name) as files,
        row_number() over (
            partition by results.run_name
            order by results.run_stop_ms - results.run_start_ms, results.result_number, results.document_id
        ) as place,
    from results
    left join failures using (folder)
),

-- More than one failed run makes a result invalid by the rules.
judged as (
    select
        *,
        case
            when files + failed_files < coalesce(result_files, files + failed_files + 1) then true
            when failed_files = 0 then place > 1 and place < files
            else failed_files = 1 and place > 1
        end as is_counted,
    from ranked
),

runs as (
    select
        run_name,
        benchmark_round,
        submitter,
        system_name,
        min_by(document_id, (result_number, document_id)) as document_id,
        min_by(row_number, (result_number, document_id)) as row_number,
        min(as_of_on) as as_of_on,
        (sum(run_stop_ms - run_start_ms) filter (where is_counted))::double
        / count(*) filter (where is_counted) / 3600000 as training_hours,
        avg(processed order by place) filter (where is_counted) as processed,
        avg(batch_size order by place) filter (where is_counted) as batch_size,
        any_value(data_unit) as data_unit,
        any_value(samples_rule) as samples_rule,
        any_value(parameters) as parameters,
        any_value(forward_flop_per_example) as forward_flop_per_example,
        any_value(source_id) as source_id,
        case when count(distinct number_format) = 1 and count(number_format) = count(*) then min(number_format) end
            as number_format,
        count(*) filter (where is_counted) as files_counted,
        count(*) + max(failed_files) as files_read,
    from judged
    group by run_name, benchmark_round, submitter, system_name
),

-- Two rounds may hold one description to the byte: the archive keeps it once, under the first.
candidates as (
    select
        runs.run_name,
        systems.document_id,
        systems.row_number,
        documents.as_of_on,
        systems.training_hardware,
        systems.nodes * systems.accelerators_per_node as chips,
        systems.benchmark_round = runs.benchmark_round as is_of_round,
        count(distinct concat_ws(' ', systems.nodes * systems.accelerators_per_node, systems.training_hardware)) over (
            partition by runs.run_name
        ) as descriptions,
        row_number() over (
            partition by runs.run_name
            order by systems.benchmark_round <> runs.benchmark_round, documents.archive_order desc
        ) as place,
    from runs
    join raw.mlperf_systems as systems using (submitter, system_name)
    join raw.documents on documents.document_id = systems.document_id and documents.source = 'mlperf'
),

systems as (
    from candidates
    where place = 1 and (is_of_round or descriptions = 1)
),

words as (
    unpivot (
        select
            runs.run_name as listed,
            runs.run_name,
            'benchmark' as run_kind,
            replace(runs.submitter, '_', ' ') as organisations,
            case when systems.chips > 0 then systems.training_hardware end as training_hardware,
            runs.number_format,
        from runs
        left join systems using (run_name)
    )
    on columns(* exclude (listed))
    into name quantity value value_text
),

figures as (
    unpivot (
        select
            runs.run_name as listed,
            case when systems.chips > 0 then systems.chips::double end as chips,
            runs.training_hours,
            runs.batch_size,
            case when runs.data_unit = 'examples' then runs.processed end as examples_seen,
            case when runs.data_unit = 'tokens' then runs.processed end as tokens_seen,
            runs.parameters,
            runs.forward_flop_per_example,
        from runs
        left join systems using (run_name)
    )
    on columns(* exclude (listed))
    into name quantity value value
),

stated as (
    select
        listed,
        quantity,
        null::double as value,
        value_text,
    from words

    union all

    select
        listed,
        quantity,
        value,
        value::varchar as value_text,
    from figures
),

placed as (
    select
        stated.*,
        stated.quantity in ('chips', 'training_hardware') as is_of_system,
        stated.quantity in ('parameters', 'forward_flop_per_example') as is_assumed,
    from stated
)

select
    'run' as subject,
    runs.document_id as subject_document_id,
    runs.row_number as subject_row_number,
    placed.quantity,
    placed.value,
    placed.value_text,
    quantities.unit,
    'mlperf' as source,
    case when placed.is_assumed then runs.source_id else 'mlperf-training-' || runs.benchmark_round end as source_id,
    case when placed.is_assumed then 'sql/assumptions/benchmarks.csv' end as where_in_source,
    null::varchar as checked_against,
    case when placed.is_of_system then systems.document_id else runs.document_id end as document_id,
    case when placed.is_of_system then systems.row_number else runs.row_number end as row_number,
    case placed.quantity
        when 'chips' then 'number_of_nodes × accelerators_per_node'
        when 'training_hardware' then 'accelerator_model_name'
        when 'training_hours' then 'run_stop − run_start'
        when 'examples_seen' then runs.samples_rule
        when 'tokens_seen' then runs.samples_rule
        when 'batch_size' then 'global_batch_size'
    end as column_name,
    case
        when placed.quantity in ('training_hours', 'examples_seen', 'tokens_seen', 'batch_size')
            then format('mean of {} of {} result files', runs.files_counted, runs.files_read)
    end as quote,
    case when placed.is_assumed then 'curated' else 'column' end as how,
    case when placed.is_of_system then systems.as_of_on else runs.as_of_on end as as_of_on,
from placed
join runs on runs.run_name = placed.listed
join raw.quantities using (quantity)
left join systems on systems.run_name = placed.listed
order by subject_document_id, subject_row_number, placed.quantity
