//! What every question needs at the end: the run's words, settings, metadata and window.

use super::words::Words;
use crate::config::MeasureSettings;
use crate::run::RunMetadata;
use crate::summary::Window;

pub struct Context<'a> {
    pub words: &'a Words,
    pub settings: &'a MeasureSettings,
    /// Outcomes of a component or operation whose times are kept apart.
    pub max_categories: usize,
    pub metadata: &'a RunMetadata,
    pub window: &'a Window,
}
