select run_inputs.run_id, run_inputs.chip_id, chip_peaks.peak_precision, chip_peaks.peak_flop_per_second, case when run_inputs.number_format = 'unstated' then 'number format not stated' else 'stated' end as number_format_rule
from compute.run_inputs join compute.chip_peaks using (chip_id, number_format) order by run_id
