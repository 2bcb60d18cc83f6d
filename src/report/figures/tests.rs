//! Figures of small runs: what is in their bins, and what their captions say.

use std::sync::Arc;

use super::bins::{Bins, FEWEST};
use super::*;
use crate::analysis::Analysis;
use crate::config::Config;
use crate::report::fixture;
use crate::report::outline::{Figure, Layer, Measure, Panel, Shape};
use crate::stats::quantile::{type7_sorted, without_fastest};
use crate::summary::fixture::{START_US, run_summary};
use crate::summary::{
    BreakerChange, BreakerState, EndedRequests, Gap, MaybeMs, Measured, RequestKind, RunSummary, StateSpan,
};

fn run_of(seconds: i64) -> RunSummary {
    let mut run = run_summary();
    run.window.end_us = START_US + seconds * 1_000_000;
    run
}

fn kind(answered_by: &str, outcome: &str) -> RequestKind {
    RequestKind {
        outcome: Some(outcome.into()),
        answered_by: Some(answered_by.into()),
        is_ok: outcome == "ok",
        is_failed: outcome != "ok",
    }
}

/// (end, ms since the start; duration, ms; index of the kind)
fn requests(kinds: Vec<RequestKind>, all: &[(i64, f64, u32)]) -> EndedRequests {
    EndedRequests {
        kinds,
        end_us: all.iter().map(|(end_ms, ..)| START_US + end_ms * 1000).collect(),
        duration_ms: all.iter().map(|(_, ms, _)| MaybeMs::of(*ms)).collect(),
        kind: all.iter().map(|(.., kind)| *kind).collect(),
    }
}

#[test]
fn a_long_run_has_coarse_bins_and_never_more_than_can_be_seen() {
    for (seconds, width_s) in [(20, 1.0), (600, 1.0), (1200, 2.0), (7200, 15.0), (86_400, 300.0)] {
        let bins = Bins::coarse(&run_of(seconds));
        assert_eq!(bins.width_s(), width_s, "{seconds} s");
        assert!(bins.len() <= 1000);
    }
}

#[test]
fn where_nothing_was_recorded_the_charts_say_so_and_counts_are_no_0() {
    let mut run = run_of(20);
    run.series.requests =
        Arc::new(requests(vec![kind("lightrag", "ok")], &[(500, 9.0, 0), (15_000, 9.0, 0)]));
    let drawn = |run: &RunSummary| {
        let analysis = Analysis::of_whole(run.clone(), &Config::defaults()).unwrap();
        let figures = [throughput(&analysis), timeline(&analysis)].map(Option::unwrap);
        let grounds = figures
            .iter()
            .flat_map(|figure| &figure.panels)
            .filter(|panel| panel.layers.iter().any(|layer| layer.name == "nothing recorded"));
        let told = figures.iter().filter(|figure| {
            figure.caption.iter().any(|line| line.text.starts_with("Nothing was recorded for 12 s"))
        });
        (grounds.count(), told.count())
    };
    run.data_quality.gaps.clear();
    assert_eq!(drawn(&run), (0, 0));
    run.data_quality.gaps = vec![Gap { start_us: START_US + 2_000_000, end_us: START_US + 14_000_000 }];
    let (grounds, told) = drawn(&run);
    assert!(grounds > 2 && told == 2, "{grounds} {told}");
}

#[test]
fn percentiles_of_a_bin_are_those_of_its_requests_and_few_are_a_gap() {
    let kinds = vec![kind("lightrag", "ok"), kind("none", "timeout")];
    let mut all: Vec<(i64, f64, u32)> =
        (0..50).map(|index| (index * 20, 10.0 + index as f64, u32::from(index % 10 == 0))).collect();
    all.extend((0..FEWEST as i64 - 1).map(|index| (1000 + index, 7.0, 0)));
    let requests = requests(kinds, &all);
    let found = Bins::coarse(&run_of(3)).percentiles(&requests, &[0.5, 0.95]);
    let sorted: Vec<f64> = (0..50).map(|index| 10.0 + f64::from(index)).collect();
    for (q, found) in [0.5, 0.95].into_iter().zip(&found) {
        assert_eq!(found[0], type7_sorted(without_fastest(&sorted, 5), q), "five of them failed");
        assert_eq!(found[1..], [None, None], "one too few, and none");
    }
}

#[test]
fn at_ticks_a_ratio_is_that_of_the_second_around_it_and_does_not_reach_into_another_stretch() {
    let bins = Bins::ticks(&run_of(100), &[(0.0, 2.0), (50.0, 52.0)]);
    assert_eq!(bins.len(), 40);
    let at = |tick: i64| START_US + tick * 100_000;
    // Ten look-ups at the end of the first stretch, all of them hits; none in the second.
    let found = bins.ratios((15..20).map(|tick| (2, 2, at(tick))));
    assert_eq!(found[19], Some(1.0));
    assert_eq!(found[13], Some(1.0), "half a second before it");
    assert_eq!(found[5], None);
    assert!(found[20..].iter().all(Option::is_none), "{found:?}");
}

