-- Two profiles in force would give a run two shares of the peak, none would give it no estimate by hardware.
-- On failure: stop
select count(*) filter (where is_in_force) as profiles_in_force,
from assumptions.profiles
having count(*) filter (where is_in_force) <> 1
