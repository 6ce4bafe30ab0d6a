-- A row of price_families or stand_in_prices whose chip is not in the record.
-- On failure: stop
select
    'price_families' as assumption,
    chip_id,
from assumptions.price_families
where chip_id not in (select chip_id from clean.chips) and exists (select 1 from clean.chips where source = 'curated')

union all

select
    'stand_in_prices' as assumption,
    chip_id,
from assumptions.stand_in_prices
where chip_id not in (select chip_id from clean.chips) and exists (select 1 from clean.chips where source = 'curated')
