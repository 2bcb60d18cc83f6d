//! Failures by cause: category, operation and text.

use super::*;
use crate::summary::ErrorCause;

fn failed(start_ms: i64, mode: &str, detail: Option<&str>) -> Event {
    let detail = detail.map(str::to_owned);
    Event { detail, ..operation(mode, call("lightrag", start_ms, 50.0, "api_error")) }
}

type Told = (String, Option<String>, Option<String>, u64);

fn told(causes: &[ErrorCause]) -> Vec<Told> {
    let of = |cause: &ErrorCause| {
        (cause.category.clone(), cause.operation.clone(), cause.detail.clone(), cause.count)
    };
    causes.iter().map(of).collect()
}

fn cause(operation: &str, detail: Option<&str>, count: u64) -> Told {
    ("api_error".into(), Some(operation.into()), detail.map(str::to_owned), count)
}

#[test]
fn failures_of_one_word_with_two_texts_are_two_causes_and_silent_ones_a_third() {
    let mut events: Vec<Event> = (0..6).map(|at| failed(at * 100, "naive", Some("no results"))).collect();
    events.extend((0..3).map(|at| failed(at * 100, "hybrid", Some("HTTP 503"))));
    // Two calls of one instant, of which one says nothing.
    events.extend([failed(100, "hybrid", None), failed(900, "hybrid", None)]);
    events.extend((0..9).map(|at| operation("hybrid", call("lightrag", at * 10, 50.0, "ok"))));
    let summary = Run::of(events).measure();
    let wanted = [
        cause("naive", Some("no results"), 6),
        cause("hybrid", Some("HTTP 503"), 3),
        cause("hybrid", None, 2),
    ];
    assert_eq!(told(&summary.error_causes), wanted);
    let silent = &summary.error_causes[2];
    assert_eq!((silent.first_us, silent.last_us), (100_000, 900_000));
    assert!((summary.error_causes[0].share - 6.0 / 20.0).abs() < 1e-12);
    // One row of a category all the same.
    assert_eq!((summary.errors.len(), summary.errors[0].count), (1, 11));
}

#[test]
fn a_part_has_the_causes_of_the_calls_that_start_in_it() {
    let mut events: Vec<Event> = (0..10).map(|at| failed(at * 1000, "naive", Some("no results"))).collect();
    events.push(failed(1500, "naive", Some("HTTP 503")));
    let part = Run::of(events).part(1000, 4000);
    let wanted = [cause("naive", Some("no results"), 3), cause("naive", Some("HTTP 503"), 1)];
    assert_eq!(told(&part.error_causes), wanted);
}

#[test]
fn of_very_many_causes_the_most_frequent_are_kept_and_the_rest_is_counted() {
    let mode = |at: i64| format!("mode {at:04}");
    let mut events: Vec<Event> = (0..500).map(|at| failed(at, &mode(at), Some("down"))).collect();
    events.extend((0..20).map(|at| failed(at, "often", Some("down"))));
    let causes = Run::of(events).measure().error_causes;
    assert_eq!(causes.len(), 201);
    assert_eq!(causes[0].detail.as_deref(), Some("(other)"));
    assert_eq!((causes[0].operation.as_deref(), causes[0].count), (None, 301));
    assert_eq!((causes[1].operation.as_deref(), causes[1].count), (Some("often"), 20));
    assert_eq!(causes.iter().map(|cause| cause.count).sum::<u64>(), 520);
}

#[test]
fn of_very_many_outcomes_the_times_of_the_rarest_failures_stand_together() {
    let call = |at: i64, word: &str| call("lightrag", at * 10, at as f64, word);
    let mut events: Vec<Event> = (0..60).map(|at| call(at, &format!("word {at:02}"))).collect();
    events.extend((0..60).map(|at| call(at, &format!("word {:02}", at % 25))));
    events.extend((0..3).map(|at| call(at, "miss")));
    let summary = Run::of(events).measure();
    let times = &summary.components[0].calls.by_category;
    // 25 failures of the most calls, those of all others, and what is no failure.
    assert_eq!(times.len(), 27);
    assert_eq!((times["(other)"].n, times["miss"].n), (35, 3));
    assert!((times["(other)"].value_ms(0.5).unwrap() - 42.0).abs() < 1e-9, "25 … 59");
    assert_eq!(times.values().map(|found| found.n).sum::<u64>(), 123);
    // Counts and errors know each word.
    assert_eq!((summary.components[0].calls.counts.by_outcome.len(), summary.errors.len()), (61, 60));
}
