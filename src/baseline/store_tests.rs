//! A name is taken once, what was there before is never lost, and nothing is half-written, also by many at once.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::baseline::HISTORY;
use crate::baseline::fixture::{baseline, record};

/// A baseline that is told from others by its P95.
fn nightly(p95_ms: f64) -> Baseline {
    baseline("nightly", vec![record("a", 25, p95_ms)])
}

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path().join("baselines"));
    (folder, store)
}

fn p95_of(path: &Path) -> u64 {
    let bytes = fs::read(path).unwrap();
    let baseline = Baseline::parse(&bytes, path).unwrap_or_else(|error| panic!("{error}"));
    baseline.runs[0].metric("request", "ok_p95_ms").unwrap().value.number().unwrap() as u64
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_baseline_is_saved_listed_and_loaded() {
    let (_folder, store) = store();
    assert!(store.list().unwrap().is_empty());
    let saved = store.save(&nightly(1.0), false).unwrap();
    assert_eq!(saved, Saved { path: store.folder().join("nightly.json"), replaced: None });
    assert_eq!(store.load("nightly").unwrap(), nightly(1.0));
    assert_eq!(store.list().unwrap().len(), 1);
    assert_eq!(names(store.folder()), ["nightly.json"], "nothing else is left");
    let plain = store.folder().join("plain");
    fs::write(&plain, "").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&saved.path), mode(&plain), "others can read what the user's mask allows");
}

#[test]
fn a_taken_name_asks_for_replace_and_keeps_the_old_one() {
    let (_folder, store) = store();
    assert!(store.save(&nightly(1.0), true).unwrap().replaced.is_none(), "replacing nothing is no error");
    assert!(matches!(store.save(&nightly(2.0), false), Err(BaselineError::Exists { .. })));
    assert_eq!(store.load("nightly").unwrap(), nightly(1.0));
    for p95_ms in [2.0, 3.0] {
        store.save(&nightly(p95_ms), true).unwrap();
    }
    assert_eq!(store.load("nightly").unwrap(), nightly(3.0));
    let history = store.folder().join(HISTORY).join("nightly");
    assert_eq!(names(&history), ["20261124T081500Z-1.json", "20261124T081500Z.json"]);
    assert_eq!(p95_of(&history.join("20261124T081500Z.json")), 1);
    assert_eq!(p95_of(&history.join("20261124T081500Z-1.json")), 2);
}

#[test]
fn what_is_removed_goes_into_the_history_and_its_name_is_free() {
    let (_folder, store) = store();
    store.save(&nightly(1.0), false).unwrap();
    let kept = store.remove("nightly").unwrap();
    assert_eq!(p95_of(&kept), 1);
    assert!(matches!(store.load("nightly"), Err(BaselineError::Missing { .. })));
    assert!(matches!(store.remove("nightly"), Err(BaselineError::Missing { .. })));
    store.save(&nightly(2.0), false).unwrap();
}

#[test]
fn a_damaged_one_can_be_replaced_and_is_kept_as_it_is() {
    let (_folder, store) = store();
    store.save(&nightly(1.0), false).unwrap();
    fs::write(store.folder().join("nightly.json"), "mine").unwrap();
    assert!(store.list().unwrap()[0].baseline.is_err());
    let kept = store.save(&nightly(2.0), true).unwrap().replaced.unwrap().kept;
    assert_eq!(fs::read_to_string(kept).unwrap(), "mine");
}

#[test]
fn names_that_leave_the_folder_are_refused_and_the_nearest_one_is_named() {
    let (_folder, store) = store();
    store.save(&nightly(1.0), false).unwrap();
    for name in ["../nightly", "", ".", "..", "a/b", "history", "a b", "ä"] {
        assert!(matches!(store.load(name), Err(BaselineError::BadName { .. })), "{name}");
        assert!(matches!(store.remove(name), Err(BaselineError::BadName { .. })), "{name}");
        let runs = vec![record("a", 25, 1.0)];
        assert!(matches!(
            Baseline::new(name, "2026-11-24T08:15:00Z", "t", runs),
            Err(BaselineError::BadName { .. })
        ));
        assert!(store.save(&baseline(name, vec![record("a", 25, 1.0)]), true).is_err(), "{name}");
    }
    let remedy = |name: &str| store.load(name).unwrap_err().remedy();
    assert!(remedy("nigthly").starts_with("did you mean `nightly`?"));
    assert!(remedy("production").starts_with("save one with"));
    assert_eq!(names(store.folder()), ["nightly.json"]);
}

