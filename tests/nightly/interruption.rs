//! Signals at any moment, kill −9 at any moment, two jobs at once: a report is the old one or the new one, whole.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::Bench;
use crate::support::files::requests;

const RUNS: usize = 6;
/// Moments at which the reports were made: they tell the old ones from the new ones.
const OLD: &str = "1000000000";
const NEW: &str = "2000000000";

/// Folder → file → bytes.
type Reports = BTreeMap<String, BTreeMap<String, Vec<u8>>>;

/// A folder with runs, and what the old and the new reports of them are to the byte.
struct Scene {
    bench: Bench,
    old: Reports,
    new: Reports,
    /// How long a job takes here.
    length: Duration,
}

impl Scene {
    fn new() -> Self {
        let bench = Bench::new();
        for run in 0..RUNS {
            bench.write_columns(&format!("data/run_{run}.parquet"), requests(1_000));
        }
        let new = complete(&bench, NEW, "reference");
        let begin = Instant::now();
        let old = complete(&bench, OLD, "reports");
        let length = begin.elapsed();
        assert!(old != new && old.len() == RUNS);
        Self { bench, old, new, length }
    }

    /// A job that makes the new reports.
    fn start(&self, out: &str) -> Child {
        start(&self.bench, &["analyze", "--jobs", "2", "--out", out], NEW)
    }

    /// Each report is the old or the new one to the byte. Gives the number of new ones.
    #[track_caller]
    fn assert_whole(&self, context: &str) -> usize {
        let found = read(&self.bench.path("reports"));
        assert_eq!(found.len(), RUNS, "{context}");
        let is_new = |(run, files): (&String, &BTreeMap<String, Vec<u8>>)| {
            let is_new = files == &self.new[run];
            assert!(is_new || files == &self.old[run], "{context}: {run} is a mixture");
            is_new
        };
        found.iter().map(is_new).filter(|&is_new| is_new).count()
    }

    fn staging(&self) -> Vec<String> {
        staging(&self.bench.path("reports"))
    }

    /// Does a process hold the lock on a staged file?
    fn is_held(&self, staged: &str) -> bool {
        let folder = fs::File::open(self.bench.path("reports").join(staged));
        folder.is_ok_and(|folder| matches!(folder.try_lock(), Err(fs::TryLockError::WouldBlock)))
    }
}

fn staging(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(".cmo-metrics-") || name.ends_with(".tmp")).collect()
}

fn start(bench: &Bench, words: &[&str], at: &str) -> Child {
    let mut command = bench.command(env!("CARGO_BIN_EXE_cmo-metrics"), words);
    command.env("SOURCE_DATE_EPOCH", at);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn complete(bench: &Bench, at: &str, out: &str) -> Reports {
    let ended = start(bench, &["analyze", "--jobs", "2", "--out", out], at).wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    read(&bench.path(out))
}

fn read(root: &Path) -> Reports {
    let folders = list(root);
    folders.into_iter().map(|run| (run.clone(), files(&root.join(run)))).collect()
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    list(folder).into_iter().map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}

/// Names in a folder, without staged files.
fn list(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !name.starts_with(".cmo-metrics-") || name == ".cmo-metrics-report").collect()
}

fn send(child: &Child, signal: Signal) {
    // One that has ended has nothing to hear.
    let _ = kill_process(Pid::from_child(child), signal);
}

/// Waits for the end, which must come soon.
#[track_caller]
fn ended(mut child: Child) -> Output {
    let begin = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(begin.elapsed() < Duration::from_secs(30), "it does not end");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Moments from the start of a job to a little after its end, the same in every run of the tests.
fn moments(seed: u64, count: usize, length: Duration) -> Vec<Duration> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    (0..count).map(|_| length.mul_f64(random.random_range(0.0..1.2))).collect()
}

