//! What can keep a run from being read: each error names the file, where in it, and how to mend it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::contract::RowFault;

/// Why a run cannot be used. `Display` says what is wrong and where; [`RunError::remedy`] how to mend it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    #[error("{argument}: no such file or folder, and no run of this id in {}", data_dir.display())]
    NotFound { argument: String, data_dir: PathBuf },
    #[error("{pattern}: no file or folder matches")]
    NoMatch { pattern: String },
    #[error("{pattern}: not a valid pattern: {reason}")]
    BadPattern { pattern: String, reason: String },
    #[error("{}: no run in this folder", path.display())]
    EmptyFolder { path: PathBuf },
    #[error("{}: its run id `{run_id}` is also that of {}", path.display(), other.display())]
    SameRunId { path: PathBuf, other: PathBuf, run_id: String },
    #[error("{}: cannot be read: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{}: not a Parquet file: it is empty", path.display())]
    EmptyFile { path: PathBuf },
    #[error("{}: not a Parquet file: {reason}", path.display())]
    NotParquet { path: PathBuf, reason: String },
    #[error("{}: cut off or damaged: {reason}", path.display())]
    Truncated { path: PathBuf, reason: String },
    #[error("{}: its footer promises what the file does not hold: {reason}", path.display())]
    FalseFooter { path: PathBuf, column: Option<String>, reason: String },
    #[error("{}: {reason}, more than `run.{limit}` allows", path.display())]
    OverLimit { path: PathBuf, column: Option<String>, reason: String, limit: &'static str },
    #[error("{}: the memory that is left does not do for it", path.display())]
    TooLarge { path: PathBuf },
    #[error("{}: damaged: {reason}", path.display())]
    Damaged { path: PathBuf, reason: String },
    #[error("{}: cannot be decoded: {reason}", path.display())]
    Undecodable { path: PathBuf, reason: String },
    #[error("{}: the Parquet reader gave up on it: {reason}", path.display())]
    ReaderPanicked { path: PathBuf, reason: String },
    #[error("{}: column `{column}` is missing; the file has {found}", path.display())]
    MissingColumn { path: PathBuf, column: &'static str, found: String },
    #[error("{}: column `{column}` is {found}, wanted {wanted}", path.display())]
    WrongType { path: PathBuf, column: String, found: String, wanted: &'static str },
    #[error("{}: column `{column}` stands in it more than once", path.display())]
    RepeatedColumn { path: PathBuf, column: String },
    #[error("{}: its metadata is not valid: {reason}", path.display())]
    BadMetadata { path: PathBuf, reason: String },
    #[error("{}: its metadata has schema_version {found}, this build knows up to {known}", path.display())]
    NewerMetadata { path: PathBuf, found: u64, known: u32 },
    #[error("{}: its parts disagree: {first} and {second} differ in {difference}", path.display())]
    PartsDisagree { path: PathBuf, first: String, second: String, difference: String },
    #[error("{}: it changed while it was read", path.display())]
    Changed { path: PathBuf },
    #[error("{}: still being recorded: it is not there yet, its recorder writes {}", path.display(), journal.display())]
    StillRecording { path: PathBuf, journal: PathBuf },
    #[error("{}: still being written by {writer}", path.display())]
    StillWritten { path: PathBuf, writer: String },
    #[error("{}: left behind by a recording of {} that was cut short: its recorder is gone", path.display(), run.display())]
    CutShort { path: PathBuf, run: PathBuf },
    #[error("{}: it has no rows", path.display())]
    NoRows { path: PathBuf },
    #[error("{}: none of its {rows} rows can be used: {}", path.display(), list(faults))]
    NoUsableRows { path: PathBuf, rows: u64, faults: Vec<RowFault> },
    #[error(
        "{}: {faulty} of {rows} rows have faults, more than `run.max_faulty_row_share` = {limit} allows: {}",
        path.display(),
        list(faults)
    )]
    TooManyFaults { path: PathBuf, faulty: u64, rows: u64, limit: f64, faults: Vec<RowFault> },
}

