//! What `compare --baseline` keeps of the runs that it judged, and what it takes from the nights before.

use crate::baseline::{RunRecord, SCHEMA_VERSION};
use crate::cli::compare::CompareArgs;
use crate::commands::session::Session;
use crate::commands::{say, say_warning};
use crate::comparison::{ComparedRun, RunRegression};
use crate::history::{Appended, History, HistoryError, JudgedRun, Told};
use crate::judge::{Insides, MetricChange};
use crate::report::printable;
use crate::run::RunFile;
use crate::units;

/// The history of the baseline that was asked for; none where nothing is to be kept.
pub struct Nights {
    history: History,
    judged_us: i64,
}

impl Nights {
    pub fn asked(args: &CompareArgs, session: &Session) -> Option<Self> {
        let is_wanted = session.layers.config.history.enabled && !args.no_history;
        let judged_at = session.provenance.generated_at.parse::<jiff::Timestamp>().ok()?;
        (is_wanted && args.judge.against.baseline.is_some()).then(|| Self {
            history: History::in_baselines(&args.judge.against.baselines),
            judged_us: judged_at.as_microsecond(),
        })
    }

    /// What a run is known by. Where its files cannot be read any more, it is not kept.
    pub fn digest(nights: Option<&Self>, run: &RunFile) -> Option<String> {
        nights?;
        match run.digest() {
            Ok(digest) => Some(digest),
            Err(error) => {
                say_warning(&format!("{} is not kept in the history: {error}", run.run_id()));
                None
            }
        }
    }

    /// The runs of nights that were kept before, whose numbers mean the same as today's; what is wrong with others is said and
    /// takes nothing from the verdict.
    pub fn before(&self) -> Vec<RunRecord> {
        match self.history.read() {
            Ok(found) => {
                found.faults.iter().for_each(say_fault);
                let means_the_same = |run: &JudgedRun| run.definitions == definitions();
                found.runs.into_iter().filter(means_the_same).map(|run| run.record).collect()
            }
            Err(error) => {
                say_fault(&error);
                Vec::new()
            }
        }
    }

    /// Keeps the runs and says so. A disk that refuses is a warning: the verdict stands.
    pub fn keep(&self, runs: &[(&ComparedRun, Option<String>)], session: &Session) {
        let judged: Vec<JudgedRun> =
            runs.iter().filter_map(|(run, digest)| self.judged(run, digest.clone()?, session)).collect();
        if judged.is_empty() {
            return;
        }
        match self.history.append(&judged) {
            Ok(appended) if !session.verbosity.is_quiet() => say(&self.sentence(&appended)),
            Ok(_) => {}
            Err(error) => {
                say_warning(&format!("nothing was kept in the history: {error} ({})", error.remedy()));
            }
        }
    }

    fn sentence(&self, appended: &Appended) -> String {
        let folder = printable(&self.history.folder().display().to_string());
        let runs = units::counted(appended.added as u64, "run");
        let known = if appended.known == 0 { String::new() } else { format!(", {} known", appended.known) };
        format!("History: {runs} added{known} in {folder}")
    }

    fn judged(&self, run: &ComparedRun, digest: String, session: &Session) -> Option<JudgedRun> {
        let (record, regression) = (run.record.as_ref()?, run.regression.value()?);
        let told = |change: &MetricChange| change.word.value().map(|word| word.word().to_owned());
        let rules = &session.layers.config.regression;
        let of_metric = |key: &str, metric| {
            let (_, rule) = rules.rule(key)?;
            let insides = Insides::of(metric, rule);
            Some(Told {
                verdict: change_of(regression, key).and_then(told),
                is_gate: rule.gate,
                variance: insides.map(|insides| insides.variance),
                memory: insides.and_then(|insides| insides.memory),
                batches: insides.map(|insides| insides.size),
            })
        };
        let told = record.metrics.iter().filter_map(|metric| {
            let key = metric.key();
            of_metric(&key, metric).map(|told| (key, told))
        });
        Some(JudgedRun {
            told: told.collect(),
            record: record.clone(),
            digest,
            judged_us: self.judged_us,
            tags: run.tags.clone(),
            fail_on: regression.gate.fail_on.word().to_owned(),
            must_exclude: regression.gate.must_exclude.word().to_owned(),
            gate_code: i32::from(regression.gate.code.code()),
            definitions: definitions(),
            tool: session.provenance.tool.clone(),
        })
    }
}

/// The version of the baselines also stands for what the numbers mean.
fn definitions() -> i32 {
    i32::try_from(SCHEMA_VERSION).unwrap_or(i32::MAX)
}

fn change_of<'a>(regression: &'a RunRegression, key: &str) -> Option<&'a MetricChange> {
    regression.outcome.value()?.changes.iter().find(|change| change.key() == key)
}

fn say_fault(error: &HistoryError) {
    say_warning(&format!("history: {error} ({})", error.remedy()));
}
