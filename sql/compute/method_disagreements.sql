-- Answers for one run that cannot both be right: their 90% intervals do not meet. Worst first.
-- Grain: one row per training run and pair of answers: our two methods, or ours joined and what a source reports.
-- Method: pairs of equal scope; the gap is how far the ends of the intervals lie apart, as a factor.
-- Caveat: a pair says that something is wrong, not which; a method that was set aside is here too.
with

answers as (
    select
        run_id,
        method,
        compute_scope,
        training_compute_flop,
        training_compute_flop_low,
        training_compute_flop_high,
    from compute.estimates

    union all

    select
        run_id,
        'combined' as method,
        compute_scope,
        estimated_training_compute_flop as training_compute_flop,
        estimated_training_compute_flop_low as training_compute_flop_low,
        estimated_training_compute_flop_high as training_compute_flop_high,
    from compute.combined_estimates
),

pairs as (
    select
        one.run_id,
        one.compute_scope,
        one.method,
        other.method as other_method,
        one.training_compute_flop,
        other.training_compute_flop as other_training_compute_flop,
        disagreement(one.training_compute_flop, other.training_compute_flop) as disagreement_factor,
        greatest(
            one.training_compute_flop_low / other.training_compute_flop_high,
            other.training_compute_flop_low / one.training_compute_flop_high
        ) as gap_factor,
    from answers as one
    join answers as other using (run_id, compute_scope)
    where
        (one.method = 'operation_counting' and other.method = 'hardware_time')
        or (one.method = 'combined' and other.method = 'reported')
)

select
    row_number() over (
        order by pairs.gap_factor desc, pairs.run_id, pairs.method, pairs.compute_scope
    ) as disagreement_place,
    pairs.run_id,
    runs.run_name,
    pairs.method,
    pairs.other_method,
    pairs.compute_scope,
    pairs.training_compute_flop,
    pairs.other_training_compute_flop,
    pairs.disagreement_factor,
    pairs.gap_factor,
    estimates.set_aside_reason,
from pairs
join clean.runs using (run_id)
left join compute.estimates
    on estimates.run_id = pairs.run_id and estimates.method = pairs.method
where pairs.gap_factor > 1
order by disagreement_place
