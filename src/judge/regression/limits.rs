//! The scale on which a metric's change is measured, and its limits on it.

use crate::config::{MetricRule, Worse};
use crate::judge::verdicts::Severity;
use crate::units;

/// Which way is worse, and what a change is measured in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    pub change: units::Scale,
    pub worse: Worse,
}

impl Scale {
    pub fn of(rule: &MetricRule) -> Self {
        Self { change: rule.change, worse: rule.worse }
    }

    /// The position of a value on the inner scale: its logarithm for relative changes. `None` where it has none.
    pub fn position(self, value: f64) -> Option<f64> {
        match self.change {
            units::Scale::Relative => (value > 0.0).then(|| value.ln()),
            units::Scale::Points | units::Scale::Amount => Some(value),
        }
    }

    /// The value at a position of the inner scale.
    pub fn value(self, position: f64) -> f64 {
        match self.change {
            units::Scale::Relative => position.exp(),
            units::Scale::Points | units::Scale::Amount => position,
        }
    }

    /// A difference of positions as harm: positive is worse.
    pub fn harm(self, difference: f64) -> f64 {
        match self.worse {
            Worse::Higher => difference,
            Worse::Lower => -difference,
        }
    }

    /// Harm as the change that people read: −0.05 is −5 %, of a metric where lower is worse.
    pub fn change(self, harm: f64) -> f64 {
        let difference = self.harm(harm);
        match self.change {
            units::Scale::Relative => difference.exp_m1(),
            units::Scale::Points | units::Scale::Amount => difference,
        }
    }

    /// The margin on the inner scale: the same in both directions, so that better and worse are mirror images.
    pub fn margin(self, rule: &MetricRule) -> f64 {
        match self.change {
            units::Scale::Relative => rule.margin.ln_1p(),
            units::Scale::Points | units::Scale::Amount => rule.margin,
        }
    }

    /// A limit of severity as harm: +15 % of what is worse higher, −15 % of what is worse lower.
    pub fn limit(self, limit: f64) -> f64 {
        match (self.change, self.worse) {
            (units::Scale::Relative, Worse::Higher) => limit.ln_1p(),
            (units::Scale::Relative, Worse::Lower) if limit < 1.0 => -(-limit).ln_1p(),
            // Nothing falls by 100 % or more of itself and is still compared.
            (units::Scale::Relative, Worse::Lower) => f64::INFINITY,
            (units::Scale::Points | units::Scale::Amount, _) => limit,
        }
    }

    /// How bad a regression of this harm is: beyond no limit it is low.
    pub fn severity(self, harm: f64, rule: &MetricRule) -> Severity {
        let levels = [
            (rule.critical, Severity::Critical),
            (rule.high, Severity::High),
            (rule.medium, Severity::Medium),
        ];
        let reached = |limit: Option<f64>| limit.is_some_and(|limit| harm > self.limit(limit));
        levels.into_iter().find(|(limit, _)| reached(*limit)).map_or(Severity::Low, |(_, severity)| severity)
    }

    /// The harm from which on a regression has `severity` or a worse one; `None` where no limit reaches that far.
    pub fn least_harm(self, severity: Severity, rule: &MetricRule) -> Option<f64> {
        let levels = [
            (Severity::Low, Some(rule.margin)),
            (Severity::Medium, rule.medium),
            (Severity::High, rule.high),
            (Severity::Critical, rule.critical),
        ];
        let harm = |(level, limit): (Severity, Option<f64>)| match level {
            Severity::Low => Some(self.margin(rule)),
            _ => limit.map(|limit| self.limit(limit)),
        };
        levels.into_iter().filter(|(level, _)| *level >= severity).find_map(harm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn rule(key: &str) -> MetricRule {
        Config::defaults().regression.rule(key).unwrap().1.clone()
    }

    /// The golden table of the reference, and the success limits of the gate: metric, change, severity.
    #[test]
    fn severities_are_those_of_the_reference() {
        for (key, change, wanted) in [
            ("request/ok_p95_ms", 0.149, Severity::Low),
            ("request/ok_p95_ms", 0.151, Severity::Medium),
            ("request/ok_p95_ms", 0.301, Severity::High),
            ("request/success_rate", -0.019, Severity::Low),
            ("request/success_rate", -0.021, Severity::Medium),
            ("request/success_rate", -0.049, Severity::Medium),
            ("request/success_rate", -0.051, Severity::High),
            ("request/success_rate", -0.101, Severity::Critical),
            ("lightrag/success_rate", -0.019, Severity::Low),
            ("lightrag/success_rate", -0.029, Severity::Medium),
            ("lightrag/success_rate", -0.031, Severity::Critical),
            ("cache/effectiveness", -0.099, Severity::Low),
            ("cache/effectiveness", -0.101, Severity::Medium),
            ("request/ok_per_s", -0.151, Severity::Medium),
        ] {
            let rule = rule(key);
            let scale = Scale::of(&rule);
            let difference = if rule.change == units::Scale::Relative { f64::ln_1p(change) } else { change };
            assert_eq!(scale.severity(scale.harm(difference), &rule), wanted, "{key} {change}");
        }
    }

    #[test]
    fn the_least_harm_is_that_of_the_next_limit_that_exists() {
        let success = rule("request/success_rate");
        let scale = Scale::of(&success);
        assert_eq!(scale.least_harm(Severity::Low, &success), Some(0.01));
        assert_eq!(scale.least_harm(Severity::Medium, &success), Some(0.02));
        let lightrag = rule("lightrag/success_rate");
        assert_eq!(scale.least_harm(Severity::High, &lightrag), Some(0.03));
        assert_eq!(scale.least_harm(Severity::Critical, &success), Some(0.10));
        let p95 = rule("request/ok_p95_ms");
        assert_eq!(Scale::of(&p95).least_harm(Severity::Critical, &p95), None);
    }

    #[test]
    fn a_change_reads_in_the_direction_of_the_metric() {
        let throughput = Scale { change: units::Scale::Relative, worse: Worse::Lower };
        let harm = throughput.harm(0.9f64.ln());
        assert!(harm > 0.0 && (throughput.change(harm) + 0.1).abs() < 1e-12);
        assert!((throughput.limit(0.1) - harm).abs() < 1e-12);
    }
}
