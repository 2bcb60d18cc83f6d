//! Is this a valid run file? Every finding with its place and its remedy.

use serde::Serialize;

use crate::config::RunLimits;

use super::unfinished;
use super::{LoadReport, RowFault, RunError, RunFile, RunSource};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The run cannot be used.
    Error,
    /// It can be used, less something that is lost.
    Warning,
    /// What the reader decided; nothing is lost.
    Info,
}

/// One thing that was found in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub severity: Severity,
    /// Name of the file without folder, where the run has several.
    pub file: Option<String>,
    pub column: Option<String>,
    /// Counted from 1 over the file.
    pub row: Option<u64>,
    pub message: String,
    pub remedy: Option<String>,
}

/// What was found in one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// The file or folder, or the argument that means none.
    pub path: String,
    /// None where the run could not be opened.
    pub run_id: Option<String>,
    /// Whether the run can be used.
    pub ok: bool,
    /// One word for what keeps it from being used, as [`RunError::kind`] has it.
    pub kind: Option<&'static str>,
    pub rows_total: Option<u64>,
    pub rows_used: Option<u64>,
    /// `verified`, `unverified`; none where the run cannot be used.
    pub integrity: Option<String>,
    /// Errors first, then warnings, then the rest.
    pub findings: Vec<Finding>,
}

/// Reads the run at `source` from end to end and says what is wrong with it.
pub fn check(source: &RunSource, limits: &RunLimits) -> CheckReport {
    let file = match RunFile::open(source, limits) {
        Ok(file) => file,
        Err(error) => return refused(&unfinished::or_still_written(error)),
    };
    match file.fold(|_| (), |(), _| (), |(), &mut ()| ()) {
        Ok(((), report)) => accepted(source, &file, &report),
        Err(error) => {
            let rows_total = Some(file.rows_total());
            CheckReport { run_id: Some(file.run_id().to_owned()), rows_total, ..refused(&error) }
        }
    }
}

/// The report of a run that cannot be used, or of an argument that means none.
pub fn refused(error: &RunError) -> CheckReport {
    let path = error.path().display().to_string();
    let text = error.to_string();
    let message = text.strip_prefix(&format!("{path}: ")).unwrap_or(&text).to_owned();
    let mut findings = vec![Finding {
        severity: Severity::Error,
        file: error.faults().first().map(|fault| fault.first_file.clone()),
        column: error.column().map(str::to_owned),
        row: error.row(),
        message,
        remedy: Some(error.remedy()),
    }];
    findings.extend(error.faults().iter().map(row_finding));
    CheckReport {
        path,
        run_id: None,
        ok: false,
        kind: Some(error.kind()),
        rows_total: None,
        rows_used: None,
        integrity: None,
        findings,
    }
}

fn accepted(source: &RunSource, file: &RunFile, report: &LoadReport) -> CheckReport {
    let mut findings: Vec<Finding> = report.faults.iter().map(row_finding).collect();
    if report.complete == Some(false) {
        let remedy = "record the run again, or take its numbers as those of the part that was recorded";
        findings.push(warning("the recording is unfinished: `complete` is false in its metadata", remedy));
    }
    if report.clock_steps > 0 {
        let message = format!("time runs backwards {} in its `process` rows", times(report.clock_steps));
        findings
            .push(warning(&message, "keep the clock of the recording machine from being set during a run"));
    }
    let list = |columns: &[String]| columns.join(", ");
    if !report.missing_columns.is_empty() {
        findings.push(info(format!("columns that it does not have: {}", list(&report.missing_columns))));
    }
    if !report.extra_columns.is_empty() {
        findings.push(info(format!("columns that are not used: {}", list(&report.extra_columns))));
    }
    findings.extend(report.notes.iter().cloned().map(info));
    CheckReport {
        path: source.path.display().to_string(),
        run_id: Some(file.run_id().to_owned()),
        ok: true,
        kind: None,
        rows_total: Some(report.rows_total),
        rows_used: Some(report.rows_used),
        integrity: Some(report.integrity.clone()),
        findings,
    }
}

fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

fn row_finding(fault: &RowFault) -> Finding {
    let rows = if fault.count == 1 { "1 row".to_owned() } else { format!("{} rows", fault.count) };
    Finding {
        severity: Severity::Warning,
        file: Some(fault.first_file.clone()),
        column: Some(fault.column.clone()),
        row: Some(fault.first_row),
        message: format!("{rows} left out: {}", fault.reason),
        remedy: Some(row_remedy(&fault.reason).to_owned()),
    }
}

fn row_remedy(reason: &str) -> &'static str {
    match reason {
        "duplicate_row" => {
            "write each event once; if equal rows are different events, set `run.drop_duplicate_rows = false`"
        }
        "null_ts" | "null_component" => "fill it in where the file is written, or leave such rows out",
        "stray_ts" => "keep the clock of the recording machine from being set during a run",
        _ if reason.starts_with("absurd") => "check the unit: durations are in ms",
        "ts_out_of_range" => "check the unit: the numbers may be s, ms or ns taken for another",
        _ if reason.ends_with("_id") => {
            "write ids as integers from 0 on (floats hold them below 2^53), null where there is none"
        }
        _ if reason.starts_with("non_finite") => "write null where there is no number",
        _ => "write null where there is no number; it must be 0 or more, and within the column's type",
    }
}

fn warning(message: &str, remedy: &str) -> Finding {
    Finding {
        severity: Severity::Warning,
        file: None,
        column: None,
        row: None,
        message: message.to_owned(),
        remedy: Some(remedy.to_owned()),
    }
}

fn info(message: String) -> Finding {
    Finding { severity: Severity::Info, file: None, column: None, row: None, message, remedy: None }
}
