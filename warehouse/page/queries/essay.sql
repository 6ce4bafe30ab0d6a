-- What the essay's addendum claims of the modern era.
select claimed_doubling_months
from trends.era_summaries
where scheme = 'openai_2019' and claimed_doubling_months is not null and starts_on is not null
order by selection
limit 1
