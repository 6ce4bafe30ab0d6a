-- An interval out of order.
-- On failure: stop
select
    run_id,
    method,
    training_compute_flop_low,
    training_compute_flop,
    training_compute_flop_high,
from compute.estimates
where not training_compute_flop_low <= training_compute_flop or not training_compute_flop <= training_compute_flop_high
