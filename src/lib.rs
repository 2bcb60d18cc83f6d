//! `cmo-metrics`: analysis of recorded load-test runs of the Clinical Metabolomics Oracle.
//!
//! A run file becomes an [`Analysis`], many become a [`Comparison`]; both are plain structs with their evidence, and hand out
//! Polars frames:
//!
//! ```
//! use cmo_metrics::{Config, analyze, compare, open};
//!
//! let config = Config::defaults();
//!
//! // One run: what was measured, what is judged of it, what to do.
//! let analysis = analyze("data/load_10.parquet", &config)?;
//! println!("{} requests, judged {}", analysis.summary.requests.totals.requests, analysis.steadiness.because);
//! for advice in &analysis.recommendations {
//!     println!("{:?}: {}", advice.severity, advice.text);
//! }
//!
//! // Its numbers as frames, the same as in the Parquet tables of the report, and its events.
//! let tables = analysis.tables()?;
//! assert!(tables["components"].height() > 0);
//! let events = open("data/load_10.parquet", &config)?.frame()?;
//! assert_eq!(events.column("ts").unwrap().dtype().to_string(), "datetime[μs]");
//!
//! // Runs side by side.
//! let comparison = compare(&["data/load_10.parquet", "data/load_25.parquet"], &config);
//! assert_eq!(comparison.ranking.len(), 2);
//! # Ok::<(), cmo_metrics::Error>(())
//! ```
//!
//! The modules stand in the order in which data flows; `docs/ARCHITECTURE.md` is the map.

pub mod contract;
pub mod exit_code;
pub mod memory;
pub mod nearest;
pub mod staging;
pub mod stats;
pub mod units;

pub mod summary;

pub mod metrics;

pub mod config;

pub mod run;

pub mod record;
pub mod simulate;

pub mod measure;

pub mod baseline;

pub mod history;

pub mod judge;

pub mod advise;

pub mod analysis;

pub mod comparison;

pub mod report;

pub mod library;

pub mod cli;
pub mod commands;

pub use analysis::{Against, Analysis};
pub use comparison::{Comparison, GroupKey};
pub use config::Config;
pub use judge::WindowChoice;
pub use library::{
    CompareOptions, DataFrame, Error, Options, Tables, analyze, analyze_with, compare, compare_with, open,
};
pub use run::RunFile;
