//! The distribution of the response times by who answered, on a logarithmic axis.

use std::sync::Arc;

use super::counted::{self, answerer};
use super::over_time::p95_target;
use crate::analysis::Analysis;
use crate::report::outline::{Along, Axis, Cell, Figure, Ink, Layer, Measure, Panel, Scale, Shape};
use crate::stats::quantile::type7_sorted;
use crate::units::{self, Unit};

const BUCKETS_PER_DECADE: f64 = 20.0;
/// How many times as far as all times a target may lie.
const FAR: f64 = 10.0;
/// Groups with a row of their own, as many as have a colour.
const MOST_ROWS: usize = 8;
/// Shares below the chart; the others are in the table.
const SHARES_TOLD: usize = 3;

struct Group {
    name: String,
    ink: Ink,
    /// Ascending.
    ms: Vec<f64>,
}

/// All requests that start in the judged window and have a time, in one row, and each group below it.
pub fn distribution(analysis: &Analysis) -> Option<Figure> {
    let groups = groups(analysis);
    let all: usize = groups.iter().map(|group| group.ms.len()).sum();
    let least = groups.iter().flat_map(|group| group.ms.first()).copied().fold(f64::INFINITY, f64::min);
    let most = groups.iter().flat_map(|group| group.ms.last()).copied().fold(0.0, f64::max);
    if all < 2 || most <= 0.0 {
        return None;
    }
    // The target is on the axis, unless it is far from what happened.
    let target = p95_target(analysis).filter(|target| (least / FAR..most * FAR).contains(target));
    let (least, most) = target.map_or((least, most), |target| (least.min(target), most.max(target)));
    let (first, last) = (bucket(least), bucket(most) + 1);
    let edge = |bucket: i32| 10f64.powf(f64::from(bucket) / BUCKETS_PER_DECADE);
    // Steps: each edge twice, at the height before and behind it.
    let x: Arc<[f64]> = (first..last).flat_map(|bucket| [edge(bucket), edge(bucket + 1)]).collect();
    let counts: Vec<Vec<f64>> = groups.iter().map(|group| counted_in(&group.ms, first, last)).collect();
    let stack = |index: usize| {
        let y = counts[index].iter().flat_map(|count| [Some(*count), Some(*count)]).collect();
        Layer::new("", groups[index].ink, Shape::Stack { x: x.clone(), y })
    };
    let highest =
        (0..counts[0].len()).map(|bucket| counts.iter().map(|of| of[bucket]).sum()).fold(0.0, f64::max);
    let measure =
        |most: f64| Measure::Axis(Axis::new("", Unit::Count, Scale::Linear, (0.0, most.max(1.0) * 1.04)));
    let mut layers: Vec<Layer> = (0..groups.len()).map(stack).collect();
    layers.extend(limits(analysis));
    let title = format!("All {} requests", units::count(all as u64));
    let mut panels = vec![Panel { title, y: measure(highest), height: 110, layers }];
    panels.extend(groups.iter().enumerate().take(MOST_ROWS).map(|(index, group)| {
        let median = type7_sorted(&group.ms, 0.5).unwrap_or_default();
        let (n, median) = (units::count(group.ms.len() as u64), Unit::Milliseconds.print(median));
        Panel {
            title: format!("{}: {n}, median {median}", crate::report::printable(&group.name)),
            y: measure(counts[index].iter().copied().fold(0.0, f64::max)),
            height: 34,
            layers: vec![stack(index)],
        }
    }));
    Some(Figure {
        id: "distribution",
        title: "Distribution of the response times by who answered".to_owned(),
        caption: caption(&groups, all),
        text: text(&groups),
        x: Axis::new("response time, log", Unit::Milliseconds, Scale::Log, (edge(first), edge(last))),
        panels,
        detail: None,
    })
}

fn bucket(ms: f64) -> i32 {
    // Below a µs nothing is told apart.
    (ms.max(0.001).log10() * BUCKETS_PER_DECADE).floor() as i32
}

fn counted_in(ms: &[f64], first: i32, last: i32) -> Vec<f64> {
    let mut counts = vec![0.0; (last - first).max(1) as usize];
    for &ms in ms {
        counts[((bucket(ms) - first).max(0) as usize).min((last - first - 1).max(0) as usize)] += 1.0;
    }
    counts
}

fn groups(analysis: &Analysis) -> Vec<Group> {
    let requests = &analysis.whole.series.requests;
    let judged = &analysis.summary.window;
    let names = counted::groups(requests, answerer);
    let mut groups: Vec<Group> = names
        .into_iter()
        .enumerate()
        .map(|(index, name)| Group { ink: counted::ink(&name, index), name, ms: Vec::new() })
        .collect();
    for (end_us, ms, kind) in requests.all() {
        let (Some(ms), Some(name)) = (ms, answerer(kind)) else { continue };
        let start_us = end_us - (ms * 1000.0) as i64;
        if (judged.start_us..judged.end_us).contains(&start_us)
            && let Some(group) = groups.iter_mut().find(|group| group.name == name)
        {
            group.ms.push(ms);
        }
    }
    groups.retain(|group| !group.ms.is_empty());
    groups.iter_mut().for_each(|group| group.ms.sort_unstable_by(f64::total_cmp));
    groups
}

/// The quantiles of the verdicts, and the target.
fn limits(analysis: &Analysis) -> Vec<Layer> {
    let all = &analysis.summary.requests.all;
    let quantiles = [(0.5, "P50"), (0.95, "P95"), (0.99, "P99")];
    let quantiles = quantiles
        .into_iter()
        .filter_map(|(q, name)| Some(Layer::limit(Along::X, all.value_ms(q)?, name, Ink::Muted)));
    let target = p95_target(analysis).map(|at| Layer::limit(Along::X, at, "target of P95", Ink::Fail));
    quantiles.chain(target).collect()
}

fn caption(groups: &[Group], all: usize) -> Vec<Cell> {
    let mut by_share: Vec<&Group> = groups.iter().collect();
    by_share.sort_by_key(|group| std::cmp::Reverse(group.ms.len()));
    let told: Vec<String> = by_share
        .iter()
        .take(SHARES_TOLD)
        .filter_map(|group| {
            let share = Unit::Ratio.print(group.ms.len() as f64 / all as f64);
            let median = Unit::Milliseconds.print(type7_sorted(&group.ms, 0.5)?);
            Some(format!("{} {share} (median {median})", group.name))
        })
        .collect();
    let how = "The first row shows how many requests took how long, each row below it one answerer at its own height";
    vec![Cell::plain(how), Cell::plain(format!("Most answers: {}", told.join(", ")))]
}

fn text(groups: &[Group]) -> String {
    let one = |group: &Group| {
        let median = type7_sorted(&group.ms, 0.5).unwrap_or_default();
        format!("{} {} requests, median {}", group.name, group.ms.len(), Unit::Milliseconds.print(median))
    };
    let told: Vec<String> = groups.iter().map(one).collect();
    crate::report::printable(&format!("Histogram of response times by who answered: {}", told.join("; ")))
}
