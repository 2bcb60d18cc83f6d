//! How far the runs of one level differ: what they tell of themselves from inside, and what they do not.

use crate::config::ScalabilitySettings;
use crate::stats::distributions::student_t_quantile;
use crate::stats::moments::mean;

/// One run's value of a quantity, on the scale on which errors add, and its standard error from inside the run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    pub value: f64,
    pub error: Option<f64>,
}

/// What runs of one level differ by beyond what their insides explain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunNoise {
    /// Variance of one run, assumed; it counts as known.
    assumed: f64,
    /// The same with what repetitions measured, and its degrees of freedom; `None` where no level was run twice.
    weighed: Option<(f64, f64)>,
    /// Standard deviation of the runs about the mean of their level, all levels pooled; `None` where no level was run twice.
    pub spread: Option<f64>,
    /// For runs that do not tell their error; `None` where no run does.
    largest_error: Option<f64>,
}

impl RunNoise {
    /// The noise of a quantity over `levels`, each with its runs. Until repetitions measure it, it is `assumed` (standard
    /// deviation of a run); then both are weighed, and the larger counts.
    pub fn of(levels: &[Vec<Sample>], assumed: f64, settings: &ScalabilitySettings) -> Self {
        let errors = levels.iter().flatten().filter_map(|run| run.error);
        let largest_error = errors.reduce(f64::max);
        let repeated: Vec<&Vec<Sample>> = levels.iter().filter(|runs| runs.len() > 1).collect();
        let freedom: usize = repeated.iter().map(|runs| runs.len() - 1).sum();
        let assumed = assumed * assumed;
        let noise = Self { assumed, weighed: None, spread: None, largest_error };
        if freedom == 0 {
            return noise;
        }
        let freedom = freedom as f64;
        let between = repeated.iter().map(|runs| squares_about_mean(runs)).sum::<f64>() / freedom;
        let inside: Vec<f64> = repeated.iter().copied().flatten().map(|run| noise.inside(run)).collect();
        let excess = (between - mean(&inside).unwrap_or(0.0)).max(0.0);
        let weight = settings.run_noise_weight;
        let weighed = (weight * assumed + freedom * excess) / (weight + freedom);
        Self { spread: Some(between.sqrt()), weighed: Some((weighed, weight + freedom)), ..noise }
    }

    /// Half the width of the interval of the mean of one level's runs; `None` where nothing is known of their errors.
    pub fn reach(&self, runs: &[Sample], confidence: f64) -> Option<f64> {
        if self.largest_error.is_none() && self.spread.is_none() {
            return None;
        }
        let inside: Vec<f64> = runs.iter().map(|run| self.inside(run)).collect();
        self.wider(mean(&inside)?, runs.len(), confidence)
    }

    /// The part of it that more data inside the runs would not lessen.
    pub fn reach_of_noise(&self, runs: usize, confidence: f64) -> Option<f64> {
        self.wider(0.0, runs, confidence)
    }

    /// Variance of a run from its inside.
    fn inside(&self, run: &Sample) -> f64 {
        run.error.or(self.largest_error).unwrap_or(0.0).powi(2)
    }

    /// Half the width by the assumed or by the weighed noise, whichever is wider.
    fn wider(&self, inside: f64, runs: usize, confidence: f64) -> Option<f64> {
        let candidates = [Some((self.assumed, f64::INFINITY)), self.weighed];
        let reaches = candidates.into_iter().flatten().map(|(noise, freedom)| {
            let t = student_t_quantile(0.5 + confidence / 2.0, freedom)?;
            (runs > 0).then(|| t * ((inside + noise) / runs as f64).sqrt())
        });
        reaches.collect::<Option<Vec<f64>>>()?.into_iter().reduce(f64::max)
    }
}

fn squares_about_mean(runs: &[Sample]) -> f64 {
    let values: Vec<f64> = runs.iter().map(|run| run.value).collect();
    let centre = mean(&values).unwrap_or(0.0);
    values.iter().map(|value| (value - centre).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use proptest::prelude::*;

    fn noise(levels: &[Vec<Sample>]) -> RunNoise {
        RunNoise::of(levels, 0.03, &Config::defaults().scalability)
    }

    fn samples(values: &[f64], error: f64) -> Vec<Sample> {
        values.iter().map(|value| Sample { value: *value, error: Some(error) }).collect()
    }

    #[test]
    fn single_runs_have_the_assumed_noise_and_repetitions_that_differ_by_more_measure_it() {
        let single = noise(&[samples(&[1.0], 0.04)]);
        // 1.96·√(0.04² + 0.03²)
        assert!((single.reach(&samples(&[1.0], 0.04), 0.95).unwrap() - 1.96 * 0.05).abs() < 1e-4);
        assert_eq!(single.spread, None);
        // Between 0.02, of which 0.0016 is from inside; (8·0.0009 + 1·0.0184)/9, t of 9 degrees of freedom.
        let twice = noise(&[samples(&[1.0, 1.2], 0.04)]);
        let variance: f64 = (8.0 * 0.0009 + 0.02 - 0.0016) / 9.0;
        let wanted = 2.262157 * ((0.0016 + variance) / 2.0).sqrt();
        assert!((twice.reach(&samples(&[1.0, 1.2], 0.04), 0.95).unwrap() - wanted).abs() < 1e-6);
        assert!((twice.spread.unwrap() - 0.02f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn runs_that_tell_nothing_of_their_error_have_no_interval_until_they_are_repeated() {
        let silent = |value| Sample { value, error: None };
        assert_eq!(noise(&[vec![silent(1.0)]]).reach(&[silent(1.0)], 0.95), None);
        let repeated = vec![silent(1.0), silent(1.1)];
        assert!(noise(std::slice::from_ref(&repeated)).reach(&repeated, 0.95).is_some());
        let mixed = [samples(&[1.0], 0.2), vec![silent(2.0)]];
        let reach = |runs: &[Sample]| noise(&mixed).reach(runs, 0.95);
        assert_eq!(reach(&mixed[0]), reach(&mixed[1]));
    }

    proptest! {
        #[test]
        fn more_noise_never_narrows(
            values in prop::collection::vec(-1f64..1.0, 1..5), error in 0.0f64..0.5, more in 0.0f64..0.5, wider in 1.0f64..3.0
        ) {
            let reach = |factor: f64, error: f64| {
                let values: Vec<f64> = values.iter().map(|value| value * factor).collect();
                let runs = samples(&values, error);
                noise(std::slice::from_ref(&runs)).reach(&runs, 0.95).unwrap()
            };
            prop_assert!(reach(1.0, error + more) >= reach(1.0, error) * (1.0 - 1e-12));
            prop_assert!(reach(wider, error) >= reach(1.0, error) * (1.0 - 1e-12));
        }
    }
}
