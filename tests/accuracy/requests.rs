//! Published quantiles of real requests to hosted language models (LLMPerf leaderboard, 2023).

use std::collections::BTreeMap;
use std::path::Path;

use cmo_metrics::stats::quantile::{type7_select, type7_sorted};

use crate::{Comparison, answers, json, number, rows};

/// Columns of the table with the names that the summaries give them.
const MEASURES: &[(usize, &str)] =
    &[(4, "ttft_s"), (5, "inter_token_latency_s"), (6, "end_to_end_latency_s")];

/// The values of column `index` of each run (provider and model size), over rows without an error.
fn values_by_run(file: &Path, index: usize) -> BTreeMap<String, Vec<f64>> {
    let mut runs: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for row in rows(file).iter().filter(|row| row[3].is_empty()) {
        runs.entry(format!("{}_{}", row[0], row[1])).or_default().push(row[index].parse().unwrap());
    }
    runs
}

#[test]
fn quantiles_are_the_published_ones() {
    let Some(folder) = answers("LLMPerf quantiles").map(|folder| folder.join("llmperf")) else { return };
    let summaries = json(&folder.join("published_summaries.json"));
    let mut comparison = Comparison::default();
    for (index, measure) in MEASURES {
        let runs = values_by_run(&folder.join("requests.csv"), *index);
        assert_eq!(runs.len(), summaries.as_object().unwrap().len());
        for (run, mut values) in runs {
            let percents = [25, 50, 75, 90, 95, 99];
            let selected =
                type7_select(&mut values, &percents.map(|percent| f64::from(percent) / 100.0)).unwrap();
            values.sort_by(f64::total_cmp);
            for (percent, selected) in percents.into_iter().zip(selected) {
                let key = format!("results_{measure}_quantiles_p{percent}");
                let published = number(&summaries[&run][&key]);
                comparison.expect(&format!("{run} {key}"), Some(selected), published, 1e-12);
                assert_eq!(type7_sorted(&values, f64::from(percent) / 100.0), Some(selected));
            }
        }
    }
    comparison.finish(19 * 3 * 6);
}
