//! Settings of the history of judged nights.

use serde::{Deserialize, Serialize};

use super::bounds::{at_least, at_least_one, not_negative, positive, probability};
use super::error::Fault;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistorySettings {
    pub enabled: bool,
    pub min_change: f64,
    pub p: f64,
    pub window_nights: usize,
    pub odd_window_nights: usize,
    pub odd_from_deviations: f64,
    pub acknowledged_days: u32,
    pub baseline_max_age_days: u32,
}

impl HistorySettings {
    /// Values that have the right type and still cannot be meant.
    pub fn check(&self) -> Result<(), Fault> {
        /// All pairs of a window are looked at.
        const MOST_NIGHTS: usize = 1_000;
        not_negative("history.min_change", self.min_change)?;
        probability("history.p", self.p)?;
        at_least("history.window_nights", self.window_nights as u64, 4)?;
        if self.window_nights > MOST_NIGHTS {
            return Err(Fault::new("history.window_nights", format!("must be {MOST_NIGHTS} or less")));
        }
        at_least_one("history.odd_window_nights", self.odd_window_nights as u64)?;
        positive("history.odd_from_deviations", self.odd_from_deviations)?;
        at_least_one("history.acknowledged_days", u64::from(self.acknowledged_days))?;
        at_least_one("history.baseline_max_age_days", u64::from(self.baseline_max_age_days))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, sanity};

    #[test]
    fn limits_that_cannot_be_meant_are_refused_by_name() {
        let mut config = Config::defaults();
        config.history.p = 5.0;
        assert_eq!(sanity::check(&config).unwrap_err().key.join("."), "history.p");
        config = Config::defaults();
        config.history.window_nights = 5_000;
        assert_eq!(sanity::check(&config).unwrap_err().key.join("."), "history.window_nights");
    }
}
