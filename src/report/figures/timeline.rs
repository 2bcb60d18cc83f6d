//! The incident timeline: breaker, who answered, caches, failures, response times and resources on one clock.

use super::bins::{Bins, length_us, since_s, ticks_of};
use super::over_time::{clock, ground, times, unrecorded};
use super::{captions, counted, gauges};
use crate::analysis::Analysis;
use crate::report::outline::{
    Axis, Cell, Detail, Event, Figure, Ink, Layer, Measure, Panel, Scale, Shape, Span, Stroke, Tone,
};
use crate::summary::{Breaker, BreakerInstance, BreakerState, Measured, RunSummary, StateSpan};
use crate::units::Unit;

/// The fine level is shown where no more than so many seconds are.
const FINE_BELOW_S: f64 = 45.0;
/// Runs up to this length have it everywhere, longer ones around the worst events, to each side so far, s.
const FINE_EVERYWHERE_S: f64 = 620.0;
const AROUND_EVENT_S: f64 = 30.0;
const EVENTS_IN_DETAIL: usize = 20;
/// … and no further than a page of a megabyte has room for, s.
const MOST_DETAIL_S: f64 = 600.0;
/// Events that can be gone to.
const EVENTS_LISTED: usize = 200;
/// Breakers that have a track.
const BREAKERS_SHOWN: usize = 4;

/// The timeline of a run that has requests.
pub fn timeline(analysis: &Analysis) -> Option<Figure> {
    let run = &analysis.whole;
    if run.series.requests.is_empty() {
        return None;
    }
    let covers = covered(run);
    let fine = Bins::ticks(run, &covers);
    let events = events(run).into_iter().take(EVENTS_LISTED);
    let mut caption = vec![Cell::plain(how_to_read(analysis))];
    caption.extend(captions::timeline(analysis).iter().map(Cell::plain));
    caption.extend(unrecorded(run));
    caption.extend(missing(run));
    let text = "Circuit breaker states, who answered, cache hit rates, failures by category, response times, CPU and memory over the \
                time of the run, below each other on one clock";
    Some(Figure {
        id: "incident-timeline",
        title: "What happened when".to_owned(),
        caption,
        text: text.to_owned(),
        x: clock(run),
        panels: panels(analysis, &Bins::coarse(run)),
        detail: Some(Detail {
            below: FINE_BELOW_S,
            covers: covers.clone(),
            panels: panels(analysis, &fine),
            events: events.map(|(at_us, name)| Event { at: since_s(run, at_us), name }).collect(),
        }),
    })
}

fn how_to_read(analysis: &Analysis) -> String {
    let mut text =
        "All of the run, on one clock; drag over one of them to zoom all, double-click for the whole run"
            .to_owned();
    if analysis.whole.breaker.value().is_some_and(|breaker| breaker.opened > 0) {
        text.push_str("; red ground: a breaker is open");
    }
    if analysis.judged_part().is_some() {
        text.push_str("; grey ground: no verdict rests on it");
    }
    text
}

/// A track that is not there says why.
fn missing(run: &RunSummary) -> Option<Cell> {
    let is_closed = |breaker: &Breaker| !breaker.breakers.iter().any(has_changed);
    let breaker = match &run.breaker {
        Measured::Value(breaker) => is_closed(breaker).then_some("never seen open"),
        Measured::Undefined(undefined) => Some(undefined.reason()),
    };
    let reasons = [
        ("breaker", breaker),
        ("cache", run.cache.reason()),
        ("CPU", run.resources.cpu.reason()),
        ("memory", run.resources.memory.reason()),
    ];
    let told: Vec<String> =
        reasons.iter().filter_map(|(what, reason)| Some(format!("{what} ({})", (*reason)?))).collect();
    (!told.is_empty()).then(|| Cell::toned(format!("Not drawn: {}", told.join(", ")), Tone::Dim))
}

fn panels(analysis: &Analysis, bins: &Bins) -> Vec<Panel> {
    let run = &analysis.whole;
    let requests = &run.series.requests;
    let ground: Vec<Layer> = ground(analysis).into_iter().chain(open_ground(run)).collect();
    let mut panels = breakers(run);
    let others = [
        counted::panel("Finished requests by who answered", requests, counted::answerer, bins),
        hit_rates(run, bins),
        counted::panel("Failed requests by category", requests, counted::category, bins),
        times(analysis, bins),
        gauges::cpu(&run.series.service_cpu_percent, bins),
        gauges::memory(&run.series.service_memory_mb, bins),
    ];
    panels.extend(others.into_iter().flatten().map(|mut panel| {
        panel.layers.splice(0..0, ground.iter().cloned());
        panel
    }));
    panels
}

/// Was it ever anything but closed?
fn has_changed(breaker: &BreakerInstance) -> bool {
    breaker.states.iter().any(|span| span.state != BreakerState::Closed)
}

