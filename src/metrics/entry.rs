//! How an entry of the catalogue is written: a metric and the function that reads it.

use super::metric::{Better, Metric, Name, Population, Scope};
use super::reading::Reading;
use crate::summary::{Distribution, TokenCounts};
use crate::units::{Scale, Unit};

/// A metric and how it is read from a `T`.
pub struct Entry<T: 'static> {
    pub metric: Metric,
    pub read: Read<T>,
}

/// A number, or one for each quantile or word.
pub enum Read<T: 'static> {
    Number(fn(&T) -> Reading),
    Quantiles(fn(&T) -> &Distribution),
    CountQuantiles(fn(&T) -> &TokenCounts),
    Words(fn(&T) -> Vec<(String, Reading)>),
}

/// What an entry begins with: its name, which way it is better, and what it is good for.
#[derive(Clone, Copy)]
pub struct Head {
    name: &'static str,
    better: Better,
    window: Scope,
    is_relative: bool,
    is_compared: bool,
    is_headline: bool,
}

/// Better when lower.
pub const fn lower(name: &'static str) -> Head {
    head(name, Better::Lower)
}

/// Better when higher.
pub const fn higher(name: &'static str) -> Head {
    head(name, Better::Higher)
}

/// Neither direction is better.
pub const fn neither(name: &'static str) -> Head {
    head(name, Better::Neither)
}

const fn head(name: &'static str, better: Better) -> Head {
    Head { name, better, window: Scope::Judged, is_relative: false, is_compared: false, is_headline: false }
}

impl Head {
    /// Whatever its unit, its changes are shares of its value.
    pub const fn relative(self) -> Self {
        Self { is_relative: true, ..self }
    }

    /// Not of the judged window: of all that was sent.
    pub const fn of_all_sent(self) -> Self {
        Self { window: Scope::AllSent, ..self }
    }

    pub const fn compared(self) -> Self {
        Self { is_compared: true, ..self }
    }

    pub const fn headline(self) -> Self {
        Self { is_headline: true, ..self }
    }

    pub const fn metric(self, unit: Unit, population: Population, meaning: &'static str) -> Metric {
        let Self { name, better, window, is_relative, is_compared, is_headline } = self;
        let scale = match unit {
            _ if is_relative => Scale::Relative,
            Unit::Ratio => Scale::Points,
            Unit::Megabytes | Unit::MegabytesPerMinute | Unit::Kilobytes => Scale::Amount,
            _ => Scale::Relative,
        };
        Metric {
            name: Name::One(name),
            population,
            window,
            unit,
            scale,
            better,
            is_compared,
            is_headline,
            meaning,
        }
    }
}

/// A number.
pub const fn entry<T>(
    head: Head,
    unit: Unit,
    population: Population,
    meaning: &'static str,
    read: fn(&T) -> Reading,
) -> Entry<T> {
    Entry { metric: head.metric(unit, population, meaning), read: Read::Number(read) }
}

/// All measured quantiles of a distribution of times, behind the name.
pub const fn quantiles<T>(
    head: Head,
    population: Population,
    meaning: &'static str,
    read: fn(&T) -> &Distribution,
) -> Entry<T> {
    let metric = head.metric(Unit::Milliseconds, population, meaning);
    Entry { metric: Metric { name: Name::Quantiles(head.name), ..metric }, read: Read::Quantiles(read) }
}

/// All measured quantiles of tokens, behind the name.
pub const fn count_quantiles<T>(
    head: Head,
    population: Population,
    meaning: &'static str,
    read: fn(&T) -> &TokenCounts,
) -> Entry<T> {
    let metric = head.metric(Unit::Count, population, meaning);
    Entry {
        metric: Metric { name: Name::CountQuantiles(head.name), ..metric },
        read: Read::CountQuantiles(read),
    }
}

/// A number for each word that occurs, behind the name.
pub const fn words<T>(
    head: Head,
    unit: Unit,
    population: Population,
    meaning: &'static str,
    read: fn(&T) -> Vec<(String, Reading)>,
) -> Entry<T> {
    let metric = head.metric(unit, population, meaning);
    Entry { metric: Metric { name: Name::Words(head.name), ..metric }, read: Read::Words(read) }
}