impl RunError {
    /// The file or folder, or the argument as it was typed.
    pub fn path(&self) -> &Path {
        match self {
            RunError::NotFound { argument, .. } => Path::new(argument),
            RunError::NoMatch { pattern } | RunError::BadPattern { pattern, .. } => Path::new(pattern),
            RunError::EmptyFolder { path }
            | RunError::SameRunId { path, .. }
            | RunError::Io { path, .. }
            | RunError::EmptyFile { path }
            | RunError::NotParquet { path, .. }
            | RunError::Changed { path }
            | RunError::StillRecording { path, .. }
            | RunError::StillWritten { path, .. }
            | RunError::CutShort { path, .. }
            | RunError::Truncated { path, .. }
            | RunError::FalseFooter { path, .. }
            | RunError::OverLimit { path, .. }
            | RunError::Damaged { path, .. }
            | RunError::Undecodable { path, .. }
            | RunError::ReaderPanicked { path, .. }
            | RunError::MissingColumn { path, .. }
            | RunError::WrongType { path, .. }
            | RunError::RepeatedColumn { path, .. }
            | RunError::BadMetadata { path, .. }
            | RunError::NewerMetadata { path, .. }
            | RunError::PartsDisagree { path, .. }
            | RunError::NoRows { path }
            | RunError::TooLarge { path }
            | RunError::NoUsableRows { path, .. }
            | RunError::TooManyFaults { path, .. } => path,
        }
    }

