//! The verdicts on capacity and scaling, each in one sentence.

use super::capacity::Limits;
use crate::judge::verdicts::{
    Capacity, CapacityBound, Knee, Load, LoadAxis, Peak, Saturation, ScalingFit, ScalingModels,
};
use crate::stats::interval::Interval;
use crate::summary::Measured;
use crate::units::{Unit, number, percent, small_number, some_of};

/// "At P95 < 2,000 ms and success > 95.00 % this build carries 63 users (58–69)."
pub fn capacity(capacity: &Measured<Capacity>, axis: LoadAxis, limits: Limits) -> String {
    let at = conditions(limits);
    let found = match capacity {
        Measured::Value(found) => found,
        Measured::Undefined(undefined) => {
            let what = if axis == LoadAxis::Users { "How many users" } else { "What rate" };
            return format!("{what} this build carries{at} is unknown: {}.", undefined.reason());
        }
    };
    let load = axis.print(found.load);
    let carried = match found.bound {
        CapacityBound::Between => format!("{load}{}", range(found, axis)),
        CapacityBound::AtLeast => {
            let doubt = match &found.low {
                Measured::Value(low) if *low < found.load => {
                    format!("; with the noise at least {}", axis.number(*low))
                }
                Measured::Value(_) => String::new(),
                Measured::Undefined(undefined) => {
                    format!("; confidence unknown: {}", undefined.reason())
                }
            };
            format!("at least {load}, the most that were tested{doubt}")
        }
        CapacityBound::FewerThan => {
            let doubt = match &found.high {
                Measured::Value(high) if *high > found.load => {
                    format!("; with the noise up to {}", axis.number(*high))
                }
                Measured::Value(_) => String::new(),
                Measured::Undefined(undefined) => {
                    format!("; confidence unknown: {}", undefined.reason())
                }
            };
            let fewer = if axis == LoadAxis::Users { "fewer" } else { "less" };
            format!("{fewer} than {load}, the fewest that were tested{doubt}")
        }
    };
    let caveats: String = found.caveats.iter().map(|caveat| format!("; {caveat}")).collect();
    let text = format!("{at} this build carries {carried}{caveats}.");
    text.trim_start().to_owned().replacen("at P95", "At P95", 1).replacen("at success", "At success", 1)
}

fn conditions(limits: Limits) -> String {
    let p95 = limits.p95_below_ms.map(|ms| format!("P95 < {}", Unit::Milliseconds.print(ms)));
    let success = limits.success_above.map(|share| format!("success > {}", percent(share * 100.0)));
    let parts: Vec<String> = [p95, success].into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!(" at {}", parts.join(" and ")) }
}

fn range(found: &Capacity, axis: LoadAxis) -> String {
    let number = |load: &Load| axis.number(*load);
    match (&found.low, &found.high) {
        (Measured::Value(low), Measured::Value(high)) => format!(" ({}–{})", number(low), number(high)),
        (Measured::Undefined(_), Measured::Value(high)) => format!(" (at most {})", number(high)),
        (Measured::Value(low), Measured::Undefined(_)) => format!(" (at least {})", number(low)),
        (Measured::Undefined(undefined), Measured::Undefined(_)) => {
            format!(" (no interval: {})", undefined.reason())
        }
    }
}

/// Runs of a list that a person still reads; the others are counted.
const MOST_NAMED: usize = 5;

/// What the sentence on scaling tells of.
pub struct Told<'a> {
    pub axis: LoadAxis,
    pub models: &'a Measured<ScalingModels>,
    pub knee: &'a Measured<Knee>,
    pub peak: &'a Measured<Peak>,
    pub saturation: &'a Measured<Saturation>,
    pub limited_runs: &'a [&'a str],
}

/// What throughput does as load and concurrency grow.
pub fn scaling(told: &Told<'_>) -> String {
    let law = match told.models {
        Measured::Undefined(undefined) => {
            format!("How throughput scales is unknown: {}", undefined.reason())
        }
        Measured::Value(models) => match (models.chosen_fit(), &models.chosen) {
            (Some(fit), _) => law(models, fit, told),
            (None, chosen) => {
                format!("No law describes the throughput ({})", chosen.reason().unwrap_or("none was chosen"))
            }
        },
    };
    let law = [saturation(told), Some(law)].into_iter().flatten().collect::<Vec<String>>().join(". ");
    let limited_runs = told.limited_runs;
    let limited = match limited_runs {
        [] => String::new(),
        [run] => format!(" In {run} the load generator was the limit, not the service."),
        runs => format!(
            " In {} runs the load generator was the limit, not the service: {}.",
            runs.len(),
            some_of(runs, MOST_NAMED)
        ),
    };
    format!("{law}.{limited}")
}

