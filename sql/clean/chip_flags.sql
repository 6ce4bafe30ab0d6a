-- Figures of specification pages that are not believed: they contradict what is known, or nothing proves them.
-- Grain: one row per reading.
-- Method: rows of clean.chip_comparisons that come from a page and are no agreement, rounding or binary unit.
-- Caveat: a flagged figure stays in clean.chip_facts as an observation and never reaches clean.chips.
select
    comparisons.chip_id,
    comparisons.quantity,
    comparisons.value,
    comparisons.known_source,
    comparisons.known_value,
    comparisons.value_over_known,
    comparisons.verdict,
    comparisons.explanation,
    comparisons.source,
    comparisons.document_id,
    comparisons.row_number,
    readings.table_number,
    readings.row_label,
    readings.column_label,
    readings.cell_text,
from clean.chip_comparisons as comparisons
join clean.spec_readings as readings using (source, document_id, row_number)
where comparisons.verdict not in ('agrees', 'rounded', 'binary units')
order by comparisons.chip_id, comparisons.quantity, comparisons.source, comparisons.document_id, comparisons.row_number
