//! A run that was read: its calls by component and time, from which the numbers of the whole and of parts come.

use rayon::prelude::*;

use rustc_hash::FxHashMap;

use super::breaker::BreakerLog;
use super::cache::{self, Lookups, TierSamples};
use super::calls::{CallLog, Calls};
use super::components::{self, Grouped};
use super::context::Context;
use super::coverage::Coverage;
use super::errors::MessageLog;
use super::fallback::Chain;
use super::part::{self, WindowSpan};
use super::requests::Requests;
use super::resources::ServiceSeries;
use super::samples::Samples;
use super::spending::Spending;
use super::steps::Steps;
use super::usage::UsageSums;
use super::words::{Kind, Words};
use super::{
    Measurer, OfComponent, breaker, comparable, data_quality, errors, fallback, journeys, lightrag, requests,
    resources, retries, throughput, time_spent, timeline,
};
use crate::config::Config;
use crate::run::{LoadReport, MetadataOrigin, RunMetadata};
use crate::summary::{ComparableMetric, Phase, RunIdentity, RunSummary, Series, Window};

/// Which run is being measured.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    pub run_id: &'a str,
    pub metadata: &'a RunMetadata,
    pub metadata_origin: MetadataOrigin,
}

/// All rows of a run, sorted: what order they came in does not matter any more.
pub struct Recording<'a> {
    identity: Identity<'a>,
    load: LoadReport,
    config: Config,
    words: Words,
    /// By name of the component.
    calls: Vec<(u32, CallLog)>,
    spending: Spending,
    messages: MessageLog,
    samples: Samples,
    tier_samples: TierSamples,
    breakers: BreakerLog,
    phases: Vec<Phase>,
    coverage: Coverage,
}

impl<'a> Measurer<'a> {
    /// The recording of all rows seen.
    pub fn finish(self, identity: Identity<'a>, load: LoadReport, config: &Config) -> Recording<'a> {
        let words = Words::of(self.lexicon);
        let mut breakers = self.breakers;
        breakers.sort();
        Recording {
            calls: sorted_calls(self.components, &words),
            samples: self.samples.finish(&words, identity.metadata),
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

fn sorted_calls(components: FxHashMap<u32, Box<OfComponent>>, words: &Words) -> Vec<(u32, CallLog)> {
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

/// What the numbers of the whole and of parts have in common.
pub struct Prepared<'r> {
    recording: &'r Recording<'r>,
    steps: Steps<'r>,
    grouped: Vec<Grouped<'r>>,
}

impl Recording<'_> {
    /// Joins the calls of each request, and splits those of each component by operation and outcome.
    pub fn prepare(&self) -> Prepared<'_> {
        let calls = self.calls_in(None);
        let is_request = |component: u32| self.words.kind(component) == Kind::Request;
        let requests = calls.iter().find(|(component, _)| is_request(*component)).map(|(_, calls)| calls);
        let components = calls.iter().filter(|(component, _)| !is_request(*component)).copied();
        let (steps, grouped) = rayon::join(
            || Steps::of(components, requests, &self.words),
            || components::group_components(&calls, &self.words),
        );
        Prepared { recording: self, steps, grouped }
    }

    /// The calls of each component in `span` that has any there, by name; all without one.
    fn calls_in(&self, span: Option<&WindowSpan>) -> Vec<(u32, Calls<'_>)> {
        let calls = self.calls.iter().map(|(component, log)| (*component, log.within(span)));
        calls.filter(|(_, calls)| !calls.is_empty()).collect()
    }

    /// The whole run: from the first start to the last end of its requests, or of all events without requests.
    fn window(&self) -> Window {
        self.coverage.window(self.identity.metadata)
    }
}

/// A window of a run, with what several of its numbers rest on.
struct View<'v> {
    /// None for the whole run.
    span: Option<&'v WindowSpan>,
    grouped: &'v [Grouped<'v>],
    usage: UsageSums,
    lookups: Lookups,
    chain: Chain,
    service: ServiceSeries,
    context: Context<'v>,
}

