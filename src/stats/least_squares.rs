//! Ordinary least squares by Householder's QR decomposition, and the straight line as its simplest case.

use super::moments::{deviations, mean};
use super::sum::sum_of_products;

/// A column whose part outside the columns before it is shorter than this share of its length depends on them: what
/// rounding leaves of nothing is some units of 2⁻⁵².
const DEPENDENT: f64 = 64.0 * f64::EPSILON;

/// The coefficients of y ≈ Σ coefficientⱼ·columnⱼ with what their uncertainty is judged by.
#[derive(Debug, Clone, PartialEq)]
pub struct LeastSquares {
    /// One per column, in units of y per unit of the column.
    pub coefficients: Vec<f64>,
    /// One per column, in the unit of its coefficient.
    pub standard_errors: Vec<f64>,
    /// Share of the squares of y that is explained (0..1): around the mean where a column is constant, else around 0.
    pub r_squared: f64,
    /// √(residual squares / degrees of freedom), in the unit of y.
    pub residual_standard_deviation: f64,
    /// Values less columns.
    pub degrees_of_freedom: usize,
}

/// The line `intercept + slope·x`; what needs residuals is `None` with two points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    pub slope: f64,
    pub intercept: f64,
    pub slope_standard_error: Option<f64>,
    /// Share of the squares of y around its mean that is explained (0..1); `None` where y is constant.
    pub r_squared: Option<f64>,
}