#[test]
fn a_signal_at_any_moment_leaves_whole_reports_no_staging_a_message_and_its_exit_code() {
    let scene = Scene::new();
    let mut interrupted = 0;
    for (index, moment) in moments(1, 20, scene.length).into_iter().enumerate() {
        let (signal, code, name) =
            if index % 2 == 0 { (Signal::INT, 130, "SIGINT") } else { (Signal::TERM, 143, "SIGTERM") };
        let child = scene.start("reports");
        std::thread::sleep(moment);
        send(&child, signal);
        let ended = ended(child);
        let context = format!("{name} after {moment:.0?}: {ended:?}");
        scene.assert_whole(&context);
        assert_eq!(scene.staging(), [""; 0], "{context}");
        match ended.status.code() {
            Some(0) => {}
            // Before anybody listens, a signal ends any process; it has nothing in the making then.
            None => assert_eq!(ended.status.signal(), Some(code - 128), "{context}"),
            found => {
                assert_eq!(found, Some(code), "{context}");
                assert!(said(&ended).contains(&format!("analyze was interrupted by {name}")), "{context}");
                interrupted += 1;
            }
        }
    }
    assert!(interrupted > 5, "{interrupted}");
}

#[test]
fn kill_9_at_any_moment_leaves_whole_reports_and_the_next_job_clears_up() {
    let scene = Scene::new();
    let mut left_behind = 0;
    for moment in moments(2, 20, scene.length) {
        let mut child = scene.start("reports");
        std::thread::sleep(moment);
        child.kill().unwrap();
        ended(child);
        scene.assert_whole(&format!("killed after {moment:.0?}"));
        left_behind += scene.staging().len();
    }
    assert!(left_behind > 0, "no kill came while something was in the making");
    let last = ended(scene.start("reports"));
    assert_eq!((last.status.code(), said(&last).as_str()), (Some(0), ""));
    assert_eq!(scene.assert_whole("after all"), RUNS, "all are new");
    assert_eq!(scene.staging(), [""; 0]);
}

#[test]
fn two_jobs_at_once_each_leave_whole_reports() {
    let scene = Scene::new();
    for moment in moments(3, 5, scene.length.mul_f64(0.2)) {
        let words = ["analyze", "--jobs", "2", "--out", "reports"];
        let jobs = [OLD, NEW, NEW].map(|at| {
            std::thread::sleep(moment);
            start(&scene.bench, &words, at)
        });
        for job in jobs {
            let ended = ended(job);
            assert_eq!((ended.status.code(), said(&ended).as_str()), (Some(0), ""));
        }
        scene.assert_whole("three jobs at once");
        assert_eq!(scene.staging(), [""; 0]);
    }
    // The same where no report is there yet.
    let jobs = [(); 3].map(|()| scene.start("fresh"));
    for job in jobs {
        let ended = ended(job);
        assert_eq!((ended.status.code(), said(&ended).as_str()), (Some(0), ""));
    }
    assert!(read(&scene.bench.path("fresh")) == scene.new);
    assert_eq!(staging(&scene.bench.path("fresh")), [""; 0]);
}

/// A job that was stopped while it had a staged file.
fn stopped_while_staging(scene: &Scene) -> Child {
    for _ in 0..50 {
        let mut child = scene.start("reports");
        while child.try_wait().unwrap().is_none() {
            if !scene.staging().is_empty() {
                send(&child, Signal::STOP);
                // It may have finished that one between the look and the stop, or not yet have locked it: one that nobody
                // holds another job removes, and the first one then makes another.
                std::thread::sleep(Duration::from_millis(20));
                let staging = scene.staging();
                if !staging.is_empty() && staging.iter().all(|staged| scene.is_held(staged)) {
                    return child;
                }
                send(&child, Signal::CONT);
            }
        }
    }
    panic!("no job could be stopped while it had a staged file");
}

#[test]
fn the_staging_of_a_living_job_is_left_alone_and_that_of_a_dead_one_is_removed() {
    let scene = Scene::new();
    let sleeping = stopped_while_staging(&scene);
    let staging = scene.staging();
    assert_eq!(ended(scene.start("reports")).status.code(), Some(0));
    assert_eq!(scene.staging(), staging, "the other job lives");
    send(&sleeping, Signal::CONT);
    assert_eq!(ended(sleeping).status.code(), Some(0));
    assert_eq!(scene.staging(), [""; 0]);

    let dying = stopped_while_staging(&scene);
    send(&dying, Signal::KILL);
    ended(dying);
    assert!(!scene.staging().is_empty());
    assert_eq!(ended(scene.start("reports")).status.code(), Some(0));
    assert_eq!(scene.staging(), [""; 0]);
}

