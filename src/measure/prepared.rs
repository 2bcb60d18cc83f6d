//! From a recording to the numbers of the whole run and of the part that is judged, side by side.

use super::by_request::{self, ByRequest};
use super::calls::Calls;
use super::components::{self, Grouped};
use super::context::Context;
use super::part::{self, WindowSpan};
use super::recording::Recording;
use super::request_sums::{self, RequestSums, Scope};
use super::requests::Requests;
use super::resources::ServiceSeries;
use super::steps::Steps;
use super::usage::UsageSums;
use super::words::Kind;
use super::{
    breaker, cache, comparable, counts, data_quality, errors, fallback, journeys, lightrag, requests,
    resources, retries, throughput, time_spent, timeline,
};
use crate::run::{LoadReport, RunMetadata};
use crate::summary::{ComparableMetric, Course, RunIdentity, RunSummary, Series, Window};

/// A recording with what its numbers and those of its part have in common.
pub struct Prepared<'r> {
    recording: &'r Recording<'r>,
    steps: Steps<'r>,
    grouped: Vec<Grouped<'r>>,
    /// Of the whole run.
    window: Window,
    service: ServiceSeries,
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
        let window = self.window();
        let service = resources::series(&self.samples, &self.context(self.identity.metadata, &window));
        Prepared { recording: self, steps, grouped, window, service }
    }

    fn context<'c>(&'c self, metadata: &'c RunMetadata, window: &'c Window) -> Context<'c> {
        Context { words: &self.words, settings: &self.config.measure, metadata, window }
    }
}

/// A part of a run: its span, its calls by component, and its context.
type Part<'p> = (&'p WindowSpan, &'p [(u32, Calls<'p>)], &'p Context<'p>);

/// A window of a run, with what several of its numbers rest on.
struct View<'v> {
    /// None for the whole run.
    span: Option<&'v WindowSpan>,
    grouped: &'v [Grouped<'v>],
    usage: UsageSums,
    service: &'v ServiceSeries,
    of_requests: OfRequests,
    context: Context<'v>,
}

/// What comes of one walk through all requests and their calls, for the whole run and its part.
struct OfRequests {
    by_request: ByRequest,
    sums: RequestSums,
    time_spent: time_spent::Found,
}

