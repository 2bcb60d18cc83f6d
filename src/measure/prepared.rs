//! From a recording to the numbers of the whole run and of the part that is judged, side by side.

use std::sync::Arc;

use super::by_request::{self, ByRequest};
use super::calls::Calls;
use super::components::{self, Grouped};
use super::context::Context;
use super::model_calls::ModelValues;
use super::part;
use super::recording::Recording;
use super::request_calls::Requests;
use super::request_spans::RequestSpans;
use super::request_sums::{self, RequestSums, Scope};
use super::requests::Outcomes;
use super::resources::ProcessSeries;
use super::span::WindowSpan;
use super::usage::UsageSums;
use super::words::{Kind, Words};
use super::{
    breaker, cache, comparable, data_quality, ended_requests, error_causes, errors, fallback, goodput,
    lightrag, load, requests, resources, retries, slow_traces, throughput, time_spent, timeline, unanswered,
};
use crate::run::RunMetadata;
use crate::summary::{
    ComparableMetric, DataQuality, ErrorCategory, ErrorCause, PartOfLoad, Parts, RunIdentity, RunSummary,
    RunTimeline, Series, SlowRequest, Window, WindowName,
};

/// A recording with how the run went over time, and its requests joined with their calls.
pub struct Prepared<'r> {
    recording: &'r Recording<'r>,
    /// Of all components.
    calls: Vec<(u32, Calls<'r>)>,
    requests: Requests<'r>,
    request_spans: RequestSpans<'r>,
    processes: ProcessSeries,
    /// Ids that several requests have, and how many requests these are.
    shared_ids: (u64, u64),
    timeline: RunTimeline,
}

impl Recording<'_> {
    /// Joins the calls of each request, and makes the series.
    pub fn prepare(&self) -> Prepared<'_> {
        let calls = self.calls_in(None);
        let requests = requests_among(&calls, &self.words);
        let others = calls.iter().filter(|(component, _)| self.words.kind(*component) != Kind::Request);
        let window = self.window();
        let processes = ProcessSeries::of(&self.samples, &self.context(self.identity.metadata, &window));
        let (request_spans, (series, load)) = rayon::join(
            || RequestSpans::of(others.copied(), requests.calls(), &self.words),
            || {
                let load = || load::seconds(requests.calls(), &window, &self.words);
                rayon::join(|| self.series(&calls, &processes), load)
            },
        );
        let timeline = RunTimeline {
            window,
            phases: self.phases.clone(),
            load_model: self.identity.metadata.load_model.clone(),
            requests: index_of_requests(&calls, &self.words),
            load,
            series,
        };
        let shared_ids = request_spans.shared_ids();
        Prepared { recording: self, calls, requests, request_spans, processes, shared_ids, timeline }
    }

    /// How the run went over time.
    fn series(&self, calls: &[(u32, Calls<'_>)], processes: &ProcessSeries) -> Series {
        let first_tick = self.coverage.first_tick();
        let requests = index_of_requests(calls, &self.words);
        let mut timeline = timeline::measure(calls, requests, &self.words, first_tick);
        if let Some(index) = requests {
            unanswered::add_unanswered(&mut timeline.request_seconds, &calls[index].1, &self.words);
        }
        Series {
            calls: timeline.calls,
            metrics: self.samples.labels(),
            samples: self.samples.series(first_tick),
            request_seconds: timeline.request_seconds,
            service_memory_mb: processes.memory_mb.clone(),
            service_cpu_percent: processes.cpu_percent.clone(),
            requests: Arc::new(ended_requests::measure(requests.map(|index| &calls[index].1), &self.words)),
            // Known when the requests are walked through, which is done once, for the judged window too.
            lookup_seconds: Vec::new(),
        }
    }

    fn context<'c>(&'c self, metadata: &'c RunMetadata, window: &'c Window) -> Context<'c> {
        Context {
            words: &self.words,
            settings: &self.config.measure,
            max_categories: self.config.run.max_categories,
            metadata,
            window,
        }
    }
}

