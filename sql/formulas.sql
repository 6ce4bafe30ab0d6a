-- The physics and statistics of the record as named macros; every figure in the warehouse goes through one of these.
-- noqa: disable=layout.indent
-- Each macro carries an example that is executed by the tests, and a reference where it is not plain arithmetic.

-- One petaflop/s-day: 1e15 operations a second for a day. Reference: OpenAI, "AI and Compute" (2018), definition.
-- example: pfs_days(8.64e19) = 1
create or replace macro pfs_days(flop) as flop / 8.64e19;

-- example: flop_of_pfs_days(2) = 1.728e20
create or replace macro flop_of_pfs_days(days) as days * 8.64e19;

-- Backward pass costs twice the forward pass, so training costs three forward passes an example.
-- Reference: OpenAI, "AI and Compute" (2018), appendix, method 1.
-- example: forward_counted_flop(1.5e9, 1.2e6, 90) = 4.86e17
create or replace macro forward_counted_flop(forward_flop, examples, epochs) as
    forward_flop * 3.0::double * examples * epochs;

-- Chips at a share of their peak for a time. Reference: OpenAI, "AI and Compute" (2018), appendix, method 2.
-- example: round(pfs_days(hardware_flop(2 * 132, 1.58e12, 0.33)), 4) = 0.0057
create or replace macro hardware_flop(chip_hours, peak_flop_per_second, share) as
    chip_hours * 3600.0::double * peak_flop_per_second * share;

-- A fit's time: years of 365.25 days since 2000-01-01.
-- example: years_since_2000(date '2000-12-31') = 365 / 365.25
create or replace macro years_since_2000(day) as (day - date '2000-01-01') / 365.25::double;

-- example: months_between(date '2012-06-01', date '2012-07-01') = 30 / (365.25 / 12)
create or replace macro months_between(from_day, to_day) as (to_day - from_day) / (365.25::double / 12);

-- example: round(doubling_months(1.0), 6) = 3.61236
create or replace macro doubling_months(oom_per_year) as
    case when oom_per_year <> 0 then 12.0::double * log10(2.0) / oom_per_year end;

-- example: round(growth_per_year(1.0), 9) = 10
create or replace macro growth_per_year(oom_per_year) as pow(10.0::double, oom_per_year);

-- example: growth_over(24, 24) = 2
create or replace macro growth_over(months, doubling_months) as pow(2.0::double, months / doubling_months);

-- Larger over smaller of two figures.
-- example: disagreement(2, 8) = 4
create or replace macro disagreement(one, other) as greatest(one / other, other / one);

-- Weight of an estimate in the combination in log space: its precision, from its 90% half-width as a factor.
-- example: round(log_precision(exp(1.0)), 9) = 1
create or replace macro log_precision(spread_factor) as 1.0::double / pow(ln(spread_factor), 2);

-- 0.975 quantile of Student's t. Up to 100 degrees of freedom from a table (R's qt, 15 digits); above, the expansion of
-- Abramowitz & Stegun 26.7.5, whose first left-out term is below 1e-11 there.
-- example: round(student_t_975(10), 9) = 2.228138852
-- example: round(student_t_expansion(1.959963984540054::double, 1000), 9) = 1.962339081
create or replace macro student_t_expansion(z, df) as
    z
    + (pow(z, 3) + z) / 4 / df
    + (5 * pow(z, 5) + 16 * pow(z, 3) + 3 * z) / 96 / pow(df, 2)
    + (3 * pow(z, 7) + 19 * pow(z, 5) + 17 * pow(z, 3) - 15 * z) / 384 / pow(df, 3)
    + (79 * pow(z, 9) + 776 * pow(z, 7) + 1482 * pow(z, 5) - 1920 * pow(z, 3) - 945 * z) / 92160 / pow(df, 4)
    + (27 * pow(z, 11) + 339 * pow(z, 9) + 930 * pow(z, 7) - 1782 * pow(z, 5) - 765 * pow(z, 3) + 17955 * z)
    / 368640 / pow(df, 5);
