//! `timeseries.csv`: the columns of `timeseries.parquet`, for spreadsheets.

use std::fmt::Write;

use super::tables::resolved_ticks;
use crate::analysis::Analysis;
use crate::units;

/// Names of the columns, as in `timeseries.parquet`.
pub(super) const HEADER: &str =
    "run_id,resolution_ms,ts,tick,component,count,ok,failed,mean_ms,p50_ms,p95_ms,max_ms,in_flight,window";

/// The series of all `analyses`: RFC 3339 times in UTC, an empty field for null, shortest digits that read back
/// as the same number.
pub fn render(analyses: &[&Analysis]) -> String {
    let mut text = String::from(HEADER);
    text.push('\n');
    for analysis in analyses {
        let run_id = field(&analysis.summary.identity.run_id);
        let ticks = analysis.windows().flat_map(|window| {
            resolved_ticks(window).map(move |(component, tick)| (window, component, tick))
        });
        for (window, component, tick) in ticks {
            let row = [
                run_id.clone(),
                tick.resolution_ms.to_string(),
                units::rfc3339(tick.start_us).unwrap_or_default(),
                tick.tick.to_string(),
                field(component),
                tick.count.to_string(),
                tick.ok.to_string(),
                tick.failed.to_string(),
                number(tick.mean_ms),
                number(tick.p50_ms),
                number(tick.p95_ms),
                number(tick.max_ms),
                number(Some(tick.in_flight)),
                field(&window.window.name),
            ];
            // Writing into a string cannot fail.
            let _ = writeln!(text, "{}", row.join(","));
        }
    }
    text
}

fn number(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map_or_else(String::new, |value| value.to_string())
}

/// RFC 4180: quoted where it holds a comma, a quote or a line end.
fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::summary::fixture;

    #[test]
    fn the_series_of_a_small_run() {
        let mut summary = fixture::run_summary();
        summary.components[1].component = "vector \"db\", new".into();
        let analysis = Analysis::of_whole(summary, &Config::defaults()).unwrap();
        insta::assert_snapshot!(render(&[&analysis]), @r#"
        run_id,resolution_ms,ts,tick,component,count,ok,failed,mean_ms,p50_ms,p95_ms,max_ms,in_flight,window
        fixture,100,2025-03-01T12:00:00.000000Z,0,request,3,2,1,12.5,10,20.25,21,0.5,whole
        fixture,100,2025-03-01T12:00:00.300000Z,3,request,3,2,1,12.5,10,,21,0.5,whole
        fixture,100,2025-03-01T12:00:00.000000Z,0,"vector ""db"", new",3,2,1,12.5,10,20.25,21,0.5,whole
        fixture,1000,2025-03-01T12:00:00.000000Z,0,request,3,2,1,12.5,10,20.25,21,0.5,whole
        fixture,1000,2025-03-01T12:00:00.000000Z,0,"vector ""db"", new",3,2,1,12.5,10,20.25,21,0.5,whole
        "#);
    }
}
