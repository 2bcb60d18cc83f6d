//! MSER-5: how many observations at the start belong to a transient and should be dropped.
//!
//! K. P. White, M. J. Cobb and S. C. Spratt, "A comparison of five steady-state truncation heuristics for
//! simulation", Proceedings of the Winter Simulation Conference (2000).

use super::moments::mean;

/// Observations per batch.
const BATCH: usize = 5;
/// Batches that remain behind any cut: the statistic of fewer is small by chance.
const FEWEST_BEHIND: usize = 5;

/// The cut with the smallest squared standard error of the mean of what remains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mser5 {
    /// Observations to drop from the start, a multiple of 5, fewer than half of them.
    pub cut: usize,
    /// Σ(z − mean)² / m² over the m batch means z that remain, in squared units of the values.
    pub value: f64,
    /// False where a cut at or past half would have a smaller value: the series has not settled.
    pub settled: bool,
}

/// The cut d, in batches of 5 and within the first half, that minimises Σ(z − mean)² / (b − d)² over the batch
/// means behind it; the first of equal ones. An incomplete batch at the end is ignored.
///
/// `None` below two batches (10 values).
pub fn mser5(values: &[f64]) -> Option<Mser5> {
    let means = values.chunks_exact(BATCH).map(mean).collect::<Option<Vec<f64>>>()?;
    let half = means.len() / 2;
    if half == 0 {
        return None;
    }
    let statistics = statistics(&means);
    let cut = smallest(&statistics[..half]);
    let beyond = half.max((means.len() + 1).saturating_sub(FEWEST_BEHIND));
    let settled = smallest(&statistics[..beyond]) < half;
    Some(Mser5 { cut: cut * BATCH, value: statistics[cut], settled })
}

/// For each cut d, Σ(z − mean)² / (b − d)² over the means from d on, from the end by Welford's update.
fn statistics(means: &[f64]) -> Vec<f64> {
    let mut statistics = vec![0.0; means.len()];
    let (mut mean, mut squares) = (0.0, 0.0);
    for (cut, value) in means.iter().enumerate().rev() {
        let count = (means.len() - cut) as f64;
        let step = value - mean;
        mean += step / count;
        squares += step * (value - mean);
        statistics[cut] = squares / (count * count);
    }
    statistics
}

/// The index of the smallest value, the first of equal ones; 0 without values.
fn smallest(values: &[f64]) -> usize {
    (0..values.len()).min_by(|&a, &b| values[a].total_cmp(&values[b])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_transient_is_cut_and_no_more() {
        let values: Vec<f64> = (0..200).map(|i| if i < 30 { 100.0 } else { f64::from(i * 7 % 10) }).collect();
        let cut = mser5(&values).unwrap();
        assert_eq!((cut.cut, cut.settled), (30, true));
    }

    #[test]
    fn a_series_that_changes_late_has_not_settled() {
        let values: Vec<f64> =
            (0..200).map(|i| f64::from(i * 7 % 10) + if i < 150 { 100.0 } else { 0.0 }).collect();
        let cut = mser5(&values).unwrap();
        assert!(cut.cut < 100 && !cut.settled, "{cut:?}");
    }

    #[test]
    fn a_constant_series_needs_no_cut() {
        assert_eq!(mser5(&[0.1; 57]), Some(Mser5 { cut: 0, value: 0.0, settled: true }));
        assert_eq!(mser5(&[0.1; 10]), Some(Mser5 { cut: 0, value: 0.0, settled: true }));
        assert_eq!(mser5(&[0.1; 9]), None);
    }

    proptest! {
        #[test]
        fn the_cut_minimises_the_definition(values in prop::collection::vec(0f64..100.0, 10..150)) {
            let means: Vec<f64> = values.chunks_exact(5).map(|batch| batch.iter().sum::<f64>() / 5.0).collect();
            let defined = |cut: usize| {
                let rest = &means[cut..];
                let mean = rest.iter().sum::<f64>() / rest.len() as f64;
                rest.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (rest.len() as f64).powi(2)
            };
            let result = mser5(&values).unwrap();
            let least = (0..means.len() / 2).map(defined).fold(f64::INFINITY, f64::min);
            prop_assert!(result.cut.is_multiple_of(5) && result.cut < values.len().div_ceil(2));
            prop_assert!((result.value - defined(result.cut / 5)).abs() <= 1e-9 * result.value);
            prop_assert!((result.value - least).abs() <= 1e-9 * least);
        }

        #[test]
        fn an_offset_does_not_matter(values in prop::collection::vec(0f64..100.0, 10..150)) {
            let moved: Vec<f64> = values.iter().map(|value| value + 1024.0).collect();
            prop_assert_eq!(mser5(&values).unwrap().cut, mser5(&moved).unwrap().cut);
        }
    }
}
