//! Compared runs made by hand, for the tests.

use super::ComparedRun;
use crate::analysis::Analysis;
use crate::config::Config;
use crate::summary::{Measured, fixture};

/// A run of the closed scenario `steady` with this many users.
pub(crate) fn run(run_id: &str, users: u32) -> ComparedRun {
    let mut summary = fixture::run_summary();
    summary.identity.run_id = run_id.to_owned();
    let metadata = &mut summary.identity.metadata;
    metadata.users = Some(users);
    metadata.scenario = Some("steady".to_owned());
    metadata.load_model = Some("closed".to_owned());
    let analysis = Analysis::of_whole(summary, &Config::defaults()).unwrap();
    ComparedRun::of(&analysis)
}

/// … with this score of its grade, P95 (ms) and success.
pub(crate) fn graded(run_id: &str, score: u32, p95_ms: f64, success_rate: f64) -> ComparedRun {
    let mut run = run(run_id, 25);
    if let Measured::Value(grade) = &mut run.grade {
        (grade.score, grade.p95_ms, grade.success_rate) = (score, Measured::Value(p95_ms), success_rate);
    }
    run
}

/// … with this mean (ms; the P95 is three times as long) and success.
pub(crate) fn measured(run_id: &str, users: u32, mean_ms: f64, success_rate: f64) -> ComparedRun {
    ComparedRun {
        mean_ms: Measured::Value(mean_ms),
        p95_ms: Measured::Value(3.0 * mean_ms),
        success_rate: Measured::Value(success_rate),
        ..run(run_id, users)
    }
}