#[test]
fn extremes_of_a_bin_are_kept() {
    let bins = Bins::coarse(&run_of(2));
    let values: Vec<(i64, f64)> =
        (0..10).map(|tick| (START_US + tick * 100_000, if tick == 4 { 99.0 } else { 1.0 })).collect();
    let [low, mean, high] = bins.extremes(&values);
    assert_eq!((low[0], mean[0], high[0]), (Some(1.0), Some(10.8), Some(99.0)));
    assert_eq!((low[1], mean[1], high[1]), (None, None, None));
}

#[test]
fn stacks_count_each_request_once() {
    let run = run_of(4);
    let kinds = vec![kind("cache_l1", "ok"), kind("none", "timeout"), kind("lightrag", "ok")];
    let all: Vec<(i64, f64, u32)> = (0..400).map(|index| (index * 10, 5.0, (index % 3) as u32)).collect();
    let requests = requests(kinds, &all);
    for bins in [Bins::coarse(&run), Bins::ticks(&run, &[(0.0, 4.0)])] {
        let panel = counted::panel("", &requests, counted::answerer, &bins).unwrap();
        let names: Vec<&str> = panel.layers.iter().map(|layer| layer.name.as_str()).collect();
        assert_eq!(names, ["cache_l1", "lightrag", "failed"]);
        let sum: f64 = panel.layers.iter().flat_map(values).flatten().sum();
        assert!((sum * bins.width_s() - 400.0).abs() < 1e-6, "{sum}");
    }
}

fn values(layer: &Layer) -> Vec<Option<f64>> {
    match &layer.shape {
        Shape::Line { y, .. } | Shape::Stack { y, .. } => y.clone(),
        _ => Vec::new(),
    }
}

#[test]
fn a_delay_is_told_of_enough_events_only() {
    let spans: Vec<(i64, i64)> =
        (0..6).map(|index| (index * 10_000_000, index * 10_000_000 + 5_000_000)).collect();
    let after = |delay_us: i64| -> Vec<i64> { spans.iter().map(|(from_us, _)| from_us + delay_us).collect() };
    assert_eq!(captions::median_delay_s(&spans, &after(400_000)), Some((0.4, 6)));
    assert_eq!(captions::median_delay_s(&spans[..4], &after(400_000)), None, "four events are too few");
    assert_eq!(
        captions::median_delay_s(&spans, &after(6_000_000)),
        None,
        "the reaction comes when it is over"
    );
}

/// A breaker that is open in every other ten seconds; then a quarter of the requests fail, else none.
fn outage() -> Analysis {
    let mut run = run_of(100);
    let span = |index: i64| StateSpan {
        from_us: START_US + index * 10_000_000,
        to_us: START_US + (index + 1) * 10_000_000,
        state: if index % 2 == 0 { BreakerState::Closed } else { BreakerState::Open },
    };
    if let Measured::Value(breaker) = &mut run.breaker {
        breaker.breakers[0].states = (0..10).map(span).collect();
    }
    let is_open = |at_ms: i64| at_ms / 10_000 % 2 == 1;
    let kinds = vec![
        kind("cache_l1", "ok"),
        kind("none", "api_error"),
        kind("perplexity", "ok"),
        kind("none", "timeout"),
    ];
    let all: Vec<(i64, f64, u32)> = (0..2000i64)
        .map(|index| (index * 50, 20.0 + index as f64 / 100.0, index))
        .map(|(at_ms, ms, index)| match (is_open(at_ms), index % 4) {
            (true, 0) => (at_ms, ms, if index % 40 == 0 { 3 } else { 1 }),
            // A second after the opening at the earliest.
            (true, 1) if at_ms % 10_000 >= 1_000 => (at_ms, ms, 2),
            _ => (at_ms, ms, 0),
        })
        .collect();
    run.series.requests = Arc::new(requests(kinds, &all));
    run.series.service_cpu_percent = (0..1000)
        .map(|tick| (START_US + tick * 100_000, if is_open(tick * 100) { 60.0 } else { 40.0 }))
        .collect();
    Analysis::of_whole(run, &Config::defaults()).unwrap()
}

#[test]
fn captions_say_the_delay_both_states_and_the_majority() {
    assert_eq!(
        captions::timeline(&outage()),
        [
            "The fallback answers for the first time 1.05 s after an opening (median of 5)",
            "While no breaker is open or half open 0.0 % of the requests fail, otherwise 25.0 %; 100.0 % of all failures",
            "CPU of the service: 40.0 % of a core while closed, 60.0 % otherwise",
            "90.0 % of the failures are api_error",
        ]
    );
}

