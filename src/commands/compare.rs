//! `compare`: runs against a baseline, side by side: open → analyze → print. The gate of a job over many runs.

use std::io::Write;

use super::interruption;
use super::judge_args::JudgeArgs;
use super::pipeline::{after_printing, analyze_run, conclude, find_runs, for_each_run};
use super::session::Session;
use crate::exit_code::ExitCode;
use crate::report::{self, Format};

/// Judge many runs against a baseline, each against its own group.
///
/// Prints a table of all runs and why the gate does not pass for one of them. A run that cannot be read is reported,
/// the others are judged, and the exit code is 3; a failed gate is 99.
#[derive(Debug, Clone, clap::Args)]
#[command(
    mut_arg("baseline", |argument| argument.required(true)),
    after_help = "Examples:\n  cmo-metrics compare data --baseline production\n  cmo-metrics compare data --baseline production \
                        --format markdown > gate.md"
)]
pub struct CompareArgs {
    #[command(flatten)]
    pub judge: JudgeArgs,
}

/// Judges the runs and prints how they compare.
///
/// # Errors
/// When nothing can be begun. A run that fails is part of the result, not an error.
pub fn run(args: &CompareArgs, session: &Session, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let (choice, against) = match args.judge.asked() {
        Ok(asked) => asked,
        Err(code) => return Ok(code),
    };
    interruption::watch("compare")?;
    let (runs, failures) = find_runs(&args.judge.runs);
    let (analyses, failures) = for_each_run("analyzing", &runs, failures, session, |run| {
        let mut analysis = analyze_run(run, &choice, &against, session)?;
        analysis.drop_series();
        Ok(analysis)
    });
    let printed = report::comparison(args.judge.format, &analyses, &failures, &session.provenance);
    let is_wanted = !(session.verbosity.is_quiet() && args.judge.format == Format::Text);
    let printing = if is_wanted { super::print(out, &printed) } else { Ok(()) };
    let code = conclude(&analyses, &failures, &against, args.judge.exit_zero);
    Ok(after_printing(printing, "the comparison", code))
}
