//! Every entry of the catalogue is found in every output; so is one more.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::catalogue::subjects;
use super::entry::{Entry, entry, lower};
use super::reading::share;
use super::subject::{Subject, Table, one, table};
use super::*;
use crate::analysis::Analysis;
use crate::baseline::RunRecord;
use crate::config::{Config, Target};
use crate::judge;
use crate::report::tables::TABLES;
use crate::summary::{Measured, Operation, RunSummary, fixture};
use crate::units::Unit;

thread_local! {
    static EXTRA: RefCell<Vec<&'static dyn Subject>> = const { RefCell::new(Vec::new()) };
}

/// Entries that a test adds to the catalogue, for its own thread.
pub fn extra() -> Vec<&'static dyn Subject> {
    EXTRA.with_borrow(Clone::clone)
}

/// The texts of a column of a table of one run.
fn column(table: &str, name: &str, analysis: &Analysis) -> Vec<String> {
    let table = TABLES.iter().find(|found| found.file_name == table).unwrap();
    let rows = table.rows(&[analysis]).unwrap();
    let texts = arrow_cast::cast(rows.column_by_name(name).unwrap(), &arrow_schema::DataType::Utf8);
    let texts = texts.unwrap();
    arrow_array::cast::AsArray::as_string::<i32>(&texts)
        .iter()
        .map(|text| text.unwrap_or_default().to_owned())
        .collect()
}

fn analysis(config: &Config) -> Analysis {
    Analysis::of_whole(fixture::run_summary(), config).unwrap()
}

const RETRIED: &[Entry<RunSummary>] = &[entry(
    lower("retried_share").compared().headline(),
    Unit::Ratio,
    Population::Finished,
    "a metric that only this test knows",
    |run| share(&Measured::Value(run.retries[0].share), run.retries[0].calls),
)];

static ONE_MORE: Table<RunSummary> =
    table(REQUEST, &[REQUEST], RETRIED, |run| one(REQUEST, Measured::Value(run)));

#[test]
fn one_entry_more_is_found_in_every_output() {
    let key = "request/retried_share";
    assert!(check_key(key, &[0.95]).is_err(), "nobody knows it yet");
    EXTRA.with_borrow_mut(|extra| extra.push(&ONE_MORE));
    let mut config = Config::defaults();
    let target = Target { above: None, below: Some(0.5), gate: true };
    config.custom_targets.insert(key.into(), target);
    config.across_runs.metrics.push(key.into());
    assert!(check_key(key, &[0.95]).is_ok(), "settings may name it");
    let mut run = fixture::run_summary();
    let share = 2.0 / 110.0;
    let verdicts = judge::judge_targets(&run, &config);
    let verdict = verdicts.iter().find(|verdict| verdict.name == key).unwrap();
    assert_eq!(
        (verdict.actual.number(), verdict.unit, verdict.outcome),
        (Some(share), Unit::Ratio, judge::TargetOutcome::Pass)
    );
    let numbers = judge::RunNumbers::of(&run, &config.across_runs.metrics);
    assert!(numbers.metrics.contains(&(key.to_owned(), Some(share))), "across runs");
    assert_eq!(check_rule(key).map(|metric| metric.better), Ok(Better::Lower), "a rule of the gate");
    run.comparable.push(crate::baseline::fixture::metric(
        "request",
        "retried_share",
        Unit::Ratio,
        share,
        crate::summary::Spread::Share { hits: 2, of: 110, effective: 110.0 },
    ));
    let record = RunRecord::of(&run, true, &config);
    assert!(record.metric("request", "retried_share").is_some(), "baselines hold it");
    let analysis = analysis(&Config::defaults());
    assert!(column("components.parquet", "metric", &analysis).contains(&"retried_share".to_owned()));
    let runs = TABLES.iter().find(|table| table.file_name == "runs.parquet").unwrap();
    assert!(runs.rows(&[&analysis]).unwrap().column_by_name("retried_share").is_some());
    EXTRA.with_borrow_mut(Vec::clear);
}

#[test]
fn one_quantile_more_is_one_number_of_the_settings() {
    let mut config = Config::defaults();
    config.measure.quantiles.push(0.9999);
    assert!(check_key("request/p99_99_ms", &Config::defaults().measure.quantiles).is_err());
    assert!(check_key("request/p99_99_ms", &config.measure.quantiles).is_ok());
    let mut run = fixture::run_summary();
    let all: Vec<f64> = (0..20_000).map(f64::from).collect();
    run.requests.all = fixture::distribution_at(&all, &config.measure.quantiles);
    run.components[1].calls.all = run.requests.all.clone();
    let wanted = run.requests.all.value_ms(0.9999);
    assert!(wanted.is_some_and(|ms| ms > 19_997.0));
    assert_eq!(read(&run, "request/p99_99_ms").value.number(), wanted);
    let target = Target { above: None, below: Some(19_000.0), gate: true };
    config.custom_targets.insert("request/p99_99_ms".into(), target);
    let verdicts = judge::judge_targets(&run, &config);
    let verdict = verdicts.iter().find(|verdict| verdict.name == "request/p99_99_ms").unwrap();
    assert_eq!((verdict.outcome, verdict.low_sample), (judge::TargetOutcome::Fail, true));
    let analysis = Analysis::of_whole(run, &config).unwrap();
    assert!(column("components.parquet", "metric", &analysis).contains(&"p99_99_ms".to_owned()));
    let rows =
        |name: &str| TABLES.iter().find(|table| table.file_name == name).unwrap().rows(&[&analysis]).unwrap();
    assert!(rows("runs.parquet").column_by_name("p99_99_ms").is_some());
    let quantiles = rows("percentiles.parquet");
    let quantiles = quantiles.column_by_name("quantile").unwrap();
    let quantiles = arrow_array::cast::AsArray::as_primitive::<arrow_array::types::Float64Type>(quantiles);
    assert!(quantiles.iter().any(|q| q == Some(0.9999)));
    let report = crate::report::json::report(
        &analysis,
        &crate::analysis::Provenance { generated_at: String::new(), tool: String::new(), config_file: None },
    );
    assert!(report["detailed_metrics"]["response_times"]["p99_99"].as_f64().is_some());
}

