//! A number as read from a run: its value, how many calls or samples it rests on, and whether these are enough.

use std::borrow::Cow;

use crate::summary::{Distribution, Measured, TokenCounts};

/// A number of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Undefined with its reason.
    pub value: Measured<f64>,
    /// Calls or samples that it rests on; none where it is not a matter of counting.
    pub n: Option<u64>,
    pub guard: Guard,
}

/// Whether a number rests on enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Guard {
    /// Not a matter of counting.
    Enough,
    /// A share of so many: it needs as many beyond a limit as a quantile needs beyond itself.
    ShareOf(u64),
    /// A quantile, which says so itself; where its samples start, and their median, ms, tell how many lie beyond a limit.
    Quantile { low_sample: bool, q: f64, least_ms: Option<f64>, median_ms: Option<f64> },
}

impl Reading {
    pub fn undefined(reason: impl Into<Cow<'static, str>>) -> Self {
        value(&Measured::undefined(reason))
    }

    /// The quantile `q` of a distribution.
    pub fn quantile(distribution: &Distribution, q: f64) -> Self {
        let low_sample = distribution.quantile(q).is_some_and(|quantile| quantile.low_sample);
        let (least_ms, median_ms) = (distribution.min_ms.number(), distribution.value_ms(0.5));
        let guard = Guard::Quantile { low_sample, q, least_ms, median_ms };
        Self { guard, ..over(&distribution.measured_ms(q), distribution.n) }
    }

    /// The quantile `q` of tokens.
    pub fn count_quantile(tokens: &TokenCounts, q: f64) -> Self {
        let Some(found) = tokens.quantile(q) else { return Self::undefined("not measured") };
        let guard = Guard::Quantile { low_sample: found.low_sample, q, least_ms: None, median_ms: None };
        Self { guard, ..over(&found.value, tokens.n) }
    }
}

/// A number that is not a matter of counting.
pub fn value(value: &Measured<f64>) -> Reading {
    Reading { value: value.clone(), n: None, guard: Guard::Enough }
}

pub fn known(number: f64) -> Reading {
    value(&Measured::Value(number))
}

pub fn count(count: u64) -> Reading {
    known(count as f64)
}

pub fn counted(count: &Measured<u64>) -> Reading {
    value(&count.as_ref().map(|&count| count as f64))
}

/// A mean over `n`.
pub fn over(mean: &Measured<f64>, n: u64) -> Reading {
    Reading { n: Some(n), ..value(mean) }
}

/// A share of `of`.
pub fn share(share: &Measured<f64>, of: u64) -> Reading {
    Reading { guard: Guard::ShareOf(of), ..over(share, of) }
}
