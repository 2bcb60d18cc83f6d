//! The verdict: the grade, why, and what the next better one needs.

use super::closing::without_prefix;
use super::counts::counts;
use super::parts::is_of_absent_part;
use super::{Cell, Tone};
use crate::analysis::Analysis;
use crate::exit_code::ExitCode;
use crate::judge::{self, Comparison, Grade, TargetOutcome, TrendWord};
use crate::summary::{Measured, RunSummary};
use crate::units::{self, Unit};

/// In brief.
const HEADLINE_LINES: usize = 3;
/// Metrics that may hide a regression and are named.
const OPEN_NAMED: usize = 3;

/// The grade in its first line, the reasons behind it.
pub fn verdict_lines(analysis: &Analysis) -> Vec<Cell> {
    let mut lines = vec![grade_line(analysis)];
    lines.extend(analysis.grade.value().into_iter().flat_map(|grade| graded(grade, analysis)));
    lines.extend(over_time(analysis));
    lines.extend(windows(analysis));
    lines.extend(not_judged(analysis));
    lines.push(targets(analysis));
    lines.extend(against_baseline(analysis));
    let exit = analysis.exit();
    let others = exit.reasons.iter().skip(1);
    lines.extend(others.map(|reason| Cell::toned(format!("Also: {}", without_prefix(reason)), Tone::Bad)));
    lines
}

/// What decides, in a line or two: the exit code where it is not 0, else the grade; and what that rests on.
pub fn verdict_in_brief(analysis: &Analysis) -> (Cell, Vec<Cell>) {
    let mut lines = Vec::new();
    let first = match headline(analysis) {
        Some(headline) => {
            lines.push(grade_line(analysis).at_most(2));
            headline
        }
        None => grade_line(analysis),
    };
    let grade = analysis.grade.value();
    lines.extend(grade.map(success));
    lines.extend(grade.and_then(|grade| few_requests(grade, analysis)));
    lines.push(judged(analysis).at_most(2));
    lines.extend(whole_run(analysis));
    lines.extend(not_judged(analysis).into_iter().map(|line| line.at_most(2)));
    lines.extend(against_baseline(analysis).map(|line| line.at_most(2)));
    (first.at_most(HEADLINE_LINES), lines)
}

fn grade_line(analysis: &Analysis) -> Cell {
    let concerns = concerns(analysis);
    match &analysis.grade {
        Measured::Value(grade) => {
            let is_bad = analysis.concerns.iter().any(|concern| concern.starts_with(GRADE));
            let word = match (is_bad, analysis.concerns.is_empty()) {
                (true, _) => ", needs attention",
                (false, true) => ", healthy",
                // What it is says more.
                (false, false) => "",
            };
            Cell::toned(format!("Grade {}{word}{concerns}", grade.grade), grade_tone(analysis))
        }
        Measured::Undefined(undefined) => {
            let tone = if concerns.is_empty() { Tone::Dim } else { Tone::Bad };
            Cell::toned(format!("No grade{concerns}: {}", undefined.reason()), tone)
        }
    }
}

/// Why the exit code is not 0, what decided it first.
pub fn headline(analysis: &Analysis) -> Option<Cell> {
    let exit = analysis.exit();
    let (word, tone) = match exit.code {
        ExitCode::Clean => return passed(analysis),
        ExitCode::GateFailed => ("GATE FAILED", Tone::Bad),
        ExitCode::CouldNotJudge => ("COULD NOT JUDGE", Tone::Doubtful),
        ExitCode::Unexpected | ExitCode::Usage => ("FAILED", Tone::Bad),
    };
    let reason = exit.reasons.first().map_or("no reason is known", String::as_str);
    Some(Cell::toned(format!("{word}: {}{}", without_prefix(reason), in_baseline(analysis)), tone))
}

/// What it means that the gate of a comparison passed.
fn passed(analysis: &Analysis) -> Option<Cell> {
    let passed = analysis.regression.value()?.gate.passed.as_ref()?;
    let is_all_well = analysis.concerns.is_empty() && passed.beside.is_empty();
    let tone = if is_all_well { Tone::Good } else { Tone::Plain };
    let beside: String = passed.beside.iter().map(|beside| format!("; {beside}")).collect();
    Some(Cell::toned(format!("GATE PASSED: {}{beside}{}", passed.sentence, in_baseline(analysis)), tone))
}

