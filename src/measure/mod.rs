//! 2 Measuring: batches of rows → `RunSummary`. A fold: `update`, `merge`, `finish`; one file a question.
//!
//! Merging in any order gives the same summary: what is collected has no order, what has an order is sorted by
//! content at the end, and sums are exact.

use std::collections::HashMap;

use crate::config::Config;
use crate::run::{Batch, Lexicon, LoadReport, MetadataOrigin, RunError, RunFile, RunMetadata};
use crate::summary::{Phase, RunIdentity, RunSummary, Series, Window};

mod breaker;
mod cache;
mod calls;
mod comparable;
mod components;
mod context;
mod counts;
mod coverage;
mod data_quality;
mod distribution;
mod errors;
mod fallback;
mod in_flight;
mod journeys;
mod lightrag;
mod part;
mod requests;
mod resources;
mod retries;
mod rows;
mod samples;
mod shape;
mod spending;
mod throughput;
mod time_spent;
mod timeline;
mod usage;
mod words;

#[cfg(test)]
mod tests;

use calls::CallLog;
use context::Context;
pub use part::WindowSpan;
use rows::Rows;
use shape::{Reader, Shape};
use words::{Class, Kind, Words};

/// Measures a run: reads all of it, row groups in parallel.
///
/// # Errors
/// When the run cannot be read, or has more faulty rows than the settings allow.
pub fn measure(run: &RunFile, config: &Config) -> Result<RunSummary, RunError> {
    let (measurer, load) = run.fold(
        || Measurer::new(run.lexicon(), run.has_outcome()),
        |measurer, batch| measurer.update(batch),
        |measurer, other| measurer.merge(other),
    )?;
    let identity =
        Identity { run_id: run.run_id(), metadata: run.metadata(), metadata_origin: run.metadata_origin() };
    Ok(measurer.finish(identity, load, config))
}

/// Measures a part of a run whose `whole` is known: the rows that start in it.
///
/// # Errors
/// As [`measure`].
pub fn measure_window(
    run: &RunFile,
    whole: &RunSummary,
    span: &WindowSpan,
    config: &Config,
) -> Result<RunSummary, RunError> {
    let (measurer, _) = run.fold_again(
        &whole.data_quality.rows_left_out,
        || Measurer::within(span, run.lexicon(), run.has_outcome()),
        |measurer, batch| measurer.update(batch),
        |measurer, other| measurer.merge(other),
    )?;
    Ok(measurer.finish_part(whole, config))
}

/// Which run is being measured.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    pub run_id: &'a str,
    pub metadata: &'a RunMetadata,
    pub metadata_origin: MetadataOrigin,
}

/// A run being measured: takes batches, combines with another of the same run, ends in a summary.
pub struct Measurer<'a> {
    lexicon: &'a Lexicon,
    reader: Reader<'a>,
    calls: HashMap<u32, CallLog>,
    usage: usage::UsageLog,
    spending: spending::Spending,
    requests: requests::RequestLog,
    steps: journeys::StepLog,
    messages: errors::MessageLog,
    samples: samples::SampleLog,
    cache: cache::CacheLog,
    breakers: breaker::BreakerLog,
    chain: fallback::ChainLog,
    phases: Vec<(i64, u32)>,
    coverage: coverage::Coverage,
    /// The part that is measured; `None` for all of the run.
    span: Option<&'a WindowSpan>,
}

impl<'a> Measurer<'a> {
    /// An empty measurer of the run that `lexicon` belongs to; `has_outcome` tells whether the run records how
    /// calls ended.
    pub fn new(lexicon: &'a Lexicon, has_outcome: bool) -> Self {
        Self {
            lexicon,
            reader: Reader::new(lexicon, has_outcome),
            calls: HashMap::new(),
            usage: Default::default(),
            spending: Default::default(),
            requests: Default::default(),
            steps: Default::default(),
            messages: Default::default(),
            samples: Default::default(),
            cache: Default::default(),
            breakers: Default::default(),
            chain: Default::default(),
            phases: Vec::new(),
            coverage: Default::default(),
            span: None,
        }
    }

    /// An empty measurer of a part of the run.
    pub fn within(span: &'a WindowSpan, lexicon: &'a Lexicon, has_outcome: bool) -> Self {
        Self { span: Some(span), ..Self::new(lexicon, has_outcome) }
    }