#[test]
fn a_second_signal_ends_at_once() {
    let scene = Scene::new();
    let child = stopped_while_staging(&scene);
    send(&child, Signal::INT);
    send(&child, Signal::TERM);
    send(&child, Signal::CONT);
    let code = ended(child).status.code();
    assert!([Some(130), Some(143)].contains(&code), "{code:?}");
    scene.assert_whole("two signals");
}

#[test]
fn a_baseline_is_the_old_one_or_the_new_one_whatever_kills_the_job_that_saves_it() {
    let scene = Scene::new();
    let save = ["baseline", "save", "data", "--name", "main", "--replace", "--allow-untrusted"];
    // Runs that are copies of each other are refused.
    let words = [&save[..2], &["data/run_0.parquet"], &save[3..]].concat();
    let begin = Instant::now();
    assert_eq!(ended(start(&scene.bench, &words, OLD)).status.code(), Some(0));
    let length = begin.elapsed();
    for (index, moment) in moments(4, 15, length).into_iter().enumerate() {
        let child = start(&scene.bench, &words, NEW);
        std::thread::sleep(moment);
        send(&child, [Signal::INT, Signal::TERM, Signal::KILL][index % 3]);
        ended(child);
        let shown = scene.bench.call(&["baseline", "show", "main", "--format", "json"]);
        assert_eq!(shown.code, 0, "after {moment:.0?}: {shown:?}");
    }
    assert_eq!(ended(start(&scene.bench, &words, NEW)).status.code(), Some(0));
    assert_eq!(staging(&scene.bench.path("baselines")), [""; 0]);
}

#[test]
fn an_interrupted_simulation_leaves_nothing() {
    let scene = Scene::new();
    let child = start(
        &scene.bench,
        &["simulate", "healthy", "--duration", "3600", "--out", "data/long.parquet"],
        OLD,
    );
    let begin = Instant::now();
    while staging(&scene.bench.path("data")).is_empty() {
        assert!(begin.elapsed() < Duration::from_secs(20), "it has not begun");
    }
    send(&child, Signal::TERM);
    let ended = ended(child);
    assert_eq!(ended.status.code(), Some(143), "{ended:?}");
    assert_eq!(staging(&scene.bench.path("data")), [""; 0]);
    assert!(!scene.bench.path("data/long.parquet").exists());
}

#[test]
fn a_comparison_is_the_old_one_or_the_new_one_whatever_kills_or_overtakes_its_job() {
    let scene = Scene::new();
    let words = ["compare", "data", "--jobs", "2", "--out", "many/nightly"];
    let compare = |at| start(&scene.bench, &words, at);
    let folder = scene.bench.path("many/nightly");
    let begin = Instant::now();
    ended(compare(NEW));
    let length = begin.elapsed();
    let new = files(&folder);
    ended(compare(OLD));
    let old = files(&folder);
    assert!(old != new && old.contains_key("comparison.json"));
    for (index, moment) in moments(5, 15, length).into_iter().enumerate() {
        let child = compare([OLD, NEW][index % 2]);
        std::thread::sleep(moment);
        send(&child, [Signal::INT, Signal::TERM, Signal::KILL][index % 3]);
        ended(child);
        let found = files(&folder);
        assert!(found == old || found == new, "after {moment:.0?}: a mixture");
    }
    let jobs = [OLD, NEW, NEW].map(compare);
    for job in jobs {
        let ended = ended(job);
        assert!(matches!(ended.status.code(), Some(0 | 3)), "{ended:?}");
    }
    let found = files(&folder);
    assert!(found == old || found == new, "three at once: a mixture");
    assert_eq!(staging(&scene.bench.path("many")), [""; 0]);
}
