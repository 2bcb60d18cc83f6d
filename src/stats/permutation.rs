//! The exact probability of a rank correlation among few pairs, where Student's t is a poor approximation.

use std::collections::BTreeMap;

use super::correlation::{correlation_p, spearman};
use super::ranks::mid_ranks;

/// Up to this many pairs all orders are counted; beyond, Student's t is near enough.
const MOST_COUNTED: usize = 9;

/// Counts of Σ rank(x)·rank(y) over all orders, by the ranks that occur: series without ties share one.
#[derive(Debug, Default)]
pub struct OrderCounts {
    counted: BTreeMap<(Vec<usize>, Vec<usize>), Counts>,
}

/// Sum → number of orders that give it.
#[derive(Debug)]
struct Counts {
    by_sum: Vec<u64>,
}

impl OrderCounts {
    /// Two-sided probability of a Spearman correlation at least as far from 0 where every order is equally likely: exact up
    /// to nine pairs, also with ties; Student's t beyond. `None` as [`spearman`] and below three pairs.
    ///
    /// E. G. Olds, "Distributions of sums of squares of rank differences for small numbers of individuals", Annals of
    /// Mathematical Statistics 9 (1938), gives the exact probabilities without ties.
    pub fn spearman_p(&mut self, x: &[f64], y: &[f64]) -> Option<f64> {
        let coefficient = spearman(x, y)?;
        if x.len() < 3 {
            return None;
        }
        if x.len() > MOST_COUNTED {
            return correlation_p(coefficient, x.len() as f64);
        }
        let (x, y) = (doubled_ranks(x), doubled_ranks(y));
        let sum: usize = x.iter().zip(&y).map(|(x, y)| x * y).sum();
        // The sum under independence is n·(n + 1)², in quarters; how far the sum is from it, is how far the coefficient is from 0.
        let centre = x.len() * (x.len() + 1) * (x.len() + 1);
        let (mut of_x, mut of_y) = (x, y);
        of_x.sort_unstable();
        of_y.sort_unstable();
        let counts = self.counted.entry((of_x, of_y)).or_insert_with_key(|(x, y)| Counts::of(x, y));
        Some(counts.share_beyond(centre, sum.abs_diff(centre)))
    }
}

/// Mid-ranks are multiples of a half.
fn doubled_ranks(values: &[f64]) -> Vec<usize> {
    mid_ranks(values).into_iter().map(|rank| (2.0 * rank).round() as usize).collect()
}

impl Counts {
    /// Gives the ranks of y to those of x, one after the other; what matters is only which ranks are taken and their sum.
    fn of(x: &[usize], y: &[usize]) -> Self {
        let n = x.len();
        let most: usize = x.iter().zip(y).map(|(x, y)| x * y).sum();
        let mut by_taken = vec![Vec::new(); 1 << n];
        by_taken[0] = vec![0u64; most + 1];
        by_taken[0][0] = 1;
        for taken in 0usize..(1 << n) - 1 {
            let counts = std::mem::take(&mut by_taken[taken]);
            let of_x = x[taken.count_ones() as usize];
            for index in (0..n).filter(|index| taken & (1 << index) == 0) {
                let next = &mut by_taken[taken | (1 << index)];
                next.resize(most + 1, 0);
                let more = of_x * y[index];
                // Sorted ranks against sorted ranks give the largest sum, so that none goes beyond it.
                counts.iter().zip(&mut next[more..]).for_each(|(count, next)| *next += count);
            }
        }
        Self { by_sum: by_taken.pop().unwrap_or_default() }
    }

    fn share_beyond(&self, centre: usize, distance: usize) -> f64 {
        let all: u64 = self.by_sum.iter().sum();
        let beyond = self.by_sum.iter().enumerate().filter(|(sum, _)| sum.abs_diff(centre) >= distance);
        beyond.map(|(_, count)| count).sum::<u64>() as f64 / all as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(x: &[f64], y: &[f64]) -> Option<f64> {
        OrderCounts::default().spearman_p(x, y)
    }

    #[test]
    fn exact_probabilities_are_those_of_all_orders() {
        let rising: Vec<f64> = (0..6).map(f64::from).collect();
        // Only the two perfect orders are as far from 0: 2/6!.
        assert_eq!(p(&rising, &rising), Some(2.0 / 720.0));
        // itertools.permutations(range(6)): 12 of 720 have |rho| >= 0.9428571428571428.
        assert_eq!(p(&rising, &[0.0, 1.0, 2.0, 3.0, 5.0, 4.0]), Some(12.0 / 720.0));
        // The same with ties: 26 of 720 have |rho| >= 0.8676470588235294.
        let tied = p(&[1.0, 2.0, 2.0, 4.0, 5.0, 6.0], &[1.0, 3.0, 2.0, 2.0, 5.0, 6.0]).unwrap();
        assert_eq!(tied, 26.0 / 720.0);
    }

    #[test]
    fn beyond_nine_pairs_students_t_is_taken() {
        let rising: Vec<f64> = (0..10).map(f64::from).collect();
        let mut turned = rising.clone();
        turned.swap(0, 9);
        let coefficient = spearman(&rising, &turned).unwrap();
        assert_eq!(p(&rising, &turned), correlation_p(coefficient, 10.0));
    }

    #[test]
    fn what_has_no_correlation_has_no_probability() {
        assert_eq!(p(&[1.0, 2.0], &[1.0, 2.0]), None);
        assert_eq!(p(&[1.0, 1.0, 1.0], &[1.0, 2.0, 3.0]), None);
        assert_eq!(p(&[1.0, 2.0, 3.0], &[1.0, 2.0]), None);
    }

    #[test]
    fn no_order_at_all_is_certain() {
        assert_eq!(p(&[1.0, 2.0, 3.0, 4.0], &[2.0, 4.0, 1.0, 3.0]), Some(1.0));
    }
}
