//! The root of a falling function between two points.

/// Steps until a root is given up to be improved; ten are usual.
const MOST_STEPS: usize = 60;

/// The root of a falling `f` between two points (x, f(x)), the first positive, by the Illinois method, to within
/// `tolerance` of its size; `None` where `f` is.
///
/// M. Dowell and P. Jarratt, "A modified regula falsi method for computing the root of an equation", BIT 11 (1971).
pub fn find_root(
    f: impl Fn(f64) -> Option<f64>,
    mut low: (f64, f64),
    mut high: (f64, f64),
    tolerance: f64,
) -> Option<f64> {
    let mut moved_low = None;
    for _ in 0..MOST_STEPS {
        if high.1 == 0.0 || (high.0 - low.0).abs() <= tolerance * high.0.abs() {
            break;
        }
        let crossing = (low.0 * high.1 - high.0 * low.1) / (high.1 - low.1);
        // Where f is infinite at an end there is no line between the ends.
        let is_between = crossing > low.0.min(high.0) && crossing < low.0.max(high.0);
        let x = if is_between { crossing } else { low.0 + (high.0 - low.0) / 2.0 };
        let value = f(x)?;
        let moves_low = value > 0.0;
        // An end that stays twice gets half its weight, or it would stay for ever.
        let weight = if moved_low == Some(moves_low) { 0.5 } else { 1.0 };
        if moves_low {
            low = (x, value);
            high.1 *= weight;
        } else {
            high = (x, value);
            low.1 *= weight;
        }
        moved_low = Some(moves_low);
    }
    Some(high.0)
}
