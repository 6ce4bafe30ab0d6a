-- A record of a paper source that was accepted and yet belongs to no paper of this version.
-- On failure: stop
with

records as (
    select 'arxiv' as source, document_id, row_number from raw.arxiv_papers
    union all
    select 'openalex' as source, document_id, row_number from raw.openalex_works
    union all
    select 'semantic_scholar' as source, document_id, row_number from raw.semantic_scholar_papers
    union all
    select 'crossref' as source, document_id, row_number from raw.crossref_works
)

select
    records.source,
    records.document_id,
    records.row_number,
from records
left join clean.paper_identities using (source, document_id, row_number)
left join clean.papers using (paper_id)
where papers.paper_id is null
