-- OpenAlex's works as facts.
-- Grain: one row per filled cell that this project reads.
-- Method: the cells of a work one by one; of a preprint no journal and no date of publication is taken.
-- Caveat: OpenAlex merges the versions of a work and may date it by any of them.
with

records as (
    select
        paper_identities.paper_id,
        works.document_id,
        works.row_number,
        documents.as_of_on,
        'openalex:' || works.openalex_id as source_id,
        works.arxiv_id,
        works.authors,
        works.citations,
        works.countries,
        works.doi,
        works.is_retracted,
        works.journal,
        works.journal_published_on,
        works.organisations,
        works.title,
        works.work_kind,
        works.year,
        coalesce(works.work_kind = 'preprint' or is_arxiv_doi(works.doi), false) as is_preprint,
    from raw.openalex_works as works
    join clean.paper_identities
        on paper_identities.source = 'openalex'
        and paper_identities.document_id = works.document_id
        and paper_identities.row_number = works.row_number
    join raw.documents on documents.document_id = works.document_id and documents.source = 'openalex'
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
            countries,
            doi,
            is_retracted::varchar as is_retracted,
            case when not is_preprint then journal end as journal,
            case when not is_preprint then journal_published_on::varchar end as journal_published_on,
            organisations,
            title,
            work_kind,
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
    'openalex' as source,
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
