//! The mark of a folder that is ours.

/// Only a folder that holds this file, or an empty one, is ever replaced.
pub use crate::staging::MARKER;

pub const MARKER_TEXT: &str = "Written by cmo-metrics. The next report of this run replaces this folder with all \
                           that is in it.\n";
