//! `check`: are these valid run files, and if not, what is wrong, where, and how is it mended.

use std::io::Write;
use std::path::Path;

use anyhow::Context as _;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::session::Session;
use crate::cli::check::{CheckArgs, CheckFormat};
use crate::cli::judge::DATA_DIR;
use crate::config::RunLimits;
use crate::exit_code::ExitCode;
use crate::report::printable;
use crate::run::{CheckReport, Finding, Severity, check, locate, refused};

/// Checks the runs and writes what was found to `out`.
///
/// # Errors
/// When `out` cannot be written.
pub fn run(args: &CheckArgs, session: &Session, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let reports = check_runs(&args.runs, &session.layers.config.run, Path::new(DATA_DIR));
    if session.verbosity.is_quiet() && args.format == CheckFormat::Text {
        say_faults(&reports);
    } else {
        super::print(out, &render(&reports, args.format)?).context("cannot print what was found")?;
    }
    Ok(exit_code(&reports))
}

fn check_runs(runs: &[String], limits: &RunLimits, data_dir: &Path) -> Vec<CheckReport> {
    let found = locate(runs, data_dir);
    found
        .par_iter()
        .map(|source| match source {
            Ok(source) => check(source, limits),
            Err(error) => refused(error),
        })
        .collect()
}

fn exit_code(reports: &[CheckReport]) -> ExitCode {
    let all_ok = reports.iter().all(|report| report.ok);
    if all_ok { ExitCode::Clean } else { ExitCode::CouldNotJudge }
}

/// What is left to say where only errors are wanted.
fn say_faults(reports: &[CheckReport]) {
    for report in reports.iter().filter(|report| !report.ok) {
        if let Some(error) = report.findings.first() {
            let message = format!("{}: {}", report.path, error.message);
            super::say_error(&printable(&message), error.remedy.as_deref());
        }
    }
}

fn render(reports: &[CheckReport], format: CheckFormat) -> serde_json::Result<String> {
    match format {
        CheckFormat::Text => Ok(reports.iter().map(text).collect()),
        CheckFormat::Json => Ok(serde_json::to_string_pretty(reports)? + "\n"),
    }
}

fn text(report: &CheckReport) -> String {
    let path = &report.path;
    let mut findings = report.findings.iter();
    let first = match report.findings.first() {
        Some(error) if !report.ok => {
            findings.next();
            let remedy = error.remedy.as_deref().unwrap_or_default();
            format!("FAULT  {path}: {}. Remedy: {remedy}", error.message)
        }
        _ => format!("ok     {path}: {}", describe_rows(report)),
    };
    let others = findings.map(|finding| format!("       {}", describe(finding)));
    std::iter::once(first).chain(others).map(|line| printable(&line) + "\n").collect()
}

fn describe_rows(report: &CheckReport) -> String {
    let (total, used) = (report.rows_total.unwrap_or(0), report.rows_used.unwrap_or(0));
    let rows = if used == total { format!("{total} rows") } else { format!("{used} of {total} rows used") };
    format!("{rows}, {}", report.integrity.as_deref().unwrap_or("unverified"))
}

fn describe(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    };
    let mut text = format!("{severity}: {}", finding.message);
    if let Some(column) = finding.column.as_deref().filter(|column| *column != "all") {
        text.push_str(&format!(", column `{column}`"));
    }
    if let Some(row) = finding.row {
        let file = finding.file.as_deref().unwrap_or_default();
        text.push_str(&format!(", first at {file} row {row}"));
    }
    if let Some(remedy) = &finding.remedy {
        text.push_str(&format!(". Remedy: {remedy}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::run::{Event, RunMetadata, RunWriter};

    fn write(path: &Path, durations: &[f64]) {
        let mut writer = RunWriter::create(path).unwrap();
        for (row, &duration_ms) in durations.iter().enumerate() {
            let event = Event {
                ts: 1_767_225_600_000_000 + row as i64,
                component: "request".to_owned(),
                duration_ms: Some(duration_ms),
                ..Event::default()
            };
            writer.push(&event).unwrap();
        }
        writer.finish(&RunMetadata::default()).unwrap();
    }

    fn run_check(runs: &[&str], format: CheckFormat, data_dir: &Path) -> (String, ExitCode) {
        let runs: Vec<String> = runs.iter().map(|&run| run.to_owned()).collect();
        let reports = check_runs(&runs, &Config::defaults().run, data_dir);
        let root = format!("{}/", data_dir.display());
        (render(&reports, format).unwrap().replace(&root, ""), exit_code(&reports))
    }

    #[test]
    fn each_run_has_a_line_that_begins_with_ok_or_fault() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("a.parquet"), &[1.0; 300]);
        write(&folder.path().join("b.parquet"), &[1.0, -1.0]);
        let (text, code) = run_check(&["a", "b", "c"], CheckFormat::Text, folder.path());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "ok     a.parquet: 300 rows, verified");
        assert!(lines[1].starts_with("FAULT  b.parquet: 1 of 2 rows have faults"), "{text}");
        assert!(lines[1].contains("Remedy: mend these rows"), "{text}");
        let expected = "       warning: 1 row left out: negative_duration, column `duration_ms`, first at \
                        b.parquet row 2. Remedy: write null where there is no number; it must be 0 or more, \
                        and within the column's type";
        assert_eq!(lines[2], expected);
        assert!(lines[3].starts_with("FAULT  c: no such file or folder"), "{text}");
        assert_eq!(code, ExitCode::CouldNotJudge);
        assert_eq!(run_check(&["a"], CheckFormat::Text, folder.path()).1, ExitCode::Clean);
    }

    #[test]
    fn json_holds_the_same_with_place_and_remedy_apart() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("b.parquet"), &[1.0, f64::INFINITY]);
        let (text, _) = run_check(&["b"], CheckFormat::Json, folder.path());
        let reports: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(reports[0]["ok"], false);
        assert_eq!(reports[0]["run_id"], "b");
        let finding = &reports[0]["findings"][0];
        assert_eq!((&finding["severity"], &finding["row"]), (&"error".into(), &2.into()));
        assert_eq!((&finding["file"], &finding["column"]), (&"b.parquet".into(), &"duration_ms".into()));
        assert!(finding["remedy"].as_str().unwrap().starts_with("mend these rows"));
    }

    #[test]
    fn control_characters_of_a_name_do_not_reach_the_terminal() {
        let (text, _) = run_check(&["a\u{1b}[2Jb\nok"], CheckFormat::Text, Path::new("data"));
        assert_eq!(text.lines().count(), 1);
        assert!(!text.contains('\u{1b}'));
    }
}
