//! What is said last of a text: where the files are, how the process ends, and why.

use super::{Cell, Tone};
use crate::exit_code::ExitCode;

/// The last line: the exit code with what decided it.
#[derive(Debug, Clone)]
pub struct Closing {
    /// That of what was found.
    pub code: ExitCode,
    /// What decided the code first.
    pub reasons: Vec<String>,
    /// Is there anything by which it could have failed?
    pub is_gated: bool,
    /// Was 0 asked for, whatever is found?
    pub exit_zero: bool,
}

/// Decides where nothing graver was found.
const UNWRITTEN: &str = "what was to be written could not be; see above";

impl Closing {
    /// The same where what was to be written ended with `written`, which was said: that is nothing that was found, and no
    /// `--exit-zero` makes it 0.
    pub fn after(self, written: ExitCode) -> Self {
        let found = if self.exit_zero { ExitCode::Clean } else { self.code };
        if written <= found {
            return self;
        }
        let reasons = std::iter::once(UNWRITTEN.to_owned()).chain(self.reasons).collect();
        Self { code: written, reasons, exit_zero: false, ..self }
    }
}

/// Reasons are long and matter.
const MOST_LINES: usize = 4;

/// `exit 99: gate failed: target success_rate is missed; and 2 more reasons`.
pub fn exit_line(closing: &Closing) -> Cell {
    let (what, tone) = match closing.code {
        ExitCode::Clean if closing.is_gated => ("the gate passed", Tone::Good),
        ExitCode::Clean => ("no gate is set (`--baseline`, or `gate = true` of a target)", Tone::Dim),
        ExitCode::GateFailed => ("gate failed", Tone::Bad),
        ExitCode::CouldNotJudge => ("could not judge", Tone::Doubtful),
        ExitCode::Unexpected | ExitCode::Usage => ("error", Tone::Bad),
    };
    let reason = closing
        .reasons
        .first()
        .map(|reason| format!(": {}", without_prefix(reason).replacen(": gate: ", ": ", 1)));
    let more = match closing.reasons.len() {
        0 | 1 => String::new(),
        2 => "; and 1 more reason".to_owned(),
        all => format!("; and {} more reasons", all - 1),
    };
    let because = format!("{what}{}{more}", reason.unwrap_or_default());
    let code = closing.code.code();
    let text = if closing.exit_zero && closing.code != ExitCode::Clean {
        format!("exit 0, as --exit-zero asks; else {code}: {because}")
    } else {
        format!("exit {code}: {because}")
    };
    Cell::toned(text, tone).at_most(MOST_LINES)
}

/// Without the word that is said in front of it.
pub fn without_prefix(reason: &str) -> &str {
    reason.strip_prefix("gate: ").unwrap_or(reason)
}

/// The reason behind the run, unless it begins with it anyway.
pub fn of_run(run: &str, reason: &str) -> String {
    let says_itself = reason.strip_prefix(run).is_some_and(|rest| rest.starts_with(':'));
    if says_itself { reason.to_owned() } else { format!("{run}: {reason}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_says_the_exit_code_and_why() {
        let line = |code, reasons: &[&str], is_gated, exit_zero| {
            let reasons: Vec<String> = reasons.iter().map(|&reason| reason.to_owned()).collect();
            exit_line(&Closing { code, reasons, is_gated, exit_zero }).text
        };
        assert_eq!(line(ExitCode::Clean, &[], true, false), "exit 0: the gate passed");
        assert!(line(ExitCode::Clean, &[], false, true).starts_with("exit 0: no gate is set"));
        let reasons = ["a: gate: target success_rate is missed", "the recording is incomplete", "x"];
        assert_eq!(
            line(ExitCode::GateFailed, &reasons, true, false),
            "exit 99: gate failed: a: target success_rate is missed; and 2 more reasons"
        );
        let unwritten = |code, exit_zero| {
            let closing = Closing { code, reasons: vec!["x".to_owned()], is_gated: true, exit_zero };
            exit_line(&closing.after(ExitCode::Unexpected)).text
        };
        assert!(unwritten(ExitCode::GateFailed, true).starts_with("exit 1: error: what was to be written"));
        assert_eq!(unwritten(ExitCode::GateFailed, false), "exit 99: gate failed: x");
        assert_eq!(
            line(ExitCode::CouldNotJudge, &["no grade: no requests"], false, true),
            "exit 0, as --exit-zero asks; else 3: could not judge: no grade: no requests"
        );
    }
}
