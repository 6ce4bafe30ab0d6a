-- Each method's answer for each run whose facts allow it, with a 90% interval and what went in.
-- Grain: one row per training run and method.
-- Method: (a) counted operations, (b) chips at a share of their peak for a time, (c) what a source reports; formulas.sql.
-- Caveat: (a) and (b) never read a stated compute figure; where a count would be a guess there is no row.
with

inputs as (
    select
        run_inputs.* exclude (compute_scope),
        -- Parameters, data, chips and hours are of the fine-tune; what a source reports may count the base model too.
        case when compute_scope = 'with_base_model' then 'final_run' else compute_scope end as compute_scope,
        coalesce(run_inputs.active_parameters, run_inputs.parameters) as counted_parameters,
        coalesce(run_inputs.epochs, 1) as passes,
        coalesce(run_inputs.training_repeats, 1) as repeats,
    from compute.run_inputs
),

-- Tokens of a datapoint, only where every domain of the run counts tokens.
token_domains as (
    select
        run_id,
        min(coalesce(datapoint_units.tokens_per_datapoint, 0)) as tokens_per_datapoint,
    from compute.run_domains
    left join assumptions.datapoint_units using (one_domain)
    group by all
),

counted as (
    select
        inputs.*,
        coalesce(inputs.examples_seen, inputs.dataset_examples * inputs.epochs) as counted_examples,
        case
            when inputs.tokens_seen > 0 then inputs.tokens_seen
            when inputs.dataset_tokens > 0 and inputs.epochs > 0 then inputs.dataset_tokens * inputs.epochs
            when inputs.dataset_datapoints > 0 and token_domains.tokens_per_datapoint > 0
                then inputs.dataset_datapoints * token_domains.tokens_per_datapoint * inputs.passes
            when try_cast(inputs.dataset_gradients as double) > 0 and token_domains.tokens_per_datapoint > 0
                and inputs.passes = 1
                then try_cast(inputs.dataset_gradients as double) * token_domains.tokens_per_datapoint
        end as counted_tokens,
    from inputs
    left join token_domains using (run_id)
),

operation_counting as (
    select
        run_id,
        compute_scope,
        'operation_counting' as method,
        case
            when forward_flop_per_example > 0 and counted_examples > 0
                then forward_counted_flop(forward_flop_per_example, counted_examples, 1) * repeats
            else dense_training_flop(counted_parameters, counted_tokens) * repeats
        end as training_compute_flop,
        case
            when forward_flop_per_example > 0 and counted_examples > 0 then 'forward_counted'
            when tokens_seen is null and epochs is null then 'dense_tokens_one_pass'
            else 'dense_tokens'
        end as applies_to,
        case
            when forward_flop_per_example > 0 and counted_examples > 0
                then 'forward FLOP × 3 × examples seen' || case when repeats <> 1 then ' × repeats' else '' end
            else '6 × parameters' || case when active_parameters is not null then ' used a token' else '' end
                || ' × tokens seen' || case when repeats <> 1 then ' × repeats' else '' end
        end as formula,
        case
            when forward_flop_per_example > 0 and counted_examples > 0
                then format('{:.4g} FLOP forward; {:.4g} examples', forward_flop_per_example, counted_examples)
            else format('{:.4g} parameters; {:.4g} tokens', counted_parameters, counted_tokens)
        end || case when repeats <> 1 then format('; {:.4g} times', repeats) else '' end as inputs,
        case
            when tokens_seen is null and examples_seen is null and epochs is null then 'one pass, as no epochs are stated'
            else ''
        end as assumptions,
    from counted
    where
        (forward_flop_per_example > 0 and counted_examples > 0)
        or (
            counted_parameters > 0 and counted_tokens > 0
            and (
                coalesce(network_kind, 'dense') = 'dense'
                or (network_kind = 'mixture of experts' and active_parameters > 0)
            )
        )
),

hardware as (
    select
        inputs.run_id,
        inputs.compute_scope,
        coalesce(inputs.time_repeats, 1) as repeats,
        coalesce(inputs.chip_hours, inputs.chips * inputs.training_hours) as used_chip_hours,
        chip_peaks.peak_flop_per_second,
        chip_peaks.peak_precision,
        chips.chip_id,
        inputs.number_format,
        coalesce(inputs.mfu, inputs.utilisation, inputs.hfu, assumed.utilisation_share) as utilisation_share,
        case
            when inputs.mfu is not null then 'mfu'
            when inputs.utilisation is not null then 'utilisation'
            when inputs.hfu is not null then 'hfu'
            else 'assumed'
        end as utilisation_kind,
        assumed.profile,
    from inputs
    join compute.chip_peaks using (chip_id, number_format)
    join clean.chips using (chip_id)
    left join compute.run_utilisations as assumed
        on assumed.run_id = inputs.run_id and assumed.is_in_force
),

hardware_time as (
    select
        run_id,
        compute_scope,
        'hardware_time' as method,
        hardware_flop(used_chip_hours, peak_flop_per_second, utilisation_share) * repeats as training_compute_flop,
        case when utilisation_kind = 'assumed' then 'hardware_assumed' else 'hardware_stated' end as applies_to,
        'chip-hours × 3600 × peak × utilisation' || case when repeats <> 1 then ' × repeats' else '' end as formula,
        format(
            '{:.4g} chip-hours of {}; peak {:.4g} FLOP/s ({}); utilisation {:.3g}',
            used_chip_hours, chip_id, peak_flop_per_second, peak_precision, utilisation_share
        ) || case when repeats <> 1 then format('; {:.4g} times', repeats) else '' end as inputs,
        concat_ws(
            '; ',
            case when utilisation_kind = 'assumed' then 'utilisation of profile ' || profile end,
            case when utilisation_kind = 'hfu' then 'hardware utilisation counts recomputation' end,
            case when number_format = 'unstated' then 'number format not stated' end
        ) as assumptions,
    from hardware
    where used_chip_hours > 0 and utilisation_share > 0
),

reported as (
    select
        run_id,
        coalesce(reported_compute_scope, compute_scope) as compute_scope,
        'reported' as method,
        training_compute_flop,
        case
            when confidence in ('Confident', 'Likely', 'Speculative') then 'reported:' || confidence
            when confidence is null then 'reported:'
            else 'reported:other'
        end as applies_to,
        'as its source states it' as formula,
        format('{:.4g} FLOP', training_compute_flop) as inputs,
        '' as assumptions,
        training_compute_flop_low as stated_low,
        training_compute_flop_high as stated_high,
    from inputs
    where training_compute_flop > 0
),

answers as (
    from operation_counting
    union all by name
    from hardware_time
    union all by name
    from reported
)

select
    answers.run_id,
    answers.method,
    answers.training_compute_flop,
    coalesce(
        case when answers.stated_low <= answers.training_compute_flop then answers.stated_low end,
        answers.training_compute_flop / spreads.spread_factor
    ) as training_compute_flop_low,
    coalesce(
        case when answers.stated_high >= answers.training_compute_flop then answers.stated_high end,
        answers.training_compute_flop * spreads.spread_factor
    ) as training_compute_flop_high,
    pfs_days(answers.training_compute_flop) as training_compute_pfs_days,
    spreads.spread_factor,
    answers.compute_scope,
    answers.formula,
    answers.inputs,
    answers.assumptions,
from answers
join assumptions.spreads using (applies_to)
order by answers.run_id, answers.method
