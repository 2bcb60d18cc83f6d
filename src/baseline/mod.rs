//! A baseline: what a later run is compared with. It holds all that a comparison needs, so that its runs may be gone.

mod conditions;
mod config_digest;
mod digest;
mod environment;
mod error;
mod file;
#[cfg(test)]
pub(crate) mod fixture;
mod folder;
mod groups;
mod history;
mod layout;
mod record;
mod sanity;
mod spelling;
mod store;

pub use conditions::Conditions;
pub use environment::MEMORY_MB;
pub use error::BaselineError;
pub use folder::{HISTORY, is_name};
pub use groups::Group;
pub use record::{RunRecord, fingerprint};
pub use store::{Entry, Replaced, Saved, Store};

use serde::Serialize;

/// The `schema_version` of the baseline files that this build understands. A new one also stands for new definitions of the
/// numbers: those of version 1 had other names and populations and are not compared with those of today.
pub const SCHEMA_VERSION: u32 = 2;

/// Runs under one name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Baseline {
    pub schema_version: u32,
    pub name: String,
    /// RFC 3339, UTC.
    pub saved_at: String,
    /// What wrote it: `cmo-metrics 0.1.0`.
    pub tool: String,
    /// Sorted by conditions, then by run id; never empty; no id twice.
    pub runs: Vec<RunRecord>,
}
