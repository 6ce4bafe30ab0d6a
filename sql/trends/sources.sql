-- The sources of this version: what was read, kept and set aside, under which licence.
-- Grain: one row per source.
-- Method: counts over the documents in force; licence and attribution from the source's module.
-- Caveat: when a source was last looked at stands in the log, not here.
select
    documents.source,
    any_value(abouts.title) as title,
    any_value(abouts.licence) as licence,
    any_value(abouts.attribution) as attribution,
    any_value(abouts.homepage) as homepage,
    count(*) as documents,
    sum(documents.rows_read)::bigint as rows_read,
    sum(documents.rows_accepted)::bigint as rows_accepted,
    sum(documents.rows_quarantined)::bigint as rows_quarantined,
    max(documents.as_of_on) as as_of_on,
from raw.documents
join raw.abouts as abouts using (source)
where documents.is_in_force
group by documents.source
order by documents.source
