-- Semantic Scholar's papers as facts.
-- Grain: one row per filled cell that this project reads.
-- Method: the cells of a paper one by one; the date is taken as the first version's where there is an arXiv id, else not.
-- Caveat: date and year are those of the version it holds, mostly the first, sometimes the publication.
with

cells as (
    unpivot (
        select
            document_id,
            row_number,
            'semantic_scholar:' || semantic_scholar_id as source_id,
            arxiv_id,
            authors,
            citations::varchar as citations,
            doi,
            case when arxiv_id is not null then first_version_on::varchar end as first_version_on,
            case when not starts_with(lower(journal), 'arxiv') then journal end as journal,
            organisations,
            title,
            year::varchar as year,
        from raw.semantic_scholar_papers
    )
    on columns(* exclude (document_id, row_number, source_id))
    into name quantity value value_text
)

select
    'semantic_scholar' as source,
    document_id,
    row_number,
    source_id,
    quantity,
    value_text,
from cells
order by document_id, row_number, quantity
