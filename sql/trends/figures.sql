-- Figures of this version that claims are checked on, each under the name a claim calls it by.
-- Grain: one row per figure asked for by a published result or a sentence of the essay, where the version has it.
-- Method: lines of all trends with their 95% interval; other tables' figures; sums of worked examples; counts and medians.
-- Caveat: only lines and counted shares carry an interval.
with

asked as (
    select figure
    from assumptions.published_results
    where figure is not null

    union

    select figure
    from assumptions.essay_claims
    where figure is not null
),

limits as (
    select
        max(limit_value) filter (where threshold = 'first_doubling_compared_months') as first_months,
        max(limit_value) filter (where threshold = 'essay_watched_years')::integer as watched_years,
        max(limit_value) filter (where threshold = 'essay_accuracy_factor') as accuracy,
        max(limit_value) filter (where threshold = 'methods_apart') as apart,
        max(limit_value) filter (where threshold = 'same_figure') as same,
        max(limit_value) filter (where threshold = 'era_runs') as era_runs,
    from assumptions.thresholds
),

essay as (
    select ends_on as written_on
    from assumptions.periods
    where period = '2012_2018'
),

lines as (
    select
        concat_ws('/', 'metric_trends', metric, selection, period) as line,
        runs as items,
        oom_per_year,
        oom_per_year_low,
        oom_per_year_high,
        r_squared,
    from trends.metric_trends

    union all

    select
        concat_ws('/', if(force = 'parameters', 'parameter', force) || '_trends', metric, selection, period) as line,
        points as items,
        oom_per_year,
        oom_per_year_low,
        oom_per_year_high,
        r_squared,
    from trends.force_trends

    union all

    select
        concat_ws('/', 'claim_lines', line, period) as line,
        points as items,
        oom_per_year,
        oom_per_year_low,
        oom_per_year_high,
        r_squared,
    from trends.claim_lines
),

asked_lines as (
    select
        asked.figure,
        parse_filename(asked.figure) as field,
        lines.* exclude (line),
        sure_doubling_months(oom_per_year_high, oom_per_year_low) as months_low,
        sure_doubling_months(oom_per_year_low, oom_per_year_high) as months_high,
    from asked
    join lines on lines.line = parse_dirpath(asked.figure)
),

line_figures as (
    select
        figure,
        case field
            when 'growth_per_year' then growth_per_year(oom_per_year)
            when 'growth_percent' then 100 * (growth_per_year(oom_per_year) - 1)
            when 'doubling_months' then doubling_months(oom_per_year)
            when 'doubling_thirty_day_months' then thirty_day_months(doubling_months(oom_per_year))
            when 'doubling_years' then doubling_months(oom_per_year) / 12
            when 'r_squared' then r_squared
            when 'items' then items
        end as value,
        case field
            when 'growth_per_year' then growth_per_year(oom_per_year_low)
            when 'growth_percent' then 100 * (growth_per_year(oom_per_year_low) - 1)
            when 'doubling_months' then months_low
            when 'doubling_thirty_day_months' then thirty_day_months(months_low)
            when 'doubling_years' then months_low / 12
        end as low,
        case field
            when 'growth_per_year' then growth_per_year(oom_per_year_high)
            when 'growth_percent' then 100 * (growth_per_year(oom_per_year_high) - 1)
            when 'doubling_months' then months_high
            when 'doubling_thirty_day_months' then thirty_day_months(months_high)
            when 'doubling_years' then months_high / 12
        end as high,
        items,
    from asked_lines
),

growth_figures as (
    unpivot (
        select
            concat_ws('/', 'growth', metric, selection) as place,
            growth_factor,
            two_year_doubling_factor,
            growth_over(months, limits.first_months) as eighteen_month_doubling_factor,
        from trends.growth
        cross join limits
    )
    on growth_factor, two_year_doubling_factor, eighteen_month_doubling_factor
    into name field value value
),

eras as (
    select
        era_summaries.*,
        concat_ws('/', 'era_summaries', scheme, era) as place,
        lag(frontier_run_pfs_days) over (partition by scheme, selection order by era_order) as pfs_days_before,
        lag(doubling_months) over (partition by scheme, selection order by era_order) as doubling_before,
    from trends.era_summaries
),

