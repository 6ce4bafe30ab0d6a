-- What the cells of specification tables say, one source like the other.
-- Grain: one row per reading: a figure of a cell, or a cell without one.
-- Method: one union line a source; readings of one chip's row or column are a listing, known by its first reading.
-- Caveat: as the page claims it: slips and unmarked sparsity included; clean.chip_flags says which.
with

pages as (
    select
        'nvidia_chips' as source,
        'NVIDIA' as vendor,
        *,
    from raw.nvidia_chips
    union all by name
    select
        'amd_chips' as source,
        'AMD' as vendor,
        *,
    from raw.amd_chips
    union all by name
    select
        'cloud_tpu_chips' as source,
        'Google' as vendor,
        *,
    from raw.cloud_tpu_chips
    union all by name
    select
        'wikipedia_chips' as source,
        null as vendor,
        *,
    from raw.wikipedia_chips
),

-- A cell that holds two figures gives two readings with the same labels, one after the other.
cells as (
    select
        *,
        coalesce(
            (table_number, row_label, column_label, cell_text)
            is distinct from lag((table_number, row_label, column_label, cell_text)) over (
                partition by source, document_id, chip_name
                order by row_number
            ),
            true
        ) as is_new_cell,
    from pages
),

-- The same labels again under one name are another chip of that name: the 80 GB card below the 40 GB card.
listed as (
    select
        *,
        sum(is_new_cell::integer) over (
            partition by source, document_id, chip_name, table_number, row_label, column_label
            order by row_number
        ) as listing,
    from cells
)

select
    source,
    document_id,
    row_number,
    min(row_number) over (partition by source, document_id, chip_name, listing) as subject_row_number,
    vendor,
    trim(chip_name) as chip_name,
    table_number,
    table_title,
    row_label,
    column_label,
    cell_text,
    quantity,
    value,
    unit,
    sparsity,
    note,
from listed
order by source, document_id, row_number
