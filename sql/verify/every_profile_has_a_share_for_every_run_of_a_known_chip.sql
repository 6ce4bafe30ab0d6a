-- A profile that is silent on some run would take its hardware estimate away without a word.
-- On failure: stop
select
    profiles.profile,
    run_inputs.run_id,
from assumptions.profiles
cross join compute.run_inputs
left join compute.run_utilisations using (profile, run_id)
where run_inputs.chip_id is not null and run_utilisations.run_id is null