impl Prepared<'_> {
    /// The numbers of the whole run, with its series. What can be compared with other runs is left to the window that
    /// is judged.
    pub fn whole(&self) -> RunSummary {
        let window = self.recording.window();
        let view = self.view(None, &self.grouped, self.recording.identity.metadata, &window);
        let (mut summary, series) =
            rayon::join(|| self.summarize(&view, self.recording.load.clone()), || self.series(&view));
        summary.series = series;
        summary
    }

    /// The numbers of the window that is judged: the part `span`, which may be all of the run. Only these can be
    /// compared with other runs.
    pub fn judged(&self, whole: &RunSummary, span: &WindowSpan) -> RunSummary {
        match (span.start_us, span.end_us) == (whole.window.start_us, whole.window.end_us) {
            true => self.whole_as_judged(whole, &span.name),
            false => self.part(whole, span),
        }
    }

    fn whole_as_judged(&self, whole: &RunSummary, name: &str) -> RunSummary {
        let view = self.view(None, &self.grouped, self.recording.identity.metadata, &whole.window);
        let mut judged = whole.clone();
        judged.comparable = self.comparable(&view, whole);
        judged.window.name = name.to_owned();
        judged
    }

    /// The rows that start in `span`. What tells of the recording is that of the `whole`.
    fn part(&self, whole: &RunSummary, span: &WindowSpan) -> RunSummary {
        let metadata = part::metadata_of_part(&whole.identity.metadata);
        let window = span.window(whole);
        let calls = self.recording.calls_in(Some(span));
        let grouped = components::group_part(&calls, &self.grouped, &self.recording.words);
        let view = self.view(Some(span), &grouped, &metadata, &window);
        let mut part = self.summarize(&view, LoadReport::default());
        part.comparable = self.comparable(&view, &part);
        part::complete(part, whole)
    }

    fn view<'v>(
        &'v self,
        span: Option<&'v WindowSpan>,
        grouped: &'v [Grouped<'v>],
        metadata: &'v RunMetadata,
        window: &'v Window,
    ) -> View<'v> {
        let Recording { config, words, spending, samples, .. } = self.recording;
        let context = Context { words, settings: &config.measure, metadata, window };
        let is_inside = |start_us: i64| span.is_none_or(|span| span.holds(start_us));
        View {
            usage: UsageSums::of(spending, is_inside),
            lookups: Lookups::of(&self.steps, &self.recording.calls_in(None), span, words),
            chain: Chain::of(&self.steps, grouped, span, words),
            service: resources::series(samples, &context),
            span,
            grouped,
            context,
        }
    }

    fn summarize(&self, view: &View<'_>, load: LoadReport) -> RunSummary {
        let Recording { identity, config, messages, samples, tier_samples, breakers, coverage, .. } =
            self.recording;
        let View { span, grouped, usage, context, .. } = view;
        let of = |component| components::find(grouped, context.words, component);
        let calls = Requests::new(of("request").map(|grouped| grouped.calls));
        let requests = requests::measure(&calls, of("request"), usage, context);
        let (time_spent, slow_time_spent) = time_spent::measure(&calls, &self.steps, context);
        let saturated_percent = config.resources.load_generator_saturated_percent;
        RunSummary {
            throughput: throughput::measure(&calls, &requests, context),
            errors: errors::measure(grouped, messages, *span, context),
            resources: resources::measure(samples, &view.service, &requests, context),
            lightrag: lightrag::measure(of("lightrag"), usage, context),
            cache: cache::measure(tier_samples, &view.lookups, *span, grouped, &config.cache, context),
            breaker: breaker::measure(breakers, *span, coverage.last_us(), context),
            fallback: fallback::measure(&view.chain, grouped, usage, context),
            components: components::measure(grouped, usage, context),
            metrics: samples.measure(*span),
            retries: retries::measure(grouped, usage, context),
            time_spent,
            slow_time_spent,
            slowest: journeys::slowest(&calls, &self.steps, context),
            phases: self.recording.phases.clone(),
            comparable: Vec::new(),
            data_quality: data_quality::measure(load, samples, coverage, saturated_percent, context),
            series: Series::default(),
            identity: RunIdentity {
                run_id: identity.run_id.to_owned(),
                metadata: context.metadata.clone(),
                metadata_origin: identity.metadata_origin,
            },
            requests,
            window: context.window.clone(),
        }
    }

    fn comparable(&self, view: &View<'_>, summary: &RunSummary) -> Vec<ComparableMetric> {
        let recording = self.recording;
        let sources = comparable::Sources {
            grouped: view.grouped,
            spending: &recording.spending,
            span: view.span,
            lookups: &view.lookups.by_request,
            chain: view.chain.times(),
            service: &view.service,
            samples: &recording.samples,
        };
        comparable::measure(&sources, summary, &view.context, &recording.config)
    }

    fn series(&self, view: &View<'_>) -> Series {
        let recording = self.recording;
        let first_tick = recording.coverage.first_tick();
        let calls: Vec<Calls<'_>> = self.grouped.iter().map(|grouped| grouped.calls).collect();
        let is_request = |grouped: &Grouped<'_>| recording.words.kind(grouped.component) == Kind::Request;
        let requests = self.grouped.iter().position(is_request);
        let timeline = timeline::measure(&calls, requests, &recording.words, first_tick);
        Series {
            calls: timeline.calls,
            samples: recording.samples.series(first_tick),
            request_seconds: timeline.request_seconds,
            service_memory_mb: view.service.memory_mb.clone(),
            service_cpu_percent: view.service.cpu_percent.clone(),
            last_request_start_us: requests.and_then(|place| calls[place].start_us().last().copied()),
            lookup_seconds: view.lookups.seconds(),
        }
    }
}
