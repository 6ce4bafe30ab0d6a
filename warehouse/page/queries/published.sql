-- What others published, recomputed here, the verdicts in their order.
select
    claim_id,
    claimant,
    result,
    subset,
    unit,
    published_value,
    published_low,
    published_high,
    our_value,
    our_value_low,
    our_value_high,
    our_over_published,
    our_value_low / published_value as low_over_published,
    our_value_high / published_value as high_over_published,
    result_verdict,
    explanation,
    reference,
from trends.published_results
order by
    list_position(['reproduced', 'overlaps', 'differs', 'not testable here'], result_verdict) nulls last,
    claim_id
