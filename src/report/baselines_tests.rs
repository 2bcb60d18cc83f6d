//! What is said of baselines, and that it fits and cannot steer the terminal.

use super::*;
use crate::baseline::fixture::{baseline, record};
use crate::config::Config;

const NOW: &str = "2026-12-01T08:14:59Z";

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

fn nightly() -> Baseline {
    let mut other_commit = record("c", 50, 1090.7);
    other_commit.git_commit = Some("ffffffffffff".to_owned());
    other_commit.is_trusted = false;
    baseline("nightly", vec![record("a", 25, 612.25), record("b", 50, 1100.1), other_commit])
}

fn entries() -> Vec<Entry> {
    let broken = BaselineError::Changed { path: "baselines/old.json".into() };
    vec![
        Entry { name: "nightly".to_owned(), baseline: Ok(nightly()) },
        Entry { name: "old".to_owned(), baseline: Err(broken) },
    ]
}

#[test]
fn the_list_has_a_line_for_each_also_for_those_that_cannot_be_used() {
    insta::assert_snapshot!(plain(&list(&entries(), NOW, Paper::default())), @"
      name     saved                    days old  runs  groups  commit
      nightly  2026-11-24 08:15:00 UTC         6     3       2  2 commits
      old      cannot be used                  –     –       –  –
    ");
    assert_eq!(list(&[], NOW, Paper::default()), "");
    let json: Value = serde_json::from_str(&list_json(&entries(), NOW)).unwrap();
    assert_eq!(json[0]["groups"][1]["runs"][1], json!({"run_id": "c", "git_commit": "ffffffffffff"}));
    assert_eq!((&json[0]["age_days"], &json[1]["age_days"]), (&json!(6), &Value::Null));
    assert_eq!(json[0]["fault"], Value::Null);
    assert_eq!(json[1]["fault"], "baselines/old.json: it was changed after it was saved");
    assert_eq!(list_json(&[], NOW), "[]\n");
}

#[test]
fn one_in_full_names_its_runs_and_what_the_gate_will_look_at() {
    insta::assert_snapshot!(plain(&show(&nightly(), &Config::defaults().regression, Paper::default())), @"
    nightly
      saved 2026-11-24 08:15:00 UTC by cmo-metrics 0.1.0
      3 runs, 2 groups

    25 users, closed, scenario steady
      cpus 2, memory 16,000 MB, os linux
      run  started                  commit    window             steady
      a    2026-11-24 00:42:09 UTC  09bd985a  steady 4 min 41 s  yes

      gate metric                    value
      lightrag/success_rate              –
      request/ok_p95_ms             612 ms
      request/ok_per_s                   –
      request/success_rate         97.50 %
      resources/memory_growth_mb  -1.50 MB

    50 users, closed, scenario steady
      cpus 2, memory 16,000 MB, os linux
      run  started                  commit    window             steady
      b    2026-11-24 00:42:09 UTC  09bd985a  steady 4 min 41 s  yes
      c    2026-11-24 00:42:09 UTC  ffffffff  steady 4 min 41 s  not known

      gate metric                   lowest   highest  of runs
      lightrag/success_rate              –         –   0 of 2
      request/ok_p95_ms           1,091 ms  1,100 ms   2 of 2
      request/ok_per_s                   –         –   0 of 2
      request/success_rate         97.50 %   97.50 %   2 of 2
      resources/memory_growth_mb  -1.50 MB  -1.50 MB   2 of 2
    ");
}

#[test]
fn groups_are_told_by_what_they_do_not_share() {
    insta::assert_snapshot!(plain(&groups(&nightly(), Paper::default())), @"
      closed, scenario steady
      group     runs  ids
      25 users     1  a
      50 users     2  b, c
    ");
    let one = baseline("one", vec![record("a", 25, 1.0)]);
    insta::assert_snapshot!(plain(&groups(&one, Paper::default())), @"
      group                              runs  ids
      25 users, closed, scenario steady     1  a
    ");
    let mut unknown = record("b", 25, 1.0);
    unknown.conditions.users = None;
    let two = baseline("two", vec![unknown, record("a", 25, 1.0)]);
    insta::assert_snapshot!(plain(&groups(&two, Paper::default())), @"
      closed, scenario steady
      group              runs  ids
      otherwise unknown     1  b
      25 users              1  a
    ");
}

#[test]
fn long_and_hostile_names_fit_and_stay_on_their_line() {
    let long = "a name that goes on and on 速い ".repeat(8);
    let mut run = record(&"r".repeat(128), 25, 1e12);
    run.conditions.scenario = Some(format!("\u{1b}[31m{long}\n{long}"));
    run.conditions.environment.insert("cpu_model".to_owned(), format!("\u{1b}[2J{long}"));
    run.git_commit = Some("\u{1b}[31mabc".to_owned());
    run.started_at = Some(format!("\u{7}{long}"));
    let mut other = record("x", 25, 1.0);
    other.conditions = run.conditions.clone();
    let mut third = record("y", 50, 1.0);
    third.conditions.scenario = Some(long.clone());
    let baseline = baseline(&"n".repeat(128), vec![run, other, third]);
    let shown = show(&baseline, &Config::defaults().regression, Paper::default());
    let entry = Entry { name: format!("\u{1b}[2J{long}"), baseline: Ok(baseline.clone()) };
    for text in [shown, groups(&baseline, Paper::default()), list(&[entry], NOW, Paper::default())] {
        let text = plain(&text);
        assert!(!text.contains('\u{7}') && !text.contains('\u{1b}'), "{text}");
        for line in text.lines() {
            assert!(unicode_width::UnicodeWidthStr::width(line) <= Paper::default().columns(), "{line}");
        }
    }
}
