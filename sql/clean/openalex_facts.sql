-- OpenAlex's works as facts.
-- Grain: one row per filled cell that this project reads.
-- Method: the cells of a work one by one; of a preprint no journal and no date of publication is taken.
-- Caveat: OpenAlex merges the versions of a work and may date it by any of them.
with

works as (
    select
        *,
        coalesce(work_kind = 'preprint' or is_arxiv_doi(doi), false) as is_preprint,
    from raw.openalex_works
),

cells as (
    unpivot (
        select
            document_id,
            row_number,
            'openalex:' || openalex_id as source_id,
            arxiv_id,
            authors,
            citations::varchar as citations,
            countries,
            doi,
            is_retracted::varchar as is_retracted,
            case when not is_preprint then journal end as journal,
            case when not is_preprint then journal_published_on::varchar end as journal_published_on,
            organisations,
            title,
            work_kind,
            year::varchar as year,
        from works
    )
    on columns(* exclude (document_id, row_number, source_id))
    into name quantity value value_text
)

select
    'openalex' as source,
    document_id,
    row_number,
    source_id,
    quantity,
    value_text,
from cells
order by document_id, row_number, quantity
