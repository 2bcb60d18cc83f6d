//! The annotations, their order, their places and what must not break out of them.

use std::path::Path;

use super::*;
use crate::analysis::{Analysis, ExitOfAll, Failure};
use crate::comparison::ComparedRun;
use crate::report::fixture as analyses;
use crate::summary::Measured;

fn layers(text: &str) -> Layers {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cmo-metrics.toml");
    std::fs::write(&path, text).unwrap();
    let mut layers = Layers::load(Some(&path), Path::new(".")).unwrap();
    layers.file = Some("ci/my,settings.toml".into());
    layers
}

fn named(mut analysis: Analysis, name: &str) -> ComparedRun {
    analysis.summary.identity.run_id = name.into();
    ComparedRun::of(&analysis)
}

fn rendered(runs: &[ComparedRun], failures: &[Failure], layers: &Layers) -> Vec<String> {
    let findings = runs.iter().map(|run| (run.run_id.as_str(), run.findings.clone()));
    let exit = ExitOfAll::of_findings(findings, failures);
    let judged = Judged { runs, failures, exit: &exit };
    render(&judged, "PASSED: all is well", layers).lines().map(str::to_owned).collect()
}

fn broken(run: &str) -> Failure {
    Failure {
        run: run.to_owned(),
        path: run.to_owned(),
        kind: "not_parquet",
        message: format!("{run}: 50 % missing\n::error::forged"),
        remedy: None,
        exit_code: ExitCode::CouldNotJudge,
    }
}

#[test]
fn a_regression_is_an_error_at_the_line_of_its_limit_where_the_users_file_has_it() {
    let run = [named(analyses::judged(), "worse")];
    let of_p95 = |settings: &str| {
        let lines = rendered(&run, &[], &layers(settings));
        lines.into_iter().find(|line| line.contains("request/ok_p95_ms")).unwrap()
    };
    let placed = of_p95("[regression.metrics]\n# as agreed\n\"request/ok_p95_ms\" = { medium = 0.15 }\n");
    let wanted = "::error file=ci/my%2Csettings.toml,line=3,title=";
    assert!(
        placed.starts_with(wanted)
            && placed.contains("request/ok_p95_ms::worse: request/ok_p95_ms regressed by +24.3 %25"),
        "{placed}"
    );
    // In a table of its own, line by line.
    let table = of_p95("[regression.metrics.\"request/ok_p95_ms\"]\ngate = true\nmedium = 0.15\n");
    assert!(table.contains(",line=3,"), "{table}");
    // The limit is that of the defaults; that it is part of the gate is not.
    let gate = of_p95("[regression.metrics]\n\"request/ok_p95_ms\" = { gate = true }\n");
    assert!(gate.contains("line=2,"), "{gate}");
    let default = of_p95("[regression.metrics]\n\"vector_db/ok_p95_ms\" = { medium = 0.2 }\n");
    assert!(default.starts_with("::error title="), "{default}");
}

#[test]
fn a_missed_target_is_at_its_limit_an_error_in_the_gate_and_a_notice_beside_it() {
    let judged = |settings: &str| {
        let layers = layers(settings);
        let summary = crate::summary::fixture::run_summary();
        let run = ComparedRun::of(&Analysis::of_whole(summary, &layers.config).unwrap());
        rendered(&[run], &[], &layers)
    };
    let gated = judged("[targets]\np95_response_time_ms = { below = 1.0, gate = true }\n");
    assert!(gated[0].starts_with("::error file=ci/my%2Csettings.toml,line=2,title="), "{gated:?}");
    let custom = judged("[custom_targets]\n\n\"request/p95_ms\" = { below = 1.0 }\n");
    assert_eq!(custom[0], "::notice title=cmo-metrics::PASSED: all is well");
    assert!(
        custom.iter().any(|line| line.starts_with("::notice file=ci/my%2Csettings.toml,line=3,title=")),
        "{custom:?}"
    );
}

#[test]
fn there_are_ten_lines_at_most_the_gravest_first_and_the_last_counts_the_others() {
    let mut worse: Vec<ComparedRun> =
        (0..8).map(|index| named(analyses::judged(), &format!("worse_{index}"))).collect();
    let mut incomparable = analyses::plain();
    incomparable.regression = Measured::Value(analyses::incomparable());
    worse.insert(0, named(incomparable, "other"));
    let failures: Vec<Failure> = (0..20).map(|index| broken(&format!("b{index}"))).collect();
    let lines = rendered(&worse, &failures, &layers(""));
    assert_eq!(lines.len(), 10);
    let is = |level: &str| lines.iter().filter(|line| line.starts_with(&format!("::{level} "))).count();
    assert!(is("error") >= 8 && lines[0].starts_with("::error "), "{lines:?}");
    let all = rendered(&worse[1..2], &[], &layers("")).len();
    assert!(all < 10);
    assert!(
        lines[9].contains("title=cmo-metrics::and ") && lines[9].ends_with(" more, in the summary"),
        "{lines:?}"
    );
}

#[test]
fn what_cannot_be_judged_is_a_warning_and_nothing_breaks_out_of_its_line() {
    let lines = rendered(&[], &[broken("a,b:c%\u{1b}[2J")], &layers(""));
    assert_eq!(lines, ["::warning title=cmo-metrics::a,b:c%25·[2J: 50 %25 missing ::error::forged"]);
    let full = Failure { exit_code: ExitCode::Unexpected, ..broken("a") };
    assert!(
        rendered(&[], &[full], &layers(""))[0].starts_with("::error "),
        "a full disk is no matter of the run"
    );
    let run = named(analyses::judged(), "w\r\n::error::x");
    let all = rendered(&[run], &[], &layers(""));
    assert!(
        all.iter().all(|line| line.starts_with("::")) && all.concat().matches("\n").count() == 0,
        "{all:?}"
    );
    assert_eq!(property("a:b,c%\r\n"), "a%3Ab%2Cc%25%0D%0A");
    assert_eq!(data("a:b,c%\r\n"), "a:b,c%25%0D%0A");
}
