-- Accelerators and processors: release, peaks by precision, memory, power and launch price.
-- Grain: one row per chip and variant.
-- Method: each figure from the source of highest precedence that states it, but for those in clean.chip_flags.
-- Caveat: unknown is empty, also where a page's peak may be sparse; peak_tensor_16bit and peak_int8 may be either.
with

ranked as (
    select
        chip_facts.*,
        row_number() over (
            partition by chip_facts.chip_id, chip_facts.quantity
            order by
                source_precedence.precedence,
                chip_facts.as_of_on desc,
                chip_facts.document_id,
                chip_facts.row_number
        ) as place,
    from clean.chip_facts
    join assumptions.source_precedence using (source)
    anti join clean.chip_flags
        on chip_flags.source = chip_facts.source
        and chip_flags.document_id = chip_facts.document_id
        and chip_flags.row_number = chip_facts.row_number
        and chip_flags.quantity = chip_facts.quantity
),

chosen as (
    from ranked
    where place = 1
)

select
    chip_id,
    max(value_text) filter (where quantity = 'chip_name') as chip_name,
    max(value_text) filter (where quantity = 'vendor') as vendor,
    max(value_text) filter (where quantity = 'chip_kind') as chip_kind,
    max(try_cast(value_text as date)) filter (where quantity = 'released_on') as released_on,
    max(value) filter (where quantity = 'peak_fp64') as peak_fp64,
    max(value) filter (where quantity = 'peak_fp32') as peak_fp32,
    max(value) filter (where quantity = 'peak_fp16_vector') as peak_fp16_vector,
    max(value) filter (where quantity = 'peak_bf16_vector') as peak_bf16_vector,
    max(value) filter (where quantity = 'peak_fp64_dense') as peak_fp64_dense,
    max(value) filter (where quantity = 'peak_fp32_dense') as peak_fp32_dense,
    max(value) filter (where quantity = 'peak_tf32_dense') as peak_tf32_dense,
    max(value) filter (where quantity = 'peak_fp16_dense') as peak_fp16_dense,
    max(value) filter (where quantity = 'peak_bf16_dense') as peak_bf16_dense,
    max(value) filter (where quantity = 'peak_fp8_dense') as peak_fp8_dense,
    max(value) filter (where quantity = 'peak_fp6_dense') as peak_fp6_dense,
    max(value) filter (where quantity = 'peak_fp4_dense') as peak_fp4_dense,
    max(value) filter (where quantity = 'peak_int8_dense') as peak_int8_dense,
    max(value) filter (where quantity = 'peak_tf32_sparse') as peak_tf32_sparse,
    max(value) filter (where quantity = 'peak_fp16_sparse') as peak_fp16_sparse,
    max(value) filter (where quantity = 'peak_bf16_sparse') as peak_bf16_sparse,
    max(value) filter (where quantity = 'peak_fp8_sparse') as peak_fp8_sparse,
    max(value) filter (where quantity = 'peak_fp6_sparse') as peak_fp6_sparse,
    max(value) filter (where quantity = 'peak_fp4_sparse') as peak_fp4_sparse,
    max(value) filter (where quantity = 'peak_int8_sparse') as peak_int8_sparse,
    max(value) filter (where quantity = 'peak_tensor_16bit') as peak_tensor_16bit,
    max(value) filter (where quantity = 'peak_int8') as peak_int8,
    max(value) filter (where quantity = 'memory_bytes') as memory_bytes,
    max(value) filter (where quantity = 'memory_bandwidth_bytes_per_second') as memory_bandwidth_bytes_per_second,
    max(value) filter (where quantity = 'tdp_watts') as tdp_watts,
    max(value) filter (where quantity = 'launch_price_usd') as launch_price_usd,
    max(value) filter (where quantity = 'process_nm') as process_nm,
    max(source) filter (where quantity = 'chip_name') as source,
from chosen
group by all
order by chip_id
