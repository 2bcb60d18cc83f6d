//! The jobs of GitHub and GitLab in `examples/nightly` are a real night: read as CI reads them, run with the program and with
//! commands in the place of theirs that write down how they were called.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use yaml_rust2::{Yaml, YamlLoader};

use crate::examples::{assert_parses, example};
use crate::support::{Bench, Said, assert_holds};

const TAG: &str = "<!-- cmo-metrics comparison -->";

/// What these short runs can tell; a run differs from the next by up to 6 %.
const SETTINGS: &str = "[regression]\nrun_noise = 0.06\n[regression.metrics]\n\
    \"lightrag/success_rate\" = { gate = false }\n\"resources/memory_growth_mb\" = { gate = false }\n";

/// Keeps the calls and the comment that was written; the runs of the artifact are in `artifact`, comments in `comments.json`.
const GH: &str = r#"#!/usr/bin/env bash
echo "gh $*" >>calls
case "$*" in
    "run list "*) [ ! -e artifact ] || echo 4711 ;;
    "run download "*) cp artifact/* "$CMO_RUNS" ;;
    *"--method "*) for word; do case $word in body=@*) cp "${word#body=@}" posted.md ;; esac; done ;;
    *"/comments?"*) [ ! -e refused ] || exit 1
        [ ! -e comments.json ] || jq -r "${@: -1}" comments.json ;;
    *) exit 9 ;;
esac
"#;
const CURL: &str = r#"#!/usr/bin/env bash
echo "curl $*" >>calls
case "$*" in
    *"--request "*) for word; do case $word in body@*) cp "${word#body@}" posted.md ;; esac; done ;;
    *"&page=1") cat notes_1.json 2>/dev/null || echo '[]' ;;
    *"&page=2") cat notes_2.json ;;
    *) exit 9 ;;
esac
"#;

fn has_jq() -> bool {
    let is_there = Command::new("jq").arg("--version").stdout(Stdio::null()).status().is_ok();
    if !is_there {
        eprintln!("skipped: there is no jq here");
    }
    is_there
}

fn yaml(name: &str) -> Yaml {
    YamlLoader::load_from_str(&example(name)).unwrap().remove(0)
}

fn executable(bench: &Bench, name: &str, text: &str) {
    bench.write(name, text);
    fs::set_permissions(bench.path(name), PermissionsExt::from_mode(0o755)).unwrap();
}

/// A checkout with the program from the cache, and a baseline of five days where one was stored.
fn checkout(has_baseline: bool) -> Bench {
    let bench = Bench::new();
    bench.write("cmo-metrics.toml", SETTINGS);
    if has_baseline {
        for day in 1..=5 {
            bench.write_night(&format!("old/base_{day}"), day, 1.0, &json!({}));
        }
        let said =
            bench.call(&["baseline", "save", "old", "--name", "production", "--allow-untrusted", "-q"]);
        assert_eq!(said.code, 0, "{said:?}");
        fs::remove_dir_all(bench.path("old")).unwrap();
    }
    fs::create_dir(bench.path("bin")).unwrap();
    symlink(env!("CARGO_BIN_EXE_cmo-metrics"), bench.path("bin/cmo-metrics")).unwrap();
    executable(&bench, "examples/nightly/night.sh", &example("night.sh"));
    for (name, text) in [("gh", GH), ("curl", CURL), ("cargo", "#!/bin/sh\nexit 9\n")] {
        executable(&bench, &format!("fake/{name}"), text);
    }
    // The load test of a user: it has one run more to give.
    bench.write("load-test/run.sh", "echo \"load-test $*\" >>calls\ncp repeat/* \"$1\"\n");
    bench
}

/// The run of tonight, so many times as slow as the baseline, where the store of artifacts has it.
fn tonight(bench: &Bench, folder: &str, factor: f64) {
    bench.write_night(&format!("{folder}/tonight_{folder}"), 8, factor, &json!({}));
}

fn text(bench: &Bench, name: &str) -> String {
    String::from_utf8(bench.read(name)).unwrap()
}

fn calls(bench: &Bench) -> String {
    fs::read_to_string(bench.path("calls")).unwrap_or_default()
}

/// The variables of a job, with what CI puts in for its expressions.
fn variables(map: &Yaml, expressions: &[(&str, &str)]) -> BTreeMap<String, String> {
    let text = |value: &Yaml| match value {
        Yaml::String(text) => text.clone(),
        other => panic!("{other:?} is no text"),
    };
    let put_in = |value: String| {
        let expression = value.strip_prefix("${{ ").and_then(|rest| rest.strip_suffix(" }}"));
        let Some(expression) = expression else { return value };
        let known = expressions.iter().find(|(name, _)| *name == expression);
        known.unwrap_or_else(|| panic!("{expression} is not known")).1.to_owned()
    };
    let pairs = map.as_hash().unwrap().iter();
    pairs.map(|(name, value)| (text(name), put_in(text(value)))).collect()
}

fn script(bench: &Bench, script: &str, variables: &BTreeMap<String, String>) -> Said {
    bench.write("script.sh", script);
    let mut command = bench.command("bash", &["--noprofile", "--norc", "-e", "-o", "pipefail", "script.sh"]);
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}:{path}", bench.path("fake").display()));
    for name in ["CI", "GITHUB_ACTIONS", "GITLAB_CI", "GITHUB_STEP_SUMMARY"] {
        command.env_remove(name);
    }
    command.env("CI", "true").envs(variables);
    Said::of(command)
}

fn step(name: &str) -> Yaml {
    let workflow = yaml("github-actions.yml");
    let steps = workflow["jobs"]["gate"]["steps"].as_vec().unwrap();
    steps.iter().find(|step| step["name"].as_str() == Some(name)).unwrap().clone()
}

/// The job of GitHub from the step that judges on.
fn github(bench: &Bench, save_baseline: &str) -> Said {
    let expressions =
        [("inputs.save_baseline", save_baseline), ("vars.NIGHTLY_ISSUE", "7"), ("github.token", "secret")];
    let mut variables = variables(&yaml("github-actions.yml")["jobs"]["gate"]["env"], &expressions);
    for (name, value) in
        [("GITHUB_ACTIONS", "true"), ("GITHUB_REPOSITORY", "o/r"), ("GITHUB_STEP_SUMMARY", "step.md")]
    {
        variables.insert(name.to_owned(), value.to_owned());
    }
    let _ = fs::remove_file(bench.path("step.md"));
    script(bench, step("Judge")["run"].as_str().unwrap(), &variables)
}

/// The script of GitLab's job, in a schedule or in a merge request.
fn gitlab(bench: &Bench, more: &[(&str, &str)]) -> Said {
    let gate = &yaml("gitlab-ci.yml")["gate"];
    let mut variables = variables(&gate["variables"], &[]);
    let of_ci = [
        ("GITLAB_CI", "true"),
        ("CI_API_V4_URL", "https://gitlab/api/v4"),
        ("CI_PROJECT_ID", "12"),
        ("CMO_TOKEN", "secret"),
        ("CMO_ISSUE", "7"),
    ];
    for (name, value) in of_ci.iter().chain(more) {
        variables.insert((*name).to_owned(), (*value).to_owned());
    }
    let lines: Vec<&str> =
        gate["script"].as_vec().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    script(bench, &lines.join("\n"), &variables)
}

/// Names and outcomes of the tests that CI shows.
fn junit(bench: &Bench) -> (usize, usize, usize) {
    let text = text(bench, "night/junit.xml");
    let document = roxmltree::Document::parse(&text).unwrap();
    let count = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
    (count("failure"), count("error"), count("skipped"))
}

fn nights(bench: &Bench) -> usize {
    fs::read_dir(bench.path("baselines/nights")).map_or(0, Iterator::count)
}

#[test]
fn the_scripts_parse_and_are_as_clean_as_the_linter_wants_them() {
    let bench = Bench::new();
    bench.write("night.sh", &example("night.sh"));
    let checked = bench.command("bash", &["-n", "night.sh"]).output().unwrap();
    assert!(checked.status.success() && checked.stderr.is_empty(), "{checked:?}");
    for name in ["Judge", "Build"] {
        assert_parses(step(name)["run"].as_str().unwrap());
    }
    for line in yaml("gitlab-ci.yml")["gate"]["script"].as_vec().unwrap() {
        assert_parses(line.as_str().unwrap());
    }
    let Ok(linted) = bench.command("shellcheck", &["night.sh"]).output() else {
        eprintln!("skipped: there is no shellcheck here");
        return;
    };
    assert!(linted.status.success(), "{}", String::from_utf8_lossy(&linted.stdout));
}

#[test]
fn github_keeps_the_program_the_baselines_and_the_reports_also_of_a_night_that_fails() {
    let workflow = yaml("github-actions.yml");
    assert!(workflow["on"]["schedule"][0]["cron"].as_str().is_some());
    assert_eq!(workflow["concurrency"]["cancel-in-progress"].as_bool(), Some(false));
    let permissions = &workflow["permissions"];
    assert_eq!(
        ["contents", "actions", "issues"].map(|name| permissions[name].as_str().unwrap()),
        ["read", "read", "write"]
    );
    let judge = step("Judge");
    assert_eq!(judge["shell"].as_str(), Some("bash"), "bash -e -o pipefail");
    for name in ["Store the baselines and their nights", "Keep the reports"] {
        assert_eq!(step(name)["if"].as_str(), Some("always()"), "{name}");
    }
    let program = step("Restore the program");
    assert_eq!(program["uses"].as_str(), Some("actions/cache/restore@v4"));
    assert_holds(program["with"]["key"].as_str().unwrap(), &["hashFiles('Cargo.lock')", "'src/**'"]);
    assert_eq!(step("Build")["if"], step("Store the program")["if"]);
    let (restore, store) =
        (step("Restore the baselines and their nights"), step("Store the baselines and their nights"));
    assert_eq!(restore["with"]["key"], store["with"]["key"], "a key of its own for each night");
    assert_eq!(restore["with"]["path"].as_str(), Some("baselines"));
    let prefix = restore["with"]["restore-keys"].as_str().unwrap();
    assert!(store["with"]["key"].as_str().unwrap().starts_with(prefix), "the last night's is taken up");
    assert_holds(step("Keep the reports")["with"]["path"].as_str().unwrap(), &["night/", "baselines/"]);
}

#[test]
fn gitlab_keeps_the_same_and_allows_only_3() {
    let pipeline = yaml("gitlab-ci.yml");
    let gate = &pipeline["gate"];
    assert_eq!(gate["allow_failure"]["exit_codes"].as_vec().unwrap(), &[Yaml::Integer(3)]);
    assert_eq!(gate["artifacts"]["when"].as_str(), Some("always"));
    assert_eq!(gate["artifacts"]["reports"]["junit"].as_str(), Some("night/junit.xml"));
    let caches = gate["cache"].as_vec().unwrap();
    assert!(caches.iter().all(|cache| cache["when"].as_str() == Some("always")));
    assert_eq!(caches[0]["key"]["files"][0].as_str(), Some("Cargo.lock"));
    assert_holds(caches[0]["key"]["prefix"].as_str().unwrap(), &["$CI_COMMIT_SHA"]);
    assert_eq!(caches[1]["paths"][0].as_str(), Some("baselines/"));
    let rules = gate["rules"].as_vec().unwrap();
    let branch =
        rules.iter().find(|rule| rule["if"].as_str().unwrap().contains("merge_request_event")).unwrap();
    assert_eq!(branch["variables"]["BASELINES_POLICY"].as_str(), Some("pull"), "a branch stores no night");
    assert_eq!(branch["variables"]["CMO_OPTIONS"].as_str(), Some("--no-history"));
}

#[test]
fn the_first_night_warns_that_there_is_no_baseline_and_saves_one_only_when_it_is_asked_to() {
    let bench = checkout(false);
    tonight(&bench, "artifact", 1.0);
    let said = github(&bench, "");
    assert_eq!(said.code, 0, "{said:?}");
    assert_holds(&said.out, &["::warning title=cmo-metrics::the night could not be judged"]);
    assert_holds(&text(&bench, "step.md"), &["COULD NOT JUDGE", "production"]);
    assert!(!calls(&bench).contains("load-test "), "a repeat would tell no more: {}", calls(&bench));
    assert_holds(
        &calls(&bench),
        &["gh run download --name runs --dir runs 4711", "--method POST repos/o/r/issues/7/comments"],
    );
    assert_eq!(nights(&bench), 0);

    assert!(!bench.path("baselines/production.json").exists());

    // Started by hand, with a run that is fit to be a measure.
    bench.simulate("healthy", "steady", 60);
    fs::rename(bench.path("data"), bench.path("artifact_2")).unwrap();
    fs::remove_dir_all(bench.path("runs")).unwrap();
    fs::remove_dir_all(bench.path("artifact")).unwrap();
    fs::rename(bench.path("artifact_2"), bench.path("artifact")).unwrap();
    let said = github(&bench, "true");
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.starts_with("::notice title=cmo-metrics::PASSED: "), "{said:?}");
    assert!(bench.path("baselines/production.json").exists());
    assert_eq!(nights(&bench), 1);
    let saved = bench.read("baselines/production.json");
    assert_eq!(github(&bench, "true").code, 0);
    assert_eq!(bench.read("baselines/production.json"), saved, "one that is there stays");
}

#[test]
fn a_baseline_in_the_repository_counts_more_than_what_was_stored() {
    let bench = checkout(true);
    let git = |words: &[&str]| {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        bench.command("git", &[&identity, words].concat()).output().is_ok_and(|ended| ended.status.success())
    };
    if !git(&["init", "--quiet"]) {
        eprintln!("skipped: there is no git here");
        return;
    }
    assert!(git(&["add", "baselines"]) && git(&["commit", "--quiet", "--message", "reviewed"]));
    let reviewed = bench.read("baselines/production.json");
    // The store brings an older one, and a night.
    bench.write("baselines/production.json", "{}");
    bench.write("baselines/nights/stored.txt", "a night");
    tonight(&bench, "artifact", 1.0);
    let said = github(&bench, "");
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.starts_with("::notice title=cmo-metrics::PASSED: "), "{said:?}");
    assert_eq!(bench.read("baselines/production.json"), reviewed);
    assert!(bench.path("baselines/nights/stored.txt").exists());
}

#[test]
fn an_unchanged_night_passes_and_its_night_is_stored() {
    let bench = checkout(true);
    tonight(&bench, "artifact", 1.0);
    let said = github(&bench, "");
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.starts_with("::notice title=cmo-metrics::PASSED: "), "{said:?}");
    assert_eq!((junit(&bench).0, junit(&bench).1, nights(&bench)), (0, 0, 1));
    let comment = text(&bench, "posted.md");
    assert!(comment.starts_with("**PASSED") && comment.ends_with(&format!("{TAG}\n")), "{comment}");
    assert_eq!(comment, text(&bench, "step.md"));
    assert!(!calls(&bench).contains("load-test "), "{}", calls(&bench));
}

#[test]
fn a_night_that_fails_fails_the_job_with_annotations_a_comment_and_its_night() {
    let bench = checkout(true);
    tonight(&bench, "artifact", 1.6);
    let said = github(&bench, "");
    assert_eq!(said.code, 99, "{said:?}");
    assert!(said.out.starts_with("::error "), "{said:?}");
    assert_holds(&text(&bench, "posted.md"), &["**GATE FAILED: ", TAG]);
    assert!(junit(&bench).0 > 0 && nights(&bench) == 1);
    assert!(bench.path("night/comparison/comparison.json").exists());
    assert!(!calls(&bench).contains("load-test "), "what is proven is not repeated");
}

#[test]
fn what_could_not_be_judged_is_repeated_once_and_both_count_together() {
    let alone = checkout(true);
    tonight(&alone, "artifact", 1.162);
    // The load test has nothing to give.
    let said = github(&alone, "");
    assert_eq!(said.code, 0, "a warning: {said:?}");
    assert_holds(&said.err, &["the repeat failed"]);
    assert_holds(
        &said.out,
        &["both count together", "::warning title=cmo-metrics::the night could not be judged"],
    );
    assert_eq!(calls(&alone).matches("load-test runs\n").count(), 1);
    assert!(junit(&alone).2 > 0, "what cannot be told is skipped");

    let bench = checkout(true);
    tonight(&bench, "artifact", 1.162);
    tonight(&bench, "repeat", 1.06);
    let said = github(&bench, "");
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(calls(&bench).matches("load-test runs\n").count(), 1);
    assert!(
        said.out.starts_with("::notice title=cmo-metrics::PASSED: ") && !said.out.contains("::warning "),
        "{said:?}"
    );
    assert_holds(&text(&bench, "posted.md"), &["tonight_artifact", "tonight_repeat", "together"]);
    assert_eq!(calls(&bench).matches("--method").count(), 1, "one comment, of what holds in the end");

    let worse = checkout(true);
    tonight(&worse, "artifact", 1.162);
    tonight(&worse, "repeat", 1.6);
    assert_eq!(github(&worse, "").code, 99, "a repeat that proves it fails the job");
}

#[test]
fn runs_that_are_missing_are_no_pass() {
    let bench = checkout(true);
    let said = github(&bench, "");
    assert_eq!(said.code, 0, "{said:?}");
    assert_holds(&said.err, &["there is no load test of tonight", "the runs could not be fetched"]);
    assert_holds(&said.out, &["::warning title=cmo-metrics::the night could not be judged"]);
    assert_holds(&text(&bench, "posted.md"), &["COULD NOT JUDGE"]);
    assert!(junit(&bench).1 > 0, "and none for the tests, either");
}

#[test]
fn wrong_settings_fail_the_job_and_leave_no_old_comparison_in_the_comment() {
    let bench = checkout(true);
    tonight(&bench, "artifact", 1.0);
    assert_eq!(github(&bench, "").code, 0);
    bench.write("cmo-metrics.toml", "[nothing]\n");
    let said = github(&bench, "");
    assert_eq!(said.code, 2, "{said:?}");
    let comment = text(&bench, "posted.md");
    assert!(comment.starts_with("**cmo-metrics ended with 2 and wrote no comparison**"), "{comment}");
    assert!(comment.ends_with(&format!("{TAG}\n")), "the next night finds it");
}

/// Comments as the interface of GitHub and GitLab lists them; some quote ours.
fn comments(count: usize, ours: Option<u64>) -> Value {
    let other = |id: u64| json!({ "id": id, "body": format!("> quoted\n> {TAG}\n\nso what?") });
    let mut all: Vec<Value> = (0..count as u64).map(|index| other(100 + index)).collect();
    all.extend(ours.map(|id| json!({ "id": id, "body": format!("**PASSED**\r\n\r\n{TAG}\r\n") })));
    Value::Array(all)
}

#[test]
fn the_comment_of_the_night_before_is_updated_and_there_is_never_a_second() {
    if !has_jq() {
        return;
    }
    let bench = checkout(true);
    tonight(&bench, "artifact", 1.0);
    bench.write("comments.json", &comments(3, Some(42)).to_string());
    assert_eq!(github(&bench, "").code, 0);
    assert_holds(
        &calls(&bench),
        &["--method PATCH repos/o/r/issues/comments/42 --field body=@night/comment.md"],
    );
    assert!(!calls(&bench).contains("POST"), "{}", calls(&bench));
    // One that only quotes it is somebody else's.
    bench.write("comments.json", &comments(3, None).to_string());
    assert_eq!(github(&bench, "").code, 0);
    assert_eq!(calls(&bench).matches("--method POST repos/o/r/issues/7/comments ").count(), 1);
    // Where they cannot be listed, none is written, and the verdict stands.
    bench.write("refused", "");
    let said = github(&bench, "");
    assert_eq!(said.code, 0, "{said:?}");
    assert_holds(&said.err, &["the comment could not be written"]);
    assert_eq!(calls(&bench).matches("--method").count(), 2);
}

#[test]
fn gitlab_judges_the_same_night_and_finds_its_note_on_any_page() {
    if !has_jq() {
        return;
    }
    let bench = checkout(true);
    tonight(&bench, "runs", 1.0);
    let said = gitlab(&bench, &[]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.starts_with("**PASSED"), "{said:?}");
    let notes = "https://gitlab/api/v4/projects/12/issues/7/notes";
    assert_holds(
        &calls(&bench),
        &[&format!("--request POST --data-urlencode body@night/comment.md --output /dev/null {notes}\n")],
    );
    assert_eq!(nights(&bench), 1);

    bench.write("notes_1.json", &comments(100, None).to_string());
    bench.write("notes_2.json", &comments(1, Some(42)).to_string());
    assert_eq!(gitlab(&bench, &[]).code, 0);
    assert_holds(
        &calls(&bench),
        &[&format!("--request PUT --data-urlencode body@night/comment.md --output /dev/null {notes}/42\n")],
    );

    tonight(&bench, "runs", 1.6);
    let failed = gitlab(&bench, &[]);
    assert_eq!(failed.code, 99, "{failed:?}");
    assert!(junit(&bench).0 > 0);

    // A merge request: its own notes, and no night.
    let stored = nights(&bench);
    tonight(&bench, "runs", 1.162);
    let branch = [("CMO_OPTIONS", "--no-history"), ("CI_MERGE_REQUEST_IID", "5")];
    let said = gitlab(&bench, &branch);
    assert_eq!(said.code, 3, "GitLab is told that this is allowed: {said:?}");
    assert_eq!(nights(&bench), stored);
    assert_holds(&calls(&bench), &["load-test runs\n", "/merge_requests/5/notes"]);
}
