//! What measuring yields: plain structs, no Polars, no rules. One `RunSummary` describes one run.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::run::{MetadataOrigin, OutcomeClass, RunMetadata};

mod comparable;
#[cfg(test)]
pub(crate) mod fixture;
mod measured;
mod samples;
mod ticks;

pub use crate::run::RowFault;
pub use comparable::{ComparableMetric, Spread};
pub use measured::{Measured, Undefined};
pub use samples::{SamplePoint, SamplePoints};
pub use ticks::{CallTick, CallTicks, MaybeMs, PackedTicks};

/// Everything measured about one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    pub identity: RunIdentity,
    /// The part of the run that rates refer to.
    pub window: Window,
    pub requests: RequestSummary,
    pub throughput: Throughput,
    pub errors: Vec<ErrorCategory>,
    pub resources: Resources,
    pub lightrag: Measured<Lightrag>,
    pub cache: Measured<Cache>,
    pub breaker: Measured<Breaker>,
    pub fallback: Measured<Fallback>,
    /// Every component that has calls, sorted by name; `request` among them.
    pub components: Vec<Component>,
    /// Sampled metrics (`process` rows and custom metrics), sorted by component, metric, instance.
    pub metrics: Vec<SampledMetric>,
    /// Components whose calls carry their attempt, sorted by name.
    pub retries: Vec<Retries>,
    pub time_spent: Measured<TimeSpent>,
    /// The same for the requests slower than the P95 of those that could be attributed.
    pub slow_time_spent: Measured<SlowTimeSpent>,
    /// The slowest finished requests with their chain, slowest first.
    pub slowest: Vec<SlowRequest>,
    pub phases: Vec<Phase>,
    pub data_quality: DataQuality,
    /// The numbers that can be compared with another run's, sorted by component and name.
    pub comparable: Vec<ComparableMetric>,
    /// Series over time; not part of `report.json`.
    #[serde(skip)]
    pub series: Series,
}

/// Which run this is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunIdentity {
    pub run_id: String,
    pub metadata: RunMetadata,
    pub metadata_origin: MetadataOrigin,
}

/// A part of a run on the clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// `whole`, `steady` or `chosen`.
    pub name: String,
    /// From the first start to the last end of the run's requests (of all its events where it has no
    /// requests), µs since 1970.
    pub start_us: i64,
    pub end_us: i64,
    /// Length that rates are divided by, s. Undefined when the window has no length.
    pub duration_s: Measured<f64>,
    /// True when `duration_s` is the test's own declaration (`totals.duration_s`), not the events'.
    pub duration_is_declared: bool,
}

/// How many rows had which outcome. Classes as in the run file's contract.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeCounts {
    /// Calls with an outcome (or, where the run has no outcomes at all, with a duration).
    pub finished: u64,
    /// Outcome `ok` or `hit`.
    pub ok: u64,
    /// Every outcome that is not `ok`, `hit`, `miss` or `blocked`.
    pub failed: u64,
    pub miss: u64,
    pub blocked: u64,
    /// Calls with a null outcome.
    pub unfinished: u64,
    /// Finished calls of a run that has no outcome column.
    pub unknown: u64,
    /// Finished calls by outcome word.
    pub by_outcome: BTreeMap<String, u64>,
}

impl OutcomeCounts {
    /// Is an outcome word of class failed?
    pub fn is_failure_word(word: &str) -> bool {
        OutcomeClass::of(word) == OutcomeClass::Failed
    }
}

