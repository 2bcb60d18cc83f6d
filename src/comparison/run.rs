//! One run as the comparison keeps it: without series and details, so that hundreds of runs fit into little memory.

use std::collections::BTreeMap;

use serde::Serialize;

use super::regression::RunRegression;
use crate::analysis::{Analysis, gravest_first};
use crate::baseline::{Conditions, RunRecord};
use crate::exit_code::ExitCode;
use crate::judge::{
    Grade, Health, LoadPoint, RunNumbers, Severity, SteadyWord, TargetOutcome, TargetVerdict, TrendWord,
};
use crate::metrics;
use crate::summary::{Measured, WindowName};

/// Recommendations that are kept of a run, gravest first; its own report has them all.
const RECOMMENDATIONS_KEPT: usize = 3;

/// A run, judged, without its series and details.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedRun {
    pub run_id: String,
    pub test_name: Option<String>,
    pub scenario: Option<String>,
    pub load_model: Option<String>,
    /// Configured.
    pub users: Measured<u32>,
    pub target_rate_per_s: Option<f64>,
    pub tags: BTreeMap<String, String>,
    pub git_commit: Option<String>,
    /// Class of the machine, part by part; empty where the metadata does not tell.
    pub environment: BTreeMap<String, String>,
    pub window: JudgedWindow,
    pub requests: u64,
    pub grade: Measured<Grade>,
    /// `healthy` or `needs_attention`.
    pub system_health: Measured<String>,
    /// What keeps it from being healthy, worst first.
    pub concerns: Vec<String>,
    pub success_rate: Measured<f64>,
    pub mean_ms: Measured<f64>,
    /// The P95 that the grade rests on.
    pub p95_ms: Measured<f64>,
    /// Finished requests per second.
    pub throughput_per_s: Measured<f64>,
    pub ok_per_s: Measured<f64>,
    pub in_flight: Measured<f64>,
    pub cache_hit_rate: Measured<f64>,
    pub lightrag_success_rate: Measured<f64>,
    /// How many look-ups and calls the two rest on.
    #[serde(skip)]
    pub cache_lookups: u64,
    #[serde(skip)]
    pub lightrag_calls: u64,
    pub throughput_per_cpu_percent: Measured<f64>,
    pub throughput_per_growth_mb: Measured<f64>,
    pub component_health: BTreeMap<String, Measured<Health>>,
    /// By name.
    pub targets_missed: Vec<String>,
    pub targets_open: Vec<String>,
    pub performance_trend: Measured<TrendWord>,
    pub recommendations: Vec<Advice>,
    pub regression: Measured<RunRegression>,
    /// How the process would end were this the only run.
    pub exit_code: ExitCode,
    /// What keeps it from 0, with the code that each asks for, gravest first.
    #[serde(skip)]
    pub findings: Vec<(ExitCode, String)>,
    /// Those that rest on the run alone, not on a comparison.
    #[serde(skip)]
    pub own_findings: Vec<(ExitCode, String)>,
    /// Those of them that no target asks for.
    #[serde(skip)]
    pub faults: Vec<String>,
    /// Its level of load: `50 users, closed, scenario steady`.
    #[serde(skip)]
    pub level: String,
    /// All that are meant for a run of its kind.
    #[serde(skip)]
    pub targets: Vec<TargetVerdict>,
    /// What it is compared by, with a baseline.
    #[serde(skip)]
    pub record: Option<RunRecord>,
    /// There is a target or a metric by which it could fail.
    #[serde(skip)]
    pub is_gated: bool,
    /// Why it must not be the measure of others.
    #[serde(skip)]
    pub untrusted: Option<String>,
    /// What the verdicts over many runs rest on.
    #[serde(skip)]
    pub load_point: LoadPoint,
    #[serde(skip)]
    pub numbers: RunNumbers,
}

/// Which part of the run was judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JudgedWindow {
    pub name: WindowName,
    /// µs since 1970.
    pub start_us: i64,
    pub end_us: i64,
    pub duration_s: Measured<f64>,
    pub steadiness: SteadyWord,
    /// Whether it was shown to be steady.
    pub is_trusted: bool,
    pub because: String,
}

/// A recommendation in brief.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Advice {
    pub rule: String,
    pub subject: String,
    pub severity: Severity,
    pub text: String,
}

