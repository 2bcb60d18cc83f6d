//! What every comparable number is made with.

use super::super::context::Context;
use crate::config::Config;
use crate::metrics::{self, Found, MetricKey};
use crate::summary::{ComparableMetric, Measured, RunSummary, Spread};

pub struct Maker<'a> {
    pub summary: &'a RunSummary,
    pub context: &'a Context<'a>,
    pub config: &'a Config,
}

impl Maker<'_> {
    /// The number that the catalogue has under this name, with what its uncertainty rests on.
    pub fn metric(
        &self,
        component: &str,
        name: impl Into<String>,
        samples: u64,
        spread: Measured<Spread>,
    ) -> ComparableMetric {
        let name = name.into();
        let key = MetricKey { component: component.to_owned(), operation: None, statistic: name.clone() };
        let Found { unit, reading } = metrics::find(self.summary, &key).unwrap_or_else(Found::none);
        let value = reading.value;
        let spread = match &value {
            Measured::Value(_) => spread,
            Measured::Undefined(undefined) => Measured::Undefined(undefined.clone()),
        };
        ComparableMetric {
            component: component.to_owned(),
            name,
            unit,
            value,
            samples,
            spread,
            longest_pause: None,
            lost_users: None,
        }
    }
}