/// The requests of the run, end to end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestSummary {
    /// As counted in the events.
    pub counts: OutcomeCounts,
    /// What the rates come from: the declared totals where the run has them, else the events.
    pub totals: Totals,
    /// ok / (ok + failed), 0..1.
    pub success_rate: Measured<f64>,
    /// Over all finished requests that have a duration.
    pub all: Distribution,
    pub ok: Distribution,
    pub failed: Distribution,
    /// From the intended start (`scheduled_ts`), where an open-loop generator recorded it.
    pub intended: Measured<Distribution>,
    /// Finished requests per component that answered them.
    pub answered_by: BTreeMap<String, u64>,
    /// Distinct `user_id`s.
    pub distinct_users: Measured<u64>,
    /// Mean gap between a user's answer and that user's next request, ms.
    pub think_time_ms: Measured<f64>,
    /// Time-weighted mean of requests in flight over the window (N = λW).
    pub mean_in_flight: Measured<f64>,
    /// Sum of `cost_usd` over all components but `request` (over `request` where only it has costs), USD.
    pub cost_usd: Measured<f64>,
}

/// Numbers of requests that the rates come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    pub requests: u64,
    pub ok: Measured<u64>,
    pub failed: Measured<u64>,
    /// True when they were declared in the metadata (`totals`), not counted in the events.
    pub declared: bool,
}

/// A sample of durations, ms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    pub n: u64,
    pub mean_ms: Measured<f64>,
    pub min_ms: Measured<f64>,
    pub max_ms: Measured<f64>,
    /// One for each of `QUANTILES`, in that order.
    pub quantiles: Vec<Quantile>,
}

/// The quantiles that every distribution has, 0..1.
pub const QUANTILES: [f64; 9] = [0.25, 0.5, 0.75, 0.85, 0.9, 0.95, 0.99, 0.995, 0.999];

/// One exact type-7 quantile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quantile {
    /// 0..1.
    pub quantile: f64,
    pub value_ms: Measured<f64>,
    /// Fewer than the configured number of samples lie beyond it.
    pub low_sample: bool,
}

impl Distribution {
    /// The quantile `q`, when it is one of `QUANTILES`.
    pub fn quantile(&self, q: f64) -> Option<&Quantile> {
        self.quantiles.iter().find(|entry| entry.quantile == q)
    }

    /// The value of quantile `q`, ms; `None` when it is undefined.
    pub fn value_ms(&self, q: f64) -> Option<f64> {
        self.quantile(q).and_then(|entry| entry.value_ms.value().copied())
    }
}

/// Requests per second of the window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Throughput {
    /// Finished requests / window.
    pub mean_per_s: Measured<f64>,
    pub ok_per_s: Measured<f64>,
    pub failed_per_s: Measured<f64>,
    /// Most requests finished in one whole second of the clock.
    pub peak_per_s: Measured<f64>,
    /// Requests finished per second over the last configured seconds of the window.
    pub recent_per_s: Measured<f64>,
    /// Requests started per second of the window, from `scheduled_ts` where present, else from `ts`.
    pub offered_per_s: Measured<f64>,
    /// Configured rate of an open-loop run.
    pub target_per_s: Measured<f64>,
}

/// Failures of one component with one outcome word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorCategory {
    pub component: String,
    pub category: String,
    pub count: u64,
    /// Share of the component's finished calls, 0..1.
    pub share: f64,
    /// Start of the first and of the last such call, µs since 1970.
    pub first_us: i64,
    pub last_us: i64,
    /// `detail` of the first such call that has one.
    pub example: Option<String>,
    /// Most failures of this kind that ended in one second of the clock.
    pub peak_per_s: u64,
    /// Durations of these failures. A timeout's duration is a lower bound of what it would have taken.
    pub durations: Distribution,
    /// True for the configured words that mean "cut off while waiting".
    pub durations_are_lower_bounds: bool,
}

/// Resources of the service (instances whose role is not load generator, model or other).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resources {
    pub memory: Measured<Memory>,
    pub cpu: Measured<Cpu>,
    /// Mean CPU of the load generator, % of one core.
    pub load_generator_cpu_percent: Measured<f64>,
    /// Throughput per MB of memory growth, 1/(s·MB).
    pub throughput_per_growth_mb: Measured<f64>,
    /// Throughput per % of one core, 1/(s·%).
    pub throughput_per_cpu_percent: Measured<f64>,
    /// Instances counted as service, sorted.
    pub service_instances: Vec<String>,
}