impl ComparedRun {
    /// What is kept of an analysed run.
    pub fn of(analysis: &Analysis) -> Self {
        let summary = &analysis.summary;
        let metadata = &summary.identity.metadata;
        let known = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let findings = analysis.findings();
        let conditions = Conditions::of(summary, &analysis.config);
        let level = conditions.group_text();
        let point = LoadPoint::of(summary);
        let read = |key: &str| metrics::read(summary, key);
        let (cache, lightrag) = (read("cache/lookup_hit_rate"), read("lightrag/success_rate"));
        Self {
            run_id: summary.identity.run_id.clone(),
            test_name: known(&metadata.test_name),
            scenario: known(&metadata.scenario),
            load_model: known(&metadata.load_model),
            users: point.users.clone(),
            target_rate_per_s: metadata.target_rate_per_s,
            tags: metadata.tags.clone(),
            git_commit: known(&metadata.git_commit),
            environment: conditions.environment,
            window: JudgedWindow::of(analysis),
            requests: summary.requests.totals.requests,
            grade: analysis.grade.clone(),
            system_health: analysis.system_health.clone(),
            concerns: analysis.concerns.clone(),
            success_rate: point.success_rate.clone(),
            mean_ms: point.mean_ms.clone(),
            p95_ms: point.p95_ms.clone(),
            throughput_per_s: point.finished_per_s.clone(),
            ok_per_s: point.ok_per_s.clone(),
            in_flight: point.in_flight.clone(),
            cache_hit_rate: cache.value,
            lightrag_success_rate: lightrag.value,
            cache_lookups: cache.n.unwrap_or(0),
            lightrag_calls: lightrag.n.unwrap_or(0),
            throughput_per_cpu_percent: read("resources/throughput_per_cpu_percent").value,
            throughput_per_growth_mb: read("resources/throughput_per_growth_mb").value,
            component_health: analysis
                .health
                .iter()
                .map(|found| (found.component.clone(), found.health.clone()))
                .collect(),
            targets_missed: targets(analysis, TargetOutcome::Fail),
            targets_open: targets(analysis, TargetOutcome::CannotTell),
            performance_trend: analysis.performance_trend.clone(),
            recommendations: advice(analysis),
            regression: analysis.regression.as_ref().map(RunRegression::of),
            exit_code: findings.first().map_or(ExitCode::Clean, |(code, _)| *code),
            findings,
            own_findings: analysis.own_findings(),
            faults: analysis.faults(),
            level,
            targets: analysis.targets.iter().filter(|target| target.applies).cloned().collect(),
            record: analysis
                .regression
                .value()
                .map(|_| RunRecord::of(summary, analysis.steadiness.is_trusted, &analysis.config)),
            is_gated: analysis.is_gated(),
            untrusted: analysis.untrusted(),
            load_point: point,
            numbers: RunNumbers::of(summary, &analysis.config.across_runs.metrics),
        }
    }

    /// Puts another comparison in the place of its own, with what follows from it.
    pub fn compared_anew(&mut self, regression: RunRegression) {
        self.findings = gravest_first(self.own_findings.clone(), regression.gate.findings());
        self.exit_code = self.findings.first().map_or(ExitCode::Clean, |(code, _)| *code);
        self.regression = Measured::Value(regression);
    }
}

impl JudgedWindow {
    fn of(analysis: &Analysis) -> Self {
        let found = &analysis.steadiness;
        Self {
            name: found.window,
            start_us: found.start_us,
            end_us: found.end_us,
            duration_s: analysis.summary.window.duration_s.clone(),
            steadiness: found.word,
            is_trusted: found.is_trusted,
            because: found.because.clone(),
        }
    }
}

fn targets(analysis: &Analysis, outcome: TargetOutcome) -> Vec<String> {
    let with = analysis.targets.iter().filter(|target| target.applies && target.outcome == outcome);
    with.map(|target| target.name.clone()).collect()
}

fn advice(analysis: &Analysis) -> Vec<Advice> {
    let kept = analysis.recommendations.iter().take(RECOMMENDATIONS_KEPT);
    kept.map(|found| Advice {
        rule: found.rule.clone(),
        subject: found.subject.clone(),
        severity: found.severity,
        text: found.text.clone(),
    })
    .collect()
}
