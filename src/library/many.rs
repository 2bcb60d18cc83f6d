//! Many runs, a few at once: what fails costs only itself.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::error::Error;
use super::lanes;
use super::suspects::{Suspect, our_bug, sort_out};
use crate::analysis::Failure;
use crate::config::Config;
use crate::measure::Rooms;
use crate::run::{self, RunFile, RunSource};

/// Finds the runs; none of them is open yet. Runs that share an id are refused, since their reports would share a
/// folder.
pub fn find_runs(arguments: &[String], data_dir: &Path) -> (Vec<RunSource>, Vec<Failure>) {
    let (mut runs, mut failures) = (Vec::new(), Vec::new());
    for run in run::locate(arguments, data_dir) {
        match run {
            Ok(run) => runs.push(run),
            Err(error) => failures.push(Error::from(error).failure()),
        }
    }
    (runs, failures)
}

/// Opens each run, does `measure` with it and then `judge` with what was measured, a few runs at once and no more: of 500
/// runs, the files and footers of a few are open. Tells `done` of each. What comes of it is in the order of the runs; runs of
/// which nothing comes join the failures.
pub fn for_each_run<M: Send, T: Send>(
    runs: &[RunSource],
    failures: Vec<Failure>,
    (config, rooms): (&Config, &Rooms),
    measure: impl Fn(&RunFile) -> Result<M, Failure> + Sync,
    judge: impl Fn(&RunFile, M) -> Result<T, Failure> + Sync,
    done: impl Fn(&RunSource) + Sync,
) -> (Vec<T>, Vec<Failure>) {
    rooms.expect(runs.len());
    let open = |run: &RunSource| -> Result<(RunFile, M), Suspect> {
        let file = RunFile::open(run, &config.run)?;
        let measured = measure(&file).map_err(|failure| suspect(&file, failure))?;
        Ok((file, measured))
    };
    let first = |index: usize, run: &RunSource| (index, attempt(run, || open(run)));
    let then = |(index, begun): (usize, Result<(RunFile, M), Suspect>)| {
        let run = &runs[index];
        let result = begun.and_then(|(file, measured)| {
            attempt(run, || judge(&file, measured).map_err(|failure| suspect(&file, failure)))
        });
        done(run);
        (index, result)
    };
    let mut results: Vec<(usize, Result<T, Suspect>)> = lanes::pass(runs, first, then);
    results.sort_by_key(|(index, _)| *index);
    let mut yields = Vec::new();
    let mut suspects: Vec<Suspect> = failures.into_iter().map(Suspect::from).collect();
    for (_, result) in results {
        match result {
            Ok(found) => yields.push(found),
            Err(suspect) => suspects.push(suspect),
        }
    }
    (yields, sort_out(suspects))
}

/// Whatever happens in one run, the others go on.
fn attempt<T>(run: &RunSource, work: impl FnOnce() -> Result<T, Suspect>) -> Result<T, Suspect> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(our_bug(&run.path).into()))
}

/// A file that changes while it is read may fail in any way.
fn suspect(run: &RunFile, failure: Failure) -> Suspect {
    match run.check_unchanged() {
        Ok(()) => Suspect::from(failure),
        Err(changed) => Suspect::from(changed),
    }
}
