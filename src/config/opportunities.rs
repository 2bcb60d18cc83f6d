//! Settings of the optimisation opportunities over several runs.

use serde::{Deserialize, Serialize};

use super::bounds::{at_least_one, share};
use super::error::Fault;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpportunitySettings {
    pub cache_hit_rate_below: f64,
    pub lightrag_success_below: f64,
    pub efficiency_of_median_below: f64,
    pub min_runs_for_efficiency: usize,
    pub min_calls: u64,
}

impl OpportunitySettings {
    /// Values that have the right type and still cannot be meant.
    pub fn check(&self) -> Result<(), Fault> {
        share("opportunities.cache_hit_rate_below", self.cache_hit_rate_below)?;
        share("opportunities.lightrag_success_below", self.lightrag_success_below)?;
        share("opportunities.efficiency_of_median_below", self.efficiency_of_median_below)?;
        at_least_one("opportunities.min_calls", self.min_calls)?;
        at_least_one("opportunities.min_runs_for_efficiency", self.min_runs_for_efficiency as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, sanity};

    #[test]
    fn limits_that_cannot_be_meant_are_refused_by_name() {
        let mut config = Config::defaults();
        config.opportunities.cache_hit_rate_below = 70.0;
        assert_eq!(sanity::check(&config).unwrap_err().key.join("."), "opportunities.cache_hit_rate_below");
    }
}
