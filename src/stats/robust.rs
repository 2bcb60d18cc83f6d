//! Median and the spread about it: what a few odd values among many leave as it is.

use super::quantile::type7_select;

/// The median absolute deviation of a normal distribution is this part of its standard deviation: 1/Φ⁻¹(3/4).
const NORMAL: f64 = 1.482602218505602;

/// The middle value, or the mean of the two in the middle; `None` without values.
pub fn median(values: &[f64]) -> Option<f64> {
    type7_select(&mut values.to_vec(), &[0.5])?.pop()
}

/// The median distance from `middle`, scaled to the standard deviation of a normal distribution; `None` without values.
pub fn spread_about(middle: f64, values: &[f64]) -> Option<f64> {
    let distances: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();
    Some(NORMAL * median(&distances)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_and_spread_are_those_of_scipy_whatever_one_odd_value_says() {
        // numpy.median(v), scipy.stats.median_abs_deviation(v, scale="normal")
        let values = [3.1, 2.7, 4.4, 2.9, 3.8, 3.3, 500.0];
        let middle = median(&values).unwrap();
        assert_eq!(middle, 3.3);
        assert!((spread_about(middle, &values).unwrap() - 0.741_301_109_252_801).abs() < 1e-12);
        assert_eq!((median(&[1.0, 2.0]), median(&[]), spread_about(0.0, &[])), (Some(1.5), None, None));
    }
}
