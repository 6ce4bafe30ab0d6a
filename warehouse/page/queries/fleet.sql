-- The largest runs of their day beside all chips in use.
select
    run_name,
    published_on,
    fleet,
    chips,
    cluster_flop_per_second,
    fleet_flop_per_second,
    fleet_share,
    whole_fleet_hours,
    is_extrapolated,
from trends.fleet_shares
where is_record
order by published_on desc, run_id, fleet
