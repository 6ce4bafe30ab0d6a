-- Where the data come from.
select source, title, licence, attribution, homepage, documents, rows_read, rows_accepted, rows_quarantined, as_of_on,
from trends.sources
order by source
