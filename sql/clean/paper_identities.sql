-- Which rows of all documents ever received are one paper.
-- Grain: one row per listing of a paper in a document: gathered records, links of runs, curated works.
-- Method: by arXiv id (no version), by DOI (10.48550/arxiv.X is arXiv id X), then by title and year (clean/paper_keys).
-- Caveat: a later document may show two papers to be one; the earlier-minted paper_id stays, the other leads to it.
select
    paper_listings.source,
    paper_listings.document_id,
    paper_listings.row_number,
    paper_keys.paper_id,
from clean.paper_listings
join clean.paper_keys on paper_keys.alias = paper_listings.paper_key
order by paper_listings.source, paper_listings.document_id, paper_listings.row_number