#[test]
fn every_metric_of_a_run_has_one_key_that_leads_back_to_it() {
    let run = fixture::run_summary();
    let facts = all(&run);
    let keys: BTreeSet<String> = facts.iter().map(Fact::key).collect();
    assert_eq!(keys.len(), facts.len(), "no key twice");
    for fact in &facts {
        let key = MetricKey::parse(&fact.key()).unwrap();
        let found = find(&run, &key).unwrap_or_else(|| panic!("{key} is not found"));
        assert_eq!((&found.reading, found.unit), (&fact.reading, fact.unit), "{key}");
        assert_eq!(metric_of(&key), Some(fact.metric), "{key}");
        assert!(check_key(&fact.key(), &Config::defaults().measure.quantiles).is_ok(), "{key}");
    }
}

#[test]
fn names_and_components_do_not_repeat_within_a_subject() {
    for subject in subjects() {
        let names: Vec<String> = subject.metrics().iter().map(|metric| metric.name.to_string()).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    }
    for metric in Metric::all() {
        assert!(!metric.meaning.is_empty() && !metric.meaning.ends_with('.'), "{}", metric.name);
    }
}

#[test]
fn what_a_run_does_not_have_is_undefined_for_its_reason_and_what_no_run_has_is_no_metric() {
    let mut run = fixture::run_summary();
    run.cache = Measured::undefined("no cache rows in this run");
    assert_eq!(read(&run, "cache/effectiveness").value.reason(), Some("no cache rows in this run"));
    assert_eq!(read(&run, "graph_db/p95_ms").value.reason(), Some("no calls of `graph_db` in this run"));
    assert_eq!(read(&run, "request/error_rate.http_503").value.number(), Some(0.0), "it did not occur");
    assert!(find(&run, &MetricKey::parse("request/p95").unwrap()).is_none());
    let ask = Operation { operation: "ask".into(), ..run.components[2].operations[0].clone() };
    run.components[1].operations.push(ask);
    assert_eq!(read(&run, "request/ask/mean_ms").value.number(), Some(20.0), "an operation of the requests");
    let asked = read(&run, "request/p42_ms").value;
    assert!(asked.reason().unwrap().contains("measure.quantiles"), "{asked:?}");
}

#[test]
fn old_spellings_are_refused_with_the_new_one_named() {
    let quantiles = Config::defaults().measure.quantiles;
    let refused = |key: &str| check_key(key, &quantiles).unwrap_err();
    assert_eq!(refused("request.p95_ms"), "is written `request/p95_ms` since version 2");
    assert_eq!(
        refused("vector_db/search.success_rate"),
        "is written `vector_db/search/success_rate` since version 2"
    );
    assert!(refused("request/p59_ms").contains("measure.quantiles"));
    assert!(refused("request/p95").contains("did you mean `request/p95_ms`?"), "{}", refused("request/p95"));
    let rule = |key: &str| check_rule(key).unwrap_err();
    assert_eq!(rule("request/p95_ms"), "is compared as `request/ok_p95_ms` since version 2");
    assert_eq!(rule("*/tokens_in"), "is compared as `*/mean_tokens_in` since version 2");
    assert_eq!(rule("cache/l1_hit_rate"), "is compared as `cache_l1/hit_rate` since version 2");
    for other in
        ["request/failed", "lightrag/hybrid/ok_p95_ms", "process/threads.max", "resources/memory_peak_mb"]
    {
        assert!(rule(other).contains("is not compared with a baseline"), "{}", rule(other));
    }
    assert_eq!(refused("cache/l1_hit_rate"), "is written `cache_l1/hit_rate` since version 2");
    assert_eq!(refused("request/p095_ms"), "is written `p95_ms`");
    assert!(refused("*/p95_ms").contains("names no component"));
    assert!(refused("lightrag/mode_share").contains("names no metric"), "it is of a mode");
    assert!(check_rule("queue/depth.mean").is_ok());
    assert!(check_rule("*/ttft_p95_ms").is_ok());
    assert!(rule("llm/tokens_out_p95").contains("is not compared with a baseline"));
    assert!(
        check_key("llm/tokens_out_p95", &quantiles).is_ok()
            && check_key("llm/ask/tpot_p50_ms", &quantiles).is_ok()
    );
    assert_eq!(refused("llm/tokens_out_p095"), "is written `tokens_out_p95`");
    assert!(refused("llm/ttft_p42_ms").contains("add 0.42"));
    assert!(check_rule("*/error_rate.*").is_ok());
}

#[test]
fn every_rule_of_the_defaults_is_about_a_metric() {
    for key in Config::defaults().regression.metrics.keys() {
        assert!(check_rule(key).is_ok(), "{key}");
    }
    for (name, key) in crate::config::NAMED_TARGETS {
        assert!(check_key(key, &Config::defaults().measure.quantiles).is_ok(), "{name}");
    }
}
