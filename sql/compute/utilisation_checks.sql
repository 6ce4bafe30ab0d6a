-- Runs that report a share of the peak, beside the share that their chips, hours and counted operations imply.
-- Grain: one row per training run, kind of share and span: the whole run, or an hour at its steady rate of tokens.
-- Method: counted operations over the peak of the chips in the time; the cause of a gap is a row of assumptions.
-- Caveat: attention stands in no count here, recomputation in no count; no estimate reads this table.
with

shares as (
    unpivot (
        select
            run_id,
            mfu,
            hfu,
            utilisation,
        from compute.run_inputs
    )
    on mfu, hfu, utilisation
    into name reported_kind value reported_share
),

-- What states the share, believed first.
share_sources as (
    select
        run_facts.run_id,
        run_facts.quantity as reported_kind,
        min_by(run_facts.source, source_precedence.precedence) as source,
    from clean.run_facts
    join assumptions.source_precedence using (source)
    where run_facts.quantity in ('mfu', 'hfu', 'utilisation')
    group by all
),

inputs as (
    select
        run_inputs.run_id,
        run_inputs.chip_id,
        run_inputs.number_format,
        run_inputs.chips,
        coalesce(run_inputs.chip_hours, run_inputs.chips * run_inputs.training_hours)
        * coalesce(run_inputs.time_repeats, 1) as chip_hours,
        case
            when run_inputs.active_parameters > 0 then run_inputs.active_parameters
            when coalesce(run_inputs.network_kind, 'dense') = 'dense' then run_inputs.parameters
        end as counted_parameters,
        chip_peaks.peak_flop_per_second,
    from compute.run_inputs
    join compute.chip_peaks using (chip_id, number_format)
),

counted as (
    select
        run_id,
        min(training_compute_flop) as counted_flop,
    from compute.estimates
    where method = 'operation_counting' and compute_scope <> 'with_base_model'
    group by run_id
),

rates as (
    select
        run_id,
        min(value) as tokens_per_second,
    from clean.run_facts
    where quantity = 'tokens_per_second' and value > 0
    group by run_id
),

spans as (
    select
        inputs.run_id,
        'whole run' as span,
        inputs.chip_hours,
        counted.counted_flop,
    from inputs
    join counted using (run_id)
    where inputs.chip_hours > 0

    union all

    select
        inputs.run_id,
        'steady training' as span,
        inputs.chips as chip_hours,
        dense_training_flop(inputs.counted_parameters, rates.tokens_per_second * 3600) as counted_flop,
    from inputs
    join rates using (run_id)
    where inputs.chips > 0
),

compared as (
    select
        shares.run_id,
        shares.reported_kind,
        spans.span,
        share_sources.source,
        inputs.chip_id,
        inputs.number_format,
        spans.chip_hours,
        spans.counted_flop,
        inputs.peak_flop_per_second,
        spans.counted_flop / hardware_flop(spans.chip_hours, inputs.peak_flop_per_second, 1) as implied_utilisation_share,
        shares.reported_share,
    from shares
    join spans using (run_id)
    join inputs using (run_id)
    left join share_sources using (run_id, reported_kind)
    where shares.reported_share > 0 and spans.counted_flop > 0
)

select
    compared.*,
    compared.implied_utilisation_share / compared.reported_share as implied_over_reported,
    coalesce(utilisation_gaps.expected_over_reported, 1) as expected_over_reported,
    coalesce(utilisation_gaps.is_same_span, true) as is_same_span,
    utilisation_gaps.cause,
    utilisation_gaps.reference,
from compared
left join assumptions.utilisation_gaps
    on utilisation_gaps.run_id = compared.run_id
    and utilisation_gaps.reported_kind = compared.reported_kind
    and utilisation_gaps.span = compared.span
    -- Causes are of the figures of our own record; another source may state another share or other hours.
    and compared.source = 'curated'
order by compared.run_id, compared.reported_kind, compared.span
