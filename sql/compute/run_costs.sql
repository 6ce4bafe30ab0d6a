-- What each run cost: amortised hardware and energy, hardware bought outright, rent in a cloud; its energy and power.
-- Grain: one row per training run whose chips and chip-hours are known or follow from its counted operations.
-- Method: Cottier et al. 2024, arXiv:2405.21015, by assumptions/cost_constants.csv and formulas.sql; no stated compute.
-- Caveat: compute alone, no staff or failed runs, of a fine-tune its own; dates follow from publication; GPUs and TPUs.
with

constants as (
    select
        max(value) filter (where constant = 'interconnect_share') as interconnect_share,
        max(value) filter (where constant = 'utilisation_share') as utilisation_share,
        max(value) filter (where constant = 'counted_spread_factor') as counted_spread_factor,
        max(value) filter (where constant = 'training_hours') as training_hours,
        max(value) filter (where constant = 'value_decay_oom_per_year') as value_decay_oom_per_year,
        max(value) filter (where constant = 'power_usage_effectiveness') as power_usage_effectiveness,
        max(value) filter (where constant = 'end_to_publication_days') as end_to_publication_days,
        max(value) filter (where constant = 'rental_to_training_days')::integer as rental_to_training_days,
        make_date(
            max(value) filter (where constant = 'dollars_of_year')::integer,
            max(value) filter (where constant = 'dollars_of_month')::integer,
            1
        ) as dollars_of_on,
    from assumptions.cost_constants
    where applies_to = 'all'
),

words as (
    select
        run_id,
        unnest(regexp_split_to_array(lower(organisations), '[^a-z0-9]+')) as organisation_word,
    from clean.runs
),

-- Among several developers the leanest data centre counts, and the first vendor.
developers as (
    select
        words.run_id,
        min(cost_developers.power_usage_effectiveness) as power_usage_effectiveness,
        arg_min(cost_developers.price_vendor, cloud_vendors.precedence) as price_vendor,
        max(cost_developers.chip_kind) as chip_kind,
    from words
    join assumptions.cost_developers using (organisation_word)
    left join assumptions.cloud_vendors using (price_vendor)
    group by words.run_id
),

runs as (
    select
        runs.run_id,
        runs.published_on,
        runs.organisations,
        inputs.chip_id,
        inputs.chips,
        inputs.training_hours,
        inputs.chip_hours,
        coalesce(inputs.time_repeats, 1) as repeats,
        inputs.number_format,
        coalesce(inputs.mfu, inputs.utilisation, inputs.hfu) as utilisation_share,
        developers.power_usage_effectiveness,
        coalesce(
            developers.price_vendor, (select price_vendor from assumptions.cloud_vendors where precedence = 1)
        ) as price_vendor,
        coalesce(developers.chip_kind, 'gpu') as chip_kind,
    from clean.runs
    join compute.run_inputs as inputs using (run_id)
    left join developers using (run_id)
    where runs.run_kind = 'training' and runs.published_on is not null
),

-- The commonest chip of the runs of a year, TPUs and GPUs apart.
chip_uses as (
    select
        year(runs.published_on) as published_year,
        chips.chip_kind,
        runs.chip_id,
        count(*) as uses,
    from runs
    join clean.chips using (chip_id)
    group by all
),

chips_of_years as (
    select
        published_year,
        chip_kind,
        min_by(chip_id, row(-uses, chip_id)) as chip_id,
    from chip_uses
    group by published_year, chip_kind
),

-- Hardware that is named but is several kinds or unknown is not replaced by a guess.
placed as (
    select
        runs.* exclude (chip_id),
        coalesce(runs.chip_id, case when run_chips.run_id is null then chips_of_years.chip_id end) as chip_id,
        runs.chip_id is null as has_imputed_chips,
    from runs
    left join (select distinct run_id from compute.run_chips) as run_chips using (run_id)
    left join chips_of_years
        on chips_of_years.published_year = year(runs.published_on)
        and chips_of_years.chip_kind = runs.chip_kind
),

counted as (
    select
        run_id,
        training_compute_flop,
    from compute.estimates
    where
        method = 'operation_counting'
        and spread_factor <= (select counted_spread_factor from constants)
),

timed as (
    select
        placed.* exclude (chip_hours),
        coalesce(
            placed.chip_hours * placed.repeats,
            placed.chips * placed.training_hours * placed.repeats,
            chip_hours_of_flop(
                counted.training_compute_flop,
                chip_peaks.peak_flop_per_second,
                coalesce(nullif(placed.utilisation_share, 0), constants.utilisation_share)
            )
        ) as chip_hours,
        placed.chip_hours is null and (placed.chips is null or placed.training_hours is null) as has_imputed_chip_hours,
        placed.training_hours is null and (placed.chip_hours is null or placed.chips is null) as has_imputed_time,
    from placed
    cross join constants
    left join counted using (run_id)
    left join compute.chip_peaks using (chip_id, number_format)
),

