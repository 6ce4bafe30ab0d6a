-- Doubling times to be drawn: the headline fits, then since 2010 the kinds of run with enough of them.
with

kinds as (
    select
        *,
        case
            when headline then 1
            when selection in ('all', 'large_scale', 'from_scratch', 'fine_tunes') then 2
            when starts_with(selection, 'domain:') then 3
            when starts_with(selection, 'openness:') then 4
            when starts_with(selection, 'organisation_type:') then 5
            when starts_with(selection, 'country:') then 6
        end as kind,
    from trends.metric_trends
    where metric in ('training_compute', 'published_training_compute', 'reported_training_compute')
)

select
    metric,
    selection,
    period,
    kind,
    headline as is_headline,
    runs,
    doubling_months,
    case when bootstrap_draws is null then doubling_months_low else bootstrap_doubling_months_low end as low,
    case when bootstrap_draws is null then doubling_months_high else bootstrap_doubling_months_high end as high,
from kinds
where
    doubling_months_low > 0
    and (
        kind = 1
        or metric = 'training_compute' and period = 'from_2010' and runs >= 30 and kind in (2, 3, 4, 5)
    )
qualify kind = 1 or row_number() over (partition by kind order by runs desc, selection) <= 5
order by
    kind,
    metric = 'training_compute' desc,
    metric,
    list_position(['frontier', 'notable', 'final_run', 'all'], selection) nulls last,
    runs desc,
    selection,
    period