/// Fits y by the `columns` of the design matrix, each as long as y; a column of ones, if wanted, is one of them.
///
/// `None` where the lengths differ, without columns, unless there are more values than columns, where a column
/// depends on the ones before it, where y has no squares to explain (all equal beside a constant column, else all
/// 0), or where a value is not finite. G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th ed., section 5.3.
pub fn least_squares(columns: &[&[f64]], y: &[f64]) -> Option<LeastSquares> {
    let is_shaped =
        !columns.is_empty() && columns.len() < y.len() && columns.iter().all(|c| c.len() == y.len());
    if !is_shaped || !columns.iter().copied().flatten().chain(y).all(|value| value.is_finite()) {
        return None;
    }
    let total = squares_to_explain(columns, y)?;
    let Triangle { columns: triangle, rotated_y } = triangulate(columns, y)?;
    let (explained, residual) = rotated_y.split_at(columns.len());
    let residual_squares = sum_of_products(residual, residual);
    let degrees_of_freedom = residual.len();
    let residual_standard_deviation = (residual_squares / degrees_of_freedom as f64).sqrt();
    let rows_of_inverse = inverse_row_lengths(&triangle);
    Some(LeastSquares {
        coefficients: solve(&triangle, explained),
        standard_errors: rows_of_inverse.iter().map(|length| length * residual_standard_deviation).collect(),
        r_squared: share_explained(residual_squares, total),
        residual_standard_deviation,
        degrees_of_freedom,
    })
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

/// Σ(y − mean)² where a column is constant (and not 0), else Σy²; `None` where that is 0.
fn squares_to_explain(columns: &[&[f64]], y: &[f64]) -> Option<f64> {
    let has_constant =
        columns.iter().any(|column| column[0] != 0.0 && column.iter().all(|v| *v == column[0]));
    if has_constant && y.iter().all(|value| *value == y[0]) {
        return None;
    }
    let around = if has_constant { deviations(y)? } else { y.to_vec() };
    Some(sum_of_products(&around, &around)).filter(|squares| *squares > 0.0)
}

fn share_explained(residual_squares: f64, total: f64) -> f64 {
    (1.0 - residual_squares / total).clamp(0.0, 1.0)
}

/// The upper triangle R of a decomposition, and y in its coordinates.
struct Triangle {
    /// Column j holds the rows 0..=j.
    columns: Vec<Vec<f64>>,
    rotated_y: Vec<f64>,
}

/// Reflects the columns, one after the other, onto the axes; `None` where one depends on those before it.
fn triangulate(columns: &[&[f64]], y: &[f64]) -> Option<Triangle> {
    let mut rest: Vec<Vec<f64>> = columns.iter().map(|column| column.to_vec()).collect();
    rest.push(y.to_vec());
    let mut triangle = Vec::with_capacity(columns.len());
    for (index, column) in columns.iter().enumerate() {
        let mut reflected = rest.remove(0);
        let length = sum_of_products(&reflected[index..], &reflected[index..]).sqrt();
        let is_independent = length > DEPENDENT * sum_of_products(column, column).sqrt();
        if !is_independent {
            return None;
        }
        // Away from the axis' own value, so that nothing cancels.
        let diagonal = if reflected[index] > 0.0 { -length } else { length };
        let mut mirror = reflected[index..].to_vec();
        mirror[0] -= diagonal;
        rest.iter_mut().for_each(|vector| reflect(&mut vector[index..], &mirror));
        reflected.truncate(index);
        reflected.push(diagonal);
        triangle.push(reflected);
    }
    Some(Triangle { columns: triangle, rotated_y: rest.remove(0) })
}

/// Reflects `vector` at the plane that `mirror` stands on.
fn reflect(vector: &mut [f64], mirror: &[f64]) {
    let share = 2.0 * sum_of_products(vector, mirror) / sum_of_products(mirror, mirror);
    vector.iter_mut().zip(mirror).for_each(|(value, mirror)| *value -= share * mirror);
}

/// The x with R·x = `right`, from the last row up.
fn solve(triangle: &[Vec<f64>], right: &[f64]) -> Vec<f64> {
    let mut solution = right.to_vec();
    for (index, column) in triangle.iter().enumerate().rev() {
        solution[index] /= column[index];
        let known = solution[index];
        solution[..index].iter_mut().zip(column).for_each(|(value, weight)| *value -= known * weight);
    }
    solution
}

/// The length of each row of R⁻¹: the root of the diagonal of (XᵀX)⁻¹.
fn inverse_row_lengths(triangle: &[Vec<f64>]) -> Vec<f64> {
    let size = triangle.len();
    let unit = |index: usize| (0..size).map(|row| f64::from(row == index)).collect::<Vec<f64>>();
    let inverse: Vec<Vec<f64>> = (0..size).map(|index| solve(triangle, &unit(index))).collect();
    (0..size).map(|row| inverse.iter().map(|column| column[row].powi(2)).sum::<f64>().sqrt()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ONES: [f64; 8] = [1.0; 8];
    const X: [f64; 8] = [1.0, 2.0, 2.0, 4.0, 5.0, 7.0, 8.0, 9.0];
    const Z: [f64; 8] = [2.0, -1.0, 0.5, 3.0, 1.0, 0.0, 4.0, -2.0];
    const Y: [f64; 8] = [3.0, 3.5, 2.0, 6.0, 6.0, 20.0, 9.5, 11.0];

    fn assert_near(actual: &[f64], expected: &[f64]) {
        assert_eq!(actual.len(), expected.len());
        for (actual, expected) in actual.iter().zip(expected) {
            assert!((actual / expected - 1.0).abs() <= 1e-12, "{actual} is not {expected}");
        }
    }

    #[test]
    fn the_fit_is_that_of_numpy() {
        // a = numpy.c_[numpy.ones(8), x, z]; b, rss, *_ = numpy.linalg.lstsq(a, y); s = (rss / 5) ** .5
        let fit = least_squares(&[&ONES, &X, &Z], &Y).unwrap();
        assert_near(&fit.coefficients, &[1.010505973295858, 1.4514581869290226, -0.29859451862262815]);
        // numpy.sqrt(numpy.diag(numpy.linalg.inv(a.T @ a))) * s; s; 1 - rss / ((y - y.mean()) ** 2).sum()
        assert_near(&fit.standard_errors, &[3.326990243585553, 0.5742708382634876, 0.8614592523355992]);
        assert_near(
            &[fit.residual_standard_deviation, fit.r_squared],
            &[4.5593752114784625, 0.5729244515861475],
        );
        assert_eq!(fit.degrees_of_freedom, 5);
    }

    #[test]
    fn the_line_is_that_of_scipy_and_of_the_general_fit() {
        // r = scipy.stats.linregress(x, y); r.slope, r.intercept, r.stderr, r.rvalue ** 2
        let line = line(&X, &Y).unwrap();
        let actual =
            [line.slope, line.intercept, line.slope_standard_error.unwrap(), line.r_squared.unwrap()];
        assert_near(
            &actual,
            &[1.468503937007874, 0.6496062992125982, 0.5285472782931697, 0.5626625254277731],
        );
        let fit = least_squares(&[&ONES, &X], &Y).unwrap();
        assert_near(
            &actual,
            &[fit.coefficients[1], fit.coefficients[0], fit.standard_errors[1], fit.r_squared],
        );
    }

    #[test]
    fn dependent_columns_have_no_fit() {
        let double = X.map(|x| 0.1 * x + 0.7);
        assert_eq!(least_squares(&[&ONES, &X, &double], &Y), None);
        assert_eq!(least_squares(&[&[0.0; 8]], &Y), None);
        assert_eq!(least_squares(&[], &Y), None);
        assert_eq!(least_squares(&[&X[..7]], &Y), None);
        assert_eq!(least_squares(&[&ONES[..2], &X[..2]], &Y[..2]), None);
        assert_eq!(least_squares(&[&[f64::NAN; 8]], &Y), None);
        assert_eq!(least_squares(&[&ONES, &X], &[4.0; 8]), None);
    }

    #[test]
    fn a_line_through_few_points_says_what_it_does_not_know() {
        let exact = line(&[1.0, 3.0], &[2.0, 6.0]).unwrap();
        assert_eq!((exact.slope, exact.intercept, exact.slope_standard_error), (2.0, 0.0, None));
        assert_eq!(line(&X, &[0.1; 8]).unwrap().r_squared, None);
        assert_eq!(line(&[0.1; 8], &Y), None);
        assert_eq!(line(&[], &[]), None);
    }

    proptest! {
        #[test]
        fn known_coefficients_come_back(
            x in prop::collection::vec(-10f64..10.0, 6..30), a in -5f64..5.0, b in -5f64..5.0, c in 0.1f64..5.0
        ) {
            let (ones, squares) = (vec![1.0; x.len()], x.iter().map(|x| x * x).collect::<Vec<f64>>());
            let y: Vec<f64> = x.iter().map(|x| a + b * x + c * x * x).collect();
            let fit = least_squares(&[&ones, &x, &squares], &y).unwrap();
            for (actual, expected) in fit.coefficients.iter().zip([a, b, c]) {
                prop_assert!((actual - expected).abs() < 1e-6, "{:?}", fit);
            }
            prop_assert!(fit.r_squared > 1.0 - 1e-9);
        }

        #[test]
        fn the_order_of_the_columns_does_not_matter(y in prop::collection::vec(-10f64..10.0, 8..=8)) {
            let (forth, back) = (least_squares(&[&ONES, &X, &Z], &y), least_squares(&[&Z, &X, &ONES], &y));
            let (forth, back) = (forth.unwrap(), back.unwrap());
            for (forth, back) in forth.coefficients.iter().zip(back.coefficients.iter().rev()) {
                prop_assert!((forth - back).abs() < 1e-10);
            }
            prop_assert!((forth.r_squared - back.r_squared).abs() < 1e-10);
        }
    }
}
