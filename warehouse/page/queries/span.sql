-- The days on which the runs of this version were published, as an ISO 8601 interval.
select min(published_on) || '/' || max(published_on) as coverage,
from compute.training_runs
