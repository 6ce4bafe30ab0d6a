-- Prices of chips: purchase and cloud rental.
-- Grain: one row per price and kind.
-- Method: one row a filled price cell of Epoch's price table, named by chip through assumptions/chip_names.csv.
-- Caveat: dollars of the day; chip_id is empty where the name is no known chip.
with

kinds as (
    unpivot (
        select
            document_id,
            row_number,
            price_on_demand_usd as on_demand,
            price_commit_1_year_usd as commit_1_year,
            price_commit_3_years_usd as commit_3_years,
            price_purchase_usd as purchase,
        from raw.epoch_prices
    )
    on columns(* exclude (document_id, row_number))
    into name price_kind value price_usd
)

select
    coalesce(chip_names.chip_id, chips.chip_id) as chip_id,
    prices.chip_name,
    prices.priced_on,
    prices.price_vendor,
    kinds.price_kind,
    kinds.price_usd,
    prices.price_location,
    prices.price_source,
    prices.note,
    kinds.document_id,
    kinds.row_number,
from kinds
join raw.epoch_prices as prices using (document_id, row_number)
left join assumptions.chip_names on chip_names.spelling = name_key(prices.chip_name)
left join clean.chips on chips.chip_id = slug(prices.chip_name)
order by kinds.document_id, kinds.row_number, kinds.price_kind
