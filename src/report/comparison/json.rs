//! `comparison.json`: the reference's result of many tests, and what we add. `docs/schema/comparison.schema.json` describes it.

use serde_json::{Map, Value, json};

use super::Execution;
use crate::analysis::SCHEMA_VERSION;
use crate::comparison::{ComparedRun, Comparison, Group, Ranked, Reference, RunRegression};
use crate::report::json::{collect_undefined, gravest, note_nulls};
use crate::summary::Measured;
use crate::units;

/// Pretty-printed with a line end behind it. Same input, same bytes. `undefined` says why a value is null, by its JSON pointer.
pub fn render(comparison: &Comparison, execution: &Execution<'_>) -> String {
    format!("{:#}\n", report(comparison, execution))
}

fn report(comparison: &Comparison, execution: &Execution<'_>) -> Value {
    let mut report = judged(comparison, execution.config.report.max_entries);
    let mut reasons = Map::new();
    collect_undefined(&mut report, &mut String::new(), &absent, &mut reasons);
    report["execution_metadata"] = metadata(comparison, execution);
    note_nulls(&report["execution_metadata"], "/execution_metadata", "not asked for", &mut reasons);
    report["undefined"] = Value::Object(reasons);
    report
}

/// Why a value that need not be there is not.
fn absent(pointer: &str) -> &'static str {
    let key = pointer.rsplit('/').next().unwrap_or_default();
    match key {
        "next_better" => "this is the best grade",
        "success_above" | "p95_below_ms" if pointer.contains("/next_better/") => {
            "this condition already holds"
        }
        "success_above" | "p95_below_ms" | "limit_mb_per_100_users" => "the settings have no such target",
        "not_fit" => "it may be a baseline",
        "last_that_holds" => "no tested level holds",
        "first_that_fails" => "every tested level holds",
        "from_users" => "no level names its users",
        "last_that_follows" => "no offered rate was completed",
        "start" | "end" => "outside of years -9999 to 9999",
        "remedy" => "none is known",
        _ => "not recorded",
    }
}

fn judged(comparison: &Comparison, most: usize) -> Value {
    let of_groups = |of: fn(&Group) -> Value| -> Vec<Value> {
        comparison.groups.iter().map(|group| with_group(&group.name, of(group))).collect()
    };
    json!({
        "schema_version": SCHEMA_VERSION,
        "exit_reason": comparison.exit,
        "totals": comparison.totals,
        "test_comparison": comparison.runs.iter().map(test).collect::<Map<String, Value>>(),
        "performance_ranking": comparison.ranking.iter().map(|ranked| entry(comparison, ranked)).collect::<Vec<_>>(),
        "best_runs": of_groups(|group| json!(group.best)),
        "regression_analysis": regressions(comparison, most),
        "degradation": of_groups(|group| json!({ "against_least_load": group.degradation })),
        "scalability": of_groups(|group| json!(group.scalability)),
        "across_runs": of_groups(|group| json!(group.across_runs)),
        "optimization_opportunities": opportunities(comparison),
        "quarantined": comparison.quarantined,
        "copies": comparison.copies,
    })
}

/// `object` with the name of its group in front.
fn with_group(name: &str, object: Value) -> Value {
    let mut all = Map::new();
    all.insert("group".to_owned(), Value::from(name));
    if let Value::Object(entries) = object {
        all.extend(entries);
    }
    Value::Object(all)
}

fn test(run: &ComparedRun) -> (String, Value) {
    let mut test = json!(run);
    let window = &run.window;
    test["window"]["start"] = json!(units::rfc3339(window.start_us));
    test["window"]["end"] = json!(units::rfc3339(window.end_us));
    // It stands under `regression_analysis`, once.
    if let Value::Object(entries) = &mut test {
        entries.shift_remove("regression");
    }
    (run.run_id.clone(), test)
}

fn entry(comparison: &Comparison, ranked: &Ranked) -> Value {
    let run = comparison.run_of(ranked);
    json!({
        "rank": ranked.rank,
        "overall_rank": ranked.overall_rank,
        "group": ranked.group,
        "run_id": run.run_id,
        "users": run.users,
        "grade": run.grade.as_ref().map(|grade| &grade.grade),
        "score": run.grade.as_ref().map(|grade| grade.score),
        "p95_ms": run.grade.as_ref().and_then(|grade| grade.p95_ms.clone()),
        "success_rate": run.success_rate,
        "throughput_per_s": run.throughput_per_s,
        "low_sample": run.grade.as_ref().map(|grade| grade.low_sample),
        "exit_code": run.exit_code,
    })
}

/// Over all runs, and what each was found to have changed.
fn regressions(comparison: &Comparison, most: usize) -> Value {
    let of_run = |run: &ComparedRun| (run.run_id.clone(), regression(&run.regression, most));
    let all = comparison.regressions.as_ref().map(|found| {
        let mut all = json!({ "reference": comparison.reference });
        if let (Value::Object(all), Value::Object(found)) = (&mut all, json!(found)) {
            all.extend(found);
        }
        all["runs"] = Value::Object(comparison.runs.iter().map(of_run).collect());
        all
    });
    json!(all)
}

/// What one run was found to have changed, without the least of very many changes.
fn regression(found: &Measured<RunRegression>, most: usize) -> Value {
    let mut shown = json!(found);
    if let Some(outcome) = found.value().and_then(|found| found.outcome.value()) {
        let kept = gravest(&outcome.changes, most);
        shown["outcome"]["changes"] = json!(kept);
        shown["outcome"]["changes_left_out"] = json!(outcome.changes.len() - kept.len());
    }
    shown
}

fn opportunities(comparison: &Comparison) -> Vec<Value> {
    let of = |group: &Group| -> Vec<Value> {
        group.opportunities.iter().map(|found| with_group(&group.name, json!(found))).collect()
    };
    comparison.groups.iter().flat_map(of).collect()
}

/// By what, when, with which settings and arguments. Nothing that depends on the machine's load is here.
fn metadata(comparison: &Comparison, execution: &Execution<'_>) -> Value {
    let groups: Vec<Value> = comparison
        .groups
        .iter()
        .map(|group| json!({ "group": group.name, "runs": group.runs, "notes": group.notes }))
        .collect();
    let window = execution.window;
    let reference = match &comparison.reference {
        Reference::Nothing => Value::Null,
        reference => json!(reference),
    };
    json!({
        "tool": execution.provenance.tool,
        "generated_at": execution.provenance.generated_at,
        "config_file": execution.provenance.config_file,
        "arguments": {
            "group_by": comparison.group_by,
            "reference": reference,
            "from_s": window.from_s,
            "to_s": window.to_s,
            "warmup_s": window.warm_up_s,
        },
        "runs": comparison.totals.runs,
        "groups": groups,
        "config": execution.config,
    })
}