/// Where completions stop to follow what is offered; nothing of levels of users.
fn saturation(told: &Told<'_>) -> Option<String> {
    let axis = told.axis;
    if axis == LoadAxis::Users {
        return None;
    }
    let found = match told.saturation {
        Measured::Value(found) => found,
        Measured::Undefined(undefined) => {
            return Some(format!("Where the service is full was not found: {}", undefined.reason()));
        }
    };
    let up_to = match found.last_that_follows {
        Some(last) => format!("Completions follow the offered rate up to {}", axis.print(last)),
        None => "Completions follow none of the offered rates".to_owned(),
    };
    let overloaded: Vec<String> = found.overloaded.iter().map(|load| axis.number(*load)).collect();
    Some(format!(
        "{up_to}: the service does {}{}, and what is offered beyond piles up (overloaded: {} /s)",
        Unit::PerSecond.print(found.ceiling_per_s),
        interval(&found.interval, &number),
        overloaded.join(", ")
    ))
}

fn interval(interval: &Measured<Interval>, print: &dyn Fn(f64) -> String) -> String {
    match interval {
        Measured::Value(found) => format!(" ({}–{})", print(found.low), print(found.high)),
        Measured::Undefined(_) => String::new(),
    }
}

fn law(models: &ScalingModels, fit: &ScalingFit, told: &Told<'_>) -> String {
    let Told { axis, knee, peak, .. } = *told;
    let rate = |value: f64| Unit::PerSecond.print(value);
    let range = interval;
    let coefficient = |name: &str, value: &Measured<f64>, interval: &Measured<Interval>| {
        let value = value.number().map_or_else(String::new, small_number);
        format!("{name} {value}{}", range(interval, &small_number))
    };
    let alpha = coefficient("contention α", &fit.alpha, &fit.alpha_interval);
    let text = match fit.model.as_str() {
        "linear" => {
            let largest = fit.residuals.last().map_or(0.0, |residual| residual.in_flight);
            return format!(
                "Throughput grows linearly up to the {} requests in flight that were measured: {} for each{} ({})",
                number(largest),
                rate(fit.gamma_per_s),
                range(&fit.gamma_interval, &number),
                models.because
            );
        }
        "amdahl" => format!("Throughput follows Amdahl's law: {alpha}"),
        _ => {
            let beta = coefficient("coherence β", &fit.beta, &fit.beta_interval);
            format!("Throughput follows the Universal Scalability Law: {alpha}, {beta}")
        }
    };
    let about = |load: &Measured<f64>| match load {
        Measured::Value(load) => format!(", about {}", axis.print(Load(*load))),
        Measured::Undefined(_) => String::new(),
    };
    let knee = match knee {
        Measured::Value(knee) => format!(
            "; knee at {} requests in flight{}{}",
            number(knee.in_flight),
            range(&knee.interval, &number),
            about(&knee.load)
        ),
        Measured::Undefined(_) => String::new(),
    };
    let peak = match peak {
        Measured::Value(peak) => format!(
            "; it peaks at {} requests in flight{}{} with {}{}",
            number(peak.in_flight),
            range(&peak.interval, &number),
            about(&peak.load),
            rate(peak.ok_per_s),
            range(&peak.ok_per_s_interval, &number)
        ),
        Measured::Undefined(undefined) => format!("; no peak is quoted: {}", undefined.reason()),
    };
    format!("{text}{knee}{peak}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_runs_that_the_load_generator_limited_a_few_are_named() {
        let told = |runs: &[&str]| {
            scaling(&Told {
                axis: LoadAxis::Users,
                models: &Measured::undefined("too few"),
                knee: &Measured::undefined("none"),
                peak: &Measured::undefined("none"),
                saturation: &Measured::undefined("none"),
                limited_runs: runs,
            })
        };
        assert!(
            told(&["a", "b"]).ends_with("In 2 runs the load generator was the limit, not the service: a, b.")
        );
        assert!(told(&["a", "b", "c", "d", "e", "f", "g"]).ends_with(": a, b, c, d, e and 2 more."));
    }
}
