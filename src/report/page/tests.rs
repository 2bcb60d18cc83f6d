//! Pages of small runs.
