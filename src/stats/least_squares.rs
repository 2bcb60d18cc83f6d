//! The straight line by ordinary least squares.

use super::moments::{deviations, mean};
use super::sum::sum_of_products;

/// The line `intercept + slope·x`; what needs residuals is `None` with two points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    pub slope: f64,
    pub intercept: f64,
    pub slope_standard_error: Option<f64>,
    /// Share of the squares of y around its mean that is explained (0..1); `None` where y is constant.
    pub r_squared: Option<f64>,
}

/// The least-squares line through points; `None` where the lengths differ or no two x differ.
pub fn line(x: &[f64], y: &[f64]) -> Option<Line> {
    if x.len() != y.len() || x.iter().all(|value| *value == x[0]) {
        return None;
    }
    let (of_x, of_y) = (deviations(x)?, deviations(y)?);
    let squares_of_x = sum_of_products(&of_x, &of_x);
    let slope = sum_of_products(&of_x, &of_y) / squares_of_x;
    let intercept = mean(y)? - slope * mean(x)?;
    if !slope.is_finite() || !intercept.is_finite() {
        return None;
    }
    let residuals: Vec<f64> = of_x.iter().zip(&of_y).map(|(x, y)| y - slope * x).collect();
    let residual_squares = sum_of_products(&residuals, &residuals);
    let is_constant = y.iter().all(|value| *value == y[0]);
    let freedom = x.len() as f64 - 2.0;
    Some(Line {
        slope,
        intercept,
        slope_standard_error: (freedom > 0.0).then(|| (residual_squares / freedom / squares_of_x).sqrt()),
        r_squared: (!is_constant).then(|| share_explained(residual_squares, sum_of_products(&of_y, &of_y))),
    })
}

fn share_explained(residual_squares: f64, total: f64) -> f64 {
    (1.0 - residual_squares / total).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: [f64; 8] = [1.0, 2.0, 2.0, 4.0, 5.0, 7.0, 8.0, 9.0];
    const Y: [f64; 8] = [3.0, 3.5, 2.0, 6.0, 6.0, 20.0, 9.5, 11.0];

    fn assert_near(actual: &[f64], expected: &[f64]) {
        assert_eq!(actual.len(), expected.len());
        for (actual, expected) in actual.iter().zip(expected) {
            assert!((actual / expected - 1.0).abs() <= 1e-12, "{actual} is not {expected}");
        }
    }

    #[test]
    fn the_line_is_that_of_scipy() {
        // r = scipy.stats.linregress(x, y); r.slope, r.intercept, r.stderr, r.rvalue ** 2
        let line = line(&X, &Y).unwrap();
        let actual =
            [line.slope, line.intercept, line.slope_standard_error.unwrap(), line.r_squared.unwrap()];
        assert_near(
            &actual,
            &[1.468503937007874, 0.6496062992125982, 0.5285472782931697, 0.5626625254277731],
        );
    }

    #[test]
    fn a_line_through_few_points_says_what_it_does_not_know() {
        let exact = line(&[1.0, 3.0], &[2.0, 6.0]).unwrap();
        assert_eq!((exact.slope, exact.intercept, exact.slope_standard_error), (2.0, 0.0, None));
        assert_eq!(line(&X, &[0.1; 8]).unwrap().r_squared, None);
        assert_eq!(line(&[0.1; 8], &Y), None);
        assert_eq!(line(&[], &[]), None);
    }
}