    /// One word for the kind of fault, for programs to branch on.
    pub fn kind(&self) -> &'static str {
        match self {
            RunError::NotFound { .. } => "no_such_run",
            RunError::NoMatch { .. } => "no_match",
            RunError::BadPattern { .. } => "bad_pattern",
            RunError::EmptyFolder { .. } => "empty_folder",
            RunError::SameRunId { .. } => "duplicate_id",
            RunError::Io { source, .. } if source.kind() == ErrorKind::NotFound => "vanished",
            RunError::Io { .. } => "unreadable",
            RunError::EmptyFile { .. } | RunError::NoRows { .. } => "empty",
            RunError::NotParquet { .. } => "not_parquet",
            RunError::Truncated { .. } => "truncated",
            RunError::FalseFooter { .. } | RunError::Damaged { .. } => "damaged",
            RunError::OverLimit { .. } => "over_limit",
            RunError::Undecodable { .. } | RunError::ReaderPanicked { .. } => "undecodable",
            RunError::MissingColumn { .. } | RunError::WrongType { .. } | RunError::RepeatedColumn { .. } => {
                "schema"
            }
            RunError::TooLarge { .. } => "too_large",
            RunError::BadMetadata { .. } => "metadata",
            RunError::NewerMetadata { .. } => "newer_metadata",
            RunError::PartsDisagree { .. } => "parts_disagree",
            RunError::Changed { .. } => "changed",
            RunError::StillRecording { .. } | RunError::StillWritten { .. } => "still_recording",
            RunError::CutShort { .. } => "recording_cut_short",
            RunError::NoUsableRows { .. } | RunError::TooManyFaults { .. } => "too_many_faults",
        }
    }

    /// Whether the file may be like this only because somebody is not done with writing it.
    pub fn may_be_unfinished(&self) -> bool {
        matches!(
            self,
            RunError::EmptyFile { .. }
                | RunError::NotParquet { .. }
                | RunError::Truncated { .. }
                | RunError::FalseFooter { .. }
                | RunError::Damaged { .. }
                | RunError::Undecodable { .. }
                | RunError::Changed { .. }
                | RunError::BadMetadata { .. }
        )
    }

    /// The column at fault, where there is one.
    pub fn column(&self) -> Option<&str> {
        match self {
            RunError::MissingColumn { column, .. } => Some(column),
            RunError::WrongType { column, .. } | RunError::RepeatedColumn { column, .. } => Some(column),
            RunError::FalseFooter { column, .. } | RunError::OverLimit { column, .. } => column.as_deref(),
            RunError::TooManyFaults { faults, .. } | RunError::NoUsableRows { faults, .. } => {
                faults.first().map(|fault| fault.column.as_str())
            }
            _ => None,
        }
    }

    /// The first row at fault, counted from 1 over its file.
    pub fn row(&self) -> Option<u64> {
        match self {
            RunError::TooManyFaults { faults, .. } | RunError::NoUsableRows { faults, .. } => {
                faults.first().map(|fault| fault.first_row)
            }
            _ => None,
        }
    }

    /// The rows at fault, where rows are the reason.
    pub fn faults(&self) -> &[RowFault] {
        match self {
            RunError::TooManyFaults { faults, .. } | RunError::NoUsableRows { faults, .. } => faults,
            _ => &[],
        }
    }

    /// What the user can do about it, one sentence.
    pub fn remedy(&self) -> String {
        match self {
            RunError::OverLimit { limit, .. } => {
                format!("if the file is what it should be, raise `run.{limit}` in cmo-metrics.toml")
            }
            RunError::MissingColumn { column, .. } => {
                format!("write a column `{column}`: rename the one that holds it, or add it")
            }
            RunError::WrongType { column, wanted, .. } => {
                format!("convert `{column}` to {wanted} before writing the file")
            }
            RunError::RepeatedColumn { column, .. } => format!("keep one column `{column}`"),
            other => other.fixed_remedy().to_owned(),
        }
    }

    fn fixed_remedy(&self) -> &'static str {
        match self {
            RunError::NotFound { .. } => "check the spelling; RUNS are files, folders, globs or run ids",
            RunError::NoMatch { .. } => "check the pattern, and quote it so that the shell keeps it",
            RunError::BadPattern { .. } => "write `*`, `?`, `[abc]` or `**` as a whole path part",
            RunError::EmptyFolder { .. } => "put run files (*.parquet) into it, or name another folder",
            RunError::SameRunId { .. } => {
                "give one of them another `run_id` in its metadata, or leave it out of this call"
            }
            RunError::Io { .. } => "check that the file exists and may be read",
            RunError::Changed { .. } => "judge it again when nothing writes it any more",
            RunError::StillRecording { .. } | RunError::StillWritten { .. } => "judge it when that has ended",
            RunError::CutShort { .. } => {
                "record the run again, and remove this file: without its end it cannot be read"
            }
            RunError::EmptyFile { .. } | RunError::NotParquet { .. } => {
                "name a run file in Parquet, as the recorder, pandas or pyarrow write it"
            }
            RunError::Truncated { .. } => {
                "copy or write the file again: Parquet that is cut off cannot be read"
            }
            RunError::FalseFooter { .. } | RunError::Damaged { .. } => {
                "copy it again from its source; if it is damaged there too, record the run again"
            }
            RunError::BadMetadata { .. } => {
                "write a JSON object as described in the run file's contract, or remove it: metadata is optional"
            }
            RunError::TooLarge { .. } => {
                "measure it where there is more memory, raise the limit (`ulimit -v`, the control group), or split it by time \
                 into several runs"
            }
            RunError::NewerMetadata { .. } => "use a newer cmo-metrics for this run",
            RunError::PartsDisagree { .. } => {
                "keep parts of one run only in the folder, all written with the same columns and metadata"
            }
            RunError::NoRows { .. } => "record the run again, or leave the file out",
            RunError::NoUsableRows { .. } | RunError::TooManyFaults { .. } => {
                "mend these rows where the file is written; `run.max_faulty_row_share` in cmo-metrics.toml is the limit"
            }
            _ => {
                "the file is damaged or uses a form this build cannot read: write it again, for example with \
                 pyarrow.parquet.write_table"
            }
        }
    }
}

fn list(faults: &[RowFault]) -> String {
    let entries: Vec<String> = faults
        .iter()
        .map(|fault| {
            format!(
                "{} {} in `{}` (first: {} row {})",
                fault.count, fault.reason, fault.column, fault.first_file, fault.first_row
            )
        })
        .collect();
    entries.join(", ")
}