create or replace macro student_t_975(df) as
    case
        when df between 1 and 100 then ([
            12.706204736174694, 4.302652729749462, 3.1824463052837078, 2.7764451051977934, 2.5705818356363146,
            2.4469118511449786, 2.364624251592784, 2.306004135204166, 2.262157162798205, 2.228138851986274,
            2.200985160091639, 2.1788128296672284, 2.1603686564627913, 2.144786687917804, 2.131449545559776,
            2.1199052992212546, 2.1098155778333156, 2.1009220402410382, 2.0930240544083087, 2.085963447265864,
            2.0796138447276795, 2.0738730679040254, 2.0686576104190486, 2.0638985616280245, 2.0595385527532972,
            2.0555294386428735, 2.0518305164802846, 2.0484071417952454, 2.045229642132703, 2.0422724563012378,
            2.039513446396408, 2.0369333434601016, 2.0345152974493383, 2.0322445093177186, 2.030107928250343,
            2.0280940009804502, 2.0261924630291093, 2.0243941639119694, 2.022690920036761, 2.021075390306273,
            2.019540970441376, 2.0180817028184443, 2.016692199227824, 2.0153675744437636, 2.014103388880846,
            2.012895598919429, 2.0117405137297655, 2.010634757624232, 2.0095752371292392, 2.008559112100761,
            2.007583770315836, 2.006646805061688, 2.0057459953178687, 2.0048792881880564, 2.0040447832891455,
            2.003240718847872, 2.002465459291007, 2.0017174841452356, 2.000995378088267, 2.0002978220142604,
            1.999623584994939, 1.9989715170333788, 1.998340542520741, 1.997729654317693, 1.9971379083920038,
            1.9965644189523117, 1.996008354025296, 1.9954689314298435, 1.9949454151072374, 1.994437111771186,
            1.9939433678456255, 1.9934635666618719, 1.992997125889855, 1.992543495180932, 1.9921021540022417,
            1.9916726096446642, 1.9912543953883846, 1.9908470688116906, 1.9904502102301285, 1.990063421254446,
            1.9896863234569029, 1.989318557136572, 1.9889597801751624, 1.9886096669757083, 1.9882679074772216,
            1.98793420623902, 1.9876082815890708, 1.9872898648311692, 1.986978699506281, 1.9866745407037683,
            1.9863771544186177, 1.98608631695113, 1.9858018143458227, 1.985523441866604, 1.9852510035054978,
            1.984984311522457, 1.9847231860139845, 1.9844674545084815, 1.9842169515864174, 1.9839715185235518
        ]::double[])[df::integer]
        when df > 100 then student_t_expansion(1.959963984540054::double, df::double)
    end;

-- Standard error of a least-squares slope. Reference: any text on simple regression.
-- example: round(slope_standard_error(10, 4, 2, 4), 6) = 0.707107
create or replace macro slope_standard_error(syy, sxy, sxx, n) as
    case when n > 2 and sxx > 0 then sqrt(greatest(syy - sxy * sxy / sxx, 0.0::double) / (n - 2) / sxx) end;

-- Slope of a least-squares line from the sums of squares and products about the means; fewer than three points tell none.
-- example: line_slope(3, 2, 4) = 2
-- example: line_slope(2, 2, 4) is null
create or replace macro line_slope(n, sxx, sxy) as case when n >= 3 and sxx > 0 then sxy / sxx end;

-- Share of the scatter that a line explains; 1 where there is none. Null where there is no line.
-- example: line_r_squared(3, 2, 4, 16) = 0.5
-- example: line_r_squared(3, 2, 0, 0) = 1
create or replace macro line_r_squared(n, sxx, sxy, syy) as
    case when line_slope(n, sxx, sxy) is not null then least(coalesce(sxy * sxy / nullif(sxx * syy, 0), 1), 1) end;

-- End of the interval of a doubling time, from the end of the slopes' that gives it and the other: none where growth is not
-- told from decline.
-- example: sure_doubling_months(1.0::double, 0.5::double) = doubling_months(1.0::double)
-- example: sure_doubling_months(1.0::double, -0.5::double) is null
create or replace macro sure_doubling_months(oom_per_year, other_oom_per_year) as
    case when oom_per_year * other_oom_per_year > 0 then doubling_months(oom_per_year) end;

-- A name as an identity: lower case, everything else than letters, digits and dots a single dash, "+" spelled out.
-- example: slug('GPT-3 175B (davinci)') = 'gpt-3-175b-davinci'
create or replace macro slug(words) as
    trim(regexp_replace(replace(lower(strip_accents(words)), '+', '-plus'), '[^a-z0-9.]+', '-', 'g'), '-.');

