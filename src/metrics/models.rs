//! What calls to language models have besides, of any component and of each of its operations; LightRAG's query modes.

use super::calls;
use super::entry::{Entry, count_quantiles, entry, lower, neither, quantiles};
use super::key::MetricKey;
use super::metric::{LIGHTRAG, Population::*};
use super::reading::{over, value};
use super::subject::{Instance, Instances, Table, part, table};
use crate::summary::{Distribution, Measured, ModeShare, ModelCalls, RunSummary, TokenCounts};
use crate::units::Unit::*;

/// A part of what calls to models have, which a component may have or not.
type Part<T> = fn(&ModelCalls) -> &Measured<T>;

pub const TTFT: Table<Distribution> = Table {
    instance: Some(|run, key| of_key(run, key, |model| &model.ttft)),
    ..table("*[/*]", &[], OF_TTFT, |run| of_all(run, |model| &model.ttft))
};

pub const TPOT: Table<Distribution> = Table {
    instance: Some(|run, key| of_key(run, key, |model| &model.tpot)),
    ..table("*[/*]", &[], OF_TPOT, |run| of_all(run, |model| &model.tpot))
};

pub const TOKENS_IN: Table<TokenCounts> = Table {
    instance: Some(|run, key| of_key(run, key, |model| &model.tokens_in)),
    ..table("*[/*]", &[], OF_TOKENS_IN, |run| of_all(run, |model| &model.tokens_in))
};

pub const TOKENS_OUT: Table<TokenCounts> = Table {
    instance: Some(|run, key| of_key(run, key, |model| &model.tokens_out)),
    ..table("*[/*]", &[], OF_TOKENS_OUT, |run| of_all(run, |model| &model.tokens_out))
};

pub const MODELS: Table<ModelCalls> =
    Table { instance: Some(model_of_key), ..table("*[/*]", &[], OF_MODELS, models) };

/// LightRAG's query modes, as operations.
pub const MODES: Table<ModeShare> = table("lightrag/*", &[LIGHTRAG], MODE, modes);

fn modes(run: &RunSummary) -> Instances<'_, ModeShare> {
    let modes = run.lightrag.as_ref().map(|found| found.by_mode.iter());
    modes.map(|modes| modes.map(|mode| part(LIGHTRAG, &mode.mode, mode)).collect())
}

/// The components and operations that have any of it.
fn models(run: &RunSummary) -> Instances<'_, ModelCalls> {
    calls::instances(run).map(|all| having(all, |calls| calls.model.value().map(|model| &**model)))
}

/// Those that have this part of it.
fn of_all<T>(run: &RunSummary, part: Part<T>) -> Instances<'_, T> {
    models(run).map(|all| having(all, |model| part(model).value()))
}

fn having<'a, T, U>(
    all: Vec<Instance<'a, T>>,
    part: impl Fn(&'a T) -> Option<&'a U>,
) -> Vec<Instance<'a, U>> {
    let of_part = |found: Instance<'a, T>| {
        let Instance { component, operation, of } = found;
        part(of).map(|of| Instance { component, operation, of })
    };
    all.into_iter().filter_map(of_part).collect()
}

fn model_of_key<'a>(run: &'a RunSummary, key: &MetricKey) -> Measured<Option<&'a ModelCalls>> {
    calls::instance(run, key).and_then(|found| match found {
        None => Measured::Value(None),
        Some(calls) => calls.model.as_ref().map(|model| Some(&**model)),
    })
}

fn of_key<'a, T>(run: &'a RunSummary, key: &MetricKey, part: Part<T>) -> Measured<Option<&'a T>> {
    model_of_key(run, key).and_then(|found| match found {
        None => Measured::Value(None),
        Some(model) => part(model).as_ref().map(Some),
    })
}

#[rustfmt::skip]
const OF_TTFT: &[Entry<Distribution>] = &[
    quantiles(lower("ttft_").compared(), Ok,
        "type-7 quantile q of the times to first token (`ttft_ms`)", |ttft| ttft),
    entry(lower("mean_ttft_ms").compared(), Milliseconds, Ok,
        "mean time to first token", |ttft| over(&ttft.mean_ms, ttft.n)),
];

#[rustfmt::skip]
const OF_TPOT: &[Entry<Distribution>] = &[
    quantiles(lower("tpot_").compared(), Ok,
        "type-7 quantile q of the times per output token, (duration - time to first token) / (output tokens - 1)",
        |tpot| tpot),
    entry(lower("mean_tpot_ms").compared(), Milliseconds, Ok,
        "mean time per output token, each call counted once", |tpot| over(&tpot.mean_ms, tpot.n)),
];

#[rustfmt::skip]
const OF_TOKENS_IN: &[Entry<TokenCounts>] = &[
    count_quantiles(neither("tokens_in_"), Ok, "type-7 quantile q of `tokens_in`", |tokens| tokens),
    entry(lower("mean_tokens_in").compared(), Count, Ok,
        "mean of `tokens_in`", |tokens| over(&tokens.mean, tokens.n)),
];

#[rustfmt::skip]
const OF_TOKENS_OUT: &[Entry<TokenCounts>] = &[
    count_quantiles(neither("tokens_out_"), Ok, "type-7 quantile q of `tokens_out`", |tokens| tokens),
    entry(lower("mean_tokens_out").compared(), Count, Ok,
        "mean of `tokens_out`", |tokens| over(&tokens.mean, tokens.n)),
];

#[rustfmt::skip]
const OF_MODELS: &[Entry<ModelCalls>] = &[
    entry(neither("token_ratio"), Number, Ok,
        "mean output tokens / mean input tokens", |model| value(&model.token_ratio())),
];

#[rustfmt::skip]
const MODE: &[Entry<ModeShare>] = &[
    entry(neither("mode_share"), Ratio, Finished,
        "finished calls in this mode / all of LightRAG", |mode| value(&mode.share)),
];
