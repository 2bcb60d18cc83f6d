//! Profile intervals of a fitted law: all values that leave not significantly more squares than the best one.
//!
//! A value v lies in the interval when the best fit with the quantity held at v leaves at most S·(1 + t²/ν), with the residual
//! squares S and the ν degrees of freedom of the free fit and Student's two-sided t. Such intervals follow the curvature of
//! the law and end at a bound, where standard errors are wrong. D. M. Bates and D. G. Watts, "Nonlinear Regression Analysis
//! and Its Applications" (1988), section 6.1.
//!
//! Whether errors are as large at every throughput or grow with it is not known. The estimate is that of constant errors, and so
//! is its interval; where errors in proportion are not much less likely, theirs is joined to it: taken as constant, errors in
//! proportion would leave up to one interval of three without the truth. Points that lie on the law leave no noise, and no
//! interval. R. J. Carroll and D. Ruppert, "Transformation and Weighting in Regression" (1988), ch. 3.

use super::law::{ErrorModel, Law, LawFit, best, beyond_rounding, fit_points};
use super::reciprocal::{Points, Reciprocal};
use crate::stats::distributions::student_t_quantile;
use crate::stats::interval::Interval;
use crate::stats::root::find_root;

/// An error model whose logarithm of the likelihood is less by more than this is left out: one in e² is where Akaike's
/// criterion calls a model of as many parameters considerably less supported.
const LESS_LIKELY: f64 = 2.0;
/// The ends are found to this share of their size.
const TOLERANCE: f64 = 1e-6;
/// How often an end that has no bound is doubled before it counts as unbounded.
const MOST_DOUBLINGS: usize = 60;
/// Where the peak's place is tried when something else is held fixed: this many points per search …
const PLACES: usize = 32;
/// … from this share of the smallest to this multiple of the largest concurrency …
const NEAREST: f64 = 0.5;
const FARTHEST: f64 = 1e3;
/// … and this many steps of the golden section about the best of them.
const GOLDEN_STEPS: usize = 26;
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// The points under one model of their errors, and the least squares that the law leaves of them.
struct Profile<'a> {
    law: Law,
    points: Points<'a>,
    least: f64,
}

impl LawFit {
    /// The interval of γ; `None` without degrees of freedom, unless 0 < `confidence` < 1, or where it has no upper end.
    pub fn gamma_interval(&self, confidence: f64) -> Option<Interval> {
        self.interval(
            |fit| Some(fit.gamma),
            f64::INFINITY,
            confidence,
            |profile, gamma| profile.squares_at_gamma(gamma),
        )
    }

    /// The interval of α, within 0..1; `None` as [`Self::gamma_interval`] and for a law that has none.
    pub fn alpha_interval(&self, confidence: f64) -> Option<Interval> {
        (self.law >= Law::Amdahl).then_some(())?;
        self.interval(
            |fit| Some(fit.alpha),
            1.0,
            confidence,
            |profile, alpha| profile.squares_at_alpha(alpha),
        )
    }

    /// The interval of β, from 0 on; `None` as [`Self::alpha_interval`].
    pub fn beta_interval(&self, confidence: f64) -> Option<Interval> {
        (self.law == Law::Usl).then_some(())?;
        self.interval(
            |fit| Some(fit.beta),
            f64::INFINITY,
            confidence,
            |profile, beta| profile.squares_at_beta(beta),
        )
    }

    /// The interval of the concurrency of the peak; also `None` where the data do not exclude that there is none.
    pub fn peak_interval(&self, confidence: f64) -> Option<Interval> {
        self.interval(Self::peak, f64::INFINITY, confidence, |profile, peak| profile.squares_at_peak(peak))
    }

    /// The interval of the throughput at the peak.
    pub fn peak_throughput_interval(&self, confidence: f64) -> Option<Interval> {
        let at_peak = |fit: &Self| fit.peak().map(|peak| fit.throughput(peak));
        self.interval(at_peak, f64::INFINITY, confidence, |profile, highest| {
            profile.squares_at_highest(highest)
        })
    }

    /// The interval of the knee.
    pub fn knee_interval(&self, confidence: f64) -> Option<Interval> {
        match self.law {
            Law::Linear => None,
            // 1/α falls; without a lower end of α above 0 there is no upper end.
            Law::Amdahl => {
                let alpha = self.alpha_interval(confidence)?;
                (alpha.low > 0.0).then(|| alpha.map(|alpha| 1.0 / alpha))
            }
            Law::Usl => self.interval(Self::knee, f64::INFINITY, confidence, |profile, knee| {
                profile.squares_at_knee(knee)
            }),
        }
    }

