//! LightRAG's query modes: one that takes most of the cost, and hybrid mode that is hardly used.

use super::Facts;
use super::finding::{Cause, Finding};
use super::missed::{is_surely_below, miss_above, miss_below};
use crate::config::Config;
use crate::judge::Severity;
use crate::metrics::LIGHTRAG;
use crate::summary::{Lightrag, Measured, ModeShare};
use crate::units::{Unit, count, usd};

const HYBRID: &str = "hybrid";

/// A mode that takes far more of the cost than of the calls.
pub fn mode_costly(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let Some(lightrag) = facts.summary.lightrag.value() else { return Vec::new() };
    let modes = lightrag.by_mode.iter().filter_map(|mode| Costly::of(mode, lightrag));
    let costly = modes.filter(|mode| mode.is_beyond(config)).max_by(|a, b| a.cost_usd.total_cmp(&b.cost_usd));
    costly.map(|costly| costly.finding(config)).into_iter().collect()
}

/// A mode beside the other modes.
struct Costly<'a> {
    mode: &'a ModeShare,
    cost_usd: f64,
    total_usd: f64,
    calls: u64,
    other_calls: u64,
}

impl<'a> Costly<'a> {
    fn of(mode: &'a ModeShare, lightrag: &Lightrag) -> Option<Self> {
        let calls = mode.calls.counts.finished;
        let all = lightrag.overall.counts.finished;
        Some(Self {
            mode,
            cost_usd: mode.calls.total_cost_usd.number()?,
            total_usd: lightrag.overall.total_cost_usd.number().filter(|total_usd| *total_usd > 0.0)?,
            calls,
            other_calls: all.checked_sub(calls)?,
        })
    }

    fn cost_share(&self) -> f64 {
        self.cost_usd / self.total_usd
    }

    fn call_share(&self) -> f64 {
        self.calls as f64 / (self.calls + self.other_calls) as f64
    }

    fn is_beyond(&self, config: &Config) -> bool {
        let settings = &config.advice;
        self.calls.min(self.other_calls) >= settings.min_calls
            && self.cost_share() >= settings.mode_cost_share
            && self.cost_share() >= settings.mode_cost_to_calls * self.call_share()
    }

    fn finding(&self, config: &Config) -> Finding {
        let mode = &self.mode.mode;
        let limit = config.advice.mode_cost_share;
        let headline = format!(
            "Mode {mode} takes {} of LightRAG's cost with {} of its calls.",
            Unit::Ratio.print(self.cost_share()),
            Unit::Ratio.print(self.call_share()),
        );
        let own_usd = self.cost_usd / self.calls as f64;
        let other_usd = (self.total_usd - self.cost_usd) / self.other_calls as f64;
        let saved_usd = self.cost_usd - other_usd * self.calls as f64;
        Finding::new(LIGHTRAG, Cause::Cost, (self.cost_share(), Unit::Ratio), headline)
            .missing(limit, miss_below(self.cost_share(), limit), &config.advice)
            .because([
                format!("A call in {mode} costs {}, in the other modes {}.", usd(own_usd), usd(other_usd)),
                format!("{} of {} were spent in {} calls.", usd(self.cost_usd), usd(self.total_usd), count(self.calls)),
            ])
            .act(format!(
                "Route to {mode} only the questions that need it, lower its `top_k` and `max_total_tokens`, or give it \
                 a cheaper model."
            ))
            .gaining(Measured::Value(format!(
                "If its calls cost what the others do, {} of {} would be saved.",
                usd(saved_usd),
                usd(self.total_usd),
            )))
    }
}

/// Hybrid mode, the one that the target hopes for, is used for too few calls.
pub fn hybrid_share_low(facts: &Facts<'_>, config: &Config) -> Vec<Finding> {
    let Some(lightrag) = facts.summary.lightrag.value() else { return Vec::new() };
    let finished = lightrag.overall.counts.finished;
    let of_hybrid = lightrag.by_mode.iter().find(|mode| mode.mode == HYBRID);
    let share = match of_hybrid {
        Some(mode) => mode.share.number(),
        // The run tells modes, and none is hybrid.
        None => (!lightrag.by_mode.is_empty()).then_some(0.0),
    };
    let limit = config.advice.hybrid_share_above;
    let Some(share) = share.filter(|share| is_surely_below(*share, finished, limit, config)) else {
        return Vec::new();
    };
    let (actual, limit_text) = (Unit::Ratio.print(share), Unit::Ratio.print(limit));
    let headline = format!("Hybrid mode usage ({actual}) is low: below {limit_text} of LightRAG's calls.");
    let mut finding = Finding::new(LIGHTRAG, Cause::Mix, (share, Unit::Ratio), headline)
        .missing(limit, miss_above(share, limit), &config.advice)
        .because(lightrag.by_mode.iter().filter_map(told))
        .act(
            "Investigate the routing logic: which questions go to `naive`, `local` and `global`, and whether hybrid \
             would answer them better.",
        );
    finding.severity = Severity::Low;
    vec![finding]
}

fn told(mode: &ModeShare) -> Option<String> {
    Some(format!(
        "{}: {} of the calls, {} successful.",
        mode.mode,
        Unit::Ratio.print(mode.share.number()?),
        Unit::Ratio.print(mode.calls.success_rate.number()?),
    ))
}
