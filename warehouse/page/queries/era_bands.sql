-- Spans of the assumed eras, to shade the chart, the essay's first; open ends are left open.
select distinct
    scheme,
    era,
    era_order,
    starts_on,
    ends_on,
from trends.era_summaries
order by scheme = 'openai_2018' desc, scheme, era_order
