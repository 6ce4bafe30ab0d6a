-- The inputs of each run's estimates: of every quantity the one value that is used.
-- Grain: one row per training run.
-- Method: inputs all from one source, the one of highest precedence that states any; its notes fill what no column holds.
-- Caveat: training_compute_flop and its bounds are what sources report; no estimate but "reported" reads them.
with

-- The documents in the order in which they are believed.
documents as (
    select
        source,
        document_id,
        as_of_on,
        source_precedence.precedence,
        row_number() over (order by source_precedence.precedence, as_of_on desc, document_id) as place,
    from (select distinct source, document_id, as_of_on from clean.run_facts)
    join assumptions.source_precedence using (source)
),

-- A place is one number, document before row; facts of one origin are one listing of a source, or all our curated ones.
-- What a careful source leaves out it does not know: no other source fills in, or tokens of one meet epochs of another.
facts as materialized (
    select
        run_facts.run_id,
        run_facts.quantity,
        run_facts.value,
        run_facts.value_text,
        run_facts.source_id,
        run_facts.how,
        run_facts.quote,
        documents.place * 10000000000 + run_facts.row_number as place,
        case when source = 'curated' then 0 else documents.place * 10000000000 + run_facts.row_number end as origin,
        documents.precedence,
        run_facts.quantity in ('training_compute_flop', 'training_compute_flop_high', 'training_compute_flop_low')
            as is_compute,
        run_facts.how <> 'text' and run_facts.quantity not in ('confidence', 'compute_scope') and not is_compute as is_input,
    from clean.run_facts
    join documents using (source, document_id, as_of_on)
    where
        run_facts.quantity in (
            'parameters', 'active_parameters', 'tokens_seen', 'dataset_tokens', 'dataset_words', 'dataset_examples',
            'dataset_datapoints', 'dataset_gradients', 'examples_seen', 'epochs', 'forward_flop_per_example',
            'training_repeats', 'time_repeats', 'batch_size', 'chips', 'chip_id', 'training_hours', 'chip_hours',
            'mfu', 'hfu', 'utilisation', 'number_format', 'training_hardware', 'network_kind',
            'training_compute_flop', 'training_compute_flop_high', 'training_compute_flop_low', 'confidence',
            'compute_scope'
        )
),

-- Bounds and confidence belong to the listing whose compute is taken, never to another.
firsts as (
    select
        run_id,
        min(precedence) filter (where is_input) as precedence,
        min(origin) filter (where is_compute) as compute_origin,
    from facts
    group by run_id
),

judged as (
    select
        facts.run_id,
        max(value) filter (where quantity = 'training_compute_flop') as training_compute_flop,
        max(value) filter (where quantity = 'training_compute_flop_low') as training_compute_flop_low,
        max(value) filter (where quantity = 'training_compute_flop_high') as training_compute_flop_high,
        max(value_text) filter (where quantity = 'confidence') as confidence,
        max(value_text) filter (where quantity = 'compute_scope') as compute_scope,
        max(source_id) filter (where quantity = 'training_compute_flop') as source_id,
    from facts
    join firsts on firsts.run_id = facts.run_id and firsts.compute_origin = facts.origin
    where is_compute or quantity in ('confidence', 'compute_scope')
    group by facts.run_id
),

-- The first place counts even where it holds no number.
chosen as (
    select
        run_id,
        arg_min_null(value, place) filter (where quantity = 'parameters') as parameters,
        arg_min_null(value, place) filter (where quantity = 'active_parameters') as active_parameters,
        arg_min_null(value, place) filter (where quantity = 'tokens_seen') as tokens_seen,
        arg_min_null(value, place) filter (where quantity = 'dataset_tokens') as dataset_tokens,
        arg_min_null(value, place) filter (where quantity = 'dataset_words') as dataset_words,
        arg_min_null(value, place) filter (where quantity = 'dataset_examples') as dataset_examples,
        arg_min_null(value, place) filter (where quantity = 'dataset_datapoints') as dataset_datapoints,
        arg_min_null(value_text, place) filter (where quantity = 'dataset_gradients') as dataset_gradients,
        arg_min_null(value, place) filter (where quantity = 'examples_seen') as examples_seen,
        arg_min_null(value, place) filter (where quantity = 'epochs') as epochs,
        arg_min_null(value, place) filter (where quantity = 'forward_flop_per_example') as forward_flop_per_example,
        arg_min_null(value, place) filter (where quantity = 'training_repeats') as training_repeats,
        arg_min_null(value, place) filter (where quantity = 'time_repeats') as time_repeats,
        arg_min_null(value, place) filter (where quantity = 'batch_size') as batch_size,
        arg_min_null(value, place) filter (where quantity = 'chips') as chips,
        arg_min_null(value_text, place) filter (where quantity = 'chip_id') as chip_id,
        arg_min_null(value, place) filter (where quantity = 'training_hours') as training_hours,
        arg_min_null(value, place) filter (where quantity = 'chip_hours') as chip_hours,
        arg_min_null(value, place) filter (where quantity = 'mfu') as mfu,
        arg_min_null(value, place) filter (where quantity = 'hfu') as hfu,
        arg_min_null(value, place) filter (where quantity = 'utilisation') as utilisation,
        arg_min_null(value_text, place) filter (where quantity = 'number_format') as number_format,
        arg_min_null(value_text, place) filter (where quantity = 'network_kind') as network_kind,
    from facts
    join firsts using (run_id, precedence)
    where is_input
    group by run_id
),

