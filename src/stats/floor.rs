//! The slope of a series' floor: what grows under a saw-tooth.

use super::distributions::normal_quantile;
use super::interval::Interval;
use super::kendall_variance::dependent_kendall_variance;
use super::theil_sen::theil_sen_with_interval;

/// Fewer points than this have no slope that could be told from chance.
const FEWEST_POINTS: usize = 10;
/// All pairs of points are compared: windows are widened until there are no more points than this.
const MOST_POINTS: usize = 1_000;

/// How fast a floor rises, in the unit of y per unit of x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FloorSlope {
    pub slope: f64,
    /// At the confidence that was asked for; its width takes the autocorrelation of the floor into account.
    pub interval: Interval,
    /// Half the width of the interval per normal quantile.
    pub standard_error: f64,
    /// Points of the floor less the two that a line takes.
    pub degrees_of_freedom: f64,
    pub points: usize,
}

/// The running floor: of each window of width `window` in x (ascending) the index and value of its smallest y.
pub fn floor(x: &[f64], y: &[f64], window: f64) -> Vec<(f64, f64)> {
    let Some(&first) = x.first() else { return Vec::new() };
    let number = |x: f64| ((x - first) / window).floor();
    let points: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).collect();
    points
        .chunk_by(|a, b| number(a.0) == number(b.0))
        .filter_map(|window| window.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1)))
        .collect()
}

/// Theil–Sen slope of the floor with Sen's interval, its variance corrected for dependence.
///
/// `x` ascending and as long as `y`. `None` with fewer than 10 points of the floor, or unless the window is positive
/// and 0 < `confidence` < 1.
pub fn floor_slope(x: &[f64], y: &[f64], window: f64, confidence: f64) -> Option<FloorSlope> {
    let length = x.last()? - x.first()?;
    if window.is_nan() || window <= 0.0 || x.len() != y.len() {
        return None;
    }
    let points = floor(x, y, window.max(length / MOST_POINTS as f64));
    if points.len() < FEWEST_POINTS {
        return None;
    }
    let (x, y): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
    let variance = dependent_kendall_variance(&y).filter(|variance| *variance > 0.0);
    let (line, interval) = theil_sen_with_interval(&x, &y, confidence, variance)?;
    let z = normal_quantile(0.5 + confidence / 2.0)?;
    Some(FloorSlope {
        slope: line.slope,
        interval,
        standard_error: interval.half_width() / z,
        degrees_of_freedom: x.len() as f64 - 2.0,
        points: x.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A saw-tooth of `height` and a period of 20 on a floor that rises by `slope`.
    fn saw_tooth(slope: f64, height: f64) -> (Vec<f64>, Vec<f64>) {
        (0..3_000)
            .map(|step| {
                let x = f64::from(step) / 10.0;
                (x, 100.0 + slope * x + height * (x % 20.0) / 20.0)
            })
            .unzip()
    }

    #[test]
    fn the_floor_of_a_saw_tooth_is_what_rises_under_it() {
        let (x, y) = saw_tooth(0.05, 50.0);
        let found = floor_slope(&x, &y, 20.0, 0.99).unwrap();
        assert!((found.slope - 0.05).abs() < 1e-9, "{found:?}");
        assert_eq!(found.points, 15);
        let (x, y) = saw_tooth(0.0, 50.0);
        let found = floor_slope(&x, &y, 20.0, 0.99).unwrap();
        assert_eq!(found.slope, 0.0);
        assert!(found.interval.contains(0.0));
    }

    #[test]
    fn too_few_windows_have_no_slope() {
        let (x, y) = saw_tooth(0.05, 0.0);
        assert_eq!(floor_slope(&x, &y, 34.0, 0.99), None);
        assert_eq!(floor_slope(&[], &[], 5.0, 0.99), None);
        assert_eq!(floor_slope(&x, &y, 0.0, 0.99), None);
    }

    proptest! {
        // A thousand points have half a million pairs.
        #![proptest_config(ProptestConfig::with_cases(8))]
        #[test]
        fn a_long_series_is_pooled_and_keeps_its_slope(n in 2_000usize..20_000, slope in -1.0f64..1.0) {
            let x: Vec<f64> = (0..n).map(|step| step as f64).collect();
            let y: Vec<f64> = x.iter().map(|x| slope * x).collect();
            let found = floor_slope(&x, &y, 1.0, 0.9).unwrap();
            prop_assert!(found.points <= MOST_POINTS + 1);
            prop_assert!((found.slope - slope).abs() < 1e-9);
        }
    }
}
