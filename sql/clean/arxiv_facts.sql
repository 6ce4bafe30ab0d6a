-- arXiv's records as facts.
-- Grain: one row per filled cell that this project reads.
-- Method: the cells of a record one by one; the first version is dated by the day it was submitted.
-- Caveat: DOI and journal are what the authors gave; a withdrawn paper is a version like any other.
with

records as (
    select
        paper_identities.paper_id,
        papers.document_id,
        papers.row_number,
        documents.as_of_on,
        'arxiv:' || papers.arxiv_id as source_id,
        papers.arxiv_id,
        papers.authors,
        papers.doi,
        papers.first_version_on,
        papers.journal_reference,
        papers.licence,
        papers.organisations,
        papers.title,
    from raw.arxiv_papers as papers
    join clean.paper_identities
        on paper_identities.source = 'arxiv'
        and paper_identities.document_id = papers.document_id
        and paper_identities.row_number = papers.row_number
    join raw.documents on documents.document_id = papers.document_id and documents.source = 'arxiv'
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
            doi,
            first_version_on::varchar as first_version_on,
            journal_reference,
            licence,
            organisations,
            title,
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
    'arxiv' as source,
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