-- A name as it is compared: outer and double white space and a trailing backslash do not count.
-- example: name_key('  Yi-Lightning \') = 'Yi-Lightning'
create or replace macro name_key(words) as trim(regexp_replace(regexp_replace(words, '[\\\s]+$', ''), '\s+', ' ', 'g'));

-- Identity of a paper from the link a source gives: arXiv id without version, else DOI, else the first address.
-- example: paper_key('https://arxiv.org/pdf/1706.03762v5') = 'arxiv:1706.03762'
create or replace macro paper_key(link) as
    case
        when regexp_matches(link, '(?i)arxiv(\.org/(abs|pdf|html)/|:\s*)(\d{4}\.\d{4,5}|[a-z\-]+(?:\.[a-z\-]+)?/\d{7})')
            then 'arxiv:' || lower(regexp_extract(link, '(?i)arxiv(?:\.org/(?:abs|pdf|html)/|:\s*)(\d{4}\.\d{4,5}|[a-z\-]+(?:\.[a-z\-]+)?/\d{7})', 1))
        when regexp_matches(link, '(?i)(doi\.org/|doi:\s*)10\.\d{4,9}/\S+')
            then 'doi:' || lower(rtrim(regexp_extract(link, '(?i)(?:doi\.org/|doi:\s*)(10\.\d{4,9}/\S+)', 1), '.,;)'))
        when trim(link) <> ''
            then 'url:' || lower(rtrim(regexp_replace(regexp_extract(trim(link), '^\S+'), '^(?i)https?://(www\.)?', ''), '/'))
    end;

-- Values of a list cell, trimmed, empty ones dropped, each once, in order of appearance.
-- example: list_words('a, b,,a', ',') = ['a', 'b']
create or replace macro list_words(cell, mark) as
    case
        when contains(cell, mark)
            then list_filter(
                list_transform(string_split(cell, mark), w -> trim(w)),
                (w, i) -> w <> '' and list_position(list_transform(string_split(cell, mark), v -> trim(v)), w) = i
            )
        when trim(cell) = '' then []::varchar[]
        when cell is not null then [trim(cell)]
    end;

-- Where a figure of some runs lies against a claimed range; fewer runs than needed give no verdict.
-- example: claim_verdict(5, 1, 8, 3, 3) = 'agrees'
create or replace macro claim_verdict(figure, low, high, runs, needed) as
    case
        when low is null or high is null then 'no claim'
        when runs < needed or figure is null then 'too few'
        when figure < low then 'below'
        when figure > high then 'above'
        else 'agrees'
    end;

-- Key of an arXiv identifier: no version, and no subject class in the old style.
-- Reference: arXiv, "Understanding the arXiv identifier" (the class is not part of the identifier).
-- example: arxiv_key('math.GT/0309136v2') = 'arxiv:math/0309136'
create or replace macro arxiv_key(id) as
    'arxiv:' || regexp_replace(regexp_replace(lower(trim(id)), 'v\d+$', ''), '^([a-z\-]+)\.[a-z\-]+/', '\1/');

-- Whether a DOI is one that arXiv itself gives to each of its papers.
-- example: is_arxiv_doi('10.48550/arXiv.1706.03762')
create or replace macro is_arxiv_doi(doi) as starts_with(lower(trim(doi)), '10.48550/arxiv.');

-- Key of a DOI, the first where a cell holds several; arXiv's own DOI is the arXiv identifier in it.
-- example: doi_key('10.1038/NATURE16961 10.1038/nature24270') = 'doi:10.1038/nature16961'
-- example: doi_key('10.48550/arXiv.1706.03762v1') = 'arxiv:1706.03762'
create or replace macro doi_key(doi) as
    case
        when is_arxiv_doi(doi) then arxiv_key(lower(trim(doi))[16:])
        when starts_with(trim(doi), '10.') then 'doi:' || rtrim(split_part(lower(trim(doi)), ' ', 1), '.,;)')
    end;

-- Year in which an arXiv identifier was given: YYMM since 2007, before that after the archive's name; arXiv began in 1991.
-- example: arxiv_year('1706.03762') = 2017
-- example: arxiv_year('hep-th/9901001') = 1999
create or replace macro arxiv_year(id) as
    case
        when regexp_matches(id, '/(9[1-9])\d{5}') then 1900 + regexp_extract(id, '/(\d\d)\d{5}', 1)::bigint
        when regexp_matches(id, '(^|/)\d{4}(\.\d{4,5}|\d{3})') then 2000 + regexp_extract(id, '(?:^|/)(\d\d)', 1)::bigint
    end;

-- A title as it is compared: letters and digits of any script without accents, lower case, the rest single dashes.
-- example: title_key('“Attention” is all   you need.') = 'attention-is-all-you-need'
create or replace macro title_key(words) as
    trim(regexp_replace(lower(strip_accents(words)), '[^\p{L}\p{N}]+', '-', 'g'), '-');

-- A chip's name as it is compared: words of makers and brands dropped, sizes split from their unit, the rest in order.
-- example: chip_key('NVIDIA A100 80GB PCIe') = chip_key('A100 PCIe 80 GB')
-- example: chip_key('AMD Instinct™ MI300X') = 'mi300x'
-- example: chip_key('H100 GPU accelerator (SXM card)') = chip_key('NVIDIA H100 SXM')
create or replace macro chip_key(words) as
    array_to_string(
        list_sort(list_distinct(string_split(
            trim(regexp_replace(
                regexp_replace(
                    regexp_replace(lower(words), '(\d)\s*g(b|ib)?\b', '\1 gb', 'g'),
                    '\b(nvidia|amd|google|cloud|geforce|tesla|(radeon )?instinct|tensor core|gpus?|accelerator|card|chip)\b', ' ', 'g'
                ),
                '[^a-z0-9.+]+', ' ', 'g'
            )),
            ' '
        ))),
        '-'
    );

-- Half a unit in the second digit of a figure that has no more than two; else nothing.
-- example: two_digit_rounding(34e12::double) = 0.5e12
-- example: two_digit_rounding(33.5e12::double) = 0
create or replace macro two_digit_rounding(figure) as
    case
        when figure > 0
            and abs(figure / pow(10.0::double, floor(log10(figure)) - 1)
                - round(figure / pow(10.0::double, floor(log10(figure)) - 1))) < 1e-6
            then 0.5::double * pow(10.0::double, floor(log10(figure)) - 1)
        else 0
    end;

-- Whether two figures are one: within a share of the smaller, or one is the other rounded to two digits.
-- example: figures_agree(34e12::double, 33.5e12::double, 0.01)
-- example: not figures_agree(858993459200::double, 819e9::double, 0.01)
create or replace macro figures_agree(one, other, share) as
    abs(one - other) <= 1.000000001::double * greatest(
        share::double * least(abs(one), abs(other)), two_digit_rounding(one), two_digit_rounding(other)
    );

-- Value of hardware some years after it was bought, where prices of equal performance fall by so many orders of magnitude
-- a year; never above its price. Reference: Cottier et al. 2024, arXiv:2405.21015, and its released code.
-- example: round(decayed_value_usd(1000, 2, 0.5::double), 9) = 100
-- example: decayed_value_usd(1000, -1, 0.5::double) = 1000
create or replace macro decayed_value_usd(price_usd, years, oom_per_year) as
    price_usd * pow(10.0::double, -oom_per_year * greatest(years, 0));

-- What hardware of that value loses while it works: the rate of that fall at the start, over years of 8766 hours.
-- Reference: as above.
-- example: round(amortised_usd(8766, 0.14::double, 100), 6) = 32.236191
create or replace macro amortised_usd(value_usd, oom_per_year, chip_hours) as
    value_usd * oom_per_year * ln(10.0::double) / 8766 * chip_hours;

-- Cost of a cluster from that of its servers, where the network between them is a share of the whole.
-- example: round(with_interconnect(81, 0.19::double), 9) = 100
create or replace macro with_interconnect(servers_usd, interconnect_share) as servers_usd / (1 - interconnect_share);

-- Energy of the data centre from a chip's peak draw with its part of the server.
-- example: round(energy_kwh(1000, 0.75::double, 1.25::double, 8), 9) = 7.5
create or replace macro energy_kwh(server_watts, average_power_share, power_usage_effectiveness, chip_hours) as
    server_watts * average_power_share * power_usage_effectiveness * chip_hours / 1000;

-- Dollars of one month in those of another, by a price index.
-- example: round(in_dollars_of(100, 113.4::double, 119.07::double), 9) = 105
create or replace macro in_dollars_of(usd, index_of_then, index_of_month) as usd * index_of_month / index_of_then;

-- Chip-hours that so many operations take; the inverse of hardware_flop.
-- example: round(chip_hours_of_flop(hardware_flop(264, 1.58e12, 0.33), 1.58e12, 0.33), 9) = 264
create or replace macro chip_hours_of_flop(flop, peak_flop_per_second, share) as
    flop / (3600.0::double * peak_flop_per_second * share);

-- Three-year price of a cloud from another of its prices, by the discounts on its price on demand.
-- example: round(three_year_price_usd(10, 'on_demand', 0.4::double, 0.64::double), 9) = 3.6
-- example: round(three_year_price_usd(6, 'commit_1_year', 0.4::double, 0.64::double), 9) = 3.6
create or replace macro three_year_price_usd(price_usd, price_kind, discount_1_year_share, discount_3_years_share) as
    case price_kind
        when 'commit_3_years' then price_usd
        when 'commit_1_year' then price_usd * (1 - discount_3_years_share) / (1 - discount_1_year_share)
        when 'on_demand' then price_usd * (1 - discount_3_years_share)
    end;

-- Operations of training by tokens: 6 a parameter a token in dense models, 4 where the parameters are frozen.
-- Reference: Kaplan et al. 2020, arXiv:2001.08361; Hu et al. 2021, arXiv:2106.09685.
-- example: token_training_flop(6, 174.6e9, 300e9) = 3.1428e23
create or replace macro token_training_flop(flop_per_parameter, parameters, tokens) as
    flop_per_parameter::double * parameters * tokens;

-- The same of a dense model.
-- example: dense_training_flop(174.6e9, 300e9) = 3.1428e23
create or replace macro dense_training_flop(parameters, tokens) as token_training_flop(6, parameters, tokens);

-- A spread as a factor out of two independent ones, in log space.
-- example: round(joint_spread(exp(3.0), exp(4.0)), 6) = round(exp(5.0), 6)
create or replace macro joint_spread(one, other) as exp(sqrt(pow(ln(one), 2) + pow(ln(other), 2)));

-- Half-width in log space of a sum of two independent figures: each counts by its share. First-order propagation.
-- example: round(sum_log_spread(3, 0.4::double, 1, 0.4::double), 6) = round(0.1 * sqrt(10), 6)
create or replace macro sum_log_spread(one, one_spread, other, other_spread) as
    sqrt(pow(one * one_spread, 2) + pow(other * other_spread, 2)) / (one + other);

-- Names of hardware in a cell that lists several.
-- example: hardware_list('NVIDIA A100, Google TPU v3;A100 and V100') = ['NVIDIA A100', 'Google TPU v3', 'A100', 'V100']
create or replace macro hardware_list(cell) as
    list_words(regexp_replace(cell, '\s*;\s*|\s+(and|&|\+)\s+', ',', 'gi'), ',');

-- Gigabytes that a name of hardware states, if it states any.
-- example: hardware_memory_gb('NVIDIA A100-SXM4-80GB') = 80
-- example: hardware_memory_gb('A10G') is null
create or replace macro hardware_memory_gb(words) as
    try_cast(regexp_extract(lower(words), '\b(\d+)[\s-]?(?:gb|gib|g)\b', 1) as double);

-- Number that a name gives a slice of a TPU pod; the version stands before it.
-- example: hardware_slice_size('TPU v3-128') = 128
-- example: hardware_slice_size('Xeon E5-2699 v3') is null
create or replace macro hardware_slice_size(words) as
    try_cast(regexp_extract(lower(words), '(?:tpu[ -]?|^)v\d[a-z]*-(\d+)\b', 1) as double);

-- Words of a hardware name in order: lower case, without signs, counts ("8x", a bracket that begins with a number), sizes of
-- memory and of slices. A number of three or four digits that ends in 0 and leads the name may be a card's: 1080 Ti.
-- example: hardware_tokens('8x V100 32GB') = ['v100']
-- example: hardware_tokens('Google Cloud TPU v4 (512 cores)') = ['google', 'cloud', 'tpu', 'v4']
-- example: hardware_tokens('1080 Ti') = ['1080', 'ti']
-- example: hardware_tokens('TPUv3-128 pod') = ['tpuv3', 'pod']
create or replace macro hardware_tokens(words) as
    regexp_extract_all(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    lower(words),
                    '\((r|tm)\)|[®™]|\(\s*\d[^)]*\)|^\d+\s*[x×*]\s*|^(\d{1,2}|\d*[1-9]|\d{5,})\s|\s[x×*]\s?\d+$',
                    ' ', 'g'
                ),
                '\b\d+[\s-]?(gb|gib|g)\b', ' ', 'g'
            ),
            '((?:tpu[ -]?|^)v\d[a-z]*)-\d+\b', '\1', 'g'
        ),
        '[a-z0-9.+]+'
    );

