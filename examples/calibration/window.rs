//! The judged window of loads of known truth: what is cut, what of an event is lost, and which of the three words is said.

use std::path::PathBuf;

use cmo_metrics::config::Config;
use cmo_metrics::judge::SteadyWord;
use rayon::prelude::*;

use crate::loads::{self, Load};
use crate::series;
use crate::share::share;

/// What a window was found to be.
pub struct Outcome {
    pub name: String,
    pub cut_share: f64,
    /// The cut reaches into the event.
    pub cuts_event: bool,
    /// By how much mean and P95 differ from those of the steady run.
    pub off: Option<(f64, f64)>,
    pub word: SteadyWord,
}

/// More than this is off.
pub const OFF: f64 = 0.05;

pub fn judge(loads: &[Load]) -> Vec<Outcome> {
    let config = Config::defaults();
    let outcome = |load: &Load| {
        let found = load.judge(&config);
        let length_s = (found.end_us - found.start_us) as f64 / 1e6 + found.warm_up_s + found.ramp_down_s;
        Outcome {
            name: load.name.clone(),
            cut_share: found.warm_up_s / length_s,
            cuts_event: load.event_s.is_some_and(|event_s| found.warm_up_s > event_s),
            off: load.off(found.warm_up_s),
            word: found.word,
        }
    };
    loads.par_iter().map(outcome).collect()
}

/// Of many outcomes.
pub struct Summary<'a>(pub &'a [Outcome]);

impl Summary<'_> {
    pub fn count(&self, is: impl Fn(&Outcome) -> bool) -> u64 {
        self.0.iter().filter(|outcome| is(outcome)).count() as u64
    }

    pub fn said(&self, word: SteadyWord) -> u64 {
        self.count(|outcome| outcome.word == word)
    }

    pub fn lose(&self, share: f64) -> u64 {
        self.count(|outcome| outcome.cut_share > share)
    }

    pub fn mean_cut(&self) -> f64 {
        self.0.iter().map(|outcome| outcome.cut_share).sum::<f64>() / self.0.len().max(1) as f64
    }

    pub fn mean_off(&self) -> u64 {
        self.count(|outcome| outcome.off.is_some_and(|(mean, _)| mean > OFF))
    }

    /// The largest error of the mean in a window that is trusted.
    pub fn worst_trusted(&self) -> f64 {
        let trusted = self.0.iter().filter(|outcome| outcome.word == SteadyWord::Steady);
        trusted.filter_map(|outcome| outcome.off).map(|(mean, _)| mean).fold(0.0, f64::max)
    }

    pub fn p95_off(&self) -> u64 {
        self.count(|outcome| outcome.off.is_some_and(|(_, p95)| p95 > OFF))
    }

    fn row(&self, name: &str) {
        let of = self.0.len() as u64;
        let has_truth = self.0.iter().any(|outcome| outcome.off.is_some());
        let off = if has_truth { share(self.mean_off(), of) } else { "–".to_owned() };
        let words = [SteadyWord::Steady, SteadyWord::NotSteady, SteadyWord::CannotTell];
        println!(
            "| {name} | {of} | {} | {} | {:.2} % | {off} | {} |",
            self.count(|outcome| outcome.cuts_event),
            share(self.lose(0.1), of),
            100.0 * self.mean_cut(),
            words.map(|word| share(self.said(word), of)).join(" | ")
        );
    }
}

/// `repeats` loads of each kind; the labelled series where a file with them is named.
pub fn print(repeats: usize, file: Option<PathBuf>) {
    println!(
        "| loads | number | event cut into | lose > 10 % | mean cut | mean off > 5 % | steady | not steady | cannot tell |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let lengths_s = [60, 120, 300, 600];
    let mut odd = Vec::new();
    for (name, loads) in [
        ("no transient", loads::without_transient(&lengths_s, repeats)),
        ("transient", loads::with_transient(&lengths_s[1..], repeats)),
        // There are hundreds of kinds of them.
        ("event", loads::with_event(&lengths_s[1..3], repeats.div_ceil(5))),
        ("drift", loads::drifting(&lengths_s[1..], repeats)),
        ("overload", loads::overloaded(&lengths_s[..3], repeats)),
    ] {
        let outcomes = judge(&loads);
        Summary(&outcomes).row(name);
        odd.extend(
            outcomes.into_iter().filter(|found| found.cuts_event || found.off.is_some_and(|off| off.0 > OFF)),
        );
    }
    for found in odd {
        eprintln!("{}: {:.1} % cut, {:?}", found.name, 100.0 * found.cut_share, found.off);
    }
    if let Some(file) = file {
        print_series(&series::read(&file));
    }
}

fn print_series(loads: &[Load]) {
    let outcomes = judge(loads);
    let found = Summary(&outcomes);
    found.row("labelled series");
    let is_off = |outcome: &Outcome| outcome.off.is_some_and(|(mean, _)| mean > OFF);
    let is_steady = |outcome: &Outcome| outcome.word == SteadyWord::Steady;
    let fine = found.count(|outcome| outcome.off.is_some() && !is_off(outcome));
    println!(
        "\nOf {} labelled series the mean is off by more than 5 % in {}, of which {} are trusted (worst trusted: {:.1} %); \
         P95 in {}, of which {} are trusted. Of the {fine} that are not off {} are trusted, {} are called not steady.",
        loads.len(),
        found.mean_off(),
        found.count(|outcome| is_off(outcome) && is_steady(outcome)),
        100.0 * found.worst_trusted(),
        found.p95_off(),
        found.count(|outcome| is_steady(outcome) && outcome.off.is_some_and(|(_, p95)| p95 > OFF)),
        share(found.count(|outcome| outcome.off.is_some() && !is_off(outcome) && is_steady(outcome)), fine),
        share(
            found.count(|outcome| {
                outcome.off.is_some() && !is_off(outcome) && outcome.word == SteadyWord::NotSteady
            }),
            fine
        ),
    );
}
