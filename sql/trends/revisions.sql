-- What changed from version to version: rows added, removed and renamed, cells of sources, and the figures that follow.
-- Grain: one row per version and thing that changed; those of earlier versions are carried over as they were told.
-- Method: rows matched by identity; ranked by assumptions/revision_classes.csv, then how far times in how many headlines.
-- Caveat: words read out of notes, citations and chips that no run used are not told; recast may be earlier itself.
with

steps as (
    from earlier.main.steps
),

-- A run comes and goes once, whatever number of sources list it; a source that lists a known run too is told apart.
listings as (
    select
        stated_rows.*,
        row_number() over (
            partition by row_id
            order by stated_rows.is_in_earlier = stated_rows.is_in_now, source_precedence.precedence, source
        ) as place,
        row_id in (select run_id from earlier.clean.runs) as is_run_in_earlier,
        row_id in (select run_id from recast.clean.runs) as is_run_in_recast,
        row_id in (select run_id from clean.runs) as is_run_in_now,
    from trends.stated_rows
    left join assumptions.source_precedence using (source)
    where stated_rows.table_name = 'clean.run_facts'
),

used_chips as (
    select chip_id
    from earlier.compute.run_chips

    union

    select chip_id
    from compute.run_chips
),

moved as (
    select
        'clean.runs' as table_name,
        row_id,
        source,
        if(is_run_in_now, 'added', 'removed') as change,
        old_document_id,
        new_document_id,
        is_run_in_earlier <> is_run_in_recast as is_by_code,
        is_run_in_recast <> is_run_in_now as is_by_sources,
    from listings
    where is_run_in_earlier <> is_run_in_now and place = 1

    union all

    select
        table_name,
        row_id,
        source,
        if(is_in_now, 'added', 'removed') as change,
        old_document_id,
        new_document_id,
        is_in_earlier <> is_in_recast as is_by_code,
        is_in_recast <> is_in_now as is_by_sources,
    from trends.stated_rows
    where
        is_in_earlier <> is_in_now
        and case table_name
            when 'clean.run_facts'
                then
                    row_id in (select run_id from earlier.clean.runs)
                    and row_id in (select run_id from clean.runs)
            when 'clean.chip_facts' then row_id in (select chip_id from used_chips)
            else true
        end
),

-- Where all runs of a source are notable now and were not before, its file is a view of them.
sources_of as (
    select
        table_name,
        source,
        bool_or(is_in_earlier) as is_in_earlier,
        bool_or(is_in_now) as is_in_now,
        bool_or(column_name = 'is_notable' and new_value = 'true' and contains(old_value, 'false')) as is_view,
        max(string_split(new_value, ';')) filter (where column_name = 'chip_kind') as chip_kinds,
        max(new_document_id) as document_id,
    from trends.stated_columns
    group by table_name, source
),

marks as (
    select
        table_name,
        row_id,
        source,
        bool_or(column_name = 'is_notable' and value_text = 'true') as is_notable,
        max(value_text) filter (where column_name = 'chip_kind') as chip_kind,
    from trends.stated_cells
    where edition = 'earlier' and column_name in ('is_notable', 'chip_kind')
    group by table_name, row_id, source
),

known_before as (
    select run_id as row_id
    from earlier.clean.known_runs

    union

    select distinct chip_id as row_id
    from earlier.clean.chip_identities
),

-- A chip of a kind that the source's file holds none of now is outside what that file shows.
placed as (
    select
        moved.*,
        coalesce(moved.new_document_id, sources_of.document_id) as document_now,
        case
            when moved.change = 'removed' and not sources_of.is_in_now then 'source left out'
            when moved.change = 'removed' and sources_of.is_view and not coalesce(marks.is_notable, false)
                then 'outside the view'
            when moved.change = 'removed' and not list_contains(sources_of.chip_kinds, marks.chip_kind)
                then 'outside the view'
            when moved.change = 'removed' then 'deleted'
            when not sources_of.is_in_earlier then 'source taken in'
            when known_before.row_id is not null then 'returned'
            else 'new'
        end as circumstance,
    from moved
    join sources_of
        on sources_of.source = moved.source
        and sources_of.table_name = if(moved.table_name = 'clean.runs', 'clean.run_facts', moved.table_name)
    left join marks
        on marks.source = moved.source and marks.row_id = moved.row_id
        and marks.table_name = if(moved.table_name = 'clean.runs', 'clean.run_facts', moved.table_name)
    left join known_before on known_before.row_id = moved.row_id
),

run_names as (
    select
        run_id,
        run_name,
    from clean.runs

    union all

    select
        run_id,
        run_name,
    from earlier.clean.runs
    anti join clean.runs using (run_id)
),

told as (
    select
        placed.table_name,
        placed.row_id,
        null as column_name,
        placed.source,
        placed.change,
        if(placed.change = 'removed', coalesce(run_names.run_name, placed.row_id), null) as old_value,
        if(placed.change = 'added', coalesce(run_names.run_name, placed.row_id), null) as new_value,
        null::double as old_number,
        null::double as new_number,
        null as unit,
        false as is_derived,
        revision_cause(placed.is_by_code, placed.is_by_sources) as revision_cause,
        placed.circumstance,
        placed.old_document_id,
        placed.document_now as new_document_id,
    from placed
    left join run_names on run_names.run_id = placed.row_id

    union all by name

    select
        *,
        false as is_derived,
    from trends.revised_cells

    union all by name

    select
        *,
        true as is_derived,
    from trends.revised_figures
),

headline_runs as (
    select
        run_id,
        count(*) as headlines,
    from (
        select
            run_id,
            selection,
        from compute.run_selections

        union

        select
            run_id,
            selection,
        from earlier.compute.run_selections
    )
    semi join assumptions.headlines using (selection)
    group by run_id
),

classes as (
    select
        told.*,
        run_names.run_id,
        run_names.run_name,
        new_over_old(told.old_number, told.new_number) as factor,
        if(run_names.run_id is null, 1, coalesce(headline_runs.headlines, 0)) as headlines,
        min(revision_classes.revision_class) as revision_class,
    from told
    left join run_names
        on run_names.run_id = told.row_id
        and told.table_name in ('clean.runs', 'clean.run_facts', 'compute.training_runs', 'compute.run_costs', 'trends.frontier')
    left join headline_runs using (run_id)
    join assumptions.revision_classes
        on revision_classes.table_name in (told.table_name, 'any')
        and revision_classes.column_name in (told.column_name, 'any')
        and revision_classes.change in (told.change, 'any')
    group by all
),

ranked as (
    select
        steps.version,
        steps.from_version,
        row_number() over (
            order by
                revision_class,
                headlines * coalesce(abs(log10(factor)), 1) desc,
                table_name, row_id, column_name nulls first, source nulls first
        ) as revision_rank,
        classes.*,
    from classes
    cross join steps
),

everything as (
    from earlier.trends.revisions

    union all by name

    select * exclude (headlines, revision_class)
    from ranked
)

select
    version,
    from_version,
    revision_rank,
    table_name,
    row_id,
    column_name,
    run_id,
    run_name,
    source,
    change,
    old_value,
    new_value,
    old_number,
    new_number,
    factor,
    unit,
    is_derived,
    revision_cause,
    circumstance,
    old_document_id,
    new_document_id,
from everything
order by version, revision_rank
