-- Semantic Scholar's papers as facts.
-- Grain: one row per filled cell that this project reads.
-- Method: the cells of a paper one by one; the date is taken as the first version's where there is an arXiv id, else not.
-- Caveat: date and year are those of the version it holds, mostly the first, sometimes the publication.
with

records as (
    select
        paper_identities.paper_id,
        papers.document_id,
        papers.row_number,
        documents.as_of_on,
        'semantic_scholar:' || papers.semantic_scholar_id as source_id,
        papers.arxiv_id,
        papers.authors,
        papers.citations,
        papers.doi,
        case when papers.arxiv_id is not null then papers.first_version_on end as first_version_on,
        case when not starts_with(lower(papers.journal), 'arxiv') then papers.journal end as journal,
        papers.organisations,
        papers.title,
        papers.year,
    from raw.semantic_scholar_papers as papers
    join clean.paper_identities
        on paper_identities.source = 'semantic_scholar'
        and paper_identities.document_id = papers.document_id
        and paper_identities.row_number = papers.row_number
    join raw.documents on documents.document_id = papers.document_id and documents.source = 'semantic_scholar'
),

cells as (
    unpivot (
        select
            paper_id,
            document_id,
            row_number,
            as_of_on,
            source_id,
            arxiv_id,
            authors,
            citations::varchar as citations,
            doi,
            first_version_on::varchar as first_version_on,
            journal,
            organisations,
            title,
            year::varchar as year,
        from records
    )
    on columns(* exclude (paper_id, document_id, row_number, as_of_on, source_id))
    into name quantity value value_text
)

select
    cells.paper_id,
    cells.quantity,
    case when quantities.unit is not null then cells.value_text::double end as value,
    cells.value_text,
    quantities.unit,
    'semantic_scholar' as source,
    cells.source_id,
    null::varchar as where_in_source,
    null::varchar as checked_against,
    cells.document_id,
    cells.row_number,
    cells.quantity as column_name,
    null::varchar as quote,
    'column' as how,
    cells.as_of_on,
from cells
join raw.quantities using (quantity)
order by cells.document_id, cells.row_number, cells.quantity
