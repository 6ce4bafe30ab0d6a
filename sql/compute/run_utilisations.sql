-- The share of the peak each profile assumes for each run of a known chip, where the run does not state its own.
-- Grain: one row per profile and training run whose chip is known.
-- Method: of the rows of assumptions/utilisation.csv whose conditions all hold, the most specific one.
-- Caveat: what the profiles assume, not what runs state: a stated share is in run_inputs and goes before it.
with

-- The newest kind of arithmetic a chip has tells its generation.
chip_columns as (
    unpivot (
        select
            chip_id,
            chip_kind,
            columns('^peak_.*'),
        from clean.chips
    )
    on columns(* exclude (chip_id, chip_kind))
    into name peak_column value peak_flop_per_second
),

generations as (
    select
        chip_columns.chip_id,
        min_by(chip_generations.chip_generation, chip_generations.precedence) as chip_generation,
    from chip_columns
    join assumptions.chip_generations using (chip_kind, peak_column)
    where chip_columns.peak_flop_per_second > 0
    group by all
),

-- All that a row may ask for; a run of several domains is there once for each.
runs as (
    select
        run_inputs.run_id,
        run_domains.one_domain,
        chips.chip_kind,
        generations.chip_generation,
        chip_peaks.peak_precision,
    from compute.run_inputs
    join clean.chips using (chip_id)
    left join generations using (chip_id)
    left join compute.chip_peaks
        on chip_peaks.chip_id = run_inputs.chip_id and chip_peaks.number_format = run_inputs.number_format
    left join compute.run_domains using (run_id)
),

-- Rows are looked for once for each mixture of conditions, not for each run.
mixtures as (
    select distinct
        one_domain,
        chip_kind,
        chip_generation,
        peak_precision,
    from runs
),

-- An empty condition asks for nothing. The precision in use tells most, then the generation, the domain, the kind.
fitting as (
    select
        mixtures.*,
        utilisation.profile,
        utilisation.utilisation_rule,
        utilisation.value_share,
        utilisation.spread_factor,
        8 * (utilisation.peak_precision is not null)::integer
        + 4 * (utilisation.chip_generation is not null)::integer
        + 2 * (utilisation.one_domain is not null)::integer
        + (utilisation.chip_kind is not null)::integer as specificity,
    from mixtures
    join assumptions.utilisation
        on coalesce(utilisation.peak_precision = mixtures.peak_precision, utilisation.peak_precision is null)
        and coalesce(utilisation.chip_generation = mixtures.chip_generation, utilisation.chip_generation is null)
        and coalesce(utilisation.one_domain = mixtures.one_domain, utilisation.one_domain is null)
        and coalesce(utilisation.chip_kind = mixtures.chip_kind, utilisation.chip_kind is null)
),

best as (
    select *
    from fitting
    qualify
        row_number() over (
            partition by profile, one_domain, chip_kind, chip_generation, peak_precision
            order by specificity desc, utilisation_rule
        ) = 1
)

select
    best.profile,
    runs.run_id,
    any_value(profiles.is_in_force) as is_in_force,
    max_by(best.value_share, best.specificity) as utilisation_share,
    max_by(best.spread_factor, best.specificity) as spread_factor,
    max_by(best.utilisation_rule, best.specificity) as utilisation_rule,
    any_value(runs.chip_generation) as chip_generation,
    any_value(runs.peak_precision) as peak_precision,
from runs
join best
    on runs.one_domain is not distinct from best.one_domain
    and runs.chip_kind is not distinct from best.chip_kind
    and runs.chip_generation is not distinct from best.chip_generation
    and runs.peak_precision is not distinct from best.peak_precision
join assumptions.profiles using (profile)
group by best.profile, runs.run_id
order by best.profile, runs.run_id
