-- Names written into the chart: the largest record of every two years, and the run that growth is counted from; the later,
-- the sooner it gets its place.
with

records as (
    select run_id
    from trends.frontier
    where is_record
    qualify row_number() over (partition by year(published_on) // 2 order by training_compute_flop desc, run_id) = 1

    union

    select from_run_id as run_id
    from trends.growth
    where metric = 'training_compute' and selection = 'all'
)

select
    run_name as name,
    published_on,
    training_compute_flop as flop,
    row_number() over (order by published_on desc, run_id) as place,
from records
join compute.training_runs using (run_id)
where published_on is not null and training_compute_flop > 0
order by published_on, run_id
