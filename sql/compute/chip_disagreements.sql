-- Figures of one chip that differ between sources by more than they round, each with why.
-- Grain: one row per figure of the lesser source; other_source and other_value are what is believed instead.
-- Method: rows of clean.chip_comparisons that do not agree; cited reasons of assumptions come before computed ones.
-- Caveat: an empty explanation is a difference nobody has looked into.
select
    comparisons.chip_id,
    comparisons.quantity,
    comparisons.source,
    comparisons.value,
    comparisons.known_source as other_source,
    comparisons.known_value as other_value,
    comparisons.value_over_known as value_over_other,
    comparisons.verdict,
    coalesce(reasons.reason, comparisons.explanation) as explanation,
    reasons.reference,
    comparisons.document_id,
    comparisons.row_number,
from clean.chip_comparisons as comparisons
left join assumptions.thresholds on thresholds.threshold = 'chip_figures_agree'
left join assumptions.chip_differences as reasons
    on reasons.chip_id = comparisons.chip_id
    and reasons.quantity = comparisons.quantity
    and reasons.source = comparisons.source
    and figures_agree(reasons.value, comparisons.value, thresholds.limit_value)
where comparisons.verdict <> 'agrees' and comparisons.known_value is not null
-- Of several reasons for nearly the same figure the nearest.
qualify
    row_number() over (
        partition by comparisons.source, comparisons.document_id, comparisons.row_number, comparisons.quantity
        order by abs(reasons.value - comparisons.value)
    ) = 1
order by comparisons.chip_id, comparisons.quantity, comparisons.source, comparisons.document_id, comparisons.row_number
