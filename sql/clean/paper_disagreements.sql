-- Where sources, or two records of one source, state different things of one paper.
-- Grain: one row per paper, quantity and pair of contradicting statements.
-- Method: titles differ by title_key, years and identifiers at all, dates by more than assumptions/thresholds.csv allows.
-- Caveat: the statement of higher precedence stands first; arXiv's own DOIs contradict no journal's DOI.
with

limits as (
    select max(limit_value) filter (where threshold = 'paper_date_days') as days,
    from assumptions.thresholds
),

facts as (
    select
        paper_id,
        quantity,
        source,
        value_text,
    from clean.paper_facts
    where
        quantity in ('title', 'year', 'first_version_on', 'journal_published_on', 'doi', 'arxiv_id')
        and not (quantity = 'doi' and is_arxiv_doi(value_text))
),

-- Most papers are stated alike everywhere; only the others are compared.
contested as (
    select
        paper_id,
        quantity,
    from facts
    group by all
    having count(distinct value_text) > 1
),

statements as (
    select
        facts.paper_id,
        facts.quantity,
        facts.source,
        source_precedence.precedence,
        case facts.quantity
            when 'title' then title_key(facts.value_text)
            when 'doi' then doi_key(facts.value_text)
            when 'arxiv_id' then arxiv_key(facts.value_text)
            else facts.value_text
        end as compared,
        min(facts.value_text) as value_text,
        min(case when facts.quantity like '%\_on' escape '\' then facts.value_text end)::date as day,
    from facts
    semi join contested using (paper_id, quantity)
    join assumptions.source_precedence using (source)
    group by all
)

select
    one.paper_id,
    one.quantity,
    one.source,
    one.value_text,
    other.source as other_source,
    other.value_text as other_value_text,
from statements as one
join statements as other using (paper_id, quantity)
cross join limits
where
    (one.precedence < other.precedence or (one.precedence = other.precedence and one.compared < other.compared))
    and one.compared <> other.compared
    and (one.day is null or abs(one.day - other.day) > limits.days)
order by one.paper_id, one.quantity, one.source, one.value_text, other_source, other_value_text
