//! Pages of small and large runs: what they hold, what they do not let in, and how large they are.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::config::Config;
use crate::report::{fixture, html};
use crate::summary::fixture::START_US;
use crate::summary::{
    BreakerState, EndedRequests, MaybeMs, Measured, RequestKind, RunSummary, SecondOfRequests, StateSpan,
};

fn provenance() -> Provenance {
    Provenance {
        generated_at: "2025-03-02T00:00:00Z".into(),
        tool: "cmo-metrics 0.1.0".into(),
        config_file: None,
    }
}

fn page(analysis: &Analysis) -> String {
    html::render(&of_run(analysis, &provenance())).unwrap()
}

/// The values of all attributes `name`.
fn attributes(page: &str, name: &str) -> Vec<String> {
    let start = format!(" {name}=\"");
    page.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_page_is_the_same_each_time_and_asks_for_nothing() {
    let analysis = fixture::judged();
    let text = page(&analysis);
    assert_eq!(text, page(&analysis));
    for outside in ["http://", "https://", "url(//", "@import"] {
        let found = text.match_indices(outside).map(|(at, _)| &text[at..(at + 60).min(text.len())]);
        // The library names where it comes from, and drawings the language that they are written in.
        let known = ["https://github.com/leeoniya/uPlot", "http://www.w3.org/2000/svg"];
        let unknown: Vec<&str> =
            found.filter(|found| !known.iter().any(|known| found.starts_with(known))).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}

#[test]
fn each_link_on_a_page_leads_somewhere_and_each_place_has_one_name() {
    let text = page(&fixture::judged());
    let ids = attributes(&text, "id");
    let known: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(known.len(), ids.len(), "{ids:?}");
    let links = attributes(&text, "href");
    let inner: Vec<&str> = links.iter().filter_map(|link| link.strip_prefix('#')).collect();
    assert!(inner.len() > 8, "{inner:?}");
    for link in inner {
        assert!(known.contains(&link.to_owned()), "#{link}");
    }
    for ids_of_texts in attributes(&text, "aria-labelledby") {
        assert!(ids_of_texts.split(' ').all(|id| known.contains(&id.to_owned())), "{ids_of_texts}");
    }
}

#[test]
fn findings_come_first_and_what_to_believe_last() {
    let page = of_run(&fixture::judged(), &provenance());
    let ids: Vec<&str> = page.outline.sections.iter().map(|section| section.id).collect();
    assert_eq!(ids.first(), Some(&"findings"));
    assert_eq!(ids.last(), Some(&"quality"));
    let place = |wanted: &str| ids.iter().position(|id| *id == wanted).unwrap();
    let order = ["findings", "targets", "times", "timeline", "components", "slow", "quality"];
    assert!(order.map(place).is_sorted(), "{ids:?}");
    assert!(page.outline.sections[0].items.iter().all(|item| item.shown_by.is_some()));
}

const HOSTILE: &str = "</script></style><img src=x onerror=alert(1)>]]>\u{202e}\"'&{{ 7*7 }}<!--";

/// The run of the fixture with a text in each place that a run fills.
fn hostile() -> Analysis {
    let mut summary = crate::summary::fixture::run_summary();
    summary.identity.run_id = HOSTILE.into();
    summary.identity.metadata.test_name = Some(HOSTILE.to_owned());
    for (index, component) in summary.components.iter_mut().enumerate() {
        if component.component != "request" {
            component.component = format!("{HOSTILE}{index}");
        }
    }
    for error in &mut summary.errors {
        error.category = HOSTILE.into();
        error.example = Some(HOSTILE.into());
    }
    let mut requests = EndedRequests::clone(&summary.series.requests);
    for kind in &mut requests.kinds {
        (kind.outcome, kind.answered_by) = (Some(HOSTILE.into()), Some(HOSTILE.into()));
    }
    summary.series.requests = Arc::new(requests);
    if let Measured::Value(breaker) = &mut summary.breaker {
        breaker.breakers[0].name = HOSTILE.into();
    }
    for slow in &mut summary.slowest {
        slow.outcome = Some(HOSTILE.into());
        slow.chain.iter_mut().for_each(|call| call.operation = Some(HOSTILE.into()));
    }
    for share in summary.time_spent_mut() {
        share.component = HOSTILE.into();
    }
    let mut analysis = Analysis::of_whole(summary, &Config::defaults()).unwrap();
    analysis.recommendations = fixture::judged().recommendations;
    for recommendation in &mut analysis.recommendations {
        recommendation.text = HOSTILE.into();
        recommendation.evidence = vec![HOSTILE.into()];
    }
    analysis
}

impl RunSummary {
    fn time_spent_mut(&mut self) -> Vec<&mut crate::summary::TimeShare> {
        match &mut self.time_spent {
            Measured::Value(spent) => spent.shares.iter_mut().collect(),
            Measured::Undefined(_) => Vec::new(),
        }
    }
}

#[test]
fn a_text_of_a_run_stays_text_wherever_it_stands() {
    let mut provenance = provenance();
    provenance.config_file = Some(HOSTILE.into());
    let text = html::render(&of_run(&hostile(), &provenance)).unwrap();
    assert!(text.contains("onerror"), "the texts are there");
    for bad in ["<img", "</script></style>", "\u{202e}", "<!--", "<desc id=\"incident-timeline-w-d\"><"] {
        assert!(!text.contains(bad), "{bad}");
    }
    assert_eq!(text.matches("<script").count(), 3, "data, library and timeline");
    assert_eq!(text.matches("</script>").count(), 3);
    assert_eq!(text.matches("</style>").count(), 1);
    let data = text.split("id=\"tracks\">").nth(1).and_then(|rest| rest.split("</script>").next()).unwrap();
    assert!(!data.contains('<') && data.contains("\\u003c"), "an angle would end the script");
    let parsed: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(parsed[0]["id"], "incident-timeline");
}

#[test]
fn what_a_run_has_not_is_said_and_not_drawn() {
    let mut summary = crate::summary::fixture::run_summary();
    summary.cache = Measured::undefined("no cache rows in this run");
    summary.breaker = Measured::undefined("no circuit_breaker rows in this run");
    let analysis = Analysis::of_whole(summary.clone(), &Config::defaults()).unwrap();
    let text = page(&analysis);
    assert!(text.contains(
        "Not drawn: breaker (no circuit_breaker rows in this run), cache (no cache rows in this run)"
    ));
    assert!(!text.contains("id=\"cache\""));
    summary.series = Default::default();
    summary.slowest.clear();
    let text = page(&Analysis::of_whole(summary, &Config::defaults()).unwrap());
    assert!(
        !text.contains("incident-timeline") && !text.contains("<script"),
        "without requests there is no timeline"
    );
}

/// A run of so many seconds with so many requests in each, a breaker that opens each minute, and samples in each tick.
fn long_run(seconds: i64, per_second: i64) -> Analysis {
    let mut summary = crate::summary::fixture::run_summary();
    let end_us = START_US + seconds * 1_000_000;
    (summary.window.end_us, summary.window.duration_s) = (end_us, Measured::Value(seconds as f64));
    let kind = |answered_by: &str, outcome: &str| RequestKind {
        outcome: Some(outcome.into()),
        answered_by: Some(answered_by.into()),
        is_ok: outcome == "ok",
        is_failed: outcome != "ok",
    };
    let answerers = ["cache_l1", "cache_l2", "cache_l3", "lightrag", "perplexity", "cache_fallback"];
    let mut kinds: Vec<RequestKind> = answerers.iter().map(|name| kind(name, "ok")).collect();
    kinds.extend([kind("none", "timeout"), kind("none", "api_error"), kind("none", "parsing_error")]);
    let mut requests = EndedRequests { kinds, ..EndedRequests::default() };
    let mut state = 1u64;
    for index in 0..seconds * per_second {
        // A linear congruence: the same everywhere, and no two values alike.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let random = (state >> 33) as f64 / f64::from(1u32 << 31);
        requests.end_us.push(START_US + index * 1_000_000 / per_second);
        requests.duration_ms.push(MaybeMs::of(10f64.powf(random * 4.0)));
        requests.kind.push((state >> 40) as u32 % 9);
    }
    summary.series.requests = Arc::new(requests);
    summary.series.request_seconds = (0..seconds)
        .map(|second| SecondOfRequests {
            start_us: START_US + second * 1_000_000,
            durations_ms: vec![100.0 + second as f64].into(),
            failed: (second % 37) as u64,
            ..SecondOfRequests::default()
        })
        .collect();
    let ticks =
        || (0..seconds * 10).map(|tick| (START_US + tick * 100_000, (tick * 7919 % 1000) as f64 / 10.0));
    summary.series.service_cpu_percent = ticks().collect();
    summary.series.service_memory_mb = ticks().map(|(at_us, value)| (at_us, 300.0 + value / 7.0)).collect();
    if let Measured::Value(breaker) = &mut summary.breaker {
        let second = |at: i64| START_US + at * 1_000_000;
        let span = |from: i64, to: i64, state| StateSpan { from_us: second(from), to_us: second(to), state };
        breaker.breakers[0].states = (0..seconds / 60)
            .flat_map(|minute| {
                let at = minute * 60;
                [
                    span(at, at + 40, BreakerState::Closed),
                    span(at + 40, at + 58, BreakerState::Open),
                    span(at + 58, at + 60, BreakerState::HalfOpen),
                ]
            })
            .collect();
    }
    Analysis::of_whole(summary, &Config::defaults()).unwrap()
}

const ONE_MB: usize = 1_000_000;

#[test]
fn the_page_of_ten_minutes_is_below_one_megabyte() {
    let bytes = page(&long_run(600, 150)).len();
    assert!(bytes < ONE_MB, "{bytes}");
}

#[test]
fn the_page_of_two_hours_is_below_one_megabyte() {
    let bytes = page(&long_run(7200, 50)).len();
    assert!(bytes < ONE_MB, "{bytes}");
}
