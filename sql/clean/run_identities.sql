-- Which rows of all documents ever received are one training run.
-- Grain: one row per listing of a run in a document.
-- Method: same source and name; else same paper within 60 days and 5% of parameters; else assumptions/run_names.csv.
-- Caveat: the first-seen name mints run_id; several candidates are never merged but listed in compute.unresolved_runs.
with

sightings as (
    select
        source,
        document_id,
        archive_order,
        row_number,
        trim(run_name) as run_name,
        name_key(run_name) as name_key,
        stated_run_id,
        paper_key(paper_link) as paper_id,
        published_on,
        parameters,
    from raw.run_sightings
),

-- A name twice in one document is two runs unless date and parameters agree.
variants as (
    select
        *,
        dense_rank() over (
            partition by source, document_id, name_key
            order by first_row
        ) as variant,
    from (
        select
            *,
            min(row_number) over (
                partition by source, document_id, name_key, published_on, parameters
            ) as first_row,
        from sightings
    )
),

listings as (
    select
        source,
        name_key,
        variant,
        min(archive_order * 10000000 + row_number) as seen_at,
        min_by(run_name, archive_order * 10000000 + row_number) as run_name,
        any_value(stated_run_id) as stated_run_id,
        list(distinct document_id) as document_ids,
    from variants
    group by all
),

numbered as (
    select
        listings.*,
        row_number() over (order by seen_at) as listing,
        coalesce(listings.stated_run_id, run_names.run_id) as assigned_run_id,
    from listings
    left join assumptions.run_names
        on run_names.spelling = listings.name_key and listings.source <> 'curated' and listings.variant = 1
),

keyed as (
    select distinct
        numbered.listing,
        numbered.source,
        variants.paper_id,
        variants.published_on,
        variants.parameters,
    from variants
    join numbered using (source, name_key, variant)
),

-- Same paper, close date, close size; the earlier listing is the candidate.
pairs as (
    select distinct
        later.listing as listing,
        earlier.listing as candidate,
        later.source = earlier.source as is_same_source,
    from keyed as later
    join keyed as earlier
        on later.paper_id = earlier.paper_id
        and later.listing > earlier.listing
        and abs(later.published_on - earlier.published_on) <= 60
        and later.parameters between earlier.parameters * 0.95 and earlier.parameters / 0.95
),

-- Two listings of one document are two runs. A join on documents would meet every pair of their rows first.
candidates as (
    select
        pairs.listing,
        pairs.candidate,
    from pairs
    join numbered as one on one.listing = pairs.listing
    join numbered as other on other.listing = pairs.candidate
    where not (pairs.is_same_source and list_has_any(one.document_ids, other.document_ids))
),

-- Several candidates that are not themselves linked leave the listing on its own.
linked as (
    select
        candidates.listing,
        min(candidates.candidate) as parent,
        count(*) as candidates_in_all,
        count(known.candidate) as candidates_of_the_first,
    from candidates
    join (select listing, min(candidate) as first_candidate from candidates group by all) as firsts using (listing)
    left join candidates as known
        on known.listing = candidates.candidate and known.candidate = firsts.first_candidate
    group by all
),

parents as (
    select
        numbered.listing,
        case
            when numbered.assigned_run_id is null and linked.candidates_in_all = linked.candidates_of_the_first + 1
                then linked.parent
        end as parent,
    from numbered
    left join linked using (listing)
),

recursive_roots as (
    with recursive chain as (
        select
            listing,
            listing as root,
        from parents
        where parent is null

        union all

        select
            parents.listing,
            chain.root,
        from parents
        join chain on parents.parent = chain.listing
    )

    select
        listing,
        root,
    from chain
),

slugs as materialized (
    select
        listing,
        seen_at,
        slug(run_name) as slug,
    from numbered
    where assigned_run_id is null and listing in (select root from recursive_roots)
),

-- Two dashes mark a name that was taken: no slug holds them.
minted as (
    select
        listing,
        slug,
        row_number() over (partition by slug order by seen_at)
        + (slug in (select assigned_run_id from numbered where assigned_run_id is not null))::integer as place,
    from slugs
),

named as (
    select
        recursive_roots.listing,
        coalesce(
            roots.assigned_run_id,
            minted.slug || case when minted.place > 1 then '--' || minted.place else '' end
        ) as run_id,
    from recursive_roots
    join numbered as roots on roots.listing = recursive_roots.root
    left join minted on minted.listing = recursive_roots.root
),

first_names as (
    select
        named.run_id,
        min_by(numbered.run_name, numbered.seen_at) as run_name,
    from named
    join numbered using (listing)
    group by all
)

select
    variants.source,
    variants.document_id,
    variants.row_number,
    named.run_id,
    first_names.run_name,
from variants
join numbered using (source, name_key, variant)
join named using (listing)
join first_names using (run_id)
order by variants.source, variants.document_id, variants.row_number
