//! A run that was read: its calls by component and time, from which the numbers of the whole and of parts come.

use rayon::prelude::*;

use super::breaker::BreakerLog;
use super::cache::TierSamples;
use super::calls::{CallLog, Calls};
use super::coverage::Coverage;
use super::errors::MessageLog;
use super::part::WindowSpan;
use super::samples::Samples;
use super::spending::Spending;
use super::words::Words;
use super::{Components, Measurer};
use crate::config::Config;
use crate::run::{LoadReport, MetadataOrigin, RunMetadata};
use crate::summary::{Phase, Window};

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
    pub spending: Spending,
    pub messages: MessageLog,
    pub samples: Samples,
    pub tier_samples: TierSamples,
    pub breakers: BreakerLog,
    pub phases: Vec<Phase>,
    pub coverage: Coverage,
}

impl<'a> Measurer<'a> {
    /// The recording of all rows seen.
    pub fn finish(self, identity: Identity<'a>, load: LoadReport, config: &Config) -> Recording<'a> {
        let words = Words::of(self.lexicon);
        let mut breakers = self.breakers;
        let samples = self.samples;
        let (calls, (samples, ())) = rayon::join(
            || sorted_calls(self.components, &words),
            || rayon::join(|| samples.finish(&words, identity.metadata), || breakers.sort()),
        );
        Recording {
            calls,
            samples,
            phases: phases(self.phases, &words),
            spending: self.spending,
            messages: self.messages,
            tier_samples: self.tier_samples,
            breakers,
            coverage: self.coverage.finish(),
            identity,
            load,
            config: config.clone(),
            words,
        }
    }
}

fn sorted_calls(components: Components, words: &Words) -> Vec<(u32, CallLog)> {
    let mut calls: Vec<(u32, CallLog)> = components
        .into_iter()
        .map(|(component, own)| (component, own.calls))
        .filter(|(_, calls)| !calls.all().is_empty())
        .collect();
    calls.sort_unstable_by_key(|(component, _)| words.rank(*component));
    calls.par_iter_mut().for_each(|(_, log)| log.sort(words));
    calls
}

fn phases(markers: Vec<(i64, u32)>, words: &Words) -> Vec<Phase> {
    let mut phases: Vec<Phase> =
        markers.into_iter().map(|(at_us, name)| Phase { at_us, name: words.word(name).to_owned() }).collect();
    phases.sort_unstable_by(|a, b| (a.at_us, &a.name).cmp(&(b.at_us, &b.name)));
    phases
}

impl Recording<'_> {
    /// The calls of each component in `span` that has any there, by name; all without one.
    pub fn calls_in(&self, span: Option<&WindowSpan>) -> Vec<(u32, Calls<'_>)> {
        let calls = self.calls.iter().map(|(component, log)| (*component, log.within(span)));
        calls.filter(|(_, calls)| !calls.is_empty()).collect()
    }

    /// The whole run: from the first start to the last end of its requests, or of all events without requests.
    pub fn window(&self) -> Window {
        self.coverage.window(self.identity.metadata)
    }
}
