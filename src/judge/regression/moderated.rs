//! How much runs of one kind differ: what is expected of them and what the baseline's runs show, weighed.
//!
//! G. K. Smyth, "Linear Models and Empirical Bayes Methods for Assessing Differential Expression in Microarray Experiments",
//! Statistical Applications in Genetics and Molecular Biology 3 (2004): the variance is a weighted mean of an expected one,
//! which counts as n₀ degrees of freedom, and of the one that was seen; the t statistic with it has the degrees of both.

use crate::config::RegressionSettings;
use crate::stats::distributions::f_upper_tail;
use crate::stats::moments::variance;

/// Baseline runs from which on their spread may speak against the expectation, or alone.
const FEWEST_THAT_SPEAK: usize = 3;

/// The moderated spread of runs of one kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moderated {
    /// Standard deviation of one run, τ.
    pub deviation: f64,
    /// ν.
    pub degrees_of_freedom: f64,
}

impl Moderated {
    /// Of the `baseline`'s values, where each run's own insides leave the variance `within` (`None`: nobody knows) and runs
    /// differ by `noise` beyond them. `None` where nothing is known.
    pub fn of(
        within: Option<f64>,
        noise: f64,
        baseline: &[f64],
        settings: &RegressionSettings,
    ) -> Option<Self> {
        let seen = variance(baseline);
        let freedom = baseline.len() as f64 - 1.0;
        let may_speak = baseline.len() >= FEWEST_THAT_SPEAK;
        let Some(within) = within else {
            let seen = seen.filter(|_| may_speak)?;
            return Some(Self { deviation: seen.sqrt(), degrees_of_freedom: freedom });
        };
        let expected = expected(within, noise);
        let doubted_at = settings.run_noise_doubted_at;
        let is_doubted = may_speak && Self::is_exceeded(within, noise, baseline, doubted_at, settings);
        let weight = if is_doubted { settings.run_noise_weight_doubted } else { settings.run_noise_weight };
        let degrees_of_freedom = weight + freedom;
        let sum = weight * expected + freedom * seen.unwrap_or(0.0);
        Some(Self { deviation: (sum / degrees_of_freedom).sqrt(), degrees_of_freedom })
    }

    /// Do the runs differ by more than is expected of them, as chance would in fewer cases than `alpha`?
    pub fn is_exceeded(
        within: f64,
        noise: f64,
        baseline: &[f64],
        alpha: f64,
        settings: &RegressionSettings,
    ) -> bool {
        let freedom = baseline.len() as f64 - 1.0;
        let ratio = variance(baseline).map(|seen| seen / expected(within, noise));
        let chance = ratio.and_then(|ratio| f_upper_tail(ratio, freedom, settings.run_noise_weight));
        chance.is_some_and(|chance| chance < alpha)
    }

    /// The standard error of the difference of the means of so many judged runs and baseline runs, e.
    pub fn error(&self, judged: f64, baseline: f64) -> f64 {
        self.deviation * (1.0 / judged + 1.0 / baseline).sqrt()
    }
}

/// What wanders within a run wanders between runs: twice what the insides claim, and what no run sees from inside.
fn expected(within: f64, noise: f64) -> f64 {
    2.0 * within + noise * noise
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use proptest::prelude::*;

    fn settings() -> RegressionSettings {
        Config::defaults().regression
    }

    fn assert_is(found: Option<Moderated>, deviation: f64, degrees_of_freedom: f64) {
        let found = found.unwrap();
        assert!((found.deviation / deviation - 1.0).abs() < 1e-12, "{found:?} is not {deviation}");
        assert_eq!(found.degrees_of_freedom, degrees_of_freedom);
    }

    #[test]
    fn the_spread_of_runs_is_that_of_numpy() {
        // p = 2·0.0008 + 0.025² = 0.002225; S² = numpy.var(y, ddof=1); τ = √((n₀·p + (m − 1)·S²)/(n₀ + m − 1)).
        let of = |baseline: &[f64]| Moderated::of(Some(0.0008), 0.025, baseline, &settings());
        assert_is(of(&[6.9]), 0.002225f64.sqrt(), 12.0);
        // S² = 0.0032.
        assert_is(of(&[6.9, 6.98]), 0.047958315233127206, 13.0);
        // S² = 0.0013, less than p: no reason to doubt it.
        assert_is(of(&[6.9, 6.95, 6.97]), 0.0457477556045883, 14.0);
        // S² = 0.0133, S²/p = 5.99 > F(0.95; 2, 12) = 3.89: the expectation counts as two.
        assert_is(of(&[6.9, 7.1, 7.1]), 0.08819958427717571, 4.0);
    }

    #[test]
    fn without_insides_three_runs_tell_by_themselves_and_two_do_not() {
        let of = |baseline: &[f64]| Moderated::of(None, 0.025, baseline, &settings());
        assert_eq!(of(&[1.0, 2.0]), None);
        assert_is(of(&[1.0, 2.0, 3.0]), 1.0, 2.0);
    }

    proptest! {
        #[test]
        fn one_more_run_amid_the_others_never_widens_the_error(
            baseline in prop::collection::vec(-0.1f64..0.1, 3..12), within in 0f64..0.01
        ) {
            let error = |values: &[f64]| {
                Moderated::of(Some(within), 0.025, values, &settings()).unwrap().error(1.0, values.len() as f64)
            };
            // Of one or two runs a third may be the first that speaks against the expectation.
            let centre = baseline.iter().sum::<f64>() / baseline.len() as f64;
            let more = [&baseline[..], &[centre]].concat();
            prop_assert!(error(&more) <= error(&baseline) * (1.0 + 1e-12));
        }
    }
}
