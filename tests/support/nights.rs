//! Runs of nights that are known in advance.

use std::sync::Arc;

use arrow_array::Float64Array;
use serde_json::{Value, json};

use super::Bench;
use super::files::{requests, to_batch, with};

const ROWS: usize = 1_000;

impl Bench {
    /// The run of a day of November 2026, whose response times are so many times the usual ones, as `<path>.parquet`; `more` is
    /// put into its metadata.
    pub fn write_night(&self, path: &str, day: usize, factor: f64, more: &Value) {
        let mut metadata = json!({
            "run_id": path.rsplit('/').next(), "users": 50, "scenario": "steady", "load_model": "closed",
            "started_at": format!("2026-11-{day:02}T01:00:00Z"), "git_commit": format!("{day:08x}ffff"), "complete": true,
            "environment": {"cpus": 2, "memory_mb": 16000, "os": "linux"}, "tags": {"build": format!("b{day}")}
        });
        for (key, value) in more.as_object().unwrap() {
            metadata[key] = value.clone();
        }
        // Each night has a little of its own.
        let own = 1.0 + (day * 7 % 5) as f64 / 250.0;
        let times = (0..ROWS).map(|row| factor * own * (10.0 + (row * 37 % 100) as f64 / 10.0));
        let columns = with(requests(ROWS), "duration_ms", Arc::new(Float64Array::from_iter_values(times)));
        self.write_run(&format!("{path}.parquet"), &to_batch(columns), Some(&metadata.to_string()));
    }
}
