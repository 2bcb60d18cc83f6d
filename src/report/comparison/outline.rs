//! What a person reads about many runs: the verdict, one table, and what follows from it.

use super::{levels, sections, table};
use crate::comparison::{ComparedRun, Comparison, CopiedRun, Judgement, Reference, Totals};
use crate::exit_code::ExitCode;
use crate::report::history::PICTURE_MEANS;
use crate::report::outline::{Cell, Outline, Section, Tone, changes};
use crate::summary::Measured;
use crate::units;

/// `nights` is what changed over them, where a history is kept.
pub fn outline(comparison: &Comparison, nights: Section) -> Outline {
    let changed = levels::sections(comparison);
    let picture = (!nights.is_empty()).then(|| PICTURE_MEANS.to_owned());
    let first = vec![sections::reasons(comparison), sections::quarantined(comparison), nights];
    let over_load = std::iter::once(table::section(comparison)).chain(sections::over_load(comparison));
    // Where runs are compared with a baseline, that is what is asked; all else can be unfolded.
    let mut all: Vec<Section> = if changed.iter().all(Section::is_empty) {
        over_load.chain(first).collect()
    } else {
        let folded = over_load.map(|section| Section { is_folded: true, ..section });
        changed.into_iter().chain(first).chain(folded).collect()
    };
    all.retain(|section| !section.is_empty());
    let ungraded = ungraded(comparison);
    Outline {
        title: title(&comparison.totals),
        subtitle: subtitle(comparison),
        headline: Some(headline(comparison)),
        verdict: vec![counts(comparison, ungraded)],
        notes: notes(comparison, &all).into_iter().chain(picture).collect(),
        sections: all,
        ..Outline::default()
    }
}

/// The exit code in words, for all runs.
pub fn headline(comparison: &Comparison) -> Cell {
    conclusion(comparison, ungraded(comparison))
}

fn title(totals: &Totals) -> String {
    format!("Comparison of {}", units::counted(totals.runs, "run"))
}

/// Against what, and which runs are put beside one another.
fn subtitle(comparison: &Comparison) -> String {
    let reference = match &comparison.reference {
        Reference::Nothing => "no baseline".to_owned(),
        Reference::Baseline { name, age_days: Some(days), .. } => {
            format!("against baseline {name}, {}", units::days_old(*days))
        }
        Reference::Baseline { name, .. } => format!("against baseline {name}"),
        Reference::Run { run_id, .. } => format!("against run {run_id}"),
        Reference::Fault { .. } => "the baseline cannot be used".to_owned(),
    };
    let groups = match comparison.groups.as_slice() {
        [group] => group.name.clone(),
        groups => format!("{} groups by {}", groups.len(), comparison.group_by),
    };
    crate::report::printable(&format!("{reference}; {groups}"))
}

/// How many of the runs that pass have nothing that a grade could be told from: nobody should take them for good ones.
fn ungraded(comparison: &Comparison) -> u64 {
    let passes = comparison.runs.iter().filter(|run| run.exit_code == ExitCode::Clean);
    passes.filter(|run| run.grade.value().is_none()).count() as u64
}

fn conclusion(comparison: &Comparison, ungraded: u64) -> Cell {
    let Comparison { exit, .. } = comparison;
    let (word, tone) = match exit.code {
        ExitCode::Clean if !comparison.is_gated() => return no_gate(comparison),
        ExitCode::Clean if concerned(comparison).next().is_some() => return attention(comparison),
        ExitCode::Clean => {
            let judged = units::count(comparison.totals.judged);
            let but = match ungraded {
                0 => String::new(),
                ungraded => format!(", {} without a grade", units::count(ungraded)),
            };
            let text = format!(
                "PASSED: runs judged: {judged}, all of them pass{but}{}",
                beside_the_pass(comparison)
            );
            return Cell::toned(text, Tone::Good);
        }
        ExitCode::GateFailed => ("GATE FAILED", Tone::Bad),
        ExitCode::CouldNotJudge => ("COULD NOT JUDGE", Tone::Doubtful),
        ExitCode::Unexpected | ExitCode::Usage => ("FAILED", Tone::Bad),
    };
    let beside = format!("{}{}", in_baseline(comparison), copies(comparison));
    Cell::toned(format!("{word}: {}{beside}", causes(comparison)), tone)
}

/// What keeps the runs from 0, that which most of them share first.
fn causes(comparison: &Comparison) -> String {
    let reasons = comparison.reasons();
    if reasons.is_empty() { "no runs".to_owned() } else { worst_of(&reasons) }
}

