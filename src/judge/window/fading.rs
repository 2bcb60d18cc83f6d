//! Does what was cut off the start fade, or does the run drift on in its direction to the end?

use super::band::block_len;
use super::bins::Series;
use crate::config::CutSettings;
use crate::stats::distributions::student_t_quantile;
use crate::stats::robust::{median, spread_about};

/// False where the fourth quarter goes on in the direction in which the first `end` bins came to the third: by more than does
/// not matter, than noise explains, and than a share of that way.
pub fn fades(series: &Series, end: usize, settings: &CutSettings) -> bool {
    let Some(Change { way, onward, noise }) = Change::of(series, end, settings) else { return true };
    let is_onward = onward * way > 0.0;
    !(is_onward && onward.abs() > settings.fade_tolerance.max(noise).max(settings.fade_share * way.abs()))
}

struct Change {
    /// From the start to the third quarter.
    way: f64,
    /// From the third quarter to the fourth.
    onward: f64,
    /// How large a change from quarter to quarter may be by chance.
    noise: f64,
}

impl Change {
    /// Quarters by the medians of their shortest blocks, so that an event in one of them does not count.
    fn of(series: &Series, end: usize, settings: &CutSettings) -> Option<Self> {
        let bins = series.values.len();
        let len = block_len(bins, settings.blocks.iter().copied().max()?);
        let quarter = |from: usize, until: usize| {
            let blocks = series.blocks(len, from, until);
            Some((median(&blocks)?, blocks))
        };
        let (third, of_third) = quarter(bins / 2, bins * 3 / 4)?;
        let (fourth, of_fourth) = quarter(bins * 3 / 4, bins)?;
        let deviations: Vec<f64> = of_third
            .iter()
            .map(|value| value - third)
            .chain(of_fourth.iter().map(|value| value - fourth))
            .collect();
        let (m, n) = (of_third.len() as f64, of_fourth.len() as f64);
        let t = student_t_quantile(1.0 - settings.fade_alpha / 2.0, m + n - 2.0)?;
        // The variance of a median is π/2 of that of a mean.
        let of_median = std::f64::consts::FRAC_PI_2 * (1.0 / m + 1.0 / n);
        Some(Self {
            way: third - series.mean(0, end)?,
            onward: fourth - third,
            noise: t * spread_about(0.0, &deviations)? * of_median.sqrt(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn fades_of(value: impl Fn(f64) -> f64, end: usize) -> bool {
        // A little noise without any trend.
        let noise = |bin: usize| [0.01, -0.01, -0.01, 0.01][bin % 4];
        let values = (0..300).map(|bin| Some(value(bin as f64 / 300.0) + noise(bin))).collect();
        fades(&Series { values }, end, &Config::defaults().window.cut)
    }

    #[test]
    fn what_fades_to_a_level_is_a_transient_and_what_drifts_to_the_end_is_none() {
        for end in [10, 60, 150] {
            for height in [-0.5, 0.5] {
                assert!(fades_of(|at| height * (-at / 0.1).exp(), end), "an exponential");
                assert!(fades_of(|at| if at < 0.2 { height } else { 0.0 }, end), "a step");
                assert!(!fades_of(|at| height * at, end), "a straight line");
            }
        }
    }

    #[test]
    fn a_change_at_the_end_in_the_other_direction_or_of_a_few_blocks_is_another_matter() {
        let start = |at: f64| if at < 0.1 { 1.0 } else { 0.0 };
        assert!(fades_of(|at| start(at) + if at > 0.75 { 0.5 } else { 0.0 }, 30), "back again");
        assert!(fades_of(|at| start(at) - if at > 0.95 { 0.9 } else { 0.0 }, 30), "a fifth of the quarter");
        assert!(fades_of(|at| start(at) - if at > 0.75 { 0.2 } else { 0.0 }, 30), "a fifth of the way");
        assert!(!fades_of(|at| start(at) - if at > 0.75 { 0.3 } else { 0.0 }, 30));
    }
}
