-- Dated figures of chips and runs to which the lines of the forces are fitted.
-- Grain: one row per force, metric and chip or run, with all selections it is in.
-- Method: a metric is one line here; which selections a force is fitted on stands in assumptions/force_selections.csv.
-- Caveat: prices are launch prices in dollars of the day; leading chips set a record in the metric among all accelerators.
with

training_peaks as (
    select
        chip_id,
        peak_flop_per_second,
    from compute.chip_peaks
    where number_format = 'unstated'
),

used_chips as (
    select distinct chip_id
    from compute.run_chips
    where chip_id is not null
),

chips as (
    select
        chip_id,
        chip_kind,
        released_on,
        peak_fp64,
        peak_fp32,
        peak_tf32_dense,
        coalesce(peak_bf16_dense, peak_fp16_dense, peak_tensor_16bit) as peak_16bit_matrix,
        peak_fp8_dense,
        coalesce(peak_int8_dense, peak_int8) as peak_int8,
        training_peaks.peak_flop_per_second as peak_training,
        memory_bytes,
        memory_bandwidth_bytes_per_second,
        nullif(launch_price_usd, 0) as usd,
        nullif(tdp_watts, 0) as watts,
        used_chips.chip_id is not null or peak_16bit_matrix is not null as is_for_training,
    from clean.chips
    left join training_peaks using (chip_id)
    left join used_chips using (chip_id)
    where chip_kind in ('gpu', 'tpu', 'accelerator') and released_on is not null
),

chip_figures as (
    unpivot (
        select
            chip_id,
            chip_kind,
            is_for_training,
            released_on,
            peak_fp64,
            peak_fp32,
            peak_tf32_dense,
            peak_16bit_matrix,
            peak_fp8_dense,
            peak_int8,
            peak_training,
            memory_bytes,
            memory_bandwidth_bytes_per_second,
            peak_fp32 / usd as peak_fp32_per_usd,
            peak_16bit_matrix / usd as peak_16bit_matrix_per_usd,
            peak_training / usd as peak_training_per_usd,
            peak_fp32 / watts as peak_fp32_per_watt,
            peak_16bit_matrix / watts as peak_16bit_matrix_per_watt,
            peak_training / watts as peak_training_per_watt,
        from chips
    )
    on columns(* exclude (chip_id, chip_kind, is_for_training, released_on))
    into name metric value value
),

best_of_day as (
    select
        metric,
        released_on,
        max(value) as best_of_day,
    from chip_figures
    group by metric, released_on
),

records as (
    select
        metric,
        released_on,
        best_of_day as record,
    from best_of_day
    qualify
        best_of_day > coalesce(
            max(best_of_day) over (
                partition by metric
                order by released_on rows between unbounded preceding and 1 preceding
            ),
            0
        )
),

chip_points as (
    select
        chip_figures.metric,
        concat_ws(
            ';',
            'accelerators',
            case when chip_figures.chip_kind = 'gpu' then 'gpus' end,
            case when chip_figures.chip_kind = 'tpu' then 'tpus' end,
            case when chip_figures.is_for_training or chip_figures.chip_kind <> 'gpu' then 'ml_accelerators' end,
            case when chip_figures.chip_kind = 'gpu' and chip_figures.is_for_training then 'ml_gpus' end,
            case when chip_figures.value = records.record then 'leading' end
        ) as selections,
        chip_figures.chip_id as item_id,
        chip_figures.released_on as dated_on,
        chip_figures.value,
    from chip_figures
    left join records using (metric, released_on)
    where chip_figures.value > 0
),

power_facts as (
    select
        run_facts.run_id,
        min_by(
            run_facts.value,
            row(source_precedence.precedence, -epoch(run_facts.as_of_on), run_facts.document_id, run_facts.row_number)
        ) as stated_power_watts,
    from clean.run_facts
    join assumptions.source_precedence using (source)
    where run_facts.quantity = 'training_power_watts'
    group by run_facts.run_id
),

