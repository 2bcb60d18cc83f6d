//! Which component makes the slow requests slow: its mean time in them less its mean time in the others.

use std::collections::BTreeMap;

use super::sums::{Names, Sums};
use crate::measure::context::Context;
use crate::summary::{Measured, SlowTimeSpent, TimeExcess};

/// The time of the slow requests, and each component's excess in them over the others.
pub fn measure(
    slow: &Sums,
    others: &Sums,
    above_ms: f64,
    left_out: BTreeMap<String, u64>,
    names: &Names<'_>,
    context: &Context<'_>,
) -> Measured<SlowTimeSpent> {
    let needed = context.settings.min_samples_beyond_quantile.max(1);
    if slow.requests < needed {
        return Measured::undefined(format!(
            "{} requests slower than the P95, at least {needed} needed",
            slow.requests
        ));
    }
    Measured::Value(SlowTimeSpent {
        above_ms,
        slow: slow.time_spent(left_out, names),
        excess: excess(slow, others, names),
    })
}

/// In whole numbers up to the last division, so that the parts add up to the whole: the excess in µs times both
/// numbers of requests. Not all durations can lie above their P95, so neither number is 0, and the excess of the
/// whole is positive.
fn excess(slow: &Sums, others: &Sums, names: &Names<'_>) -> Vec<TimeExcess> {
    let scaled_us = |slow_us: i128, other_us: i128| {
        slow_us * i128::from(others.requests) - other_us * i128::from(slow.requests)
    };
    let whole_us = scaled_us(slow.total_us(), others.total_us()) as f64;
    let requests = slow.requests as f64 * others.requests as f64;
    let parts = slow.time_us.iter().zip(&others.time_us).zip(&names.names);
    let mut excess: Vec<TimeExcess> = parts
        .filter(|((slow, others), _)| slow.is_some() || others.is_some())
        .map(|((slow, others), &component)| {
            let scaled_us = scaled_us(slow.unwrap_or(0), others.unwrap_or(0)) as f64;
            TimeExcess {
                component: component.to_owned(),
                excess_ms: scaled_us / requests / 1000.0,
                share: scaled_us / whole_us,
            }
        })
        .collect();
    excess.sort_by(|a, b| b.excess_ms.total_cmp(&a.excess_ms).then_with(|| a.component.cmp(&b.component)));
    excess
}
