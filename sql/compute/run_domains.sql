-- Domains of each run.
-- Grain: one row per run and domain.
-- Method: the run's list, split; first letter upper, so that sources agree.
-- Caveat: none.
select distinct
    run_id,
    upper(word[1]) || word[2:] as one_domain,
from (
    select
        run_id,
        unnest(list_words(domain, ';')) as word,
    from clean.runs
)
order by run_id, one_domain
