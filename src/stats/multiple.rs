//! P-values of many tests at once, adjusted: Benjamini–Hochberg and Holm.

/// P-values adjusted to control the expected share of false rejections, in the order given.
///
/// Rejecting where the adjusted value is at most q keeps that share at most q. `p` are p-values (0..1), one per test.
/// Y. Benjamini and Y. Hochberg, "Controlling the False Discovery Rate", JRSS B 57 (1995).
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut adjusted = vec![0.0; p.len()];
    let mut least = 1.0f64;
    for (rank, test) in ascending(p).into_iter().enumerate().rev() {
        least = least.min(p[test] * p.len() as f64 / (rank + 1) as f64);
        adjusted[test] = least;
    }
    adjusted
}

/// P-values adjusted to control the probability of any false rejection, in the order given.
///
/// S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6 (1979).
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut adjusted = vec![0.0; p.len()];
    let mut greatest = 0.0f64;
    for (rank, test) in ascending(p).into_iter().enumerate() {
        greatest = greatest.max(p[test] * (p.len() - rank) as f64).min(1.0);
        adjusted[test] = greatest;
    }
    adjusted
}

/// The indices of `p` from the smallest value to the largest.
fn ascending(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn assert_near(actual: &[f64], expected: &[f64]) {
        assert_eq!(actual.len(), expected.len());
        for (actual, expected) in actual.iter().zip(expected) {
            assert!((actual - expected).abs() < 1e-15, "{actual} is not {expected}");
        }
    }

    #[test]
    fn adjusted_values_come_in_the_order_given() {
        // scipy.stats.false_discovery_control([0.04, 0.01, 0.03, 0.5])
        assert_near(&benjamini_hochberg(&[0.04, 0.01, 0.03, 0.5]), &[0.16 / 3.0, 0.04, 0.16 / 3.0, 0.5]);
        // By hand: 4·0.01; 3·0.03; max(0.09, 2·0.04); 0.5.
        assert_near(&holm(&[0.04, 0.01, 0.03, 0.5]), &[0.09, 0.04, 0.09, 0.5]);
    }

    #[test]
    fn one_test_keeps_its_p_value_and_none_gives_none() {
        assert_eq!((benjamini_hochberg(&[0.3]), holm(&[0.3])), (vec![0.3], vec![0.3]));
        assert!(benjamini_hochberg(&[]).is_empty() && holm(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn adjusting_raises_keeps_the_order_and_ignores_where_a_test_stands(
            p in prop::collection::vec(0f64..=1.0, 1..50), turn in 0usize..50
        ) {
            let mut turned = p.clone();
            turned.rotate_left(turn % p.len());
            for adjust in [benjamini_hochberg, holm] {
                let adjusted = adjust(&p);
                prop_assert!(adjusted.iter().zip(&p).all(|(adjusted, p)| *p <= *adjusted + 1e-15 && *adjusted <= 1.0));
                let sorted: Vec<f64> = ascending(&p).into_iter().map(|test| adjusted[test]).collect();
                prop_assert!(sorted.is_sorted());
                let mut expected = adjusted;
                expected.rotate_left(turn % p.len());
                prop_assert_eq!(adjust(&turned), expected);
            }
            prop_assert!(benjamini_hochberg(&p).iter().zip(holm(&p)).all(|(bh, holm)| *bh <= holm + 1e-15));
        }
    }
}