/// A run that is its own measure.
fn in_baseline(analysis: &Analysis) -> &'static str {
    let is_in = analysis.regression.value().is_some_and(|regression| !regression.in_baseline.is_empty());
    if is_in { "; the run is in the baseline itself" } else { "" }
}

/// The assessment of a comparison: its word, and how many changes stand behind it.
pub fn assessment(comparison: &Comparison) -> Cell {
    let found = &comparison.assessment;
    let open = found.not_excluded.len() as u64;
    let regressed = counts(&[
        (found.critical, "critical"),
        (found.high, "high"),
        (found.medium, "medium"),
        (found.low, "low"),
    ]);
    let others = counts(&[(found.suspected, "suspected"), (found.improved, "improved")]);
    let mut text = found.word.clone();
    if !regressed.is_empty() {
        text.push_str(&format!(" ({})", regressed.join(", ")));
    }
    for other in others {
        text.push_str(&format!(", {other}"));
    }
    if open > 0 {
        let metrics = units::counted(open, "metric");
        let names = units::some_of(&found.not_excluded, OPEN_NAMED);
        text.push_str(&format!("; not excluded in {metrics}: {names}"));
    }
    let tone = match (regressed.is_empty(), open) {
        (false, _) => Tone::Bad,
        (true, 1..) => Tone::Doubtful,
        (true, 0) => Tone::Good,
    };
    Cell::toned(text, tone)
}

fn against_baseline(analysis: &Analysis) -> Option<Cell> {
    let regression = analysis.regression.value()?;
    let age = regression.baseline.age_days.map(|days| format!(", {}", units::days_old(days)));
    let age = age.unwrap_or_default();
    let name = format!("{}{age}", regression.baseline.name);
    let Measured::Value(comparison) = &regression.comparison else {
        return Some(Cell::toned(format!("Against baseline {name}: not compared"), Tone::Doubtful));
    };
    let found = assessment(comparison);
    let is_passed = regression.gate.code == ExitCode::Clean && !regression.gate.checks.is_empty();
    let gate = if is_passed { "gate passed, " } else { "" };
    Some(Cell::toned(format!("Against baseline {name}: {gate}{}", found.text), found.tone))
}

/// Good for a healthy run, bad for one that needs attention.
pub fn grade_tone(analysis: &Analysis) -> Tone {
    match (analysis.grade.value(), analysis.concerns.is_empty()) {
        (None, _) => Tone::Dim,
        (Some(_), true) => Tone::Good,
        (Some(_), false) => Tone::Bad,
    }
}

/// `; cache critical`: what is wrong beside the grade.
fn concerns(analysis: &Analysis) -> String {
    let beside: Vec<&str> =
        analysis.concerns.iter().map(String::as_str).filter(|concern| !concern.starts_with(GRADE)).collect();
    if beside.is_empty() { String::new() } else { format!("; {}", beside.join(", ")) }
}

/// How a concern about the grade begins.
const GRADE: &str = "grade ";

fn graded(grade: &Grade, analysis: &Analysis) -> Vec<Cell> {
    let mut lines = vec![success(grade)];
    if let Some(next) = &grade.next_better {
        let success = next.success_above.map(|share| format!("success above {}", Unit::Ratio.print(share)));
        let p95 = next.p95_below_ms.map(|ms| format!("P95 below {}", Unit::Milliseconds.print(ms)));
        let needs: Vec<String> = success.into_iter().chain(p95).collect();
        lines.push(Cell::plain(format!("{} needs {}", next.grade, needs.join(" and "))));
    }
    lines.extend(few_requests(grade, analysis));
    lines
}

fn success(grade: &Grade) -> Cell {
    let p95 = match &grade.p95_ms {
        Measured::Value(p95_ms) => {
            format!("P95 {} of the finished requests", Unit::Milliseconds.print(*p95_ms))
        }
        Measured::Undefined(undefined) => format!("no P95: {}", undefined.reason()),
    };
    Cell::plain(format!("{} succeeded, {p95}", Unit::Ratio.print(grade.success_rate)))
}

fn few_requests(grade: &Grade, analysis: &Analysis) -> Option<Cell> {
    let minimum = units::count(analysis.config.grade.min_requests);
    grade
        .low_sample
        .then(|| Cell::toned(format!("Low confidence: fewer than {minimum} requests"), Tone::Doubtful))
}

