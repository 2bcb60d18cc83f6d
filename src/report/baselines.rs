//! Baselines for people and for scripts: the list, one in full, and its groups in brief.

use anstyle::Style;
use serde_json::{Value, json};

use super::outline::{Cell, Column, Tone};
use super::terminal::{Canvas, Paper};
use crate::baseline::{Baseline, BaselineError, Entry, Group, RunRecord};
use crate::config::RegressionSettings;
use crate::judge::environment_text;
use crate::summary::ComparableMetric;
use crate::units::{self, Unit};

/// Digits of a commit that tell it from others.
const COMMIT_DIGITS: usize = 8;

/// One line a baseline, with its age at `now` (RFC 3339).
pub fn list(entries: &[Entry], now: &str, paper: Paper) -> String {
    let columns = [
        Column::name("name"),
        Column::word("saved").minor(),
        Column::number("days old"),
        Column::number("runs"),
        Column::number("groups").minor(),
        Column::word("commit").minor(),
    ];
    let rows: Vec<Vec<Cell>> = entries.iter().map(|entry| row(entry, now)).collect();
    let mut canvas = Canvas::new(paper);
    canvas.table(&columns, &rows);
    canvas.finish()
}

fn row(entry: &Entry, now: &str) -> Vec<Cell> {
    let name = Cell::plain(&entry.name);
    match &entry.baseline {
        Ok(baseline) => vec![
            name,
            Cell::plain(units::instant_of_text(&baseline.saved_at)),
            baseline.age_days(now).map_or(Cell::none(), |days| Cell::plain(days.to_string())),
            Cell::plain(units::count(baseline.runs.len() as u64)),
            Cell::plain(units::count(baseline.groups().len() as u64)),
            commits(&baseline.runs.iter().collect::<Vec<_>>()),
        ],
        Err(_) => {
            let mut row = vec![name, Cell::toned("cannot be used", Tone::Bad)];
            row.resize(6, Cell::none());
            row
        }
    }
}

/// The same for scripts: a list of objects, with what is wrong under `fault`.
pub fn list_json(entries: &[Entry], now: &str) -> String {
    let list: Vec<Value> = entries
        .iter()
        .map(|entry| match &entry.baseline {
            Ok(baseline) => json!({
                "name": entry.name,
                "saved_at": baseline.saved_at,
                "age_days": baseline.age_days(now),
                "tool": baseline.tool,
                "groups": baseline.groups().iter().map(group_json).collect::<Vec<_>>(),
                "fault": null,
                "remedy": null,
            }),
            Err(error) => faulty_json(&entry.name, error),
        })
        .collect();
    format!("{:#}\n", Value::Array(list))
}

fn group_json(group: &Group<'_>) -> Value {
    let runs = group.runs.iter().map(|run| json!({ "run_id": run.run_id, "git_commit": run.git_commit }));
    json!({
        "scenario": group.conditions.scenario,
        "users": group.conditions.users,
        "load_model": group.conditions.load_model,
        "target_rate_per_s": group.conditions.target_rate_per_s,
        "runs": runs.collect::<Vec<_>>(),
    })
}

fn faulty_json(name: &str, error: &BaselineError) -> Value {
    json!({
        "name": name,
        "saved_at": null,
        "age_days": null,
        "tool": null,
        "groups": [],
        "fault": error.to_string(),
        "remedy": error.remedy(),
    })
}

/// What all groups share, then a line for each.
pub fn groups(baseline: &Baseline, paper: Paper) -> String {
    let groups = baseline.groups();
    let common = common_parts(&groups);
    let mut canvas = Canvas::new(paper);
    let columns = [Column::word("group"), Column::number("runs"), Column::name("ids")];
    let rows: Vec<Vec<Cell>> = groups
        .iter()
        .map(|group| {
            let names: Vec<&str> = group.runs.iter().map(|run| run.run_id.as_str()).collect();
            let count = Cell::plain(units::count(names.len() as u64));
            vec![Cell::plain(own_parts(group, &common)), count, Cell::plain(names.join(", "))]
        })
        .collect();
    if groups.len() > 1 && !common.is_empty() {
        canvas.wrapped(&Cell::toned(common.join(", "), Tone::Dim));
    }
    canvas.table(&columns, &rows);
    canvas.finish()
}