/// Resident memory of the service, MB (10^6 bytes), instances summed per tick.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    pub samples: u64,
    pub first_mb: f64,
    pub last_mb: f64,
    pub mean_mb: f64,
    pub peak_mb: f64,
    /// Last − first sample.
    pub growth_mb: f64,
    pub growth_mb_per_min: Measured<f64>,
    /// Per 100 configured users.
    pub growth_mb_per_100_users: Measured<f64>,
    /// KB per finished request.
    pub growth_kb_per_operation: Measured<f64>,
}

/// CPU of the service, % where 100 is one core, instances summed per tick.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cpu {
    pub samples: u64,
    pub mean_percent: f64,
    pub peak_percent: f64,
    /// Mean as share of all cores of the machine, where the metadata names their number.
    pub mean_share_of_machine: Measured<f64>,
}

/// Calls of a model component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lightrag {
    pub overall: ModelCalls,
    /// By query mode, sorted.
    pub by_mode: Vec<ModeShare>,
    /// Finished calls by failure word: every configured category stands here, also with 0.
    pub errors: BTreeMap<String, u64>,
}

/// One query mode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModeShare {
    pub mode: String,
    /// Share of all finished calls, 0..1.
    pub share: Measured<f64>,
    pub calls: ModelCalls,
}

/// Calls to a language model: outcomes, times, tokens, cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelCalls {
    pub counts: OutcomeCounts,
    /// ok / (ok + failed), 0..1.
    pub success_rate: Measured<f64>,
    pub response_times: Distribution,
    pub mean_tokens_in: Measured<f64>,
    pub mean_tokens_out: Measured<f64>,
    /// Mean output tokens / mean input tokens.
    pub token_ratio: Measured<f64>,
    pub total_tokens_in: Measured<u64>,
    pub total_tokens_out: Measured<u64>,
    /// USD.
    pub total_cost_usd: Measured<f64>,
    /// Per finished call.
    pub cost_per_query_usd: Measured<f64>,
    /// Total cost / successful calls.
    pub cost_per_success_usd: Measured<f64>,
    /// Time to first token, ms.
    pub mean_ttft_ms: Measured<f64>,
    /// Waiting for a slot, ms.
    pub mean_queue_ms: Measured<f64>,
}

/// The multi-tier cache.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cache {
    /// `l1`, `l2`, `l3`, in that order; a tier without rows is left out.
    pub tiers: Vec<CacheTier>,
    /// All hits / (all hits + all misses) over the tiers.
    pub tier_weighted_hit_rate: Measured<f64>,
    /// Share of look-ups that any tier answered: by `request_id`, else from the counts (see `lookups_by`).
    pub lookup_hit_rate: Measured<f64>,
    pub lookups: u64,
    /// `request_id`, or `first_tier` (look-ups = those of the first tier, hits = all tiers' hits).
    pub lookups_by: String,
    /// Tier look-ups that carry no `request_id`; where others do, these are in the tiers only.
    pub tier_lookups_without_id: u64,
    /// 0..1, the weighted hit rate less the penalty for slow tiers.
    pub effectiveness: Measured<f64>,
    pub promotions_l3_to_l2: u64,
    pub promotions_l2_to_l1: u64,
}

/// One cache tier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CacheTier {
    /// `l1`, `l2`, `l3`.
    pub tier: String,
    pub hits: u64,
    pub misses: u64,
    /// hits / (hits + misses), 0..1.
    pub hit_rate: Measured<f64>,
    /// Look-ups that failed (an outcome that is neither hit nor miss).
    pub failed: u64,
    pub puts: u64,
    pub evictions: u64,
    /// Promotions that arrived at this tier.
    pub promotions_in: u64,
    pub pressure_events: u64,
    /// Highest fill seen, 0..1.
    pub peak_fill: Measured<f64>,
    /// Of the look-ups (`get`).
    pub response_times: Distribution,
    /// Look-ups whose key is one more than that of the look-up before it in time; the others are random.
    pub sequential_accesses: Measured<u64>,
    pub random_accesses: Measured<u64>,
    /// Most looked-up keys with their counts, most first.
    pub hot_keys: Vec<HotKey>,
    pub distinct_keys: Measured<u64>,
}