-- Words of a cell that names number formats: a format and its size are one word.
-- example: format_tokens('FP16, bfloat16 mixed precision') = ['fp16', 'bfloat16', 'mixed', 'precision']
-- example: format_tokens('FP 8/16-bit') = ['fp8', '16bit']
create or replace macro format_tokens(cell) as
    list_filter(
        regexp_split_to_array(
            regexp_replace(
                regexp_replace(lower(cell), '\b(fp|bf|tf|int|float|bfloat|tensorfloat)[ -](\d)', '\1\2', 'g'),
                '(\d)[ -]bit\b', '\1bit', 'g'
            ),
            '[^a-z0-9]+'
        ),
        w -> w <> ''
    );

-- Sum of squares about any middle value, from plain sums; exact where these are decimals.
-- example: squares_about(3, 6, 14, 2) = 2
create or replace macro squares_about(n, y, yy, middle) as (yy - middle * (2 * y - n * middle))::double;

-- Distribution function of the standard normal, to double precision.
-- Reference: Hart 1968, algorithm 5666, as printed by West 2005, "Better approximations to cumulative normal functions".
-- example: normal_cdf(0.0::double) = 0.5
-- example: round(normal_cdf(1.959963984540054::double), 12) = 0.975
-- example: round(normal_cdf(-8.0::double) / 6.220960574271785e-16, 7) = 1
-- example: upper_tail(0.0::double) = 0.5
create or replace macro upper_tail(z) as
    list_transform(
        [z::double],
        x -> case
            when x > 37 then 0
            when x < 7.07106781186547
                then exp(-x * x / 2)
                    * ((((((3.52624965998911e-2 * x + 0.700383064443688) * x + 6.37396220353165) * x + 33.912866078383) * x
                    + 112.079291497871) * x + 221.213596169931) * x + 220.206867912376)
                    / (((((((8.83883476483184e-2 * x + 1.75566716318264) * x + 16.064177579207) * x + 86.7807322029461) * x
                    + 296.564248779674) * x + 637.333633378831) * x + 793.826512519948) * x + 440.413735824752)
            else exp(-x * x / 2) / (x + 1 / (x + 2 / (x + 3 / (x + 4 / (x + 0.65))))) / 2.506628274631
        end
    )[1];