/// What every one of several groups has.
fn common_parts(groups: &[Group<'_>]) -> Vec<String> {
    let Some((first, others)) = groups.split_first().filter(|(_, others)| !others.is_empty()) else {
        return Vec::new();
    };
    let others: Vec<Vec<String>> = others.iter().map(|group| group.conditions.group_parts()).collect();
    let is_common = |part: &String| others.iter().all(|parts| parts.contains(part));
    first.conditions.group_parts().into_iter().filter(is_common).collect()
}

/// What makes this group another than the rest.
fn own_parts(group: &Group<'_>, common: &[String]) -> String {
    let own: Vec<String> =
        group.conditions.group_parts().into_iter().filter(|part| !common.contains(part)).collect();
    if !own.is_empty() {
        own.join(", ")
    } else if common.is_empty() {
        group.text()
    } else {
        // The others say more than this one.
        "otherwise unknown".to_owned()
    }
}

/// One baseline: where it comes from, and the metrics of the gate for each group.
pub fn show(baseline: &Baseline, settings: &RegressionSettings, paper: Paper) -> String {
    let groups = baseline.groups();
    let mut canvas = Canvas::new(paper);
    push_heading(&mut canvas, &baseline.name);
    let saved = format!("saved {} by {}", units::instant_of_text(&baseline.saved_at), baseline.tool);
    canvas.wrapped(&Cell::toned(saved, Tone::Dim));
    let size = format!("{}, {}", counted(baseline.runs.len(), "run"), counted(groups.len(), "group"));
    canvas.wrapped(&Cell::toned(size, Tone::Dim));
    for group in &groups {
        canvas.blank();
        push_group(&mut canvas, group, settings);
    }
    canvas.finish()
}

fn push_group(canvas: &mut Canvas, group: &Group<'_>, settings: &RegressionSettings) {
    push_heading(canvas, &group.text());
    let mut machines: Vec<String> =
        group.runs.iter().map(|run| environment_text(&run.conditions.environment)).collect();
    machines.sort();
    machines.dedup();
    for machine in machines {
        let known = if machine.is_empty() { "environment unknown".to_owned() } else { machine };
        canvas.wrapped(&Cell::toned(known, Tone::Dim));
    }
    let columns = [
        Column::name("run"),
        Column::word("started").minor(),
        Column::word("commit").minor(),
        Column::word("window").minor(),
        Column::word("steady"),
    ];
    canvas.table(&columns, &group.runs.iter().map(|run| run_row(run)).collect::<Vec<_>>());
    canvas.blank();
    push_gate_metrics(canvas, &group.runs, settings);
}

fn run_row(run: &RunRecord) -> Vec<Cell> {
    let length = run.window_s.map_or(String::new(), |length| format!(" {}", units::duration_s(length)));
    let window = format!("{}{length}", run.window.word());
    vec![
        Cell::plain(&run.run_id),
        run.started_at.as_deref().map_or(Cell::none(), |at| Cell::plain(units::instant_of_text(at))),
        commits(&[run]),
        Cell::plain(window),
        if run.is_trusted { Cell::plain("yes") } else { Cell::toned("not known", Tone::Doubtful) },
    ]
}

fn push_gate_metrics(canvas: &mut Canvas, runs: &[&RunRecord], settings: &RegressionSettings) {
    let is_gate = |key: &str| settings.rule(key).is_some_and(|(_, rule)| rule.gate);
    // What the gate asks for and no run has must be seen, too.
    let wanted = settings.metrics.iter().filter(|(name, rule)| rule.gate && !name.contains('*'));
    let found = runs.iter().flat_map(|run| &run.metrics).map(|metric| metric.key());
    let mut keys: Vec<String> =
        wanted.map(|(name, _)| name.clone()).chain(found.filter(|key| is_gate(key))).collect();
    keys.sort();
    keys.dedup();
    if keys.is_empty() {
        canvas.wrapped(&Cell::toned("no metric of the gate", Tone::Dim));
        return;
    }
    let is_one = runs.len() == 1;
    let spans = if is_one { &["value"][..] } else { &["lowest", "highest", "of runs"] };
    let columns: Vec<Column> = std::iter::once(Column::word("gate metric"))
        .chain(spans.iter().map(|name| Column::number(name)))
        .collect();
    let rows: Vec<Vec<Cell>> = keys.iter().map(|key| metric_row(key, runs, is_one)).collect();
    canvas.table(&columns, &rows);
}

/// The value of one run, or the range over several and how many of them have one.
fn metric_row(key: &str, runs: &[&RunRecord], is_one: bool) -> Vec<Cell> {
    let found: Vec<&ComparableMetric> =
        runs.iter().filter_map(|run| run.metrics.iter().find(|metric| metric.key() == key)).collect();
    let unit = found.first().map_or(Unit::Number, |metric| metric.unit);
    let mut values: Vec<f64> = found.iter().filter_map(|metric| metric.value.number()).collect();
    values.sort_by(f64::total_cmp);
    let shown = |value: Option<&f64>| value.map_or(Cell::none(), |&value| Cell::plain(unit.print(value)));
    let mut row = vec![Cell::plain(key), shown(values.first())];
    if !is_one {
        row.push(shown(values.last()));
        row.push(Cell::plain(format!("{} of {}", values.len(), runs.len())));
    }
    row
}

/// Their commit, or how many they have.
fn commits(runs: &[&RunRecord]) -> Cell {
    let mut commits: Vec<&str> = runs.iter().filter_map(|run| run.git_commit.as_deref()).collect();
    commits.sort_unstable();
    commits.dedup();
    match commits[..] {
        [] => Cell::none(),
        [commit] => Cell::plain(commit.chars().take(COMMIT_DIGITS).collect::<String>()),
        _ => Cell::plain(counted(commits.len(), "commit")),
    }
}

fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", units::count(count as u64))
}

fn push_heading(canvas: &mut Canvas, heading: &str) {
    canvas.heading(&Cell::plain(heading).text, Style::new().bold());
}

#[cfg(test)]
#[path = "baselines_tests.rs"]
mod tests;
