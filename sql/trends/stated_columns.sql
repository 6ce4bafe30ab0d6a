-- The columns each source fills in the version before and now: what tells a cell emptied from a column that is gone.
-- Grain: one row per table, source and column.
-- Method: any cell counts; of notability and kind of chip the words that stand in them too, and the document if it is one.
-- Caveat: a column without a single cell is as good as gone; facts read out of words are left out.
with

facts as (
    select
        'earlier' as edition,
        'clean.run_facts' as table_name,
        source,
        quantity,
        value_text,
        document_id,
    from earlier.clean.run_facts
    where how <> 'text'

    union all

    select
        'now' as edition,
        'clean.run_facts' as table_name,
        source,
        quantity,
        value_text,
        document_id,
    from clean.run_facts
    where how <> 'text'

    union all

    select
        'earlier' as edition,
        'clean.chip_facts' as table_name,
        source,
        quantity,
        value_text,
        document_id,
    from earlier.clean.chip_facts

    union all

    select
        'now' as edition,
        'clean.chip_facts' as table_name,
        source,
        quantity,
        value_text,
        document_id,
    from clean.chip_facts

    union all

    select
        'earlier' as edition,
        'clean.paper_facts' as table_name,
        source,
        quantity,
        null as value_text,
        document_id,
    from earlier.clean.paper_facts

    union all

    select
        'now' as edition,
        'clean.paper_facts' as table_name,
        source,
        quantity,
        null as value_text,
        document_id,
    from clean.paper_facts

    union all

    select
        'earlier' as edition,
        'clean.chip_prices' as table_name,
        'epoch' as source,
        'price_usd' as quantity,
        null as value_text,
        document_id,
    from earlier.clean.chip_prices

    union all

    select
        'now' as edition,
        'clean.chip_prices' as table_name,
        'epoch' as source,
        'price_usd' as quantity,
        null as value_text,
        document_id,
    from clean.chip_prices
),

words as (
    select
        edition,
        table_name,
        source,
        quantity,
        if(quantity in ('is_notable', 'chip_kind'), value_text, null) as word,
        document_id,
    from facts
    where exists (from earlier.main.steps)
    group by all
)

select
    table_name,
    source,
    quantity as column_name,
    bool_or(edition = 'earlier') as is_in_earlier,
    bool_or(edition = 'now') as is_in_now,
    array_to_string(list_sort(list(distinct word) filter (where edition = 'earlier')), ';') as old_value,
    array_to_string(list_sort(list(distinct word) filter (where edition = 'now')), ';') as new_value,
    case
        when count(distinct document_id) filter (where edition = 'now') = 1
            then max(document_id) filter (where edition = 'now')
    end as new_document_id,
from words
group by table_name, source, quantity
order by table_name, source, column_name