/// What a pass means, and what it does not look at.
fn beside_the_pass(comparison: &Comparison) -> String {
    let levels = comparison.levels();
    let judgements = levels.iter().flat_map(|level| &level.judgements);
    let vanished: Vec<String> = judgements.flat_map(Judgement::vanished).collect();
    let vanished = match vanished.as_slice() {
        [] => String::new(),
        some => format!("; vanished since the baseline: {}", units::some_of(some, NAMED_OF_A_RUN)),
    };
    let missed = told_misses(comparison).map(|missed| format!("; {missed}")).unwrap_or_default();
    format!(
        "{}{}{vanished}{missed}{}{}",
        what_it_means(comparison),
        happened(comparison),
        in_baseline(comparison),
        copies(comparison)
    )
}

/// `2 miss targets (a: success_rate; b: p95_response_time_ms)`; `None` where no run does.
fn told_misses(comparison: &Comparison) -> Option<String> {
    let missing: Vec<&ComparedRun> =
        worst_first(comparison).filter(|run| !run.targets_missed.is_empty()).collect();
    let told: Vec<String> = missing
        .iter()
        .map(|run| format!("{}: {}", run.run_id, units::some_of(&run.targets_missed, NAMED_OF_A_RUN)))
        .collect();
    let verb = if missing.len() == 1 { "misses" } else { "miss" };
    let count = units::count(missing.len() as u64);
    (!told.is_empty()).then(|| format!("{count} {verb} targets ({})", worst_of(&told)))
}

/// What a pass says, of the run or the repeats that came nearest to not passing.
fn what_it_means(comparison: &Comparison) -> String {
    let compared = comparison.runs.iter().filter_map(|run| Some((run, run.regression.value()?)));
    let passed = compared.filter_map(|(run, own)| Some((run, own, own.gate.passed.as_ref()?)));
    let nearest = passed.max_by(|(_, _, a), (_, _, b)| a.nearness.total_cmp(&b.nearness));
    nearest.map_or_else(String::new, |(run, own, passed)| {
        let whose = match (comparison.runs.len(), own.judged_together.as_slice()) {
            (1, _) => String::new(),
            (_, []) => format!("{}: ", run.run_id),
            (_, repeats) => format!("{} together: ", units::some_of(repeats, RUNS_NAMED)),
        };
        format!("; {whose}{}", passed.sentence)
    })
}

/// What their passes must not hide: `; load_25: paused for 9 s, its baseline for at most 2 s`. What repeats share is told once.
fn happened(comparison: &Comparison) -> String {
    let mut told: Vec<(&str, Vec<&str>)> = Vec::new();
    let passed =
        comparison.runs.iter().filter_map(|run| Some((run, run.regression.value()?.gate.passed.as_ref()?)));
    for (run, passed) in passed {
        for beside in &passed.beside {
            match told.iter_mut().find(|(known, _)| known == beside) {
                Some((_, runs)) => runs.push(&run.run_id),
                None => told.push((beside, vec![&run.run_id])),
            }
        }
    }
    let line = |(beside, runs): &(&str, Vec<&str>)| match comparison.runs.len() {
        1 => (*beside).to_owned(),
        _ => format!("{}: {beside}", units::some_of(runs, RUNS_NAMED)),
    };
    let told: Vec<String> = told.iter().map(line).collect();
    if told.is_empty() { String::new() } else { format!("; {}", worst_of(&told)) }
}

/// Runs that are their own measure: what they pass says less.
fn in_baseline(comparison: &Comparison) -> String {
    let is_in =
        |run: &&ComparedRun| run.regression.value().is_some_and(|own| own.in_baseline.contains(&run.run_id));
    let runs: Vec<&str> = comparison.runs.iter().filter(is_in).map(|run| run.run_id.as_str()).collect();
    if runs.is_empty() {
        String::new()
    } else {
        format!("; in the baseline itself: {}", units::some_of(&runs, RUNS_NAMED))
    }
}

/// Runs that were left out, since another one holds the same.
fn copies(comparison: &Comparison) -> String {
    let told: Vec<String> = comparison.copies.iter().map(CopiedRun::sentence).collect();
    if told.is_empty() { String::new() } else { format!("; {}", worst_of(&told)) }
}

