-- Which of our method, its inputs and the published value is at fault where they are apart by more than 2x.
-- Grain: makes the temporary tables figures, taken_*, misses, clues, blamed and mistaken from truths and judged.
-- Method: arithmetic alone: which rate, share, hours, parameters or tokens the published value was made of.
-- Caveat: the judge reads every column and note of compute, an estimate may not; a match within 2% can be chance.

-- Shares that people take where none is reported: Epoch AI's guide (0.3, 0.4), OpenAI's essay (0.33), a round half.
create temp table customary as
select unnest([0.3, 0.33, 0.4, 0.5]) as share;

-- How near two figures must be to be one: exactly, but for the third digit; rounded; a mean of two; two methods that agree.
-- With rates that no chip has, half as many published values fit within 2%: chance. So a rate that the notes of the value do
-- not name must fit exactly.
create temp table limits as
select
    0.003::double as exact_share,
    0.02::double as equal_share,
    0.05::double as mean_share,
    1.5::double as agreed,
    0.1::double as active_share,
    1e5::double as smallest_figure,
    30 as most_figures;

-- Chip-hours as our inputs have them, told wrongly: times what they would be right (the first two are of the published side).
create temp table mistold_hours as
from (
    values
    ('published value', 'published leaves out the number of chips', 'one over chips'),
    ('published value', 'published takes days for hours', '1/24'),
    ('inputs', 'the cell of chip-hours holds hours of the wall', 'chips'),
    ('inputs', 'the cell of hours holds days', '24'),
    ('inputs', 'the cell of chips holds cores, two a chip', '1/2'),
) as told (fault, clue, times);

-- Factors that only a slip makes.
create temp table slips as
select
    sign * power as power,
    pow(10.0::double, sign * power) as factor,
from (select unnest(range(1, 13)) as power)
cross join (values (1), (-1)) as signs (sign);

-- Each judged run with what went into our answers.
create temp table inputs as
select
    truths.run_id,
    truths.published_flop,
    run_inputs.parameters,
    run_inputs.active_parameters,
    run_inputs.epochs,
    run_inputs.dataset_datapoints,
    run_inputs.chips,
    run_inputs.number_format,
    coalesce(run_inputs.mfu, run_inputs.utilisation, run_inputs.hfu) as stated_share,
    coalesce(run_inputs.chip_hours, run_inputs.chips * run_inputs.training_hours) as chip_hours,
    3600 * coalesce(run_inputs.chip_hours, run_inputs.chips * run_inputs.training_hours) as chip_seconds,
    run_counts.count_rule,
    run_counts.counted_parameters,
    run_counts.counted_tokens,
    run_peaks.chip_id,
    run_peaks.peak_precision,
    run_peaks.peak_flop_per_second,
    counting.training_compute_flop as counted_flop,
    timed.training_compute_flop as timed_flop,
    runs.domain,
from truths
join clean.runs using (run_id)
join compute.run_inputs using (run_id)
left join compute.run_counts using (run_id)
left join compute.run_peaks using (run_id)
left join compute.estimates as counting
    on counting.run_id = truths.run_id and counting.method = 'operation_counting'
left join compute.estimates as timed
    on timed.run_id = truths.run_id and timed.method = 'hardware_time';

create temp table shares as
select
    run_id,
    unnest(list_distinct(list_append((select list(share) from customary), coalesce(stated_share, 0.3)))) as share,
from inputs;

-- Products that make the published value: alone, or as the geometric mean with our count.
create temp table products as
select
    inputs.run_id,
    shares.share,
    published_flop / (chip_seconds * share) as rate,
    false as is_mean,
from inputs
join shares using (run_id)
where chip_seconds > 0
union all
select
    inputs.run_id,
    shares.share,
    published_flop * published_flop / counted_flop / (chip_seconds * share),
    true,
from inputs
join shares using (run_id)
where chip_seconds > 0 and counted_flop > 0;

-- Figures in words: "1.6B", "300 billion", "3.4e12", "9*10^9", "1,200"; those that an estimate may read too are told apart.
create temp table figures as
with
texts as (
    select
        run_id,
        training_compute_notes as words,
        false as may_be_read,
    from truths
    join raw.epoch_models as models using (document_id, row_number)
    union all
    select
        run_id,
        concat_ws(' ', parameters_notes, dataset_size_notes, training_time_notes, batch_size_notes, abstract),
        true,
    from truths
    join raw.epoch_models as models using (document_id, row_number)
),

