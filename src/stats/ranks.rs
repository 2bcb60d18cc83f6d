//! Ranks of values, where equal ones share the middle of their places.

/// Runs of equal values: the indices of the values in ascending order, cut wherever the value changes.
fn runs(values: &[f64]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    order.chunk_by(|&a, &b| values[a] == values[b]).map(<[usize]>::to_vec).collect()
}

/// The rank (1..=n) of each value, in the order given; equal values get the mean of the ranks that they occupy.
pub(super) fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0;
    for run in runs(values) {
        let rank = below as f64 + (run.len() + 1) as f64 / 2.0;
        run.iter().for_each(|&index| ranks[index] = rank);
        below += run.len();
    }
    ranks
}

/// What ties take from the variance of Kendall's S: Σ t(t − 1)(2t + 5) over runs of t equal values.
pub(super) fn tie_correction(values: &[f64]) -> f64 {
    runs(values).iter().map(|run| variance_terms(run.len())).sum()
}

/// t(t − 1)(2t + 5), eighteen times the variance of Kendall's S of t values without ties.
pub(super) fn variance_terms(t: usize) -> f64 {
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
