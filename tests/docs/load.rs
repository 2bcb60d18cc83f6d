//! Runs of one build at different loads, for the worked examples of what many runs say together.

use cmo_metrics::config::Config;
use cmo_metrics::judge::{LoadPoint, RunNumbers, Scalability, judge_scalability, relate_runs};
use cmo_metrics::stats::scalability::{Law, fit_law};
use cmo_metrics::summary::Measured;

const USERS: [u32; 7] = [10, 25, 50, 75, 100, 150, 200];

/// Closed-loop users; a P95 of 300 ms that grows e-fold every 60 users, and success that falls by 2 points every 100 users.
fn point(users: u32) -> LoadPoint {
    let many = f64::from(users);
    let in_flight = 0.4 * many;
    let ok_per_s = 5.0 * in_flight / (1.0 + 0.02 * (in_flight - 1.0) + 4e-4 * in_flight * (in_flight - 1.0));
    LoadPoint {
        run_id: format!("load_{users}"),
        users: Measured::Value(users),
        target_rate_per_s: Measured::undefined("the metadata names no target rate"),
        load_model: Some("closed".into()),
        ok_per_s: Measured::Value(ok_per_s * (0.99 + 0.01 * f64::from(users % 3))),
        offered_per_s: Measured::Value(ok_per_s),
        finished_per_s: Measured::Value(ok_per_s),
        duration_s: Measured::Value(240.0),
        in_flight: Measured::Value(in_flight),
        mean_ms: Measured::Value(in_flight / ok_per_s * 1000.0),
        p95_ms: Measured::Value(300.0 * (many / 60.0).exp()),
        success_rate: Measured::Value(1.0 - many / 5_000.0),
        // All users are at work, thinking while they do not wait.
        measured_think_time_ms: Measured::Value((many - in_flight) / ok_per_s * 1000.0),
        configured_think_time_ms: Measured::undefined("the metadata names no think time"),
        memory_growth_mb: Measured::Value(5.0 + 0.1 * many),
        memory_growth_mb_per_100_users: Measured::Value(10.0 + 500.0 / many),
        throughput_log_error: Measured::Value(0.02),
        p95_log_error: Measured::Value(0.03),
        success_effective: Measured::Value(2_000.0),
    }
}

fn judged() -> Scalability {
    judge_scalability(&USERS.map(point), &Config::defaults())
}

/// The SPEC SDM benchmark of 1991, which R's package `usl` has as specsdm91.
pub(crate) fn law() -> String {
    let n = [1.0, 18.0, 36.0, 72.0, 108.0, 144.0, 216.0];
    let x = [64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2];
    let usl = fit_law(Law::Usl, &n, &x).unwrap();
    let (alpha, beta) = (usl.alpha_interval(0.95).unwrap(), usl.beta_interval(0.95).unwrap());
    let peak = usl.peak_interval(0.95).unwrap();
    format!(
        "*Example:* the SPEC SDM benchmark of 1991 (64.9, 995.9, 1,652.4, 1,853.2, 1,828.9, 1,775.0 and 1,702.2 scripts an hour of\n\
         1, 18, 36, 72, 108, 144 and 216 generators): γ {:.4}, α {:.7} ({:.4} … {:.4}), β {:.7} ({:.7} … {:.7}), peak at\n\
         {:.2} ({:.1} … {:.1}), knee at {:.1}.",
        usl.gamma,
        usl.alpha,
        alpha.low,
        alpha.high,
        usl.beta,
        beta.low,
        beta.high,
        usl.peak().unwrap(),
        peak.low,
        peak.high,
        usl.knee().unwrap()
    )
}

const LADDER: &str = "runs of 10, 25, 50, 75, 100, 150 and 200 users; the P95 is 300 ms and grows e-fold every 60 users, success\n\
                      falls by 2 points every 100 users";

pub(crate) fn capacity() -> String {
    let found = judged();
    let next = found.next_level.value().unwrap();
    format!(
        "*Example:* {LADDER}. The P95 passes 2,000 ms at 113.8 users. {} Next: {}, since {}.",
        found.capacity_sentence,
        found.axis.print(next.load),
        next.reason
    )
}

pub(crate) fn scaling() -> String {
    let found = judged();
    let check = &found.littles_law[2];
    format!(
        "*Example:* the same runs. {}\n\nOf the run with 50 users {}. Linear up to {} users: {:?}, {}. Memory: {:?}, {}.",
        found.scaling_sentence,
        check.because,
        found.linear_scaling.up_to_users,
        found.linear_scaling.outcome,
        found.linear_scaling.because,
        found.memory_scaling.outcome,
        found.memory_scaling.because
    )
}

pub(crate) fn across() -> String {
    let runs = USERS.map(|users| {
        let point = point(users);
        RunNumbers {
            run_id: point.run_id.clone(),
            users: Some(users),
            metrics: vec![
                ("request/p95_ms".into(), point.p95_ms.number()),
                ("request/success_rate".into(), point.success_rate.number()),
                ("request/throughput_per_s".into(), point.ok_per_s.number()),
            ],
            shares: vec![
                ("lightrag".into(), 0.4 + 0.0015 * f64::from(users) + 0.01 * f64::from(users % 3)),
                ("unattributed".into(), 0.6 - 0.0015 * f64::from(users) - 0.01 * f64::from(users % 3)),
            ],
        }
    });
    let found = relate_runs(&runs, &Config::defaults());
    format!("*Example:* the same runs. {} {}", found.pairs_sentence, found.shares_sentence)
}
