//! The name of a custom target says what it judges: `vector_db/search.p95_ms`, `process/threads.max`.

/// What a custom target judges, read from its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetKey {
    /// `<component>.<statistic>` or `<component>/<operation>.<statistic>`.
    Calls { component: String, operation: Option<String>, statistic: CallStatistic },
    /// `<component>/<metric>.<statistic>`, the metric with `[instance]` behind it where several have it.
    Metric { component: String, metric: String, instance: Option<String>, statistic: MetricStatistic },
}

/// A number of a component's calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallStatistic {
    SuccessRate,
    MeanMs,
    P50Ms,
    P95Ms,
    P99Ms,
    ThroughputPerS,
}

/// A number of a sampled metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricStatistic {
    Mean,
    Min,
    Max,
    P95,
    Last,
}

/// The words for numbers of calls, as they end a name.
const CALL_STATISTICS: [(&str, CallStatistic); 6] = [
    ("success_rate", CallStatistic::SuccessRate),
    ("mean_ms", CallStatistic::MeanMs),
    ("p50_ms", CallStatistic::P50Ms),
    ("p95_ms", CallStatistic::P95Ms),
    ("p99_ms", CallStatistic::P99Ms),
    ("throughput_per_s", CallStatistic::ThroughputPerS),
];

/// The words for numbers of sampled metrics, as they end a name.
const METRIC_STATISTICS: [(&str, MetricStatistic); 5] = [
    ("mean", MetricStatistic::Mean),
    ("min", MetricStatistic::Min),
    ("max", MetricStatistic::Max),
    ("p95", MetricStatistic::P95),
    ("last", MetricStatistic::Last),
];

impl TargetKey {
    /// Reads the name of a custom target.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence that begins with the name.
    pub fn parse(name: &str) -> Result<Self, String> {
        let (subject, word) = name.rsplit_once('.').ok_or_else(|| format!("names no statistic: {FORM}"))?;
        let (component, part) = match subject.split_once('/') {
            Some((component, part)) => (component, Some(part)),
            None => (subject, None),
        };
        if component.is_empty() || part.is_some_and(str::is_empty) {
            return Err(format!("names no component, operation or metric: {FORM}"));
        }
        let component = component.to_owned();
        if let Some((_, statistic)) = CALL_STATISTICS.iter().find(|(known, _)| *known == word) {
            let operation = part.map(str::to_owned);
            return Ok(TargetKey::Calls { component, operation, statistic: *statistic });
        }
        let Some((_, statistic)) = METRIC_STATISTICS.iter().find(|(known, _)| *known == word) else {
            return Err(unknown_statistic(word));
        };
        let part = part.ok_or_else(|| format!("names no metric: {FORM}"))?;
        let (metric, instance) = match part.strip_suffix(']').and_then(|part| part.split_once('[')) {
            Some((metric, instance)) => (metric, Some(instance.to_owned())),
            None => (part, None),
        };
        Ok(TargetKey::Metric { component, metric: metric.to_owned(), instance, statistic: *statistic })
    }
}

/// The form of a name, for messages.
const FORM: &str = "write <component>.<statistic>, <component>/<operation>.<statistic> or \
                    <component>/<metric>.<statistic>";

fn unknown_statistic(word: &str) -> String {
    let known: Vec<&str> = CALL_STATISTICS
        .iter()
        .map(|(word, _)| *word)
        .chain(METRIC_STATISTICS.iter().map(|(word, _)| *word))
        .collect();
    format!("has the unknown statistic `{word}`; known are {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_may_have_dots_and_an_operation() {
        let key = TargetKey::parse("vector.db/search.p95_ms").unwrap();
        let wanted = TargetKey::Calls {
            component: "vector.db".into(),
            operation: Some("search".into()),
            statistic: CallStatistic::P95Ms,
        };
        assert_eq!(key, wanted);
    }

    #[test]
    fn a_metric_may_name_its_instance() {
        let key = TargetKey::parse("process/memory_rss_mb[worker-1].max").unwrap();
        let wanted = TargetKey::Metric {
            component: "process".into(),
            metric: "memory_rss_mb".into(),
            instance: Some("worker-1".into()),
            statistic: MetricStatistic::Max,
        };
        assert_eq!(key, wanted);
    }

    #[test]
    fn a_name_without_a_known_statistic_is_refused() {
        assert!(TargetKey::parse("vector_db").unwrap_err().contains("names no statistic"));
        assert!(TargetKey::parse("vector_db.p96_ms").unwrap_err().contains("unknown statistic `p96_ms`"));
        assert!(TargetKey::parse("process.max").unwrap_err().contains("names no metric"));
        assert!(TargetKey::parse(".mean_ms").unwrap_err().contains("names no component"));
    }
}