found as (
    select
        run_id,
        may_be_read,
        unnest(
            regexp_extract_all(
                words,
                '\d[\d,]*(?:\.\d+)?(?:\s*(?:[*x×·]\s*)?10\s*(?:\^|\*\*)\s*[{(]?\d+|[eE]\+?\d+)?(?:\s*(?:thousand|million|billion|trillion|tera)|\s?[kKMBT]\b|\s?TFLOP)?'
            )
        ) as word,
    from texts
),

read as (
    select
        run_id,
        may_be_read,
        try_cast(replace(regexp_extract(word, '^\d[\d,]*(?:\.\d+)?'), ',', '') as double)
        * pow(
            10.0::double,
            coalesce(try_cast(regexp_extract(word, '(?:10\s*(?:\^|\*\*)\s*[{(]?|[eE]\+?)(\d+)', 1) as integer), 0)
        )
        * case upper(regexp_extract(word, '(thousand|million|billion|trillion|tera|[kKMBT])(FLOP)?$', 1)[1:2])
            when 'TH' then 1e3 when 'K' then 1e3 when 'MI' then 1e6 when 'M' then 1e6
            when 'BI' then 1e9 when 'B' then 1e9 when 'TR' then 1e12 when 'TE' then 1e12 when 'T' then 1e12 else 1
        end as figure,
    from found
)

select
    run_id,
    figure,
    bool_or(may_be_read) as may_be_read,
    bool_or(not may_be_read) as is_of_compute,
from read
where figure < 1e20
group by run_id, figure;

-- Rates of the chip and of its sisters (V100 of 28 and of 31 TFLOP/s) that are not the one in use.
create temp table other_rates as
with
families as (
    select
        chip_id,
        regexp_extract(chip_id, '^[a-z]+-((tpu|rtx|gtx|titan|quadro|tesla|instinct)-)?[a-z0-9]+') as family,
    from clean.chips
),

rates as (
    unpivot (
        select
            chip_id,
            columns('^peak_(fp32$|.*_vector|tf32_dense|fp16_|bf16_|fp8_dense|tensor)'),
        from clean.chips
    )
    on columns('^peak_') into name rate_name value rate
)

select distinct
    inputs.run_id,
    rates.rate_name,
    rates.rate,
    exists (
        select 1
        from figures
        where
            figures.run_id = inputs.run_id and figures.is_of_compute
            and abs(figures.figure / rates.rate - 1) <= limits.equal_share
    ) as is_in_notes,
    case
        when rate_name like '%sparse' then 'published takes the sparse rate'
        when rate_name in ('peak_fp16_vector', 'peak_bf16_vector') then 'published takes the rate of ordinary units in 16 bits'
        when rate_name = 'peak_fp32' and number_format in ('fp16', 'bf16', 'fp8')
            then 'published takes the FP32 rate of a run in 16 bits'
        when rate_name = 'peak_fp32' then 'no format is stated: published takes FP32'
        else 'published takes the rate of another format'
    end as clue,
from inputs
join families using (chip_id)
join families as sisters using (family)
join rates on rates.chip_id = sisters.chip_id
cross join limits
where disagreement(rates.rate, inputs.peak_flop_per_second) > 1.5::double;

-- A published value that the rate in use explains needs no other.
create temp table explained as
select distinct run_id
from products
join inputs using (run_id)
cross join limits
where abs(products.rate / peak_flop_per_second - 1) <= limits.equal_share;

create temp table taken_rates as
select
    products.run_id,
    min_by(other_rates.clue, row(abs(products.rate / other_rates.rate - 1), other_rates.rate_name, products.share)) as clue,
    min_by(
        format(
            '{}{}: {:.4g} FLOP/s × {:.2g}', other_rates.clue, case when is_mean then ' in its half of a mean' else '' end,
            other_rates.rate, products.share
        ),
        row(abs(products.rate / other_rates.rate - 1), other_rates.rate_name, products.share)
    ) as reason,
    min_by(is_mean, row(abs(products.rate / other_rates.rate - 1), other_rates.rate_name, products.share)) as is_mean,
