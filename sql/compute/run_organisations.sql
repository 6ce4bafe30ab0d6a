-- Organisations of each run.
-- Grain: one row per run and organisation.
-- Method: the run's list, split.
-- Caveat: names as the source spells them.
select distinct
    run_id,
    unnest(list_words(organisations, ';')) as organisation,
from compute.training_runs
order by run_id, organisation
