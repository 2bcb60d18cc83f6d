//! Which law throughput follows over measured concurrency, and what follows from it.

use super::LoadPoint;
use super::levels::Level;
use crate::config::ScalabilitySettings;
use crate::judge::verdicts::{Knee, LoadLevel, Peak, ScalingFit, ScalingModels, ScalingResidual};
use crate::stats::moments::variance;
use crate::stats::scalability::{Law, LawFit, fit_law};
use crate::summary::Measured;
use crate::units::{ChangeUnit, percent};

/// The laws as fitted, simplest first, and the best of them.
pub struct Fitted<'a> {
    points: Vec<Point<'a>>,
    fits: Vec<LawFit>,
    best: Law,
    because: String,
    /// Why the best is no law of these runs.
    poor: Option<String>,
}

struct Point<'a> {
    run_id: &'a str,
    in_flight: f64,
    ok_per_s: f64,
}

pub fn law_word(law: Law) -> &'static str {
    match law {
        Law::Linear => "linear",
        Law::Amdahl => "amdahl",
        Law::Usl => "usl",
    }
}

/// Fits every law to the runs that have a concurrency and a throughput.
pub fn fit<'a>(
    grouped: &[Level<'a>],
    levels: &[LoadLevel],
    settings: &ScalabilitySettings,
) -> Measured<Fitted<'a>> {
    let usable = |point: &&'a LoadPoint| {
        let in_flight = point.in_flight.number().filter(|n| n.is_finite() && *n > 0.0)?;
        let ok_per_s = point.ok_per_s.number().filter(|x| x.is_finite() && *x >= 0.0)?;
        Some(Point { run_id: &point.run_id, in_flight, ok_per_s })
    };
    let by_level: Vec<Vec<Point<'a>>> =
        grouped.iter().map(|(_, runs)| runs.iter().filter_map(usable).collect()).collect();
    let found = by_level.iter().filter(|points| !points.is_empty()).count() as u64;
    if found < settings.min_levels {
        return Measured::undefined(format!(
            "load levels with concurrency and throughput: {found}, at least {} needed",
            settings.min_levels
        ));
    }
    let mut points: Vec<Point<'a>> = by_level.into_iter().flatten().collect();
    points.sort_by(|a, b| a.in_flight.total_cmp(&b.in_flight).then_with(|| a.run_id.cmp(b.run_id)));
    let (n, x): (Vec<f64>, Vec<f64>) = points.iter().map(|point| (point.in_flight, point.ok_per_s)).unzip();
    let fits: Option<Vec<LawFit>> = Law::ALL.into_iter().map(|law| fit_law(law, &n, &x)).collect();
    Measured::or(fits, "no law fits: nothing got through, or throughput falls from the first level on").map(
        |fits| {
            let is_overloaded = levels.iter().any(|level| level.is_overloaded.value() == Some(&true));
            // A service that is full does not grow linearly, however few levels tell.
            let candidates = if is_overloaded { &fits[1..] } else { &fits[..] };
            let (best, because) = choose(candidates, settings);
            let poor =
                fits.iter().find(|fit| fit.law == best).and_then(|fit| poor_fit(fit, levels, settings));
            Fitted { points, fits, best, because, poor }
        },
    )
}

/// Why a law does not describe the levels: one of them is too far off it.
fn poor_fit(fit: &LawFit, levels: &[LoadLevel], settings: &ScalabilitySettings) -> Option<String> {
    let off = levels.iter().filter_map(|level| {
        let (in_flight, ok_per_s) = (level.in_flight.number()?, level.ok_per_s.number()?);
        let residual = ok_per_s / fit.throughput(in_flight) - 1.0;
        Some((if residual.is_nan() { f64::INFINITY } else { residual }, level))
    });
    let (residual, level) = off.max_by(|a, b| a.0.abs().total_cmp(&b.0.abs()))?;
    let limit = settings.max_relative_residual;
    (residual.abs() > limit).then(|| {
        format!(
            "poor fit: the best, {}, is off by {} at {}, limit ±{}",
            law_name(fit.law),
            ChangeUnit::Relative.print(residual),
            level.run_ids.join(", "),
            percent(limit * 100.0)
        )
    })
}

fn law_name(law: Law) -> &'static str {
    match law {
        Law::Linear => "growth in proportion",
        Law::Amdahl => "Amdahl's law",
        Law::Usl => "the Universal Scalability Law",
    }
}

