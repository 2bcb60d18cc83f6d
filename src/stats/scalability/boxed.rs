//! The least point of a convex quadratic form in a box, for up to three variables.

/// Where a variable may lie: from 0 or more up to `high`, which may be infinite.
pub type Upper<const K: usize> = [f64; K];

/// The c with 0 ≤ c ≤ `upper` at which ½·cᵀAc − bᵀc is least; `None` where no candidate is finite.
///
/// In a box every variable of the optimum is free, at 0 or at its upper end: with three variables these are 27 cases, each a
/// small linear system, and the best feasible one is the optimum since the form is convex.
pub fn minimise_quadratic<const K: usize>(
    a: &[[f64; K]; K],
    b: &[f64; K],
    upper: &Upper<K>,
) -> Option<[f64; K]> {
    let mut best: Option<([f64; K], f64)> = None;
    for case in 0..3usize.pow(K as u32) {
        let states: [usize; K] = std::array::from_fn(|index| case / 3usize.pow(index as u32) % 3);
        let Some(c) = candidate(a, b, upper, &states) else { continue };
        let value = form(a, b, &c);
        if value.is_finite() && best.is_none_or(|(_, least)| value < least) {
            best = Some((c, value));
        }
    }
    best.map(|(c, _)| c)
}

const FREE: usize = 0;
const AT_ZERO: usize = 1;

/// The stationary point with the variables that `states` fixes; `None` where it leaves the box.
fn candidate<const K: usize>(
    a: &[[f64; K]; K],
    b: &[f64; K],
    upper: &Upper<K>,
    states: &[usize; K],
) -> Option<[f64; K]> {
    let mut c = [0.0; K];
    for index in 0..K {
        if states[index] > AT_ZERO {
            c[index] = upper[index];
        }
    }
    if c.iter().any(|value| value.is_infinite()) {
        return None;
    }
    // The rows of fixed variables become c = fixed; those of free ones keep what the fixed ones leave.
    let mut rows: [[f64; K]; K] = [[0.0; K]; K];
    let mut right = c;
    for row in (0..K).filter(|row| states[*row] == FREE) {
        right[row] = b[row];
        for column in 0..K {
            match states[column] {
                FREE => rows[row][column] = a[row][column],
                _ => right[row] -= a[row][column] * c[column],
            }
        }
    }
    for row in (0..K).filter(|row| states[*row] != FREE) {
        rows[row][row] = 1.0;
    }
    let c = solve(rows, right)?;
    let is_inside = (0..K).all(|index| (0.0..=upper[index]).contains(&c[index]));
    is_inside.then_some(c)
}

/// Gauss's elimination of a positive definite system, which needs no exchange of rows.
fn solve<const K: usize>(mut rows: [[f64; K]; K], mut right: [f64; K]) -> Option<[f64; K]> {
    for pivot in 0..K {
        let is_regular = rows[pivot][pivot] > 0.0;
        if !is_regular {
            return None;
        }
        let top = rows[pivot];
        for row in pivot + 1..K {
            let factor = rows[row][pivot] / top[pivot];
            rows[row].iter_mut().zip(top).skip(pivot).for_each(|(value, top)| *value -= factor * top);
            right[row] -= factor * right[pivot];
        }
    }
    for row in (0..K).rev() {
        let known: f64 = (row + 1..K).map(|column| rows[row][column] * right[column]).sum();
        right[row] = (right[row] - known) / rows[row][row];
    }
    right.iter().all(|value| value.is_finite()).then_some(right)
}

fn form<const K: usize>(a: &[[f64; K]; K], b: &[f64; K], c: &[f64; K]) -> f64 {
    let squares: f64 =
        (0..K).map(|row| c[row] * (0..K).map(|column| a[row][column] * c[column]).sum::<f64>()).sum();
    squares / 2.0 - b.iter().zip(c).map(|(b, c)| b * c).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [[f64; 2]; 2] = [[2.0, 0.0], [0.0, 2.0]];

    #[test]
    fn a_free_optimum_is_found_and_one_outside_the_box_lands_on_its_edge() {
        let free = [f64::INFINITY; 2];
        assert_eq!(minimise_quadratic(&A, &[2.0, 4.0], &free), Some([1.0, 2.0]));
        assert_eq!(minimise_quadratic(&A, &[-2.0, 4.0], &free), Some([0.0, 2.0]));
        assert_eq!(minimise_quadratic(&A, &[-2.0, 4.0], &[1.0, 1.5]), Some([0.0, 1.5]));
    }

    #[test]
    fn an_edge_moves_the_other_variable() {
        // x² + xy + y² − 3x: free at (2, −1); with y = 0 at x = 1.5.
        let a = [[2.0, 1.0], [1.0, 2.0]];
        assert_eq!(minimise_quadratic(&a, &[3.0, 0.0], &[f64::INFINITY; 2]), Some([1.5, 0.0]));
    }
}
