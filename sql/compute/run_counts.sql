-- What the operations of a run are counted from: parameters that meet a token, and tokens seen; or passes of a network.
-- Grain: one row per run whose operations can be counted.
-- Method: the first rule that holds: forward passes, tokens seen, tokens owned × epochs, one pass over a large set.
-- Caveat: a mixture without its active parameters, a lookup model, or data that are no tokens give no row.
with

limits as (
    select
        max(limit_value) filter (where threshold = 'cell_equals_figure') as equal_share,
        max(limit_value) filter (where threshold = 'one_pass_tokens') as one_pass_tokens,
        max(limit_value) filter (where threshold = 'one_pass_year') as one_pass_year,
        max(limit_value) filter (where threshold = 'large_set_epochs') as large_set_epochs,
        max(limit_value) filter (where threshold = 'tokens_per_word') as tokens_per_word,
        max(limit_value) filter (where threshold = 'smallest_corpus_tokens') as smallest_corpus_tokens,
    from assumptions.thresholds
),

-- The size of the set, in whichever column its export has it; both hold one pass over it, whatever the newer header says.
sizes as (
    select
        run_id,
        coalesce(dataset_datapoints, try_cast(dataset_gradients as double)) as data_size,
    from compute.run_inputs
),

-- A run counts tokens where each of its domains does, or where one does and the notes call its figure tokens.
domains as (
    select
        run_id,
        bool_and(coalesce(datapoint_units.tokens_per_datapoint > 0, false)) as are_all_tokens,
        bool_or(coalesce(datapoint_units.tokens_per_datapoint > 0, false))
        and bool_and(coalesce(datapoint_units.may_be_tokens, false)) as may_be_tokens,
        max(datapoint_units.tokens_per_datapoint) as tokens_per_datapoint,
    from compute.run_domains
    left join assumptions.datapoint_units using (one_domain)
    group by run_id
),

-- Figures of data in the notes, and whether one of them is the size of the set.
figures as (
    select
        run_facts.run_id,
        max(run_facts.value) filter (where run_facts.quantity = 'tokens_seen') as most_tokens_seen,
        min(run_facts.value) filter (where run_facts.quantity = 'tokens_seen') as least_tokens_seen,
        bool_or(figures_agree(run_facts.value, sizes.data_size, limits.equal_share)) filter (
            where run_facts.quantity <> 'dataset_words'
        ) as is_said_tokens,
        bool_or(figures_agree(run_facts.value, sizes.data_size * limits.tokens_per_word, limits.equal_share)) filter (
            where run_facts.quantity <> 'dataset_words'
        ) as is_said_words_of_tokens,
        bool_or(figures_agree(run_facts.value, sizes.data_size, limits.equal_share)) filter (
            where run_facts.quantity = 'dataset_words'
        ) as is_said_words,
    from clean.run_facts
    join sizes using (run_id)
    cross join limits
    where run_facts.how = 'text' and run_facts.quantity in ('tokens_seen', 'dataset_tokens', 'dataset_words')
    group by run_facts.run_id
),

inputs as (
    select
        run_inputs.run_id,
        run_inputs.parameters,
        run_inputs.active_parameters,
        run_inputs.tokens_seen,
        run_inputs.dataset_tokens,
        run_inputs.epochs,
        run_inputs.forward_flop_per_example,
        coalesce(run_inputs.training_repeats, 1) as repeats,
        coalesce(run_inputs.examples_seen, run_inputs.dataset_examples * run_inputs.epochs) as counted_examples,
        network_kinds.which_parameters as counts_of_kind,
        coalesce(run_inputs.active_parameters, run_inputs.parameters) as counted_parameters,
        sizes.data_size * domains.tokens_per_datapoint as datapoints,
        year(run_inputs.published_on) >= limits.one_pass_year as is_of_one_pass_years,
        coalesce(domains.are_all_tokens, false) as are_all_tokens,
        coalesce(domains.may_be_tokens, false) as may_be_tokens,
        case
            when figures.most_tokens_seen <= figures.least_tokens_seen * (1 + limits.equal_share)
                and figures.least_tokens_seen >= limits.smallest_corpus_tokens
                then figures.most_tokens_seen
        end as tokens_said_seen,
        figures.is_said_tokens,
        figures.is_said_words_of_tokens,
        figures.is_said_words,
        limits.*,
    from compute.run_inputs
    join sizes using (run_id)
    cross join limits
    left join domains using (run_id)
    left join figures using (run_id)
    left join assumptions.network_kinds
        on network_kinds.network_kind = coalesce(run_inputs.network_kind, 'dense')
),

-- Where the notes call the figure both words and tokens, tokens it is.
united as (
    select
        *,
        coalesce(is_said_words or is_said_words_of_tokens, false) and not coalesce(is_said_tokens, false) as is_words,
        are_all_tokens or (may_be_tokens and coalesce(is_said_tokens or is_said_words_of_tokens, false)) as is_tokens,
        -- Tokens said to be seen are a figure of their own only where they are not the size of the set again.
        tokens_said_seen is not null
        and not coalesce(is_said_tokens and figures_agree(tokens_said_seen, datapoints, equal_share), false)
        and not coalesce(figures_agree(tokens_said_seen, datapoints * tokens_per_word, equal_share), false)
        and (are_all_tokens or may_be_tokens) as is_seen_apart,
    from inputs
),

sized as (
    select
        *,
        datapoints * case when is_words then tokens_per_word else 1 end as owned_tokens,
    from united
),

ruled as (
    select
        *,
        case
            when forward_flop_per_example > 0 and counted_examples > 0 then 'forward_counted'
            when tokens_seen > 0 then 'tokens_seen'
            when dataset_tokens > 0 and epochs > 0 then 'tokens_epochs'
            when is_seen_apart then 'tokens_said_seen'
            when not is_tokens or owned_tokens is null then null
            when epochs > large_set_epochs and owned_tokens >= one_pass_tokens then null
            when epochs > 0 and is_words then 'words_epochs'
            when epochs > 0 then 'datapoints_epochs'
            when owned_tokens >= one_pass_tokens and is_of_one_pass_years then 'one_pass'
        end as count_rule,
    from sized
),

counted as (
    select
        *,
        case
            when count_rule = 'forward_counted' then null
            when count_rule = 'tokens_seen' then tokens_seen
            when count_rule = 'tokens_epochs' then dataset_tokens * epochs
            when count_rule = 'tokens_said_seen' then tokens_said_seen
            when count_rule in ('words_epochs', 'datapoints_epochs') then owned_tokens * epochs
            when count_rule = 'one_pass' then owned_tokens
        end as counted_tokens,
    from ruled
    where
        count_rule = 'forward_counted'
        or (
            count_rule is not null and counted_parameters > 0
            and (counts_of_kind = 'all' or (counts_of_kind = 'active' and active_parameters > 0))
        )
)

select
    run_id,
    count_rule,
    case when count_rule <> 'forward_counted' then counted_parameters end as counted_parameters,
    counted_tokens,
    case when count_rule = 'forward_counted' then forward_flop_per_example end as forward_flop_per_example,
    case when count_rule = 'forward_counted' then counted_examples end as counted_examples,
    repeats,
    active_parameters is not null as has_active_parameters,
    is_words as is_counted_in_words,
from counted
order by run_id
