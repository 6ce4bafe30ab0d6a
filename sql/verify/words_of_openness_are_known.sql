-- A word of accessibility that assumptions/openness_names.csv does not have: the run's openness stays empty.
-- On failure: warn
select
    model_accessibility,
    count(*) as runs,
from raw.epoch_models
where model_accessibility is not null and model_accessibility not in (select spelling from assumptions.openness_names)
group by all
