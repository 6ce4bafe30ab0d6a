-- Two sources differ on a chip and no rule or row of chip_differences.csv says why.
-- On failure: warn
select
    chip_id,
    quantity,
    source,
    value,
    other_source,
    other_value,
from compute.chip_disagreements
where explanation is null and source not in (select source from clean.spec_readings)
