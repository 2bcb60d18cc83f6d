//! The figures of a run: each is made in one file, from an analysis, as data.

mod bins;
mod captions;
mod chain;
mod counted;
mod distribution;
mod gauges;
mod grades;
mod one_cycle;
mod over_time;
mod targets;
mod time_spent;
mod timeline;
mod waterfall;

pub use chain::{cache, chain};
pub use distribution::distribution;
pub use grades::grades;
pub use one_cycle::one_cycle;
pub use over_time::{percentiles, throughput};
pub use targets::targets;
pub use time_spent::time_spent;
pub use timeline::timeline;
pub use waterfall::slowest;

#[cfg(test)]
mod tests;
