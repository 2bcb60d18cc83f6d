//! What every command that judges runs is asked: which runs, which part of them, against what, and what is printed.

use std::path::PathBuf;

use clap::ValueHint;
use clap::builder::{PossibleValue, TypedValueParser};

use super::words::one_of;
use crate::judge::{ComparisonOptions, Field, Severity, WindowChoice, WindowError};
use crate::report::Format;

/// Where run ids are looked up, and what is analysed when nothing is named.
pub const DATA_DIR: &str = "data";

/// Those of `analyze` and `compare`.
#[derive(Debug, Clone, clap::Args)]
pub struct JudgeArgs {
    /// Run files, folders, globs, or ids of runs in data/
    #[arg(default_value = DATA_DIR, value_name = "RUNS", value_hint = ValueHint::AnyPath)]
    pub runs: Vec<String>,
    /// What is printed; github: annotations of a job, at most ten
    #[arg(long, value_parser = printed_parser(), default_value = TEXT)]
    pub format: Printed,
    /// Write the verdicts as JUnit XML, too: a test for each metric of the gate and each target; what cannot be told is skipped
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub export_junit: Option<PathBuf>,
    /// End with 0 whatever was found; errors of usage still count
    #[arg(long)]
    pub exit_zero: bool,
    #[command(flatten)]
    pub window: WindowArgs,
    #[command(flatten)]
    pub against: BaselineArgs,
}

/// What is printed of judged runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Printed {
    Report(Format),
    /// Annotations of a GitHub job.
    Github,
}

impl Printed {
    /// With `--quiet` nothing is said but what a program asked for.
    pub fn is_for_people(self) -> bool {
        self == Printed::Report(Format::Text)
    }
}

const HEADING: &str = "Judged window";

/// Which part of each run is judged. Without these it is found: markers of the run, else warm-up and ramps are cut.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct WindowArgs {
    /// Judge from this time after the run's start on: `12`, `12s`, `1m30s`, `500ms`
    #[arg(long, value_name = "TIME", value_parser = parse_seconds, help_heading = HEADING)]
    pub from: Option<f64>,
    /// Judge up to this time after the run's start
    #[arg(long, value_name = "TIME", value_parser = parse_seconds, help_heading = HEADING)]
    pub to: Option<f64>,
    /// Cut this much off the start as warm-up, whatever the run's markers say
    #[arg(long, value_name = "TIME", value_parser = parse_seconds, help_heading = HEADING, conflicts_with = "from")]
    pub warmup: Option<f64>,
}

impl WindowArgs {
    /// # Errors
    /// When no run could have such a window.
    pub fn choice(&self) -> Result<WindowChoice, WindowError> {
        WindowChoice { from_s: self.from, to_s: self.to, warm_up_s: self.warmup }.checked()
    }
}

/// Seconds from a plain number (of seconds) or a duration such as `1m30s`.
fn parse_seconds(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let seconds = match text.parse::<f64>() {
        Ok(seconds) => seconds,
        Err(_) => text.parse::<jiff::SignedDuration>().map_err(|_| NOT_A_TIME.to_owned())?.as_secs_f64(),
    };
    if !seconds.is_finite() || seconds < 0.0 {
        return Err(NOT_A_TIME.to_owned());
    }
    Ok(seconds)
}

const NOT_A_TIME: &str = "write a time after the run's start, such as 12, 12s, 1m30s or 500ms";

/// The flags that name what runs are compared with: one of them at most.
pub const REFERENCE: &str = "reference";

/// What runs are compared with, and when that fails.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Baseline and gate")]
pub struct BaselineArgs {
    /// Compare with this baseline; a regression of its gate ends with 99, what cannot be judged with 3
    #[arg(long, value_name = "NAME", group = REFERENCE)]
    pub baseline: Option<String>,
    /// Folder of the baselines
    #[arg(long, value_name = "DIR", default_value = "baselines", value_hint = ValueHint::DirPath)]
    pub baselines: PathBuf,
    /// The gate fails on regressions of this severity and above
    #[arg(long, value_name = "SEVERITY", value_parser = severity_parser(), default_value = Severity::Medium.word(), requires = REFERENCE)]
    pub fail_on: Severity,
    /// The gate passes only if a regression of this severity is excluded [default: regression.must_exclude, high]
    #[arg(long, value_name = "SEVERITY", value_parser = severity_parser(), requires = REFERENCE)]
    pub must_exclude: Option<Severity>,
    /// Compare although this differs; may be given several times
    #[arg(long, value_name = "FIELD", value_parser = field_parser(), requires = REFERENCE)]
    pub allow_different: Vec<Field>,
}

impl BaselineArgs {
    pub fn options(&self) -> ComparisonOptions {
        ComparisonOptions {
            fail_on: self.fail_on,
            must_exclude: self.must_exclude,
            allow_different: self.allow_different.clone(),
            ..ComparisonOptions::default()
        }
    }
}

const TEXT: &str = "text";

/// The forms of a report.
fn formats() -> [(PossibleValue, Format); 3] {
    [(TEXT.into(), Format::Text), ("json".into(), Format::Json), ("markdown".into(), Format::Markdown)]
}

pub fn format_parser() -> impl TypedValueParser<Value = Format> {
    one_of(formats())
}

fn printed_parser() -> impl TypedValueParser<Value = Printed> {
    let [text, json, markdown] = formats().map(|(word, format)| (word, Printed::Report(format)));
    one_of([text, json, markdown, ("github".into(), Printed::Github)])
}

fn severity_parser() -> impl TypedValueParser<Value = Severity> {
    let severities = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    one_of(severities.map(|severity| (severity.word().into(), severity)))
}

fn field_parser() -> impl TypedValueParser<Value = Field> {
    one_of(Field::ALL.map(|field| (PossibleValue::new(field.argument()).help(meaning(field)), field)))
}

fn meaning(field: Field) -> &'static str {
    match field {
        Field::Scenario => "What the test does",
        Field::Users => "Configured number of users",
        Field::LoadModel => "Open or closed",
        Field::Rate => "Requests per second that an open load asks for",
        Field::Environment => "Class of machine: host class, CPUs, memory, operating system",
        Field::Config => "Settings that change measured numbers",
        Field::Length => "How long the judged window is",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_people_write_them() {
        for (text, seconds) in [
            ("12", 12.0),
            ("12s", 12.0),
            ("1m30s", 90.0),
            ("500ms", 0.5),
            ("1.5", 1.5),
            ("0", 0.0),
            ("1h", 3600.0),
        ] {
            assert_eq!(parse_seconds(text), Ok(seconds), "{text}");
        }
        for text in ["", "soon", "-3", "-3s", "nan", "inf", "12 parsecs"] {
            assert!(parse_seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_window_that_ends_before_it_begins_is_refused_before_any_run_is_read() {
        let args = WindowArgs { from: Some(20.0), to: Some(10.0), warmup: None };
        let error = args.choice().unwrap_err();
        assert_eq!(error.exit_code(), crate::exit_code::ExitCode::Usage);
        assert!(WindowArgs { to: Some(30.0), ..args }.choice().is_ok());
    }

    #[test]
    fn every_field_can_be_typed_and_is_typed_as_it_says() {
        for field in Field::ALL {
            let command = clap::Command::new("c").arg(clap::Arg::new("field").value_parser(field_parser()));
            let found = command.try_get_matches_from(["c", field.argument()]).unwrap();
            assert_eq!(found.get_one::<Field>("field"), Some(&field));
        }
    }
}
