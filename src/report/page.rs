//! `report.html`: the outline of a run in the order of questions, with its figures.

use super::figures;
use super::html::{KeyNumber, Page};
use super::outline::{Cell, Outline, Section, grade_tone, outline, printable};
use crate::advise::Recommendation;
use crate::analysis::{Analysis, Provenance};
use crate::units::{self, Unit};

/// Did it hold, what to do, how far off, what users feel, in which order, where time goes, show me one, may I believe it.
const ORDER: [&str; 15] = [
    "findings",
    "baseline",
    "targets",
    "times",
    "throughput",
    "errors",
    "timeline",
    "components",
    "slow",
    "models",
    "health",
    "trends",
    "correlation",
    "resources",
    "quality",
];

/// The page of a run.
pub fn of_run(analysis: &Analysis, provenance: &Provenance) -> Page {
    let mut outline = outline(analysis);
    let drawn = [
        ("targets", Vec::from_iter(figures::targets(analysis))),
        (
            "times",
            figures::distribution(analysis).into_iter().chain(figures::percentiles(analysis)).collect(),
        ),
        ("throughput", Vec::from_iter(figures::throughput(analysis))),
        (
            "components",
            [figures::time_spent(analysis), figures::cache(analysis), figures::chain(analysis)]
                .into_iter()
                .flatten()
                .collect(),
        ),
        ("trends", Vec::from_iter(figures::grades(analysis))),
    ];
    for (id, figures) in drawn {
        if let Some(section) = outline.sections.iter_mut().find(|section| section.id == id) {
            section.figures = figures;
        }
    }
    let others = [
        Section {
            figures: figures::one_cycle(analysis).into_iter().chain(figures::timeline(analysis)).collect(),
            ..Section::new("Incident timeline").named("timeline")
        },
        Section { figures: figures::slowest(analysis), ..Section::new("Slow requests").named("slow") },
    ];
    outline.sections.extend(others.into_iter().filter(|section| !section.is_empty()));
    outline
        .sections
        .sort_by_key(|section| ORDER.iter().position(|id| *id == section.id).unwrap_or(ORDER.len()));
    link_findings(&mut outline, &analysis.recommendations);
    Page { outline, numbers: numbers(analysis), foot: foot(analysis, provenance) }
}

/// Each finding to the figure that shows what it is about. The list is that of the recommendations.
fn link_findings(outline: &mut Outline, recommendations: &[Recommendation]) {
    let ids: Vec<&str> =
        outline.sections.iter().flat_map(|section| &section.figures).map(|figure| figure.id).collect();
    let findings = outline.sections.iter_mut().filter(|section| section.id == "findings");
    for (item, recommendation) in findings.flat_map(|section| &mut section.items).zip(recommendations) {
        item.shown_by = figures_of(recommendation).iter().copied().find(|id| ids.contains(id));
    }
}

/// The best one first; the page may not have it.
fn figures_of(recommendation: &Recommendation) -> &'static [&'static str] {
    match recommendation.subject.as_str() {
        subject if subject.starts_with("cache_l") || subject == "cache" => &["cache"],
        subject if subject.contains("breaker") => &["one-cycle", "incident-timeline"],
        subject if subject.contains("fallback") || subject == "perplexity" => &["chain", "time-spent"],
        "resources" | "process" => &["incident-timeline"],
        "request" => &["distribution"],
        _ => &["time-spent", "incident-timeline"],
    }
}

/// The six numbers that are looked at first.
fn numbers(analysis: &Analysis) -> Vec<KeyNumber> {
    let run = &analysis.summary;
    let number = |label, value: Option<f64>, unit: Unit, note: String| KeyNumber {
        label,
        value: value.map_or_else(Cell::none, |value| Cell::plain(unit.print(value))),
        note,
    };
    let grade = analysis.grade.value();
    let next = grade.and_then(|grade| grade.next_better.as_ref());
    let of = |count: u64, one: &str| units::counted(count, one);
    let limit = |key: &str| {
        let target = analysis.targets.iter().find(|target| target.metric == key && target.applies);
        target.map(|target| format!("target {}", target.unit.print(target.limit))).unwrap_or_default()
    };
    vec![
        KeyNumber {
            label: "grade",
            value: Cell::toned(grade.map_or(units::NONE, |grade| grade.grade.as_str()), grade_tone(analysis)),
            note: next.map(|next| format!("next better: {}", next.grade)).unwrap_or_default(),
        },
        number(
            "success",
            run.requests.success_rate.number(),
            Unit::Ratio,
            of(run.requests.counts.failed, "failure"),
        ),
        number("P95", run.requests.all.value_ms(0.95), Unit::Milliseconds, limit("request/ok_p95_ms")),
        number("P99", run.requests.all.value_ms(0.99), Unit::Milliseconds, String::new()),
        number(
            "throughput",
            run.throughput.mean_per_s.number(),
            Unit::PerSecond,
            of(run.requests.totals.requests, "request"),
        ),
        number("cost", run.requests.cost_usd.number(), Unit::Usd, String::new()),
    ]
}

/// By what, when and from what it was made.
fn foot(analysis: &Analysis, provenance: &Provenance) -> Vec<String> {
    let identity = &analysis.summary.identity;
    let config = match &provenance.config_file {
        Some(file) => format!("settings: {file} on top of the defaults"),
        None => "settings: the defaults".to_owned(),
    };
    let quality = &analysis.summary.data_quality;
    let window = &analysis.whole.window;
    let lines = [
        format!("Made by {} at {}; {config}", provenance.tool, provenance.generated_at),
        format!(
            "Run {}: recorded from {} to {}, {} rows, {}",
            identity.run_id,
            units::instant(window.start_us),
            units::instant(window.end_us),
            units::count(quality.rows_total),
            quality.integrity
        ),
    ];
    lines.iter().map(|line| printable(line)).collect()
}

#[cfg(test)]
mod tests;