era_figures as (
    select
        place || '/' || selection || '/chips' as figure,
        if(runs_with_chips >= limits.era_runs, chips_median, null) as value,
        null::double as low,
        null::double as high,
        runs_with_chips as items,
    from eras
    cross join limits

    union all

    select
        place || '/' || selection || '/rated_tflops' as figure,
        if(runs_with_peaks >= limits.era_runs, rated_tflops_median, null) as value,
        null as low,
        null as high,
        runs_with_peaks as items,
    from eras
    cross join limits

    union all

    select
        place || '/' || selection || '/pfs_days' as figure,
        if(runs_with_compute >= limits.era_runs, pfs_days_median, null) as value,
        null as low,
        null as high,
        runs_with_compute as items,
    from eras
    cross join limits

    union all

    select
        place || '/' || selection || '/doubling_months' as figure,
        doubling_months as value,
        doubling_months_low as low,
        doubling_months_high as high,
        runs_with_compute as items,
    from eras

    union all

    select
        place || '/' || selection || '/jump' as figure,
        frontier_run_pfs_days / pfs_days_before as value,
        null as low,
        null as high,
        runs_with_compute as items,
    from eras

    union all

    select
        place || '/' || selection || '/doubling_ratio' as figure,
        doubling_before / doubling_months as value,
        null as low,
        null as high,
        runs_with_compute as items,
    from eras
),

parts as (
    select
        concat_ws('/', 'growth_decomposition', selection, period) as place,
        max(part_of_whole) filter (where growth_part = 'chips') as chips_part,
        max(part_of_whole) filter (where growth_part = 'peak') as peak_part,
        max(growth_per_year) filter (where growth_part = 'peak') as peak_growth,
        max(growth_per_year_low) filter (where growth_part = 'peak') as peak_growth_low,
        max(growth_per_year_high) filter (where growth_part = 'peak') as peak_growth_high,
        max(points) as points,
    from trends.growth_decomposition
    group by selection, period
),

runs as (
    select training_runs.*
    from compute.training_runs
    where not is_excluded_by_source and run_kind = 'training'
),

run_figures as (
    select
        'runs/' || run_id || '/training_compute_pfs_days' as figure,
        training_compute_pfs_days as value,
        1 as items,
    from runs

    union all

    select
        'runs/largest_to_essay/training_compute_pfs_days' as figure,
        max(runs.training_compute_pfs_days) as value,
        count(runs.training_compute_pfs_days) as items,
    from runs
    cross join essay
    where runs.is_frontier and runs.published_on <= essay.written_on

    union all

    select
        'runs_above/' || compute_thresholds.compute_threshold || '/reported' as figure,
        count(*) filter (where runs.reported_training_compute_flop >= compute_thresholds.limit_flop) as value,
        count(runs.reported_training_compute_flop) as items,
    from assumptions.compute_thresholds
    cross join runs
    group by compute_thresholds.compute_threshold
    having items > 0

    union all

    select
        'training_runs/within_accuracy/share' as figure,
        avg((disagreement(estimated_training_compute_flop, reported_training_compute_flop) <= limits.accuracy)::integer) as value,
        count(*) as items,
    from runs
    cross join limits
    where
        estimated_training_compute_flop > 0 and reported_training_compute_flop > 0
        and estimated_compute_scope = compute_scope
),

estimate_figures as (
    select
        'estimates/' || run_id || '/' || method as figure,
        training_compute_flop as value,
        1 as items,
    from compute.estimates

    union all

    select
        'estimates/operation_counting/language_median' as figure,
        median(estimates.training_compute_flop / runs.reported_training_compute_flop) as value,
        count(*) as items,
    from compute.estimates
    join runs using (run_id)
    join compute.run_domains using (run_id)
    where
        estimates.method = 'operation_counting' and runs.reported_training_compute_flop > 0
        and estimates.compute_scope = runs.compute_scope and lower(run_domains.one_domain) = 'language'

    union all

    select
        'method_disagreements/beyond_two' as figure,
        count(*) filter (where disagreement_factor >= limits.apart) as value,
        count(*) as items,
    from compute.method_disagreements
    cross join limits
    where method <> 'reported' and other_method <> 'reported'
    having items > 0
),

costs as (
    select run_costs.*
    from compute.run_costs
    where not has_imputed_chips and not has_imputed_chip_hours
),

cost_figures as (
    select
        'run_costs/rental_over_amortised/median' as figure,
        median(rental_cost_usd / amortised_cost_usd) as value,
        count(*) as items,
    from costs
    where rental_cost_usd > 0 and amortised_cost_usd > 0

    union all

    select
        'run_costs/amortised_over_purchase/median' as figure,
        median(amortised_cost_usd / purchase_cost_usd) as value,
        count(*) as items,
    from costs
    where purchase_cost_usd > 0 and amortised_cost_usd > 0

    union all

    select
        'run_costs/largest_purchase_to_essay/purchase_cost_usd' as figure,
        max(costs.purchase_cost_usd) as value,
        count(costs.purchase_cost_usd) as items,
    from costs
    cross join essay
    where costs.published_on <= essay.written_on
),

