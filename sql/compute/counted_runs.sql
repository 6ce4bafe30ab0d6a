-- Runs as the compute thresholds count them: the run's own compute, or with that of the model it starts from.
-- Grain: one row per limit, way of counting, covered domains and dated training run with a figure; laws share these.
-- Method: a fine-tune whose figure is its final run alone gets its base's figure added, one step back; log-normal interval.
-- Caveat: the cumulative figure of a final run is a lower bound: base models not in the record and later training lack.
with

runs as (
    select
        run_id,
        published_on,
        domain,
        is_notable,
        base_run_id,
        compute_scope,
        training_compute_flop as own,
        training_compute_flop_low as low,
        training_compute_flop_high as high,
    from compute.training_runs
    where
        training_compute_flop > 0 and published_on is not null and not is_excluded_by_source and run_kind = 'training'
),

-- A base model counts whenever it was trained and whatever its source thinks of it.
bases as (
    select
        run_id,
        training_compute_flop as own,
        training_compute_flop_low as low,
        training_compute_flop_high as high,
    from compute.training_runs
    where training_compute_flop > 0
),

counted as (
    select
        'final_run' as counting,
        run_id,
        published_on,
        domain,
        is_notable,
        compute_scope,
        own as flop,
        low,
        high,
        false as is_lower_bound,
    from runs

    union all

    select
        'cumulative' as counting,
        runs.run_id,
        runs.published_on,
        runs.domain,
        runs.is_notable,
        runs.compute_scope,
        runs.own + coalesce(bases.own, 0) as flop,
        runs.low + coalesce(bases.low, 0) as low,
        runs.high + coalesce(bases.high, 0) as high,
        runs.compute_scope = 'final_run' as is_lower_bound,
    from runs
    left join bases
        on bases.run_id = runs.base_run_id and bases.run_id <> runs.run_id and runs.compute_scope = 'final_run'
),

rules as (
    select distinct
        limit_flop,
        counting,
        coalesce(covered_domains, 'all') as covered_domains,
    from assumptions.compute_thresholds
),

domains as (
    select distinct coalesce(domain, '') as domain
    from runs
),

covered as (
    select
        rules.covered_domains,
        domains.domain,
    from (select distinct covered_domains from rules) as rules
    join domains
        on rules.covered_domains = 'all'
        or list_has_any(string_split(rules.covered_domains, ';'), string_split(lower(domains.domain), ';'))
)

select
    rules.limit_flop,
    rules.counting,
    rules.covered_domains,
    counted.run_id,
    counted.published_on,
    counted.is_notable,
    counted.compute_scope,
    counted.flop as counted_compute_flop,
    counted.low as counted_compute_flop_low,
    counted.high as counted_compute_flop_high,
    probability_above(
        counted.flop, rules.limit_flop, log10_spread(counted.low, counted.high)
    ) as crossing_probability,
    counted.is_lower_bound,
from counted
join covered on covered.domain = coalesce(counted.domain, '')
join rules on rules.counting = counted.counting and rules.covered_domains = covered.covered_domains
order by rules.limit_flop, rules.counting, rules.covered_domains, counted.run_id
