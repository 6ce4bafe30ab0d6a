-- How much faster narrower number formats run than FP32 on the same chip.
-- Grain: one row per number format.
-- Method: geometric mean of the ratio over chips where the format is faster; 95% interval by Student's t on the logarithm.
-- Caveat: dense rates on matrix units; Epoch AI's INT8 column may hold sparse ones.
with

ratios as (
    unpivot (
        select
            chip_id,
            peak_tf32_dense / peak_fp32 as tf32,
            coalesce(peak_fp16_dense, peak_tensor_16bit) / peak_fp32 as fp16,
            coalesce(peak_bf16_dense, peak_tensor_16bit) / peak_fp32 as bf16,
            peak_fp8_dense / peak_fp32 as fp8,
            coalesce(peak_int8_dense, peak_int8) / peak_fp32 as int8,
        from clean.chips
        where chip_kind in ('gpu', 'tpu', 'accelerator') and peak_fp32 > 0
    )
    on columns(* exclude (chip_id))
    into name number_format value ratio
),

means as (
    select
        number_format,
        count(*) as chips_compared,
        avg(log10(ratio) order by chip_id) as middle,
        stddev_samp(log10(ratio) order by chip_id) / sqrt(count(*)) * student_t_975(count(*) - 1) as half_width,
    from ratios
    where ratio > 1
    group by number_format
)

select
    number_format,
    chips_compared,
    pow(10.0::double, middle) as multiple_of_fp32,
    pow(10.0::double, middle - half_width) as multiple_of_fp32_low,
    pow(10.0::double, middle + half_width) as multiple_of_fp32_high,
from means
order by number_format
