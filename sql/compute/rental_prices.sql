-- What an hour of a chip costs in a cloud under a commitment of three years.
-- Grain: one row per price of a chip in a cloud.
-- Method: the price as it stands, others by the vendor's discounts in assumptions/cloud_vendors.csv (formulas.sql).
-- Caveat: prices on demand or for a year serve only where the vendor's discounts are known; dollars of the day.
with

prices as (
    select
        chip_prices.chip_id,
        coalesce(price_families.chip_family, chip_prices.chip_id) as chip_family,
        chip_prices.price_vendor,
        chip_prices.priced_on,
        chip_prices.price_kind,
        chip_prices.price_usd,
        three_year_price_usd(
            chip_prices.price_usd,
            chip_prices.price_kind,
            cloud_vendors.discount_1_year_share,
            cloud_vendors.discount_3_years_share
        ) as rental_price_usd,
        cloud_vendors.precedence,
        chip_prices.document_id,
        chip_prices.row_number,
    from clean.chip_prices
    left join assumptions.price_families using (chip_id)
    left join assumptions.cloud_vendors using (price_vendor)
    where chip_prices.price_kind <> 'purchase' and chip_prices.chip_id is not null
)

select
    chip_id,
    chip_family,
    price_vendor,
    priced_on,
    price_kind,
    price_usd,
    rental_price_usd,
    precedence,
    document_id,
    row_number,
from prices
where rental_price_usd > 0 and priced_on is not null and price_vendor is not null
order by chip_id, document_id, row_number, price_kind
