-- A quantity named by quantity_kin or chip_differences that the vocabulary of chips lacks.
-- On failure: stop
with

named as (
    select quantity from assumptions.quantity_kin
    union
    select other_quantity from assumptions.quantity_kin
    union
    select quantity from assumptions.chip_differences
)

select quantity
from named
where quantity not in (select quantity from raw.quantities where subject = 'chip')
