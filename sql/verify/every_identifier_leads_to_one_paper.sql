-- An arXiv id, DOI or address under which two papers are listed.
-- On failure: stop
with

identifiers as (
    select
        source,
        document_id,
        row_number,
        unnest([paper_key, arxiv_key, doi_key, link_key]) as alias,
    from clean.paper_listings
)

select
    identifiers.alias,
    min(paper_identities.paper_id) as paper_id,
    max(paper_identities.paper_id) as other_paper_id,
from identifiers
join clean.paper_identities using (source, document_id, row_number)
where identifiers.alias is not null
group by identifiers.alias
having min(paper_identities.paper_id) <> max(paper_identities.paper_id)
