-- The essay's sentences with the data's verdict.
select
    claim_id,
    claim,
    reading,
    unit,
    our_value,
    our_value_low,
    our_value_high,
    our_items,
    essay_verdict,
    explanation,
from trends.essay_claims
order by claim_id