/// A part of a run: its span, its calls by component, and its context.
type Part<'p> = (&'p WindowSpan, &'p [(u32, Calls<'p>)], &'p Context<'p>);

/// A window of a run, with what several of its numbers rest on.
struct View<'v> {
    /// None for the whole run.
    span: Option<&'v WindowSpan>,
    grouped: &'v [Grouped<'v>],
    sent: Sent<'v>,
    usage: UsageSums,
    model: &'v ModelValues,
    processes: &'v ProcessSeries,
    of_requests: OfRequests,
    context: Context<'v>,
}

/// All that was sent, whose outcomes count: of the run, whatever part of it was found to be judged for its speed; of the
/// part that somebody cut out.
#[derive(Clone)]
struct Sent<'v> {
    grouped: &'v [Grouped<'v>],
    outcomes: Outcomes,
    errors: Vec<ErrorCategory>,
    error_causes: Vec<ErrorCause>,
}

/// What comes of one walk through all requests and their calls, for the whole run and its part.
struct OfRequests {
    by_request: ByRequest,
    sums: RequestSums,
    time_spent: time_spent::Found,
    slowest: Vec<SlowRequest>,
}

fn index_of_requests(calls: &[(u32, Calls<'_>)], words: &Words) -> Option<usize> {
    calls.iter().position(|(component, _)| words.kind(*component) == Kind::Request)
}

fn requests_among<'c>(calls: &[(u32, Calls<'c>)], words: &Words) -> Requests<'c> {
    Requests::new(index_of_requests(calls, words).map(|index| calls[index].1))
}

impl Parts for Prepared<'_> {
    fn parts(&self, edges_us: &[i64]) -> Vec<PartOfLoad> {
        load::parts(self.requests.calls(), edges_us, &self.recording.words)
    }
}

impl<'r> Prepared<'r> {
    /// How the run went over time.
    pub fn timeline(&self) -> &RunTimeline {
        &self.timeline
    }

    /// The numbers of the whole run, and of the window that is judged: the part `span`, which may be all of the run. Only
    /// the judged ones can be compared with other runs.
    pub fn measure(self, span: &WindowSpan) -> (RunSummary, RunSummary) {
        let window = &self.timeline.window;
        let is_whole = (span.start_us, span.end_us) == (window.start_us, window.end_us);
        if is_whole { self.whole_as_judged(span.name) } else { self.whole_and_part(span) }
    }

    fn whole_as_judged(self, name: WindowName) -> (RunSummary, RunSummary) {
        let (of_whole, _) = self.walk_requests(None);
        let (split, series) = self.split();
        let series = Series { lookup_seconds: of_whole.by_request.lookups.seconds(), ..series };
        let sent = split.all_sent();
        let data_quality = split.data_quality(&sent);
        let view = split.view_of_all(sent, of_whole);
        let mut whole = split.summarize(&view, data_quality);
        let comparable = split.comparable(&view, &whole);
        whole.series = series;
        let mut judged = RunSummary { comparable, ..whole.clone() };
        judged.window.name = name;
        (whole, judged)
    }

    /// To the part belong the rows that start in `span`. What tells of the recording is that of the whole.
    fn whole_and_part(self, span: &WindowSpan) -> (RunSummary, RunSummary) {
        let recording = self.recording;
        let metadata = part::metadata_of_part(recording.identity.metadata);
        let finished = self.requests.calls().map_or(0, Calls::finished);
        let window = span.window(part::is_sampled(recording.identity.metadata, finished));
        let calls = recording.calls_in(Some(span));
        let context = recording.context(&metadata, &window);
        let (of_whole, of_part) = self.walk_requests(Some((span, &calls, &context)));
        let (split, series) = self.split();
        let series = Series { lookup_seconds: of_whole.by_request.lookups.seconds(), ..series };
        let sent = split.all_sent();
        let data_quality = split.data_quality(&sent);
        let (mut whole, part) = rayon::join(
            || split.summarize(&split.view_of_all(sent.clone(), of_whole), data_quality.clone()),
            || split.part(span, &calls, (&sent, of_part), data_quality.clone(), context),
        );
        whole.series = series;
        let part = part::complete(part, &whole);
        (whole, part)
    }