/// A cache key and how often it was looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HotKey {
    pub key: u64,
    pub count: u64,
}

/// All circuit breakers of the run together, and each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Breaker {
    pub breakers: Vec<BreakerInstance>,
    /// Calls that came to a breaker.
    pub requests: u64,
    pub blocked: u64,
    /// (requests − blocked) / requests · 100, %.
    pub availability_percent: Measured<f64>,
    /// Recoveries that reached closed / (those + those that fell back to open), 0..1.
    pub recovery_success_rate: Measured<f64>,
    pub opened: u64,
    pub cost_activations: u64,
    /// USD.
    pub cost_blocked_usd: Measured<f64>,
}

/// One circuit breaker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BreakerInstance {
    /// The row's `instance`, or `default` where it is null.
    pub name: String,
    pub requests: u64,
    pub blocked: u64,
    pub availability_percent: Measured<f64>,
    pub recovery_success_rate: Measured<f64>,
    pub recoveries_succeeded: u64,
    pub recoveries_failed: u64,
    /// `closed->open`, `open->half_open`, `half_open->closed`, `half_open->open` → count; all four stand here.
    pub transitions: BTreeMap<String, u64>,
    /// State → seconds: `closed`, `half_open`, `open`; null without a state row or transition.
    pub time_in_state_s: Measured<BTreeMap<String, f64>>,
    pub cost_activations: u64,
    pub cost_blocked_usd: Measured<f64>,
    /// Each opening with the failure rate before it.
    pub openings: Vec<BreakerChange>,
    /// Each closing with the failure rate before it.
    pub closings: Vec<BreakerChange>,
    /// Mean duration of the breaker's calls in the configured window before an opening, ms.
    pub mean_ms_before_opening: Measured<f64>,
    /// … and after a recovery, ms.
    pub mean_ms_after_recovery: Measured<f64>,
}

/// A breaker that opened or closed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BreakerChange {
    /// µs since 1970.
    pub at_us: i64,
    /// The failure rate that the breaker says it saw (the row's `value`), 0..1.
    pub reported_failure_rate: Option<f64>,
    /// failed / (ok + failed) of the recorded calls that ended in the configured window before it, 0..1.
    pub measured_failure_rate: Measured<f64>,
    /// Calls in that window.
    pub calls: u64,
    /// The row's `detail`.
    pub cause: Option<String>,
}

/// The chain LightRAG → Perplexity → cached answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fallback {
    /// In chain order; a level without attempts has zero counts and null rates.
    pub levels: Vec<FallbackLevel>,
    /// Requests with at least one attempt at any level.
    pub requests_entered: u64,
    /// Of these, requests that a level answered.
    pub requests_answered: Measured<u64>,
    /// answered / entered, 0..1.
    pub overall_success: Measured<f64>,
    /// `request_id`, or `levels` when attempts carry no id (entered = attempts at the first level).
    pub counted_by: String,
    /// Attempts that carry no `request_id`; where others do, these are in the levels only.
    pub attempts_without_id: u64,
    /// Mean cost per answered request over all levels, USD.
    pub cost_per_answer_usd: Measured<f64>,
    /// success / (1 + mean cost per answered request).
    pub cost_efficiency: Measured<f64>,
    /// Requests that went past the first level / entered, 0..1.
    pub activation_rate: Measured<f64>,
}

/// One level of the chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FallbackLevel {
    /// `lightrag`, `perplexity`, `cache_fallback`.
    pub level: String,
    pub attempts: u64,
    pub successes: u64,
    pub success_rate: Measured<f64>,
    pub response_times: Distribution,
    pub total_cost_usd: Measured<f64>,
    pub mean_quality: Measured<f64>,
    /// Mean quality less that of the level before it.
    pub quality_change: Measured<f64>,
}

