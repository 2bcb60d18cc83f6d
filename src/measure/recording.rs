//! A run that was read: its calls by component and time, from which the numbers of the whole and of parts come.

use super::breaker::BreakerLog;
use super::cache::TierSamples;
use super::calls::{CallLog, Calls};
use super::coverage::Coverage;
use super::messages::MessageLog;
use super::samples::Samples;
use super::span::WindowSpan;
use super::spending::Spending;
use super::words::{Kind, Words};
use crate::config::Config;
use crate::run::{LoadReport, MetadataOrigin, RunMetadata};
use crate::summary::{LostUsers, Phase, Window};

/// Which run is being measured.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    pub run_id: &'a str,
    pub metadata: &'a RunMetadata,
    pub metadata_origin: MetadataOrigin,
}

/// All rows of a run, sorted: what order they came in does not matter any more.
pub struct Recording<'a> {
    pub identity: Identity<'a>,
    pub load: LoadReport,
    pub config: Config,
    pub words: Words,
    /// By name of the component.
    pub calls: Vec<(u32, CallLog)>,
    /// µs since 1970.
    pub end_of_load_us: i64,
    /// Of the whole load, whatever part of it is judged.
    pub lost_users: Option<LostUsers>,
    pub spending: Spending,
    pub messages: MessageLog,
    pub samples: Samples,
    pub tier_samples: TierSamples,
    pub breakers: BreakerLog,
    pub phases: Vec<Phase>,
    pub coverage: Coverage,
}

impl Recording<'_> {
    /// The calls of each component in `span` that has any there, by name; all without one.
    pub fn calls_in(&self, span: Option<&WindowSpan>) -> Vec<(u32, Calls<'_>)> {
        let calls = self.calls.iter().map(|(component, log)| (*component, log.within(span)));
        calls.filter(|(_, calls)| !calls.is_empty()).collect()
    }

    /// The whole run: from the first request to the end of the load, or of all events without requests.
    pub fn window(&self) -> Window {
        let requests =
            self.calls.iter().filter(|(component, _)| self.words.kind(*component) == Kind::Request);
        let first_us = requests.filter_map(|(_, log)| log.all().start_us().first().copied()).min();
        let span_us = first_us.map(|first_us| (first_us, self.end_of_load_us.max(first_us)));
        self.coverage.window(span_us, self.identity.metadata)
    }
}
