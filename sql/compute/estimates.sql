-- Each method's answer for each run whose facts allow it, with a 90% interval and what went in.
-- Grain: one row per training run and method.
-- Method: the answers of the profile in force, and what a source reports; intervals log-normal by assumptions/spreads.csv.
-- Caveat: a method that contradicts another beyond reason is set aside and says why; compute is the run's own.
with

answers as (
    select profile_estimates.*
    from compute.profile_estimates
    join assumptions.profiles using (profile)
    where profiles.is_in_force
),

-- How many times what the hardware could have done, by its time, was counted.
apart as (
    select
        run_id,
        max(training_compute_flop) filter (where method = 'operation_counting')
        / max(training_compute_flop) filter (where method = 'hardware_time') as counted_over_timed,
    from answers
    group by run_id
),

limits as (
    select max(limit_value) filter (where threshold = 'methods_far_apart') as far_apart,
    from assumptions.thresholds
),

weighed as (
    select
        answers.* exclude (profile, applies_to),
        case
            when answers.method = 'operation_counting' and apart.counted_over_timed > limits.far_apart
                then format('{:.3g} times what the hardware did in its time', apart.counted_over_timed)
            when answers.method = 'operation_counting' and 1 / apart.counted_over_timed > limits.far_apart
                then format('the hardware did {:.3g} times as much in its time', 1 / apart.counted_over_timed)
        end as set_aside_reason,
        case when set_aside_reason is null then log_precision(answers.spread_factor) end as weight,
    from answers
    left join apart using (run_id)
    cross join limits
),

ours as (
    select
        * exclude (weight),
        coalesce(weight / sum(weight) over (partition by run_id), 0) as weight_share,
    from weighed
),

reported as (
    select
        inputs.run_id,
        'reported' as method,
        inputs.training_compute_flop,
        spreads.spread_factor,
        coalesce(inputs.reported_compute_scope, inputs.compute_scope) as compute_scope,
        'as its source states it' as formula,
        format('{:.4g} FLOP', inputs.training_compute_flop) as inputs,
        '' as assumptions,
        inputs.training_compute_flop_low as stated_low,
        inputs.training_compute_flop_high as stated_high,
    from compute.run_inputs as inputs
    join assumptions.spreads
        on spreads.applies_to = case
            when inputs.confidence in ('Confident', 'Likely', 'Speculative') then 'reported:' || inputs.confidence
            when inputs.confidence is null then 'reported:'
            else 'reported:other'
        end
    where inputs.training_compute_flop > 0
),

told as (
    select * from ours
    union all by name
    select * from reported
)

select
    run_id,
    method,
    training_compute_flop,
    coalesce(
        case when stated_low <= training_compute_flop then stated_low end, training_compute_flop / spread_factor
    ) as training_compute_flop_low,
    coalesce(
        case when stated_high >= training_compute_flop then stated_high end, training_compute_flop * spread_factor
    ) as training_compute_flop_high,
    pfs_days(training_compute_flop) as training_compute_pfs_days,
    case
        when stated_low <= training_compute_flop or stated_high >= training_compute_flop then null
        else spread_factor
    end as spread_factor,
    compute_scope,
    formula,
    calculation,
    inputs,
    assumptions,
    weight_share,
    set_aside_reason,
from told
order by run_id, method
