//! How throughput grows with concurrency: the Universal Scalability Law and its special cases, by least squares.
//!
//! X(N) = γN / (1 + α(N − 1) + βN(N − 1)) with γ > 0, 0 ≤ α ≤ 1, β ≥ 0: α is the share of the work that is done one at a
//! time (contention), β the cost of keeping each two of N consistent (coherence). N. J. Gunther, "Guerrilla Capacity Planning"
//! (2007), ch. 4–6. Fitted in the form N/X = s + pN + rN(N − 1), γ = 1/(s + p), α = p/(s + p), β = r/(s + p), whose bounds
//! are s, p, r ≥ 0.

mod boxed;
mod law;
mod profile;
mod reciprocal;

use law::{ErrorModel, fit_points};

pub use law::{Law, LawFit};

/// Fits throughput `x` over concurrency `n`, one value each per measurement; their order does not matter.
///
/// `None` where the lengths differ, a value is negative or not finite, fewer different n > 0 than coefficients are there, nothing
/// got through, or throughput falls so fast that no finite γ describes it.
pub fn fit_law(law: Law, n: &[f64], x: &[f64]) -> Option<LawFit> {
    let is_usable = n.len() == x.len() && n.iter().chain(x).all(|value| value.is_finite() && *value >= 0.0);
    if !is_usable || different(n) < law.coefficients() {
        return None;
    }
    let mut points: Vec<(f64, f64)> = n.iter().copied().zip(x.iter().copied()).collect();
    points.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
    let (n, x): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
    let ErrorModel { weights, gamma, alpha, beta, residual_squares } =
        fit_points(law, &n, &x, vec![1.0; n.len()])?;
    let mut fit = LawFit { law, gamma, alpha, beta, residual_squares, n, x, error_models: Vec::new() };
    fit.error_models =
        profile::likely_models(&fit, ErrorModel { weights, gamma, alpha, beta, residual_squares });
    Some(fit)
}

fn different(n: &[f64]) -> usize {
    let mut sorted: Vec<f64> = n.iter().copied().filter(|n| *n > 0.0).collect();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    sorted.len()
}

#[cfg(test)]
mod tests;
