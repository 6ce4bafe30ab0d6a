-- Every dated run with a figure, as the chart draws it; the source it leads to is its paper, else whoever states the figure.
with

chosen as (
    select
        run_id,
        string_agg(selection, '|' order by selection) as selections,
    from compute.run_selections
    where selection in ('notable', 'frontier', 'large_scale', 'final_run', 'from_scratch', 'fine_tunes', 'openai_2018')
    group by run_id
),

domains as (
    select
        run_id,
        string_agg(lower(one_domain), '|' order by lower(one_domain)) as domains,
    from compute.run_domains
    group by run_id
)

select
    runs.run_id,
    runs.run_name as name,
    runs.published_on,
    runs.organisations,
    runs.organisation_type,
    runs.openness,
    domains.domains,
    chosen.selections,
    runs.training_compute_flop as flop,
    runs.training_compute_flop_low as low,
    runs.training_compute_flop_high as high,
    runs.training_compute_source as known,
    runs.compute_scope as scope,
    runs.methods,
    runs.confidence,
    stated.title as stated_by,
    coalesce(papers.url, stated.url) as url,
    coalesce(frontier.is_record, false) as is_record,
    frontier.run_id is not null as is_frontier,
from compute.training_runs as runs
left join chosen using (run_id)
left join domains using (run_id)
left join trends.frontier using (run_id)
left join clean.papers on papers.paper_id = runs.paper_id
left join clean.sources as stated on stated.source_id = runs.training_compute_source_id
where runs.published_on is not null and runs.training_compute_flop > 0 and runs.run_kind = 'training'
order by runs.published_on, runs.run_id
