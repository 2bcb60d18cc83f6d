//! Which differences stand in the way, and which group is chosen.

use std::collections::BTreeMap;

use super::*;
use crate::baseline::Baseline;
use crate::baseline::fixture::{baseline, conditions, record};
use crate::config::Config;

fn settings() -> RegressionSettings {
    Config::defaults().regression
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn run(run_id: &str, conditions: Conditions) -> RunRecord {
    RunRecord { conditions, ..record(run_id, 50, 1.0) }
}

/// The comparison of one field of a run with a group of one.
fn compare(field: Field, base: &Conditions, current: &Conditions, allowed: &[Field]) -> FieldComparison {
    let run = run("a", base.clone());
    let all = compare_conditions(current, &[&run], allowed, &settings());
    assert_eq!(all.comparable, all.obstacles().next().is_none());
    all.fields.into_iter().find(|found| found.field == field.name()).unwrap()
}

type Change = fn(&mut Conditions);

/// Each field with what makes it differ and what makes it unknown.
const CHANGES: [(Field, Change, Change); 6] = [
    (Field::Scenario, |c| c.scenario = Some("spike".to_owned()), |c| c.scenario = None),
    (Field::Users, |c| c.users = Some(51), |c| c.users = None),
    (Field::LoadModel, |c| c.load_model = Some("open".to_owned()), |c| c.load_model = None),
    (Field::Rate, |c| c.target_rate_per_s = Some(20.5), |c| c.target_rate_per_s = None),
    (Field::Environment, |c| c.environment = map(&[("cpus", "4")]), |c| c.environment.clear()),
    (Field::Config, |c| c.config_digest = "f".to_owned(), |c| c.config_digest.clear()),
];

fn known(users: u32) -> Conditions {
    Conditions { target_rate_per_s: Some(20.0), ..conditions(users) }
}

#[test]
fn every_field_blocks_when_it_differs_or_is_unknown_on_one_side_unless_allowed() {
    for (field, differ, forget) in CHANGES {
        let (mut other, mut unknown) = (known(50), known(50));
        differ(&mut other);
        forget(&mut unknown);
        let cases = [
            (known(50), known(50), FieldWord::Same),
            (known(50), other.clone(), FieldWord::Different),
            (other, known(50), FieldWord::Different),
            (unknown.clone(), known(50), FieldWord::UnknownInBaseline),
            (known(50), unknown.clone(), FieldWord::UnknownInCurrent),
            (unknown.clone(), unknown, FieldWord::UnknownInBoth),
        ];
        for (base, current, word) in cases {
            let blocks = !matches!(word, FieldWord::Same | FieldWord::UnknownInBoth);
            let found = compare(field, &base, &current, &[]);
            assert_eq!((found.word, found.blocks), (word, blocks), "{field:?} {found:?}");
            assert_eq!(found.differences.is_empty(), !blocks, "{found:?}");
            let found = compare(field, &base, &current, &[field]);
            let word = if blocks { FieldWord::Allowed } else { word };
            assert_eq!((found.word, found.blocks), (word, false), "{field:?} {found:?}");
            // Allowing another field helps nothing.
            let others: Vec<Field> = Field::ALL.into_iter().filter(|&other| other != field).collect();
            assert_eq!(compare(field, &base, &current, &others).blocks, blocks);
        }
    }
}

#[test]
fn nothing_known_on_either_side_is_named_and_comparable() {
    let nothing = Conditions {
        scenario: None,
        users: None,
        load_model: None,
        target_rate_per_s: None,
        environment: BTreeMap::new(),
        config_digest: String::new(),
        config_sections: BTreeMap::new(),
    };
    let run = run("a", nothing.clone());
    let all = compare_conditions(&nothing, &[&run], &[], &settings());
    assert!(all.comparable);
    assert!(all.fields.iter().all(|field| field.word == FieldWord::UnknownInBoth));
    assert!(
        !compare_conditions(&nothing, &[], &[], &settings()).comparable,
        "there is nothing to compare with"
    );
}

#[test]
fn machines_differ_part_by_part_and_in_memory_only_beyond_the_tolerance() {
    let with = |environment| Conditions { environment: map(environment), ..conditions(50) };
    let base = with(&[("cpus", "2"), ("memory_mb", "16000"), ("os", "linux")]);
    let near = with(&[("cpus", "2"), ("memory_mb", "16700"), ("os", "linux")]);
    assert_eq!(compare(Field::Environment, &base, &near, &[]).word, FieldWord::Same);
    assert_eq!(compare(Field::Environment, &near, &base, &[]).word, FieldWord::Same);

    let far = with(&[("cpus", "4"), ("memory_mb", "17000"), ("os", "linux")]);
    let found = compare(Field::Environment, &base, &far, &[]);
    assert_eq!(found.differences, ["cpus 2 vs 4", "memory 16,000 MB vs 17,000 MB"]);
    assert_eq!(found.baseline.as_deref(), Some("cpus 2, memory 16,000 MB, os linux"));
    assert_eq!(found.current.as_deref(), Some("cpus 4, memory 17,000 MB, os linux"));

    let less = with(&[("cpus", "2"), ("os", "linux")]);
    let found = compare(Field::Environment, &base, &less, &[]);
    assert_eq!((found.word, found.blocks), (FieldWord::UnknownInCurrent, true));
    assert_eq!(found.differences, ["memory 16,000 MB vs unknown"]);
    let other = with(&[("arch", "arm64"), ("cpus", "2"), ("os", "linux")]);
    assert_eq!(compare(Field::Environment, &base, &other, &[]).word, FieldWord::Different);
}

#[test]
fn settings_that_differ_are_named_by_section() {
    let base = conditions(50);
    let other = Conditions {
        config_digest: "f".to_owned(),
        config_sections: map(&[("cache", "a"), ("measure", "c"), ("window", "d")]),
        ..conditions(50)
    };
    let found = compare(Field::Config, &base, &other, &[]);
    assert_eq!(found.differences, ["[measure] differs", "[window] differs"]);
    assert_eq!((found.baseline.as_deref(), found.current.as_deref()), (Some("01234567"), Some("f")));
    let unnamed = Conditions { config_digest: "f".to_owned(), ..conditions(50) };
    assert_eq!(compare(Field::Config, &base, &unnamed, &[]).differences, ["settings differ"]);
}

#[test]
fn a_group_whose_runs_do_not_agree_differs_and_the_runs_are_named() {
    let machine = |cpus| Conditions { environment: map(&[("cpus", cpus)]), ..conditions(50) };
    let runs = [run("a", machine("2")), run("b", machine("4")), run("c", machine("2"))];
    let group: Vec<&RunRecord> = runs.iter().collect();
    let all = compare_conditions(&machine("2"), &group, &[], &settings());
    let found = all.obstacles().collect::<Vec<_>>();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].word, FieldWord::Different);
    assert_eq!(found[0].baseline.as_deref(), Some("cpus 2 (a, c); cpus 4 (b)"));
    assert_eq!(found[0].differences, ["cpus 4 vs 2 (b)"]);

    let unknown = Conditions { environment: BTreeMap::new(), ..conditions(50) };
    let all = compare_conditions(&unknown, &group, &[], &settings());
    assert_eq!(all.obstacles().next().unwrap().word, FieldWord::UnknownInCurrent);
    let runs = [run("a", machine("2")), run("b", unknown)];
    let group: Vec<&RunRecord> = runs.iter().collect();
    let all = compare_conditions(&machine("2"), &group, &[], &settings());
    let found = all.obstacles().next().unwrap();
    assert_eq!(found.word, FieldWord::UnknownInBaseline);
    assert_eq!(found.differences, ["cpus unknown vs 2 (b)"]);
}

