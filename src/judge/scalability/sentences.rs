//! The verdicts on capacity and scaling, each in one sentence.

use super::capacity::Limits;
use crate::judge::verdicts::{Capacity, CapacityBound, Knee, Peak, ScalingFit, ScalingModels};
use crate::stats::interval::Interval;
use crate::summary::Measured;
use crate::units::{Unit, count, number, percent, small_number, some_of};

/// "At P95 < 2,000 ms and success > 95.00 % this build carries 63 users (58–69)."
pub fn capacity(capacity: &Measured<Capacity>, limits: Limits) -> String {
    let at = conditions(limits);
    let found = match capacity {
        Measured::Value(found) => found,
        Measured::Undefined(undefined) => {
            return format!("How many users this build carries{at} cannot be told: {}.", undefined.reason());
        }
    };
    let carried = match found.bound {
        CapacityBound::Between => format!("{}{}", users(found.users), range(found)),
        CapacityBound::AtLeast => {
            let doubt = match &found.low {
                Measured::Value(low) if *low < found.users => {
                    format!("; with the noise at least {}", count_of(*low))
                }
                Measured::Value(_) => String::new(),
                Measured::Undefined(_) => {
                    "; the noise does not exclude that it is fewer than any tested".to_owned()
                }
            };
            format!("at least {}, the most that were tested{doubt}", users(found.users))
        }
        CapacityBound::FewerThan => {
            let doubt = match &found.high {
                Measured::Value(high) if *high > found.users => {
                    format!("; with the noise up to {}", count_of(*high))
                }
                Measured::Value(_) => String::new(),
                Measured::Undefined(_) => {
                    "; the noise does not exclude that all tested levels hold".to_owned()
                }
            };
            format!("fewer than {}, the fewest that were tested{doubt}", users(found.users))
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

fn users(users: u32) -> String {
    if users == 1 { "1 user".to_owned() } else { format!("{} users", count_of(users)) }
}

fn count_of(users: u32) -> String {
    count(u64::from(users))
}

fn range(found: &Capacity) -> String {
    match (&found.low, &found.high) {
        (Measured::Value(low), Measured::Value(high)) => format!(" ({}–{})", count_of(*low), count_of(*high)),
        (Measured::Undefined(_), Measured::Value(high)) => format!(" (at most {})", count_of(*high)),
        (Measured::Value(low), Measured::Undefined(_)) => format!(" (at least {})", count_of(*low)),
        (Measured::Undefined(_), Measured::Undefined(_)) => " (the noise allows any number)".to_owned(),
    }
}

/// Runs of a list that a person still reads; the others are counted.
const MOST_NAMED: usize = 5;

/// What throughput does as concurrency grows.
pub fn scaling(
    models: &Measured<ScalingModels>,
    knee: &Measured<Knee>,
    peak: &Measured<Peak>,
    limited_runs: &[&str],
) -> String {
    let law = match models {
        Measured::Undefined(undefined) => {
            format!("How throughput scales cannot be told: {}", undefined.reason())
        }
        Measured::Value(models) => match models.chosen_fit() {
            Some(fit) => law(models, fit, knee, peak),
            None => "How throughput scales cannot be told: no law was chosen".to_owned(),
        },
    };
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

fn law(models: &ScalingModels, fit: &ScalingFit, knee: &Measured<Knee>, peak: &Measured<Peak>) -> String {
    let rate = |value: f64| Unit::PerSecond.print(value);
    let range = |interval: &Measured<Interval>, print: &dyn Fn(f64) -> String| match interval {
        Measured::Value(found) => format!(" ({}–{})", print(found.low), print(found.high)),
        Measured::Undefined(_) => String::new(),
    };
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
    let about = |users: &Measured<f64>| match users {
        Measured::Value(users) => format!(", about {users:.0} users"),
        Measured::Undefined(_) => String::new(),
    };
    let knee = match knee {
        Measured::Value(knee) => format!(
            "; knee at {} requests in flight{}{}",
            number(knee.in_flight),
            range(&knee.interval, &number),
            about(&knee.users)
        ),
        Measured::Undefined(_) => String::new(),
    };
    let peak = match peak {
        Measured::Value(peak) => format!(
            "; it peaks at {} requests in flight{}{} with {}{}",
            number(peak.in_flight),
            range(&peak.interval, &number),
            about(&peak.users),
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
            scaling(
                &Measured::undefined("too few"),
                &Measured::undefined("none"),
                &Measured::undefined("none"),
                runs,
            )
        };
        assert!(
            told(&["a", "b"]).ends_with("In 2 runs the load generator was the limit, not the service: a, b.")
        );
        assert!(told(&["a", "b", "c", "d", "e", "f", "g"]).ends_with(": a, b, c, d, e and 2 more."));
    }
}