-- What the notes of that source say; figures that differ among themselves by more than a rounding say nothing.
spoken as (
    select
        facts.run_id,
        facts.quantity,
        case when max(facts.value) <= any_value(limits.limit_value) * min(facts.value) then max(facts.value) end as value,
        case when min(facts.value_text) = max(facts.value_text) then min(facts.value_text) end as value_text,
        min(facts.quote) as quote,
    from facts
    join firsts using (run_id, precedence)
    join assumptions.thresholds as limits on limits.threshold = 'spoken_figures_agree'
    where facts.how = 'text'
    group by facts.run_id, facts.quantity
),

heard as (
    select
        run_id,
        max(value) filter (where quantity = 'active_parameters') as active_parameters,
        max(value) filter (where quantity = 'epochs') as epochs,
        max(value) filter (where quantity = 'chips') as chips,
        max(value) filter (where quantity = 'training_hours') as training_hours,
        max(quote) filter (where quantity = 'chips') = max(quote) filter (where quantity = 'training_hours')
            as are_said_together,
        max(value) filter (where quantity = 'chip_hours') as chip_hours,
        max(value) filter (where quantity = 'mfu') as mfu,
        max(value) filter (where quantity = 'hfu') as hfu,
        max(value) filter (where quantity = 'utilisation') as utilisation,
        max(value_text) filter (where quantity = 'network_kind') as network_kind,
    from spoken
    group by run_id
),

-- The chip whose peak counts, where the inputs' own source names it.
placed as (
    select
        run_peaks.run_id,
        run_peaks.chip_id,
        run_peaks.number_format,
    from compute.run_peaks
    join assumptions.source_precedence using (source)
    join firsts using (run_id, precedence)
)

select
    runs.run_id,
    runs.published_on,
    runs.domain,
    runs.compute_scope,
    chosen.parameters,
    coalesce(
        chosen.active_parameters, case when heard.active_parameters < chosen.parameters then heard.active_parameters end
    ) as active_parameters,
    chosen.tokens_seen,
    chosen.dataset_tokens,
    chosen.dataset_words,
    chosen.dataset_examples,
    chosen.dataset_datapoints,
    chosen.dataset_gradients,
    chosen.examples_seen,
    coalesce(chosen.epochs, heard.epochs) as epochs,
    chosen.forward_flop_per_example,
    chosen.training_repeats,
    chosen.time_repeats,
    chosen.batch_size,
    case
        when chosen.chips is not null or chosen.chip_hours is not null then chosen.chips
        when chosen.training_hours is not null or heard.are_said_together then heard.chips
    end as chips,
    coalesce(placed.chip_id, chosen.chip_id) as chip_id,
    case
        when chosen.training_hours is not null or chosen.chip_hours is not null then chosen.training_hours
        -- A time without the chips it was spent on may be of anything.
        when heard.are_said_together then heard.training_hours
    end as training_hours,
    case
        -- Wall hours entered as chip-hours: the notes give the same figure as the time of several chips.
        when chosen.chips > 1 and chosen.chip_hours = heard.training_hours then chosen.chip_hours * chosen.chips
        else coalesce(
                chosen.chip_hours,
                case when chosen.chips is null or chosen.training_hours is null then heard.chip_hours end
            )
    end as chip_hours,
    coalesce(chosen.mfu, case when chosen.utilisation is null and chosen.hfu is null then heard.mfu end) as mfu,
    coalesce(chosen.hfu, case when chosen.utilisation is null and chosen.mfu is null then heard.hfu end) as hfu,
    coalesce(
        chosen.utilisation, case when chosen.mfu is null and chosen.hfu is null then heard.utilisation end
    ) as utilisation,
    coalesce(placed.number_format, chosen.number_format, 'unstated') as number_format,
    coalesce(chosen.network_kind, heard.network_kind) as network_kind,
    judged.confidence,
    judged.compute_scope as reported_compute_scope,
    judged.training_compute_flop,
    judged.training_compute_flop_low,
    judged.training_compute_flop_high,
    judged.source_id as training_compute_source_id,
from clean.runs
left join chosen using (run_id)
left join heard using (run_id)
left join placed using (run_id)
left join judged using (run_id)
order by runs.run_id
