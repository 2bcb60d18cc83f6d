//! The judged window of loads whose truth is known, a few of each kind: the figures of many stand in docs/METHODOLOGY.md.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::panic,
    dead_code,
    unreachable_pub,
    reason = "a test stops at what it did not expect, and uses a part of the calibration"
)]

#[path = "../examples/calibration/loads.rs"]
mod loads;
#[path = "../examples/calibration/series.rs"]
mod series;
#[path = "../examples/calibration/share.rs"]
mod share;
#[path = "../examples/calibration/window.rs"]
mod window;

use std::env;
use std::path::{Path, PathBuf};

use cmo_metrics::judge::SteadyWord;
use loads::Load;
use window::{OFF, Outcome, Summary, judge};

/// Every `step`th of the loads, so that each kind has its share.
fn some(loads: Vec<Load>, step: usize) -> Vec<Outcome> {
    judge(&loads.into_iter().step_by(step).collect::<Vec<_>>())
}

fn names(outcomes: &[Outcome], is: impl Fn(&Outcome) -> bool) -> Vec<&str> {
    outcomes.iter().filter(|outcome| is(outcome)).map(|outcome| outcome.name.as_str()).collect()
}

#[test]
fn a_load_without_a_transient_loses_little_and_is_seldom_called_not_steady() {
    let outcomes = some(loads::without_transient(&[60, 120], 1), 2);
    let found = Summary(&outcomes);
    assert!(found.lose(0.1) <= 2, "{:?}", names(&outcomes, |found| found.cut_share > 0.1));
    assert!(found.said(SteadyWord::NotSteady) <= 4, "{}", found.said(SteadyWord::NotSteady));
}

#[test]
fn a_transient_is_cut_and_what_is_left_is_the_steady_run() {
    let outcomes = some(loads::with_transient(&[120, 300], 1), 3);
    let found = Summary(&outcomes);
    assert!(
        found.mean_off() <= 1,
        "{:?}",
        names(&outcomes, |found| found.off.is_some_and(|off| off.0 > OFF))
    );
    assert!(found.said(SteadyWord::Steady) * 10 >= outcomes.len() as u64 * 8);
}

#[test]
fn no_event_is_cut_into() {
    let outcomes = some(loads::with_event(&[120], 1), 4);
    assert!(
        Summary(&outcomes).count(|found| found.cuts_event) <= 1,
        "{:?}",
        names(&outcomes, |found| found.cuts_event)
    );
}

#[test]
fn a_load_that_drifts_loses_nothing_and_is_not_called_steady() {
    let outcomes = some(loads::drifting(&[120, 300], 1), 1);
    assert!(Summary(&outcomes).mean_cut() < 0.03, "{}", Summary(&outcomes).mean_cut());
    assert_eq!(Summary(&outcomes).said(SteadyWord::Steady), 0);
}

#[test]
fn an_overloaded_server_is_never_called_steady() {
    let outcomes = some(loads::overloaded(&[60, 120], 1), 1);
    assert_eq!(names(&outcomes, |found| found.word == SteadyWord::Steady), Vec::<&str>::new());
}

/// The file that `CMO_WARMUP_SERIES` names, or the one that stands beside the project; none where there is none.
fn labelled() -> Option<PathBuf> {
    let named = env::var_os("CMO_WARMUP_SERIES").map(PathBuf::from);
    let is_named = named.is_some();
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases/warmup/series.parquet");
    let file = named.unwrap_or_else(beside);
    if file.is_file() {
        return Some(file);
    }
    assert!(!is_named, "CMO_WARMUP_SERIES names {}, which is not a file", file.display());
    println!("skipped: no labelled series at {}", file.display());
    None
}

#[test]
fn of_labelled_warm_up_series_few_are_off_and_hardly_one_of_them_is_trusted() {
    let Some(file) = labelled() else { return };
    let outcomes = some(series::read(&file), 1);
    let found = Summary(&outcomes);
    let of = outcomes.len() as f64;
    let is_off = |found: &Outcome| found.off.is_some_and(|(mean, _)| mean > OFF);
    let is_steady = |found: &Outcome| found.word == SteadyWord::Steady;
    assert!(found.mean_off() as f64 <= 0.034 * of, "{:?}", names(&outcomes, is_off));
    assert!(found.count(|found| is_off(found) && is_steady(found)) <= 1);
    assert!(found.worst_trusted() <= 0.07, "{}", found.worst_trusted());
    let fine = found.count(|found| found.off.is_some() && !is_off(found)) as f64;
    let trusted = found.count(|found| found.off.is_some() && !is_off(found) && is_steady(found)) as f64;
    let unsteady = found
        .count(|found| found.off.is_some() && !is_off(found) && found.word == SteadyWord::NotSteady)
        as f64;
    assert!(trusted >= 0.75 * fine && unsteady <= 0.05 * fine, "{trusted} and {unsteady} of {fine}");
}
