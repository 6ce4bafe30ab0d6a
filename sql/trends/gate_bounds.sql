-- Between which ends each measure of the gate must lie in this version.
-- Grain: one row per measure that a row of assumptions/gates.csv bounds, and kind of bound.
-- Method: absolute ends, or the figure of the version before times or plus the ends of the row.
-- Caveat: where a measure rests on too few rows, or the sources are others than before, it is not bounded.
with

made_of as (
    select
        (select list(source order by source) from trends.sources)
        = (select list(source order by source) from earlier.trends.sources) as has_same_sources,
),

bounded as (
    select
        measures.*,
        gates.bound_kind,
        gates.reason,
        case gates.bound_kind
            when 'absolute' then gates.bound_low
            when 'plus before' then measures.value_before + gates.bound_low
            -- Of a figure below zero, as the doubling time of what shrinks, the larger multiple is the lower one.
            when 'times before'
                then measures.value_before * if(measures.value_before < 0, gates.bound_high, gates.value_share)
        end as low,
        case gates.bound_kind
            when 'absolute' then gates.bound_high
            when 'plus before' then measures.value_before + gates.bound_high
            when 'times before'
                then measures.value_before * if(measures.value_before < 0, gates.value_share, gates.bound_high)
        end as high,
    from trends.gate_measures as measures
    join assumptions.gates using (measure, table_name, column_name)
    cross join made_of
    where
        (not gates.is_for_same_sources or made_of.has_same_sources)
        and case gates.bound_kind
            when 'absolute' then measures.counted_rows >= gates.fewest_rows
            else measures.counted_rows_before >= gates.fewest_rows and measures.value_before is not null
        end
)

select
    measure,
    table_name,
    column_name,
    measured_of,
    bound_kind,
    value,
    value_before,
    -- A part of a row is no row.
    if(measure = 'rows', ceil(round(low, 6)), low) as expected_low,
    if(measure = 'rows', floor(round(high, 6)), high) as expected_high,
    coalesce(value >= coalesce(expected_low, value) and value <= coalesce(expected_high, value), false) as is_met,
    reason,
from bounded
order by measure, table_name, column_name, measured_of, bound_kind
