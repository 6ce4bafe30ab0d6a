-- What each run is to a headline trend before and now: its day, figure and membership, and whether it is there at all.
-- Grain: one row per headline and run that has a figure and is a member in one edition at least.
-- Method: before is the edition recast; where a day or exclusion alone keeps a figure out, the other edition's stands in.
-- Caveat: runs of a published list are there where the list holds them, with their author's day and figure.
with

headlines as (
    select
        metric,
        selection,
        period,
    from assumptions.headlines
    where exists (from earlier.main.steps)
),

figures as (
    select
        'recast' as edition,
        metric,
        run_id,
        selection,
        published_on,
        log10(value) as log10_value,
    from recast.compute.measurements

    union all

    select
        'now' as edition,
        metric,
        run_id,
        selection,
        published_on,
        log10(value) as log10_value,
    from compute.measurements
),

members as (
    select
        'recast' as edition,
        selection,
        run_id,
    from recast.compute.run_selections

    union all

    select
        'now' as edition,
        selection,
        run_id,
    from compute.run_selections
),

runs as (
    select
        'recast' as edition,
        run_id,
        published_on,
    from recast.clean.runs

    union all

    select
        'now' as edition,
        run_id,
        published_on,
    from clean.runs
),

concerned as (
    select distinct
        headlines.metric,
        headlines.selection,
        headlines.period,
        figures.run_id,
        figures.selection <> 'any' as is_listed,
    from headlines
    join figures on figures.metric = headlines.metric and figures.selection in ('any', headlines.selection)
    where
        figures.selection <> 'any'
        or figures.run_id in (select run_id from members where members.selection = headlines.selection)
),

known as (
    select
        concerned.metric,
        concerned.selection,
        concerned.period,
        concerned.run_id,
        editions.edition,
        if(concerned.is_listed, figures.run_id, runs.run_id) is not null as is_there,
        if(concerned.is_listed, figures.published_on, runs.published_on) as published_on,
        if(concerned.is_listed, figures.run_id, members.run_id) is not null as is_member,
        if(concerned.is_listed, figures.run_id, counted.run_id) is not null as is_counted,
        figures.log10_value,
    from concerned
    cross join (select unnest(['recast', 'now']) as edition) as editions
    left join figures
        on figures.edition = editions.edition and figures.metric = concerned.metric
        and figures.run_id = concerned.run_id
        and figures.selection = if(concerned.is_listed, concerned.selection, 'any')
    left join runs on runs.edition = editions.edition and runs.run_id = concerned.run_id
    left join members
        on members.edition = editions.edition and members.run_id = concerned.run_id
        and members.selection = concerned.selection
    left join members as counted
        on counted.edition = editions.edition and counted.run_id = concerned.run_id and counted.selection = 'all'
),

wide as (
    select
        old.metric,
        old.selection,
        old.period,
        old.run_id,
        old.is_there as was_there,
        new.is_there,
        old.published_on as old_published_on,
        new.published_on,
        old.is_member as was_member,
        new.is_member,
        old.log10_value as old_figure,
        new.log10_value as new_figure,
        old.published_on is not null and old.is_counted as was_countable,
        new.published_on is not null and new.is_counted as is_countable,
    from known as old
    join known as new using (metric, selection, period, run_id)
    where old.edition = 'recast' and new.edition = 'now'
)

select
    metric,
    selection,
    period,
    run_id,
    case
        when was_there and is_there then 'both'
        when is_there then 'new'
        else 'removed'
    end as run_standing,
    old_published_on,
    published_on as new_published_on,
    if(old_figure is null and was_there and not was_countable, new_figure, old_figure) as old_log10_value,
    if(new_figure is null and is_there and not is_countable, old_figure, new_figure) as new_log10_value,
    was_member,
    is_member,
from wide
order by metric, selection, period, run_id
