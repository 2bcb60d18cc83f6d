//! What measuring yields: plain structs, no Polars, no rules. One `RunSummary` describes one run.

mod breaker;
mod cache;
mod comparable;
mod components;
mod data_quality;
mod distribution;
mod error_cause;
mod fallback;
#[cfg(test)]
pub(crate) mod fixture;
mod goodput;
mod lightrag;
mod load;
mod measured;
mod model_calls;
mod requests;
mod resources;
mod run;
mod samples;
mod ticks;
mod time_spent;
mod timeline;
mod window;

pub use crate::contract::RowFault;
pub use breaker::{Breaker, BreakerChange, BreakerInstance};
pub use cache::{Cache, CacheTier, HotKey};
pub use comparable::{ComparableMetric, LostUsers, Spread};
pub use components::{Component, ComponentCalls, CountedBy, Operation, OutcomeCounts, Retries};
pub use data_quality::{DataQuality, Gap, LeftOut, SamplerQuality};
pub use distribution::{Distribution, Quantile, quantile_name};
pub use error_cause::{ErrorCause, without_ids};
pub use fallback::{Fallback, FallbackLevel};
pub use goodput::Goodput;
pub use lightrag::{Lightrag, ModeShare};
pub use load::{LoadSecond, LoadSeconds, PartOfLoad, Parts};
pub use measured::{Measured, Undefined};
pub use model_calls::{ModelCalls, TokenCounts, TokenQuantile};
pub use requests::{ErrorCategory, RequestSummary, Throughput, Totals};
pub use resources::{Cpu, Memory, Resources, SampledMetric};
pub use run::{RunIdentity, RunSummary};
pub use samples::{SamplePoint, SamplePoints};
pub use ticks::{CallTick, CallTicks, MaybeMs, PackedTicks};
pub use time_spent::{ChainCall, SlowRequest, SlowTimeSpent, TimeExcess, TimeShare, TimeSpent};
pub use timeline::{Phase, RunTimeline, SecondOfLookups, SecondOfRequests, Series};
pub use window::{Window, WindowName};
