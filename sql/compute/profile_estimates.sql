-- What each method answers for a run under each profile of assumptions.
-- Grain: one row per profile, training run and method.
-- Method: (a) counted operations from run_counts, (b) chips at a share of their peak for a time; formulas.sql.
-- Caveat: neither reads a stated compute figure; the compute is the run's own, without a base model's.
with

runs as (
    select
        run_inputs.run_id,
        run_inputs.chips,
        run_inputs.training_hours,
        run_inputs.chip_hours,
        run_inputs.mfu,
        run_inputs.hfu,
        run_inputs.utilisation,
        -- Parameters, data, chips and hours are of the fine-tune; what a source reports may count the base model too.
        case when run_inputs.compute_scope = 'with_base_model' then 'final_run' else run_inputs.compute_scope end
            as compute_scope,
        coalesce(run_inputs.time_repeats, 1) as time_repeats,
        network_kinds.flop_per_parameter,
    from compute.run_inputs
    left join assumptions.network_kinds
        on network_kinds.network_kind = coalesce(run_inputs.network_kind, 'dense')
),

operation_counting as (
    select
        runs.run_id,
        runs.compute_scope,
        'operation_counting' as method,
        case
            when counts.count_rule = 'forward_counted'
                then forward_counted_flop(counts.forward_flop_per_example, counts.counted_examples, 1)
            else token_training_flop(runs.flop_per_parameter, counts.counted_parameters, counts.counted_tokens)
        end * counts.repeats as training_compute_flop,
        counts.count_rule as applies_to,
        null::double as assumed_spread_factor,
        case when counts.count_rule = 'forward_counted' then 'forward FLOP × 3 × examples seen'
            else format('{:g} × parameters', runs.flop_per_parameter)
                || case when counts.has_active_parameters then ' used a token' else '' end || ' × tokens seen'
        end || case when counts.repeats <> 1 then ' × repeats' else '' end as formula,
        case when counts.count_rule = 'forward_counted'
                then format('{:.4g} × 3 × {:.4g}', counts.forward_flop_per_example, counts.counted_examples)
            else format(
                    '{:g} × {:.4g} × {:.4g}', runs.flop_per_parameter, counts.counted_parameters, counts.counted_tokens
                )
        end || case when counts.repeats <> 1 then format(' × {:.4g}', counts.repeats) else '' end as arithmetic,
        case when counts.count_rule = 'forward_counted'
                then format(
                        '{:.4g} FLOP forward; {:.4g} examples', counts.forward_flop_per_example, counts.counted_examples
                    )
            else format('{:.4g} parameters; {:.4g} tokens', counts.counted_parameters, counts.counted_tokens)
        end || case when counts.repeats <> 1 then format('; {:.4g} times', counts.repeats) else '' end as inputs,
        concat_ws(
            '; ',
            case when counts.count_rule = 'one_pass' then 'one pass, as no epochs are stated' end,
            case when counts.count_rule = 'tokens_said_seen' then 'tokens seen as the notes say' end,
            case when counts.is_counted_in_words then 'words taken as four thirds of a token' end
        ) as assumptions,
    from compute.run_counts as counts
    join runs using (run_id)
),

hardware as (
    select
        runs.*,
        peaks.chip_id,
        peaks.number_format_rule,
        peaks.peak_precision,
        peaks.peak_flop_per_second,
        assumed.profile,
        assumed.spread_factor as assumed_spread_factor,
        assumed.utilisation_rule,
        coalesce(runs.chip_hours, runs.chips * runs.training_hours) as used_chip_hours,
        coalesce(runs.mfu, runs.utilisation, runs.hfu, assumed.utilisation_share) as utilisation_share,
        runs.mfu is null and runs.utilisation is null and runs.hfu is not null as is_hfu,
        coalesce(runs.mfu, runs.utilisation, runs.hfu) is null as is_assumed,
    from runs
    join compute.run_peaks as peaks using (run_id)
    join compute.run_utilisations as assumed using (run_id)
),

hardware_time as (
    select
        run_id,
        compute_scope,
        profile,
        'hardware_time' as method,
        case when is_assumed then assumed_spread_factor end as assumed_spread_factor,
        hardware_flop(used_chip_hours, peak_flop_per_second, utilisation_share) * time_repeats as training_compute_flop,
        case when is_assumed then 'hardware_assumed' else 'hardware_stated' end as applies_to,
        'chip-hours × 3600 × peak × utilisation' || case when time_repeats <> 1 then ' × repeats' else '' end as formula,
        format('{:.4g} × 3600 × {:.4g} × {:.3g}', used_chip_hours, peak_flop_per_second, utilisation_share)
        || case when time_repeats <> 1 then format(' × {:.4g}', time_repeats) else '' end as arithmetic,
        format(
            '{:.4g} chip-hours of {}; peak {:.4g} FLOP/s ({}); utilisation {:.3g}',
            used_chip_hours, chip_id, peak_flop_per_second, peak_precision, utilisation_share
        ) || case when time_repeats <> 1 then format('; {:.4g} times', time_repeats) else '' end as inputs,
        concat_ws(
            '; ',
            case when is_assumed then 'utilisation of profile ' || profile || ': ' || utilisation_rule end,
            case when is_hfu then 'hardware utilisation counts recomputation' end,
            case when number_format_rule <> 'stated' then 'number format ' || number_format_rule end
        ) as assumptions,
    from hardware
    where used_chip_hours > 0 and utilisation_share > 0
),

answers as (
    select
        profiles.profile,
        operation_counting.*,
    from operation_counting
    cross join assumptions.profiles

    union all by name

    select *
    from hardware_time
)

select
    answers.profile,
    answers.run_id,
    answers.method,
    answers.training_compute_flop,
    case when answers.assumed_spread_factor is null then spreads.spread_factor
        else joint_spread(spreads.spread_factor, answers.assumed_spread_factor)
    end as spread_factor,
    answers.compute_scope,
    answers.formula,
    answers.arithmetic || format(' = {:.4g}', answers.training_compute_flop) as calculation,
    answers.inputs,
    answers.assumptions,
    answers.applies_to,
from answers
join assumptions.spreads using (applies_to)
-- A product beyond the largest number there is answers nothing.
where isfinite(answers.training_compute_flop)
order by answers.profile, answers.run_id, answers.method
