-- The runs at the frontier: the ten largest at their publication, with the records among them.
-- Grain: one row per training run.
-- Method: rank by training compute among all dated runs published up to that day.
-- Caveat: figures reported and estimated stand side by side (training_compute_source).
with

dated as (
    select
        *,
        max(training_compute_flop) over (
            order by published_on range between unbounded preceding and interval 1 day preceding
        ) as earlier_record,
    from compute.training_runs
    where training_compute_flop > 0 and published_on is not null and not is_excluded_by_source
),

frontier_runs as (
    from dated
    where is_frontier
),

-- Whoever ranks above a frontier run at its day was itself in the top ten on its own day.
ranks as (
    select
        one.run_id,
        1 + count(other.run_id) as rank_at_publication,
    from frontier_runs as one
    left join frontier_runs as other
        on other.published_on <= one.published_on and other.training_compute_flop > one.training_compute_flop
    group by all
)

select
    frontier_runs.run_id,
    frontier_runs.run_name,
    frontier_runs.published_on,
    frontier_runs.training_compute_flop,
    frontier_runs.training_compute_pfs_days,
    frontier_runs.training_compute_source,
    ranks.rank_at_publication,
    frontier_runs.training_compute_flop > coalesce(frontier_runs.earlier_record, 0)
    and ranks.rank_at_publication = 1 as is_record,
    frontier_runs.training_compute_flop / frontier_runs.earlier_record as factor_over_previous_record,
from frontier_runs
join ranks using (run_id)
order by frontier_runs.published_on, frontier_runs.run_id
