-- The break that fits best in each series searched, or none.
select
    metric,
    selection,
    period,
    break_model,
    runs,
    first_break_on,
    first_break_low_on,
    first_break_high_on,
    first_doubling_months,
    second_doubling_months,
    third_doubling_months,
    bic_over_no_break,
from trends.trend_breaks
where is_chosen
order by metric, selection, period
