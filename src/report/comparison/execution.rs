//! Under which settings runs were compared.

use crate::analysis::Provenance;
use crate::config::Config;
use crate::judge::WindowChoice;

/// Under which settings the runs were compared.
#[derive(Debug, Clone, Copy)]
pub struct Execution<'a> {
    pub provenance: &'a Provenance,
    pub config: &'a Config,
    pub window: &'a WindowChoice,
}