from products
join other_rates using (run_id)
anti join explained using (run_id)
cross join limits
where
    abs(products.rate / other_rates.rate - 1)
    <= case when other_rates.is_in_notes then limits.equal_share else limits.exact_share end
    and not (is_mean and other_rates.clue like '%another format')
group by products.run_id;

create temp table taken_hours as
select
    products.run_id,
    any_value(mistold_hours.fault order by mistold_hours.clue) as fault,
    any_value(mistold_hours.clue order by mistold_hours.clue) as clue,
from products
join inputs using (run_id)
anti join explained using (run_id)
cross join limits
join mistold_hours
    on abs(
        products.rate / peak_flop_per_second / case times
            when 'chips' then chips when 'one over chips' then 1 / chips
            when '24' then 24 when '1/24' then 1 / 24
            when '1/2' then case when regexp_matches(chip_id, 'tpu-v[23]$') then 0.5 end
        end - 1
    ) <= case when mistold_hours.fault = 'inputs' then limits.equal_share else limits.exact_share end
where not is_mean and (times not like '%chips' or chips > 2)
group by products.run_id;

-- Two figures of the compute notes that make the published value, and which of ours they are not.
create temp table taken_figures as
with
needed as (
    select
        inputs.*,
        published_flop / 6 / counted_parameters as needed_tokens,
        published_flop / 6 / counted_tokens as needed_parameters,
        disagreement(published_flop, counted_flop) as counted_miss,
    from inputs
    where counted_parameters > 0 and counted_tokens > 0
),

told as (
    select
        run_id,
        'tokens' as what,
        figure,
        may_be_read,
        abs(figure / needed_tokens - 1) as off,
        abs(figure / counted_parameters - 1) <= limits.equal_share as is_ours,
    from needed
    join figures using (run_id)
    cross join limits
    union all
    select
        run_id,
        'parameters' as what,
        figure,
        may_be_read,
        abs(figure / needed_parameters - 1) as off,
        abs(figure / counted_tokens - 1) <= limits.equal_share as is_ours,
    from needed
    join figures using (run_id)
    cross join limits
)

select
    run_id,
    min_by(what, off) as what,
    min_by(figure, off) as figure,
    min_by(may_be_read, off) as may_be_read,
from told
cross join limits
where off <= limits.equal_share and figure > limits.smallest_figure and not is_ours
group by run_id;

-- Mixtures of experts by their notes, with the figure nearest to the parameters a token needs.
create temp table mixtures as
select
    inputs.run_id,
    min_by(figures.figure, abs(figures.figure * counted_tokens * 6 / inputs.published_flop - 1))
        filter (where abs(figures.figure * counted_tokens * 6 / inputs.published_flop - 1) <= limits.active_share) as active,
    min_by(figures.may_be_read, abs(figures.figure * counted_tokens * 6 / inputs.published_flop - 1)) as may_be_read,
from inputs
join truths using (run_id)
join raw.epoch_models as models using (document_id, row_number)
cross join limits
left join figures
    on figures.run_id = inputs.run_id and figures.figure between limits.smallest_figure and inputs.counted_parameters / 2
where
    inputs.counted_flop > 2 * inputs.published_flop and inputs.active_parameters is null
    and regexp_matches(
        concat_ws(' ', models.parameters_notes, models.abstract, models.training_compute_notes),
        '(?i)(mixture.of.expert|\bmoe\b|experts\b|activated|active param)'
    )
group by inputs.run_id;

-- Tokens as the product of two or three figures of the compute notes, where they speak of steps and batches.
create temp table taken_steps as
with
speaking as (
    select
        inputs.run_id,
        inputs.published_flop / 6 / counted_parameters as needed_tokens,
    from inputs
    join truths using (run_id)
    join raw.epoch_models as models using (document_id, row_number)
    where
        counted_parameters > 0 and disagreement(inputs.published_flop, inputs.counted_flop) > 2
        and regexp_matches(training_compute_notes, '(?i)(step|iteration|update|batch)')
),

few as (
    select
        run_id,
        figure,
        may_be_read,
    from figures
    where figure > 10 and is_of_compute
    qualify count(*) over (partition by run_id) <= (select most_figures from limits)
),

products_of_three as (
    select
        run_id,
        one.figure as steps,
        other.figure as batch,
        coalesce(third.figure, 1) as length,
        one.may_be_read and other.may_be_read and coalesce(third.may_be_read, true) as may_be_read,
        needed_tokens,
    from speaking
    join few as one using (run_id)
    join few as other using (run_id)
    join (from few union all select distinct run_id, 1, true from few) as third using (run_id)
    where one.figure > other.figure and other.figure > third.figure
)

