//! What a rule found, before findings that say the same are merged.

use crate::config::AdviceSettings;
use crate::judge::Severity;
use crate::summary::Measured;
use crate::units::Unit;

/// What is the matter with a subject. Findings of one subject and one cause are one finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Its calls fail.
    Failures,
    /// It takes long.
    Slow,
    /// Its calls wait for their turn.
    Queue,
    Retries,
    /// The way its calls are divided among the modes.
    Mix,
    Cost,
    Quality,
    HitRate,
    /// A cache that was empty at the start.
    Cold,
    Availability,
    /// A breaker that opens again and again.
    Flaps,
    OpensLate,
    OpensEarly,
    ClosesEarly,
    Recovery,
    Memory,
    Cpu,
    Throughput,
    /// The recording is cut short.
    Incomplete,
    /// The run is too short or too restless for its numbers.
    Length,
    /// A target of the user's own.
    Target,
    /// A number that is like none of the above.
    Other,
}

/// Subject and cause.
pub type Key = (String, Cause);

/// One finding of one rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub key: Key,
    /// More specific findings that say the same: where one of them was made, this one joins it.
    pub joins: Vec<Key>,
    pub severity: Severity,
    /// How far the number misses its target: part of the allowance that is exceeded, 0 just beyond it.
    pub miss: f64,
    pub number: f64,
    pub unit: Unit,
    pub target: Option<f64>,
    /// Number and target as a sentence.
    pub headline: String,
    /// The same in a few words, where the first clause of the headline is not it.
    pub brief: Option<String>,
    pub evidence: Vec<String>,
    pub action: String,
    pub expected_effect: Measured<String>,
}

impl Finding {
    /// A finding of medium severity without target and evidence, to be completed.
    pub fn new(subject: &str, cause: Cause, (number, unit): (f64, Unit), headline: String) -> Self {
        Self {
            key: (subject.to_owned(), cause),
            joins: Vec::new(),
            severity: Severity::Medium,
            miss: 0.0,
            number,
            unit,
            target: None,
            headline,
            brief: None,
            evidence: Vec::new(),
            action: String::new(),
            expected_effect: Measured::undefined("not known from the recording"),
        }
    }

    /// With the limit that it misses by `miss`, and the severity of such a miss.
    pub fn missing(mut self, target: f64, miss: f64, settings: &AdviceSettings) -> Self {
        self.target = Some(target);
        self.miss = miss.max(0.0);
        self.severity = severity_of(self.miss, settings);
        self
    }

    pub fn joining(mut self, subject: &str, cause: Cause) -> Self {
        self.joins.push((subject.to_owned(), cause));
        self
    }

    pub fn because(mut self, evidence: impl IntoIterator<Item = String>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    pub fn with_headline(mut self, headline: String) -> Self {
        self.headline = headline;
        self
    }

    pub fn in_brief(mut self, brief: String) -> Self {
        self.brief = Some(brief);
        self
    }

    pub fn act(mut self, action: impl Into<String>) -> Self {
        self.action = action.into();
        self
    }

    pub fn gaining(mut self, effect: Measured<String>) -> Self {
        self.expected_effect = effect;
        self
    }

    pub fn at_least(mut self, severity: Option<Severity>) -> Self {
        self.severity = severity.map_or(self.severity, |severity| self.severity.max(severity));
        self
    }
}

/// How severe it is to exceed an allowance by this part of it.
pub fn severity_of(miss: f64, settings: &AdviceSettings) -> Severity {
    match miss {
        miss if miss >= settings.critical_from_miss => Severity::Critical,
        miss if miss >= settings.high_from_miss => Severity::High,
        miss if miss >= settings.medium_from_miss => Severity::Medium,
        _ => Severity::Low,
    }
}
