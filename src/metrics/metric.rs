//! What a metric is: name, population, unit, direction.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::key::quantile_of;
use crate::summary::quantile_name;
use crate::units::{Scale, Unit};

/// What is known of a metric before any run is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metric {
    pub name: Name,
    pub population: Population,
    pub window: Scope,
    pub unit: Unit,
    /// On which scale two values are compared.
    pub scale: Scale,
    pub better: Better,
    /// Its noise is measured, so that it can be compared with a baseline.
    pub is_compared: bool,
    /// A column of `runs.parquet`; all metrics are rows of `components.parquet`.
    pub is_headline: bool,
    /// One clause for people, with the formula where it has one.
    pub meaning: &'static str,
}

/// The statistic, which is the last part of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    One(&'static str),
    /// One for each quantile that is measured: `p95_ms` behind the prefix.
    Quantiles(&'static str),
    /// The same of what is counted: `p95` behind the prefix.
    CountQuantiles(&'static str),
    /// One for each word that occurs, behind the prefix.
    Words(&'static str),
}

/// Which part of a run a metric is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The judged window.
    Judged,
    /// All that was sent, unless somebody cut a part out.
    AllSent,
}

impl Scope {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Scope::Judged => "judged",
            Scope::AllSent => "all sent",
        }
    }
}

/// What the name of a quantile of times ends in.
const MS: &str = "_ms";

/// Which rows a metric is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Population {
    /// Every call that was started.
    Sent,
    /// Calls that came to an end, however.
    Finished,
    /// Finished calls; as many of the fastest are left out as failed.
    FinishedAgainstOk,
    /// Successful calls.
    Ok,
    /// Calls that ended ok or failed.
    OkOrFailed,
    /// Look-ups of a cache.
    Lookups,
    /// Calls that came to a breaker.
    Guarded,
    /// Requests that entered the fallback chain.
    EnteredChain,
    /// Sampled values.
    Samples,
}

/// Which way a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    Lower,
    Higher,
    Neither,
}

impl Name {
    /// Could `statistic` be one of this name?
    pub fn fits(&self, statistic: &str) -> bool {
        match self {
            Name::One(name) => *name == statistic,
            Name::Quantiles(_) | Name::CountQuantiles(_) => self.quantile_in(statistic).is_some(),
            Name::Words(prefix) => statistic.strip_prefix(prefix).is_some_and(|word| !word.is_empty()),
        }
    }

    /// The statistics of this name where these quantiles are measured.
    pub fn statistics(self, quantiles: &[f64]) -> Vec<String> {
        match self {
            Name::Quantiles(_) | Name::CountQuantiles(_) => {
                quantiles.iter().filter_map(|&q| self.of_quantile(q)).collect()
            }
            name => vec![name.to_string()],
        }
    }

    /// The statistic of the quantile `q`, where this is the name of quantiles.
    pub fn of_quantile(self, q: f64) -> Option<String> {
        match self {
            Name::Quantiles(prefix) => Some(format!("{prefix}{}", quantile_name(q))),
            Name::CountQuantiles(prefix) => {
                Some(format!("{prefix}{}", quantile_name(q).trim_end_matches(MS)))
            }
            _ => None,
        }
    }

    /// The quantile that `statistic` names behind the prefix, 0..1.
    pub fn quantile_in(self, statistic: &str) -> Option<f64> {
        match self {
            Name::Quantiles(prefix) => statistic.strip_prefix(prefix).and_then(quantile_of),
            Name::CountQuantiles(prefix) => {
                statistic.strip_prefix(prefix).and_then(|rest| quantile_of(&format!("{rest}{MS}")))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::One(name) => out.write_str(name),
            Name::Quantiles(prefix) => write!(out, "{prefix}p<q>{MS}"),
            Name::CountQuantiles(prefix) => write!(out, "{prefix}p<q>"),
            Name::Words(prefix) => write!(out, "{prefix}<word>"),
        }
    }
}

impl Population {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Population::Sent => "calls sent",
            Population::Finished => "finished calls",
            Population::FinishedAgainstOk => "finished calls, without as many of the fastest as failed",
            Population::Ok => "successful calls",
            Population::OkOrFailed => "calls that ended ok or failed",
            Population::Lookups => "look-ups of a cache",
            Population::Guarded => "calls that came to a breaker",
            Population::EnteredChain => "requests that entered the fallback chain",
            Population::Samples => "sampled values",
        }
    }
}

/// Names of what is made of several components or of none.
pub const REQUEST: &str = "request";
pub const LIGHTRAG: &str = "lightrag";
pub const CACHE: &str = "cache";
pub const BREAKER: &str = "circuit_breaker";
pub const FALLBACK: &str = "fallback_system";
pub const RESOURCES: &str = "resources";
