//! What only calls to language models have.

use super::entry::{Entry, entry, metric};
use super::metric::{LIGHTRAG, Population};
use super::reading::Reading;
use super::subject::{Instance, Instances, Table};
use crate::summary::{ModeShare, ModelCalls, RunSummary};
use crate::units::Unit;

fn is_lightrag(component: &str) -> bool {
    component == LIGHTRAG
}

pub const LIGHTRAG_CALLS: Table<ModelCalls> = Table {
    component: "lightrag[/*]",
    is_about: is_lightrag,
    entries: CALLS,
    instances: calls,
    instance: None,
};

/// LightRAG's query modes, as operations.
pub const MODES: Table<ModeShare> =
    Table { component: "lightrag/*", is_about: is_lightrag, entries: MODE, instances: modes, instance: None };

fn calls(run: &RunSummary) -> Instances<'_, ModelCalls> {
    run.lightrag.as_ref().map(|found| {
        let whole = Instance { component: LIGHTRAG, operation: None, of: &found.overall };
        let modes = found.by_mode.iter().map(|mode| Instance {
            component: LIGHTRAG,
            operation: Some(mode.mode.as_str()),
            of: &mode.calls,
        });
        std::iter::once(whole).chain(modes).collect()
    })
}

fn modes(run: &RunSummary) -> Instances<'_, ModeShare> {
    run.lightrag.as_ref().map(|found| {
        let modes = found.by_mode.iter();
        modes.map(|of| Instance { component: LIGHTRAG, operation: Some(of.mode.as_str()), of }).collect()
    })
}

const CALLS: &[Entry<ModelCalls>] = &[
    entry(
        metric("token_ratio", Unit::Number, Population::Finished, "mean output tokens / mean input tokens"),
        |calls| Reading::plain(&calls.token_ratio),
    ),
    entry(
        metric("cost_per_success_usd", Unit::Usd, Population::Ok, "cost / successful calls").lower(),
        |calls| Reading::over(&calls.cost_per_success_usd, calls.counts.ok),
    ),
    entry(
        metric("mean_ttft_ms", Unit::Milliseconds, Population::Finished, "mean time to the first token")
            .lower(),
        |calls| Reading::plain(&calls.mean_ttft_ms),
    ),
];

const MODE: &[Entry<ModeShare>] = &[entry(
    metric("mode_share", Unit::Ratio, Population::Finished, "finished calls in this mode / all of LightRAG"),
    |mode| Reading::plain(&mode.share),
)];
