-- Runs added minus runs removed are the difference of the numbers of runs, in the newest revisions.
-- On failure: stop
select
    count(*) filter (where change = 'added') as added,
    count(*) filter (where change = 'removed') as removed,
    (select count(*) from earlier.clean.runs) as runs_before,
    (select count(*) from clean.runs) as runs_after,
from trends.revisions
join earlier.main.steps using (version)
where table_name = 'clean.runs'
having
    (select count(*) from earlier.main.steps) > 0
    and runs_before + added - removed <> runs_after