/// The law with the least AICc, the simpler one where two are alike; but a law whose last coefficient differs from 0 beyond
/// doubt is not given up. AICc's correction for few points would do so: of six points it asks for a hundredfold better fit.
fn choose(fits: &[LawFit], settings: &ScalabilitySettings) -> (Law, String) {
    let simplest = fits.first().map_or(Law::Linear, |fit| fit.law);
    let shown = fits.iter().rev().find(|fit| is_shown(fit, settings)).map_or(simplest, |fit| fit.law);
    let points = fits.first().map_or(0, LawFit::points);
    let criteria: Option<Vec<f64>> = fits.iter().map(LawFit::aicc).collect();
    let Some(criteria) = criteria else {
        return (
            shown,
            format!("{points} points are too few for AICc: the last law whose coefficient excludes 0"),
        );
    };
    let best = (0..fits.len())
        .min_by(|a, b| criteria[*a].total_cmp(&criteria[*b]).then(a.cmp(b)))
        .unwrap_or_default();
    let others = (0..fits.len()).filter(|index| *index != best);
    let beside: Vec<String> = others
        .map(|index| format!("{} {:.1} above", law_word(fits[index].law), criteria[index] - criteria[best]))
        .collect();
    let text = format!("least AICc of {points} points: {}, {}", law_word(fits[best].law), beside.join(", "));
    if shown > fits[best].law {
        return (shown, format!("{text}; but the last coefficient of {} excludes 0", law_word(shown)));
    }
    (fits[best].law, text)
}

/// Does the interval of the law's last coefficient exclude 0?
fn is_shown(fit: &LawFit, settings: &ScalabilitySettings) -> bool {
    let interval = match fit.law {
        Law::Linear => return true,
        Law::Amdahl => fit.alpha_interval(settings.confidence),
        Law::Usl => fit.beta_interval(settings.confidence),
    };
    interval.is_some_and(|interval| interval.low > 0.0)
}

