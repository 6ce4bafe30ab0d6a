-- The date this version speaks of.
-- Grain: one row.
-- Method: as stated for the run, else the date of the newest document of the sources it was asked to be made of.
-- Caveat: no source dates itself more finely than by a day; documents of other sources in it may be younger.
select as_of_on
from raw.version_dates
order by as_of_on
