//! Settings of recommendations: the limits that no target has, and what each rule may say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::bounds::{at_least_one, not_negative, positive, share};
use super::error::Fault;
use super::severity::Severity;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdviceSettings {
    pub min_calls: u64,
    pub sure_from_errors: f64,
    pub cause_share: f64,
    pub component_success_above: f64,
    pub medium_from_miss: f64,
    pub high_from_miss: f64,
    pub critical_from_miss: f64,
    pub hybrid_share_above: f64,
    pub queue_share_below: f64,
    pub retry_share_below: f64,
    pub mode_cost_share: f64,
    pub mode_cost_to_calls: f64,
    pub tail_share: f64,
    pub late_opening_factor: f64,
    pub flap_openings: u64,
    pub flaps_per_min: f64,
    pub min_recoveries: u64,
    pub burst_share: f64,
    pub burst_failures: u64,
    pub burst_window_s: f64,
    pub burst_run_share: f64,
    pub full_from_fill: f64,
    pub full_from_evictions: f64,
    pub sequential_share: f64,
    pub hot_key_share: f64,
    pub quality_loss_below: f64,
    pub rate_shortfall_below: f64,
    /// Rule → what it may say.
    pub rules: BTreeMap<String, AdviceRule>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdviceRule {
    /// The highest severity of its recommendations.
    pub at_most: Severity,
    pub enabled: bool,
}

impl AdviceSettings {
    /// Values that have the right type and still cannot be meant.
    pub fn check(&self) -> Result<(), Fault> {
        at_least_one("advice.min_calls", self.min_calls)?;
        let steps = [self.medium_from_miss, self.high_from_miss, self.critical_from_miss];
        for (key, step) in ["medium_from_miss", "high_from_miss", "critical_from_miss"].iter().zip(steps) {
            not_negative(&format!("advice.{key}"), step)?;
        }
        if !steps.is_sorted() {
            let problem = "must not be above that of a higher severity: the steps ascend";
            return Err(Fault::new("advice.medium_from_miss", problem));
        }
        not_negative("advice.sure_from_errors", self.sure_from_errors)?;
        self.check_shares()?;
        at_least_one("advice.flap_openings", self.flap_openings)?;
        at_least_one("advice.min_recoveries", self.min_recoveries)?;
        at_least_one("advice.burst_failures", self.burst_failures)?;
        for (key, value) in [
            ("mode_cost_to_calls", self.mode_cost_to_calls),
            ("late_opening_factor", self.late_opening_factor),
            ("flaps_per_min", self.flaps_per_min),
            ("burst_window_s", self.burst_window_s),
            ("full_from_evictions", self.full_from_evictions),
        ] {
            positive(&format!("advice.{key}"), value)?;
        }
        Ok(())
    }

    fn check_shares(&self) -> Result<(), Fault> {
        let shares = [
            ("cause_share", self.cause_share),
            ("component_success_above", self.component_success_above),
            ("hybrid_share_above", self.hybrid_share_above),
            ("queue_share_below", self.queue_share_below),
            ("retry_share_below", self.retry_share_below),
            ("mode_cost_share", self.mode_cost_share),
            ("tail_share", self.tail_share),
            ("burst_share", self.burst_share),
            ("burst_run_share", self.burst_run_share),
            ("full_from_fill", self.full_from_fill),
            ("sequential_share", self.sequential_share),
            ("hot_key_share", self.hot_key_share),
            ("quality_loss_below", self.quality_loss_below),
            ("rate_shortfall_below", self.rate_shortfall_below),
        ];
        shares.into_iter().try_for_each(|(key, value)| share(&format!("advice.{key}"), value))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, sanity};
    use super::*;

    fn fault(change: fn(&mut AdviceSettings)) -> String {
        let mut config = Config::defaults();
        change(&mut config.advice);
        sanity::check(&config).unwrap_err().key.join(".")
    }

    #[test]
    fn limits_that_cannot_be_meant_are_refused_by_name() {
        assert_eq!(fault(|advice| advice.queue_share_below = 25.0), "advice.queue_share_below");
        assert_eq!(fault(|advice| advice.min_calls = 0), "advice.min_calls");
        assert_eq!(fault(|advice| advice.burst_window_s = f64::NAN), "advice.burst_window_s");
        assert_eq!(fault(|advice| advice.medium_from_miss = 0.7), "advice.medium_from_miss");
        assert!(sanity::check(&Config::defaults()).is_ok());
    }
}
