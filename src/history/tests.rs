//! Nights are kept whole and once, whoever writes at the same time, and what changed is told where it changed.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;
use crate::baseline::{RunRecord, fixture};
use crate::config::Config;

const DAY_US: i64 = 86_400_000_000;
/// 2026-11-01.
const T0_US: i64 = 1_793_491_200_000_000;

fn at(us: i64) -> String {
    crate::units::rfc3339(us).unwrap()
}

/// The run of a night, counted from 0, at so many users.
fn judged(night: usize, users: u32, p95_ms: f64) -> JudgedRun {
    let start_us = T0_US + night as i64 * DAY_US;
    let id = format!("run_{users}_{night}");
    let record = RunRecord {
        started_at: Some(at(start_us)),
        git_commit: Some(format!("{night:08x}ff")),
        ..fixture::record(&id, users, p95_ms)
    };
    let told = Told {
        verdict: Some("unchanged".to_owned()),
        is_gate: true,
        variance: Some(0.01),
        memory: Some(0.2),
        batches: Some(20.0),
    };
    JudgedRun {
        record,
        digest: format!("digest of {id}"),
        judged_us: start_us + 1_000_000,
        tags: BTreeMap::from([("build".to_owned(), format!("{night}"))]),
        told: BTreeMap::from([("request/ok_p95_ms".to_owned(), told)]),
        fail_on: "medium".to_owned(),
        must_exclude: "high".to_owned(),
        gate_code: 0,
        definitions: 2,
        tool: "cmo-metrics 0.1.0".to_owned(),
    }
}

fn history() -> (tempfile::TempDir, History) {
    let folder = tempfile::tempdir().unwrap();
    let history = History::in_baselines(folder.path());
    (folder, history)
}