    /// Takes in the rows of `batch`.
    pub fn update(&mut self, batch: &Batch) {
        let rows = Rows::new(batch);
        for row in 0..rows.len() {
            // The contract of a batch: `component` has no nulls.
            let Some(component) = rows.component.get(row) else { continue };
            self.update_row(&rows, row, component);
        }
    }

    fn update_row(&mut self, rows: &Rows<'_>, row: usize, component: u32) {
        let kind = self.reader.kind(component);
        let shape = self.reader.shape(rows, row, kind);
        let class = self.reader.class(rows.outcome.get(row));
        let start_us = rows.ts.values()[row];
        self.coverage.update(start_us, rows.end_us(row), kind == Kind::Request);
        if self.span.is_some_and(|span| !span.holds(start_us)) {
            self.update_surroundings(rows, row, component, (kind, shape, class));
            return;
        }
        match kind {
            Kind::Phase => self.phases.extend(rows.operation.get(row).map(|name| (start_us, name))),
            Kind::CacheTier(tier) => {
                let operation = self.reader.cache_operation(rows.operation.get(row));
                self.cache.update(rows, row, tier, operation, shape, class);
            }
            Kind::Breaker => self.update_breaker(rows, row, shape, class, true),
            Kind::Request => self.requests.update(rows, row, shape),
            _ => {}
        }
        match shape {
            Shape::Sample => self.samples.update(rows, row, component),
            Shape::Marker => {}
            _ => self.update_call(rows, row, component, (kind, shape, class)),
        }
    }

    /// Takes in what a row outside of the part says about it: the state in which a breaker enters it and the calls
    /// that made it change, the samples beside its edges, and what its last requests went on to call.
    fn update_surroundings(
        &mut self,
        rows: &Rows<'_>,
        row: usize,
        component: u32,
        (kind, shape, class): (Kind, Shape, Option<Class>),
    ) {
        if kind == Kind::Breaker {
            self.update_breaker(rows, row, shape, class, false);
        }
        match shape {
            Shape::Sample => self.samples.update(rows, row, component),
            Shape::Marker => {}
            _ if kind == Kind::Request => {}
            _ => self.steps.update(rows, row, component, shape != Shape::Unfinished),
        }
    }

    fn update_breaker(
        &mut self,
        rows: &Rows<'_>,
        row: usize,
        shape: Shape,
        class: Option<Class>,
        is_inside: bool,
    ) {
        let operation = rows.operation.get(row).map(|code| self.lexicon.word(code));
        self.breakers.update(rows, row, (shape, class), operation.as_deref().unwrap_or_default(), is_inside);
    }

    fn update_call(
        &mut self,
        rows: &Rows<'_>,
        row: usize,
        component: u32,
        (kind, shape, class): (Kind, Shape, Option<Class>),
    ) {
        debug_assert!(shape.is_call());
        self.calls.entry(component).or_default().push(
            rows.ts.values()[row],
            rows.duration_ms.get(row),
            rows.outcome.get(row),
            rows.operation.get(row),
            shape == Shape::Unfinished,
        );
        let is_finished = shape != Shape::Unfinished;
        if kind != Kind::Request {
            self.steps.update(rows, row, component, is_finished);
        }
        // An unfinished call is counted, but what it used and gave is not known.
        if !is_finished {
            return;
        }
        let is_spent = class != Some(Class::Blocked);
        self.usage.update(rows, row, component, is_spent);
        self.spending.update(rows, row, component, is_spent);
        self.messages.update(rows, row, component);
        if let Some(level) = kind.fallback_level() {
            self.chain.update(rows, row, level, class);
        }
    }

    /// Takes in what another measurer of the same run has seen.
    pub fn merge(&mut self, other: Measurer<'a>) {
        for (component, log) in other.calls {
            self.calls.entry(component).or_default().merge(log);
        }
        self.usage.merge(other.usage);
        self.spending.merge(other.spending);
        self.requests.merge(other.requests);
        self.steps.merge(other.steps);
        self.messages.merge(other.messages);
        self.samples.merge(other.samples);
        self.cache.merge(other.cache);
        self.breakers.merge(other.breakers);
        self.chain.merge(other.chain);
        self.phases.extend(other.phases);
        self.coverage.merge(other.coverage);
    }