#[test]
fn other_files_in_the_folder_are_no_baselines() {
    let (_folder, store) = store();
    store.save(&nightly(1.0), true).unwrap();
    store.save(&nightly(1.0), true).unwrap();
    for name in ["README.md", ".cmo-metrics-x1", "notes"] {
        fs::write(store.folder().join(name), "x").unwrap();
    }
    let listed: Vec<String> = store.list().unwrap().into_iter().map(|entry| entry.name).collect();
    assert_eq!(listed, ["nightly"]);
}

const JOBS: u64 = 8;

#[test]
fn of_many_that_save_at_once_one_wins_and_the_others_are_told() {
    for _ in 0..25 {
        let (_folder, store) = store();
        let results: Vec<Result<Saved, BaselineError>> = save_at_once(&store, false);
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        for error in results.iter().filter_map(|result| result.as_ref().err()) {
            assert!(matches!(error, BaselineError::Exists { .. }), "{error}");
        }
        let winner = results.iter().position(Result::is_ok).unwrap() as u64;
        assert_eq!(p95_of(&store.folder().join("nightly.json")), winner);
        assert_eq!(names(store.folder()), ["nightly.json"]);
    }
}

#[test]
fn of_many_that_replace_at_once_none_is_lost() {
    for _ in 0..25 {
        let (_folder, store) = store();
        assert!(save_at_once(&store, true).iter().all(Result::is_ok));
        let history = store.folder().join(HISTORY).join("nightly");
        let mut found: BTreeSet<u64> =
            names(&history).iter().map(|name| p95_of(&history.join(name))).collect();
        assert_eq!(found.len() as u64, JOBS - 1);
        found.insert(p95_of(&store.folder().join("nightly.json")));
        assert_eq!(found, (0..JOBS).collect());
    }
}

#[test]
fn of_many_that_add_at_once_none_is_lost_and_each_baseline_before_is_kept() {
    let (_folder, store) = store();
    store.save(&nightly(1.0), false).unwrap();
    std::thread::scope(|scope| {
        for job in 0..JOBS {
            let store = &store;
            let add = move |baseline: Baseline| {
                let run = record(&format!("job_{job}"), 25, 100.0 + job as f64);
                baseline.with(vec![run], "2026-11-25T08:15:00Z", "t")
            };
            scope.spawn(move || store.change("nightly", add).unwrap());
        }
    });
    assert_eq!(store.load("nightly").unwrap().runs.len() as u64, 1 + JOBS);
    assert_eq!(names(&store.folder().join(HISTORY).join("nightly")).len() as u64, JOBS);
    let again = store.change("nightly", |baseline| {
        baseline.with(vec![record("job_1", 25, 7.0)], "2026-11-25T08:15:00Z", "t")
    });
    assert!(matches!(again, Err(BaselineError::Holds { .. })), "{again:?}");
    let copy = store.change("nightly", |baseline| {
        baseline.with(vec![record("other", 25, 101.0)], "2026-11-25T08:15:00Z", "t")
    });
    assert!(matches!(copy, Err(BaselineError::Holds { .. })), "a copy under another id: {copy:?}");
    assert!(matches!(store.change("none", Ok), Err(BaselineError::Missing { .. })));
}

#[test]
fn the_age_is_in_whole_days_since_it_was_saved() {
    let age = |now: &str| nightly(1.0).age_days(now);
    assert_eq!(age("2026-11-24T08:15:00Z"), Some(0));
    assert_eq!((age("2026-12-25T08:14:59Z"), age("2026-12-25T08:15:00Z")), (Some(30), Some(31)));
    assert_eq!((age("2026-01-01T00:00:00Z"), age("soon")), (Some(0), None));
}

fn save_at_once(store: &Store, replace: bool) -> Vec<Result<Saved, BaselineError>> {
    let start = std::sync::Barrier::new(JOBS as usize);
    std::thread::scope(|scope| {
        let save = |job: u64| {
            start.wait();
            store.save(&nightly(job as f64), replace)
        };
        let jobs: Vec<_> = (0..JOBS).map(|job| scope.spawn(move || save(job))).collect();
        jobs.into_iter().map(|job| job.join().unwrap()).collect()
    })
}
