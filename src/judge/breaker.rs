//! Does the circuit breaker open and close where it should?

use crate::config::BreakerSettings;
use crate::summary::{Breaker, Measured};

/// The reference's "behaves as expected": available enough, and recovering enough or never in need of it.
pub fn breaks_as_expected(breaker: &Breaker, settings: &BreakerSettings) -> Measured<bool> {
    let recovers =
        breaker.recovery_success_rate.number().is_none_or(|rate| rate >= settings.expected_recovery);
    if !recovers {
        return Measured::Value(false);
    }
    breaker.availability_percent.clone().map(|percent| percent >= settings.expected_availability_percent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::summary::fixture;

    #[test]
    fn it_behaves_as_expected_when_available_and_recovering_or_never_in_need() {
        let settings = Config::defaults().breaker;
        let with = |availability: Measured<f64>, recovery: Measured<f64>| {
            let mut breaker = fixture::run_summary().breaker.value().cloned().expect("the fixture has one");
            (breaker.availability_percent, breaker.recovery_success_rate) = (availability, recovery);
            breaks_as_expected(&breaker, &settings)
        };
        let none = || Measured::undefined("no recovery was tried");
        assert_eq!(with(Measured::Value(90.0), none()), Measured::Value(true));
        assert_eq!(with(Measured::Value(90.0), Measured::Value(0.8)), Measured::Value(true));
        assert_eq!(with(Measured::Value(89.9), none()), Measured::Value(false));
        assert_eq!(with(Measured::undefined("no calls"), Measured::Value(0.79)), Measured::Value(false));
        assert_eq!(with(Measured::undefined("no calls"), none()).reason(), Some("no calls"));
    }
}
