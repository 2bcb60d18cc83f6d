//! What is told of nights made by hand.

use super::*;
use crate::analysis::Provenance;
use crate::baseline::{RunRecord, fixture};
use crate::config::Config;
use crate::history::{Acknowledged, Acknowledgements, JudgedRun};

/// Twenty nights from 2026-11-01 on, the P95 as it is given.
fn nights(p95_ms: impl Fn(usize) -> f64) -> Vec<JudgedRun> {
    (0..20)
        .map(|night| {
            let id = format!("night_{night}");
            let record = RunRecord {
                started_at: Some(format!("2026-11-{:02}T01:00:00Z", night + 1)),
                git_commit: Some(format!("{night:08x}abcdef")),
                ..fixture::record(&id, 50, p95_ms(night))
            };
            JudgedRun {
                record,
                digest: id,
                judged_us: 0,
                tags: Default::default(),
                told: Default::default(),
                fail_on: "medium".to_owned(),
                must_exclude: "high".to_owned(),
                gate_code: 0,
                definitions: 2,
                tool: "t".to_owned(),
            }
        })
        .collect()
}

/// A jump of 22 % with the night of 2026-11-15.
fn jump(night: usize) -> f64 {
    (if night < 14 { 1_000.0 } else { 1_221.0 }) + (night * 7 % 5) as f64 * 5.0
}

fn text(format: Format, runs: &[JudgedRun], acknowledgements: &Acknowledgements, in_full: bool) -> String {
    let printed =
        print(format, &shown(runs, acknowledgements), Asked { last: 30, in_full }, Paper::default());
    anstream::adapter::strip_str(&printed).to_string()
}

fn shown<'a>(runs: &'a [JudgedRun], acknowledgements: &Acknowledgements) -> Vec<Shown<'a>> {
    let config = Config::defaults();
    Level::all(runs)
        .into_iter()
        .map(|level| {
            let of = |key: &str| {
                let (_, rule) = config.regression.rule(key).unwrap();
                Series::of(&level, key, rule, acknowledgements, &config.history)
            };
            let series = ["request/ok_p95_ms", "request/success_rate"].into_iter().filter_map(of).collect();
            Shown { level, series }
        })
        .collect()
}

#[test]
fn below_one_nights_verdict_stand_a_picture_and_a_sentence_for_each_of_the_last_changes() {
    let none = Acknowledgements::default();
    let runs = nights(jump);
    let section = changed_lately(&shown(&runs, &none));
    let cells: Vec<&str> = section.rows.iter().flatten().map(|cell| cell.text.as_str()).collect();
    assert_eq!(cells[0], "request/ok_p95_ms at 50 users");
    assert!(cells.len() == 2 && cells[1].contains('│'), "{cells:?}");
    let lines: Vec<&str> = section.lines.iter().map(|line| line.text.as_str()).collect();
    let wanted = "request/ok_p95_ms at 50 users: +22.0 % since 2026-11-15, commit 0000000e, not acknowledged";
    assert_eq!(lines, [wanted]);
    assert!(changed_lately(&shown(&nights(|_| 1_000.0), &none)).is_empty());
    assert!(changed_lately(&[]).is_empty());
}

#[test]
fn of_many_changes_the_gravest_are_told_and_those_of_long_ago_are_not() {
    let none = Acknowledgements::default();
    let levels: Vec<JudgedRun> = (10..15)
        .flat_map(|users| {
            nights(jump).into_iter().map(move |mut run| {
                run.record.conditions.users = Some(users);
                run.digest = format!("{users} {}", run.digest);
                run
            })
        })
        .collect();
    let section = changed_lately(&shown(&levels, &none));
    assert_eq!((section.rows.len(), section.lines.len()), (3, 4));
    assert_eq!(section.lines[3].text, "… and 2 more: `cmo-metrics history show`");
    // A month of nights later.
    let mut runs = nights(jump);
    let last = runs[19].clone();
    runs.extend((0..30).map(|night| JudgedRun {
        record: RunRecord {
            started_at: Some(format!("2027-01-{:02}T01:00:00Z", night + 1)),
            run_id: format!("later_{night}"),
            ..last.record.clone()
        },
        ..last.clone()
    }));
    assert!(!shown(&runs, &none)[0].series[0].changes.is_empty());
    assert!(changed_lately(&shown(&runs, &none)).is_empty());
}

