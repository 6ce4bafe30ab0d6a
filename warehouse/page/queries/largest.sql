-- The runs of most training compute.
select
    run_name,
    training_runs.organisations,
    training_runs.published_on,
    training_compute_flop,
    training_compute_flop_low,
    training_compute_flop_high,
    training_compute_source,
    confidence,
    compute_scope,
    papers.url,
from compute.training_runs
left join clean.papers using (paper_id)
where training_runs.published_on is not null and training_compute_flop > 0 and run_kind = 'training'
order by training_compute_flop desc, run_id
