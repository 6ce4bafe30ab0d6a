-- How often papers are cited, by source and day.
-- Grain: one row per paper, source and day of counting.
-- Method: the figure of the document as of that day; of several records of one paper the largest.
-- Caveat: sources count different sets of citing works; compare counts of one source only.
select
    paper_id,
    source,
    as_of_on as counted_on,
    max(value)::bigint as citations,
from clean.paper_facts
where quantity = 'citations'
group by all
order by paper_id, source, counted_on
