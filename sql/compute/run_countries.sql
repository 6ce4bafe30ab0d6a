-- Countries of each run's organisations.
-- Grain: one row per run and country.
-- Method: the run's list, split.
-- Caveat: names as the source spells them.
select distinct
    run_id,
    unnest(list_words(countries, ';')) as country,
from compute.training_runs
order by run_id, country
