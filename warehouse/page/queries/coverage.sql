-- Runs by year and by how their training compute is known.
select
    year(published_on) as year,
    coalesce(training_compute_source, 'not known') as known,
    count(*) as runs,
from compute.training_runs
where run_kind = 'training' and published_on is not null
group by all
order by year, known