    /// The intervals under every likely model of the errors, joined.
    fn interval(
        &self,
        quantity: impl Fn(&Self) -> Option<f64>,
        most: f64,
        confidence: f64,
        squares: impl Fn(&Profile<'_>, f64) -> Option<f64>,
    ) -> Option<Interval> {
        let freedom = self.degrees_of_freedom();
        if freedom == 0 || self.is_exact() || !(confidence > 0.0 && confidence < 1.0) {
            return None;
        }
        let t = student_t_quantile(0.5 + confidence / 2.0, freedom as f64)?;
        let growth = 1.0 + t * t / freedom as f64;
        let estimate = quantity(self)?;
        let mut joined = Interval { low: estimate, high: estimate };
        for model in &self.error_models {
            let points = Points { n: &self.n, x: &self.x, weights: &model.weights };
            let least = beyond_rounding(model.residual_squares, &self.x, &model.weights);
            let profile = Profile { law: self.law, points, least };
            let ErrorModel { gamma, alpha, beta, .. } = *model;
            let fit = Self { gamma, alpha, beta, error_models: Vec::new(), ..self.clone() };
            let found = profile.interval(quantity(&fit)?, most, growth, |value| squares(&profile, value))?;
            joined = Interval { low: joined.low.min(found.low), high: joined.high.max(found.high) };
        }
        Some(joined)
    }
}

/// Constant errors, by which the law was fitted, and errors in proportion to the fitted throughput where these are likely, too.
pub fn likely_models(fit: &LawFit, constant: ErrorModel) -> Vec<ErrorModel> {
    let fitted: Vec<f64> = fit.n.iter().map(|n| fit.throughput(*n)).collect();
    if fitted.iter().any(|fitted| *fitted <= 0.0) {
        return vec![constant];
    }
    let weights = fitted.iter().map(|fitted| fit.gamma / fitted).collect();
    let Some(proportional) = fit_points(fit.law, &fit.n, &fit.x, weights) else { return vec![constant] };
    let likelihood = |model: &ErrorModel| {
        let squares = beyond_rounding(model.residual_squares, &fit.x, &model.weights);
        let weights: f64 = model.weights.iter().map(|weight| weight.ln()).sum();
        weights - fit.n.len() as f64 / 2.0 * squares.ln()
    };
    let is_likely = likelihood(&constant) - likelihood(&proportional) <= LESS_LIKELY;
    std::iter::once(constant).chain(is_likely.then_some(proportional)).collect()
}

impl Profile<'_> {
    /// All values from 0 to `most` that leave at most `growth` times the least squares, taken to be one stretch about the
    /// estimate.
    fn interval(
        &self,
        estimate: f64,
        most: f64,
        growth: f64,
        squares: impl Fn(f64) -> Option<f64>,
    ) -> Option<Interval> {
        let limit = self.least * growth;
        // What no curve can have leaves infinitely many squares; the logarithm makes the way to the limit straighter.
        let excess = |value: f64| (squares(value).unwrap_or(f64::INFINITY).max(self.least) / limit).ln();
        let at_estimate = (estimate, -growth.ln());
        let end = |far: f64| match excess(far) {
            at_far if at_far <= 0.0 => Some(far),
            at_far => find_root(|value| Some(excess(value)), (far, at_far), at_estimate, TOLERANCE),
        };
        let far = if most.is_finite() { most } else { self.beyond(estimate, &excess)? };
        Some(Interval::new(end(0.0)?.min(estimate), end(far)?.max(estimate)))
    }

    /// A value above the estimate that is not in the interval; `None` where there seems to be none.
    fn beyond(&self, estimate: f64, excess: &impl Fn(f64) -> f64) -> Option<f64> {
        let largest = self.points.n.last().copied().unwrap_or(1.0);
        // An estimate of 0 has no size: β moves the curve when it comes near 1/N².
        let start = if estimate > 0.0 { estimate } else { 1e-6 / (largest * largest) };
        let mut tries = (1..=MOST_DOUBLINGS).map(|doubling| start * 2f64.powi(doubling as i32));
        tries.find(|value| excess(*value) > 0.0)
    }

    fn squares_at_gamma(&self, gamma: f64) -> Option<f64> {
        let known = 1.0 / gamma;
        let Points { n, x, weights } = self.points;
        let residuals = n.iter().zip(x).zip(weights).map(|((n, x), weight)| (x - gamma * n) * weight);
        let of_linear: f64 = residuals.map(|residual| residual * residual).sum();
        if self.law == Law::Linear || known.is_infinite() {
            return Some(of_linear).filter(|squares| squares.is_finite());
        }
        let offset = vec![known; n.len()];
        if self.law == Law::Amdahl {
            let curve = Reciprocal::<1>::new(self.points, |_, n| n - 1.0);
            return squares(curve.within(offset, [known]));
        }
        let curve = Reciprocal::<2>::new(self.points, |index, n| [n - 1.0, n * (n - 1.0)][index]);
        squares(curve.within(offset, [known, f64::INFINITY]))
    }

