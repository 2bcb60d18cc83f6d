//! `cmo-metrics analyze` as a user types it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod clock;
mod gate;
mod inputs;
mod names;
mod output;
mod same_bytes;
#[path = "../support/mod.rs"]
mod support;
mod tables;
mod window;
