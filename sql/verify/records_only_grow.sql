-- A record that is no larger than an earlier one.
-- On failure: stop
select
    later.run_id,
    earlier.run_id as earlier_run_id,
from trends.frontier as later
join trends.frontier as earlier
    on earlier.published_on < later.published_on
    and earlier.training_compute_flop >= later.training_compute_flop
where later.is_record and earlier.is_record
