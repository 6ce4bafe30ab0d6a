-- Papers and announcements: those behind the runs of this version and those gathered from its paper sources.
-- Grain: one row per paper.
-- Method: each word from the source of highest precedence, its newest document first; retracted if any source says so.
-- Caveat: the words of a run's source title a paper only where no paper source has it; arXiv's own DOIs are not shown.
with

-- The documents in the order in which they are believed.
documents as (
    select distinct
        source,
        document_id,
        dense_rank() over (order by source_precedence.precedence, as_of_on desc, document_id) as place,
    from raw.documents
    join assumptions.source_precedence using (source)
    where documents.is_in_force
),

-- A place is one number, document before row.
facts as (
    select
        paper_facts.paper_id,
        paper_facts.quantity,
        paper_facts.value_text,
        source,
        documents.place * 10000000000 + paper_facts.row_number as place,
    from clean.paper_facts
    join documents using (source, document_id)
    where
        paper_facts.quantity in (
            'title', 'authors', 'organisations', 'first_version_on', 'journal_published_on', 'arxiv_id', 'doi', 'journal',
            'is_retracted'
        )
),

gathered as (
    select
        paper_id,
        arg_min(value_text, place) filter (where quantity = 'title') as title,
        arg_min(source, place) filter (where quantity = 'title') as source,
        arg_min(value_text, place) filter (where quantity = 'authors') as authors,
        arg_min(value_text, place) filter (where quantity = 'organisations') as organisations,
        arg_min(value_text, place) filter (where quantity = 'first_version_on') as first_version_on,
        arg_min(value_text, place) filter (where quantity = 'journal_published_on') as journal_published_on,
        arg_min(value_text, place) filter (where quantity = 'arxiv_id') as arxiv_id,
        arg_min(value_text, place) filter (where quantity = 'doi' and not is_arxiv_doi(value_text)) as doi,
        arg_min(value_text, place) filter (where quantity = 'journal') as journal,
        bool_or(value_text = 'true') filter (where quantity = 'is_retracted') as is_retracted,
    from facts
    group by paper_id
),

citations as (
    select
        paper_citations.paper_id,
        arg_max(
            paper_citations.citations,
            { 'believed': -source_precedence.precedence, 'counted_on': paper_citations.counted_on }
        ) as citations,
    from clean.paper_citations
    join assumptions.source_precedence using (source)
    group by paper_citations.paper_id
),

curated as (
    select
        paper_keys.paper_id,
        min(sources.title) as title,
        min(sources.url) as url,
    from clean.sources
    join clean.paper_keys on paper_keys.alias = paper_key(sources.url)
    group by all
),

stated as (
    select
        run_id,
        min(value_text) filter (where quantity = 'reference') as reference,
        arg_min(source, value_text) filter (where quantity = 'reference') as source,
        min(value_text) filter (where quantity = 'paper_link') as paper_link,
    from clean.run_facts
    where quantity in ('reference', 'paper_link')
    group by all
),

of_runs as (
    select
        runs.paper_id,
        min(stated.reference) as reference,
        arg_min(stated.source, stated.reference) as source,
        min(regexp_extract(trim(stated.paper_link), '^\S+')) as url,
        min(runs.published_on) as published_on,
        count(*) as runs,
    from clean.runs
    left join stated using (run_id)
    where runs.paper_id is not null
    group by runs.paper_id
),

-- A record that says no more than its own id is a paper too.
listed as (
    select distinct paper_identities.paper_id
    from clean.paper_identities
    join raw.documents using (source, document_id)
    semi join raw.paper_sightings as gathering
        on gathering.source = paper_identities.source and gathering.source <> 'curated'
    where documents.is_in_force
),

papers as (
    select
        paper_id,
        coalesce(curated.title, gathered.title, of_runs.reference) as title,
        case
            when curated.title is not null then 'curated'
            when gathered.title is not null then gathered.source
            else of_runs.source
        end as source,
        coalesce(curated.url, of_runs.url) as url,
        of_runs.published_on,
        coalesce(of_runs.runs, 0) as runs,
        gathered.authors,
        gathered.organisations,
        gathered.first_version_on,
        gathered.journal_published_on,
        coalesce(gathered.arxiv_id, case when starts_with(paper_id, 'arxiv:') then paper_id[7:] end) as arxiv_id,
        coalesce(
            gathered.doi,
            case when starts_with(paper_id, 'doi:') and not is_arxiv_doi(paper_id[5:]) then paper_id[5:] end
        ) as doi,
        gathered.journal,
        citations.citations,
        gathered.is_retracted,
    from of_runs
    full join listed using (paper_id)
    full join gathered using (paper_id)
    left join curated using (paper_id)
    left join citations using (paper_id)
)

select
    papers.paper_id,
    papers.title,
    coalesce(
        papers.url,
        'https://arxiv.org/abs/' || papers.arxiv_id,
        'https://doi.org/' || papers.doi
    ) as url,
    papers.published_on,
    papers.runs,
    papers.authors,
    papers.organisations,
    papers.first_version_on::date as first_version_on,
    papers.journal_published_on::date as journal_published_on,
    papers.arxiv_id,
    papers.doi,
    papers.journal,
    papers.citations,
    papers.is_retracted,
    abouts.licence as metadata_licence,
    papers.source,
from papers
left join raw.abouts using (source)
order by papers.paper_id