    /// Walks through the requests of the run once, for all of it and for the part of which span and calls are given.
    fn walk_requests(&self, part: Option<Part<'_>>) -> (OfRequests, OfRequests) {
        let recording = self.recording;
        let (whole, words) = (&self.requests, &recording.words);
        let context = recording.context(recording.identity.metadata, &self.timeline.window);
        let of_part = part.map(|(_, calls, context)| (requests_among(calls, words), context));
        let of_part = of_part.as_ref().map(|(requests, context)| (requests, *context));
        let scopes = [Some((whole, &context)), of_part];
        let scopes = scopes.map(|scope| scope.map(|(requests, context)| Scope::of(requests, context)));
        let sums = || request_sums::walk(whole, scopes, recording.end_of_load_us, words);
        let time_spent = || {
            time_spent::measure(whole, of_part.map(|(requests, _)| requests), &self.request_spans, &context)
        };
        let by_request = || by_request::walk(&self.request_spans, part.map(|(span, ..)| span), words);
        let ([sums, sums_of_part], ((time_spent, time_spent_of_part), by_request)) =
            rayon::join(sums, || rayon::join(time_spent, by_request));
        let slowest = |(requests, context): (&Requests<'_>, &Context<'_>)| {
            slow_traces::slowest(requests, &self.request_spans, context)
        };
        let (mut of_whole, mut by_request_of_part) = by_request;
        of_whole.lookups.add_without_id(&self.calls, words);
        if let Some((_, calls, _)) = part {
            by_request_of_part.lookups.add_without_id(calls, words);
        }
        let slowest_of_part = of_part.map(slowest).unwrap_or_default();
        (
            OfRequests { by_request: of_whole, sums, time_spent, slowest: slowest((whole, &context)) },
            OfRequests {
                by_request: by_request_of_part,
                sums: sums_of_part,
                time_spent: time_spent_of_part,
                slowest: slowest_of_part,
            },
        )
    }

    /// Splits the calls of each component, when nobody asks for the joined ones any more.
    fn split(self) -> (Split<'r>, Series) {
        let Self { recording, calls, processes, timeline, request_spans, shared_ids, .. } = self;
        // They take as much room as what is made here.
        drop(request_spans);
        let (grouped, model) = rayon::join(
            || components::group_components(&calls, &recording.words),
            || ModelValues::of(&recording.spending),
        );
        let window = timeline.window;
        (Split { recording, grouped, model, window, processes, shared_ids }, timeline.series)
    }
}

/// A recording with the calls of each component by operation and outcome.
struct Split<'r> {
    recording: &'r Recording<'r>,
    grouped: Vec<Grouped<'r>>,
    model: ModelValues,
    /// Of the whole run.
    window: Window,
    processes: ProcessSeries,
    shared_ids: (u64, u64),
}

