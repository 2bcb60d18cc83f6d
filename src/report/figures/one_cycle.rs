//! What precedes and follows an opening of the breaker, over all openings.

use std::sync::Arc;

use super::bins::FEWEST;
use super::captions::FEWEST_EVENTS;
use crate::analysis::Analysis;
use crate::report::outline::{Along, Axis, Cell, Figure, Ink, Layer, Measure, Panel, Scale, Shape, Stroke};
use crate::stats::quantile::{type7_sorted, without_fastest};
use crate::summary::{BreakerInstance, BreakerState, RunSummary};
use crate::units::{Unit, number};

/// Around an opening, µs, and the width of a bin.
const BEFORE_US: i64 = 10_000_000;
const AFTER_US: i64 = 12_000_000;
const BIN_US: i64 = 500_000;
const BINS: usize = ((BEFORE_US + AFTER_US) / BIN_US) as usize;
/// The bin that begins with the opening.
const AT_OPENING: usize = (BEFORE_US / BIN_US) as usize;

/// What happened in one bin, all openings together.
#[derive(Default, Clone)]
struct Bin {
    /// Openings of which the recording has this bin.
    covered: u64,
    open: u64,
    half_open: u64,
    failed: u64,
    timed_failures: usize,
    ms: Vec<f64>,
}

/// The mean cycle of the breaker that opened most often, where it did so often enough.
pub fn one_cycle(analysis: &Analysis) -> Option<Figure> {
    let run = &analysis.whole;
    let breaker = run.breaker.value()?.breakers.iter().max_by_key(|breaker| breaker.openings.len())?;
    let mut openings: Vec<i64> = breaker.openings.iter().map(|opening| opening.at_us).collect();
    openings.sort_unstable();
    if openings.len() < FEWEST_EVENTS || run.series.requests.is_empty() {
        return None;
    }
    let bins = bins(run, breaker, &openings);
    let x: Arc<[f64]> =
        (0..BINS).map(|bin| ((bin as i64 * BIN_US + BIN_US / 2 - BEFORE_US) as f64) / 1e6).collect();
    let ends = (-(BEFORE_US as f64) / 1e6, AFTER_US as f64 / 1e6);
    let name = crate::report::printable(&breaker.name);
    Some(Figure {
        id: "one-cycle",
        title: "One cycle of the breaker".to_owned(),
        caption: caption(&bins, &name, openings.len()),
        text: format!(
            "State of the breaker {name}, failures per second and P95 around an opening, over all openings"
        ),
        x: Axis::new("seconds from the opening", Unit::Seconds, Scale::Linear, ends),
        panels: panels(&bins, &x),
        detail: None,
    })
}

fn bins(run: &RunSummary, breaker: &BreakerInstance, openings: &[i64]) -> Vec<Bin> {
    let mut bins = vec![Bin::default(); BINS];
    for &opening_us in openings {
        for (index, bin) in bins.iter_mut().enumerate() {
            let middle_us = opening_us - BEFORE_US + index as i64 * BIN_US + BIN_US / 2;
            if !(run.window.start_us..run.window.end_us).contains(&middle_us) {
                continue;
            }
            bin.covered += 1;
            let state = breaker.states.iter().find(|span| (span.from_us..span.to_us).contains(&middle_us));
            bin.open += u64::from(state.is_some_and(|span| span.state == BreakerState::Open));
            bin.half_open += u64::from(state.is_some_and(|span| span.state == BreakerState::HalfOpen));
        }
    }
    for (end_us, ms, kind) in run.series.requests.all() {
        let first = openings.partition_point(|&opening_us| opening_us < end_us - AFTER_US);
        let near = openings[first..].iter().take_while(|&&opening_us| opening_us <= end_us + BEFORE_US);
        for opening_us in near {
            let index = (end_us - opening_us + BEFORE_US).div_euclid(BIN_US);
            let Some(bin) = usize::try_from(index).ok().and_then(|index| bins.get_mut(index)) else {
                continue;
            };
            bin.failed += u64::from(kind.is_failed);
            if let Some(ms) = ms {
                bin.timed_failures += usize::from(kind.is_failed);
                bin.ms.push(ms);
            }
        }
    }
    bins.iter_mut().for_each(|bin| bin.ms.sort_unstable_by(f64::total_cmp));
    bins
}

impl Bin {
    fn share(&self, of: u64) -> Option<f64> {
        (self.covered > 0).then(|| of as f64 / self.covered as f64)
    }

    fn failed_per_s(&self) -> Option<f64> {
        self.share(self.failed).map(|mean| mean * 1e6 / BIN_US as f64)
    }

    fn p95_ms(&self) -> Option<f64> {
        let enough = self.ms.len() as u64 >= FEWEST;
        type7_sorted(without_fastest(&self.ms, self.timed_failures), 0.95).filter(|_| enough)
    }
}

fn panels(bins: &[Bin], x: &Arc<[f64]>) -> Vec<Panel> {
    let column = |of: &dyn Fn(&Bin) -> Option<f64>| -> Vec<Option<f64>> { bins.iter().map(of).collect() };
    let opening = || Layer::limit(Along::X, 0.0, "", Ink::Text);
    let stack = |name, ink, y| Layer::new(name, ink, Shape::Stack { x: x.clone(), y });
    let line = |name, ink, y| Layer::new(name, ink, Shape::Line { x: x.clone(), y }).stroked(Stroke::Bold);
    let failed = column(&Bin::failed_per_s);
    let p95 = column(&Bin::p95_ms);
    let most = |values: &[Option<f64>]| values.iter().flatten().copied().fold(0.0, f64::max);
    let states = vec![
        stack("open", Ink::Fail, column(&|bin| bin.share(bin.open))),
        stack("half open", Ink::Half, column(&|bin| bin.share(bin.half_open))),
        opening(),
    ];
    let panel = |title: &str, axis, height, layers| Panel {
        title: title.to_owned(),
        y: Measure::Axis(axis),
        height,
        layers,
    };
    let share = Axis::new("share of the openings", Unit::Ratio, Scale::Linear, (0.0, 1.0));
    let mut panels = vec![
        panel("State of the breaker", share, 56, states),
        panel(
            "Failed requests",
            Axis::from_zero("1/s", Unit::PerSecond, most(&failed)),
            70,
            vec![line("", Ink::Fail, failed), opening()],
        ),
    ];
    if most(&p95) > 0.0 {
        let axis = Axis::from_zero("ms", Unit::Milliseconds, most(&p95));
        panels.push(panel("P95 of the requests", axis, 70, vec![line("", Ink::Text, p95), opening()]));
    }
    panels
}

/// How to read it, and failures before and behind the opening.
fn caption(bins: &[Bin], name: &str, openings: usize) -> Vec<Cell> {
    let mean = |bins: &[Bin]| {
        let (failed, covered) =
            bins.iter().fold((0, 0), |sum, bin| (sum.0 + bin.failed, sum.1 + bin.covered));
        (covered > 0).then(|| failed as f64 / covered as f64 * 1e6 / BIN_US as f64)
    };
    let how = format!("Mean over the {openings} openings of breaker {name}, which lie at 0");
    let both = mean(&bins[..AT_OPENING]).zip(mean(&bins[AT_OPENING..]));
    let told = both.filter(|(before, behind)| before != behind).map(|(before, behind)| {
        format!(
            "{} requests fail a second in the 10 s before an opening, {} in the 12 s behind it",
            number(before),
            number(behind)
        )
    });
    std::iter::once(how).chain(told).map(Cell::plain).collect()
}
