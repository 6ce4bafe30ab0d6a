-- Everything the sources in force state of papers.
-- Grain: one row per paper, quantity and place where it is stated.
-- Method: the facts of each source, one union line a source.
-- Caveat: sources may contradict each other here; clean.papers chooses, clean.paper_disagreements lists what differs.
with

facts as (
    from clean.arxiv_facts
    union all by name
    from clean.crossref_facts
    union all by name
    from clean.openalex_facts
    union all by name
    from clean.semantic_scholar_facts
)

select
    paper_id,
    quantity,
    value,
    value_text,
    unit,
    source,
    source_id,
    where_in_source,
    checked_against,
    document_id,
    row_number,
    column_name,
    quote,
    how,
    as_of_on,
from facts
order by source, document_id, row_number, quantity
