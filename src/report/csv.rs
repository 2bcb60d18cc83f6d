//! `timeseries.csv`: the rows of `timeseries.parquet`, for spreadsheets.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::printable;
use super::tables::{SeriesRow, seconds};
use crate::analysis::Analysis;
use crate::units;

/// Names of the columns, as in `timeseries.parquet`.
pub const HEADER: &str = "run_id,resolution_ms,ts,tick,component,count,ok,failed,hits,misses,mean_ms,p50_ms,p95_ms,\
                          max_ms,in_flight,judged";

/// Text that is put together before it is written.
const BYTES_AT_ONCE: usize = 1 << 16;

/// The seconds of the run: RFC 3339 times in UTC, an empty field for null, shortest digits that read back as the same
/// number.
///
/// # Errors
/// When `out` refuses.
pub fn write(analysis: &Analysis, out: &mut impl Write) -> io::Result<()> {
    let mut text = String::with_capacity(BYTES_AT_ONCE * 2);
    text.push_str(HEADER);
    text.push('\n');
    let mut clock = Clock::default();
    let run = &analysis.whole;
    let run_id = field(&run.identity.run_id);
    let components: Vec<String> = run.components.iter().map(|found| field(&found.component)).collect();
    for row in seconds(analysis) {
        push_row(&mut text, &row, (&run_id, &components[row.calls.component]), &mut clock);
        if text.len() >= BYTES_AT_ONCE {
            out.write_all(text.as_bytes())?;
            text.clear();
        }
    }
    out.write_all(text.as_bytes())
}

fn push_row(text: &mut String, row: &SeriesRow<'_>, (run_id, component): (&str, &str), clock: &mut Clock) {
    let SeriesRow { calls, tick, is_judged } = row;
    // Writing into a string cannot fail.
    let _ = write!(text, "{run_id},{},", calls.resolution_ms);
    clock.push(text, tick.start_us);
    let _ = write!(text, ",{},{component}", calls.number(tick));
    for count in [tick.count, tick.ok, tick.failed, tick.hits, tick.misses] {
        let _ = write!(text, ",{count}");
    }
    for value in [tick.mean_ms, tick.p50_ms, tick.p95_ms, tick.max_ms] {
        push_number(text, value.get());
    }
    push_number(text, Some(tick.in_flight));
    let _ = writeln!(text, ",{is_judged}");
}

/// The same as a text.
#[cfg(test)]
pub fn render(analysis: &Analysis) -> String {
    let mut bytes = Vec::new();
    write(analysis, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Prints instants as [`units::rfc3339`] does. Neighbouring ticks lie in one second: its text is kept.
#[derive(Default)]
struct Clock {
    second: Option<i64>,
    /// `2025-03-01T12:00:00`; empty where the second has no date.
    text: String,
}

impl Clock {
    fn push(&mut self, text: &mut String, at_us: i64) {
        const US_PER_S: i64 = 1_000_000;
        let second = at_us.div_euclid(US_PER_S);
        if self.second != Some(second) {
            let whole = second.checked_mul(US_PER_S).and_then(units::rfc3339).unwrap_or_default();
            self.text = whole.split('.').next().unwrap_or_default().to_owned();
            self.second = Some(second);
        }
        if !self.text.is_empty() {
            let _ = write!(text, "{}.{:06}Z", self.text, at_us.rem_euclid(US_PER_S));
        }
    }
}

fn push_number(text: &mut String, value: Option<f64>) {
    text.push(',');
    if let Some(value) = value.filter(|value| value.is_finite()) {
        let _ = write!(text, "{value}");
    }
}

/// RFC 4180: quoted where it holds a comma or a quote. Without control characters; a text that a spreadsheet would take for a
/// formula begins with an apostrophe.
fn field(text: &str) -> String {
    const FORMULAS: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    let shown = printable(text);
    let is_formula = text.starts_with(['\t', '\r', '\n']) || shown.trim_start().starts_with(FORMULAS);
    let shown = if is_formula { format!("'{shown}") } else { shown };
    if shown.contains([',', '"']) { format!("\"{}\"", shown.replace('"', "\"\"")) } else { shown }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::Config;
    use crate::summary::fixture;

    #[test]
    fn the_series_of_a_small_run() {
        let mut summary = fixture::run_summary();
        summary.components[2].component = "vector \"db\", new".into();
        let analysis = Analysis::of_whole(summary, &Config::defaults()).unwrap();
        let mut lines = vec![HEADER];
        lines.extend([
            r#"fixture,1000,2025-03-01T12:00:00.000000Z,0,request,3,2,1,0,0,12.5,10,20.25,21,0.5,true"#,
            r#"fixture,1000,2025-03-01T12:00:00.000000Z,0,"vector ""db"", new",3,2,1,0,0,12.5,10,20.25,21,0.5,true"#,
        ]);
        assert_eq!(render(&analysis).lines().collect::<Vec<_>>(), lines);
    }

    #[test]
    fn no_cell_is_a_formula_or_holds_control_characters() {
        for (text, cell) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1", "'+1"),
            ("-1,2", "\"'-1,2\""),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "' =1"),
            ("\r=1", "' =1"),
            (" =1", "' =1"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("a\u{1b}[31m\nb", "a·[31m b"),
            ("load-50", "load-50"),
            ("a=b", "a=b"),
        ] {
            assert_eq!(field(text), cell);
        }
    }

    proptest! {
        #[test]
        fn times_are_printed_as_everywhere_else(times in prop::collection::vec(any::<i64>(), 1..20), step in 0i64..3_000_000) {
            let mut clock = Clock::default();
            for at_us in times.into_iter().flat_map(|at_us| [at_us, at_us.wrapping_add(step)]) {
                let mut text = String::new();
                clock.push(&mut text, at_us);
                prop_assert_eq!(text, units::rfc3339(at_us).unwrap_or_default());
            }
        }
    }
}