stated_shares as (
    select
        run_id,
        max(value) as share,
    from clean.run_facts
    where quantity in ('utilisation', 'mfu')
    group by run_id
),

fact_figures as (
    select
        'run_facts/utilisation/median' as figure,
        median(share) as value,
        count(*) as items,
    from stated_shares

    union all

    select
        'run_chips/gpu/before_2012' as figure,
        case
            when count(distinct runs.run_id) >= any_value(limits.era_runs)
                then count(distinct runs.run_id) filter (where chips.chip_kind = 'gpu') / count(distinct runs.run_id)
        end as value,
        count(distinct runs.run_id) as items,
    from runs
    join assumptions.eras
        on eras.scheme = 'openai_2018' and eras.era = 'before 2012' and runs.published_on < eras.ends_on
    join compute.run_chips using (run_id)
    join clean.chips on chips.chip_id = run_chips.chip_id
    cross join limits
),

-- The best a chip did up to the essay, and the years it speaks of later.
best_chips as (
    select
        force_points.metric,
        max(force_points.value) filter (where force_points.dated_on <= essay.written_on) as best_then,
        max(force_points.value) as best_later,
        count(*) as items,
    from trends.force_points
    cross join essay
    cross join limits
    where
        force_points.force = 'hardware'
        and force_points.metric in ('peak_training_per_watt', 'peak_training_per_usd')
        and force_points.dated_on <= essay.written_on + to_years(limits.watched_years)
    group by force_points.metric
),

chip_figures as (
    select
        'chips/' || chip_id || '/int8_over_fp32' as figure,
        peak_int8_dense / peak_fp32 as value,
        null::double as low,
        null::double as high,
        1 as items,
    from clean.chips

    union all

    select
        'chips/best_' || metric || '/essay_to_two_years' as figure,
        best_later / best_then as value,
        null as low,
        null as high,
        items,
    from best_chips

    union all

    select
        'format_gains/' || number_format || '/multiple_of_fp32' as figure,
        multiple_of_fp32 as value,
        multiple_of_fp32_low as low,
        multiple_of_fp32_high as high,
        chips_compared as items,
    from trends.format_gains
),

terms as (
    select
        sum_name,
        sum_term,
        product(pow(factor, exponent)) as term_product,
    from assumptions.sum_factors
    group by sum_name, sum_term
),

sums as (
    select
        sum_name,
        sum(term_product order by sum_term) as value,
    from terms
    group by sum_name
),

sum_figures as (
    select
        'worked_sums/' || sum_name || '/product' as figure,
        value,
        1 as items,
    from sums

    union all

    select
        'worked_sums/' || worked_sums.sum_author || '/come_out' as figure,
        count(*) filter (where disagreement(sums.value, worked_sums.printed_value) <= limits.same) as value,
        count(*) as items,
    from assumptions.worked_sums
    join sums using (sum_name)
    cross join limits
    group by worked_sums.sum_author
),

everything as (
    select
        figure,
        value,
        low,
        high,
        items,
    from line_figures

    union all

    select
        place || '/' || field as figure,
        value,
        null as low,
        null as high,
        2 as items,
    from growth_figures

    union all

    from era_figures

    union all

    select
        place || '/chips_over_peak' as figure,
        chips_part / peak_part as value,
        null as low,
        null as high,
        points as items,
    from parts

    union all

    select
        place || '/peak_growth' as figure,
        peak_growth as value,
        peak_growth_low as low,
        peak_growth_high as high,
        points as items,
    from parts

    union all

    select
        'forecast_checks/' || forecast || '/found_value' as figure,
        if(is_due or found_verdict = 'above', found_value, null) as value,
        null as low,
        null as high,
        1 as items,
    from trends.forecast_checks

    union all

    from chip_figures

    union all by name

    from run_figures

    union all by name

    from estimate_figures

    union all by name

    from cost_figures

    union all by name

    from fact_figures

    union all by name

    from sum_figures
)

select
    everything.figure,
    everything.value::double as our_value,
    everything.low::double as our_value_low,
    everything.high::double as our_value_high,
    everything.items::bigint as our_items,
from everything
join asked using (figure)
where everything.value is not null
order by everything.figure
