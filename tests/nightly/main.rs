//! What a job over many runs must survive: broken runs, signals, other jobs, full disks, tight limits.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

mod breakages;
mod disk;
mod examples;
mod interruption;
mod jobs;
mod limits;
mod quarantine;
#[path = "../support/mod.rs"]
mod support;
mod unfinished;
