//! The laws against published coefficients and known truths.

use super::*;

/// R's `usl` package, data set specsdm91: SPEC SDM benchmark on a Sun SPARCcenter 2000, 1991.
pub(super) const SPECSDM91: [(f64, f64); 7] = [
    (1.0, 64.9),
    (18.0, 995.9),
    (36.0, 1652.4),
    (72.0, 1853.2),
    (108.0, 1828.9),
    (144.0, 1775.0),
    (216.0, 1702.2),
];

/// The same package, data set raytracer: Gunther, "Guerrilla Capacity Planning", table 5.1.
const RAYTRACER: [(f64, f64); 11] = [
    (1.0, 20.0),
    (4.0, 78.0),
    (8.0, 130.0),
    (12.0, 170.0),
    (16.0, 190.0),
    (20.0, 200.0),
    (24.0, 210.0),
    (28.0, 230.0),
    (32.0, 260.0),
    (48.0, 280.0),
    (64.0, 310.0),
];

pub(super) fn fit(law: Law, points: &[(f64, f64)]) -> LawFit {
    let (n, x): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
    fit_law(law, &n, &x).unwrap()
}

#[test]
fn published_coefficients_are_reproduced() {
    let usl = fit(Law::Usl, &SPECSDM91);
    println!("{usl:?} {:?} {:?} {:?} {:?}", usl.aicc(), usl.peak(), usl.knee(), usl.ceiling());
    let started = std::time::Instant::now();
    println!(
        "alpha {:?} beta {:?} gamma {:?}",
        usl.alpha_interval(0.95),
        usl.beta_interval(0.95),
        usl.gamma_interval(0.95)
    );
    println!("{:?}", started.elapsed());
    println!(
        "peak {:?} {:?} knee {:?}",
        usl.peak_interval(0.95),
        usl.peak_throughput_interval(0.95),
        usl.knee_interval(0.95)
    );
    println!("{:?}", started.elapsed());
    let usl = fit(Law::Usl, &RAYTRACER);
    println!("{usl:?} {:?} {:?} {:?} {:?}", usl.aicc(), usl.peak(), usl.knee(), usl.ceiling());
    println!(
        "alpha {:?} beta {:?} gamma {:?}",
        usl.alpha_interval(0.95),
        usl.beta_interval(0.95),
        usl.gamma_interval(0.95)
    );
    println!(
        "peak {:?} {:?} knee {:?}",
        usl.peak_interval(0.95),
        usl.peak_throughput_interval(0.95),
        usl.knee_interval(0.95)
    );
}
