-- What a chip with its part of the server costs to buy, draws at its peak, and since when it can be bought.
-- Grain: one row per GPU or TPU.
-- Method: the earliest price whose note says DGX, else the earliest, of the chip's price family; constants by assumptions.
-- Caveat: without a price table a stand-in or the launch price serves; what others cost to run nobody has published.
with

families as (
    select
        chips.chip_id,
        chips.chip_kind,
        chips.released_on,
        chips.tdp_watts,
        chips.launch_price_usd,
        coalesce(price_families.chip_family, chips.chip_id) as chip_family,
    from clean.chips
    left join assumptions.price_families using (chip_id)
    where chips.chip_kind in ('gpu', 'tpu')
),

-- The narrowest row counts: of the chip, its family, its kind.
chosen as (
    select
        families.chip_id,
        cost_constants.constant,
        arg_min(
            cost_constants.value,
            case cost_constants.applies_to
                when families.chip_id then 1
                when families.chip_family then 2
                else 3
            end
        ) as value,
    from families
    join assumptions.cost_constants
        on cost_constants.applies_to in (families.chip_id, families.chip_family, families.chip_kind)
    group by families.chip_id, cost_constants.constant
),

constants as (
    select
        chip_id,
        max(value) filter (where constant = 'server_cost_factor') as server_cost_factor,
        max(value) filter (where constant = 'server_power_factor') as server_power_factor,
        max(value) filter (where constant = 'average_power_share') as average_power_share,
        max(value) filter (where constant = 'release_to_purchase_days') as release_to_purchase_days,
    from chosen
    group by chip_id
),

-- Whether a price is a whole server's stands in its note alone.
noted as (
    select
        prices.document_id,
        prices.row_number,
        min(server_price_notes.precedence) as precedence,
    from clean.chip_prices as prices
    join assumptions.server_price_notes on regexp_matches(prices.note, server_price_notes.note_pattern)
    where prices.price_kind = 'purchase'
    group by all
),

priced as (
    select
        coalesce(price_families.chip_family, prices.chip_id) as chip_family,
        prices.price_usd,
        noted.precedence is not null as is_server_price,
        prices.priced_on,
        prices.document_id,
        prices.row_number,
        row_number() over (
            partition by coalesce(price_families.chip_family, prices.chip_id)
            order by coalesce(noted.precedence, 2) = 1 desc, prices.priced_on, prices.document_id, prices.row_number
        ) as place,
    from clean.chip_prices as prices
    left join assumptions.price_families using (chip_id)
    left join noted using (document_id, row_number)
    where prices.price_kind = 'purchase' and prices.price_usd > 0 and prices.chip_id is not null
),

prices as (
    select
        families.*,
        coalesce(priced.price_usd, stand_in_prices.price_usd, families.launch_price_usd) as price_usd,
        coalesce(priced.is_server_price, false) and families.chip_kind = 'gpu' as is_server_price,
        case
            when priced.price_usd is not null then 'price table'
            when stand_in_prices.price_usd is not null then 'stand-in'
            when families.launch_price_usd is not null then 'launch price'
        end as purchase_price_source,
        priced.priced_on,
        priced.document_id,
        priced.row_number,
    from families
    left join priced on priced.chip_family = families.chip_family and priced.place = 1
    left join assumptions.stand_in_prices using (chip_id)
)

select
    prices.chip_id,
    prices.chip_family,
    prices.price_usd * case when prices.is_server_price then 1 else constants.server_cost_factor end as purchase_price_usd,
    prices.purchase_price_source,
    prices.priced_on,
    prices.released_on + constants.release_to_purchase_days::integer as first_purchase_on,
    prices.tdp_watts * constants.server_power_factor as server_watts,
    constants.average_power_share,
    prices.document_id,
    prices.row_number,
from prices
join constants using (chip_id)
order by prices.chip_id