/// The chosen runs and what is said of them.
fn choose(current: &Conditions, baseline: &Baseline, allowed: &[Field]) -> (Vec<String>, String, bool) {
    let choice = select_group(current, baseline, allowed, &settings());
    let ids: Vec<&str> = choice.runs.iter().map(|run| run.run_id.as_str()).collect();
    assert_eq!(choice.group.runs, ids);
    (choice.group.runs, choice.group.group, choice.comparability.comparable)
}

#[test]
fn a_run_is_compared_with_its_own_group() {
    let ladder = baseline(
        "nightly",
        vec![run("a", conditions(25)), run("b", conditions(50)), run("c", conditions(50))],
    );
    let text = "50 users, closed, scenario steady".to_owned();
    assert_eq!(
        choose(&conditions(50), &ladder, &[]),
        (vec!["b".to_owned(), "c".to_owned()], text.clone(), true)
    );
    // Whatever may differ, its own group stays the nearest.
    assert_eq!(choose(&conditions(50), &ladder, &Field::ALL).1, text);
}

#[test]
fn without_a_group_of_its_own_the_one_that_differs_least_is_shown() {
    let spike = Conditions { scenario: Some("spike".to_owned()), ..conditions(30) };
    let ladder = baseline(
        "nightly",
        vec![run("a", conditions(25)), run("b", conditions(50)), run("s", spike.clone())],
    );
    let current = conditions(30);
    let (runs, text, comparable) = choose(&current, &ladder, &[]);
    // Both differ in one field; the number of users decides.
    assert_eq!((runs, comparable), (vec!["s".to_owned()], false));
    assert!(text.ends_with("(not the run's own group: the nearest of 3 in the baseline)"), "{text}");

    let (runs, text, comparable) = choose(&current, &ladder, &[Field::Users]);
    assert_eq!((runs, comparable), (vec!["a".to_owned()], true));
    let why = "25 users, closed, scenario steady (not the run's own group: the nearest of 2 that differ only in what \
               may differ)";
    assert_eq!(text, why);

    let (runs, _, comparable) = choose(&conditions(40), &ladder, &[Field::Users]);
    assert_eq!((runs, comparable), (vec!["b".to_owned()], true));
    let (runs, text, _) = choose(&current, &ladder, &[Field::Scenario]);
    assert_eq!(runs, ["s"]);
    assert!(text.ends_with("(not the run's own group: differs only in what may differ)"), "{text}");
}

#[test]
fn as_near_below_as_above_is_the_first() {
    let ladder = baseline("nightly", vec![run("b", conditions(40)), run("a", conditions(20))]);
    assert_eq!(choose(&conditions(30), &ladder, &[Field::Users]).0, ["a"]);
    let unknown = Conditions { users: None, ..conditions(30) };
    let (runs, _, comparable) = choose(&unknown, &ladder, &[]);
    assert_eq!((runs, comparable), (vec!["a".to_owned()], false));
}

#[test]
fn an_empty_baseline_is_comparable_with_nothing() {
    assert_eq!(
        choose(&conditions(30), &baseline("nightly", Vec::new()), &Field::ALL),
        (vec![], "no runs".to_owned(), false)
    );
}
