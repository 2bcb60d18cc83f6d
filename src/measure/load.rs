//! The load of a run: its requests second by second, and any parts of it, from the columns of the calls.

use std::ops::Range;

use super::call_kind::{CallKind, Ending};
use super::calls::{Calls, Columns, end_or_start_us};
use super::words::{Class, Words};
use crate::stats::moments::mean;
use crate::stats::quantile::{select_without_fastest, type7_select_unsigned};
use crate::summary::{LoadSeconds, PartOfLoad, Window};

/// A successful request that took less counts as one that took so long: the resolution of the recording. Nothing has a
/// logarithm otherwise.
const LEAST_MS: f64 = 0.001;

/// How a request ended, as far as the load is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Ok,
    NotOk,
    /// It is not known how.
    Unknown,
    /// There was none, though it was long due.
    Missing,
    /// It was in flight when the load ended.
    Waiting,
}

impl Answer {
    fn of(kind: &CallKind, words: &Words) -> Self {
        match kind.ending(words) {
            Ending::Finished(Class::Ok) => Answer::Ok,
            Ending::Finished(Class::Failed) => Answer::NotOk,
            Ending::Finished(Class::Miss | Class::Blocked) | Ending::Unknown => Answer::Unknown,
            Ending::Unanswered => Answer::Missing,
            Ending::Unfinished => Answer::Waiting,
        }
    }

    fn is_there(self) -> bool {
        !matches!(self, Answer::Missing | Answer::Waiting)
    }

    fn is_not_ok(self) -> bool {
        matches!(self, Answer::NotOk | Answer::Missing)
    }
}

/// One request.
struct Request {
    start_us: i64,
    /// NaN where it is not known.
    duration_ms: f64,
    answer: Answer,
}

impl Request {
    /// Its end, and that of one without an answer, which may take as long as `longest_ms`: what is never answered is not
    /// in flight for ever.
    fn end_us(&self, longest_ms: f64) -> i64 {
        let duration_ms = if self.answer.is_there() { self.duration_ms } else { longest_ms };
        end_or_start_us(self.start_us, duration_ms)
    }
}

/// Those with these indices, by start.
fn requests<'a>(calls: &Calls<'a>, range: Range<usize>, words: &Words) -> impl Iterator<Item = Request> + 'a {
    let answers: Vec<Answer> = calls.kinds().iter().map(|kind| Answer::of(kind, words)).collect();
    let Columns { start_us, duration_ms, kind } = calls.columns();
    range.map(move |index| Request {
        start_us: start_us[index],
        duration_ms: duration_ms[index],
        answer: answers[kind[index] as usize],
    })
}

/// The requests second by second from the start of `window`.
pub fn seconds(calls: Option<&Calls<'_>>, window: &Window, words: &Words) -> LoadSeconds {
    let mut load = LoadSeconds::empty(window.start_us, window.end_us);
    let Some(calls) = calls else { return load };
    let all = || requests(calls, 0..calls.len(), words);
    let answered = all().filter(|request| request.answer.is_there());
    // The longest wait for an answer; the whole run where there was none.
    let longest_ms = answered.map(|request| request.duration_ms).fold(f64::NAN, f64::max);
    let longest_ms = if longest_ms.is_nan() { f64::INFINITY } else { longest_ms };
    let mut in_flight = InFlight::new(&load);
    for request in all() {
        let end_us = request.end_us(longest_ms);
        in_flight.add(&load, request.start_us, end_us);
        let step = load.index(request.start_us);
        let step = &mut load.steps[step];
        step.starts += 1;
        step.not_ok += u32::from(request.answer.is_not_ok());
        step.ok += u32::from(request.answer == Answer::Ok);
        if request.answer == Answer::Ok && !request.duration_ms.is_nan() {
            step.timed_ok += 1;
            step.ln_ok_ms += request.duration_ms.max(LEAST_MS).ln();
        }
        // What was given up is not waited for any more.
        if request.answer != Answer::Waiting {
            let step = load.index(end_us);
            load.steps[step].ends += 1;
        }
    }
    in_flight.spread(&mut load);
    load
}

