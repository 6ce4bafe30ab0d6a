-- Every mention of a paper in a document ever received: gathered records, links of runs, curated works.
-- Grain: one row per mention.
-- Method: its identifiers as keys (macros of formulas.sql); paper_key is the arXiv id, else the DOI, else the address or own id.
-- Caveat: a link keeps the key it was published under; a record without any identifier is named by its place in the archive.
with

limits as (
    select max(limit_value) filter (where threshold = 'paper_title_characters') as characters,
    from assumptions.thresholds
),

-- Works of the curated edition in force, unless the listings of all editions are there.
curated as (
    select
        'curated' as source,
        works.document_id,
        documents.archive_order,
        works.row_number,
        works.title,
        works.year,
        works.url as paper_link,
    from raw.curated_sources as works
    join raw.documents on documents.document_id = works.document_id and documents.source = 'curated'
    anti join raw.paper_sightings as known
        on known.source = 'curated'
        and known.document_id = works.document_id
        and known.row_number = works.row_number
),

links as (
    from raw.paper_sightings
    where source = 'curated'

    union all by name

    from curated

    union all by name

    select
        source,
        document_id,
        archive_order,
        row_number,
        paper_link,
    from raw.run_sightings
    where paper_link is not null
),

-- An address is the key; the arXiv id in it, and the id behind arXiv's own DOI, are further keys.
linked as (
    select
        source,
        document_id,
        archive_order,
        row_number,
        title,
        year,
        paper_key(paper_link) as paper_key,
        paper_key(paper_link) as link_key,
    from links
),

gathered as (
    select
        source,
        document_id,
        archive_order,
        row_number,
        title,
        year,
        paper_link,
        arxiv_key(arxiv_id) as stated_key,
        doi_key(doi) as any_key,
    from raw.paper_sightings
    where source <> 'curated'
),

listings as (
    select
        source,
        document_id,
        archive_order,
        row_number,
        title,
        year,
        paper_key,
        case
            when starts_with(link_key, 'arxiv:') then arxiv_key(link_key[7:])
            when starts_with(link_key, 'doi:') and is_arxiv_doi(link_key[5:]) then doi_key(link_key[5:])
        end as arxiv_key,
        case when starts_with(link_key, 'doi:') and not is_arxiv_doi(link_key[5:]) then link_key end as doi_key,
        link_key,
    from linked

    union all by name

    select
        source,
        document_id,
        archive_order,
        row_number,
        title,
        year,
        coalesce(stated_key, case when starts_with(any_key, 'arxiv:') then any_key end) as arxiv_key,
        case when starts_with(any_key, 'doi:') then any_key end as doi_key,
        case
            when contains(paper_link, '/') then paper_key(paper_link)
            when trim(paper_link) <> '' then source || ':' || lower(trim(paper_link))
            when coalesce(stated_key, any_key) is null then 'listing:' || document_id || '-' || row_number
        end as link_key,
    from gathered
),

generic as (
    select title_key(title) as title_key,
    from assumptions.generic_titles
),

titled as (
    select
        * exclude (title, year, paper_key),
        coalesce(paper_key, arxiv_key, doi_key, link_key) as paper_key,
        title_key(title) as title_key,
        coalesce(year, arxiv_year(arxiv_key[7:])) as year,
    from listings
)

select
    source,
    document_id,
    row_number,
    archive_order,
    paper_key,
    arxiv_key,
    doi_key,
    link_key,
    case
        when length(title_key) >= (select characters from limits) and title_key not in (select title_key from generic)
            then title_key
    end as title_key,
    year,
from titled
where paper_key is not null
order by archive_order, source, document_id, row_number