/// One component, whatever it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Component {
    pub component: String,
    pub calls: ComponentCalls,
    /// By operation, sorted; rows without an operation are in `calls` only.
    pub operations: Vec<Operation>,
}

/// One operation of a component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    pub operation: String,
    pub calls: ComponentCalls,
}

/// Calls of a component or of one of its operations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComponentCalls {
    pub counts: OutcomeCounts,
    /// ok / (ok + failed), 0..1.
    pub success_rate: Measured<f64>,
    /// Finished calls / window.
    pub throughput_per_s: Measured<f64>,
    pub all: Distribution,
    pub ok: Distribution,
    pub failed: Distribution,
    /// One per outcome word that is not of class ok.
    pub by_category: BTreeMap<String, Distribution>,
    /// USD.
    pub total_cost_usd: Measured<f64>,
    pub total_tokens_in: Measured<u64>,
    pub total_tokens_out: Measured<u64>,
    pub mean_queue_ms: Measured<f64>,
}

/// A metric that was sampled (`process` rows, gauges of custom components).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampledMetric {
    pub component: String,
    /// The row's `operation`, or `value` where it is null.
    pub metric: String,
    pub instance: Option<String>,
    /// From the metadata.
    pub role: Option<String>,
    pub n: u64,
    pub first: f64,
    pub last: f64,
    pub min: f64,
    pub mean: f64,
    pub max: f64,
    pub p50: Measured<f64>,
    pub p95: Measured<f64>,
}

/// How many of a component's finished calls are not the first attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Retries {
    pub component: String,
    /// Finished calls that carry their attempt.
    pub calls: u64,
    /// Of these, the second attempt or a later one.
    pub retried: u64,
    /// retried / calls, 0..1.
    pub share: f64,
    pub highest_attempt: u32,
}

/// Where the time of the requests went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimeSpent {
    /// Requests that could be attributed (finished, with a duration and a `request_id` of their own).
    pub requests: u64,
    /// Requests left out, by reason.
    pub left_out: BTreeMap<String, u64>,
    /// Sum of their durations, ms.
    pub total_ms: f64,
    /// Component (and `unattributed`) → share; they add up to 1. Largest first, ties by name.
    pub shares: Vec<TimeShare>,
}

/// One component's part of the requests' time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimeShare {
    pub component: String,
    pub total_ms: f64,
    /// 0..1.
    pub share: f64,
}

/// Where the time of the slow requests went, and how much more of it than in the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlowTimeSpent {
    /// Requests that took longer than this, ms, are slow.
    pub above_ms: f64,
    pub slow: TimeSpent,
    /// Per component: its mean time in a slow request less its mean time in the others; the excesses add up to the
    /// excess of the whole. Largest first.
    pub excess: Vec<TimeExcess>,
}

/// One component's part of what makes slow requests slow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimeExcess {
    pub component: String,
    /// Mean per slow request less mean per other request, ms; may be negative.
    pub excess_ms: f64,
    /// Of the whole excess; they add up to 1.
    pub share: f64,
}

/// One of the slowest requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlowRequest {
    /// Start, µs since 1970.
    pub start_us: i64,
    pub duration_ms: f64,
    pub request_id: Option<u64>,
    pub user_id: Option<u32>,
    pub operation: Option<String>,
    pub outcome: Option<String>,
    pub answered_by: Option<String>,
    /// The component calls that carry its id, by start.
    pub chain: Vec<ChainCall>,
}

/// A component call within a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChainCall {
    pub component: String,
    pub operation: Option<String>,
    pub outcome: Option<String>,
    /// Start after the request's start, ms.
    pub offset_ms: f64,
    pub duration_ms: Option<f64>,
}

/// A marker in the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// µs since 1970.
    pub at_us: i64,
    pub name: String,
}