impl Split<'_> {
    fn part(
        &self,
        span: &WindowSpan,
        calls: &[(u32, Calls<'_>)],
        (all_sent, of_requests): (&Sent<'_>, OfRequests),
        data_quality: DataQuality,
        context: Context<'_>,
    ) -> RunSummary {
        let grouped = components::group_part(calls, span, &self.grouped, &self.recording.words);
        let processes = self.processes.within(context.window);
        let model = self.model.part(&self.recording.spending, |start_us| span.holds(start_us));
        let sent = match span.name {
            WindowName::Chosen => self.sent(&grouped, Some(span), &context),
            WindowName::Whole | WindowName::Steady => all_sent.clone(),
        };
        let view = self.view(Some(span), (&grouped, &model, sent), &processes, of_requests, context);
        let mut part = self.summarize(&view, data_quality);
        part.comparable = self.comparable(&view, &part);
        part
    }

    fn view_of_all<'v>(&'v self, sent: Sent<'v>, of_requests: OfRequests) -> View<'v> {
        let of_all = (self.grouped.as_slice(), &self.model, sent);
        self.view(None, of_all, &self.processes, of_requests, self.context_of_all())
    }

    fn context_of_all(&self) -> Context<'_> {
        self.recording.context(self.recording.identity.metadata, &self.window)
    }

    fn all_sent(&self) -> Sent<'_> {
        self.sent(&self.grouped, None, &self.context_of_all())
    }

    /// How the calls of `grouped` ended, which start in `span`.
    fn sent<'v>(
        &self,
        grouped: &'v [Grouped<'v>],
        span: Option<&WindowSpan>,
        context: &Context<'_>,
    ) -> Sent<'v> {
        let Recording { messages, config, words, .. } = self.recording;
        let errors = errors::measure(grouped, messages, span, context);
        let most = config.run.max_error_causes;
        Sent {
            grouped,
            outcomes: requests::outcomes(
                components::find(grouped, words, "request"),
                context.metadata,
                words,
            ),
            error_causes: error_causes::measure((grouped, &errors), messages, span, most, context),
            errors,
        }
    }

    /// What tells of the recording, which is that of the whole run.
    fn data_quality(&self, sent: &Sent<'_>) -> DataQuality {
        let recording = self.recording;
        let saturated_percent = recording.config.resources.load_generator_saturated_percent;
        let context = self.context_of_all();
        data_quality::measure(recording, self.shared_ids, &sent.outcomes, saturated_percent, &context)
    }

    fn view<'v>(
        &'v self,
        span: Option<&'v WindowSpan>,
        (grouped, model, sent): (&'v [Grouped<'v>], &'v ModelValues, Sent<'v>),
        processes: &'v ProcessSeries,
        of_requests: OfRequests,
        context: Context<'v>,
    ) -> View<'v> {
        let is_inside = |start_us: i64| span.is_none_or(|span| span.holds(start_us));
        let usage = UsageSums::of(&self.recording.spending, is_inside);
        View { span, grouped, sent, usage, model, processes, of_requests, context }
    }

    fn summarize(&self, view: &View<'_>, data_quality: DataQuality) -> RunSummary {
        let Recording { identity, config, samples, tier_samples, breakers, coverage, .. } = self.recording;
        let View { span, grouped, sent, usage, model, context, of_requests, .. } = view;
        let OfRequests { by_request, sums, time_spent, slowest } = of_requests;
        let of = |component| components::find(grouped, context.words, component);
        let calls = Requests::new(of("request").map(|grouped| grouped.calls));
        let requests = requests::measure((&calls, sums), of("request"), &sent.outcomes, usage, context);
        let (time_spent, slow_time_spent) = time_spent.clone();
        let components = components::measure(grouped, sent.grouped, (usage, model), context);
        let of_requests = of("request");
        let spent =
            of_requests.map(|grouped| self.recording.spending.of(grouped.component)).unwrap_or_default();
        RunSummary {
            throughput: throughput::measure(sums, &requests, context),
            goodput: goodput::measure(of_requests, spent, config, context),
            errors: sent.errors.clone(),
            error_causes: sent.error_causes.clone(),
            resources: resources::measure(samples, view.processes, &requests, &config.leak, context),
            lightrag: lightrag::measure(&components, context),
            cache: cache::measure(tier_samples, &by_request.lookups, *span, grouped, &config.cache, context),
            breaker: breaker::measure(breakers, *span, coverage.last_us(), context),
            fallback: fallback::measure(&by_request.chain, grouped, usage, context),
            components,
            metrics: samples.measure(*span),
            retries: retries::measure(grouped, usage, context),
            time_spent,
            slow_time_spent,
            slowest: slowest.clone(),
            phases: self.recording.phases.clone(),
            comparable: Vec::new(),
            data_quality,
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
            sent: view.sent.grouped,
            spending: &recording.spending,
            span: view.span,
            lookups: &view.of_requests.by_request.lookups.flags,
            chain: &view.of_requests.by_request.chain.flags,
            processes: view.processes,
            samples: &recording.samples,
            lost_users: recording.lost_users,
        };
        comparable::measure(&sources, summary, &view.context, &recording.config)
    }
}
