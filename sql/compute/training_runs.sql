-- Training compute of every run, with our own estimate beside what its source states.
-- Grain: one row per training run.
-- Method: reported where a source states it, else our methods combined in log space by their precision (formulas.sql).
-- Caveat: the figure is of one model's run; compute_scope says where it covers self-play, a search or the base model too.
with

-- In the scope the run's source speaks of where that is known, else the run's own.
combined as (
    select
        combined_estimates.*,
        row_number() over (
            partition by run_id order by combined_estimates.compute_scope = runs.compute_scope desc, base_runs
        ) as place,
    from compute.combined_estimates
    join clean.runs using (run_id)
),

reported as (
    select
        run_id,
        training_compute_flop,
        training_compute_flop_low,
        training_compute_flop_high,
        compute_scope,
    from compute.estimates
    where method = 'reported'
),

figures as (
    select
        runs.run_id,
        reported.training_compute_flop as reported,
        combined.estimated_training_compute_flop as estimated,
        combined.estimated_training_compute_flop_low as estimated_low,
        combined.estimated_training_compute_flop_high as estimated_high,
        combined.compute_scope as estimated_compute_scope,
        combined.methods,
        combined.spread_factor,
        coalesce(reported.compute_scope, combined.compute_scope, runs.compute_scope) as compute_scope,
        case when reported.compute_scope = combined.compute_scope
                then disagreement(reported.training_compute_flop, combined.estimated_training_compute_flop)
        end as disagreement_factor,
        coalesce(reported.training_compute_flop, combined.estimated_training_compute_flop) as training_compute_flop,
        coalesce(reported.training_compute_flop_low, combined.estimated_training_compute_flop_low) as low,
        coalesce(reported.training_compute_flop_high, combined.estimated_training_compute_flop_high) as high,
        case
            when reported.training_compute_flop is not null then 'reported'
            when combined.run_id is not null then 'estimated'
        end as training_compute_source,
        coalesce(
            inputs.tokens_seen / nullif(inputs.epochs, 0), inputs.tokens_seen, inputs.dataset_tokens, inputs.dataset_words,
            inputs.dataset_examples, inputs.dataset_datapoints
        ) as dataset_size,
        inputs.parameters,
        inputs.chip_id,
        coalesce(inputs.chips, inputs.chip_hours / nullif(inputs.training_hours, 0)) as chips,
        inputs.training_hours,
        inputs.confidence,
        inputs.training_compute_source_id,
    from clean.runs
    join compute.run_inputs as inputs using (run_id)
    left join combined on combined.run_id = runs.run_id and combined.place = 1
    left join reported on reported.run_id = runs.run_id
),

dated as (
    select
        figures.run_id,
        figures.training_compute_flop,
        runs.published_on,
    from figures
    join clean.runs using (run_id)
    where
        figures.training_compute_flop > 0 and runs.published_on is not null and not runs.is_excluded_by_source
        and runs.run_kind = 'training'
        and (
            figures.training_compute_source = 'reported'
            or figures.spread_factor <= (
                select limit_value from assumptions.thresholds where threshold = 'frontier_spread'
            )
        )
),

-- Whatever is below the ten largest of its own day is below the ten largest up to any later day.
largest_of_day as (
    select
        published_on,
        unnest(max(training_compute_flop, 10)) as training_compute_flop,
    from dated
    group by published_on
),

-- The tenth largest of all dated training runs up to each day that no source excludes; the smallest while there are fewer.
bars as (
    select distinct
        published_on,
        list_min(
            max(training_compute_flop, 10) over (
                order by published_on range between unbounded preceding and current row
            )
        ) as tenth_largest,
    from largest_of_day
),

ranked as (
    select
        dated.run_id,
        dated.training_compute_flop >= bars.tenth_largest as is_frontier,
    from dated
    join bars using (published_on)
)

select
    runs.run_id,
    runs.run_name,
    runs.run_kind,
    runs.published_on,
    runs.organisations,
    runs.countries,
    runs.organisation_type,
    runs.domain,
    runs.openness,
    runs.is_notable,
    coalesce(ranked.is_frontier, false) as is_frontier,
    runs.paper_id,
    runs.base_run_id,
    figures.parameters,
    figures.dataset_size,
    figures.chip_id,
    figures.chips,
    figures.training_hours,
    figures.training_compute_flop,
    figures.low as training_compute_flop_low,
    figures.high as training_compute_flop_high,
    pfs_days(figures.training_compute_flop) as training_compute_pfs_days,
    log10(figures.training_compute_flop) as log10_training_compute_flop,
    figures.training_compute_source,
    figures.compute_scope,
    figures.estimated as estimated_training_compute_flop,
    figures.estimated_low as estimated_training_compute_flop_low,
    figures.estimated_high as estimated_training_compute_flop_high,
    figures.estimated_compute_scope,
    figures.reported as reported_training_compute_flop,
    case when figures.reported is not null then figures.training_compute_source_id end as training_compute_source_id,
    figures.disagreement_factor,
    figures.methods,
    figures.confidence,
    runs.is_excluded_by_source,
    runs.source,
    runs.document_id,
    runs.row_number,
from clean.runs
join figures using (run_id)
left join ranked using (run_id)
order by runs.run_id