#[test]
fn a_cycle_is_the_mean_over_all_openings() {
    let mut analysis = outage();
    assert_eq!(one_cycle(&analysis), None, "one opening is listed");
    if let Measured::Value(breaker) = &mut analysis.whole.breaker {
        let first = breaker.breakers[0].openings[0].clone();
        let opening =
            |index: i64| BreakerChange { at_us: START_US + index * 20_000_000 + 10_000_000, ..first.clone() };
        breaker.breakers[0].openings = (0..5).map(opening).collect();
    }
    let figure = one_cycle(&analysis).unwrap();
    let captions: Vec<&str> = figure.caption.iter().map(|cell| cell.text.as_str()).collect();
    // Five a second while it is open, which is 10 s of the 12; the last opening ends with the run.
    assert_eq!(
        captions,
        [
            "Mean over the 5 openings of breaker lightrag, which lie at 0",
            "0.00 requests fail a second in the 10 s before an opening, 4.31 in the 12 s behind it"
        ]
    );
    let failed = values(&figure.panels[1].layers[0]);
    assert_eq!((failed[19], failed[20], failed[43]), (Some(0.0), Some(6.0), Some(0.0)));
}

#[test]
fn a_run_without_an_opening_has_no_sentence_about_states() {
    let mut analysis = outage();
    if let Measured::Value(breaker) = &mut analysis.whole.breaker {
        breaker.breakers[0].states.retain(|span| span.state == BreakerState::Closed);
    }
    assert_eq!(captions::timeline(&analysis), ["90.0 % of the failures are api_error"]);
}

#[test]
fn a_row_of_the_distribution_counts_the_judged_requests_of_one_answerer() {
    let figure = distribution(&outage()).unwrap();
    let titles: Vec<&str> = figure.panels.iter().map(|panel| panel.title.as_str()).collect();
    // The first request had started before the window.
    assert_eq!(titles[0], "All 1,999 requests");
    assert!(titles[1].starts_with("cache_l1: 1,524, median"), "{titles:?}");
    assert!(titles[3].starts_with("failed: 250, median"), "{titles:?}");
    // Each bucket is two points of a step.
    let counted: f64 = figure.panels[0].layers.iter().flat_map(values).flatten().sum();
    assert_eq!(counted, 2.0 * 1999.0);
}

#[test]
fn what_is_drawn_of_a_run_that_got_worse() {
    let analysis = fixture::judged();
    let mut figures: Vec<Figure> = [
        targets(&analysis),
        distribution(&analysis),
        percentiles(&analysis),
        throughput(&analysis),
        timeline(&analysis),
        time_spent(&analysis),
        cache(&analysis),
        chain(&analysis),
        grades(&analysis),
    ]
    .into_iter()
    .flatten()
    .collect();
    figures.extend(slowest(&analysis));
    let told: Vec<String> = figures.iter().map(digest).collect();
    insta::assert_snapshot!(told.join("\n\n"));
}

/// What a figure is made of, with the sums of its values.
fn digest(figure: &Figure) -> String {
    let mut lines = vec![format!("{}: {}", figure.id, figure.title), format!("  text: {}", figure.text)];
    lines.extend(figure.caption.iter().map(|cell| format!("  caption: {}", cell.text)));
    lines.push(format!("  x: {} {:?}", figure.x.title, figure.x.range));
    lines.extend(figure.panels.iter().flat_map(|panel| of_panel(panel, "  ")));
    if let Some(detail) = &figure.detail {
        lines.push(format!("  detail below {} in {:?}, {:?}", detail.below, detail.covers, detail.events));
        lines.extend(detail.panels.iter().flat_map(|panel| of_panel(panel, "    ")));
    }
    lines.join("\n")
}

fn of_panel(panel: &Panel, margin: &str) -> Vec<String> {
    let y = match &panel.y {
        Measure::Axis(axis) => format!("{} {:?}", axis.title, axis.range),
        Measure::Rows(rows) => {
            rows.iter().map(|row| format!("{} ({})", row.name, row.note.text)).collect::<Vec<_>>().join(", ")
        }
    };
    let head = format!("{margin}{} | {y}", panel.title);
    let layers = panel.layers.iter().map(|layer| {
        let shape = match &layer.shape {
            Shape::Bars(bars) => bars
                .iter()
                .map(|bar| format!("{}: {:.4}..{:.4}", bar.row, bar.from, bar.to))
                .collect::<Vec<_>>()
                .join(", "),
            Shape::Spans(spans) => format!("{spans:?}"),
            Shape::Limit { at, label, .. } => format!("at {at} {label}"),
            _ => {
                let values = values(layer);
                let known: Vec<f64> = values.iter().flatten().copied().collect();
                format!(
                    "{} values, {} known, sum {:.3}",
                    values.len(),
                    known.len(),
                    known.iter().sum::<f64>()
                )
            }
        };
        format!("{margin}  {} {:?} {:?} {shape}", layer.name, layer.ink, layer.stroke)
    });
    std::iter::once(head).chain(layers).collect()
}
