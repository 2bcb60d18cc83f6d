//! `history show`: the nights of each level, and what changed.

use std::io::Write;
use std::path::Path;

use anyhow::Context as _;

use crate::cli::history::ShowArgs;
use crate::commands::session::Session;
use crate::commands::{print, say, say_error};
use crate::exit_code::ExitCode;
use crate::report::history::{Asked, Shown, page, print as render};
use crate::report::printable;
use crate::staging;

/// Writes the nights to `out`. What changed is no matter of the exit code.
///
/// # Errors
/// When `out` cannot be written.
pub fn run(args: &ShowArgs, session: &Session, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let (found, acknowledgements) = match super::read(&args.store.baselines, session) {
        Ok(read) => read,
        Err(error) => return Ok(super::refuse(&error)),
    };
    let metric = args.metric.as_deref();
    let shown = super::shown(&found.runs, &acknowledgements, metric, args.users, session);
    if !found.runs.is_empty() && shown.iter().all(|shown| shown.series.is_empty()) {
        let asked = metric.map_or_else(|| "those".to_owned(), |metric| format!("`{metric}`"));
        let message = format!("no night has {asked}{}", at(args.users));
        say_error(&printable(&message), Some("`cmo-metrics history show` names what there is"));
        return Ok(ExitCode::Usage);
    }
    let asked = Asked { last: args.last as usize, in_full: metric.is_some() };
    let written =
        args.html.as_deref().map_or(ExitCode::Clean, |path| write_page(path, &shown, asked, session));
    print(out, &render(args.format, &shown, asked, session.paper)).context("cannot print the history")?;
    if found.runs.is_empty() && !session.verbosity.is_quiet() {
        say("`cmo-metrics compare RUNS --baseline NAME` adds the runs that it judges");
    }
    let code = if found.faults.is_empty() { ExitCode::Clean } else { ExitCode::CouldNotJudge };
    Ok(code.max(written))
}

/// In the place of what stood there, whole.
fn write_page(path: &Path, shown: &[Shown<'_>], asked: Asked, session: &Session) -> ExitCode {
    let page = page(shown, asked, &session.provenance);
    match page.and_then(|page| staging::replace_file_in_any_folder(path, page.as_bytes())) {
        Ok(()) => ExitCode::Clean,
        Err(error) => {
            let message = format!("--html {} could not be written: {error}", path.display());
            say_error(&printable(&message), Some("what stood there is as it was"));
            ExitCode::Unexpected
        }
    }
}

fn at(users: Option<u32>) -> String {
    users.map(|users| format!(" at {users} users")).unwrap_or_default()
}
