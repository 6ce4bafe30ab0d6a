-- Pairs of runs that may be one: never merged silently, listed here for a row of assumptions/run_names.csv.
-- Grain: one row per pair.
-- Method: same paper, dates within 60 days, parameters within 5%, yet two runs; or one name twice in one document.
-- Caveat: one paper often holds several runs of one size; most pairs are truly two runs.
with

listed as (
    select
        runs.run_id,
        runs.run_name,
        runs.paper_id,
        runs.published_on,
        run_inputs.parameters,
    from clean.runs
    join compute.run_inputs using (run_id)
),

pairs as (
    select
        one.run_id,
        other.run_id as other_run_id,
        case
            when name_key(one.run_name) = name_key(other.run_name) then 'one name, different date or size'
            else 'same paper, close date, close size'
        end as reason,
    from listed as one
    join listed as other
        on one.paper_id = other.paper_id
        and one.run_id < other.run_id
        and abs(one.published_on - other.published_on) <= 60
        and one.parameters between other.parameters * 0.95 and other.parameters / 0.95
),

twins as (
    select
        one.run_id,
        other.run_id as other_run_id,
        'one name, different date or size' as reason,
    from listed as one
    join listed as other on name_key(one.run_name) = name_key(other.run_name) and one.run_id < other.run_id
)

select
    run_id,
    other_run_id,
    min(reason) as reason,
from (
    from pairs
    union
    from twins
)
group by all
order by run_id, other_run_id