create or replace macro normal_cdf(z) as abs((z > 0)::integer - upper_tail(abs(z)));

-- Half-width of a 90% interval in standard deviations: the normal's 0.95 quantile.
-- example: round(normal_cdf(normal_95()), 12) = 0.95
create or replace macro normal_95() as 1.6448536269514722::double;

-- Standard deviation of a figure's log10, from its 90% interval, as for a log-normal.
-- example: round(log10_spread(1, pow(10.0::double, 2 * normal_95())), 12) = 1
create or replace macro log10_spread(low, high) as log10(high / low) / (2 * normal_95());

-- Probability that a figure lies above a limit, where its log10 is normal about the best value; with no spread, yes or no.
-- example: probability_above(1e25::double, 1e25::double, 0.5::double) = 0.5
-- example: probability_above(2e25::double, 1e25::double, 0.0::double) = 1
create or replace macro probability_above(figure, limit_value, deviation) as
    case
        when deviation > 0 then normal_cdf(log10(figure / limit_value) / deviation)
        when figure > limit_value then 1
        when figure <= limit_value then 0
    end;

-- Quantile of a sum of yes and no with unequal chances, by the normal with its mean and deviation, corrected for continuity.
-- Reference: Hong 2013, "On computing the distribution function for the Poisson binomial distribution", section 3.
-- example: count_quantile(50, 5, normal_95()) = 58
create or replace macro count_quantile(mean, deviation, z) as greatest(0::double, ceil(mean + z * deviation - 0.5::double));

