-- Works that state the curated figures: papers, model cards, data sheets, exports.
-- Grain: one row per work.
-- Method: curated/sources.csv as it stands.
-- Caveat: none.
select
    source_id,
    title,
    year,
    url,
from raw.curated_sources
order by source_id
