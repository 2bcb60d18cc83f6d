//! How each metric moved over the judged window, and in one word how the requests did.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::verdicts::{Trend, TrendWord};
use crate::config::Config;
use crate::summary::{Measured, RunSummary};

mod series;
mod verdict;

#[cfg(test)]
mod tests;

use series::{MetricSeries, Named};

/// The trends of a run: the reference's seven series, then each other sampled metric by its label.
pub fn judge_trends(summary: &RunSummary, config: &Config) -> Vec<Trend> {
    series::of_run(summary, config).into_par_iter().map(|series| trend(series, config)).collect()
}

fn trend((metric, unit, better, series): Named, config: &Config) -> Trend {
    let settings = &config.trend;
    let recent =
        |series: &MetricSeries| series.y[series.y.len().saturating_sub(settings.recent_values)..].to_vec();
    let recent_values = series.value().map(recent).unwrap_or_default();
    let verdict = series.and_then(|series| verdict::judge(&series, better, settings));
    let (direction, evidence) = match verdict {
        Measured::Value((word, evidence)) => (Measured::Value(word), Measured::Value(evidence)),
        Measured::Undefined(why) => (Measured::Undefined(why.clone()), Measured::Undefined(why)),
    };
    Trend { metric, unit, direction, evidence, recent_values }
}

/// The trends that tell how the requests did.
const OF_REQUESTS: [&str; 4] = ["success_rate", "response_time", "p95_response_time", "throughput"];

/// One word for success, times and throughput of the requests: degrading when any of them is, else volatile when any
/// is, else improving when any is, stable when all that can be told are; undefined when none can.
pub fn performance_trend(trends: &[Trend]) -> Measured<TrendWord> {
    let words: Vec<TrendWord> = trends
        .iter()
        .filter(|trend| OF_REQUESTS.contains(&trend.metric.as_str()))
        .filter_map(|trend| trend.direction.value().copied())
        .collect();
    let has = |word: TrendWord| words.contains(&word);
    let order = [TrendWord::Degrading, TrendWord::Volatile, TrendWord::Improving];
    let word = match order.into_iter().find(|&word| has(word)) {
        Some(word) => Some(word),
        None if words.is_empty() => None,
        None if words.iter().all(|&word| word == TrendWord::Stable) => Some(TrendWord::Stable),
        None => Some(TrendWord::Inconclusive),
    };
    Measured::or(word, "no trend of the requests is known")
}
