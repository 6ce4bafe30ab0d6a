-- Rows set aside, by the rule they break.
select
    source,
    dataset,
    rule,
    column_name,
    count(*) as rows_quarantined,
    min(raw_value) as raw_value,
from raw.quarantine
group by source, dataset, rule, column_name
order by rows_quarantined desc, source, dataset, rule, column_name