-- Years until a line reaches a level that itself moves, from where the two stand (log10) and their slopes a year; null if never.
-- example: years_to_level(8, 10, 0.5::double, 0) = 4
-- example: years_to_level(8, 10, 0.5::double, 0.6::double) is null
create or replace macro years_to_level(line, level, line_oom_per_year, level_oom_per_year) as
    case when line_oom_per_year > level_oom_per_year then (level - line) / (line_oom_per_year - level_oom_per_year) end;

-- What became of a forecast of something that never falls: below, in or above its range, an open end left open.
-- example: forecast_verdict(5, 1, 8, true) = 'agrees'
-- example: forecast_verdict(9, 1, 8, false) = 'above'
-- example: forecast_verdict(5, 1, null, false) = 'not yet due'
create or replace macro forecast_verdict(figure, low, high, is_due) as
    case
        when figure is null then 'no data'
        when figure > high then 'above'
        when not is_due then 'not yet due'
        when figure < low then 'below'
        else 'agrees'
    end;

-- Where the random numbers of a draw begin: those of an item come from a hash of this and the item's number. Hashes of
-- several columns would not do: those of two draws differ by the same bits for every item. The same on any machine of one
-- DuckDB version. Seed to 9,000, draws to a million, items to 500 million.
-- example: draw_key(1, 2) = 1000002000000000
create or replace macro draw_key(seed, draw) as (seed::bigint * 1000000 + draw::bigint) * 1000000000;

-- Which of so many rows, counted from 0, is drawn at a place of a draw: with replacement, each equally often.
-- Reference: Efron 1979, Annals of Statistics 7, "Bootstrap methods: another look at the jackknife".
-- example: drawn_row(draw_key(1, 2), 3, 1) = 0
-- example: drawn_row(draw_key(1, 2), 3, 10) between 0 and 9
create or replace macro drawn_row(key, place, runs) as (hash(key + 2 * place) % runs::ubigint)::bigint;

-- A standard normal number of random bits, by the halves of them. Reference: Box and Muller 1958, Annals of
-- Mathematical Statistics 29.
-- example: round(normal_of_bits(3221225472), 9) = round(normal_of_bits(1073741824), 9)
-- example: round(normal_of_bits(9223372036854775808), 3) = 1.177
create or replace macro normal_of_bits(bits) as
    sqrt(-2 * ln(((bits >> 32) + 0.5::double) / 4294967296)) * cos(2 * pi() * ((bits & 4294967295) / 4294967296.0::double));

-- A standard normal number for an item of a draw.
-- example: drawn_error(draw_key(1, 2), 3) between -7 and 7
create or replace macro drawn_error(key, item) as normal_of_bits(hash(key + 2 * item + 1));

-- Sum of the normal errors of some runs' figures, from the sum of their variances: it is normal itself.
-- example: sum_of_errors(4, 0.5::double) = 1
create or replace macro sum_of_errors(variance, normal) as sqrt(variance) * normal;

-- Sum of time times error that goes with that sum, from the sums of variance, time times it and time squared times it: the
-- two sums are normal together, so the one is what the other lets expect and a normal rest.
-- example: sum_of_products(2, 6, 20, 1, 0.5::double) = 3 + 0.5 * sqrt(2)
-- example: sum_of_products(0, 0, 0, 0, 0.5::double) = 0
create or replace macro sum_of_products(variance, time_variance, time_squares_variance, error, normal) as
    coalesce(time_variance / nullif(variance, 0) * error, 0)
    + sqrt(greatest(coalesce(time_squares_variance - time_variance * time_variance / nullif(variance, 0), 0), 0.0::double))
    * normal;

-- Sum of products about the means, from plain sums: exact up to the division where these are whole numbers.
-- example: products_about_mean(2, 4, 4, 10) = 2
create or replace macro products_about_mean(n, x, y, products) as (n * products - x * y)::double / n;

-- example: squares_about_mean(2, 4, 10) = 2
create or replace macro squares_about_mean(n, total, squares) as products_about_mean(n, total, total, squares);

-- Slope of a least-squares line from sums over its points.
-- example: slope_of_sums(3, 3, 5, 6, 10) = 2
create or replace macro slope_of_sums(n, x, xx, y, xy) as
    products_about_mean(n, x, y, xy) / nullif(squares_about_mean(n, x, xx), 0);

-- Sum of the products of two bends, from the sums over the points on and after the second: a bend is the time since its
-- break, zero before it.
-- example: bends_together(0, 1, 2, 3, 5) = 2
create or replace macro bends_together(first_break, second_break, n, x, xx) as
    xx - (first_break + second_break) * x + first_break * second_break * n;