    fn squares_at_alpha(&self, alpha: f64) -> Option<f64> {
        let column = |index: usize, n: f64| [1.0 + alpha * (n - 1.0), n * (n - 1.0)][index];
        match self.law {
            Law::Usl => squares(Reciprocal::<2>::new(self.points, column)),
            _ => squares(Reciprocal::<1>::new(self.points, column)),
        }
    }

    fn squares_at_beta(&self, beta: f64) -> Option<f64> {
        if beta == 0.0 {
            return Some(best(Law::Amdahl, self.points)?.1);
        }
        let column = |index: usize, n: f64| [1.0, n][index] + beta * n * (n - 1.0);
        squares(Reciprocal::<2>::new(self.points, column))
    }

    /// With s = r·N*²: N/X = pN + r(N*² + N(N − 1)).
    fn squares_at_peak(&self, peak: f64) -> Option<f64> {
        let column = |index: usize, n: f64| [n, peak * peak + n * (n - 1.0)][index];
        squares(Reciprocal::<2>::new(self.points, column))
    }

    /// With 1/X* = p + r(2N* − 1) as well: N/X = N/X* + r(N − N*)², and p ≥ 0 bounds r.
    fn squares_at_highest(&self, highest: f64) -> Option<f64> {
        if highest == 0.0 {
            return None;
        }
        let (nearest, farthest) = self.indices();
        least_over(nearest.max(0.5 + TOLERANCE), farthest, |peak| {
            let curve = Reciprocal::<1>::new(self.points, |_, n| (n - peak).powi(2));
            let offset = self.points.n.iter().map(|n| n / highest).collect();
            squares(curve.within(offset, [1.0 / (highest * (2.0 * peak - 1.0))]))
        })
    }

    /// With X* = K·γ: p(1 − 1/K) = r(N*²/K − 2N* + 1), from N* = K + √(K² − K) on.
    fn squares_at_knee(&self, knee: f64) -> Option<f64> {
        if knee <= 1.0 {
            return None;
        }
        let nearest = knee + (knee * knee - knee).sqrt();
        let farthest = self.indices().1.max(nearest * FARTHEST);
        least_over(nearest, farthest, |peak| {
            let ratio = (peak * peak / knee - 2.0 * peak + 1.0).max(0.0) / (1.0 - 1.0 / knee);
            let column = |_, n: f64| (ratio * n + peak * peak + n * (n - 1.0)) / (peak * peak);
            squares(Reciprocal::<1>::new(self.points, column))
        })
    }

    /// Where a peak may lie.
    fn indices(&self) -> (f64, f64) {
        let least = self.points.n.iter().copied().find(|n| *n > 0.0).unwrap_or(1.0);
        (least * NEAREST, self.points.n.last().copied().unwrap_or(1.0) * FARTHEST)
    }
}

fn squares<const K: usize>(curve: Reciprocal<K>) -> Option<f64> {
    Some(curve.minimise()?.residual_squares)
}

/// The least of `f` between two places, on a logarithmic grid and by the golden section about its best place.
fn least_over(low: f64, high: f64, f: impl Fn(f64) -> Option<f64>) -> Option<f64> {
    let step = (high / low).ln() / (PLACES - 1) as f64;
    let at = |index: f64| f(low * (index * step).exp()).unwrap_or(f64::INFINITY);
    let grid: Vec<f64> = (0..PLACES).map(|index| at(index as f64)).collect();
    let best = (0..PLACES).min_by(|one, other| grid[*one].total_cmp(&grid[*other]))?;
    let (mut from, mut to) = (best.saturating_sub(1) as f64, (best + 1).min(PLACES - 1) as f64);
    let (mut left, mut right) = (to - GOLDEN * (to - from), from + GOLDEN * (to - from));
    let (mut at_left, mut at_right) = (at(left), at(right));
    for _ in 0..GOLDEN_STEPS {
        if at_left <= at_right {
            (to, right, at_right) = (right, left, at_left);
            left = to - GOLDEN * (to - from);
            at_left = at(left);
        } else {
            (from, left, at_left) = (left, right, at_right);
            right = from + GOLDEN * (to - from);
            at_right = at(right);
        }
    }
    let least = grid[best].min(at_left).min(at_right);
    Some(least).filter(|least| least.is_finite())
}
