-- A figure of clean.chips that no believed fact of the chip states: all that state it are flagged.
-- On failure: stop
with

shown as (
    unpivot (
        select
            chip_id,
            columns('^(peak_|memory_|tdp_watts|launch_price_usd|process_nm)'),
        from clean.chips
    )
    on columns(* exclude (chip_id))
    into name quantity value value
)

select
    shown.chip_id,
    shown.quantity,
    shown.value,
from shown
anti join (
    select
        chip_facts.chip_id,
        chip_facts.quantity,
        chip_facts.value,
    from clean.chip_facts
    anti join clean.chip_flags using (source, document_id, row_number, quantity)
) as believed using (chip_id, quantity, value)
