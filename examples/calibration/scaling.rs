//! Intervals of the laws of scalability and of the capacity: how often they hold the truth.

use cmo_metrics::config::Config;
use cmo_metrics::judge::{CapacityBound, LoadPoint, TargetOutcome, judge_scalability};
use cmo_metrics::stats::scalability::{Law, fit_law};
use cmo_metrics::summary::Measured;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};
use rayon::prelude::*;

use crate::share::share;

const CONFIDENCE: f64 = 0.95;

pub(crate) fn print(count: usize) {
    println!("{count} data sets a row, intervals at 95 %\n");
    laws(count);
    println!();
    capacities(count);
}

fn share_of(hits: usize, all: usize) -> String {
    share(hits as u64, all as u64)
}

fn curve(n: f64, (gamma, alpha, beta): (f64, f64, f64)) -> f64 {
    gamma * n / (1.0 + alpha * (n - 1.0) + beta * n * (n - 1.0))
}

fn laws(count: usize) {
    println!(
        "| α | β | levels | noise | α held | β held | N* held | β's interval excludes 0 | AICc alone chooses USL |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for (alpha, beta) in [(0.03, 1e-4), (0.05, 0.0), (0.0, 5e-5), (0.0, 0.0)] {
        for (levels, noise, is_relative) in [(10, 0.02, false), (6, 0.02, false), (10, 0.05, true)] {
            let rows: Vec<[bool; 5]> = (0..count as u64)
                .into_par_iter()
                .map(|seed| law(alpha, beta, levels, noise, is_relative, seed))
                .collect();
            let held = |index: usize| share_of(rows.iter().filter(|row| row[index]).count(), rows.len());
            let kind = if is_relative { "of each value" } else { "of the largest" };
            let peak = if beta > 0.0 { held(2) } else { "–".to_owned() };
            println!(
                "| {alpha} | {beta} | {levels} | {} % {kind} | {} | {} | {peak} | {} | {} |",
                noise * 100.0,
                held(0),
                held(1),
                held(3),
                held(4)
            );
        }
    }
}

fn law(alpha: f64, beta: f64, levels: usize, noise: f64, is_relative: bool, seed: u64) -> [bool; 5] {
    let n: Vec<f64> = (0..levels).map(|level| 200f64.powf(level as f64 / (levels - 1) as f64)).collect();
    let truth: Vec<f64> = n.iter().map(|n| curve(*n, (100.0, alpha, beta))).collect();
    let largest = truth.iter().copied().fold(0.0, f64::max);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let error = Normal::new(0.0, noise).unwrap();
    let size = |x: f64| if is_relative { x } else { largest };
    let x: Vec<f64> = truth.iter().map(|x| (x + size(*x) * error.sample(&mut random)).max(0.0)).collect();
    let fits = Law::ALL.map(|law| fit_law(law, &n, &x).unwrap());
    let usl = &fits[2];
    let of_beta = usl.beta_interval(CONFIDENCE);
    let peak = (beta > 0.0).then(|| ((1.0 - alpha) / beta).sqrt());
    let aicc = fits.each_ref().map(|fit| fit.aicc().unwrap_or(f64::INFINITY));
    [
        usl.alpha_interval(CONFIDENCE).is_none_or(|found| found.contains(alpha)),
        of_beta.is_none_or(|found| found.contains(beta)),
        peak.is_none_or(|peak| usl.peak_interval(CONFIDENCE).is_none_or(|found| found.contains(peak))),
        of_beta.is_some_and(|found| found.low > 0.0),
        aicc[2] < aicc[0] && aicc[2] < aicc[1],
    ]
}

/// P95 over users, ms: what a service does on its way into saturation.
type RunTimeline = (&'static str, fn(f64) -> f64);

const COURSES: [RunTimeline; 4] = [
    ("exponential", |users| 300.0 * (users / 60.0).exp()),
    ("hockey stick", |users| 500.0 + 40.0 * (users - 90.0).max(0.0)),
    ("power", |users| 400.0 * (1.0 + (users / 80.0).powi(3))),
    ("cut off at 30 s", |users| (400.0 / (1.0 - users / 120.0).max(0.013)).min(30_000.0)),
];

fn capacities(count: usize) {
    println!("| P95 over users | levels | truth | estimate, mean | interval, mean | held |");
    println!("|---|---|---|---|---|---|");
    for (name, timeline) in COURSES {
        for users in [&[10, 25, 50, 75, 100, 150, 200][..], &[20, 60, 100, 140], &[50, 200]] {
            let truth =
                (1..4_000).map(|tenth| f64::from(tenth) / 10.0).find(|users| timeline(*users) >= 2_000.0);
            let truth = truth.unwrap();
            let found: Vec<(f64, f64, f64)> = (0..count as u64)
                .into_par_iter()
                .filter_map(|seed| capacity(users, timeline, seed))
                .collect();
            let mean =
                |of: fn(&(f64, f64, f64)) -> f64| found.iter().map(of).sum::<f64>() / found.len() as f64;
            // Whole users: the truth is in the interval when its whole part is.
            let held = found.iter().filter(|(_, low, high)| *low <= truth && truth.floor() <= *high).count();
            println!(
                "| {name} | {users:?} | {truth:.1} | {:.1} | {:.0}–{:.0} | {} |",
                mean(|found| found.0),
                mean(|found| found.1),
                mean(|found| found.2),
                share_of(held, found.len())
            );
        }
    }
}

fn capacity(users: &[u32], timeline: fn(f64) -> f64, seed: u64) -> Option<(f64, f64, f64)> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    // 4 % inside a run, which it tells, and 3 % from run to run, which is assumed.
    let error = Normal::new(0.0, 0.05).unwrap();
    let points: Vec<LoadPoint> = users
        .iter()
        .map(|users| point(*users, timeline(f64::from(*users)) * f64::exp(error.sample(&mut random))))
        .collect();
    let found = judge_scalability(&points, &Config::defaults());
    assert_ne!(found.linear_scaling.outcome, TargetOutcome::Fail, "throughput is linear here");
    let capacity = found.capacity.value().filter(|capacity| capacity.bound == CapacityBound::Between)?;
    let ends = (capacity.low.value().copied(), capacity.high.value().copied());
    let (least, most) = (0.0, f64::from(*users.last().unwrap()));
    Some((capacity.load.0, ends.0.map_or(least, |low| low.0), ends.1.map_or(most, |high| high.0)))
}

fn point(users: u32, p95_ms: f64) -> LoadPoint {
    let unknown = || Measured::undefined("not simulated");
    LoadPoint {
        run_id: format!("load_{users}"),
        users: Measured::Value(users),
        target_rate_per_s: Measured::undefined("closed loop"),
        offered_per_s: Measured::undefined("closed loop"),
        duration_s: Measured::Value(240.0),
        load_model: Some("closed".to_owned()),
        ok_per_s: Measured::Value(f64::from(users)),
        finished_per_s: Measured::Value(f64::from(users)),
        in_flight: unknown(),
        mean_ms: unknown(),
        p95_ms: Measured::Value(p95_ms),
        success_rate: Measured::Value(1.0),
        measured_think_time_ms: unknown(),
        configured_think_time_ms: unknown(),
        memory_growth_mb: unknown(),
        memory_growth_mb_per_100_users: unknown(),
        throughput_log_error: Measured::Value(0.02),
        p95_log_error: Measured::Value(0.04),
        success_effective: Measured::Value(2_000.0),
    }
}
