-- What the essay says that can be true or false, and whether the data of this version bear it out.
-- Grain: one row per sentence, in our words.
-- Method: a sentence is read as a range; it holds where our figure or its interval meets the range, whose ends give by same_figure.
-- Caveat: a range is how we read words like roughly and most; its reading stands in its own column.
with

documents as (
    select
        'models' as needs_dataset,
        max(as_of_on) as as_of_on,
    from clean.run_facts
    where source = 'epoch'

    union all

    select
        'chips' as needs_dataset,
        max(as_of_on) as as_of_on,
    from clean.chip_facts
    where source = 'epoch'
),

limits as (
    select limit_value as same
    from assumptions.thresholds
    where threshold = 'same_figure'
),

compared as (
    select
        claims.*,
        figures.our_value,
        figures.our_value_low,
        figures.our_value_high,
        figures.our_items,
        case
            when claims.figure is null then 'needs ' || claims.needed
            when claims.needs_dataset is not null and documents.as_of_on is null
                then 'needs Epoch AI''s table of ' || claims.needs_dataset
            when figures.our_value is null
                then 'needs ' || coalesce(claims.needed, 'three dated figures at least')
        end as hindrance,
        sentence_verdict(
            figures.our_value, figures.our_value_low, figures.our_value_high, claims.true_from, claims.true_to, limits.same
        ) as verdict,
    from assumptions.essay_claims as claims
    cross join limits
    left join trends.figures using (figure)
    left join documents using (needs_dataset)
)

select
    claim_id,
    claim,
    reading,
    unit,
    true_from,
    true_to,
    figure,
    our_value,
    our_value_low,
    our_value_high,
    our_items,
    if(hindrance is null, verdict, 'not measurable') as essay_verdict,
    hindrance as explanation,
    reference,
from compared
order by claim_id
