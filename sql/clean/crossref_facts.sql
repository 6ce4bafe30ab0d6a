-- Crossref's works as facts.
-- Grain: one row per filled cell that this project reads.
-- Method: the cells of a work one by one; of posted content (preprints) no journal and no date of publication is taken.
-- Caveat: Citations count only works whose publishers deposit their references.
with

works as (
    select
        *,
        coalesce(work_kind = 'posted-content', false) as is_preprint,
    from raw.crossref_works
),

cells as (
    unpivot (
        select
            document_id,
            row_number,
            'doi:' || doi as source_id,
            authors,
            citations::varchar as citations,
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
    'crossref' as source,
    document_id,
    row_number,
    source_id,
    quantity,
    value_text,
from cells
order by document_id, row_number, quantity
