//! The one table of many runs: by rank; of hundreds of runs those that one must see.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::comparison::{ComparedRun, Comparison, Group, Ranked};
use crate::exit_code::ExitCode;
use crate::judge::{ChangeWord, LoadAxis};
use crate::report::outline::{Cell, Column, OF_FINISHED, Section, Tone, changes};
use crate::summary::Measured;
use crate::units::{self, Unit};

/// Rows that a person still reads: above it only some are shown.
const MOST_ROWS: usize = 32;
/// … of these the best and the worst, so many each, …
const BEST_AND_WORST: usize = 6;
/// … and so many of those that do not pass or changed.
const MOST_CONSPICUOUS: usize = 16;

/// One column.
type Entry = (Column, fn(&Comparison, &Ranked) -> Cell);

const RANK: Entry = (Column::number("#").minor(), |_, ranked| Cell::plain(ranked.rank.to_string()));
const RUN: Entry = (Column::name("run"), |all, ranked| Cell::plain(&all.run_of(ranked).run_id));
const USERS: Entry = (Column::number("users"), |all, ranked| {
    let users = all.run_of(ranked).users.value();
    users.map_or_else(Cell::none, |users| Cell::plain(units::count((*users).into())))
});
const RATE: Entry = (Column::number("target /s"), |all, ranked| {
    let rate = all.run_of(ranked).target_rate_per_s;
    rate.map_or_else(Cell::none, |rate| Cell::plain(units::number(rate)))
});
const GRADE: Entry = (Column::word("grade"), |all, ranked| grade(all.run_of(ranked)));
const SUCCESS: Entry = (Column::number("success").minor(), |all, ranked| {
    number(&all.run_of(ranked).success_rate, |rate| Unit::Ratio.print(rate))
});
const P95: Entry =
    (Column::number("P95 ms"), |all, ranked| number(&all.run_of(ranked).p95_ms, units::number));
const PER_S: Entry = (Column::number("1/s").minor(), |all, ranked| {
    number(&all.run_of(ranked).throughput_per_s, units::number)
});
const IN_FLIGHT: Entry =
    (Column::number("in flight").minor(), |all, ranked| number(&all.run_of(ranked).in_flight, units::number));
const MEAN: Entry =
    (Column::number("mean ms").extra(), |all, ranked| number(&all.run_of(ranked).mean_ms, units::number));
const ALSO_IN_FLIGHT: Entry = (IN_FLIGHT.0.extra(), IN_FLIGHT.1);
const ALSO_MISSED: Entry = (MISSED.0.extra(), MISSED.1);
const MISSED: Entry = (Column::number("missed"), |all, ranked| {
    let missed = all.run_of(ranked).targets_missed.len();
    Cell::toned(missed.to_string(), if missed > 0 { Tone::Bad } else { Tone::Plain })
});
const REGRESSION: Entry = (Column::word("regression"), |all, ranked| regression(all, all.run_of(ranked)));
const GATE: Entry = (Column::word("gate"), |all, ranked| changes::gate(all.run_of(ranked).exit_code));
const GROUP: Entry = (Column::group("group"), |_, ranked| Cell::plain(&ranked.group));

/// The runs by group and rank.
pub fn section(all: &Comparison) -> Section {
    of_rows(all, |_, _, _| Ordering::Equal)
}

/// The runs by load; of one load by group and rank.
pub fn by_load(all: &Comparison) -> Section {
    let section = of_rows(all, |all, a, b| {
        let load = |ranked: &Ranked| {
            let run = all.run_of(ranked);
            let users = || run.users.value().map(|&users| f64::from(users));
            run.target_rate_per_s.or_else(users).unwrap_or(f64::INFINITY)
        };
        load(a).total_cmp(&load(b))
    });
    Section { heading: "Ranking by load".to_owned(), ..section }
}

