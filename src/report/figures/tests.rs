//! Figures of small runs.