select
    run_id,
    bool_or(may_be_read) as may_be_read,
    min_by(format('{:.4g} × {:.4g} × {:.4g}', steps, batch, length), abs(steps * batch * length / needed_tokens - 1))
        as product,
from products_of_three
cross join limits
where abs(steps * batch * length / needed_tokens - 1) <= limits.equal_share / 4
group by run_id;

-- One clue a miss, the surest first: what the published value shows by its own arithmetic, then what two answers show
-- together, then what the value would need of the inputs.
create temp table misses as
select
    judged.run_id,
    judged.method,
    split_part(judged.method, ',', 1) as kind,
    judged.published_by,
    judged.has_base_model,
    judged.published_flop / judged.training_compute_flop as factor,
    inputs.* exclude (run_id, published_flop),
    judged.published_flop,
    judged.published_flop / (inputs.chip_seconds * inputs.peak_flop_per_second) as needed_share,
    judged.published_flop / 6 / inputs.counted_parameters / inputs.counted_tokens
    * case when inputs.count_rule like '%epochs' then inputs.epochs else 1 end as needed_passes,
    disagreement(inputs.counted_flop, inputs.timed_flop) as apart,
    disagreement(
        judged.published_flop,
        case when split_part(judged.method, ',', 1) = 'operation_counting' then inputs.timed_flop else inputs.counted_flop end
    ) as other_miss,
    case when split_part(judged.method, ',', 1) = 'operation_counting' then inputs.counted_flop else inputs.timed_flop end
        as own_flop,
from judged
join inputs using (run_id)
where judged.miss > log10(2) and judged.method <> 'combined';

create temp table clues as
select
    run_id,
    method,
    1 as place,
    case when taken_rates.clue like 'published%' and taken_rates.clue not like '%another format%' then 'published value'
        else 'cannot tell' end as fault,
    taken_rates.clue as clue,
    taken_rates.reason as reason,
from misses
join taken_rates using (run_id)
where kind = 'hardware_time' or taken_rates.is_mean
union all
select run_id, method, 0, 'published value', 'published leaves out the base model',
    format('published is {:.2g} times our count without the base model', published_flop / own_flop),
from misses
cross join limits
where has_base_model and disagreement(published_flop, own_flop) <= limits.agreed
union all
select run_id, method, 2, taken_hours.fault, taken_hours.clue, taken_hours.clue,
from misses
join taken_hours using (run_id)
where kind = 'hardware_time'
union all
select
    run_id,
    method,
    3,
    case when may_be_read then 'our method' else 'inputs' end,
    format('published counts other {}, ', what)
    || case when may_be_read then 'in notes that may be read' else 'in its own notes alone' end,
    format('published counts {:.3g} {}; ours {:.3g}', figure, what,
        case when what = 'tokens' then counted_tokens else counted_parameters end),
from misses
join taken_figures using (run_id)
where kind = 'operation_counting'
union all
select
    run_id,
    method,
    5,
    case when active is not null and may_be_read then 'our method' else 'inputs' end,
    'a mixture counted with all its parameters'
    || case when active is null then ', the active ones are not stated'
        when may_be_read then ', the active ones stand in notes that may be read'
        else ', the active ones stand in its own notes alone'
    end,
    format('a mixture: published is {:.2g} of ours', factor)
    || coalesce(format(', as {:.3g} parameters a token would give', active), ''),
from misses
join mixtures using (run_id)
where kind = 'operation_counting'
union all
select
    run_id,
    method,
    4,
    case when may_be_read then 'our method' else 'inputs' end,
    'published counts steps and batches, ' || case when may_be_read then 'in notes that may be read' else 'in its own notes alone' end,
    format('published counts {} tokens; ours {:.3g}', product, counted_tokens),
from misses
join taken_steps using (run_id)
where kind = 'operation_counting'
union all
select run_id, method, 4, 'published value', 'published is the mean of our two methods',
    format('published is the geometric mean of our methods, which are {:.2g} times apart', apart),
