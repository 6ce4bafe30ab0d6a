-- The training runs of this version: who made them, when, of what kind.
-- Grain: one row per training run.
-- Method: each word from the source of highest precedence that states it; the name is the first one ever seen.
-- Caveat: a run is excluded if any source in force excludes it.
with

-- The documents in the order in which they are believed.
documents as (
    select
        source,
        document_id,
        as_of_on,
        row_number() over (order by source_precedence.precedence, as_of_on desc, document_id) as place,
    from (select distinct source, document_id, as_of_on from clean.run_facts)
    join assumptions.source_precedence using (source)
),

-- A place is one number, document before row.
facts as (
    select
        run_facts.run_id,
        run_facts.quantity,
        run_facts.value_text,
        source,
        document_id,
        run_facts.row_number,
        documents.place * 10000000000 + run_facts.row_number as place,
    from clean.run_facts
    join documents using (source, document_id, as_of_on)
    where
        run_facts.quantity in (
            'run_name', 'published_on', 'organisations', 'countries', 'organisation_type', 'domain', 'openness',
            'is_notable', 'is_frontier_by_source', 'compute_scope', 'base_run_name', 'paper_link', 'run_kind'
        )
),

chosen as (
    select
        run_id,
        arg_min_null(value_text, place) filter (where quantity = 'run_kind') as run_kind,
        arg_min_null(value_text, place) filter (where quantity = 'published_on') as published_on,
        arg_min_null(value_text, place) filter (where quantity = 'organisations') as organisations,
        arg_min_null(value_text, place) filter (where quantity = 'countries') as countries,
        arg_min_null(value_text, place) filter (where quantity = 'organisation_type') as organisation_type,
        arg_min_null(value_text, place) filter (where quantity = 'domain') as domain,
        arg_min_null(value_text, place) filter (where quantity = 'openness') as openness,
        arg_min_null(value_text, place) filter (where quantity = 'is_notable') as is_notable,
        arg_min_null(value_text, place) filter (where quantity = 'is_frontier_by_source') as is_frontier_by_source,
        arg_min_null(value_text, place) filter (where quantity = 'compute_scope') as compute_scope,
        arg_min_null(value_text, place) filter (where quantity = 'base_run_name') as base_run_name,
        arg_min_null(value_text, place) filter (where quantity = 'paper_link') as paper_link,
        arg_min_null(source, place) filter (where quantity = 'run_name') as source,
        arg_min_null(document_id, place) filter (where quantity = 'run_name') as document_id,
        arg_min_null(row_number, place) filter (where quantity = 'run_name') as row_number,
    from facts
    group by run_id
),

-- Keys of links and names, each worked out once.
keyed as materialized (
    select
        run_id,
        paper_key(paper_link) as paper_key,
        name_key(base_run_name) as base_name_key,
    from chosen
),

excluded as (
    select distinct run_id
    from clean.run_facts
    where quantity = 'is_excluded_by_source' and value_text = 'true'
),

names as materialized (
    select
        run_id,
        run_name,
        name_key(run_name) as name_key,
    from clean.known_runs
),

-- A base run is named by its run_id in curated facts and by its name elsewhere.
bases as (
    select
        chosen.run_id,
        min(coalesce(by_id.run_id, by_name.run_id)) as base_run_id,
    from chosen
    join keyed using (run_id)
    left join names as by_id on by_id.run_id = chosen.base_run_name
    left join names as by_name on by_name.name_key = keyed.base_name_key
    where chosen.base_run_name is not null
    group by chosen.run_id
)

select
    chosen.run_id,
    names.run_name,
    coalesce(chosen.run_kind, 'training') as run_kind,
    chosen.published_on::date as published_on,
    chosen.organisations,
    chosen.countries,
    chosen.organisation_type,
    chosen.domain,
    chosen.openness,
    chosen.is_notable::boolean as is_notable,
    chosen.is_frontier_by_source::boolean as is_frontier_by_source,
    excluded.run_id is not null as is_excluded_by_source,
    coalesce(chosen.compute_scope, 'final_run') as compute_scope,
    case when bases.base_run_id in (select run_id from chosen) then bases.base_run_id end as base_run_id,
    chosen.base_run_name,
    coalesce(paper_keys.paper_id, keyed.paper_key) as paper_id,
    chosen.source,
    chosen.document_id,
    chosen.row_number,
from chosen
join names using (run_id)
join keyed using (run_id)
left join bases using (run_id)
left join excluded using (run_id)
left join clean.paper_keys on paper_keys.alias = keyed.paper_key
order by chosen.run_id
