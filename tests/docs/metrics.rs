//! The catalogue of metrics as a table for readers.

use cmo_metrics::config::Config;
use cmo_metrics::metrics::{self, Better, Metric};

pub(crate) fn table() -> String {
    let mut text = String::from(
        "| metric | of | window | unit | better | scale | meaning |\n|---|---|---|---|---|---|---|\n",
    );
    for (component, metric) in Metric::with_components() {
        let better = match metric.better {
            Better::Lower => "lower",
            Better::Higher => "higher",
            Better::Neither => "",
        };
        let scale = if metric.is_compared { metric.scale.word() } else { "" };
        let slash = if component.ends_with('.') { "" } else { "/" };
        text += &format!(
            "| `{component}{slash}{}` | {} | {} | {} | {better} | {scale} | {} |\n",
            metric.name,
            metric.population.words(),
            metric.window.words(),
            metric.unit.word(),
            metric.meaning,
        );
    }
    text
}

/// The columns of `runs.parquet` that are headline metrics.
pub(crate) fn columns_of_runs() -> String {
    let mut text = String::from("| column | type | unit | of | meaning |\n|---|---|---|---|---|\n");
    for key in metrics::headlines(&Config::defaults().measure.quantiles) {
        let metric = metrics::metric_of(&key).unwrap();
        text += &format!(
            "| `{}` | float64 | {} | {} | {} |\n",
            metrics::column_of(&key),
            metric.unit.word(),
            metric.population.words(),
            metric.meaning
        );
    }
    text
}
