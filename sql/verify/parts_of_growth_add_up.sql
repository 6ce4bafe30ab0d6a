-- Compute is chips x peak x utilisation x time on the same runs, so the slopes of the four are that of the whole.
-- On failure: stop
select
    selection,
    period,
    sum(oom_per_year) filter (where growth_part <> 'whole') as parts,
    sum(oom_per_year) filter (where growth_part = 'whole') as whole,
from trends.growth_decomposition
group by selection, period
having abs(parts - whole) > 1e-9