/// Which part of the run all this is about, and why.
fn judged(analysis: &Analysis) -> Cell {
    let found = &analysis.steadiness;
    if found.is_trusted {
        return Cell::plain(format!("Judged {}", found.because));
    }
    let (place, reasons) = found.because.split_once(": ").unwrap_or((&found.because, ""));
    let reasons = if reasons.is_empty() { String::new() } else { format!(": {reasons}") };
    Cell::toned(format!("Judged {place} (low confidence){reasons}"), Tone::Doubtful)
}

/// The judged part; beside it the whole run where that is another part.
fn windows(analysis: &Analysis) -> Vec<Cell> {
    [judged(analysis)].into_iter().chain(whole_run(analysis)).collect()
}

fn whole_run(analysis: &Analysis) -> Option<Cell> {
    let (found, whole) = (&analysis.steadiness, &analysis.whole);
    let is_another = whole.window.start_us != found.start_us || whole.window.end_us != found.end_us;
    is_another.then(|| {
        let rate = whole.requests.success_rate.number();
        let p95_ms = whole.requests.all.value_ms(0.95);
        let mut parts = vec![format!("{} requests", units::count(whole.requests.totals.requests))];
        parts.extend(rate.map(|rate| format!("{} succeeded", Unit::Ratio.print(rate))));
        parts.extend(p95_ms.map(|p95_ms| format!("P95 {}", Unit::Milliseconds.print(p95_ms))));
        parts.extend(analysis.whole_grade.value().map(|grade| format!("grade {}", grade.grade)));
        Cell::plain(format!("Whole run: {}", parts.join(", ")))
    })
}

/// What of the load no verdict rests on, and what was never answered.
fn not_judged(analysis: &Analysis) -> Vec<Cell> {
    let sent = &analysis.summary.requests.counts;
    let unanswered = (sent.unanswered > 0).then(|| {
        format!("Never answered: {}, counted as failures", units::counted(sent.unanswered, "request"))
    });
    let mut left_out = judge::left_out_parts(&analysis.summary.data_quality);
    let failed = |run: &RunSummary| run.requests.counts.failed;
    let outside = failed(&analysis.whole).saturating_sub(failed(&analysis.summary));
    if outside > 0 {
        left_out.push(format!("{} outside of the window", units::counted(outside, "failure")));
    }
    // Who waits when a test is stopped is no loss.
    let tone = if left_out.is_empty() { Tone::Plain } else { Tone::Doubtful };
    if sent.unfinished > 0 {
        left_out.push(format!("{} in flight at the end of the load", units::count(sent.unfinished)));
    }
    let left_out = (!left_out.is_empty()).then(|| format!("Left out: {}", left_out.join(", ")));
    let unanswered = unanswered.map(|text| Cell::toned(text, Tone::Bad));
    unanswered.into_iter().chain(left_out.map(|text| Cell::toned(text, tone))).collect()
}

fn over_time(analysis: &Analysis) -> Option<Cell> {
    let trend = analysis.performance_trend.value().map(|word| {
        // What is bad all the time is stable, too.
        let is_mild =
            matches!(word, TrendWord::Stable | TrendWord::Improving) && !analysis.concerns.is_empty();
        let but = if is_mild { ", and still in need of attention" } else { "" };
        format!("performance {}{but}", word.word())
    });
    let Some(over_time) = analysis.grade_over_time.value() else {
        return trend.map(|trend| Cell::plain(format!("Over time: {trend}")));
    };
    let spent: Vec<String> = over_time
        .time_in_grade
        .iter()
        .filter(|time| time.seconds > 0.0)
        .map(|time| format!("{} {}", time.grade, units::duration_s(time.seconds)))
        .chain(trend)
        .collect();
    Some(Cell::plain(format!("Over time: {}", spent.join(", "))))
}

pub fn targets(analysis: &Analysis) -> Cell {
    let with = |outcome: TargetOutcome| {
        analysis.targets.iter().filter(move |target| target.outcome == outcome).count()
    };
    let (met, missed) = (with(TargetOutcome::Pass), with(TargetOutcome::Fail));
    let unknown = analysis.targets.iter().filter(|target| {
        target.outcome == TargetOutcome::CannotTell && target.applies && !is_of_absent_part(target, analysis)
    });
    let unknown = match unknown.count() {
        0 => String::new(),
        unknown => format!(", {unknown} unknown"),
    };
    let text = format!("Targets: {met} met, {missed} missed{unknown}");
    Cell::toned(text, if missed > 0 { Tone::Bad } else { Tone::Plain })
}
