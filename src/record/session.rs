//! One recording from start to end: this is the order of things.

use std::path::PathBuf;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use super::RecordError;
use super::clock::{now_us, process_cpu_ms};
use super::collector::Collector;
use super::command::{Ending, Leftovers, Watched, own_pid};
use super::describe::{RecordedSession, Statistics, Surroundings, describe};
use super::environment::{environment, git_state};
use super::events_file::read_file;
use super::intake::{Intake, IntakeCounts};
use super::names::name;
use super::plan::Plan;
use super::rows::push_rows;
use super::sampler::{Sampler, Samples};
use super::writer::{QueuedWriter, write_failed};
use crate::config::RecordSettings;
use crate::run::{Event, RunWriter, Written};

/// A recording that was made.
#[derive(Debug)]
pub struct Recorded {
    pub path: PathBuf,
    pub rows: u64,
    pub ending: Ending,
    pub statistics: Statistics,
}

impl Recorded {
    /// The command's exit code, or 125 when something is missing in the file by the recorder's fault.
    pub fn exit_code(&self) -> u8 {
        if self.statistics.faults.is_empty() { self.ending.exit_code() } else { super::RECORDER_FAILED }
    }
}

/// Runs the command of `plan` and records it.
///
/// # Errors
/// Before the command starts: the file or the socket cannot be made, the command cannot be started. After it
/// ended: the file cannot be written.
pub fn record(plan: &Plan, settings: &RecordSettings) -> Result<Recorded, RecordError> {
    let (writer, sink) = QueuedWriter::create(&plan.out, plan.replace)?;
    let max_line_bytes = settings.max_line_kb * 1000;
    let collector = Collector::start(sink.clone(), max_line_bytes, seconds(settings.drain_grace_s))?;
    let surroundings = surroundings();

    let interval = Duration::from_millis(settings.sample_interval_ms);
    let started_us = now_us();
    let mut command = match Watched::start(&plan.command, collector.path()) {
        Ok(command) => command,
        Err(error) => {
            discard(collector, sink, writer);
            return Err(error);
        }
    };
    let sampler = Sampler::start(own_pid(), interval);
    let ending = command.wait();
    let ended_us = now_us();
    let leftovers = command.end_leftovers(seconds(settings.leftover_grace_s));

    let mut samples = sampler.stop();
    let mut faults = Vec::from_iter(samples.fault.take());
    let mut intake = collector.finish().unwrap_or_else(|| {
        faults.push("the collector of events broke down; this is a bug".to_owned());
        Intake::default()
    });
    faults.extend(read_files(plan, max_line_bytes, &mut intake, &mut |events| {
        // A writer that failed no longer listens; it reports its failure itself.
        let _ = sink.send(events);
    }));
    drop(sink);
    let mut file = writer.into_writer()?;

    let names = name(&samples.processes, &intake.announcements, interval.as_micros() as i64);
    push_samples(&mut file, &samples, &names).map_err(|error| write_failed(&plan.out, error))?;
    let statistics = statistics(&samples, intake.counts, leftovers, faults);
    let recorded_session = RecordedSession {
        started_us,
        ended_us,
        ending,
        sample_interval_ms: settings.sample_interval_ms as f64,
        roles: names.roles,
        statistics,
    };
    let metadata = describe(plan, surroundings, &recorded_session, intake.metadata);
    let Written { path, rows, .. } =
        file.finish(&metadata).map_err(|error| write_failed(&plan.out, error))?;
    Ok(Recorded { path, rows, ending, statistics: recorded_session.statistics })
}

/// Ends the threads of a recording that never began, so that the file in the making vanishes.
fn discard(collector: Collector, sink: SyncSender<Vec<Event>>, writer: QueuedWriter) {
    collector.finish();
    drop(sink);
    // Nothing was written that could be lost.
    let _ = writer.into_writer();
}

fn surroundings() -> Surroundings {
    let (git_commit, git_branch) = git_state();
    Surroundings { environment: environment(), git_commit, git_branch }
}

/// Reads the event files; returns those that could not be read, with the reason.
fn read_files(
    plan: &Plan,
    max_line_bytes: usize,
    intake: &mut Intake,
    sink: &mut dyn FnMut(Vec<Event>),
) -> Vec<String> {
    let mut unread = Vec::new();
    for path in &plan.events {
        if let Err(error) = read_file(path, max_line_bytes, intake, sink) {
            unread.push(format!("cannot read events from {}: {error}; check --events", path.display()));
        }
    }
    unread
}

fn push_samples(
    file: &mut RunWriter,
    samples: &Samples,
    names: &super::names::Names,
) -> Result<(), crate::run::WriteError> {
    samples.scans.iter().try_for_each(|scan| push_rows(scan, names, |event| file.push(event)))
}

fn statistics(
    samples: &Samples,
    intake: IntakeCounts,
    leftovers: Leftovers,
    faults: Vec<String>,
) -> Statistics {
    Statistics {
        samples: samples.scans.len(),
        missed_ticks: samples.missed_ticks,
        processes: samples.processes.len(),
        intake,
        leftovers,
        sampler_cpu_ms: samples.cpu_ms,
        recorder_cpu_ms: process_cpu_ms(),
        faults,
    }
}

fn seconds(seconds: f64) -> Duration {
    // A setting that is negative or no number means: do not wait.
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
