-- Accelerators and processors: release, peaks by precision, memory, power and launch price.
-- Grain: one row per chip and variant.
-- Method: each figure from the source of highest precedence that states it, but for those in clean.chip_flags.
-- Caveat: unknown is empty, also where a page's peak may be sparse; peak_tensor_16bit and peak_int8 may be either.
with

-- The documents in the order in which they are believed.
documents as (
    select
        source,
        document_id,
        as_of_on,
        row_number() over (order by source_precedence.precedence, as_of_on desc, document_id) as place,
    from (select distinct source, document_id, as_of_on from clean.chip_facts)
    join assumptions.source_precedence using (source)
),

-- A place is one number, document before row.
facts as (
    select
        chip_facts.chip_id,
        chip_facts.quantity,
        chip_facts.value,
        chip_facts.value_text,
        source,
        documents.place * 10000000000 + chip_facts.row_number as place,
    from clean.chip_facts
    join documents using (source, document_id, as_of_on)
    anti join clean.chip_flags
        on chip_flags.source = chip_facts.source
        and chip_flags.document_id = chip_facts.document_id
        and chip_flags.row_number = chip_facts.row_number
        and chip_flags.quantity = chip_facts.quantity
)

select
    chip_id,
    arg_min_null(value_text, place) filter (where quantity = 'chip_name') as chip_name,
    arg_min_null(value_text, place) filter (where quantity = 'vendor') as vendor,
    arg_min_null(value_text, place) filter (where quantity = 'chip_kind') as chip_kind,
    try_cast(arg_min_null(value_text, place) filter (where quantity = 'released_on') as date) as released_on,
    arg_min_null(value, place) filter (where quantity = 'peak_fp64') as peak_fp64,
    arg_min_null(value, place) filter (where quantity = 'peak_fp32') as peak_fp32,
    arg_min_null(value, place) filter (where quantity = 'peak_fp16_vector') as peak_fp16_vector,
    arg_min_null(value, place) filter (where quantity = 'peak_bf16_vector') as peak_bf16_vector,
    arg_min_null(value, place) filter (where quantity = 'peak_fp64_dense') as peak_fp64_dense,
    arg_min_null(value, place) filter (where quantity = 'peak_fp32_dense') as peak_fp32_dense,
    arg_min_null(value, place) filter (where quantity = 'peak_tf32_dense') as peak_tf32_dense,
    arg_min_null(value, place) filter (where quantity = 'peak_fp16_dense') as peak_fp16_dense,
    arg_min_null(value, place) filter (where quantity = 'peak_bf16_dense') as peak_bf16_dense,
    arg_min_null(value, place) filter (where quantity = 'peak_fp8_dense') as peak_fp8_dense,
    arg_min_null(value, place) filter (where quantity = 'peak_fp6_dense') as peak_fp6_dense,
    arg_min_null(value, place) filter (where quantity = 'peak_fp4_dense') as peak_fp4_dense,
    arg_min_null(value, place) filter (where quantity = 'peak_int8_dense') as peak_int8_dense,
    arg_min_null(value, place) filter (where quantity = 'peak_tf32_sparse') as peak_tf32_sparse,
    arg_min_null(value, place) filter (where quantity = 'peak_fp16_sparse') as peak_fp16_sparse,
    arg_min_null(value, place) filter (where quantity = 'peak_bf16_sparse') as peak_bf16_sparse,
    arg_min_null(value, place) filter (where quantity = 'peak_fp8_sparse') as peak_fp8_sparse,
    arg_min_null(value, place) filter (where quantity = 'peak_fp6_sparse') as peak_fp6_sparse,
    arg_min_null(value, place) filter (where quantity = 'peak_fp4_sparse') as peak_fp4_sparse,
    arg_min_null(value, place) filter (where quantity = 'peak_int8_sparse') as peak_int8_sparse,
    arg_min_null(value, place) filter (where quantity = 'peak_tensor_16bit') as peak_tensor_16bit,
    arg_min_null(value, place) filter (where quantity = 'peak_int8') as peak_int8,
    arg_min_null(value, place) filter (where quantity = 'memory_bytes') as memory_bytes,
    arg_min_null(value, place) filter (where quantity = 'memory_bandwidth_bytes_per_second') as memory_bandwidth_bytes_per_second,
    arg_min_null(value, place) filter (where quantity = 'tdp_watts') as tdp_watts,
    arg_min_null(value, place) filter (where quantity = 'launch_price_usd') as launch_price_usd,
    arg_min_null(value, place) filter (where quantity = 'process_nm') as process_nm,
    arg_min_null(source, place) filter (where quantity = 'chip_name') as source,
from facts
group by chip_id
order by chip_id
