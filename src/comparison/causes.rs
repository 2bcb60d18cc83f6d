//! Why the exit code of many runs is what it is: what they share is said once, and never one run's cause for all.

use super::{ComparedRun, RunRegression};
use crate::analysis::Failure;
use crate::exit_code::ExitCode;
use crate::judge::{CheckKind, GateCheck};
use crate::units::{self, some_of};

/// Something that keeps runs from 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Cause {
    pub code: ExitCode,
    /// By id; of what could not be read the argument.
    pub runs: Vec<String>,
    /// A sentence about all of them.
    pub text: String,
}

/// Names and values that are listed; the others are counted.
const MOST_NAMED: usize = 4;

/// The causes that ask for `code`: the first of each run, those that most runs share first.
pub fn find(runs: &[ComparedRun], quarantined: &[Failure], code: ExitCode) -> Vec<Cause> {
    let mut found: Vec<(Kind, Vec<Told<'_>>)> = Vec::new();
    for run in runs {
        let Some((_, reason)) = run.findings.first().filter(|(asks, _)| *asks == code) else { continue };
        let told = Told::of(run, reason);
        let kind = told.kind();
        match found.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, all)) => all.push(told),
            None => found.push((kind, vec![told])),
        }
    }
    let mut causes: Vec<Cause> = found.iter().map(|(kind, told)| cause(kind, told, code)).collect();
    let failures = quarantined.iter().filter(|failure| failure.exit_code == code);
    causes.extend(failures.map(|failure| Cause {
        code,
        runs: vec![failure.run.clone()],
        text: failure.message.clone(),
    }));
    // Stable: as they were found.
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.runs.len()));
    causes
}

/// What runs may share.
#[derive(Debug, PartialEq)]
enum Kind {
    /// They differ from their baseline in these fields.
    NotComparable(Vec<String>),
    /// A metric of the gate.
    Metric(String, CheckKind),
    Text(String),
}

/// The first reason of one run.
struct Told<'a> {
    run: &'a ComparedRun,
    reason: &'a str,
    check: Option<&'a GateCheck>,
}

impl<'a> Told<'a> {
    fn of(run: &'a ComparedRun, reason: &'a str) -> Self {
        let checks = run.regression.value().map(|own| own.gate.checks.as_slice()).unwrap_or_default();
        let check = checks.iter().find(|check| check.reason().as_deref() == Some(reason));
        Self { run, reason, check }
    }

    fn kind(&self) -> Kind {
        match (self.check, self.run.regression.value()) {
            (Some(check), _) => Kind::Metric(check.metric.clone(), check.kind),
            (None, Some(own)) if own.gate.reasons.iter().any(|reason| reason == self.reason) => {
                Kind::NotComparable(fields(own))
            }
            _ => Kind::Text(self.reason.to_owned()),
        }
    }
}

fn fields(own: &RunRegression) -> Vec<String> {
    own.obstacles.iter().map(|field| field.field.clone()).collect()
}

fn cause(kind: &Kind, told: &[Told<'_>], code: ExitCode) -> Cause {
    let runs: Vec<String> = told.iter().map(|told| told.run.run_id.clone()).collect();
    let text = match (kind, told) {
        (Kind::NotComparable(fields), _) => not_comparable(fields, told),
        (Kind::Text(text), _) => text.clone(),
        (_, [one]) => one.reason.to_owned(),
        (Kind::Metric(metric, kind), _) => {
            format!("gate: {metric} {} in {}", words(*kind), some_of(&runs, MOST_NAMED))
        }
    };
    Cause { code, runs, text }
}

fn words(kind: CheckKind) -> &'static str {
    match kind {
        CheckKind::Regressed => "regressed",
        CheckKind::Suspected => "is suspected to have regressed",
        CheckKind::CouldHide => "could hide a grave regression",
        CheckKind::NotJudged => "could not be judged",
        CheckKind::Passed => "passed",
    }
}

/// Where the runs differ from their baseline in one thing alone, what is missing there.
fn not_comparable(fields: &[String], told: &[Told<'_>]) -> String {
    let [field] = fields else {
        let what = if fields.is_empty() { "the baseline has no runs".to_owned() } else { fields.join(", ") };
        return format!("not comparable with the baseline: {what}");
    };
    let values = told.iter().filter_map(|told| {
        let own = told.run.regression.value()?;
        own.obstacles.first()?.current.clone()
    });
    let mut values: Vec<String> = values.collect();
    values.sort_by(|a, b| match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a.total_cmp(&b),
        _ => a.cmp(b),
    });
    values.dedup();
    let remedy = told.first().and_then(|told| {
        let own = told.run.regression.value()?;
        own.obstacles.first()?.remedy.clone()
    });
    let remedy = remedy.unwrap_or_else(|| "save one with `cmo-metrics baseline save`".to_owned());
    format!("the baseline has no run {}: {remedy}", missing(field, &values))
}

/// `with 10, 25, 75 … users`.
fn missing(field: &str, values: &[String]) -> String {
    if values.is_empty() {
        return format!("whose {field} is not known");
    }
    let mut shown = values.iter().take(MOST_NAMED - 1).map(String::as_str).collect::<Vec<_>>().join(", ");
    if values.len() >= MOST_NAMED {
        shown.push_str(" …");
    }
    match field {
        "users" => format!("with {shown} users"),
        "length" => format!("of a length like {shown}"),
        field => format!("with the {} {shown}", field.replace('_', " ")),
    }
}

impl Cause {
    /// `6 of 9 runs: the baseline has no run with …`; of one run its id instead.
    pub fn sentence(&self, of: u64) -> String {
        match self.runs.as_slice() {
            [run] if self.text.starts_with(&format!("{run}:")) => self.text.clone(),
            [run] => format!("{run}: {}", self.text),
            runs => {
                format!("{} of {} runs: {}", units::count(runs.len() as u64), units::count(of), self.text)
            }
        }
    }
}
