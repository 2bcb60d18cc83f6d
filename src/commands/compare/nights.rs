//! What `compare --baseline` keeps of the runs that it judged, and what it takes from the nights before.

use crate::baseline::{RunRecord, SCHEMA_VERSION};
use crate::cli::compare::CompareArgs;
use crate::commands::session::Session;
use crate::commands::{history, say, say_warning};
use crate::comparison::{ComparedRun, RunRegression};
use crate::history::{Acknowledgements, Appended, Found, History, HistoryError, JudgedRun, Told};
use crate::judge::{Insides, MetricChange};
use crate::report::history::Shown;
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

    /// The nights that were kept before; what is wrong with files of others is said and takes nothing from the verdict.
    pub fn before(&self) -> Found {
        let found = self.history.read().unwrap_or_else(|error| {
            say_fault(&error);
            Found::default()
        });
        found.faults.iter().for_each(say_fault);
        found
    }

    /// Keeps the runs and says so. A disk that refuses is a warning: the verdict stands.
    pub fn keep(
        self,
        before: Found,
        runs: &[ComparedRun],
        digests: &[Option<String>],
        session: &Session,
    ) -> Kept {
        let judged = runs.iter().zip(digests);
        let judged: Vec<JudgedRun> =
            judged.filter_map(|(run, digest)| self.judged(run, digest.clone()?, session)).collect();
        if judged.is_empty() {
            return Kept::default();
        }
        match self.history.append(&judged, &before) {
            Ok(appended) if !session.verbosity.is_quiet() => say(&self.sentence(&appended)),
            Ok(_) => {}
            Err(error) => {
                say_warning(&format!("nothing was kept in the history: {error} ({})", error.remedy()));
            }
        }
        let acknowledged = self.history.acknowledgements().unwrap_or_else(|error| {
            say_fault(&error);
            Acknowledgements::default()
        });
        Kept { runs: before.with(&judged), judged, acknowledged: acknowledged.on(session.provenance.day()) }
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

/// The nights with that of today.
#[derive(Debug, Default)]
pub struct Kept {
    runs: Vec<JudgedRun>,
    /// Those of today.
    judged: Vec<JudgedRun>,
    acknowledged: Acknowledgements,
}

impl Kept {
    /// The gate's metrics over the nights of the levels that were judged today.
    pub fn shown(&self, session: &Session) -> Vec<Shown<'_>> {
        let is_of_today = |shown: &Shown<'_>| {
            let conditions = shown.level.conditions;
            self.judged.iter().any(|run| run.record.conditions.is_same_group(conditions))
        };
        let all = history::shown(&self.runs, &self.acknowledged, None, None, session);
        all.into_iter().filter(is_of_today).collect()
    }
}

/// What a verdict may rest on beside today's runs: nights whose numbers mean the same.
pub fn records(before: &Found) -> Vec<&RunRecord> {
    let mean_the_same = before.runs.iter().filter(|run| run.definitions == definitions());
    mean_the_same.map(|run| &run.record).collect()
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
