//! The laws of scalability, and the one with the least squares about given points.

use super::reciprocal::{Minimum, Points, Reciprocal};

/// Residuals below this share of the data are rounding: a fit that leaves less is exact, and no better than another such.
const EXACT: f64 = 1e-10;

/// Which of the coefficients a law has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Law {
    /// α = β = 0.
    Linear,
    /// β = 0.
    Amdahl,
    /// The Universal Scalability Law.
    Usl,
}

impl Law {
    /// Simplest first.
    pub const ALL: [Law; 3] = [Law::Linear, Law::Amdahl, Law::Usl];

    /// Number of fitted coefficients.
    pub fn coefficients(self) -> usize {
        match self {
            Law::Linear => 1,
            Law::Amdahl => 2,
            Law::Usl => 3,
        }
    }
}

/// A law fitted to points of concurrency and throughput.
#[derive(Debug, Clone, PartialEq)]
pub struct LawFit {
    pub law: Law,
    /// Throughput at N = 1, in the unit of throughput.
    pub gamma: f64,
    pub alpha: f64,
    pub beta: f64,
    /// Σ(measured − fitted)².
    pub residual_squares: f64,
    /// By concurrency, then throughput.
    pub n: Vec<f64>,
    pub x: Vec<f64>,
    /// The models of the errors that are likely, for the intervals.
    pub error_models: Vec<ErrorModel>,
}

/// The law fitted under one model of the errors.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorModel {
    /// The reciprocal of each point's relative error.
    pub weights: Vec<f64>,
    pub gamma: f64,
    pub alpha: f64,
    pub beta: f64,
    pub residual_squares: f64,
}

impl LawFit {
    /// Throughput at a concurrency.
    pub fn throughput(&self, n: f64) -> f64 {
        self.gamma * n / (1.0 + self.alpha * (n - 1.0) + self.beta * n * (n - 1.0))
    }

    /// Number of measurements.
    pub fn points(&self) -> usize {
        self.x.len()
    }

    /// Measurements less coefficients.
    pub fn degrees_of_freedom(&self) -> usize {
        self.points().saturating_sub(self.law.coefficients())
    }

    /// Standard deviation about the law, in the unit of throughput; `None` without degrees of freedom.
    pub fn residual_error(&self) -> Option<f64> {
        let freedom = self.degrees_of_freedom();
        (freedom > 0).then(|| (self.residual_squares / freedom as f64).sqrt())
    }

    /// Do the points lie on the law but for rounding? Then they tell nothing of its errors.
    pub fn is_exact(&self) -> bool {
        beyond_rounding(0.0, &self.x, &vec![1.0; self.n.len()]) >= self.residual_squares
    }

    /// Akaike's information criterion, corrected for few points: n·ln(squares/n) + 2k + 2k(k + 1)/(n − k − 1), where k counts
    /// the error's variance, too; smaller is better. `None` unless n > k + 1.
    ///
    /// C. M. Hurvich and C.-L. Tsai, "Regression and time series model selection in small samples", Biometrika 76 (1989).
    pub fn aicc(&self) -> Option<f64> {
        let (n, k) = (self.points() as f64, self.law.coefficients() as f64 + 1.0);
        let rest = n - k - 1.0;
        let squares = beyond_rounding(self.residual_squares, &self.x, &vec![1.0; self.n.len()]);
        (rest > 0.0).then(|| n * (squares / n).ln() + 2.0 * k + 2.0 * k * (k + 1.0) / rest)
    }

    /// Where throughput is highest, N* = √((1 − α)/β); `None` where it grows for ever or, as α = 1, falls from the start.
    pub fn peak(&self) -> Option<f64> {
        let peak = (self.beta > 0.0).then(|| ((1.0 - self.alpha) / self.beta).sqrt());
        peak.filter(|peak| peak.is_finite() && *peak > 0.0)
    }

    /// The highest throughput that the law allows: that of its peak, or γ/α where it levels off; `None` as [`Self::peak`].
    pub fn ceiling(&self) -> Option<f64> {
        match self.peak() {
            Some(peak) => Some(self.throughput(peak)),
            None => (self.alpha > 0.0 && !self.falls_from_the_start()).then(|| self.gamma / self.alpha),
        }
    }

    /// Does every request more in flight cost throughput? So it is where α = 1 and β > 0.
    pub fn falls_from_the_start(&self) -> bool {
        self.beta > 0.0 && self.alpha >= 1.0
    }

    /// The concurrency at which linear growth, γN, would reach the ceiling: the intersection of the asymptotes.
    ///
    /// E. D. Lazowska et al., "Quantitative System Performance" (1984), section 5.2; of Amdahl's law it is 1/α.
    pub fn knee(&self) -> Option<f64> {
        Some(self.ceiling()? / self.gamma)
    }
}

/// The law with the least weighted squares of points that are sorted.
pub fn fit_points(law: Law, n: &[f64], x: &[f64], weights: Vec<f64>) -> Option<ErrorModel> {
    let largest = x.iter().copied().fold(0.0, f64::max);
    let scaled: Vec<f64> = x.iter().map(|x| x / largest).collect();
    let ([s, p, r], squares) = best(law, Points { n, x: &scaled, weights: &weights })?;
    let gamma = largest / (s + p);
    let residual_squares = squares * largest * largest;
    let is_finite = gamma.is_finite() && gamma > 0.0;
    is_finite.then(|| ErrorModel { weights, gamma, alpha: p / (s + p), beta: r / (s + p), residual_squares })
}

/// Squares that are no less than what rounding leaves of these weighted values.
pub fn beyond_rounding(squares: f64, x: &[f64], weights: &[f64]) -> f64 {
    let total: f64 = x.iter().zip(weights).map(|(x, weight)| (x * weight).powi(2)).sum();
    squares.max(EXACT * EXACT * total)
}

/// s, p and r of the best fit, and the squares that it leaves.
pub fn best(law: Law, points: Points<'_>) -> Option<([f64; 3], f64)> {
    match law {
        Law::Linear => {
            let Minimum { coefficients: [s], residual_squares } =
                Reciprocal::<1>::new(points, column).minimise()?;
            Some(([s, 0.0, 0.0], residual_squares))
        }
        Law::Amdahl => {
            let Minimum { coefficients: [s, p], residual_squares } =
                Reciprocal::<2>::new(points, column).minimise()?;
            Some(([s, p, 0.0], residual_squares))
        }
        Law::Usl => {
            let minimum = Reciprocal::<3>::new(points, column).minimise()?;
            Some((minimum.coefficients, minimum.residual_squares))
        }
    }
}

/// What s, p and r are multiplied with.
fn column(index: usize, n: f64) -> f64 {
    [1.0, n, n * (n - 1.0)][index]
}
