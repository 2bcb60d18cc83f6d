//! How sure the value of one night is, from what its runs told of themselves.

use super::JudgedRun;
use super::nights::Night;
use crate::stats::interval::Interval;
use crate::units::Scale;

/// Standard errors to each side: nine of ten nights lie within were nothing else between them.
const ERRORS: f64 = 1.645;

impl Night<'_> {
    /// About `value`, which is that of [`Night::value`]; none where a run does not tell.
    pub fn interval(&self, key: &str, scale: Scale, value: f64) -> Option<Interval> {
        let has_value = |run: &&&JudgedRun| {
            run.record.metric_of(key).is_some_and(|metric| metric.value.number().is_some())
        };
        let runs = self.runs.iter().filter(has_value);
        let variances: Option<Vec<f64>> = runs.map(|run| run.told.get(key)?.variance_of_value()).collect();
        let variances = variances.filter(|all| !all.is_empty())?;
        let error = variances.iter().sum::<f64>().sqrt() / variances.len() as f64;
        let width = ERRORS * error;
        let interval = match scale {
            Scale::Relative => Interval::new(value * (-width).exp(), value * width.exp()),
            Scale::Points | Scale::Amount => Interval::around(value, width),
        };
        (interval.low.is_finite() && interval.high.is_finite()).then_some(interval)
    }
}

impl super::Told {
    /// On the inner scale. Of batches that remember one another there are fewer than are counted.
    fn variance_of_value(&self) -> Option<f64> {
        let variance = self.variance?;
        match self.memory {
            None => Some(variance),
            Some(memory) => {
                let effective = self.batches? * (1.0 - memory) / (1.0 + memory);
                (effective > 0.0).then(|| variance / effective)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::history::Told;

    #[test]
    fn batches_that_remember_one_another_tell_less() {
        let told = |memory| Told { variance: Some(0.04), memory, batches: Some(20.0), ..Told::default() };
        assert_eq!(told(None).variance_of_value(), Some(0.04));
        assert_eq!(told(Some(0.0)).variance_of_value(), Some(0.002));
        assert!((told(Some(0.5)).variance_of_value().unwrap() - 0.006).abs() < 1e-12);
        assert_eq!(Told { batches: None, ..told(Some(0.5)) }.variance_of_value(), None);
        assert_eq!(told(Some(1.0)).variance_of_value(), None);
    }
}
