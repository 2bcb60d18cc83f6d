//! `cmo-metrics`: analysis of recorded load-test runs of the Clinical Metabolomics Oracle.
//!
//! The modules stand in the order in which data flows; `docs/ARCHITECTURE.md` is the map.

pub mod config;
pub mod exit_code;
pub mod staging;
pub mod stats;
pub mod units;

pub mod run;

pub mod record;
pub mod simulate;

pub mod summary;

pub mod measure;

pub mod baseline;

pub mod judge;

pub mod advise;

pub mod analysis;

pub mod comparison;

pub mod report;

pub mod cli;
pub mod commands;
