-- What the release gate found of this version, what is not met first.
with newest as (
    select max(version) as version
    from versions
)

select
    measure,
    table_name,
    column_name,
    measured_of,
    observed_value,
    observed_before,
    expected_low,
    expected_high,
    is_met,
    if(is_met, 'met', 'not met, allowed') as said,
    expectation,
    reason,
from gate_results
join newest using (version)
order by is_met, measure, table_name, column_name, measured_of, bound_kind
