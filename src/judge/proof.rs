//! What few samples prove all the same: exact binomial tests of a share, and of the share of times beyond a limit.
//!
//! C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
//! Biometrika 26 (1934): a share is below a limit beyond doubt where its exact interval is.

use crate::stats::distributions::binomial_upper_tail;

/// Could chance alone, were the true share at the limit, bring a share of `of` calls as low as this? Not where this says true.
pub fn is_surely_below(share: f64, of: u64, limit: f64, alpha: f64) -> bool {
    let missing = ((1.0 - share) * of as f64).round();
    share < limit && (0.0..=of as f64).contains(&missing) && tail(missing as u64, of, 1.0 - limit) <= alpha
}

/// The same for a share that is high.
pub fn is_surely_above(share: f64, of: u64, limit: f64, alpha: f64) -> bool {
    is_surely_below(1.0 - share, of, 1.0 - limit, alpha)
}

/// Is the quantile `q` of `of` times beyond a limit of which so many are known to be?
pub fn is_quantile_beyond(known_beyond: u64, of: u64, q: f64, alpha: f64) -> bool {
    tail(known_beyond, of, 1.0 - q) <= alpha
}

fn tail(successes: u64, n: u64, p: f64) -> f64 {
    if n == 0 { 1.0 } else { binomial_upper_tail(successes, n, p).unwrap_or(1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALPHA: f64 = 0.001;

    #[test]
    fn an_outage_is_proven_by_three_calls_and_a_miss_within_chance_by_no_number_of_them() {
        // 0.05³ = 1.25e-4.
        assert!(is_surely_below(0.0, 3, 0.95, ALPHA) && !is_surely_below(0.0, 2, 0.95, ALPHA));
        assert!(is_surely_below(0.0, 199, 0.95, ALPHA) && is_surely_below(0.5, 20, 0.95, ALPHA));
        assert!(!is_surely_below(0.94, 150, 0.95, ALPHA) && !is_surely_below(0.96, 10_000, 0.95, ALPHA));
        assert!(!is_surely_below(0.0, 0, 0.95, ALPHA) && !is_surely_below(f64::NAN, 10, 0.95, ALPHA));
    }

    #[test]
    fn high_shares_and_quantiles_are_proven_likewise() {
        assert!(is_surely_above(1.0, 3, 0.05, ALPHA) && !is_surely_above(0.06, 100, 0.05, ALPHA));
        assert!(is_quantile_beyond(5, 10, 0.95, ALPHA) && !is_quantile_beyond(2, 10, 0.95, ALPHA));
    }
}
