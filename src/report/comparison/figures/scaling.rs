//! Which law throughput follows over concurrency, and whether it is the right one: runs, law, knee, and what is left.

use super::axes::{MOST_MARKS, about_zero, ground, line, mark, thinned};
use crate::comparison::Group;
use crate::judge::{ScalingFit, ScalingModels, ScalingResidual};
use crate::report::outline::{Along, Axis, Cell, Figure, Ink, Layer, Mark, Measure, Panel, Shape, Stroke};
use crate::stats::interval::Interval;
use crate::summary::Measured;
use crate::units::{self, Unit};

/// Points of a curve.
const CURVE: usize = 80;
/// So many levels or more show whether what is left over has a shape.
const FEWEST_LEVELS: usize = 5;

/// # Errors
/// With the reason why there is nothing to draw.
pub fn scaling(group: &Group) -> Result<Figure, String> {
    let scalability = &group.scalability;
    let points = &scalability.points;
    let runs: Vec<(f64, f64)> =
        points.iter().filter_map(|at| Some((at.in_flight.number()?, at.ok_per_s.number()?))).collect();
    let most = |of: fn(&(f64, f64)) -> f64| runs.iter().map(of).fold(0.0, f64::max);
    if runs.is_empty() || most(|at| at.0) <= 0.0 {
        return Err("No scaling to draw: no run has requests in flight and throughput".to_owned());
    }
    let x = Axis::from_zero("requests in flight", Unit::Number, most(|at| at.0) * 1.05);
    let y = Axis::from_zero("1/s", Unit::PerSecond, most(|at| at.1) * 1.15);
    let fit = scalability.models.value().and_then(best);
    let mut layers = Vec::new();
    if let Some(knee) = scalability.knee.value() {
        layers.extend(knee.interval.value().map(|at| ground(at.low, at.high.min(x.range.1))));
        layers.push(Layer::limit(Along::X, knee.in_flight, "knee", Ink::Muted));
    }
    if let Some(fit) = fit {
        let linear = curve(x.range.1, y.range.1, |at| fit.gamma_per_s * at);
        layers.push(line("linear", Ink::Other, &linear).stroked(Stroke::Dashed));
        let law = curve(x.range.1, y.range.1, |at| of_law(fit, at));
        layers.push(line(name(&fit.model), Ink::New, &law));
    }
    let marks = thinned(runs.iter().map(|&(at, rate)| mark(at, rate)).collect(), MOST_MARKS);
    layers.push(Layer::new("runs", Ink::Text, Shape::Marks(marks)));
    let mut panels =
        vec![Panel { title: "Successful requests".to_owned(), y: Measure::Axis(y), height: 190, layers }];
    panels.extend(fit.and_then(residuals));
    Ok(Figure {
        id: "",
        title: "Throughput against requests in flight".to_owned(),
        caption: captions(group, fit),
        text: crate::report::printable(&text(group)),
        x,
        panels,
        detail: None,
    })
}

/// The law that was chosen, or the one that describes the runs best.
fn best(models: &ScalingModels) -> Option<&ScalingFit> {
    models.chosen_fit().or_else(|| models.fits.iter().find(|fit| fit.model == models.best))
}

fn of_law(fit: &ScalingFit, at: f64) -> f64 {
    let (alpha, beta) = (fit.alpha.number().unwrap_or(0.0), fit.beta.number().unwrap_or(0.0));
    fit.gamma_per_s * at / (1.0 + alpha * (at - 1.0) + beta * at * (at - 1.0))
}

/// Up to the edge of the panel.
fn curve(end: f64, top: f64, of: impl Fn(f64) -> f64) -> Vec<(f64, Option<f64>)> {
    let at = |index: usize| end * index as f64 / CURVE as f64;
    (0..=CURVE).map(at).map(|x| (x, Some(of(x)).filter(|y| (0.0..=top).contains(y)))).collect()
}

fn name(model: &str) -> &str {
    match model {
        "usl" => "Universal Scalability Law",
        "amdahl" => "Amdahl's law",
        other => other,
    }
}

/// What was measured less the law.
fn residuals(fit: &ScalingFit) -> Option<Panel> {
    let of = |at: &ScalingResidual| Mark {
        interval: Some((at.residual_per_s.min(0.0), at.residual_per_s.max(0.0))),
        ..mark(at.in_flight, at.residual_per_s)
    };
    let farthest = fit.residuals.iter().map(|at| at.residual_per_s.abs()).fold(0.0, f64::max);
    let marks = thinned(fit.residuals.iter().map(of).collect(), MOST_MARKS);
    (farthest > 0.0).then(|| Panel {
        title: "Measured − fitted".to_owned(),
        y: Measure::Axis(about_zero("1/s", Unit::PerSecond, farthest * 1.1)),
        height: 84,
        layers: vec![
            Layer::limit(Along::Y, 0.0, "", Ink::Muted).stroked(Stroke::Faint),
            Layer::new("", Ink::Text, Shape::Marks(marks)),
        ],
    })
}