-- What a line of its own leaves explained of the squares of y: those of its level and of its slope.
-- example: line_explains(2, 1::double, 1::double, 3, 2) = 5
create or replace macro line_explains(n, x, xx, y, xy) as
    y * y / n + pow(products_about_mean(n, x, y, xy), 2) / nullif(squares_about_mean(n, x, xx), 0);

-- What two bends at once explain beyond a straight line, from their squares and products with each other and with y, all
-- as a straight line leaves them.
-- example: two_bends_explain(1, 2, 2, 2, 0) = 6
create or replace macro two_bends_explain(squares, product, other_squares, other_product, cross_product) as
    (other_squares * product * product - 2 * cross_product * product * other_product
        + squares * other_product * other_product)
    / nullif(squares * other_squares - cross_product * cross_product, 0);

-- Change of slope at the first of two bends, from the same. Of the second: with the two exchanged.
-- example: bend_of_two(1, 2, 2, 2, 0) = 2
create or replace macro bend_of_two(squares, product, other_squares, other_product, cross_product) as
    (other_squares * product - cross_product * other_product)
    / nullif(squares * other_squares - cross_product * cross_product, 0);

-- How well breaks at two places of a grid fit, and the places, as one whole number: the largest is the best fit to a
-- millionth of a square, of equal fits the one of the earliest places. Places to 999; 0 for none.
-- example: fit_and_places(2, 3, 4) > fit_and_places(2, 3, 5)
-- example: fit_and_places(2, 3, 5) < fit_and_places(2.001, 9, 9)
create or replace macro fit_and_places(fit, place, other_place) as
    round(fit * 1e6)::bigint * 1000000 + (999 - place) * 1000 + (999 - other_place);

-- example: first_place_of(fit_and_places(2, 3, 4)) = 3
create or replace macro first_place_of(best) as 999 - best // 1000 % 1000;

-- example: second_place_of(fit_and_places(2, 3, 4)) = 4
create or replace macro second_place_of(best) as 999 - best % 1000;

-- Bayesian information criterion of least squares, up to a constant. Reference: Schwarz 1978, Annals of Statistics 6.
-- example: round(bic_of_squares(10, 10, 3), 9) = round(3 * ln(10), 9)
create or replace macro bic_of_squares(n, residual_squares, parameters) as
    n * ln(residual_squares::double / n) + parameters * ln(n);

-- Where the doubling times of an interval of slopes lie against claimed ones, in months: faster is below, slower or falling
-- above; overlapping is agreement, and a claim without an interval is a point.
-- example: doubling_verdict(0.3::double, 0.4::double, 10, 14, 9, 3) = 'agrees'
-- example: doubling_verdict(-0.1::double, 0.1::double, 10, 14, 9, 3) = 'above'
-- example: doubling_verdict(1, 2, 10, 14, 9, 3) = 'below'
create or replace macro doubling_verdict(oom_low, oom_high, months_low, months_high, runs, needed) as
    case
        when months_low is null or months_high is null then 'no claim'
        when runs < needed or oom_low is null or oom_high is null then 'too few'
        when oom_low > 12.0::double * log10(2.0) / months_low then 'below'
        when oom_high < 12.0::double * log10(2.0) / months_high then 'above'
        else 'agrees'
    end;

-- Whether two ranges meet; a figure without a range is a point.
-- example: ranges_meet(5, 4, 6, 7, 6, 8)
-- example: not ranges_meet(5, null, null, 7, 6, 8)
create or replace macro ranges_meet(one, one_low, one_high, other, other_low, other_high) as
    greatest(coalesce(one_low, one), coalesce(other_low, other)) <= least(coalesce(one_high, one), coalesce(other_high, other));

-- What becomes of a published figure: reproduced where ours is as good as equal (for counts and shares of fit: equal to the
-- last digit printed; for bounds: on their side), overlapping where the ranges meet and the figures are near, else differing.
-- example: result_verdict('near', 3.437, null, null, 3.4, null, null, 0.1, 1.05, 1.25) = 'reproduced'
-- example: result_verdict('near', 11.2, 7.9, 15.9, 10, null, null, 1, 1.05, 1.25) = 'overlaps'
-- example: result_verdict('near', 6.46, null, null, 7, null, null, 1, 1.05, 1.25) = 'differs'
-- example: result_verdict('near', 20, 1, 90, 10, 1, 90, 1, 1.05, 1.25) = 'differs'
-- example: result_verdict('exactly', 0.527, null, null, 0.53, null, null, 0.01, 1.05, 1.25) = 'reproduced'
-- example: result_verdict('exactly', 20, null, null, 19, null, null, 1, 1.05, 1.25) = 'differs'
-- example: result_verdict('at least', 321726, null, null, 300000, null, null, 1, 1.05, 1.25) = 'reproduced'
-- example: result_verdict('at least', 23, null, null, 25, null, null, 1, 1.05, 1.25) = 'differs'
create or replace macro result_verdict(
    comparison, ours, ours_low, ours_high, theirs, theirs_low, theirs_high, last_digit, same, near
) as
    case
        when comparison = 'exactly' then if(abs(ours - theirs) <= last_digit * 0.5000001, 'reproduced', 'differs')
        when comparison = 'at least' then if(ours * same >= theirs, 'reproduced', 'differs')
        when coalesce(ours, 0) <= 0 then 'differs'
        when disagreement(ours, theirs) <= same then 'reproduced'
        when
            disagreement(ours, theirs) <= near
            and ranges_meet(ours, ours_low, ours_high, theirs, theirs_low, theirs_high)
            then 'overlaps'
        else 'differs'
    end;