/// Where nothing is gated nothing has passed: what there is to know is which targets are missed, and what is wrong.
fn no_gate(comparison: &Comparison) -> Cell {
    let missed = told_misses(comparison);
    let concerned = told_concerns(comparison);
    let is_fine = missed.is_none() && concerned.is_empty();
    let missed = missed.unwrap_or_else(|| "none misses a target".to_owned());
    let mut text = format!("No gate: {}, {missed}", units::counted(comparison.totals.judged, "run"));
    text.push_str(&copies(comparison));
    if !concerned.is_empty() {
        text.push_str(&format!(". In need of attention: {}", worst_of(&concerned)));
    }
    let tone = if is_fine { Tone::Plain } else { Tone::Doubtful };
    Cell::toned(crate::report::printable(&text), tone)
}

/// Runs that need attention, whatever the gate says; worst grade first.
fn concerned(comparison: &Comparison) -> impl Iterator<Item = &ComparedRun> {
    worst_first(comparison).filter(|run| !run.concerns.is_empty())
}

fn worst_first(comparison: &Comparison) -> impl Iterator<Item = &ComparedRun> {
    comparison.ranking.iter().rev().map(|ranked| comparison.run_of(ranked))
}

fn told_concerns(comparison: &Comparison) -> Vec<String> {
    concerned(comparison)
        .map(|run| format!("{} ({})", run.run_id, units::some_of(&run.concerns, NAMED_OF_A_RUN)))
        .collect()
}

/// No gate failed, and that is not all that there is to say.
fn attention(comparison: &Comparison) -> Cell {
    let runs = told_concerns(comparison);
    let (concerned, judged) = (units::count(runs.len() as u64), units::count(comparison.totals.judged));
    let named = worst_of(&runs);
    Cell::toned(
        format!(
            "NEEDS ATTENTION: no gate failed, but {concerned} of {judged} runs have something wrong: {named}{}",
            beside_the_pass(comparison)
        ),
        Tone::Bad,
    )
}

/// The first of those that something is told of.
fn worst_of(told: &[String]) -> String {
    let named = told.iter().take(RUNS_NAMED).map(String::as_str).collect::<Vec<_>>().join("; ");
    match told.len().saturating_sub(RUNS_NAMED) {
        0 => named,
        more => format!("{named}; {} more", units::count(more as u64)),
    }
}

/// Runs that are named in one sentence, and what is told of each.
const RUNS_NAMED: usize = 2;
const NAMED_OF_A_RUN: usize = 2;

fn counts(comparison: &Comparison, ungraded: u64) -> Cell {
    let totals = &comparison.totals;
    let word = if comparison.is_gated() { "pass" } else { "judged" };
    let concerned = concerned(comparison).count() as u64;
    let pass = match ungraded {
        0 => word.to_owned(),
        ungraded => format!("{word} ({} of them without a grade)", units::count(ungraded)),
    };
    let parts = [
        (totals.clean, pass.as_str()),
        (totals.gate_failed, "fail the gate"),
        (totals.could_not_judge, "could not be judged"),
        (totals.quarantined, "quarantined"),
        (totals.copies, "more left out as copies"),
        (concerned, "of them in need of attention"),
    ];
    let there = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = there.map(|(count, what)| format!("{} {what}", units::count(*count))).collect();
    let tone = if totals.gate_failed > 0 {
        Tone::Bad
    } else if totals.clean < totals.runs || concerned > 0 {
        Tone::Doubtful
    } else {
        Tone::Good
    };
    if parts.is_empty() {
        Cell::toned("There is no run", Tone::Doubtful)
    } else {
        Cell::toned(format!("{}: {}", units::counted(totals.runs, "run"), parts.join(", ")), tone)
    }
}

fn notes(comparison: &Comparison, sections: &[Section]) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    let has_dash = sections
        .iter()
        .flat_map(|section| section.rows.iter().flatten())
        .any(|cell| cell.text == units::NONE);
    let is_open = |section: &Section| section.rows.iter().flatten().any(|cell| cell.text == changes::OPEN);
    if sections.iter().any(is_open) {
        notes.push(changes::OPEN_MEANS.to_owned());
    }
    if let Measured::Value(found) = &comparison.regressions {
        let alarms = units::number(found.expected_false_alarms);
        notes.push(format!(
            "n: runs of the baseline + runs judged; at most {alarms} false alarms expected in all"
        ));
    }
    if has_dash {
        notes.push(format!("{} unknown: `undefined` in comparison.json says why", units::NONE));
    }
    for group in &comparison.groups {
        notes.extend(
            group.notes.iter().map(|note| crate::report::printable(&format!("{}: {note}", group.name))),
        );
    }
    notes
}
