-- Which paper each identifier ever seen leads to.
-- Grain: one row per identifier.
-- Method: identifiers of one listing are one paper; so are equal titles of adjoining years where no identifier contradicts.
-- Caveat: the first-seen key mints paper_id; a title that two papers share joins no paper from that document on.
with

limits as (
    select max(limit_value) filter (where threshold = 'paper_title_years') as years,
    from assumptions.thresholds
),

-- Titles under which more than one key is listed.
titles as (
    select title_key
    from clean.paper_listings
    where year is not null
    group by title_key
    having min(paper_key) <> max(paper_key)
),

-- Two years are adjoining where a span holds both.
spans as (
    select
        listings.paper_key,
        listings.title_key || ' ' || unnest(range(listings.year - limits.years::bigint, listings.year + 1)) as span,
        listings.archive_order as seen_at,
    from clean.paper_listings as listings
    semi join titles using (title_key)
    cross join limits
),

-- What a listing ties to its key: itself, its other identifiers, and the spans its title falls into.
ties as (
    select
        paper_key,
        other_key,
        min(seen_at) as seen_at,
        false as by_title,
    from (
        select
            paper_key,
            unnest([paper_key, arxiv_key, doi_key, link_key]) as other_key,
            archive_order as seen_at,
        from clean.paper_listings
    )
    where other_key is not null
    group by all

    union all

    select
        paper_key,
        span as other_key,
        min(seen_at) as seen_at,
        true as by_title,
    from spans
    where span is not null
    group by all
),

-- Most keys belong to one listed paper; the others are where papers may be joined.
joints as (
    select other_key
    from ties
    group by other_key
    having min(paper_key) <> max(paper_key)
),

bridges as (
    select
        ties.paper_key as one,
        ties.other_key as other,
        ties.seen_at,
        case when ties.by_title then ties.other_key end as span,
    from ties
    semi join joints using (other_key)
    where ties.paper_key <> ties.other_key
),

steps as (
    from bridges

    union all by name

    select
        other as one,
        one as other,
        seen_at,
        span,
    from bridges
),

-- Everything that identifiers and titles together could join: the least key names the cluster.
clusters as (
    with recursive reached as (
        select distinct
            one as node,
            one as cluster,
        from steps

        union

        select
            steps.other as node,
            min(reached.cluster) as cluster,
        from reached
        join steps on steps.one = reached.node
        where reached.cluster < steps.other
        group by steps.other
    )

    select
        node,
        min(cluster) as cluster,
    from reached
    group by node
),

-- Identifiers of which one paper has one: its arXiv id, its DOI, its address among the curated works of one edition.
identifiers as (
    select
        paper_key,
        other_key as identifier,
        seen_at,
        split_part(other_key, ':', 1) as kind,
    from ties
    where not by_title and (starts_with(other_key, 'arxiv:') or starts_with(other_key, 'doi:'))

    union all

    select
        paper_key,
        paper_key as identifier,
        archive_order as seen_at,
        document_id as kind,
    from clean.paper_listings
    where source = 'curated'
),

contested as (
    select cluster
    from (
        select distinct
            clusters.cluster,
            identifiers.kind,
            identifiers.identifier,
        from identifiers
        join clusters on clusters.node = identifiers.paper_key
    )
    where cluster in (select cluster from clusters join bridges on bridges.one = clusters.node where bridges.span is not null)
    group by cluster, kind
    having count(*) > 1
),

contested_steps as (
    select steps.*
    from steps
    join clusters on clusters.node = steps.one
    where clusters.cluster in (select cluster from contested)
),

-- Since which document a span of a contested title could be joined with each key.
spreading as (
    with recursive reached as (
        select
            span,
            one as node,
            seen_at,
        from contested_steps
        where span = other

        union

        select
            reached.span,
            steps.other as node,
            min(greatest(reached.seen_at, steps.seen_at)) as seen_at,
        from reached
        join contested_steps as steps on steps.one = reached.node
        group by all
    )

    select
        span,
        node,
        min(seen_at) as seen_at,
    from reached
    group by all
),

-- A span joins nothing from the document on that shows a second paper under it.
closings as (
    select
        span,
        min(known_at) as closed_at,
    from (
        select
            span,
            known_at,
            row_number() over (partition by span, kind order by known_at) as place,
        from (
            select
                spreading.span,
                identifiers.kind,
                identifiers.identifier,
                min(greatest(spreading.seen_at, identifiers.seen_at)) as known_at,
            from spreading
            join identifiers on identifiers.paper_key = spreading.node
            group by all
        )
    )
    where place = 2
    group by span
),

open_steps as (
    select
        steps.one,
        steps.other,
    from contested_steps as steps
    left join closings using (span)
    where closings.closed_at is null or steps.seen_at < closings.closed_at
),

groups as (
    with recursive reached as (
        select distinct
            one as node,
            one as cluster,
        from contested_steps

        union

        select
            steps.other as node,
            min(reached.cluster) as cluster,
        from reached
        join open_steps as steps on steps.one = reached.node
        where reached.cluster < steps.other
        group by steps.other
    )

    select
        node,
        min(cluster) as cluster,
    from reached
    group by node
),

members as (
    select
        ties.other_key,
        ties.paper_key,
        ties.seen_at,
        coalesce(groups.cluster, clusters.cluster, ties.paper_key) as cluster,
    from ties
    left join clusters on clusters.node = ties.paper_key
    left join groups on groups.node = ties.paper_key
    where not ties.by_title
),

-- Of two keys first seen in one document the arXiv id counts before the DOI, and that before an address or own id.
minted as (
    select
        cluster,
        arg_min(
            paper_key,
            {
                'seen_at': seen_at,
                'kind': case split_part(paper_key, ':', 1)
                    when 'arxiv' then 1
                    when 'doi' then 2
                    when 'url' then 3
                    when 'listing' then 5
                    else 4
                end,
                'paper_key': paper_key
            }
        ) as paper_id,
    from members
    where paper_key = other_key
    group by cluster
)

select distinct
    members.other_key as alias,
    minted.paper_id,
from members
join minted using (cluster)
order by alias
