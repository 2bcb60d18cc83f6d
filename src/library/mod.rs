//! What Rust programs, other languages and the commands share: runs by their path → verdicts, frames and tables.
//!
//! Nothing is printed or written here, and what goes wrong is a value.

mod compare;
mod error;
mod frame;
mod lanes;
mod many;
mod one;
mod run_frame;
mod suspects;
mod tables;
#[cfg(test)]
mod tests;

pub use crate::memory::TooLarge;
pub use compare::{CompareOptions, compare, compare_with, names_of, reference};
pub use error::{Error, Refusal};
pub use many::{find_runs, for_each_run};
pub use one::{Options, analyze, analyze_with, judge, measure, measure_recording, open, read};
pub use polars_core::frame::DataFrame;
pub use tables::Tables;
