-- What sources state otherwise than in the version before: cells of then, of its documents by today's code, and of now.
-- Grain: one row per edition, table, row, source, column and place, of rows that are not the same to the letter.
-- Method: facts of runs, chips and papers of runs, and prices; assumptions/revision_exceptions.csv leaves columns out.
-- Caveat: facts read out of words are left out; the edition recast is there only where code or profile changed.
with

steps as (
    from earlier.main.steps
),

run_facts as (
    select
        'earlier' as edition,
        *,
    from earlier.clean.run_facts

    union all by name

    select
        'recast' as edition,
        *,
    from recast.clean.run_facts
    where (select is_recast from steps)

    union all by name

    select
        'now' as edition,
        *,
    from clean.run_facts
),

chip_facts as (
    select
        'earlier' as edition,
        *,
    from earlier.clean.chip_facts

    union all by name

    select
        'recast' as edition,
        *,
    from recast.clean.chip_facts
    where (select is_recast from steps)

    union all by name

    select
        'now' as edition,
        *,
    from clean.chip_facts
),

paper_facts as (
    select
        'earlier' as edition,
        *,
    from earlier.clean.paper_facts

    union all by name

    select
        'recast' as edition,
        *,
    from recast.clean.paper_facts
    where (select is_recast from steps)

    union all by name

    select
        'now' as edition,
        *,
    from clean.paper_facts
),

papers_of_runs as (
    select paper_id
    from earlier.clean.papers
    where runs > 0

    union

    select paper_id
    from clean.papers
    where runs > 0
),

chip_prices as (
    select
        'earlier' as edition,
        *,
    from earlier.clean.chip_prices

    union all by name

    select
        'recast' as edition,
        *,
    from recast.clean.chip_prices
    where (select is_recast from steps)

    union all by name

    select
        'now' as edition,
        *,
    from clean.chip_prices
),

cells as not materialized (
    select
        edition,
        'clean.run_facts' as table_name,
        run_id as row_id,
        source,
        quantity as column_name,
        value,
        value_text,
        unit,
        document_id,
        row_number,
    from run_facts
    where how <> 'text'

    union all

    select
        edition,
        'clean.chip_facts' as table_name,
        chip_id as row_id,
        source,
        quantity as column_name,
        value,
        value_text,
        unit,
        document_id,
        row_number,
    from chip_facts

    union all

    select
        edition,
        'clean.paper_facts' as table_name,
        paper_id as row_id,
        source,
        quantity as column_name,
        value,
        value_text,
        unit,
        document_id,
        row_number,
    from paper_facts
    where paper_id in (select paper_id from papers_of_runs)

    union all

    select
        edition,
        'clean.chip_prices' as table_name,
        concat_ws(' | ', chip_name, priced_on, price_vendor, price_kind, price_location, price_source) as row_id,
        'epoch' as source,
        'price_usd' as column_name,
        price_usd as value,
        null as value_text,
        'USD' as unit,
        document_id,
        row_number,
    from chip_prices
),

told as not materialized (
    from cells
    where
        column_name not in (select quantity from assumptions.revision_exceptions where other_quantity is null)
        and exists (from steps)
),

touched as (
    select
        table_name,
        row_id,
        source,
    from told
    where edition <> 'recast'
    group by table_name, row_id, source
    having
        coalesce(sum(hash(column_name, value, value_text)) filter (where edition = 'earlier'), 0)
        <> coalesce(sum(hash(column_name, value, value_text)) filter (where edition = 'now'), 0)
)

select
    edition,
    table_name,
    row_id,
    source,
    column_name,
    value,
    value_text,
    unit,
    document_id,
    row_number,
from told
semi join touched using (table_name, row_id, source)
order by edition, table_name, row_id, source, column_name, document_id, row_number
