//! What only calls to language models have.

use super::entry::{Entry, entry, lower, neither};
use super::metric::{LIGHTRAG, Population::*};
use super::reading::{over, value};
use super::subject::{Instances, Table, part, table, whole};
use crate::summary::{ModeShare, ModelCalls, RunSummary};
use crate::units::Unit::*;

pub const LIGHTRAG_CALLS: Table<ModelCalls> = table("lightrag[/*]", &[LIGHTRAG], CALLS, calls);

/// LightRAG's query modes, as operations.
pub const MODES: Table<ModeShare> = table("lightrag/*", &[LIGHTRAG], MODE, modes);

fn calls(run: &RunSummary) -> Instances<'_, ModelCalls> {
    run.lightrag.as_ref().map(|found| {
        let modes = found.by_mode.iter().map(|mode| part(LIGHTRAG, &mode.mode, &mode.calls));
        std::iter::once(whole(LIGHTRAG, &found.overall)).chain(modes).collect()
    })
}

fn modes(run: &RunSummary) -> Instances<'_, ModeShare> {
    let modes = run.lightrag.as_ref().map(|found| found.by_mode.iter());
    modes.map(|modes| modes.map(|mode| part(LIGHTRAG, &mode.mode, mode)).collect())
}

#[rustfmt::skip]
const CALLS: &[Entry<ModelCalls>] = &[
    entry(neither("token_ratio"), Number, Finished,
        "mean output tokens / mean input tokens", |calls| value(&calls.token_ratio)),
    entry(lower("cost_per_success_usd"), Usd, Ok,
        "cost / successful calls", |calls| over(&calls.cost_per_success_usd, calls.counts.ok)),
    entry(lower("mean_ttft_ms"), Milliseconds, Finished,
        "mean time to the first token", |calls| value(&calls.mean_ttft_ms)),
];

#[rustfmt::skip]
const MODE: &[Entry<ModeShare>] = &[
    entry(neither("mode_share"), Ratio, Finished,
        "finished calls in this mode / all of LightRAG", |mode| value(&mode.share)),
];
