-- Models above two thresholds of law by year, in the record and projected, to be drawn: every model, and none of its parts.
with

told as (
    select
        compute_threshold,
        limit_flop,
        jurisdiction,
        selection,
        year,
        count_basis,
        cumulative_runs,
        cumulative_runs_low,
        cumulative_runs_high,
        is_part_of_year,
    from trends.threshold_counts
    join assumptions.compute_thresholds using (compute_threshold)
    where selection = 'all' and limit_flop >= 1e25
)

select *
from told
qualify dense_rank() over (partition by limit_flop order by jurisdiction = 'European Union' desc, compute_threshold) = 1
order by limit_flop, count_basis desc, year
