-- What runs cost, in dollars of December 2024 where the index is at hand, else of their day.
select
    runs.run_id,
    runs.run_name as name,
    costs.published_on,
    runs.organisations,
    coalesce(amortised_cost_usd_2024, amortised_cost_usd) as usd,
    amortised_cost_usd_2024 is not null as is_of_2024,
    costs.chips,
    chips.chip_name as chip,
    frontier.run_id is not null as is_frontier,
    papers.url,
from compute.run_costs as costs
join compute.training_runs as runs using (run_id)
left join trends.frontier using (run_id)
left join clean.chips on chips.chip_id = costs.chip_id
left join clean.papers on papers.paper_id = runs.paper_id
where coalesce(amortised_cost_usd_2024, amortised_cost_usd) > 0
order by costs.published_on, runs.run_id
