//! How often do the verdicts cry wolf, and what do they find? Simulated runs of known truth through the whole path:
//! run file → measured → judged window → compared with a baseline.
//!
//! ```text
//! cargo run --release --example calibration -- gate      # all rows, as docs/METHODOLOGY.md shows them
//! cargo run --release --example calibration -- quick     # fewer runs, wider bars: fails where a row leaves its bar
//! cargo run --release --example calibration -- scaling --pairs 1000
//! cargo run --release --example calibration -- window --pairs 10 --series FILE
//! ```
//!
//! Tables go to stdout as Markdown; the same seeds give the same tables.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an experiment stops at what it did not expect, and prints"
)]

mod answers;
mod loads;
mod play;
mod rows;
mod scaling;
mod series;
mod share;
mod window;

use std::process::ExitCode;
use std::time::Instant;

use answers::{Answers, Effort};

const FULL: Effort = Effort { runs: 300, faulty: 100, comparisons: 4_000, histories: 300 };
const QUICK: Effort = Effort { runs: 120, faulty: 30, comparisons: 1_000, histories: 100 };
/// A share of few runs may miss its bar by so many of its standard deviations.
const QUICK_SLACK: f64 = 3.0;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: usize| {
        let index = arguments.iter().position(|argument| argument == name);
        index.map_or(default, |index| arguments[index + 1].parse().unwrap())
    };
    let started = Instant::now();
    let mut is_fine = true;
    match arguments.first().map(String::as_str) {
        Some("gate") => is_fine = gate(FULL, 0.0, arguments.get(1)),
        Some("quick") => is_fine = gate(QUICK, QUICK_SLACK, arguments.get(1)),
        Some("scaling") => scaling::print(number("--pairs", 1000)),
        Some("window") => {
            let index = arguments.iter().position(|argument| argument == "--series");
            window::print(number("--pairs", 10), index.map(|index| (&arguments[index + 1]).into()));
        }
        _ => {
            eprintln!("calibration gate|quick [WORD] | scaling|window [--pairs N]");
            return ExitCode::from(2);
        }
    }
    eprintln!("{:.0?}", started.elapsed());
    if is_fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The rows (those with `word` in their names), each beside its bar; whether all reach it, or what is known to hold.
fn gate(effort: Effort, slack: f64, word: Option<&String>) -> bool {
    println!("| what | runs | counted | found | bar | |\n|---|---|---|---|---|---|");
    let mut answers = Answers::new(effort);
    let rows = rows::rows().into_iter().filter(|row| word.is_none_or(|word| row.name.contains(word)));
    let missed: Vec<String> = rows
        .filter(|row| {
            let answer = answers.to(row);
            let is_reached = rows::print(row, answer, slack);
            !(is_reached || row.holds.is_some_and(|holds| holds.is_reached(answer, slack)))
        })
        .map(|row| row.name)
        .collect();
    missed.iter().for_each(|name| eprintln!("missed: {name}"));
    missed.is_empty()
}
