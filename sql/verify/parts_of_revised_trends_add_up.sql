-- The parts of a headline's change make the whole of it, in slope and in doubling time.
-- On failure: stop
select
    version,
    metric,
    selection,
    period,
    sum(oom_per_year_change) as slope_parts,
    any_value(oom_per_year_after - oom_per_year_before) as slope_whole,
    sum(doubling_months_change) as doubling_parts,
    any_value(doubling_months_after - doubling_months_before) as doubling_whole,
from trends.trend_revisions
group by version, metric, selection, period
having
    abs(slope_parts - slope_whole) > 1e-9
    or count(doubling_months_change) = count(*)
    and abs(doubling_parts - doubling_whole) > 1e-9 * greatest(1, max(abs(doubling_months_change)))
