-- When a milestone is reached, under each scenario.
select
    milestone,
    scenario,
    metric,
    level_value,
    run_name as largest_now,
    projections.value as value_now,
    growth_per_year,
    reached_on,
    earliest_on,
    latest_on,
    never_share,
    dense_rank() over (order by soonest_on nulls last, milestone) as place,
    dense_rank() over (order by scenarios.pace desc) as scenario_place,
from trends.projections
join (
    select milestone, min(reached_on) as soonest_on
    from trends.projections
    group by milestone
) using (milestone)
join assumptions.projection_scenarios as scenarios using (scenario)
left join compute.training_runs using (run_id)
order by place, scenario_place
