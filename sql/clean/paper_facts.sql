-- Everything the sources in force state of papers.
-- Grain: one row per paper, quantity and place where it is stated.
-- Method: the facts of each source (one union line a source), with their unit; clean.paper_aliases says which are one paper.
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
    paper_identities.paper_id,
    facts.quantity,
    case when quantities.unit is not null then facts.value_text::double end as value,
    facts.value_text,
    quantities.unit,
    source,
    facts.source_id,
    null::varchar as where_in_source,
    null::varchar as checked_against,
    document_id,
    row_number,
    facts.quantity as column_name,
    null::varchar as quote,
    'column' as how,
    documents.as_of_on,
from facts
join clean.paper_identities using (source, document_id, row_number)
join raw.documents using (source, document_id)
join raw.quantities using (quantity)
order by source, document_id, row_number, facts.quantity
