//! The catalogue of metrics: each number once, with its key, population, unit, direction, and how it is read from a run.
//!
//! A key is `<component>[/<operation>]/<statistic>` of calls (`request/p95_ms`, `vector_db/search/success_rate`), or
//! `<component>/<metric>.<statistic>` of what was sampled (`process/threads.max`). Tables, targets, health, regression and
//! what is related across runs are loops over this table; a new metric is one entry in one of the files here.

pub use crate::units::Scale;

mod breaker;
mod breaker_rates;
mod cache;
mod calls;
mod catalogue;
mod check;
mod entry;
mod fallback;
mod goodput;
mod key;
mod metric;
mod models;
mod reading;
mod requests;
mod resources;
mod sampled;
mod subject;
#[cfg(test)]
mod tests;
mod time_share;

pub use catalogue::{all, column_of, find, found, headlines, read};
pub use check::{check_key, check_rule, metric_of, misspelt};
pub use key::MetricKey;
pub use metric::{
    BREAKER, Better, CACHE, FALLBACK, LIGHTRAG, Metric, Name, Population, REQUEST, RESOURCES, Scope,
};
pub use reading::{Guard, Reading};
pub use subject::{Fact, Found};
