-- How many models lie above each compute threshold, by year, as the record has it and as it would go on.
-- Grain: one row per threshold, selection, year and basis (record, or projected from the last whole year on).
-- Method: sums of crossing probabilities, 90% by the normal; a projected year is the last whole one under a lower threshold.
-- Caveat: runs in the record alone; the threshold falls along the line of assumptions/current_trends.csv, so runs too small to note lack.
with

selections as (
    select 'all' as selection, false as only_notable

    union all

    select 'notable' as selection, true as only_notable
),

-- The year in which the record ends is seen in part.
last_year as (
    select
        max(year(published_on)) as year,
        year(max(published_on) + 1) - 1 as whole,
    from compute.measurements
    where metric = 'training_compute' and selection = 'any'
),

-- Probabilities to 15 places add up exactly, so no count hangs on the order of the rows.
yearly as (
    select
        crossings.compute_threshold,
        selections.selection,
        year(crossings.published_on) as year,
        count(*) as runs,
        sum(crossings.crossing_probability::decimal(18, 15))::double as mean,
        sum((crossings.crossing_probability * (1 - crossings.crossing_probability))::decimal(18, 15))::double as variance,
        count(*) filter (where crossings.is_lower_bound) as lower_bounds,
    from compute.threshold_crossings as crossings
    join compute.training_runs using (run_id)
    join selections on not selections.only_notable or training_runs.is_notable
    group by crossings.compute_threshold, selections.selection, year(crossings.published_on)
),

first_years as (
    select
        compute_threshold,
        selection,
        min(year) as year,
    from yearly
    group by compute_threshold, selection
),

-- Years without a crossing stand as zero between the first and the last.
record_years as (
    select
        first_years.compute_threshold,
        first_years.selection,
        unnest(range(first_years.year, last_year.year + 1)) as year,
    from first_years
    cross join last_year
),

recorded as (
    select
        record_years.compute_threshold,
        record_years.selection,
        record_years.year,
        coalesce(yearly.runs, 0) as runs,
        coalesce(yearly.mean, 0) as mean,
        coalesce(yearly.variance, 0) as variance,
        coalesce(yearly.lower_bounds, 0) as lower_bounds,
        sum(coalesce(yearly.runs, 0)) over so_far as runs_so_far,
        sum(coalesce(yearly.mean, 0)) over so_far as mean_so_far,
        sum(coalesce(yearly.variance, 0)) over so_far as variance_so_far,
        sum(coalesce(yearly.lower_bounds, 0)) over so_far as lower_bounds_so_far,
    from record_years
    left join yearly using (compute_threshold, selection, year)
    window so_far as (
        partition by record_years.compute_threshold, record_years.selection
        order by record_years.year
    )
),

slopes as (
    unpivot (
        select
            oom_per_year as best,
            oom_per_year_low as low,
            oom_per_year_high as high,
        from trends.metric_trends
        join assumptions.current_trends using (metric, selection, period)
        where metric = 'training_compute'
    )
    on columns(*)
    into name pace value oom_per_year
),

years as (
    select unnest(range(last_year.whole + 1, limit_value::bigint + 1)) as year
    from assumptions.thresholds
    cross join last_year
    where threshold = 'counts_projected_to'
),

-- A model k years on stands to its frontier as one of the last whole year did to its own: the threshold of then, k slopes down.
chances as (
    select
        runs.limit_flop,
        runs.counting,
        runs.covered_domains,
        years.year,
        slopes.pace,
        runs.is_notable,
        runs.is_lower_bound,
        probability_above(
            runs.counted_compute_flop * pow(10.0::double, slopes.oom_per_year * (years.year - last_year.whole)),
            runs.limit_flop,
            log10_spread(runs.counted_compute_flop_low, runs.counted_compute_flop_high)
        ) as probability,
    from compute.counted_runs as runs
    join last_year on last_year.whole = year(runs.published_on)
    cross join slopes
    cross join years
),

shifted as (
    select
        chances.limit_flop,
        chances.counting,
        chances.covered_domains,
        selections.selection,
        chances.year,
        chances.pace,
        sum(chances.probability::decimal(18, 15))::double as mean,
        count(*) filter (where chances.is_lower_bound) as lower_bounds,
    from chances
    join selections on not selections.only_notable or chances.is_notable
    group by all
),

-- Runs of a year come as they come (Poisson) on top of what the slope leaves open.
paces as (
    select
        thresholds.compute_threshold,
        shifted.selection,
        shifted.year,
        max(shifted.lower_bounds) as lower_bounds,
        max(shifted.mean) filter (where shifted.pace = 'best') as mean,
        max(shifted.mean) filter (where shifted.pace = 'low') as low,
        max(shifted.mean) filter (where shifted.pace = 'high') as high,
    from shifted
    join assumptions.compute_thresholds as thresholds
        on thresholds.limit_flop = shifted.limit_flop and thresholds.counting = shifted.counting
        and coalesce(thresholds.covered_domains, 'all') = shifted.covered_domains
    group by thresholds.compute_threshold, shifted.selection, shifted.year
),

projected as (
    select
        paces.*,
        coalesce(recorded.mean_so_far, 0) + sum(paces.mean) over so_far as mean_so_far,
        coalesce(recorded.mean_so_far, 0) + sum(paces.low) over so_far as low_so_far,
        coalesce(recorded.mean_so_far, 0) + sum(paces.high) over so_far as high_so_far,
        coalesce(recorded.variance_so_far, 0) + sum(paces.low) over so_far as variance_low,
        coalesce(recorded.variance_so_far, 0) + sum(paces.high) over so_far as variance_high,
        coalesce(recorded.lower_bounds_so_far, 0) + paces.lower_bounds as lower_bounds_so_far,
    from paces
    cross join last_year
    left join recorded
        on recorded.compute_threshold = paces.compute_threshold and recorded.selection = paces.selection
        and recorded.year = last_year.whole
    window so_far as (
        partition by paces.compute_threshold, paces.selection
        order by paces.year
    )
)

select
    recorded.compute_threshold,
    recorded.selection,
    recorded.year,
    'record' as count_basis,
    recorded.year > last_year.whole as is_part_of_year,
    recorded.lower_bounds_so_far > 0 as is_lower_bound,
    recorded.mean as expected_runs,
    count_quantile(recorded.mean, sqrt(recorded.variance), -normal_95()) as expected_runs_low,
    least(count_quantile(recorded.mean, sqrt(recorded.variance), normal_95()), recorded.runs) as expected_runs_high,
    recorded.mean_so_far as cumulative_runs,
    count_quantile(recorded.mean_so_far, sqrt(recorded.variance_so_far), -normal_95()) as cumulative_runs_low,
    least(
        count_quantile(recorded.mean_so_far, sqrt(recorded.variance_so_far), normal_95()), recorded.runs_so_far
    ) as cumulative_runs_high,
from recorded
cross join last_year

union all

select
    compute_threshold,
    selection,
    year,
    'projected' as count_basis,
    false as is_part_of_year,
    lower_bounds_so_far > 0 as is_lower_bound,
    mean as expected_runs,
    count_quantile(low, sqrt(low), -normal_95()) as expected_runs_low,
    count_quantile(high, sqrt(high), normal_95()) as expected_runs_high,
    mean_so_far as cumulative_runs,
    count_quantile(low_so_far, sqrt(variance_low), -normal_95()) as cumulative_runs_low,
    count_quantile(high_so_far, sqrt(variance_high), normal_95()) as cumulative_runs_high,
from projected
order by compute_threshold, selection, year, count_basis
