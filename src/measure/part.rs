//! A part of a run: which rows belong to it, and what it takes over from the whole.

use std::collections::HashMap;

use super::resources::within;
use super::span::SAMPLED;
use crate::run::RunMetadata;
use crate::summary::{Component, Measured, RunSummary, Series, Throughput, Window};

/// Milliseconds of a second, the resolution of the series that are judged.
const SECOND_MS: u32 = 1000;

/// Does the run declare another number of requests than it has events of them?
pub fn is_sampled(metadata: &RunMetadata, finished: u64) -> bool {
    metadata.totals.as_ref().and_then(|totals| totals.requests).is_some_and(|requests| requests != finished)
}

/// Declared totals are of the whole run: in a part of it only events count.
pub fn metadata_of_part(metadata: &RunMetadata) -> RunMetadata {
    RunMetadata { totals: None, ..metadata.clone() }
}

/// The part with what tells of the recording and of the whole run, and with its piece of the series.
pub fn complete(mut part: RunSummary, whole: &RunSummary) -> RunSummary {
    part.identity = whole.identity.clone();
    part.phases = whole.phases.clone();
    part.series = cut(&whole.series, &part.window, &whole.components, &part.components);
    if whole.requests.totals.declared {
        part.data_quality.load_notes.push(
            "the declared totals are of the whole run: requests of the judged part are counted in its events"
                .to_owned(),
        );
    }
    if is_sampled(&whole.identity.metadata, whole.requests.counts.finished) {
        let none = || Measured::undefined(SAMPLED);
        if let Measured::Value(goodput) = &mut part.goodput {
            goodput.per_s = none();
        }
        part.throughput = Throughput { peak_per_s: none(), offered_per_s: none(), ..part.throughput };
        if let Measured::Value(memory) = &mut part.resources.memory {
            memory.growth_kb_per_operation = none();
        }
    }
    part
}

/// The ticks, seconds and samples of the whole that lie in the window. What ends in a tick is counted there
/// wherever it started: a series cut by starts would rise from nothing at one edge and fall off at the other.
fn cut(series: &Series, window: &Window, from: &[Component], to: &[Component]) -> Series {
    let indices: HashMap<&str, usize> =
        to.iter().enumerate().map(|(index, component)| (component.component.as_str(), index)).collect();
    let calls = series.calls.iter().filter_map(|calls| {
        let component = *indices.get(from[calls.component].component.as_str())?;
        let within = calls.within(window);
        (!within.is_empty()).then(|| within.of_component(component))
    });
    let seconds = series.request_seconds.iter().filter(|second| window.holds_all(second.start_us, SECOND_MS));
    Series {
        calls: calls.collect(),
        metrics: series.metrics.clone(),
        samples: series.samples.within(window.start_us, window.end_us),
        request_seconds: seconds.cloned().collect(),
        lookup_seconds: series
            .lookup_seconds
            .iter()
            .filter(|second| window.holds_all(second.start_us, SECOND_MS))
            .copied()
            .collect(),
        service_memory_mb: within(&series.service_memory_mb, window),
        service_cpu_percent: within(&series.service_cpu_percent, window),
        requests: Default::default(),
    }
}
