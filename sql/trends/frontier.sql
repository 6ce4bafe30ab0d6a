-- The runs at the frontier: the ten largest at their publication, with the records among them.
-- Grain: one row per training run.
-- Method: rank by training compute among all dated runs published up to that day.
-- Caveat: reported and estimated figures, final runs, searches and self-play stand side by side: see the two columns.
with

-- Whoever ranks above a frontier run at its day was itself in the top ten on its own day, so these runs suffice.
frontier_runs as (
    select
        *,
        max(training_compute_flop, 10) over (
            order by published_on range between unbounded preceding and current row
        ) as ten_largest,
        max(training_compute_flop) over (
            order by published_on range between unbounded preceding and interval 1 day preceding
        ) as earlier_record,
    from compute.training_runs
    where is_frontier
),

ranks as (
    select
        *,
        1 + len(list_filter(ten_largest, figure -> figure > training_compute_flop)) as rank_at_publication,
    from frontier_runs
)

select
    run_id,
    run_name,
    published_on,
    training_compute_flop,
    training_compute_pfs_days,
    training_compute_source,
    compute_scope,
    rank_at_publication,
    training_compute_flop > coalesce(earlier_record, 0) and rank_at_publication = 1 as is_record,
    training_compute_flop / earlier_record as factor_over_previous_record,
from ranks
order by published_on, run_id