-- Whether a figure makes a sentence true: it or its range meets the range the sentence is read as, whose ends give a little.
-- example: sentence_verdict(6.46, null, null, 6.5, 7.5, 1.05) = 'holds'
-- example: sentence_verdict(5.1, 4.2, 6.3, 3.4, 3.4, 1.05) = 'does not hold'
-- example: sentence_verdict(321726, null, null, 300000, null, 1.05) = 'holds'
create or replace macro sentence_verdict(figure, figure_low, figure_high, true_from, true_to, same) as
    if(
        coalesce(figure_high, figure) >= coalesce(true_from::double / same, '-infinity')
        and coalesce(figure_low, figure) <= coalesce(true_to::double * same, 'infinity'),
        'holds', 'does not hold'
    );

-- Months of 365.25/12 days as months of 30 days.
-- Reference: Sevilla et al. 2022, arXiv:2202.05924, and its notebook, whose months they are.
-- example: round(thirty_day_months(21), 4) = 21.3063
create or replace macro thirty_day_months(months) as months * (365.25::double / 12) / 30;

-- Words of a cell as two editions are compared: white space, the order of a list and how its numbers are written do not count.
-- example: cell_key(' b;  a  c ') = cell_key('a c, b')
-- example: cell_key('2457600000.00, 3e2') = cell_key('300;2457600000')
create or replace macro cell_key(words) as
    array_to_string(
        list_sort(list_transform(
            string_split(replace(words, ';', ','), ','),
            w -> coalesce(
                format('{:.8e}', try_cast(trim(w) as double)), trim(regexp_replace(w, '\s+', ' ', 'g'))
            )
        )),
        ','
    );

-- Whether two sorted lists hold the same figures, each within a share of the larger: another way of writing a number.
-- example: same_figures([2.69568e19::double], [26956800000000000000.00::double], 1e-9)
-- example: not same_figures([1::double, 2], [1::double, 2.1], 1e-9)
-- example: not same_figures([1::double], [1::double, 2], 1e-9)
create or replace macro same_figures(one, other, share) as
    len(one) = len(other)
    and len(list_filter(one, (figure, i) -> abs(figure - other[i]) > share::double * greatest(abs(figure), abs(other[i])))) = 0;

-- Whether two readings of a cell say the same, each as its values' keys and, where all are figures, those; null says nothing.
-- example: cells_agree(['a'], null::double[], ['a'], null::double[], 1e-9)
-- example: cells_agree(['100.0'], [100::double], ['99.99999999999'], [99.99999999999::double], 1e-9)
-- example: not cells_agree(['a'], null::double[], null::varchar[], null::double[], 1e-9)
create or replace macro cells_agree(keys, figures, other_keys, other_figures, share) as
    keys is not distinct from other_keys or coalesce(same_figures(figures, other_figures, share), false);

-- What became of a cell: none of its values before, none now, or others.
-- example: cell_change(null, 'a') = 'filled'
-- example: cell_change('a', null) = 'emptied'
create or replace macro cell_change(old, new) as
    case when old is null then 'filled' when new is null then 'emptied' else 'changed' end;

-- Whose doing a change is, of the two steps it may have come in: the earlier documents by today's code, then today's.
-- example: revision_cause(false, true) = 'sources'
-- example: revision_cause(true, false) = 'assumptions or code'
-- example: revision_cause(true, true) = 'both'
create or replace macro revision_cause(is_by_code, is_by_sources) as
    case when is_by_code and is_by_sources then 'both' when is_by_code then 'assumptions or code' else 'sources' end;

-- New over old of two figures above zero.
-- example: new_over_old(2, 8) = 4
-- example: new_over_old(0, 8) is null
create or replace macro new_over_old(old, new) as case when old > 0 and new > 0 then new::double / old end;

-- Slope of a least-squares line, a year, from sums over whole days and logarithms; null under three points.
-- example: slope_of_days(3, 3 * 1461, (4 + 1) * pow(1461, 2)::bigint, 6, 1461 * 10) = 0.5
create or replace macro slope_of_days(n, x, xx, y, xy) as
    line_slope(n, squares_about_mean(n, x, xx) / pow(365.25, 2), products_about_mean(n, x, y, xy) / 365.25);

-- Whether a day lies in a period, its first and last days in it; an end that is not given bounds nothing.
-- example: is_in_period(date '2018-01-01', null, date '2018-01-01')
-- example: not is_in_period(date '2018-01-02', null, date '2018-01-01')
-- example: is_in_period(null::date, null::date, null::date) is null
create or replace macro is_in_period(day, starts_on, ends_on) as
    day >= coalesce(starts_on, day) and day <= coalesce(ends_on, day);
