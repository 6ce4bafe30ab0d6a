-- The essay's figures of its eras beside what all runs of the span show, to be drawn.
with

eras as (
    select *
    from trends.era_summaries
    where selection = 'all' and scheme = 'openai_2018'
)

select
    era,
    era_order,
    'Chips per run' as figure,
    1 as place,
    runs_with_chips as runs,
    claimed_chips_low as claimed_low,
    claimed_chips_high as claimed_high,
    chips_p10 as p10,
    chips_median as median,
    chips_p90 as p90,
    chips_verdict as verdict,
from eras
where claimed_chips_low is not null

union all

select
    era, era_order, 'Rated TFLOPS per chip', 2, runs_with_peaks, claimed_tflops_low, claimed_tflops_high,
    rated_tflops_p10, rated_tflops_median, rated_tflops_p90, tflops_verdict,
from eras
where claimed_tflops_low is not null

union all

select
    era, era_order, 'Petaflop/s-days per run', 3, runs_with_compute, claimed_pfs_days_low, claimed_pfs_days_high,
    pfs_days_p10, pfs_days_median, pfs_days_p90, pfs_days_verdict,
from eras
where claimed_pfs_days_low is not null
order by place, era_order
