-- A count of a run of which no source states parameters or a forward pass; hours of chips where no source names any.
-- On failure: stop
select
    estimates.run_id,
    estimates.method,
from compute.estimates
where
    estimates.method <> 'reported'
    and not exists (
        select 1
        from clean.run_facts
        where
            run_facts.run_id = estimates.run_id
            and case estimates.method
                when 'operation_counting'
                    then run_facts.quantity in ('parameters', 'active_parameters', 'forward_flop_per_example')
                when 'hardware_time' then run_facts.quantity in ('chip_id', 'training_hardware')
            end
    )
