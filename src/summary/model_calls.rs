//! What calls to language models have besides: times to the first token and per output token, and tokens.

use serde::Serialize;

use super::{Distribution, Measured, Quantile};

/// Of a component or of one of its operations, each over the successful calls that have it: a failed call has no first
/// token worth the name, and a service that fails more must not look faster.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelCalls {
    /// Time to first token, ms.
    pub ttft: Measured<Distribution>,
    /// Time per output token behind the first one: (duration − time to first token) / (output tokens − 1), ms.
    pub tpot: Measured<Distribution>,
    pub tokens_in: Measured<TokenCounts>,
    pub tokens_out: Measured<TokenCounts>,
}

/// Tokens of a call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TokenCounts {
    pub n: u64,
    pub mean: Measured<f64>,
    pub max: Measured<f64>,
    /// One for each of `measure.quantiles`, ascending.
    pub quantiles: Vec<TokenQuantile>,
}

/// One exact type-7 quantile of tokens.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TokenQuantile {
    /// 0..1.
    pub quantile: f64,
    pub value: Measured<f64>,
    /// Fewer than the configured number of samples lie beyond it.
    pub low_sample: bool,
}

impl ModelCalls {
    /// Mean output tokens / mean input tokens.
    pub fn token_ratio(&self) -> Measured<f64> {
        let mean = |tokens: &Measured<TokenCounts>| tokens.as_ref().and_then(|tokens| tokens.mean.clone());
        mean(&self.tokens_in).and_then(|tokens_in| {
            mean(&self.tokens_out).and_then(|out| Measured::ratio(out, tokens_in, "no input tokens"))
        })
    }
}

impl TokenCounts {
    /// The quantile `q`, when it is measured.
    pub fn quantile(&self, q: f64) -> Option<&TokenQuantile> {
        self.quantiles.iter().find(|entry| entry.quantile == q)
    }
}

/// What is measured like times has no unit of its own.
impl From<Distribution> for TokenCounts {
    fn from(of_tokens: Distribution) -> Self {
        let quantile = |Quantile { quantile, value_ms: value, low_sample }| TokenQuantile {
            quantile,
            value,
            low_sample,
        };
        Self {
            n: of_tokens.n,
            mean: of_tokens.mean_ms,
            max: of_tokens.max_ms,
            quantiles: of_tokens.quantiles.into_iter().map(quantile).collect(),
        }
    }
}
