//! Many runs, side by side.

use std::path::Path;

use super::error::Error;
use super::many::{find_runs, for_each_run};
use super::one;
use crate::analysis::{Against, Failure};
use crate::comparison::{
    Compared, ComparedRun, Comparison, GroupKey, Reference, judge_together, take_copies,
};
use crate::config::Config;
use crate::judge::{Field, WindowChoice};
use crate::measure::Rooms;
use crate::run::RunFile;

/// What is asked of a comparison, beside the settings.
#[derive(Debug, Clone)]
pub struct CompareOptions {
    /// Which part of each run is judged; looked for unless it is chosen.
    pub window: WindowChoice,
    /// What each run is compared with.
    pub against: Against,
    /// What runs of one group share, beside the load model.
    pub group_by: GroupKey,
}

impl Default for CompareOptions {
    fn default() -> Self {
        Self { window: WindowChoice::default(), against: Against::Nothing, group_by: GroupKey::Scenario }
    }
}

/// Judges the runs at `paths` (files, folders of runs, globs) and puts them side by side. A run that cannot be judged is
/// among [`Comparison::quarantined`].
///
/// ```
/// use cmo_metrics::{Config, compare};
///
/// let comparison = compare(&["data/load_10.parquet", "data/load_25.parquet"], &Config::defaults());
/// assert!(comparison.quarantined.is_empty());
/// for ranked in &comparison.ranking {
///     let run = comparison.run_of(ranked);
///     println!("{}: P95 {:?} ms", run.run_id, run.p95_ms.value());
/// }
/// ```
pub fn compare(paths: &[impl AsRef<Path>], config: &Config) -> Comparison {
    compare_with(paths, &CompareOptions::default(), config)
}

/// The same with windows of one's own choice, against a baseline, or in other groups.
pub fn compare_with(paths: &[impl AsRef<Path>], options: &CompareOptions, config: &Config) -> Comparison {
    let paths: Vec<String> = paths.iter().map(|path| path.as_ref().display().to_string()).collect();
    let rooms = Rooms::default();
    let failed = |error: Error| -> Failure { error.failure() };
    let (runs, failures) = find_runs(&paths, Path::new("."));
    let (mut runs, quarantined) = for_each_run(
        &runs,
        failures,
        (config, &rooms),
        |run: &RunFile| {
            let recording = one::read(run, config, &rooms).map_err(failed)?;
            one::measure_recording(run, recording, &options.window, &rooms).map_err(failed)
        },
        |run, windows| {
            let analysis = one::judge(run, windows, &options.against, config).map_err(failed)?;
            Ok(ComparedRun::of(&analysis))
        },
        |_| (),
    );
    let copies = take_copies(&mut runs, |run| run);
    judge_together(&mut runs, &options.group_by, &options.against, &[], config);
    let (reference, group_by) = (reference(&options.against), options.group_by.clone());
    Comparison::of(Compared { runs, quarantined, copies, reference, group_by }, config)
}

/// What a comparison says of what its runs were compared with.
pub fn reference(against: &Against) -> Reference {
    match against {
        Against::Nothing => Reference::Nothing,
        Against::Fault(reason) => Reference::Fault { reason: reason.clone() },
        Against::Baseline { baseline, options } => Reference::Baseline {
            name: baseline.name.clone(),
            saved_at: baseline.saved_at.clone(),
            age_days: options.age_days,
            fail_on: options.fail_on,
            allow_different: names_of(&options.allow_different),
        },
    }
}

/// As in reports.
pub fn names_of(fields: &[Field]) -> Vec<String> {
    fields.iter().map(|field| field.name().to_owned()).collect()
}
