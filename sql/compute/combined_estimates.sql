-- Our methods joined: the run's own compute, and with that of the base model it started from.
-- Grain: one row per training run and scope, where a method answers.
-- Method: log-space mean by precision; methods apart widen the interval until it holds each; a base adds its own estimate.
-- Caveat: a base model that no method answers for gives no sum; stated figures are never read, neither of the base.
with recursive

methods as (
    from compute.estimates
    where method <> 'reported' and set_aside_reason is null
),

-- The methods are two, and two figures add up to the same in either order.
means as (
    select
        run_id,
        sum(ln(training_compute_flop) * weight_share) as ln_estimated,
        sqrt(1 / sum(log_precision(spread_factor))) as ln_spread,
        string_agg(method, ';' order by method) as methods,
        any_value(compute_scope) as compute_scope,
    from methods
    group by run_id
),

own as (
    select
        run_id,
        any_value(means.compute_scope) as compute_scope,
        exp(any_value(means.ln_estimated)) as estimated,
        greatest(
            any_value(means.ln_spread), max(abs(ln(methods.training_compute_flop) - means.ln_estimated))
        ) as ln_spread,
        any_value(means.methods) as methods,
    from means
    join methods using (run_id)
    group by run_id
),

-- From the first model of a line to the last. Models that name each other as base have no first one.
lines as (
    select
        runs.run_id,
        0::bigint as base_runs,
        own.estimated,
        own.ln_spread,
        own.methods,
    from own
    join clean.runs using (run_id)
    where runs.base_run_name is null

    union all

    select
        runs.run_id,
        lines.base_runs + 1 as base_runs,
        lines.estimated + own.estimated as estimated,
        sum_log_spread(lines.estimated, lines.ln_spread, own.estimated, own.ln_spread) as ln_spread,
        own.methods,
    from lines
    join clean.runs on runs.base_run_id = lines.run_id
    join own on own.run_id = runs.run_id
),

scopes as (
    select
        run_id,
        compute_scope,
        estimated,
        ln_spread,
        methods,
        0::bigint as base_runs,
    from own

    union all

    select
        run_id,
        'with_base_model' as compute_scope,
        estimated,
        ln_spread,
        methods,
        base_runs,
    from lines
    where base_runs > 0
)

select
    run_id,
    compute_scope,
    estimated as estimated_training_compute_flop,
    estimated / exp(ln_spread) as estimated_training_compute_flop_low,
    estimated * exp(ln_spread) as estimated_training_compute_flop_high,
    exp(ln_spread) as spread_factor,
    methods,
    base_runs,
from scopes
order by run_id, compute_scope
