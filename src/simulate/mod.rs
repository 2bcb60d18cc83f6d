//! Makes runs with known truth: a simulated CMO under load, seeded, written like a recording.
//!
//! `plan` turns a scenario into numbers, `engine` lets users, caches, LightRAG's slots, breaker and fallbacks play
//! against each other on a simulated clock, `truth` says what a good analysis must find. `corpus` makes many
//! long runs for measurements of speed.

mod breaker;
mod draws;
mod engine;
mod flow;
mod metadata;
mod parameters;
mod plan;
mod samples;
mod scenario;
mod truth;
mod words;

pub mod corpus;

use std::path::Path;

use crate::run::{RunWriter, WriteError, Written};

pub use metadata::TRUTH_KEY;
pub use parameters::{DEFAULT_START_US, Length, Parameters, PlanError};
pub use plan::Plan;
pub use scenario::Scenario;

/// Plays the plan and writes the run to `path`. Same plan, same bytes.
///
/// # Errors
/// The file cannot be written.
pub fn simulate(plan: &Plan, path: &Path) -> Result<Written, WriteError> {
    let mut engine = engine::Engine::new(plan, RunWriter::create(path)?);
    let log = engine.play()?;
    engine.into_writer().finish(&metadata::describe(plan, &log))
}

#[cfg(test)]
mod tests;
