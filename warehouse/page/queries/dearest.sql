-- The dearest runs.
select
    runs.run_name,
    costs.published_on,
    chips.chip_name,
    costs.chips,
    training_hours_of_costs as training_hours,
    amortised_cost_usd,
    amortised_cost_usd_2024,
    purchase_cost_usd,
    rental_cost_usd,
    energy_kwh,
    peak_power_watts,
from (select * rename (training_hours as training_hours_of_costs) from compute.run_costs) as costs
join compute.training_runs as runs using (run_id)
left join clean.chips on chips.chip_id = costs.chip_id
where amortised_cost_usd > 0
order by amortised_cost_usd desc, run_id