#[test]
fn a_jump_is_said_first_drawn_between_its_nights_and_its_commits_are_named() {
    let text = text(Format::Text, &nights(jump), &Acknowledgements::default(), false);
    let first = "request/ok_p95_ms at 50 users: +22.0 % since 2026-11-15, commit 0000000e, not";
    assert!(text.starts_with(first), "{text}");
    assert!(text.contains('│') && text.contains("── change   0000000d..0000000e"), "{text}");
    assert!(text.contains("50 users, closed, scenario steady"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn what_is_acknowledged_is_told_with_its_reason_and_calls_for_nothing() {
    let mut known = Acknowledgements::default();
    known.acknowledged.push(Acknowledged {
        metric: "request/ok_p95_ms".to_owned(),
        users: Some(50),
        night: "2026-11-15".to_owned(),
        reason: "larger model".to_owned(),
        until: "2027-02-01".to_owned(),
        acknowledged_at: "2026-11-16T00:00:00Z".to_owned(),
    });
    let text = text(Format::Text, &nights(jump), &known, false);
    assert!(text.starts_with("Nothing changed for the worse that is not acknowledged"), "{text}");
    assert!(text.contains("acknowledged until 2027-02-01: larger model"), "{text}");
}

#[test]
fn nights_of_which_nothing_is_told_are_shown_when_their_metric_is_asked_for() {
    let runs = nights(|_| 1_000.0);
    let brief = text(Format::Text, &runs, &Acknowledgements::default(), false);
    assert!(brief.contains("▅▅▅▅") && !brief.contains("2026-11-07"), "{brief}");
    assert!(text(Format::Text, &runs, &Acknowledgements::default(), true).contains("2026-11-07"));
    assert!(
        print(Format::Text, &[], Asked { last: 30, in_full: false }, Paper::default())
            .contains("No nights are kept yet")
    );
}

#[test]
fn a_cut_is_said_once_and_drawn() {
    let mut runs = nights(|_| 1_000.0);
    runs[10..].iter_mut().for_each(|run| run.definitions = 3);
    let brief = text(Format::Text, &runs, &Acknowledgements::default(), false);
    assert_eq!(brief.matches("since 2026-11-11 the numbers mean something else").count(), 1, "{brief}");
    assert!(brief.contains("▅┊▅") && !brief.contains("── cut"), "{brief}");
    assert!(text(Format::Text, &runs, &Acknowledgements::default(), true).contains("── cut"));
}

#[test]
fn markdown_and_json_say_the_same() {
    let none = Acknowledgements::default();
    let markdown = text(Format::Markdown, &nights(jump), &none, false);
    assert!(markdown.starts_with("**request/ok_p95_ms at 50 users: +22.0 % since 2026-11-15"), "{markdown}");
    let json: Value = serde_json::from_str(&text(Format::Json, &nights(jump), &none, false)).unwrap();
    let change = &json["levels"][0]["metrics"][0]["change_points"][0];
    assert_eq!(change["date"], "2026-11-15");
    assert_eq!(change["last_before"]["git_commit"], "0000000dabcdef");
    assert!((change["change"].as_f64().unwrap() - 0.22).abs() < 0.005);
    assert_eq!(json["levels"][0]["metrics"][0]["nights"].as_array().unwrap().len(), 20);
    assert_eq!(json["levels"][0]["metrics"][1]["change_points"], json!([]));
}

fn page_of(runs: &[JudgedRun]) -> String {
    let provenance = Provenance {
        generated_at: "2026-11-21T00:00:00Z".into(),
        tool: "cmo-metrics 0.1.0".into(),
        config_file: None,
    };
    let none = Acknowledgements::default();
    page(&shown(runs, &none), Asked { last: 30, in_full: false }, &provenance).unwrap()
}

#[test]
fn the_page_says_the_open_change_first_and_draws_it_on_its_night() {
    let mut runs = nights(jump);
    runs[4..].iter_mut().for_each(|run| run.definitions = 3);
    let page = page_of(&runs);
    let sentence =
        "request/ok_p95_ms at 50 users: +22.0 % since 2026-11-15, commit 0000000e, not acknowledged";
    assert!(page.contains(&format!("<h1 class=\"bad\">{sentence}</h1>")), "{}", &page[page.len() / 2..]);
    assert!(page.contains(">+22.0 % ✕</text>") && page.contains("other definitions</text>"));
    assert!(page.contains(">11-12</text>"), "a night on the axis");
    assert_eq!(page, page_of(&runs), "same nights, same bytes");
}

#[test]
fn a_page_of_many_levels_draws_the_gravest_and_says_so() {
    let levels: Vec<JudgedRun> = (1..=40)
        .flat_map(|users| {
            nights(if users == 40 { jump } else { |_| 1_000.0 }).into_iter().map(move |mut run| {
                run.record.conditions.users = Some(users);
                run.digest = format!("{users} {}", run.digest);
                run
            })
        })
        .collect();
    let page = page_of(&levels);
    assert!(page.len() < 1_000_000, "{}", page.len());
    assert!(page.contains("60 figures of 80 are drawn, those that changed first"));
    assert!(page.contains("<h4>request/ok_p95_ms at 40 users</h4>"));
    assert!(page_of(&[]).contains("No nights are kept yet"));
}