/// One strip for each breaker that ever changed: its height is its state.
fn breakers(run: &RunSummary) -> Vec<Panel> {
    let Some(breaker) = run.breaker.value() else { return Vec::new() };
    let strips = breaker.breakers.iter().filter(|breaker| has_changed(breaker)).map(|breaker| {
        let of = |state: BreakerState, height: f64| -> Vec<Span> {
            let states = breaker.states.iter().filter(|span| span.state == state);
            states.map(|span| span_of(run, span, height)).collect()
        };
        let layers = vec![
            Layer::new("half open (half height)", Ink::Half, Shape::Spans(of(BreakerState::HalfOpen, 0.5))),
            Layer::new("open (full height)", Ink::Fail, Shape::Spans(of(BreakerState::Open, 1.0))),
        ];
        Panel {
            title: format!("Breaker {}", crate::report::printable(&breaker.name)),
            y: Measure::Axis(Axis::new("", Unit::Number, Scale::Linear, (0.0, 1.0))),
            height: 22,
            layers,
        }
    });
    strips.take(BREAKERS_SHOWN).collect()
}

/// Where any breaker is open.
fn open_ground(run: &RunSummary) -> Option<Layer> {
    let breaker = run.breaker.value()?;
    let states = breaker.breakers.iter().flat_map(|breaker| &breaker.states);
    let spans: Vec<Span> =
        states.filter(|span| span.state == BreakerState::Open).map(|span| span_of(run, span, 1.0)).collect();
    (!spans.is_empty()).then(|| Layer::new("", Ink::Fail, Shape::Spans(spans)).stroked(Stroke::Faint))
}

fn span_of(run: &RunSummary, span: &StateSpan, height: f64) -> Span {
    Span { from: since_s(run, span.from_us), to: since_s(run, span.to_us), height }
}

fn hit_rates(run: &RunSummary, bins: &Bins) -> Option<Panel> {
    let cache = run.cache.value()?;
    let layers = cache.tiers.iter().map(|tier| {
        let component = format!("cache_{}", tier.tier);
        let parts = ticks_of(run, &component)
            .map(|tick| (u64::from(tick.hits), u64::from(tick.hits) + u64::from(tick.misses), tick.start_us));
        let y = bins.ratios(parts);
        Layer::new(
            tier.tier.to_uppercase(),
            Ink::of_component(&component),
            Shape::Line { x: bins.x.clone(), y },
        )
    });
    Some(Panel {
        title: "Hit rate of each cache tier".to_owned(),
        y: Measure::Axis(Axis::new("%", Unit::Ratio, Scale::Linear, (0.0, 1.0))),
        height: 72,
        layers: layers.collect(),
    })
}

/// The openings of breakers; where there is none, the seconds with the most failures, worst first.
fn events(run: &RunSummary) -> Vec<(i64, String)> {
    let breakers = run.breaker.value().map(|breaker| breaker.breakers.as_slice()).unwrap_or_default();
    let at = |at_us: i64| format!("{:.1} s", since_s(run, at_us));
    let mut events: Vec<(i64, String)> = breakers
        .iter()
        .flat_map(|breaker| {
            let name = crate::report::printable(&breaker.name);
            breaker
                .openings
                .iter()
                .map(move |opening| (opening.at_us, format!("{name} opened at {}", at(opening.at_us))))
        })
        .collect();
    events.sort();
    if events.is_empty() {
        let mut failing: Vec<_> =
            run.series.request_seconds.iter().filter(|second| second.failed > 0).collect();
        failing.sort_by_key(|second| (std::cmp::Reverse(second.failed), second.start_us));
        events = failing
            .iter()
            .take(EVENTS_IN_DETAIL)
            .map(|second| (second.start_us, format!("{} failed at {}", second.failed, at(second.start_us))))
            .collect();
    }
    events
}

/// Where the fine level is: everywhere in a short run, else around the seconds with the most failures, and the slowest ones
/// where too few failed.
fn covered(run: &RunSummary) -> Vec<(f64, f64)> {
    let end_s = length_us(run) as f64 / 1e6;
    if end_s <= FINE_EVERYWHERE_S {
        return vec![(0.0, (end_s * 10.0).ceil() / 10.0)];
    }
    let mut seconds: Vec<(u64, f64, f64)> = run
        .series
        .request_seconds
        .iter()
        .map(|second| {
            (second.failed, second.durations_ms.last().copied().unwrap_or(0.0), since_s(run, second.start_us))
        })
        .collect();
    seconds.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)).then(a.2.total_cmp(&b.2)));
    let mut chosen: Vec<f64> = Vec::new();
    let most = EVENTS_IN_DETAIL.min((MOST_DETAIL_S / (2.0 * AROUND_EVENT_S)) as usize);
    for (_, _, at_s) in seconds {
        if chosen.iter().all(|known| (known - at_s).abs() > AROUND_EVENT_S) {
            chosen.push(at_s);
        }
        if chosen.len() == most {
            break;
        }
    }
    chosen.sort_by(f64::total_cmp);
    let mut covers: Vec<(f64, f64)> = Vec::new();
    for at_s in chosen {
        let (from, to) = ((at_s - AROUND_EVENT_S).max(0.0), (at_s + AROUND_EVENT_S).min(end_s));
        match covers.last_mut() {
            Some(last) if from <= last.1 => last.1 = to.max(last.1),
            _ => covers.push((from, to)),
        }
    }
    covers
}
