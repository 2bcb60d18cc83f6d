//! Little's law as a check of the load generator: closed-loop users ≈ λ(W + Z).

use super::LoadPoint;
use crate::judge::verdicts::LittlesLaw;
use crate::summary::Measured;
use crate::units::{number, percent};

const MS_PER_S: f64 = 1000.0;
const FROM_GAPS: &str = "gaps between a user's requests";
const FROM_METADATA: &str = "run metadata";

/// Checks one run. J. D. C. Little, "A proof for the queuing formula L = λW", Operations Research 9 (1961).
pub fn check(point: &LoadPoint, tolerance: f64) -> LittlesLaw {
    let (think_time_ms, think_time_from) = think_time(point);
    let expected =
        closed_loop(point).and_then(|()| think_time_ms.clone()).and_then(|gap_ms| busy_users(point, gap_ms));
    let difference = beside_users(&expected, point);
    // With the configured think time alone there is nothing to set beside it.
    let is_measured = think_time_from.value().is_some_and(|from| from == FROM_GAPS);
    let as_configured = if is_measured {
        closed_loop(point)
            .and_then(|()| point.configured_think_time_ms.clone())
            .and_then(|gap_ms| beside_users(&busy_users(point, gap_ms), point))
    } else {
        Measured::undefined("the configured think time is the only one that is known")
    };
    let (generator_was_the_limit, because) = judge(&difference, &as_configured, point, tolerance);
    LittlesLaw {
        run_id: point.run_id.clone(),
        users: point.users.clone(),
        expected_users: expected,
        difference,
        think_time_ms,
        think_time_from,
        difference_as_configured: as_configured,
        generator_was_the_limit,
        because,
    }
}

fn closed_loop(point: &LoadPoint) -> Measured<()> {
    match point.load_model.as_deref() {
        Some("closed") => Measured::Value(()),
        Some("open") => Measured::undefined("an open-loop run: its users do not wait for answers"),
        Some(other) => Measured::undefined(format!("the load model `{other}` is neither closed nor open")),
        None => Measured::undefined("the metadata does not say whether the load was closed-loop"),
    }
}

fn think_time(point: &LoadPoint) -> (Measured<f64>, Measured<String>) {
    let (measured, configured) = (&point.measured_think_time_ms, &point.configured_think_time_ms);
    match (measured, configured) {
        (Measured::Value(_), _) => (measured.clone(), Measured::Value(FROM_GAPS.to_owned())),
        (_, Measured::Value(_)) => (configured.clone(), Measured::Value(FROM_METADATA.to_owned())),
        (Measured::Undefined(undefined), _) => {
            let reason = format!("think time unknown: {}, and the metadata names none", undefined.reason());
            (Measured::undefined(reason.clone()), Measured::undefined(reason))
        }
    }
}

/// λ(W + Z).
fn busy_users(point: &LoadPoint, gap_ms: f64) -> Measured<f64> {
    point
        .finished_per_s
        .clone()
        .and_then(|rate| point.mean_ms.clone().map(|ms| rate * (ms + gap_ms) / MS_PER_S))
}

fn beside_users(expected: &Measured<f64>, point: &LoadPoint) -> Measured<f64> {
    expected.clone().and_then(|expected| {
        point
            .users
            .clone()
            .and_then(|users| Measured::ratio(expected, f64::from(users), "0 users").map(|share| share - 1.0))
    })
}

fn judge(
    difference: &Measured<f64>,
    as_configured: &Measured<f64>,
    point: &LoadPoint,
    tolerance: f64,
) -> (Measured<bool>, String) {
    let (users, share) = match (&point.users, difference) {
        (Measured::Value(users), Measured::Value(share)) => (f64::from(*users), *share),
        (Measured::Undefined(undefined), _) | (_, Measured::Undefined(undefined)) => {
            let because = format!("unknown: {}", undefined.reason());
            return (Measured::Undefined(undefined.clone()), because);
        }
    };
    let late = as_configured.number().filter(|share| share.abs() > tolerance);
    let text = format!("λ(W + Z) is {}", beside(share, users));
    match (share.abs() > tolerance, late) {
        (true, _) => (Measured::Value(true), text),
        (false, Some(late)) => {
            let gaps = "the gaps between requests are not those that were configured";
            let because =
                format!("with the configured think time λ(W + Z) is {}: {gaps}", beside(late, users));
            (Measured::Value(true), because)
        }
        (false, None) => (Measured::Value(false), text),
    }
}

/// `70.0 users, 30.00 % below the 100 configured`.
fn beside(share: f64, users: f64) -> String {
    let side = if share < 0.0 { "below" } else { "above" };
    let expected = number(users * (1.0 + share));
    format!("{expected} users, {} {side} the {users} configured", percent(share.abs() * 100.0))
}