from misses
cross join limits
where abs(published_flop / sqrt(counted_flop * timed_flop) - 1) <= limits.mean_share
union all
select run_id, method, 5, 'published value', 'our methods agree, apart from it',
    format('our methods agree within {:.2g}x; published is {:.2g} times ours', apart, factor),
from misses
cross join limits
where apart <= limits.agreed and not has_base_model
union all
select run_id, method, 6, 'published value', 'slip of a power of ten', format('published is 10^{} times ours', power),
from misses
cross join limits
join slips on abs(misses.factor / slips.factor - 1) <= limits.equal_share
where case when kind = 'operation_counting' then count_rule <> 'one_pass' or slips.power < 0 else stated_share is not null end
union all
select run_id, method, 8, 'inputs', 'a base model''s compute is in it',
    format('names a base model; published is {:.2g} times ours', factor),
from misses
where has_base_model
union all
select run_id, method, 9, 'inputs', 'the other method agrees with published',
    format('our other method is within {:.2g}x of published, so this one''s inputs are off {:.2g} times', other_miss, factor),
from misses
cross join limits
where other_miss <= limits.agreed
union all
select run_id, method, 10, 'inputs', 'chips or hours are not of the whole run',
    format('published needs {:.0f}% of peak', 100 * needed_share),
from misses
where kind = 'hardware_time' and needed_share > 1
union all
select run_id, method, 11, 'our method', 'the share of peak that was assumed',
    format('published needs {:.0f}% of peak', 100 * needed_share),
from misses
where kind = 'hardware_time' and stated_share is null and needed_share between 0.1 and 1
union all
select run_id, method, 12, 'inputs', 'chips or hours hold more than the run, or another format was used',
    format('published needs {:.2g}% of peak', 100 * needed_share),
from misses
where kind = 'hardware_time' and needed_share < 0.1
union all
select run_id, method, 13, 'inputs', 'no epochs are stated',
    format('no epochs stated: published is {:.3g} passes', needed_passes),
from misses
where kind = 'operation_counting' and epochs is null and needed_passes > 1
union all
select run_id, method, 14, 'inputs', 'epochs stated are not in published, or in the data already',
    format('epochs stated are {:.3g}; published is one pass', epochs),
from misses
cross join limits
where kind = 'operation_counting' and abs(needed_passes - 1) <= limits.equal_share
union all
select run_id, method, 15, 'inputs', 'parameters or data hold more than is used',
    format('published is {:.2g} of one pass', needed_passes),
from misses
where kind = 'operation_counting' and needed_passes < 1
union all
select run_id, method, 16, 'cannot tell', 'other passes than are stated',
    format('epochs stated are {:.3g}; published is {:.3g} passes', epochs, needed_passes),
from misses
where kind = 'operation_counting' and needed_passes is not null
union all
select run_id, method, 17, 'cannot tell', 'nothing shows it', format('published is {:.2g} times ours', factor),
from misses;

create temp table surest as
select *
from clues
qualify row_number() over (partition by run_id, method order by place, clue) = 1;

-- The joint answer of a run has the clue of the method that is furthest off, or none where only the two together miss.
create temp table blamed as
select
    judged.run_id,
    judged.method,
    coalesce(surest.fault, 'cannot tell') as fault,
    coalesce(surest.clue, 'the methods together') as clue,
    case when judged.method = 'combined' and surest.method is not null then surest.method || ': ' else '' end
    || coalesce(surest.reason, format('published is {:.2g} times ours', published_flop / training_compute_flop))
    || case when judged.confidence in ('Speculative', 'Unknown')
            then '; the source calls its value ' || lower(judged.confidence) else '' end as reason,
from judged
left join (
    select
        run_id,
        method as worst_method,
    from judged
    where method <> 'combined'
    qualify row_number() over (partition by run_id order by method like '%set aside', miss desc, method) = 1
) as worst using (run_id)
left join surest
    on surest.run_id = judged.run_id
    and surest.method = case when judged.method = 'combined' then worst.worst_method else judged.method end
where judged.miss > log10(2);

-- Runs whose published value is wrong by its own arithmetic, whatever our answer: a rate no training has, days for hours,
-- one chip for all; and powers of ten.
create temp table mistaken as
select run_id from taken_rates
where clue like 'published%' and clue not like '%another format%'
union
select run_id from taken_hours
where fault = 'published value'
union
select run_id from surest
where clue = 'slip of a power of ten' and method not like '%set aside';
