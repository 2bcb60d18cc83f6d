//! Ranks of values, where equal ones share the middle of their ranks.

/// The rank (1..=n) of each value, in the order given; equal values get the mean of the ranks that they occupy.
pub fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<(f64, usize)> = values.iter().copied().zip(0..).collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0;
    for run in order.chunk_by(|a, b| a.0 == b.0) {
        let rank = below as f64 + (run.len() + 1) as f64 / 2.0;
        run.iter().for_each(|&(_, index)| ranks[index] = rank);
        below += run.len();
    }
    ranks
}

/// How often each value occurs, by value.
pub fn ties(values: &[f64]) -> Vec<usize> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.chunk_by(|a, b| a == b).map(<[f64]>::len).collect()
}

/// What ties take from the variance of Kendall's S: Σ t(t − 1)(2t + 5) over runs of t equal values.
pub fn tie_correction(values: &[f64]) -> f64 {
    tie_terms(&ties(values))
}

/// [`tie_correction`] from how often each value occurs.
pub fn tie_terms(ties: &[usize]) -> f64 {
    ties.iter().map(|&ties| variance_terms(ties)).sum()
}

/// t(t − 1)(2t + 5), eighteen times the variance of Kendall's S of t values without ties.
pub fn variance_terms(t: usize) -> f64 {
    let t = t as f64;
    t * (t - 1.0) * (2.0 * t + 5.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_the_middle_of_their_ranks() {
        // scipy.stats.rankdata([3, 1, 3, 2, 3, 2])
        assert_eq!(mid_ranks(&[3.0, 1.0, 3.0, 2.0, 3.0, 2.0]), [5.0, 1.0, 5.0, 2.5, 5.0, 2.5]);
        assert_eq!(mid_ranks(&[0.0, -0.0]), [1.5, 1.5]);
        assert!(mid_ranks(&[]).is_empty());
    }

    #[test]
    fn only_ties_correct() {
        assert_eq!(tie_correction(&[1.0, 2.0, 3.0]), 0.0);
        // 2·1·9 + 3·2·11
        assert_eq!(tie_correction(&[3.0, 1.0, 3.0, 2.0, 3.0, 2.0]), 84.0);
    }
}
