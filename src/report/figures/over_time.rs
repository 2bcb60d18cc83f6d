//! Response times and throughput over time: of the whole run, on the clock of the timeline.

use super::bins::{Bins, FEWEST, length_us, since_s};
use super::counted;
use crate::analysis::Analysis;
use crate::report::outline::{
    Along, Axis, Cell, Clock, Figure, Ink, Layer, Measure, Panel, Scale, Shape, Span, Stroke, Tone,
};
use crate::summary::{Gap, RunSummary};
use crate::units::{Unit, duration_s};

/// Where the axis of times of a run begins and ends.
pub fn clock(run: &RunSummary) -> Axis {
    let end_s = length_us(run) as f64 / 1e6;
    let unit = Clock::of(end_s).unit();
    Axis::new(format!("time since the start of the run, {unit}"), Unit::Seconds, Scale::Time, (0.0, end_s))
}

/// Grey ground: what no verdict rests on.
fn unjudged(analysis: &Analysis) -> Option<Layer> {
    let judged = analysis.judged_part()?;
    let end_s = length_us(&analysis.whole) as f64 / 1e6;
    let (from_s, to_s) = (since_s(&analysis.whole, judged.start_us), since_s(&analysis.whole, judged.end_us));
    let spans = [(0.0, from_s), (to_s, end_s)].into_iter().filter(|(from, to)| to - from > 0.0);
    let spans: Vec<Span> = spans.map(|(from, to)| Span { from, to, height: 1.0 }).collect();
    (!spans.is_empty()).then(|| Layer::new("", Ink::Band, Shape::Spans(spans)))
}

/// What lies behind the lines: what no verdict rests on, and where nobody knows what happened. A count is not 0 there.
pub fn ground(analysis: &Analysis) -> Vec<Layer> {
    let run = &analysis.whole;
    let span =
        |gap: &Gap| Span { from: since_s(run, gap.start_us), to: since_s(run, gap.end_us), height: 1.0 };
    let gaps: Vec<Span> = run.data_quality.gaps.iter().map(span).collect();
    let unrecorded = (!gaps.is_empty())
        .then(|| Layer::new("nothing recorded", Ink::Muted, Shape::Spans(gaps)).stroked(Stroke::Faint));
    unjudged(analysis).into_iter().chain(unrecorded).collect()
}

/// Where nothing was recorded, in words.
pub fn unrecorded(run: &RunSummary) -> Option<Cell> {
    let gaps = &run.data_quality.gaps;
    let silent_s = gaps.iter().map(|gap| (gap.end_us - gap.start_us) as f64 / 1e6).sum::<f64>();
    let text = || {
        format!(
            "Nothing was recorded for {} (dark ground): counts are unknown there, not 0",
            duration_s(silent_s)
        )
    };
    (!gaps.is_empty()).then(|| Cell::toned(text(), Tone::Doubtful))
}

/// P50, P95 and P99 in each bin.
pub fn times(analysis: &Analysis, bins: &Bins) -> Option<Panel> {
    let requests = &analysis.whole.series.requests;
    let found = bins.percentiles(requests, &[0.5, 0.95, 0.99]);
    let known = || found.iter().flatten().flatten().copied().filter(|ms| *ms > 0.0);
    let (low, high) = known().fold((f64::INFINITY, 0.0f64), |(low, high), ms| (low.min(ms), high.max(ms)));
    if high <= 0.0 {
        return None;
    }
    let target = p95_target(analysis);
    let range = (low / 1.2, high.max(target.unwrap_or(0.0)) * 1.4);
    let names = [
        ("P50", Ink::L1, Stroke::Solid),
        ("P95", Ink::Text, Stroke::Bold),
        ("P99", Ink::Other, Stroke::Solid),
    ];
    let lines = names.into_iter().zip(found).map(|((name, ink, stroke), y)| {
        Layer::new(name, ink, Shape::Line { x: bins.x.clone(), y }).stroked(stroke)
    });
    let limit = target.map(|at| {
        let label = format!("target of P95: {}", Unit::Milliseconds.print(at));
        Layer::limit(Along::Y, at, label, Ink::Fail)
    });
    Some(Panel {
        title: "Response time".to_owned(),
        y: Measure::Axis(Axis::new("log", Unit::Milliseconds, Scale::Log, range)),
        height: 110,
        // P99 first: what matters most is painted last.
        layers: limit.into_iter().chain(lines.rev()).collect(),
    })
}

/// The tightest limit of the P95 among the targets.
pub fn p95_target(analysis: &Analysis) -> Option<f64> {
    let of_p95 = |metric: &str| ["request/p95_ms", "request/ok_p95_ms"].contains(&metric);
    let limits = analysis.targets.iter().filter(|target| of_p95(&target.metric) && target.applies);
    limits.map(|target| target.limit).min_by(f64::total_cmp)
}

/// Percentiles over time, for who can't zoom.
pub fn percentiles(analysis: &Analysis) -> Option<Figure> {
    let bins = Bins::coarse(&analysis.whole);
    let mut panel = times(analysis, &bins)?;
    panel.layers.splice(0..0, ground(analysis));
    let width = duration_s(bins.width_s());
    Some(Figure {
        id: "percentiles",
        title: "Response time over time".to_owned(),
        caption: vec![Cell::plain(format!(
            "Percentiles of the requests that end within {width}, computed for each stretch anew; a gap has fewer than {FEWEST} of them"
        ))],
        text: "P50, P95 and P99 of the response time of the requests, over the time of the run".to_owned(),
        x: clock(&analysis.whole),
        panels: vec![panel],
        detail: None,
    })
}

/// Throughput and failures over time.
pub fn throughput(analysis: &Analysis) -> Option<Figure> {
    let bins = Bins::coarse(&analysis.whole);
    let requests = &analysis.whole.series.requests;
    let panels = [
        counted::panel("Finished requests by who answered", requests, counted::answerer, &bins),
        counted::panel("Failed requests by category", requests, counted::category, &bins),
    ];
    let mut panels: Vec<Panel> = panels.into_iter().flatten().collect();
    panels.iter_mut().for_each(|panel| drop(panel.layers.splice(0..0, unjudged(analysis))));
    (!panels.is_empty()).then(|| Figure {
        id: "throughput-over-time",
        title: "Throughput and failures over time".to_owned(),
        caption: unrecorded(&analysis.whole).into_iter().collect(),
        text: "Finished requests per second by who answered them, and failed requests per second by category, over the time of the run"
            .to_owned(),
        x: clock(&analysis.whole),
        panels,
        detail: None,
    })
}