fn captions(group: &Group, fit: Option<&ScalingFit>) -> Vec<Cell> {
    let scalability = &group.scalability;
    let mut captions = vec![Cell::plain(&scalability.scaling_sentence)];
    captions.retain(|cell| !cell.text.is_empty());
    match (&scalability.models, fit) {
        (Measured::Undefined(undefined), _) => {
            tell(&mut captions, "No law is drawn", undefined.reason());
        }
        (Measured::Value(models), Some(fit)) => {
            if models.chosen.value().is_none() {
                captions.push(Cell::plain(format!(
                    "{} is the closest law and describes the runs too badly to be relied on",
                    name(&fit.model)
                )));
            }
            captions.push(Cell::plain(constants(fit)));
            captions.extend(largest(fit).map(Cell::plain));
            captions.extend(shape(group).map(Cell::plain));
        }
        (Measured::Value(_), None) => {}
    }
    if let Measured::Undefined(undefined) = &scalability.knee {
        tell(&mut captions, "No knee is drawn", undefined.reason());
    }
    let points = scalability.points.len();
    captions.extend(
        (points > MOST_MARKS).then(|| {
            Cell::plain(format!("{MOST_MARKS} of {} runs have a point", units::count(points as u64)))
        }),
    );
    captions
}

/// A reason that nothing before has told.
fn tell(captions: &mut Vec<Cell>, what: &str, reason: &str) {
    if !captions.iter().any(|cell| cell.text.contains(reason)) {
        captions.push(Cell::plain(format!("{what}: {reason}")));
    }
}

/// The band of the curve is not known, the intervals of what it is made of are.
fn constants(fit: &ScalingFit) -> String {
    let with = |name: &str, value: String, interval: &Measured<Interval>| {
        let range = interval
            .value()
            .map(|at| format!(" ({} to {})", units::small_number(at.low), units::small_number(at.high)));
        format!("{name} {value}{}", range.unwrap_or_default())
    };
    let number = |value: f64| units::small_number(value);
    let mut told =
        vec![with("one in flight completes", number(fit.gamma_per_s), &fit.gamma_interval) + " per second"];
    told.extend(fit.alpha.number().map(|alpha| with("contention", number(alpha), &fit.alpha_interval)));
    told.extend(fit.beta.number().map(|beta| with("coherence", number(beta), &fit.beta_interval)));
    format!("{}: {}; a band of the whole curve is not known", name(&fit.model), told.join(", "))
}

fn largest(fit: &ScalingFit) -> Option<String> {
    let far = |at: &&ScalingResidual| at.residual_per_s.abs();
    let worst = fit.residuals.iter().max_by(|a, b| far(a).total_cmp(&far(b)))?;
    let relative = worst.residual_per_s / worst.fitted_per_s;
    relative.is_finite().then(|| {
        format!(
            "Farthest from it: {}, {} of its {}",
            worst.run_id,
            units::ChangeUnit::Relative.print(relative),
            Unit::PerSecond.print(worst.fitted_per_s)
        )
    })
}

/// Neighbouring levels on the same side of the law: it is not the right one.
fn shape(group: &Group) -> Option<String> {
    let levels = &group.scalability.levels;
    let signs: Vec<bool> =
        levels.iter().filter_map(|level| level.residual_per_s.number()).map(|left| left > 0.0).collect();
    let turns = signs.windows(2).filter(|pair| pair[0] != pair[1]).count();
    (signs.len() >= FEWEST_LEVELS && turns <= 2).then(|| {
        let parts: Vec<String> = signs
            .chunk_by(|a, b| a == b)
            .map(|part| format!("{} {}", part.len(), if part[0] { "above" } else { "below" }))
            .collect();
        format!(
            "What is left over has a shape: by load {} the law, so that it does not fit both ends",
            parts.join(", ")
        )
    })
}

fn text(group: &Group) -> String {
    let runs = group.scalability.points.iter().filter_map(|at| {
        Some(format!(
            "{}: {} in flight, {}",
            at.run_id,
            units::number(at.in_flight.number()?),
            Unit::PerSecond.print(at.ok_per_s.number()?)
        ))
    });
    thinned(runs.collect(), MOST_MARKS).join("; ")
}
