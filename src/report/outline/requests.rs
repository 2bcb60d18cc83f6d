//! The requests: response times, throughput, errors.

use super::{Cell, Column, LOW_SAMPLE, LOWER_BOUND, Section, Tone};
use crate::analysis::Analysis;
use crate::metrics::{BREAKER, REQUEST};
use crate::summary::{Distribution, ErrorCategory, ErrorCause, Measured, without_ids};
use crate::units::{self, Unit};

/// The quantiles that fit on 80 columns; the others are in the report.
const QUANTILES: [f64; 4] = [0.5, 0.95, 0.99, 0.999];
/// Failures by category that are listed; the others are in the report.
const ERRORS_LISTED: usize = 10;

/// Why a quantile is not that of all finished calls.
const LEFT_OUT: &str = "Quantiles of finished calls leave out as many of the fastest as failed";

/// Response times of the finished, of the successful and of each kind of failed requests.
pub fn times(analysis: &Analysis) -> Section {
    let columns = vec![
        Column::name("requests"),
        Column::number("count"),
        Column::number("P50"),
        Column::number("P95"),
        Column::number("P99"),
        Column::number("P99.9").minor(),
        Column::number("mean").minor(),
        Column::number("max").minor(),
    ];
    let requests = &analysis.summary.requests;
    let mut rows = vec![row("finished", &requests.all, false), row("ok", &requests.ok, false)];
    if let Measured::Value(from_sending) = &requests.from_sending {
        rows.push(row("from the sending", from_sending, false));
    }
    let failures =
        analysis.summary.errors.iter().filter(|error| error.component == REQUEST).take(ERRORS_LISTED);
    rows.extend(
        failures.map(|error| row(&error.category, &error.durations, error.durations_are_lower_bounds)),
    );
    let mut section = Section::of_rows("Response times, ms", columns, rows);
    let failed =
        analysis.summary.components.iter().map(|component| component.calls.counts.failed).sum::<u64>();
    section.add_lines((failed > 0).then(|| LEFT_OUT.to_owned()));
    section
}

/// Those of the finished and of the successful requests alone.
pub fn times_in_brief(analysis: &Analysis) -> Section {
    let columns = vec![
        Column::name("requests, ms"),
        Column::number("count").minor(),
        Column::number("P50").minor(),
        Column::number("P95"),
        Column::number("P99"),
        Column::number("max").minor(),
    ];
    let requests = &analysis.summary.requests;
    let of = |name: &str, durations: &Distribution| {
        let mut row = vec![Cell::plain(name), Cell::plain(units::count(durations.n))];
        row.extend(quantiles(durations, &[0.5, 0.95, 0.99], false));
        row.push(milliseconds(durations.max_ms.number(), false, false));
        row
    };
    Section::of_rows("", columns, vec![of("finished", &requests.all), of("ok", &requests.ok)])
}

fn row(name: &str, durations: &Distribution, is_lower_bound: bool) -> Vec<Cell> {
    let mut cells = vec![Cell::plain(name), Cell::plain(units::count(durations.n))];
    cells.extend(quantiles(durations, &QUANTILES, is_lower_bound));
    cells.push(milliseconds(durations.mean_ms.number(), is_lower_bound, false));
    cells.push(milliseconds(durations.max_ms.number(), is_lower_bound, false));
    cells
}

fn quantiles(durations: &Distribution, qs: &[f64], is_lower_bound: bool) -> Vec<Cell> {
    let of = |&q: &f64| {
        let low_sample = durations.quantile(q).is_some_and(|quantile| quantile.low_sample);
        milliseconds(durations.value_ms(q), is_lower_bound, low_sample)
    };
    qs.iter().map(of).collect()
}

/// A time in a column whose heading says ms. A lower bound says so before it says that samples are few.
pub fn milliseconds(value: Option<f64>, is_lower_bound: bool, low_sample: bool) -> Cell {
    let Some(value) = value else { return Cell::none() };
    let mark = match (is_lower_bound, low_sample) {
        (true, _) => LOWER_BOUND.to_string(),
        (false, true) => LOW_SAMPLE.to_string(),
        (false, false) => String::new(),
    };
    Cell::plain(mark + &units::number(value))
}

