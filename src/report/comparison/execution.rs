//! Under which settings runs were compared, and what was known of the nights before.

use crate::analysis::Provenance;
use crate::config::Config;
use crate::judge::WindowChoice;
use crate::report::history::Shown;

/// Under which settings the runs were compared, and what was known of the nights before.
#[derive(Debug, Clone, Copy)]
pub struct Execution<'a> {
    pub provenance: &'a Provenance,
    pub config: &'a Config,
    pub window: &'a WindowChoice,
    /// The nights of the levels that were judged, where a history is kept.
    pub nights: &'a [Shown<'a>],
}
