-- A log that says success although its last evaluation misses the target of its benchmark.
-- On failure: warn
select
    results.run_name,
    results.result_number,
    results.quality,
    benchmarks.quality_at_least,
    benchmarks.quality_at_most,
from raw.mlperf_results as results
join assumptions.benchmarks using (benchmark, benchmark_round)
where
    results.division = 'closed'
    and not (
        results.quality >= coalesce(benchmarks.quality_at_least, results.quality)
        and results.quality <= coalesce(benchmarks.quality_at_most, results.quality)
    )
