-- arXiv's records as facts.
-- Grain: one row per filled cell that this project reads.
-- Method: the cells of a record one by one; the first version is dated by the day it was submitted.
-- Caveat: DOI and journal are what the authors gave; a withdrawn paper is a version like any other.
with

cells as (
    unpivot (
        select
            document_id,
            row_number,
            'arxiv:' || arxiv_id as source_id,
            arxiv_id,
            authors,
            doi,
            first_version_on::varchar as first_version_on,
            journal_reference,
            licence,
            organisations,
            title,
        from raw.arxiv_papers
    )
    on columns(* exclude (document_id, row_number, source_id))
    into name quantity value value_text
)

select
    'arxiv' as source,
    document_id,
    row_number,
    source_id,
    quantity,
    value_text,
from cells
order by document_id, row_number, quantity
