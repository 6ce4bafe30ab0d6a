-- Every identifier under which a document has listed a paper of this version.
-- Grain: one row per identifier.
-- Method: one paper by arXiv id, by DOI, else by title and year; source and document are the first that held the identifier.
-- Caveat: where two papers were found to be one, the paper_id of the later is an identifier of the earlier.
with

identifiers as (
    select
        source,
        document_id,
        archive_order,
        unnest([paper_key, arxiv_key, doi_key, link_key]) as alias,
    from clean.paper_listings
)

select
    paper_keys.paper_id,
    identifiers.alias,
    arg_min(identifiers.source, identifiers.archive_order) as source,
    arg_min(identifiers.document_id, identifiers.archive_order) as document_id,
from identifiers
join clean.paper_keys using (alias)
join clean.papers using (paper_id)
group by all
order by paper_keys.paper_id, identifiers.alias
