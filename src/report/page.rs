//! `report.html`: the outline of a run with its figures.

use super::html::{KeyNumber, Page};
use super::outline::outline;
use crate::analysis::{Analysis, Provenance};

/// The page of a run.
pub fn of_run(analysis: &Analysis, provenance: &Provenance) -> Page {
    let _ = provenance;
    let numbers: Vec<KeyNumber> = Vec::new();
    Page { outline: outline(analysis), numbers, foot: Vec::new() }
}
