//! What broke down before its end and did not recover: the last batch of a throughput beside that of its baseline.

use super::pairing::Side;
use crate::config::RegressionSettings;
use crate::stats::distributions::student_t_upper_tail;
use crate::stats::moments::{mean, variance};
use crate::summary::Spread;
use crate::units::{self, Unit};

/// A throughput that ended low.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Starved {
    /// Of the last batch, and of the last batches of the baseline.
    now: f64,
    usual: f64,
    /// What is missing, as a share of the usual throughput of a whole run.
    pub loss: f64,
    /// How long the last batch is.
    seconds: Option<f64>,
}

impl Starved {
    /// `came to 0.4 /s in its last 12 s, where its baseline has 39.8 /s`.
    pub fn note(self) -> String {
        let (now, usual) = (Unit::PerSecond.print(self.now), Unit::PerSecond.print(self.usual));
        let last = self.seconds.map_or_else(|| "batch".to_owned(), units::duration_s);
        format!("came to {now} in its last {last}, where its baseline has {usual}, and did not recover")
    }
}

/// Was so much of the usual throughput missing in the last batch that what is left is below `starved_below`, beyond chance?
///
/// The baseline's last batches are the measure: where requests in flight end the load, their own is low as well. Batches are
/// compared as they are, not by their logarithms, so that some may be at 0.
pub fn ends_starved(side: &Side, baseline: &[Side], settings: &RegressionSettings) -> Option<Starved> {
    let mine = batches(side)?;
    let theirs: Vec<&[f64]> = baseline.iter().filter_map(batches).collect();
    let now = *mine.last()?;
    let usual = mean(&theirs.iter().filter_map(|values| values.last().copied()).collect::<Vec<f64>>())?;
    let whole = mean(&theirs.iter().filter_map(|values| mean(values)).collect::<Vec<f64>>())?;
    let loss = ((usual - now) / usual.max(whole)).min(1.0);
    // What is 0 anyway cannot fall.
    let is_low = now < usual && loss > 1.0 - settings.starved_below;
    (is_low && chance((usual - now) / whole, whole, baseline)? <= settings.alpha).then(|| Starved {
        now,
        usual,
        loss,
        seconds: side.window_s.map(|length_s| length_s / mine.len() as f64),
    })
}

/// How likely a batch of such runs would be lower than the mean of their last ones by this share of `whole`. Few samples vary at least
/// as independent ones do, however alike the batches look.
fn chance(loss: f64, whole: f64, baseline: &[Side]) -> Option<f64> {
    let runs: Vec<(&[f64], f64)> =
        baseline.iter().filter_map(|side| Some((batches(side)?, side.samples as f64))).collect();
    let of_one = |(values, samples): &(&[f64], f64)| {
        Some((variance(values)? / whole.powi(2)).max(values.len() as f64 / samples))
    };
    let variances: Vec<f64> = runs.iter().filter_map(of_one).collect();
    let freedom: f64 = runs.iter().map(|(values, _)| values.len() as f64 - 1.0).sum();
    let error = (mean(&variances)? * (1.0 + 1.0 / runs.len() as f64)).sqrt();
    student_t_upper_tail(loss / error, freedom)
}

fn batches(side: &Side) -> Option<&[f64]> {
    match side.spread.value() {
        Some(Spread::Batches { values }) => Some(values),
        _ => None,
    }
}