impl Fitted<'_> {
    /// The best law, where it describes the runs well enough.
    fn chosen(&self) -> Option<&LawFit> {
        self.of(self.best).filter(|_| self.poor.is_none())
    }

    fn of(&self, law: Law) -> Option<&LawFit> {
        self.fits.iter().find(|fit| fit.law == law)
    }

    fn largest_in_flight(&self) -> f64 {
        self.points.last().map_or(0.0, |point| point.in_flight)
    }

    pub fn models(&self, levels: u64, settings: &ScalabilitySettings) -> ScalingModels {
        let least = self.fits.iter().filter_map(LawFit::aicc).min_by(f64::total_cmp);
        ScalingModels {
            chosen: match &self.poor {
                None => Measured::Value(law_word(self.best).to_owned()),
                Some(poor) => Measured::undefined(poor.clone()),
            },
            best: law_word(self.best).to_owned(),
            because: self.because.clone(),
            points: self.points.len() as u64,
            levels,
            fits: self.fits.iter().map(|fit| self.describe(fit, least, settings)).collect(),
        }
    }

    fn describe(&self, fit: &LawFit, least: Option<f64>, settings: &ScalabilitySettings) -> ScalingFit {
        let confidence = settings.confidence;
        let aicc = Measured::or(fit.aicc(), "too few points for this many coefficients");
        let x: Vec<f64> = self.points.iter().map(|point| point.ok_per_s).collect();
        let about_mean = variance(&x).map(|variance| variance * (x.len() - 1) as f64);
        let own = |is_there: bool, value: f64| Measured::or(is_there.then_some(value), NO_COEFFICIENT);
        let interval = |is_there: bool, interval| {
            if is_there {
                Measured::or(interval, without_interval(fit))
            } else {
                Measured::undefined(NO_COEFFICIENT)
            }
        };
        let (has_alpha, has_beta) = (fit.law >= Law::Amdahl, fit.law == Law::Usl);
        ScalingFit {
            model: law_word(fit.law).to_owned(),
            gamma_per_s: fit.gamma,
            gamma_interval: interval(true, fit.gamma_interval(confidence)),
            alpha: own(has_alpha, fit.alpha),
            alpha_interval: interval(has_alpha, fit.alpha_interval(confidence)),
            beta: own(has_beta, fit.beta),
            beta_interval: interval(has_beta, fit.beta_interval(confidence)),
            aicc_above_best: aicc
                .clone()
                .and_then(|aicc| Measured::or(least, "no AICc").map(|least| aicc - least)),
            aicc,
            residual_error_per_s: Measured::or(fit.residual_error(), "as many coefficients as points"),
            r_squared: Measured::or(about_mean, "one point").and_then(|total| {
                Measured::ratio(fit.residual_squares, total, "throughput does not vary")
                    .map(|share| 1.0 - share)
            }),
            residuals: self.points.iter().map(|point| residual(point, fit)).collect(),
        }
    }

    /// Puts the best law beside each level, well as it may fit or not.
    pub fn compare(&self, levels: &mut [LoadLevel]) {
        let Some(fit) = self.of(self.best) else { return };
        for level in levels {
            let fitted = level.in_flight.clone().map(|in_flight| fit.throughput(in_flight));
            level.residual_per_s =
                level.ok_per_s.clone().and_then(|measured| fitted.clone().map(|fitted| measured - fitted));
            level.relative_residual = level.residual_per_s.clone().and_then(|residual| {
                fitted.and_then(|fitted| Measured::ratio(residual, fitted, "fitted as 0"))
            });
        }
    }

    /// Within what was measured: an intersection of asymptotes beyond it would be an extrapolation.
    pub fn knee(&self, levels: &[LoadLevel], settings: &ScalabilitySettings) -> Measured<Knee> {
        let largest = self.largest_in_flight();
        if let Some(poor) = &self.poor {
            return Measured::undefined(poor.clone());
        }
        if self.chosen().is_some_and(LawFit::falls_from_the_start) {
            return Measured::undefined("throughput falls from the first level on: no knee");
        }
        let Some((fit, (knee, ceiling))) =
            self.chosen().and_then(|fit| Some((fit, fit.knee().zip(fit.ceiling())?)))
        else {
            return Measured::undefined("throughput grows linearly: no knee within what was measured");
        };
        if knee > largest {
            return Measured::undefined(format!(
                "it would lie at {knee:.1} requests in flight, beyond the {largest:.1} that were measured"
            ));
        }
        Measured::Value(Knee {
            in_flight: knee,
            interval: Measured::or(fit.knee_interval(settings.confidence), without_interval(fit)),
            ceiling_per_s: ceiling,
            load: load_at(knee, levels),
        })
    }

    /// Quoted only where the data leave no doubt that there is one, and near what was measured.
    pub fn peak(&self, levels: &[LoadLevel], settings: &ScalabilitySettings) -> Measured<Peak> {
        if let Some(poor) = &self.poor {
            return Measured::undefined(poor.clone());
        }
        let found = levels.iter().filter(|level| level.in_flight.value().is_some()).count() as u64;
        if found < settings.min_levels_for_peak {
            let least = settings.min_levels_for_peak;
            return Measured::undefined(format!(
                "load levels: {found}, at least {least} needed to quote a peak"
            ));
        }
        let confidence = settings.confidence;
        let Some(fit) = self.of(Law::Usl).filter(|_| self.best == Law::Usl) else {
            let law = if self.best == Law::Linear { "linear growth" } else { "Amdahl's law" };
            return Measured::undefined(format!("{law} describes the runs best, and it has no peak"));
        };
        // Points that lie on the law leave no doubt, and no interval.
        if !fit.is_exact() && !is_shown(fit, settings) {
            return Measured::undefined("β is not shown to differ from 0: throughput may as well level off");
        }
        let Some(peak) = fit.peak() else { return Measured::undefined("β is 0: no peak") };
        let (largest, within) = (self.largest_in_flight(), settings.peak_within);
        if peak > within * largest {
            return Measured::undefined(format!(
                "it would lie at {peak:.1} requests in flight, beyond {within} times the {largest:.1} that were measured"
            ));
        }
        Measured::Value(Peak {
            in_flight: peak,
            interval: Measured::or(fit.peak_interval(confidence), without_interval(fit)),
            ok_per_s: fit.throughput(peak),
            ok_per_s_interval: Measured::or(fit.peak_throughput_interval(confidence), without_interval(fit)),
            load: load_at(peak, levels),
        })
    }
}

fn without_interval(fit: &LawFit) -> &'static str {
    match (fit.degrees_of_freedom(), fit.is_exact()) {
        (0, _) => "as many coefficients as points",
        (_, true) => "the points lie on the law: no noise to estimate",
        _ => "the data set no upper limit",
    }
}

const NO_COEFFICIENT: &str = "this law has no such coefficient";

fn residual(point: &Point<'_>, fit: &LawFit) -> ScalingResidual {
    let fitted = fit.throughput(point.in_flight);
    ScalingResidual {
        run_id: point.run_id.to_owned(),
        in_flight: point.in_flight,
        ok_per_s: point.ok_per_s,
        fitted_per_s: fitted,
        residual_per_s: point.ok_per_s - fitted,
    }
}

/// The load that brings about a concurrency, on the straight line between the two levels beside it.
fn load_at(in_flight: f64, levels: &[LoadLevel]) -> Measured<f64> {
    let known: Vec<(f64, f64)> =
        levels.iter().filter_map(|level| Some((level.load.0, level.in_flight.number()?))).collect();
    let beside = known
        .windows(2)
        .find(|pair| pair[0].1 <= in_flight && in_flight <= pair[1].1 && pair[0].1 < pair[1].1);
    let load = beside.map(|pair| {
        let share = (in_flight - pair[0].1) / (pair[1].1 - pair[0].1);
        pair[0].0 + share * (pair[1].0 - pair[0].0)
    });
    Measured::or(load, "no two levels lie on both sides of it")
}
