//! How often do the verdicts cry wolf, and what do they find? Simulated runs of known truth through the whole path:
//! run file → measured → judged window → compared with a baseline.
//!
//! ```text
//! cargo run --release --example calibration -- aa --pairs 1000
//! cargo run --release --example calibration -- power --pairs 100
//! cargo run --release --example calibration -- scaling --pairs 1000
//! cargo run --release --example calibration -- trend --pairs 200
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

mod aa;
mod loads;
mod play;
mod power;
mod scaling;
mod series;
mod tally;
mod trend;
mod window;

use std::time::Instant;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: usize| {
        let index = arguments.iter().position(|argument| argument == name);
        index.map_or(default, |index| arguments[index + 1].parse().unwrap())
    };
    let started = Instant::now();
    match arguments.first().map(String::as_str) {
        Some("aa") => aa::print(number("--pairs", 100)),
        Some("length") => aa::print_lengths(number("--pairs", 100)),
        Some("power") => power::print(number("--pairs", 50)),
        Some("scaling") => scaling::print(number("--pairs", 1000)),
        Some("trend") => trend::print(number("--pairs", 50)),
        Some("window") => {
            let index = arguments.iter().position(|argument| argument == "--series");
            window::print(number("--pairs", 10), index.map(|index| (&arguments[index + 1]).into()));
        }
        _ => {
            eprintln!("calibration aa|length|power|scaling|trend|window [--pairs N]");
            std::process::exit(2);
        }
    }
    eprintln!("{:.0?}", started.elapsed());
}
