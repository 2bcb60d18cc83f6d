//! `cmo-metrics`: analysis of recorded load-test runs of the Clinical Metabolomics Oracle.
//!
//! The modules stand in the order in which data flows; `docs/ARCHITECTURE.md` is the map.

pub mod analysis;
pub mod config;
pub mod exit_code;
pub mod judge;
pub mod measure;
pub mod record;
pub mod report;
pub mod run;
pub mod simulate;
pub mod stats;
pub mod summary;
pub mod units;
