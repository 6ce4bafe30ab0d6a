-- A paper with two arXiv ids: one DOI or record ties them together, and one of the two may be wrong.
-- On failure: warn
select
    paper_id,
    string_agg(alias, ' ' order by alias) as arxiv_ids,
from clean.paper_aliases
where starts_with(alias, 'arxiv:') and alias = arxiv_key(alias[7:])
group by paper_id
having count(*) > 1
