-- The largest runs beside all the chips there are: the essay's remark that training is a small part of computing.
-- Grain: one row per frontier run and fleet.
-- Method: peak of the run's chips over that of the fleet on the day; and how long the whole fleet would take at its peak.
-- Caveat: fleets are two published estimates moved by their published growth; no data on inference, TPUs alone or before 2019.
with

runs as (
    select
        frontier.run_id,
        frontier.run_name,
        frontier.published_on,
        frontier.is_record,
        frontier.training_compute_flop,
        training_runs.chips,
        training_runs.chips * chip_peaks.peak_flop_per_second as cluster_flop_per_second,
    from trends.frontier
    join compute.training_runs using (run_id)
    join compute.run_inputs using (run_id)
    left join compute.chip_peaks
        on chip_peaks.chip_id = training_runs.chip_id and chip_peaks.number_format = run_inputs.number_format
),

beside as (
    select
        fleets.fleet,
        runs.*,
        fleets.fleet_flop_per_second
        * pow(fleets.growth_per_year, (runs.published_on - fleets.known_on) / 365.25::double) as fleet_flop_per_second,
        runs.published_on > fleets.known_on as is_extrapolated,
    from runs
    join assumptions.fleets on runs.published_on >= fleets.valid_from_on
)

select
    fleet,
    run_id,
    run_name,
    published_on,
    is_record,
    chips,
    training_compute_flop,
    cluster_flop_per_second,
    fleet_flop_per_second,
    cluster_flop_per_second / fleet_flop_per_second as fleet_share,
    training_compute_flop / fleet_flop_per_second / 3600 as whole_fleet_hours,
    is_extrapolated,
from beside
order by fleet, published_on, run_id
