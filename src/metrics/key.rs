//! The name of a number: `request/p95_ms`, `vector_db/search/success_rate`, `process/threads[web-1].max`.

use std::fmt;

/// What a key names. Whether there is such a metric is the catalogue's to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricKey {
    pub component: String,
    /// Of calls: the operation, which may hold slashes.
    pub operation: Option<String>,
    /// `p95_ms`; of what was sampled `threads.max`, `threads[web-1].max`.
    pub statistic: String,
}

/// The forms of a key, for messages.
pub const FORM: &str = "write <component>/<statistic>, <component>/<operation>/<statistic> or \
                        <component>/<metric>.<statistic>";

/// Statistics whose last part is a word of the run, in which any letter may stand.
pub const WORDS: [&str; 2] = ["error_rate.", "outcome:"];

impl MetricKey {
    /// Reads a key.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence that begins with the key.
    pub fn parse(key: &str) -> Result<Self, String> {
        let (component, rest) = key.split_once('/').ok_or_else(|| format!("names no statistic: {FORM}"))?;
        let of_words = WORDS.iter().filter_map(|word| {
            if rest.starts_with(word) { Some(0) } else { rest.find(&format!("/{word}")).map(|at| at + 1) }
        });
        let start = of_words.min().or_else(|| rest.rfind('/').map(|at| at + 1)).unwrap_or(0);
        let (operation, statistic) = (rest[..start].trim_end_matches('/'), &rest[start..]);
        if component.is_empty() || statistic.is_empty() || (start > 0 && operation.is_empty()) {
            return Err(format!("has an empty part: {FORM}"));
        }
        Ok(Self {
            component: component.to_owned(),
            operation: (start > 0).then(|| operation.to_owned()),
            statistic: statistic.to_owned(),
        })
    }

    /// Whose number it is: `request`, `vector_db/search`.
    pub fn subject(&self) -> String {
        match &self.operation {
            None => self.component.clone(),
            Some(operation) => format!("{}/{operation}", self.component),
        }
    }
}

impl fmt::Display for MetricKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.subject(), self.statistic)
    }
}

/// The quantile that `p95_ms` names, 0..1.
pub fn quantile_of(name: &str) -> Option<f64> {
    let digits = name.strip_prefix('p')?.strip_suffix("_ms")?;
    let is_number = digits.starts_with(|digit: char| digit.is_ascii_digit())
        && digits.ends_with(|digit: char| digit.is_ascii_digit())
        && digits.chars().all(|digit| digit.is_ascii_digit() || digit == '_');
    let percent: f64 = digits.replacen('_', ".", 1).parse().ok().filter(|_| is_number)?;
    (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(key: &str) -> (String, Option<String>, String) {
        let MetricKey { component, operation, statistic } = MetricKey::parse(key).unwrap();
        assert_eq!(
            MetricKey {
                component: component.clone(),
                operation: operation.clone(),
                statistic: statistic.clone()
            }
            .to_string(),
            key
        );
        (component, operation, statistic)
    }

    #[test]
    fn a_key_is_a_component_perhaps_an_operation_and_a_statistic() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(parts("request/p95_ms"), ("request".into(), None, "p95_ms".into()));
        assert_eq!(parts("vector_db/search/mean_ms"), ("vector_db".into(), some("search"), "mean_ms".into()));
        assert_eq!(parts("http/GET /users/p95_ms"), ("http".into(), some("GET /users"), "p95_ms".into()));
        assert_eq!(
            parts("process/threads[web/1].max"),
            ("process".into(), some("threads[web"), "1].max".into())
        );
    }

    #[test]
    fn words_of_the_run_may_hold_slashes_and_dots() {
        assert_eq!(
            parts("request/error_rate.http/5.3"),
            ("request".into(), None, "error_rate.http/5.3".into())
        );
        assert_eq!(
            parts("lightrag/hybrid/outcome:a/b"),
            ("lightrag".into(), Some("hybrid".into()), "outcome:a/b".into())
        );
    }

    #[test]
    fn what_names_nothing_is_told() {
        for key in ["", "request", "request.p95_ms", "/p95_ms", "request/", "request//p95_ms"] {
            assert!(MetricKey::parse(key).is_err(), "{key}");
        }
    }

    #[test]
    fn quantiles_are_named_by_their_percent() {
        for (name, q) in [("p50_ms", 0.5), ("p99_9_ms", 0.999), ("p99_99_ms", 0.9999), ("p100_ms", 1.0)] {
            assert!((quantile_of(name).unwrap() - q).abs() < 1e-12, "{name}");
        }
        for name in ["p_ms", "p101_ms", "p95", "95_ms", "p9_9_9_ms", "p_9_ms", "p-5_ms"] {
            assert_eq!(quantile_of(name), None, "{name}");
        }
    }
}
