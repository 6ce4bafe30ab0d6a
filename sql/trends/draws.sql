-- The draws of the bootstraps, and where the random numbers of each begin.
-- Grain: one row per draw.
-- Method: as many as assumptions/thresholds.csv says, from its seed.
-- Caveat: the same draws serve every series, so equal series are drawn equally.
with

settings as (
    select
        max(limit_value) filter (where threshold = 'bootstrap_draws')::bigint as draws,
        max(limit_value) filter (where threshold = 'bootstrap_seed')::bigint as seed,
    from assumptions.thresholds
)

select
    numbers.draw,
    draw_key(settings.seed, numbers.draw) as random_key,
from settings, range(1, settings.draws + 1) as numbers (draw)
order by numbers.draw