/// In an order; what is of one place by group and rank.
fn of_rows(all: &Comparison, order: fn(&Comparison, &Ranked, &Ranked) -> Ordering) -> Section {
    let mut shown = select(all);
    let is_compared = all.regressions.value().is_some();
    let is_sweep = |group: &Group| group.scalability.axis == LoadAxis::OfferedPerS;
    let load = if all.groups.iter().any(is_sweep) { RATE } else { USERS };
    let mut entries = if is_compared {
        vec![RANK, RUN, load, GRADE, SUCCESS, P95, MEAN, PER_S, ALSO_IN_FLIGHT, ALSO_MISSED, REGRESSION, GATE]
    } else {
        vec![RANK, RUN, load, GRADE, SUCCESS, P95, MEAN, PER_S, IN_FLIGHT, MISSED]
    };
    if all.groups.len() > 1 {
        entries.push(GROUP);
    }
    let index = |name: &str| all.groups.iter().position(|group| group.name == name);
    shown.sort_by(|a, b| {
        let place = |ranked: &Ranked| (index(&ranked.group), ranked.rank);
        order(all, a, b).then_with(|| place(a).cmp(&place(b)))
    });
    let columns = entries.iter().map(|(column, _)| *column).collect();
    let rows = shown.iter().map(|ranked| entries.iter().map(|(_, cell)| cell(all, ranked)).collect());
    let mut section = Section::of_rows("Ranking", columns, rows.collect());
    // Of runs that are all quarantined there is no ranking.
    section.add_lines((!all.ranking.is_empty()).then(|| OF_FINISHED.to_owned()));
    section.add_lines(left_out(all, shown.len()));
    section
}

/// All, or the best, the worst, and those that one must see.
fn select(all: &Comparison) -> Vec<&Ranked> {
    if all.ranking.len() <= MOST_ROWS {
        return all.ranking.iter().collect();
    }
    let last = all.ranking.len() - BEST_AND_WORST;
    let mut indices: BTreeSet<usize> = (0..BEST_AND_WORST).chain(last..all.ranking.len()).collect();
    let grave = |index: &usize| gravity(all.run_of(&all.ranking[*index]));
    let mut conspicuous: Vec<usize> = (0..all.ranking.len()).filter(|index| grave(index) > 0).collect();
    // Stable: of one gravity the better ranked first.
    conspicuous.sort_by_key(|index| std::cmp::Reverse(grave(index)));
    indices.extend(conspicuous.into_iter().take(MOST_CONSPICUOUS));
    indices.into_iter().map(|index| &all.ranking[index]).collect()
}

fn gravity(run: &ComparedRun) -> u8 {
    let changed =
        |word| run.regression.value().is_some_and(|regression| regression.with_word(word).next().is_some());
    match run.exit_code {
        ExitCode::GateFailed => 4,
        _ if changed(ChangeWord::Regressed) => 3,
        ExitCode::Clean if changed(ChangeWord::Suspected) => 1,
        ExitCode::Clean => 0,
        _ => 2,
    }
}

/// How many runs are not in the table, by what became of them.
fn left_out(all: &Comparison, shown: usize) -> Option<String> {
    let others = all.ranking.len().saturating_sub(shown);
    (others > 0).then(|| {
        format!(
            "{} more runs are in comparison.parquet; of all {} judged ones {} pass, {} fail and {} could not be judged",
            units::count(others as u64),
            units::count(all.totals.judged),
            units::count(all.totals.clean),
            units::count(all.totals.gate_failed),
            units::count(all.totals.could_not_judge),
        )
    })
}

fn number(value: &Measured<f64>, print: fn(f64) -> String) -> Cell {
    value.number().map_or_else(Cell::none, |value| Cell::plain(print(value)))
}

fn grade(run: &ComparedRun) -> Cell {
    let Measured::Value(grade) = &run.grade else { return Cell::none() };
    let tone = if run.system_health.value().is_some_and(|health| health == "healthy") {
        Tone::Good
    } else {
        Tone::Bad
    };
    Cell::toned(&grade.grade, tone)
}

/// The assessment in one word.
fn regression(all: &Comparison, run: &ComparedRun) -> Cell {
    let Measured::Value(found) = &run.regression else {
        let is_reference = matches!(&all.reference, crate::comparison::Reference::Run { run_id, .. } if *run_id == run.run_id);
        return if is_reference { Cell::toned("reference", Tone::Dim) } else { Cell::none() };
    };
    let Measured::Value(outcome) = &found.outcome else { return Cell::toned("not compared", Tone::Doubtful) };
    let counts = &outcome.assessment;
    let regressed = counts.critical + counts.high + counts.medium + counts.low;
    match (regressed, counts.suspected) {
        (0, 0) if !counts.not_excluded.is_empty() => Cell::toned(changes::OPEN, Tone::Plain),
        (0, 0) => Cell::toned("none", Tone::Good),
        (0, _) => Cell::toned("suspected", Tone::Doubtful),
        _ => Cell::toned(&counts.word, Tone::Bad),
    }
}