/// The area under the number of requests in flight, step by step, µs.
///
/// A request adds to the step in which it starts what is left of that one, takes from the step in which it ends what is
/// left of that one, and counts in full from the one to the other.
struct InFlight {
    area_us: Vec<i128>,
    /// How the number of those in full changes where a step begins.
    change: Vec<i64>,
    end_us: i64,
}

impl InFlight {
    fn new(load: &LoadSeconds) -> Self {
        let steps = load.steps.len();
        Self { area_us: vec![0; steps], change: vec![0; steps + 1], end_us: load.begin_us(steps) }
    }

    fn add(&mut self, load: &LoadSeconds, start_us: i64, end_us: i64) {
        let inside = |at_us: i64| at_us.clamp(load.start_us, self.end_us);
        for (at_us, sign) in [(inside(start_us), 1), (inside(end_us), -1)] {
            let index = load.index(at_us);
            let left_us = load.begin_us(index + 1).saturating_sub(at_us);
            self.area_us[index] += i128::from(sign * left_us);
            self.change[index + 1] += sign;
        }
    }

    fn spread(self, load: &mut LoadSeconds) {
        let mut in_full = 0;
        for ((step, area_us), change) in load.steps.iter_mut().zip(self.area_us).zip(self.change) {
            in_full += change;
            let area_us = area_us + i128::from(in_full) * i128::from(load.step_us);
            step.in_flight = area_us as f64 / load.step_us as f64;
        }
    }
}

/// The parts of the load between each two neighbours of `edges_us`, ascending.
pub fn parts(calls: Option<&Calls<'_>>, edges_us: &[i64], words: &Words) -> Vec<PartOfLoad> {
    let number = edges_us.len().saturating_sub(1);
    let Some(calls) = calls else { return vec![PartOfLoad::default(); number] };
    let index = |edge_us: i64| calls.start_us().partition_point(|&start_us| start_us < edge_us);
    let part = |edges_us: &[i64]| {
        let mut part = Part::default();
        requests(calls, index(edges_us[0])..index(edges_us[1]), words).for_each(|request| part.add(&request));
        part.finish()
    };
    let mut parts: Vec<PartOfLoad> = edges_us.windows(2).map(part).collect();
    let until = edges_us.last().map_or(0, |&edge_us| index(edge_us));
    for request in requests(calls, 0..until, words).filter(|request| request.answer == Answer::Ok) {
        let end_us = request.end_us(f64::NAN);
        let behind = edges_us.partition_point(|&edge_us| edge_us <= end_us);
        if let Some(part) = behind.checked_sub(1).and_then(|index| parts.get_mut(index)) {
            part.ok_ends += 1;
        }
    }
    parts
}

/// A part of the load with the durations of its answered requests.
#[derive(Default)]
struct Part {
    found: PartOfLoad,
    ok_ms: Vec<f64>,
    not_ok_ms: Vec<f64>,
}

impl Part {
    fn add(&mut self, request: &Request) {
        self.found.starts += 1;
        self.found.ok += u64::from(request.answer == Answer::Ok);
        self.found.not_ok += u64::from(request.answer.is_not_ok());
        if request.answer.is_there() && !request.duration_ms.is_nan() {
            self.found.timed += 1;
            let durations_ms =
                if request.answer == Answer::Ok { &mut self.ok_ms } else { &mut self.not_ok_ms };
            durations_ms.push(request.duration_ms);
        }
    }

    fn finish(mut self) -> PartOfLoad {
        let knows_outcomes = self.found.ok + self.found.not_ok > 0;
        let failed = if knows_outcomes { self.not_ok_ms.len() } else { 0 };
        let mean_ok_ms = mean(&self.ok_ms);
        let mut all = self.ok_ms;
        all.append(&mut self.not_ok_ms);
        let quantile = type7_select_unsigned(select_without_fastest(&mut all, failed), [0.95]);
        PartOfLoad { mean_ok_ms, p95_ms: quantile.map(|[p95_ms]| p95_ms), ..self.found }
    }
}

#[cfg(test)]
mod tests;
