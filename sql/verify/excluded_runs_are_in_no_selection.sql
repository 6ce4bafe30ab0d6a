-- A run its source excludes that stands in a selection all the same.
-- On failure: stop
select
    run_selections.selection,
    run_selections.run_id,
from compute.run_selections
join compute.training_runs using (run_id)
where training_runs.is_excluded_by_source