impl Prepared<'_> {
    /// How the run went over time.
    pub fn course(&self) -> Course {
        let recording = self.recording;
        let words = &recording.words;
        let is_request = |grouped: &Grouped<'_>| words.kind(grouped.component) == Kind::Request;
        let requests = self.grouped.iter().position(is_request);
        Course {
            window: self.window.clone(),
            phases: recording.phases.clone(),
            load_model: recording.identity.metadata.load_model.clone(),
            requests,
            series: self.series(requests),
        }
    }

    fn series(&self, requests: Option<usize>) -> Series {
        let recording = self.recording;
        let first_tick = recording.coverage.first_tick();
        let calls: Vec<Calls<'_>> = self.grouped.iter().map(|grouped| grouped.calls).collect();
        let timeline = timeline::measure(&calls, requests, &recording.words, first_tick);
        Series {
            calls: timeline.calls,
            metrics: recording.samples.labels(),
            samples: recording.samples.series(first_tick),
            request_seconds: timeline.request_seconds,
            service_memory_mb: self.service.memory_mb.clone(),
            service_cpu_percent: self.service.cpu_percent.clone(),
            last_request_start_us: requests.and_then(|place| calls[place].start_us().last().copied()),
            // Known when the requests are walked through, which is done once, for the judged window too.
            lookup_seconds: Vec::new(),
        }
    }

    /// The numbers of the whole run, which went as in `course`, and of the window that is judged: the part `span`, which
    /// may be all of the run. Only the judged ones can be compared with other runs.
    pub fn measure(&self, course: Course, span: &WindowSpan) -> (RunSummary, RunSummary) {
        let is_whole = (span.start_us, span.end_us) == (course.window.start_us, course.window.end_us);
        if is_whole { self.whole_as_judged(course, &span.name) } else { self.whole_and_part(course, span) }
    }

    fn whole_as_judged(&self, course: Course, name: &str) -> (RunSummary, RunSummary) {
        let (of_whole, _) = self.walk_requests(None);
        let lookup_seconds = of_whole.by_request.lookups.seconds();
        let view = self.view_of_all(of_whole);
        let mut whole = self.summarize(&view, self.recording.load.clone());
        let comparable = self.comparable(&view, &whole);
        whole.series = Series { lookup_seconds, ..course.series };
        let mut judged = RunSummary { comparable, ..whole.clone() };
        judged.window.name = name.to_owned();
        (whole, judged)
    }

    /// To the part belong the rows that start in `span`. What tells of the recording is that of the whole.
    fn whole_and_part(&self, course: Course, span: &WindowSpan) -> (RunSummary, RunSummary) {
        let metadata = part::metadata_of_part(self.recording.identity.metadata);
        let words = &self.recording.words;
        let requests = components::find(&self.grouped, words, "request").map(Grouped::all);
        let finished = counts::count(&requests.unwrap_or_default(), words).finished;
        let window = span.window(part::is_sampled(self.recording.identity.metadata, finished));
        let calls = self.recording.calls_in(Some(span));
        let context = self.recording.context(&metadata, &window);
        let (of_whole, of_part) = self.walk_requests(Some((span, &calls, &context)));
        let lookup_seconds = of_whole.by_request.lookups.seconds();
        let (mut whole, part) = rayon::join(
            || self.summarize(&self.view_of_all(of_whole), self.recording.load.clone()),
            || self.part(span, &calls, of_part, context),
        );
        whole.series = Series { lookup_seconds, ..course.series };
        let part = part::complete(part, &whole);
        (whole, part)
    }

    /// Walks through the requests of the run once, for all of it and for the part of which span and calls are given.
    fn walk_requests(&self, part: Option<Part<'_>>) -> (OfRequests, OfRequests) {
        let words = &self.recording.words;
        let is_request = |&&(component, _): &&(u32, Calls<'_>)| words.kind(component) == Kind::Request;
        let (whole, context) = (self.requests(&self.grouped), self.context());
        let of_part = part.map(|(_, calls, context)| {
            (Requests::new(calls.iter().find(is_request).map(|(_, calls)| *calls)), context)
        });
        let scopes =
            [Some((&whole, &context)), of_part.as_ref().map(|(requests, context)| (requests, *context))];
        let scopes = scopes.map(|scope| scope.map(|(requests, context)| Scope::of(requests, context)));
        let requests_of_part = of_part.as_ref().map(|(requests, _)| requests);
        let span = part.map(|(span, ..)| span);
        let ([sums, sums_of_part], ((time_spent, time_spent_of_part), by_request)) = rayon::join(
            || request_sums::walk(&whole, scopes),
            || {
                rayon::join(
                    || time_spent::measure(&whole, requests_of_part, &self.steps, &context),
                    || by_request::walk(&self.steps, span, words),
                )
            },
        );
        let (mut of_whole, mut of_part) = by_request;
        of_whole.lookups.add_without_id(&self.recording.calls_in(None), words);
        if let Some((_, calls, _)) = part {
            of_part.lookups.add_without_id(calls, words);
        }
        (
            OfRequests { by_request: of_whole, sums, time_spent },
            OfRequests { by_request: of_part, sums: sums_of_part, time_spent: time_spent_of_part },
        )
    }

    fn part(
        &self,
        span: &WindowSpan,
        calls: &[(u32, Calls<'_>)],
        of_requests: OfRequests,
        context: Context<'_>,
    ) -> RunSummary {
        let grouped = components::group_part(calls, &self.grouped, &self.recording.words);
        let service = resources::series(&self.recording.samples, &context);
        let view = self.view(Some(span), &grouped, &service, of_requests, context);
        let mut part = self.summarize(&view, LoadReport::default());
        part.comparable = self.comparable(&view, &part);
        part
    }

    fn context(&self) -> Context<'_> {
        self.recording.context(self.recording.identity.metadata, &self.window)
    }

    fn requests<'g>(&self, grouped: &[Grouped<'g>]) -> Requests<'g> {
        let requests = components::find(grouped, &self.recording.words, "request");
        Requests::new(requests.map(|grouped| grouped.calls))
    }

    fn view_of_all(&self, of_requests: OfRequests) -> View<'_> {
        self.view(None, &self.grouped, &self.service, of_requests, self.context())
    }

    fn view<'v>(
        &'v self,
        span: Option<&'v WindowSpan>,
        grouped: &'v [Grouped<'v>],
        service: &'v ServiceSeries,
        of_requests: OfRequests,
        context: Context<'v>,
    ) -> View<'v> {
        let is_inside = |start_us: i64| span.is_none_or(|span| span.holds(start_us));
        let usage = UsageSums::of(&self.recording.spending, is_inside);
        View { span, grouped, usage, service, of_requests, context }
    }

    fn summarize(&self, view: &View<'_>, load: LoadReport) -> RunSummary {
        let Recording { identity, config, messages, samples, tier_samples, breakers, coverage, .. } =
            self.recording;
        let View { span, grouped, usage, context, of_requests, .. } = view;
        let OfRequests { by_request, sums, time_spent } = of_requests;
        let of = |component| components::find(grouped, context.words, component);
        let calls = self.requests(grouped);
        let requests = requests::measure((&calls, sums), of("request"), usage, context);
        let (time_spent, slow_time_spent) = time_spent.clone();
        let saturated_percent = config.resources.load_generator_saturated_percent;
        RunSummary {
            throughput: throughput::measure(sums, &requests, context),
            errors: errors::measure(grouped, messages, *span, context),
            resources: resources::measure(samples, view.service, &requests, context),
            lightrag: lightrag::measure(of("lightrag"), usage, context),
            cache: cache::measure(tier_samples, &by_request.lookups, *span, grouped, &config.cache, context),
            breaker: breaker::measure(breakers, *span, coverage.last_us(), context),
            fallback: fallback::measure(&by_request.chain, grouped, usage, context),
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
            lookups: &view.of_requests.by_request.lookups.flags,
            chain: &view.of_requests.by_request.chain.flags,
            service: view.service,
            samples: &recording.samples,
        };
        comparable::measure(&sources, summary, &view.context, &recording.config)
    }
}