/// What was used, what was not, and what is odd about the recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataQuality {
    pub rows_total: u64,
    pub rows_used: u64,
    /// Reason → rows left out. `rows_used` + these = `rows_total`.
    pub rows_left_out: Vec<RowFault>,
    /// Contract columns that the run does not have.
    pub missing_columns: Vec<String>,
    /// Columns that are not of the contract, ignored.
    pub extra_columns: Vec<String>,
    /// Everything else the reader had to decide ("timestamps in ns, cut to µs").
    pub load_notes: Vec<String>,
    /// `verified`, `unverified`.
    pub integrity: String,
    /// From the metadata: false while a recording is unfinished.
    pub complete: Option<bool>,
    /// Sampling of `process` rows.
    pub sampler: Measured<SamplerQuality>,
    /// Stretches without any event longer than the configured gap.
    pub gaps: Vec<Gap>,
    /// The load generator used more than the configured share of a core.
    pub load_generator_saturated: Measured<bool>,
}

/// How steadily the sampler ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SamplerQuality {
    /// Expected distance of two samples, ms.
    pub interval_ms: f64,
    /// Distinct sampling instants seen.
    pub samples: u64,
    /// Ticks between the first and the last sample in which none fell.
    pub missed_ticks: u64,
    /// |distance − interval| of neighbouring samples: median and maximum, ms.
    pub jitter_p50_ms: f64,
    pub jitter_max_ms: f64,
    /// Places where time ran backwards from one row to the next in the file.
    pub clock_steps: u64,
}

/// A stretch without events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// µs since 1970.
    pub start_us: i64,
    pub end_us: i64,
}

/// How a run went over time: what its window is found by, before any number of it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// The whole run.
    pub window: Window,
    pub phases: Vec<Phase>,
    /// `closed` or `open`, where the metadata tell.
    pub load_model: Option<String>,
    /// Place of the requests among the components of `series`; none where the run has none.
    pub requests: Option<usize>,
    pub series: Series,
}

/// Series over time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// Sorted by resolution and component; none without ticks.
    pub calls: Vec<CallTicks>,
    /// What was sampled: `metric` of a `process` row; `component.metric` otherwise; `[instance]` behind it where there is
    /// one. Sorted by component, metric, instance.
    pub metrics: Vec<String>,
    /// Sorted by time, component, metric, instance.
    pub samples: SamplePoints,
    /// One for each second in which requests ended, ascending.
    pub request_seconds: Vec<SecondOfRequests>,
    /// One for each second in which the cache was asked, ascending.
    pub lookup_seconds: Vec<SecondOfLookups>,
    /// Resident memory of the service, MB, and its CPU, % of one core: (µs since 1970, sum of the instances), by time.
    pub service_memory_mb: Vec<(i64, f64)>,
    pub service_cpu_percent: Vec<(i64, f64)>,
    /// When the run's last request started, µs since 1970: from then on it only drains.
    pub last_request_start_us: Option<i64>,
}

impl Series {
    /// The ticks of a component at a resolution.
    pub fn ticks_of(&self, component: usize, resolution_ms: u32) -> impl Iterator<Item = CallTick> {
        let is_it =
            move |calls: &&CallTicks| (calls.component, calls.resolution_ms) == (component, resolution_ms);
        self.calls.iter().find(is_it).into_iter().flat_map(CallTicks::ticks)
    }
}

/// The requests that ended in one second of the clock.
///
/// The durations are shared by the whole run and the judged window.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SecondOfRequests {
    /// µs since 1970.
    pub start_us: i64,
    /// Of all finished requests, ascending, ms.
    pub durations_ms: Arc<[f64]>,
    /// Of the successful ones, ascending, ms.
    pub ok_durations_ms: Arc<[f64]>,
    /// Finished requests, however they ended.
    pub count: u64,
    pub ok: u64,
    pub failed: u64,
}

/// The cache look-ups that were made in one second of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondOfLookups {
    /// µs since 1970.
    pub start_us: i64,
    pub lookups: u64,
    /// Of these, answered by a tier.
    pub hits: u64,
}