    /// The summary of all rows seen.
    pub fn finish(self, identity: Identity<'_>, load: LoadReport, config: &Config) -> RunSummary {
        let window = self.coverage.window(identity.metadata);
        self.summarize(identity, window, load, config)
    }

    /// The summary of the part; what tells of the recording is that of the `whole`.
    pub fn finish_part(self, whole: &RunSummary, config: &Config) -> RunSummary {
        let Some(span) = self.span else { return whole.clone() };
        let metadata = part::metadata_of_part(&whole.identity.metadata);
        let identity = Identity {
            run_id: &whole.identity.run_id,
            metadata: &metadata,
            metadata_origin: whole.identity.metadata_origin,
        };
        let part = self.summarize(identity, span.window(whole), LoadReport::default(), config);
        part::complete(part, whole)
    }

    fn summarize(
        self,
        identity: Identity<'_>,
        window: Window,
        load: LoadReport,
        config: &Config,
    ) -> RunSummary {
        let words = Words::of(self.lexicon);
        let context = Context {
            words: &words,
            settings: &config.measure,
            metadata: identity.metadata,
            window: &window,
        };
        let grouped = components::group_components(&self.calls, &words);
        let of = |component| components::find(&grouped, &words, component);
        let requests = requests::measure(&self.requests, of("request"), &self.usage, &context);
        let samples = self.samples.finish(&context);
        let steps = self.steps.finish(&words);
        let (time_spent, slow_time_spent) = time_spent::measure(&self.requests, &steps, &context);
        let logs: Vec<&CallLog> = grouped.iter().map(|grouped| &self.calls[&grouped.component]).collect();
        let request_calls = words.find("request").and_then(|component| self.calls.get(&component));
        let (resources, service) = resources::measure(&samples, &requests, &context);
        let saturated_percent = config.resources.load_generator_saturated_percent;
        let sources = comparable::Sources {
            calls: &self.calls,
            spending: &self.spending,
            lookups: self.cache.times(),
            chain: self.chain.times(),
        };
        let mut summary = RunSummary {
            throughput: throughput::measure(&self.requests, &requests, &context),
            errors: errors::measure(&grouped, &self.calls, &self.messages, &context),
            resources,
            lightrag: lightrag::measure(of("lightrag"), &self.usage, &context),
            cache: cache::measure(self.cache, &grouped, &config.cache, &context),
            breaker: breaker::measure(self.breakers, self.span, self.coverage.last_us(), &context),
            fallback: fallback::measure(&self.chain, &grouped, &self.usage, &context),
            components: components::measure(&grouped, &self.usage, &context),
            metrics: samples.measure(self.span),
            retries: retries::measure(&grouped, &self.usage, &context),
            time_spent,
            slow_time_spent,
            slowest: journeys::slowest(&self.requests, &steps, &context),
            phases: phases(self.phases, &words),
            comparable: Vec::new(),
            data_quality: data_quality::measure(load, &samples, &self.coverage, saturated_percent, &context),
            // A part's series is cut out of the whole's.
            series: match self.span {
                Some(_) => Series::default(),
                None => series(&logs, request_calls, &samples, service, self.coverage.first_tick(), &words),
            },
            identity: RunIdentity {
                run_id: identity.run_id.to_owned(),
                metadata: identity.metadata.clone(),
                metadata_origin: identity.metadata_origin,
            },
            requests,
            window: window.clone(),
        };
        summary.comparable = comparable::measure(&sources, &summary, &context, config);
        summary
    }
}

fn series(
    logs: &[&CallLog],
    requests: Option<&CallLog>,
    samples: &samples::Samples,
    service: resources::ServiceSeries,
    first_tick: i64,
    words: &Words,
) -> Series {
    Series {
        calls: timeline::measure(logs, words, first_tick),
        samples: samples.series(first_tick),
        request_seconds: timeline::request_seconds(requests, words),
        service_memory_mb: service.memory_mb,
        service_cpu_percent: service.cpu_percent,
        last_request_start_us: requests.and_then(|log| log.start_us.iter().copied().max()),
    }
}

fn phases(markers: Vec<(i64, u32)>, words: &Words) -> Vec<Phase> {
    let mut phases: Vec<Phase> =
        markers.into_iter().map(|(at_us, name)| Phase { at_us, name: words.word(name).to_owned() }).collect();
    phases.sort_unstable_by(|a, b| (a.at_us, &a.name).cmp(&(b.at_us, &b.name)));
    phases
}