/// Requests per second.
pub fn throughput(analysis: &Analysis) -> Section {
    let throughput = &analysis.summary.throughput;
    let per_s = |name: &str, value: &Measured<f64>| {
        value.number().map(|v| format!("{name} {}", Unit::PerSecond.print(v)))
    };
    let parts = [
        per_s("finished", &throughput.mean_per_s),
        per_s("ok", &throughput.ok_per_s),
        per_s("failed", &throughput.failed_per_s),
        per_s("peak", &throughput.peak_per_s),
        per_s("recent", &throughput.recent_per_s),
        per_s("offered", &throughput.offered_per_s),
        per_s("target", &throughput.target_per_s),
        analysis.summary.requests.mean_in_flight.number().map(|n| format!("in flight {}", units::number(n))),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let parts = if parts.is_empty() { None } else { Some(parts.join(", ")) };
    Section::of_lines("Throughput", parts.into_iter().chain(goodput(analysis)).collect())
}

/// What of it kept the limits, and which these are.
fn goodput(analysis: &Analysis) -> Option<String> {
    let found = analysis.summary.goodput.value()?;
    let share = found.share.number()?;
    let rate =
        found.per_s.number().map_or_else(String::new, |rate| format!("{}, ", Unit::PerSecond.print(rate)));
    let limit = |what: &str, limit: &Measured<f64>| {
        limit.number().map(|ms| format!("{what}{}", Unit::Milliseconds.print(ms)))
    };
    let limits = [
        limit("", &found.limit_ms),
        limit("a first token ", &found.ttft_limit_ms),
        limit("a further token ", &found.tpot_limit_ms),
    ];
    let limits: Vec<String> = limits.into_iter().flatten().collect();
    let share = Unit::Ratio.print(share);
    Some(format!("Goodput {rate}{share} of the requests sent (successful, below {})", limits.join(" and ")))
}

/// Failures by component and category. Those of a breaker are the calls' that it guards: where another component has as many of a
/// kind they are told once.
pub fn errors(analysis: &Analysis) -> Section {
    let columns = vec![
        Column::name("component"),
        Column::name("category"),
        Column::number("count"),
        Column::number("share").minor(),
        Column::name("message").minor(),
    ];
    // What the users saw first, then by number.
    let all = &analysis.summary.errors;
    let is_mirrored = |error: &ErrorCategory| {
        let of_guarded = |other: &&ErrorCategory| {
            ![BREAKER, REQUEST].contains(&other.component.as_str()) && other.category == error.category
        };
        error.component == BREAKER && all.iter().filter(of_guarded).any(|other| other.count >= error.count)
    };
    let mut errors: Vec<&ErrorCategory> = all.iter().filter(|error| !is_mirrored(error)).collect();
    errors.sort_by_key(|error| (error.component != REQUEST, std::cmp::Reverse(error.count)));
    let rows = errors.iter().take(ERRORS_LISTED).map(|error| error_row(error, analysis)).collect();
    let mut section = Section::of_rows("Errors", columns, rows);
    if let Some(more) = errors.len().checked_sub(ERRORS_LISTED).filter(|more| *more > 0) {
        section.add_lines([format!("{more} more kinds in errors.parquet")]);
    }
    section
}

/// With the most frequent text, and how many others there are.
fn said(error: &ErrorCategory, analysis: &Analysis) -> String {
    let of_this =
        |cause: &&ErrorCause| cause.component == error.component && cause.category == error.category;
    // By text but for ids in it: as it stands where it is the only one.
    let mut texts: Vec<(String, String, u64)> = Vec::new();
    for cause in analysis.summary.error_causes.iter().filter(of_this) {
        let Some(detail) = cause.detail.as_deref() else { continue };
        let shared = without_ids(detail);
        match texts.iter_mut().find(|(_, known, _)| *known == shared) {
            Some((text, _, count)) => {
                *count += cause.count;
                if *text != detail {
                    *text = shared;
                }
            }
            None => texts.push((detail.to_owned(), shared, cause.count)),
        }
    }
    // Stable: of equally frequent ones the first.
    texts.sort_by_key(|(.., count)| std::cmp::Reverse(*count));
    match texts.as_slice() {
        [] => error.example.clone().unwrap_or_default(),
        [(only, ..)] => only.clone(),
        [(most, _, count), others @ ..] => {
            let more = if others.len() == 1 {
                "1 other text".to_owned()
            } else {
                format!("{} other texts", others.len())
            };
            format!("{}x {most}; {more}", units::count(*count))
        }
    }
}

fn error_row(error: &ErrorCategory, analysis: &Analysis) -> Vec<Cell> {
    vec![
        Cell::plain(&error.component),
        Cell::plain(&error.category),
        Cell::plain(units::count(error.count)),
        Cell::plain(Unit::Ratio.print(error.share)),
        Cell::toned(said(error, analysis), Tone::Dim),
    ]
}
