//! Where the mean of a series changes for good: E-divisive means with a t-test, and single odd values put right before.
//!
//! D. S. Matteson and N. A. James, "A Nonparametric Approach for Multiple Change Point Analysis of Multivariate Data", JASA 109
//! (2014), for the divergence; M. Fleming et al., "Hunter: Using Change Point Detection to Hunt for Performance Regressions",
//! ICPE 2023, for the t-test in the place of permutations, the windows and the merging. It finds what Apache Otava finds.

use std::cmp::Ordering;

use super::distributions::student_t_upper_tail;
use super::robust::{median, spread_about};

/// What counts as a change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangeLimits {
    /// Values that are looked at together, at least two.
    pub window: usize,
    /// Two-sided, of Student's t.
    pub p: f64,
    /// Least size of a change …
    pub size: f64,
    /// … measured in this way.
    pub scale: ChangeScale,
}

/// How large a change of the mean is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeScale {
    /// Share of the smaller mean.
    Relative,
    /// Difference of the means.
    Absolute,
}

/// The first value of a new level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangePoint {
    pub index: usize,
    pub p: f64,
    /// Mean of the values since the change before, and up to the next one.
    pub before: f64,
    pub after: f64,
}

/// A first pass keeps what is at all likely; its neighbours may have hidden how sure it is.
const FIRST_PASS: f64 = 10.0;
/// … up to where ten times p would be no test.
const FIRST_PASS_BELOW: f64 = 0.05;

/// Values at the end that may hide what was seen without them.
const LATEST: usize = 3;

/// The changes of a series, in its order. Values that are not finite find none.
pub fn change_points(values: &[f64], limits: &ChangeLimits) -> Vec<ChangePoint> {
    if values.iter().any(|value| !value.is_finite()) {
        return Vec::new();
    }
    let weak = if limits.p < FIRST_PASS_BELOW { FIRST_PASS * limits.p } else { limits.p };
    let likely = |known: &[f64]| split(known, limits.window.max(2), weak);
    // What was a change before the last values came stays a candidate, as where Otava appends them: a few that are far off would
    // hide it.
    let before = (values.len().saturating_sub(LATEST)..values.len()).map(|end| &values[..end]);
    let known = before.flat_map(|known| merge(known, likely(known), limits)).map(|point| point.index);
    let mut cuts: Vec<usize> = likely(values).into_iter().chain(known).collect();
    cuts.sort_unstable();
    cuts.dedup();
    merge(values, cuts, limits)
}

/// The series with values that lie further than `deviations` scaled median absolute deviations from the median of the
/// `window` values about them (at the ends: of the first or last) replaced by it. What lasts for more than half a window stays.
///
/// F. R. Hampel, "The Influence Curve and its Role in Robust Estimation", JASA 69 (1974).
pub fn hampel(values: &[f64], window: usize, deviations: f64) -> Vec<f64> {
    let window = window.min(values.len());
    let put_right = |index: usize| {
        let start = index.saturating_sub(window / 2).min(values.len() - window);
        let around = &values[start..start + window];
        let middle = median(around)?;
        let is_odd = (values[index] - middle).abs() > deviations * spread_about(middle, around)?;
        is_odd.then_some(middle)
    };
    values.iter().enumerate().map(|(index, &value)| put_right(index).unwrap_or(value)).collect()
}