runs as (
    select
        runs.run_id,
        runs.published_on,
        runs.chips,
        runs.training_hours,
        runs.parameters,
        runs.dataset_size,
        inputs.batch_size,
        inputs.tokens_seen,
        inputs.active_parameters,
        coalesce(inputs.chip_hours, runs.chips * runs.training_hours) as chip_hours,
        runs.chips * chip_peaks.peak_flop_per_second as cluster_flop_per_second,
        -- The factors of a run's compute: what is left of it over chips, peak and time is the share of the peak it used.
        runs.training_compute_flop,
        chip_peaks.peak_flop_per_second,
        runs.training_hours * coalesce(inputs.time_repeats, 1) * 3600 as training_seconds,
        runs.training_compute_flop / (runs.chips * chip_peaks.peak_flop_per_second * training_seconds) as implied_utilisation_share,
        costs.amortised_cost_usd,
        costs.amortised_cost_usd_2024,
        costs.rental_cost_usd,
        costs.rental_cost_usd_2024,
        costs.purchase_cost_usd,
        costs.purchase_cost_usd_2024,
        costs.peak_power_watts,
        power_facts.stated_power_watts,
        coalesce(implied_utilisation_share <= 1, false) and runs.compute_scope = 'final_run' as has_factors,
    from compute.training_runs as runs
    join compute.run_inputs as inputs using (run_id)
    left join compute.chip_peaks
        on chip_peaks.chip_id = runs.chip_id and chip_peaks.number_format = inputs.number_format
    left join compute.run_costs as costs
        on costs.run_id = runs.run_id and not costs.has_imputed_chips and not costs.has_imputed_chip_hours
    left join power_facts on power_facts.run_id = runs.run_id
    where runs.published_on is not null
),

run_figures as (
    unpivot (
        select
            run_id,
            published_on,
            chips as parallelism__chips,
            batch_size as parallelism__batch_size,
            training_hours as parallelism__training_hours,
            chip_hours as parallelism__chip_hours,
            cluster_flop_per_second as parallelism__cluster_flop_per_second,
            dataset_size as data__dataset_size,
            tokens_seen as data__tokens_seen,
            parameters as parameters__parameters,
            active_parameters as parameters__active_parameters,
            amortised_cost_usd as cost__amortised_cost_usd,
            amortised_cost_usd_2024 as cost__amortised_cost_usd_2024,
            rental_cost_usd as cost__rental_cost_usd,
            rental_cost_usd_2024 as cost__rental_cost_usd_2024,
            purchase_cost_usd as cost__purchase_cost_usd,
            purchase_cost_usd_2024 as cost__purchase_cost_usd_2024,
            peak_power_watts as power__peak_power_watts,
            stated_power_watts as power__stated_power_watts,
            case when has_factors then training_compute_flop end as decomposition__training_compute,
            case when has_factors then chips end as decomposition__chips,
            case when has_factors then peak_flop_per_second end as decomposition__peak,
            case when has_factors then training_seconds end as decomposition__time,
            case when has_factors then implied_utilisation_share end as decomposition__utilisation,
        from runs
    )
    on columns(* exclude (run_id, published_on))
    into name figure value value
),

forces as (
    select
        force,
        list(selection order by selection) as fitted_on,
    from assumptions.force_selections
    group by force
),

run_sets as (
    select
        run_id,
        list_sort(list(selection)) as member_of,
    from compute.run_selections
    where selection in (select selection from assumptions.force_selections)
    group by run_id
),

-- Few sets are different, so what each force makes of a set is asked once.
sets as (
    select
        forces.force,
        different.member_of,
        array_to_string(
            list_filter(forces.fitted_on, selection -> list_contains(different.member_of, selection)), ';'
        ) as selections,
    from forces
    cross join (select distinct member_of from run_sets) as different
),

run_points as (
    select
        sets.force,
        split_part(run_figures.figure, '__', 2) as metric,
        sets.selections,
        run_figures.run_id as item_id,
        run_figures.published_on as dated_on,
        run_figures.value,
    from run_figures
    join run_sets using (run_id)
    join sets
        on sets.member_of = run_sets.member_of and sets.force = split_part(run_figures.figure, '__', 1)
    where run_figures.value > 0 and sets.selections <> ''
)

select
    'hardware' as force,
    metric,
    item_id,
    selections,
    dated_on,
    value,
from chip_points

union all

select
    force,
    metric,
    item_id,
    selections,
    dated_on,
    value,
from run_points
order by force, metric, item_id