spanned as (
    select
        timed.* exclude (chips, training_hours, power_usage_effectiveness),
        coalesce(
            timed.training_hours, timed.chip_hours / nullif(timed.chips, 0) / timed.repeats, constants.training_hours
        ) as training_hours,
        timed.chips as stated_chips,
        coalesce(timed.power_usage_effectiveness, constants.power_usage_effectiveness) as power_usage_effectiveness,
    from timed
    cross join constants
    where timed.chip_hours > 0
),

-- A time that leads to no day of any calendar is none.
begun as (
    select
        spanned.*,
        coalesce(spanned.stated_chips, spanned.chip_hours / nullif(spanned.training_hours, 0)) as chips,
        spanned.published_on
        - try_cast(constants.end_to_publication_days + spanned.training_hours / 24 as integer) as training_started_on,
    from spanned
    cross join constants
),

-- Chips are never bought after the run began; a count by which it began before there was such a chip is no count of it.
bought as (
    select
        begun.*,
        chip_costs.chip_family,
        least(chip_costs.first_purchase_on, begun.training_started_on) as chip_purchased_on,
        begun.training_started_on - constants.rental_to_training_days as rented_on,
        chip_costs.purchase_price_usd,
        chip_costs.purchase_price_source,
        chip_costs.server_watts,
        chip_costs.average_power_share,
    from begun
    cross join constants
    join compute.chip_costs using (chip_id)
    left join clean.chips using (chip_id)
    where
        begun.training_started_on is not null
        and coalesce(not begun.has_imputed_chip_hours or begun.training_started_on >= chips.released_on, true)
),

-- Three-year prices first, the developer's vendor, the great vendors, the chip itself before its family; then the last
-- price before the day of renting, else the first after it.
rents as (
    select
        bought.run_id,
        min_by(
            rental_prices,
            row(
                case rental_prices.price_kind when 'commit_3_years' then 1 when 'commit_1_year' then 2 else 3 end,
                rental_prices.price_vendor <> bought.price_vendor,
                rental_prices.precedence is null,
                rental_prices.chip_id <> bought.chip_id,
                rental_prices.precedence,
                rental_prices.priced_on > bought.rented_on,
                abs(rental_prices.priced_on - bought.rented_on),
                rental_prices.document_id,
                rental_prices.row_number
            )
        ) as price,
    from bought
    join compute.rental_prices using (chip_family)
    group by bought.run_id
),

electricity as (
    select
        make_date(year, 1, 1) as from_on,
        electricity_price_usd,
    from assumptions.electricity_prices
),

deflated as (
    select
        bought.*,
        electricity.electricity_price_usd,
        in_dollars_of(1, indices.price_index, base.price_index) as deflator,
        indices.month_on as deflated_from_on,
    from bought
    asof left join electricity on electricity.from_on <= bought.published_on
    asof left join clean.price_indices as indices on indices.month_on <= bought.published_on
    left join clean.price_indices as base on base.month_on = (select dollars_of_on from constants)
),

costs as (
    select
        deflated.*,
        with_interconnect(
            amortised_usd(
                decayed_value_usd(
                    deflated.purchase_price_usd,
                    (deflated.training_started_on - deflated.chip_purchased_on) / 365.25,
                    constants.value_decay_oom_per_year
                ),
                constants.value_decay_oom_per_year,
                deflated.chip_hours
            ),
            constants.interconnect_share
        ) as amortised_hardware_cost_usd,
        energy_kwh(
            deflated.server_watts,
            deflated.average_power_share,
            deflated.power_usage_effectiveness,
            deflated.chip_hours
        ) as energy_kwh,
        with_interconnect(deflated.purchase_price_usd * deflated.chips, constants.interconnect_share) as purchase_cost_usd,
        deflated.chip_hours * rents.price.rental_price_usd as rental_cost_usd,
        rents.price.rental_price_usd,
        rents.price.price_vendor as rental_price_vendor,
        rents.price.price_kind as rental_price_kind,
        rents.price.priced_on as rental_priced_on,
        rents.price.document_id as rental_document_id,
        rents.price.row_number as rental_row_number,
    from deflated
    cross join constants
    left join rents using (run_id)
)

select
    run_id,
    published_on,
    chip_id,
    chips,
    training_hours,
    chip_hours,
    training_started_on,
    chip_purchased_on,
    purchase_price_usd,
    purchase_price_source,
    amortised_hardware_cost_usd,
    energy_kwh,
    energy_kwh * electricity_price_usd as energy_cost_usd,
    amortised_hardware_cost_usd + energy_kwh * electricity_price_usd as amortised_cost_usd,
    (amortised_hardware_cost_usd + energy_kwh * electricity_price_usd) * deflator as amortised_cost_usd_2024,
    purchase_cost_usd,
    purchase_cost_usd * deflator as purchase_cost_usd_2024,
    rental_price_usd,
    rental_price_vendor,
    rental_price_kind,
    rental_priced_on,
    rental_document_id,
    rental_row_number,
    rental_cost_usd,
    rental_cost_usd * deflator as rental_cost_usd_2024,
    chips * server_watts * power_usage_effectiveness as peak_power_watts,
    deflated_from_on,
    has_imputed_chips,
    has_imputed_chip_hours,
    has_imputed_time,
    coalesce(purchase_price_source = 'launch price', false) as has_launch_price,
from costs
order by run_id
