-- What the newest revisions start from and come to are the fits of the version before and of this one.
-- On failure: stop
select
    told.metric,
    told.selection,
    told.period,
    told.oom_per_year_before,
    old.oom_per_year as earlier_oom_per_year,
    told.oom_per_year_after,
    new.oom_per_year,
from trends.trend_revisions as told
join earlier.main.steps using (version)
left join earlier.trends.metric_trends as old using (metric, selection, period)
left join trends.metric_trends as new using (metric, selection, period)
left join trends.trend_coalitions as recast
    on recast.metric = told.metric and recast.selection = told.selection
    and recast.period = told.period and recast.changes_made = 31
where
    told.oom_per_year_before is distinct from old.oom_per_year
    or told.oom_per_year_after is distinct from new.oom_per_year
    or abs(recast.oom_per_year - new.oom_per_year) > 1e-9
