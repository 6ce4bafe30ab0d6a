-- The version of this release: number, day it speaks of, day of publication, code.
select
    version,
    as_of_on,
    published_at::date as published_on,
    code_version,
    json_extract_string(manifest, '$.profile') as profile,
from versions
order by version desc
limit 1
