-- Papers and announcements behind the runs of this version.
-- Grain: one row per paper.
-- Method: identity from the link (arXiv id, DOI, else address); title of the curated source, else the source's reference.
-- Caveat: metadata of the paper itself (authors, versions, citations) is not gathered yet.
with

titles as (
    select
        paper_key(url) as paper_id,
        min(title) as title,
        min(url) as url,
    from clean.sources
    group by all
),

stated as (
    select
        run_id,
        min(value_text) filter (where quantity = 'reference') as reference,
        min(value_text) filter (where quantity = 'paper_link') as paper_link,
    from clean.run_facts
    where quantity in ('reference', 'paper_link')
    group by all
)

select
    runs.paper_id,
    coalesce(any_value(titles.title), min(stated.reference)) as title,
    coalesce(any_value(titles.url), min(regexp_extract(trim(stated.paper_link), '^\S+'))) as url,
    min(runs.published_on) as published_on,
    count(*) as runs,
from clean.runs
left join titles using (paper_id)
left join stated using (run_id)
where runs.paper_id is not null
group by runs.paper_id
order by runs.paper_id
