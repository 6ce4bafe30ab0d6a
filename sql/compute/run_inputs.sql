-- The inputs of each run's estimates: of every quantity the one value that is used.
-- Grain: one row per training run.
-- Method: the value of the source of highest precedence, newest document, first row.
-- Caveat: training_compute_flop and its bounds are what sources report; no estimate but "reported" reads them.
with

ranked as (
    select
        run_facts.run_id,
        run_facts.quantity,
        run_facts.value,
        run_facts.value_text,
        row_number() over (
            partition by run_facts.run_id, run_facts.quantity
            order by source_precedence.precedence, run_facts.as_of_on desc, run_facts.document_id, run_facts.row_number
        ) as place,
    from clean.run_facts
    join assumptions.source_precedence using (source)
),

-- Bounds and confidence belong to the source whose compute is taken, never to another.
compute_source as (
    select
        run_facts.run_id,
        min_by(
            run_facts.source || run_facts.document_id || run_facts.subject_row,
            source_precedence.precedence
        ) as taken_from,
    from (
        select
            *,
            case when source = 'curated' then '' else row_number::varchar end as subject_row,
        from clean.run_facts
        where quantity in ('training_compute_flop', 'training_compute_flop_high', 'training_compute_flop_low')
    ) as run_facts
    join assumptions.source_precedence using (source)
    group by all
),

judged as (
    select
        run_facts.run_id,
        max(run_facts.value) filter (where run_facts.quantity = 'training_compute_flop') as training_compute_flop,
        max(run_facts.value) filter (where run_facts.quantity = 'training_compute_flop_low') as training_compute_flop_low,
        max(run_facts.value) filter (where run_facts.quantity = 'training_compute_flop_high') as training_compute_flop_high,
        max(run_facts.value_text) filter (where run_facts.quantity = 'confidence') as confidence,
    from clean.run_facts
    join compute_source
        on compute_source.run_id = run_facts.run_id
        and compute_source.taken_from
        = run_facts.source || run_facts.document_id
        || case when run_facts.source = 'curated' then '' else run_facts.row_number::varchar end
    group by all
),

chosen as (
    select
        run_id,
        max(value) filter (where quantity = 'parameters') as parameters,
        max(value) filter (where quantity = 'active_parameters') as active_parameters,
        max(value) filter (where quantity = 'tokens_seen') as tokens_seen,
        max(value) filter (where quantity = 'dataset_tokens') as dataset_tokens,
        max(value) filter (where quantity = 'dataset_words') as dataset_words,
        max(value) filter (where quantity = 'dataset_examples') as dataset_examples,
        max(value) filter (where quantity = 'dataset_datapoints') as dataset_datapoints,
        max(value_text) filter (where quantity = 'dataset_gradients') as dataset_gradients,
        max(value) filter (where quantity = 'examples_seen') as examples_seen,
        max(value) filter (where quantity = 'epochs') as epochs,
        max(value) filter (where quantity = 'forward_flop_per_example') as forward_flop_per_example,
        max(value) filter (where quantity = 'training_repeats') as training_repeats,
        max(value) filter (where quantity = 'time_repeats') as time_repeats,
        max(value) filter (where quantity = 'batch_size') as batch_size,
        max(value) filter (where quantity = 'chips') as chips,
        max(value_text) filter (where quantity = 'chip_id') as chip_id,
        max(value) filter (where quantity = 'training_hours') as training_hours,
        max(value) filter (where quantity = 'chip_hours') as chip_hours,
        max(value) filter (where quantity = 'mfu') as mfu,
        max(value) filter (where quantity = 'hfu') as hfu,
        max(value) filter (where quantity = 'utilisation') as utilisation,
        max(value_text) filter (where quantity = 'number_format') as number_format,
    from ranked
    where place = 1
    group by all
),

-- Hardware named in words counts only where it is one kind of chip.
single_chips as (
    select
        run_id,
        min(chip_id) as chip_id,
    from compute.run_chips
    where chip_list = 'one'
    group by run_id
)

select
    runs.run_id,
    runs.published_on,
    runs.domain,
    runs.compute_scope,
    chosen.parameters,
    chosen.active_parameters,
    chosen.tokens_seen,
    chosen.dataset_tokens,
    chosen.dataset_words,
    chosen.dataset_examples,
    chosen.dataset_datapoints,
    chosen.dataset_gradients,
    chosen.examples_seen,
    chosen.epochs,
    chosen.forward_flop_per_example,
    chosen.training_repeats,
    chosen.time_repeats,
    chosen.batch_size,
    chosen.chips,
    coalesce(chosen.chip_id, single_chips.chip_id) as chip_id,
    chosen.training_hours,
    chosen.chip_hours,
    chosen.mfu,
    chosen.hfu,
    chosen.utilisation,
    coalesce(chosen.number_format, 'unstated') as number_format,
    judged.confidence,
    judged.training_compute_flop,
    judged.training_compute_flop_low,
    judged.training_compute_flop_high,
from clean.runs
left join chosen using (run_id)
left join single_chips using (run_id)
left join judged using (run_id)
order by runs.run_id
