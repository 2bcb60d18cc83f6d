//! `--format github`: the verdicts as annotations of a GitHub job, at the line of the settings that has the limit.
//!
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>; escaped as GitHub's toolkit does.

use super::cases::{Answer, Asked, Case, Judged};
use super::printable;
use crate::config::{Layers, MetricRule, Severity};
use crate::exit_code::ExitCode;
use crate::judge::{CheckKind, Gate, GateCheck, LimitDirection, LimitOrigin, TargetVerdict};
use crate::units;

/// GitHub shows no more of a kind and step.
const MOST_LINES: usize = 10;
const TITLE: &str = "cmo-metrics";

/// Gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Error,
    Warning,
    Notice,
}

struct Annotation {
    level: Level,
    title: String,
    message: String,
    /// File and line, counted from 1.
    place: Option<(String, usize)>,
}

/// At most ten lines, the gravest first; the last says how many more there are. `headline` is the verdict in one sentence.
pub fn render(judged: &Judged<'_>, headline: &str, layers: &Layers) -> String {
    let mut all: Vec<Annotation> =
        judged.cases().iter().filter_map(|case| annotation(case, layers)).collect();
    if judged.exit.code == ExitCode::Clean {
        all.push(Annotation {
            level: Level::Notice,
            title: TITLE.to_owned(),
            message: headline.to_owned(),
            place: None,
        });
        // What is said of the whole comes before what is no matter of the gate.
        all.rotate_right(1);
    }
    all.sort_by_key(|annotation| annotation.level);
    if all.len() > MOST_LINES {
        let rest = all.split_off(MOST_LINES - 1);
        all.extend(rest.first().map(|first| Annotation {
            level: first.level,
            title: TITLE.to_owned(),
            message: format!("and {} more, in the summary", units::count(rest.len() as u64)),
            place: None,
        }));
    }
    all.iter().map(Annotation::line).collect()
}

/// What CI has to show of a case: nothing where it passed, or cannot be told and nobody asks.
fn annotation(case: &Case<'_>, layers: &Layers) -> Option<Annotation> {
    let level = match case.answer {
        Answer::Failed if case.is_gate => Level::Error,
        Answer::CannotTell if case.is_gate => Level::Warning,
        Answer::Error => match case.asked {
            Asked::Reading(failure) if failure.exit_code != ExitCode::CouldNotJudge => Level::Error,
            _ => Level::Warning,
        },
        Answer::Failed => Level::Notice,
        Answer::Passed | Answer::CannotTell => return None,
    };
    let (title, run) = match case.run {
        Some(run) => (format!("{}: {}", run.level, case.name), format!("{}: ", run.run_id)),
        None => (TITLE.to_owned(), String::new()),
    };
    let place = match case.asked {
        Asked::Metric(check, gate) => place_of_rule(check, gate, layers),
        Asked::Target(target) => place_of_target(target, layers),
        Asked::Run | Asked::Reading(_) | Asked::NoRun => None,
    };
    Some(Annotation { level, title, message: format!("{run}{}", case.message), place })
}

/// The limit that was reached, or else what makes the metric part of the gate, where the user's file says that.
fn place_of_rule(check: &GateCheck, gate: &Gate, layers: &Layers) -> Option<(String, usize)> {
    let (name, rule) = layers.config.regression.rule(&check.metric)?;
    let severity = if check.kind == CheckKind::CouldHide { gate.must_exclude } else { gate.fail_on };
    let keys = [limit_key(severity, rule), "gate"];
    keys.into_iter().find_map(|key| place(&["regression", "metrics", name, key], layers))
}

/// The key of the least limit of this severity or a worse one.
fn limit_key(severity: Severity, rule: &MetricRule) -> &'static str {
    let limits =
        [(Severity::Medium, rule.medium), (Severity::High, rule.high), (Severity::Critical, rule.critical)];
    let reached = limits.into_iter().find(|(level, limit)| *level >= severity && limit.is_some());
    match reached {
        _ if severity == Severity::Low => "margin",
        Some((Severity::Medium, _)) => "medium",
        Some((Severity::High, _)) => "high",
        _ => "critical",
    }
}

fn place_of_target(target: &TargetVerdict, layers: &Layers) -> Option<(String, usize)> {
    let limit = match target.direction {
        LimitDirection::Above => "above",
        LimitDirection::Below => "below",
    };
    let keys: &[&str] = if target.limit_from == LimitOrigin::Run { &["gate"] } else { &[limit, "gate"] };
    let sections = ["targets", "custom_targets"];
    keys.iter()
        .find_map(|key| sections.into_iter().find_map(|section| place(&[section, &target.name, key], layers)))
}

fn place(key: &[&str], layers: &Layers) -> Option<(String, usize)> {
    let (file, line) = layers.place_of(key)?;
    Some((file.display().to_string(), line))
}

impl Annotation {
    fn line(&self) -> String {
        let command = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        };
        let place = self.place.as_ref();
        let place =
            place.map(|(file, line)| format!("file={},line={line},", property(file))).unwrap_or_default();
        let title = property(&printable(&self.title));
        format!("::{command} {place}title={title}::{}\n", data(&printable(&self.message)))
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests;
