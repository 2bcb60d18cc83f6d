//! How the metrics moved during the run: a line for each that moved, the others counted.

use super::counts::counts;
use super::{Cell, Section, Tone};
use crate::analysis::Analysis;
use crate::judge::{Trend, TrendEvidence, TrendWord};
use crate::units::{ChangeUnit, Scale, Unit};

pub fn section(analysis: &Analysis) -> Section {
    let mut section = Section::new("Trends");
    let most = analysis.config.report.max_entries;
    section.lines.extend(analysis.trends.iter().filter_map(line));
    if let Some(more) = section.lines.len().checked_sub(most).filter(|more| *more > 0) {
        section.lines.truncate(most);
        section.add_lines([format!("and {more} more in verdicts.parquet")]);
    }
    if !section.lines.is_empty() {
        section.add_lines(rest(&analysis.trends));
    }
    section
}

/// One that is stable, or of which nothing could be shown, has no line.
fn line(trend: &Trend) -> Option<Cell> {
    let word = *trend.direction.value()?;
    let tone = match word {
        TrendWord::Stable | TrendWord::Inconclusive => return None,
        TrendWord::Improving => Tone::Good,
        TrendWord::Degrading => Tone::Bad,
        TrendWord::Volatile => Tone::Doubtful,
        TrendWord::Rising | TrendWord::Falling => Tone::Plain,
    };
    let how = trend.evidence.value().map(|evidence| match word {
        TrendWord::Volatile => spread(evidence),
        _ => movement(evidence, trend.unit),
    });
    Some(Cell::toned(format!("{} {}{}", trend.metric, word.word(), how.unwrap_or_default()), tone))
}

fn spread(evidence: &TrendEvidence) -> String {
    let cv = evidence.variation_beyond_counting.number();
    cv.map(|cv| format!(": varies by {} of its mean, more than by chance", Unit::Ratio.print(cv)))
        .unwrap_or_default()
}

fn movement(evidence: &TrendEvidence, unit: Unit) -> String {
    let scale = ChangeUnit::of(evidence.change_scale, unit);
    let interval = evidence
        .change_interval
        .value()
        .map(|found| format!(" {}", scale.print_interval(found.low, found.high)));
    let change = evidence.change.number().map(|change| format!(": {}", scale.print(change)));
    let slope = ChangeUnit::of(Scale::Amount, unit).print_per_min(evidence.slope_per_min);
    format!("{}{}, {slope}", change.unwrap_or_default(), interval.unwrap_or_default())
}

fn rest(trends: &[Trend]) -> Option<String> {
    let with = |wanted: TrendWord| {
        trends.iter().filter(|trend| trend.direction.value() == Some(&wanted)).count() as u64
    };
    let untold = trends.iter().filter(|trend| trend.direction.value().is_none()).count() as u64;
    let there = counts(&[
        (with(TrendWord::Stable), "stable"),
        (with(TrendWord::Inconclusive), "inconclusive"),
        (untold, "not judged"),
    ]);
    (!there.is_empty()).then(|| format!("The others: {}", there.join(", ")))
}