/// Indices of likely changes, found in overlapping windows; sorted.
fn split(values: &[f64], window: usize, p: f64) -> Vec<usize> {
    let (mut found, mut start) = (Vec::new(), 0);
    while start < values.len() {
        let end = values.len().min(start + window);
        let here = split_window(&values[start..end], p);
        let last = here.last().map_or(0, |index| start + index);
        found.extend(here.into_iter().map(|index| start + index));
        start = last.max(start + window / 2);
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Cuts the window where it diverges most, again and again, as long as the cut is significant.
fn split_window(values: &[f64], p: f64) -> Vec<usize> {
    let sums = Distances::of(values);
    let mut cuts: Vec<usize> = Vec::new();
    loop {
        let mut best: Option<(f64, usize, (usize, usize))> = None;
        for (start, end) in pieces(&cuts, values.len()) {
            let Some((divergence, cut)) = sums.widest(start, end) else { continue };
            if best.is_none_or(|(most, ..)| divergence > most) {
                best = Some((divergence, cut, (start, end)));
            }
        }
        let Some((_, cut, (start, end))) = best else { return cuts };
        if !test(&values[start..cut], &values[cut..end]).is_some_and(|found| found <= p) {
            return cuts;
        }
        cuts.push(cut);
        cuts.sort_unstable();
    }
}

/// The stretches between cuts.
fn pieces(cuts: &[usize], end: usize) -> Vec<(usize, usize)> {
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    starts.zip(cuts.iter().copied().chain([end])).collect()
}

/// Sums of the distances of all pairs of the first values, so that those of any two stretches are told at once.
struct Distances {
    sums: Vec<Vec<f64>>,
}

impl Distances {
    fn of(values: &[f64]) -> Self {
        let size = values.len() + 1;
        let mut sums = vec![vec![0.0; size]; size];
        for (i, one) in values.iter().enumerate() {
            let mut row = 0.0;
            for (j, other) in values.iter().enumerate() {
                row += (one - other).abs();
                sums[i + 1][j + 1] = sums[i][j + 1] + row;
            }
        }
        Self { sums }
    }

    /// Between the stretches from `a` up to `b`, and from `c` up to `d`.
    fn between(&self, (a, b): (usize, usize), (c, d): (usize, usize)) -> f64 {
        self.sums[b][d] - self.sums[a][d] - self.sums[b][c] + self.sums[a][c]
    }

    /// Where a stretch diverges most from what follows it, up to any later value: the divergence and the first value behind it.
    fn widest(&self, start: usize, end: usize) -> Option<(f64, usize)> {
        let mut widest: Option<(f64, usize)> = None;
        for cut in start + 1..end {
            for to in cut + 1..=end {
                let divergence = self.divergence(start, cut, to);
                if widest.is_none_or(|(most, _)| divergence > most) {
                    widest = Some((divergence, cut));
                }
            }
        }
        widest
    }

    /// Q of Matteson and James for α = 1.
    fn divergence(&self, start: usize, cut: usize, to: usize) -> f64 {
        let (left, right) = ((start, cut), (cut, to));
        let (n, m) = ((cut - start) as f64, (to - cut) as f64);
        // Each pair stands twice in the square of a stretch.
        let within = |stretch: (usize, usize), size: f64| {
            if size > 1.0 { self.between(stretch, stretch) / 2.0 / (size - 1.0) } else { 0.0 }
        };
        2.0 / (n + m) * (self.between(left, right) - m * within(left, n) - n * within(right, m))
    }
}

/// Takes away the least sure change, then the smallest, until all are sure and large enough. What is known of a change is known anew
/// when one before it, next or next but one, goes; of the one behind which it was, not: so does Otava, whose changes these are to be.
fn merge(values: &[f64], mut cuts: Vec<usize>, limits: &ChangeLimits) -> Vec<ChangePoint> {
    let mut points = describe(values, &cuts);
    loop {
        let first_of = |order: fn(&ChangePoint, &ChangePoint, &ChangeLimits) -> Ordering| {
            (0..points.len()).min_by(|&a, &b| order(&points[a], &points[b], limits))
        };
        let least_sure = first_of(|a, b, _| b.p.total_cmp(&a.p));
        let smallest = first_of(|a, b, limits| limits.size_of(a).total_cmp(&limits.size_of(b)));
        let unsure = least_sure.filter(|&index| points[index].p >= limits.p);
        let small = smallest.filter(|&index| limits.size_of(&points[index]) <= limits.size);
        let Some(weakest) = unsure.or(small) else { return describe(values, &cuts) };
        cuts.remove(weakest);
        points.remove(weakest);
        let anew = describe(values, &cuts);
        for index in (weakest..points.len()).take(2) {
            points[index] = anew[index];
        }
    }
}

/// Each cut with the stretches on both sides.
fn describe(values: &[f64], cuts: &[usize]) -> Vec<ChangePoint> {
    let pieces = pieces(cuts, values.len());
    let point = |pair: &[(usize, usize)]| {
        let (left, right) = (&values[pair[0].0..pair[0].1], &values[pair[1].0..pair[1].1]);
        // Equal stretches that never vary have no test: nothing changed.
        let p = test(left, right).unwrap_or(1.0);
        ChangePoint { index: pair[1].0, p, before: mean(left), after: mean(right) }
    };
    pieces.windows(2).map(point).collect()
}

impl ChangeLimits {
    fn size_of(&self, point: &ChangePoint) -> f64 {
        let (before, after) = (point.before, point.after);
        let to = |of: f64, part: f64| if of == 0.0 { 0.0 } else { (part / of - 1.0).abs() };
        match self.scale {
            ChangeScale::Relative => to(before, after).max(to(after, before)),
            ChangeScale::Absolute => (after - before).abs(),
        }
    }
}

/// Two-sided p of Student's t with one variance on both sides. As in Otava, a side's variance has the divisor n: with few
/// values it is the more willing to see a change. `None` where neither side varies and both are equal.
fn test(left: &[f64], right: &[f64]) -> Option<f64> {
    let (n, m) = (left.len() as f64, right.len() as f64);
    let freedom = n + m - 2.0;
    if freedom < 1.0 {
        return Some(1.0);
    }
    let pooled = ((n - 1.0) * variance(left) + (m - 1.0) * variance(right)) / freedom;
    let error = (pooled * (1.0 / n + 1.0 / m)).sqrt();
    let distance = (mean(left) - mean(right)).abs();
    if error == 0.0 {
        return (distance > 0.0).then_some(0.0);
    }
    // Beyond 10^154 no tail is told apart from 0.
    Some(2.0 * student_t_upper_tail(distance / error, freedom).unwrap_or(0.0))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64
}

#[cfg(test)]
#[path = "change_points_tests.rs"]
mod tests;
