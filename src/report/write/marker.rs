//! The mark of a folder that is ours.

/// A folder that holds this file is ours: only such a folder, or an empty one, is ever replaced.
pub const MARKER: &str = ".cmo-metrics-report";

pub const MARKER_TEXT: &str = "Written by cmo-metrics. The next report of this run replaces this folder with all \
                           that is in it.\n";