/// Adds runs as one who knows nothing of the nights before.
fn append(history: &History, runs: &[JudgedRun]) -> Result<Appended, HistoryError> {
    history.append(runs, &Found::default())
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_was_kept_is_read_to_the_last_bit() {
    let (_folder, history) = history();
    assert!(history.read().unwrap().runs.is_empty());
    let runs = vec![judged(0, 25, 100.0 / 3.0), judged(1, 50, 0.1 + 0.2)];
    assert_eq!(append(&history, &runs).unwrap(), Appended { added: 2, known: 0 });
    let found = history.read().unwrap();
    assert!(found.faults.is_empty(), "{:?}", found.faults);
    assert_eq!(found.runs, runs);
    assert_eq!(names(history.folder()).len(), 1, "nothing else is left");
}

#[test]
fn a_repeated_job_adds_nothing_and_copied_files_count_once() {
    let (_folder, history) = history();
    let runs = vec![judged(0, 25, 100.0), judged(1, 25, 110.0)];
    append(&history, &runs).unwrap();
    let again = JudgedRun { judged_us: runs[0].judged_us + 5, gate_code: 99, ..runs[0].clone() };
    let appended = append(&history, &[again, runs[1].clone(), judged(2, 25, 120.0)]).unwrap();
    assert_eq!(appended, Appended { added: 1, known: 2 });
    let before = history.read().unwrap().runs;
    assert_eq!(before[..2], runs[..], "the first verdict stays");
    for name in names(history.folder()) {
        std::fs::copy(history.folder().join(&name), history.folder().join(format!("copy-{name}"))).unwrap();
    }
    assert_eq!(history.read().unwrap().runs, before);
    let other = JudgedRun { digest: "another file".to_owned(), ..runs[0].clone() };
    assert_eq!(
        append(&history, &[other]).unwrap().added,
        1,
        "another recording under the same id is another run"
    );
}

#[test]
fn what_was_read_is_not_read_again_and_what_others_added_since_is_not_added_twice() {
    let (_folder, history) = history();
    append(&history, &[judged(0, 25, 100.0)]).unwrap();
    let known = history.read().unwrap();
    append(&history, &[judged(1, 25, 110.0)]).unwrap();
    // Of another file than the one that was read nothing could be told.
    let path = history.folder().join(&names(history.folder())[0]);
    let (bytes, written) =
        (std::fs::read(&path).unwrap(), std::fs::metadata(&path).unwrap().modified().unwrap());
    std::fs::write(&path, vec![0; bytes.len()]).unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(written).unwrap();
    let runs = [judged(0, 25, 100.0), judged(1, 25, 110.0), judged(2, 25, 120.0)];
    assert_eq!(history.append(&runs, &known).unwrap(), Appended { added: 1, known: 2 });
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(history.read().unwrap().runs, runs);
    assert_eq!(known.with(&runs[1..]), runs);
}

#[test]
fn a_night_whose_file_is_gone_is_added_again() {
    let (_folder, history) = history();
    let runs = [judged(0, 25, 100.0), judged(1, 25, 110.0)];
    append(&history, &runs[..1]).unwrap();
    let known = history.read().unwrap();
    std::fs::remove_file(history.folder().join(&names(history.folder())[0])).unwrap();
    assert_eq!(history.append(&runs, &known).unwrap().added, 2);
    assert_eq!(history.read().unwrap().runs, runs);
}

#[test]
fn the_order_of_the_files_means_nothing() {
    let runs: Vec<JudgedRun> = (0..6).map(|night| judged(night, 25, 100.0 + night as f64)).collect();
    let read = |order: &[usize]| {
        let (_folder, history) = history();
        for &night in order {
            append(&history, &runs[night..=night]).unwrap();
        }
        history.read().unwrap().runs
    };
    assert_eq!(read(&[0, 1, 2, 3, 4, 5]), runs);
    assert_eq!(read(&[5, 2, 0, 4, 1, 3]), runs);
}

#[test]
fn of_many_that_add_at_once_none_is_lost_and_none_doubled() {
    for _ in 0..5 {
        let (_folder, history) = history();
        std::thread::scope(|scope| {
            for job in 0..6usize {
                let history = &history;
                // Each run is added by two jobs.
                scope.spawn(move || {
                    append(history, &[judged(job / 2, 25, 100.0), judged(10 + job, 25, 1.0)]).unwrap()
                });
            }
        });
        let found = history.read().unwrap();
        assert_eq!((found.runs.len(), found.faults.len()), (9, 0));
        let rows: usize = names(history.folder()).len();
        assert_eq!(rows, 6, "each job had something of its own");
    }
}

#[test]
fn what_is_damaged_or_of_others_is_told_and_the_rest_is_read() {
    let (_folder, history) = history();
    append(&history, &[judged(0, 25, 100.0)]).unwrap();
    append(&history, &[judged(1, 25, 100.0)]).unwrap();
    let first = history.folder().join(&names(history.folder())[0]);
    let bytes = std::fs::read(&first).unwrap();
    std::fs::write(&first, &bytes[..bytes.len() / 2]).unwrap();
    std::fs::write(history.folder().join("other.parquet"), "no table").unwrap();
    std::fs::write(history.folder().join(".cmo-metrics-x1y2z3"), "what a killed job left").unwrap();
    let found = history.read().unwrap();
    assert_eq!((found.runs.len(), found.faults.len()), (1, 2));
    assert!(found.faults[0].to_string().contains("holds no nights"), "{}", found.faults[0]);
    append(&history, &[judged(0, 25, 100.0)]).unwrap();
    assert_eq!(history.read().unwrap().runs.len(), 2, "a job mends what it can");
    assert!(!history.folder().join(".cmo-metrics-x1y2z3").exists());
}

#[test]
fn any_damaged_byte_is_an_error_or_no_matter_but_never_a_panic() {
    let (_folder, history) = history();
    append(&history, &[judged(0, 25, 100.0)]).unwrap();
    let path = history.folder().join(&names(history.folder())[0]);
    let bytes = std::fs::read(&path).unwrap();
    for at in (0..bytes.len()).step_by(97) {
        let mut broken = bytes.clone();
        broken[at] ^= 0x55;
        std::fs::write(&path, broken).unwrap();
        assert!(history.read().unwrap().runs.len() <= 1);
    }
}

#[test]
fn repeats_of_one_day_and_commit_are_one_night_of_their_level() {
    let repeat = |night: usize, hours: i64, p95_ms: f64| {
        let mut run = judged(night, 25, p95_ms);
        run.record.started_at = Some(at(run.started_us().unwrap() + hours * 3_600_000_000));
        run.digest = format!("{night} {hours}");
        run
    };
    let mut other_build = repeat(0, 2, 500.0);
    other_build.record.git_commit = Some("another".to_owned());
    let runs =
        [repeat(0, 1, 100.0), other_build, repeat(0, 3, 120.0), repeat(1, 1, 90.0), judged(0, 50, 1.0)];
    let levels = Level::all(&runs);
    assert_eq!(levels.iter().map(|level| level.nights.len()).collect::<Vec<_>>(), [3, 1]);
    assert_eq!(levels[0].nights[0].value("request/ok_p95_ms"), Some(110.0));
    assert_eq!(levels[0].nights[0].date, "2026-11-01");
    assert_eq!(levels[0].nights[0].runs.len(), 2);
    assert_eq!(levels[1].name(), "50 users, closed, scenario steady");
}

/// The P95 of thirty nights, with a noise of about 2 %.
fn series_of(runs: &[JudgedRun], acknowledgements: &Acknowledgements) -> Series {
    let config = Config::defaults();
    let (_, rule) = config.regression.rule("request/ok_p95_ms").unwrap();
    let levels = Level::all(runs);
    Series::of(&levels[0], "request/ok_p95_ms", rule, acknowledgements, &config.history).unwrap()
}

fn noisy(night: usize, level: f64) -> f64 {
    level * (1.0 + 0.02 * ((night * 7919 % 13) as f64 - 6.0) / 4.0)
}

fn thirty(level: impl Fn(usize) -> f64) -> Vec<JudgedRun> {
    (0..30).map(|night| judged(night, 25, noisy(night, level(night)))).collect()
}

#[test]
fn a_small_lasting_change_is_told_with_its_night_and_a_spike_is_not() {
    let none = Acknowledgements::default();
    let series = series_of(&thirty(|night| if night < 15 { 100.0 } else { 110.0 }), &none);
    assert_eq!(series.changes.iter().map(|change| change.point).collect::<Vec<_>>(), [15]);
    assert!(series.changes[0].is_worse && (series.change_of(&series.changes[0]) - 0.10).abs() < 0.02);
    assert!(series_of(&thirty(|_| 100.0), &none).changes.is_empty());
    assert!(series_of(&thirty(|night| if night == 12 { 200.0 } else { 100.0 }), &none).changes.is_empty());
    let drift = series_of(&thirty(|night| 100.0 + 1.5 * night as f64), &none);
    assert!(!drift.changes.is_empty() && drift.changes.iter().all(|change| change.is_worse));
}

/// Each night is half a percent slower than the one before: no night shows it, thirty do.
#[test]
fn a_slow_drift_over_thirty_nights_is_told_as_steps_for_the_worse() {
    let series =
        series_of(&thirty(|night| 100.0 * 1.005f64.powi(night as i32)), &Acknowledgements::default());
    assert!(!series.changes.is_empty() && series.changes.iter().all(|change| change.is_worse), "{series:?}");
    let (first, last) = (&series.changes[0], &series.changes[series.changes.len() - 1]);
    let drift = last.after / first.before - 1.0;
    assert!((0.05..=0.16).contains(&drift), "{drift}: of 15.6 % in all, less half a step at both ends");
}

#[test]
fn a_gap_of_a_week_moves_no_change_to_another_night() {
    let mut runs = thirty(|night| if night < 20 { 100.0 } else { 112.0 });
    runs.drain(12..19);
    let series = series_of(&runs, &Acknowledgements::default());
    assert_eq!(series.changes.iter().map(|change| change.point).collect::<Vec<_>>(), [13]);
    let levels = Level::all(&runs);
    assert_eq!(levels[0].nights[series.points[13].night].date, "2026-11-21");
}

#[test]
fn a_new_meaning_of_the_numbers_is_a_cut_and_no_change() {
    let mut runs = thirty(|night| if night < 15 { 100.0 } else { 150.0 });
    runs[15..].iter_mut().for_each(|run| run.definitions = 3);
    let series = series_of(&runs, &Acknowledgements::default());
    assert_eq!((series.cuts.as_slice(), series.changes.len()), (&[15][..], 0));
    runs.iter_mut().for_each(|run| run.definitions = 2);
    runs[15..].iter_mut().for_each(|run| run.record.conditions.config_digest = "other settings".to_owned());
    assert_eq!(series_of(&runs, &Acknowledgements::default()).cuts, [15]);
}

#[test]
fn an_acknowledged_change_is_told_so_until_its_date_at_its_level() {
    let (_folder, history) = history();
    let runs = thirty(|night| if night < 15 { 100.0 } else { 110.0 });
    let known = |users: Option<u32>, reason: &str| Acknowledged {
        metric: "request/ok_p95_ms".to_owned(),
        users,
        night: "2026-11-16".to_owned(),
        reason: reason.to_owned(),
        until: "2027-01-31".to_owned(),
        acknowledged_at: "2026-11-20T00:00:00Z".to_owned(),
    };
    history.acknowledge(known(None, "a typo")).unwrap();
    history.acknowledge(known(None, "a larger model")).unwrap();
    let reason = |acknowledgements: Acknowledgements| {
        let change = series_of(&runs, &acknowledgements).changes[0].clone();
        change.acknowledged.map(|known| known.reason)
    };
    let acknowledgements = history.acknowledgements().unwrap();
    assert_eq!(acknowledgements.acknowledged.len(), 1, "the later one takes the place of the earlier one");
    assert_eq!(reason(acknowledgements.clone().on("2027-01-31")).as_deref(), Some("a larger model"));
    assert_eq!(reason(acknowledgements.on("2027-02-01")), None);
    let mut elsewhere = Acknowledgements::default();
    elsewhere.acknowledged.push(known(Some(50), "there"));
    assert_eq!(reason(elsewhere), None);
    std::fs::write(history.folder().join("acknowledged.json"), "mine").unwrap();
    assert!(history.acknowledgements().is_err() && history.acknowledge(known(None, "x")).is_err());
}

#[test]
fn nights_that_another_program_wrote_anew_are_the_same_nights() {
    use arrow_array::{ArrayRef, RecordBatch};
    use arrow_cast::cast;
    use arrow_schema::DataType;
    use arrow_select::concat::concat_batches;
    use parquet::arrow::ArrowWriter;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    let (_folder, history) = history();
    let runs = vec![judged(0, 25, 100.0), judged(1, 25, 110.0)];
    runs.iter().for_each(|run| assert_eq!(append(&history, std::slice::from_ref(run)).unwrap().added, 1));
    let mut batches = Vec::new();
    for name in names(history.folder()) {
        let file = std::fs::File::open(history.folder().join(&name)).unwrap();
        batches.extend(ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap());
        std::fs::remove_file(history.folder().join(&name)).unwrap();
    }
    let batches: Vec<RecordBatch> = batches.into_iter().map(Result::unwrap).collect();
    let all = concat_batches(batches[0].schema_ref(), &batches).unwrap();
    let other = |column: &ArrayRef| match column.data_type() {
        DataType::Utf8 => cast(column, &DataType::LargeUtf8).unwrap(),
        DataType::Int32 => cast(column, &DataType::Int64).unwrap(),
        _ => column.clone(),
    };
    let schema = all.schema();
    let columns =
        schema.fields().iter().zip(all.columns()).map(|(field, column)| (field.name(), other(column)));
    let all = RecordBatch::try_from_iter(columns).unwrap();
    let file = std::fs::File::create(history.folder().join("all.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, all.schema(), None).unwrap();
    writer.write(&all).unwrap();
    writer.close().unwrap();
    let found = history.read().unwrap();
    assert!(found.faults.is_empty(), "{:?}", found.faults);
    assert_eq!(found.runs, runs);
}
