-- Results others published, each beside the same figure of this version, with a verdict that is computed.
-- Grain: one row per claim; parts of one claim share its number (C12a, C12b).
-- Method: reproduced within same_figure (counts and R² to the last digit, bounds on their side); overlaps where intervals meet within near_figure.
-- Caveat: a claim on a dated release of a table is checked on that release alone; intervals are theirs at 90 or 95%, ours at 95%.
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
    select
        max(limit_value) filter (where threshold = 'same_figure') as same,
        max(limit_value) filter (where threshold = 'near_figure') as near,
        max(limit_value) filter (where threshold = 'items_share') as items_share,
    from assumptions.thresholds
),

compared as (
    select
        claims.*,
        figures.our_value,
        figures.our_value_low,
        figures.our_value_high,
        figures.our_items,
        case
            when claims.needs_dataset is not null and documents.as_of_on is null
                then 'needs Epoch AI''s table of ' || claims.needs_dataset
            when documents.as_of_on > claims.snapshot_until_on and claims.snapshot_until_on = claims.snapshot_since_on
                or documents.as_of_on < claims.snapshot_since_on and claims.snapshot_until_on = claims.snapshot_since_on
                then 'belongs to the snapshot of ' || claims.snapshot_since_on
            when documents.as_of_on < claims.snapshot_since_on
                then 'belongs to snapshots from ' || claims.snapshot_since_on || ' on'
            when documents.as_of_on > claims.snapshot_until_on
                then 'belongs to snapshots to ' || claims.snapshot_until_on
            when claims.published_value is null
                then coalesce('needs ' || claims.needed, concat_ws('. ', 'Nobody printed a figure', claims.difference))
            when figures.our_value is null
                then 'needs ' || coalesce(claims.needed, 'three dated figures at least for a line')
            when figures.our_items < limits.items_share * claims.published_items and claims.comparison = 'near'
                then concat_ws('. ', 'only ' || figures.our_items || ' of ' || claims.published_items || ' are here', claims.difference)
        end as hindrance,
        result_verdict(
            claims.comparison, figures.our_value, figures.our_value_low, figures.our_value_high, claims.published_value,
            claims.published_low, claims.published_high, claims.last_digit, limits.same, limits.near
        ) as verdict,
    from assumptions.published_results as claims
    cross join limits
    left join trends.figures using (figure)
    left join documents using (needs_dataset)
)

select
    claim_id,
    claimant,
    result,
    subset,
    unit,
    published_value,
    published_low,
    published_high,
    published_share,
    published_items,
    figure,
    our_value,
    our_value_low,
    our_value_high,
    our_items,
    our_value / published_value as our_over_published,
    if(hindrance is null, verdict, 'not testable here') as result_verdict,
    coalesce(
        hindrance,
        if(verdict = 'reproduced', null, coalesce(difference, 'no reason is known'))
    ) as explanation,
    snapshot_since_on,
    snapshot_until_on,
    reference,
from compared
order by claim_id
