//! 3 Judging: pure functions from a summary and the settings to verdicts.

mod across_runs;
mod attention;
mod bands;
mod breaker;
mod comparability;
mod correlation;
mod grade;
mod grade_over_time;
mod health;
mod leak;
mod proof;
mod regression;
mod scalability;
mod targets;
mod trend;
mod verdicts;
mod whole_seconds;
mod window;

pub use across_runs::{RunNumbers, relate_runs};
pub use attention::{concerns, system_health};
pub use bands::{cpu_band, memory_band};
pub use breaker::breaks_as_expected;
pub use comparability::{Field, GroupChoice, compare_conditions, environment_text, select_group};
pub use correlation::correlate_components;
pub use grade::grade_run;
pub use grade_over_time::grade_over_time;
pub use health::judge_health;
pub use leak::judge_leak;
pub use proof::{is_quantile_beyond, is_surely_above, is_surely_below};
pub use regression::{ComparisonOptions, compare_with_baseline};
pub use scalability::{LoadPoint, judge_scalability, load_axis};
pub use targets::judge_targets;
pub use trend::{judge_trends, performance_trend};
pub use verdicts::*;
pub use window::{WindowChoice, WindowError, find_window};
