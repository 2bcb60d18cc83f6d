//! Values that have the right type and still cannot be meant: a share of 5, a scale out of order.

use super::bounds::{
    Checked, at_least, at_least_one, finite, hold, not_negative, percent, positive, probability, share,
};
use super::error::Fault;
use super::{CUSTOM_TARGETS, Config, FAIL, Levels, MetricRule, Target, targets};
use crate::metrics::{self, Metric, MetricKey};
use crate::summary::quantile_name;
use crate::units::Unit;

/// Checks every value of `config`; the first fault names its key.
pub fn check(config: &Config) -> Checked {
    check_numbers(config)?;
    check_record(config)?;
    check_comparison(config)?;
    config.history.check()?;
    config.opportunities.check()?;
    config.scalability.check()?;
    config.across_runs.check(&config.measure.quantiles)?;
    config.advice.check()?;
    check_scale(config)?;
    check_health(config)?;
    check_bands(config)?;
    for (name, target) in &config.targets {
        check_named(name, target)
            .map_err(|problem| Fault { key: vec!["targets".into(), name.clone()], problem })?;
    }
    for (name, target) in &config.custom_targets {
        check_custom(name, target, config)
            .map_err(|problem| Fault { key: vec![CUSTOM_TARGETS.into(), name.clone()], problem })?;
    }
    Ok(())
}

fn check_numbers(config: &Config) -> Checked {
    let measure = &config.measure;
    share("run.max_faulty_row_share", config.run.max_faulty_row_share)?;
    share("run.max_left_out_share", config.run.max_left_out_share)?;
    share("run.max_silent_share", config.run.max_silent_share)?;
    share("run.max_overlapping_share", config.run.max_overlapping_share)?;
    at_least_one("run.max_rows_per_byte", config.run.max_rows_per_byte)?;
    at_least_one("run.max_rows_per_file", config.run.max_rows_per_file)?;
    at_least_one("run.max_uncompressed_mb_per_file", config.run.max_uncompressed_mb_per_file)?;
    at_least_one("run.max_column_chunk_mb", config.run.max_column_chunk_mb)?;
    at_least("run.max_name_bytes", config.run.max_name_bytes as u64, 16)?;
    at_least("run.max_detail_bytes", config.run.max_detail_bytes as u64, 16)?;
    check_quantiles("measure.quantiles", &measure.quantiles, |q| q > 0.0 && q < 1.0, "between 0 and 1")?;
    if let Some(missing) = REQUIRED_QUANTILES.iter().find(|q| !measure.quantiles.contains(q)) {
        return Err(Fault::new("measure.quantiles", format!("must hold {missing}: verdicts rest on it")));
    }
    let is_measured = |q: f64| measure.quantiles.contains(&q);
    let compared = &config.regression.quantiles;
    check_quantiles("regression.quantiles", compared, is_measured, "one of `measure.quantiles`")?;
    at_least_one("measure.min_samples_beyond_quantile", measure.min_samples_beyond_quantile)?;
    at_least_one("measure.min_samples_for_quantile", measure.min_samples_for_quantile)?;
    probability("target_conditions.proof_alpha", config.target_conditions.proof_alpha)?;
    positive("measure.recent_window_s", measure.recent_window_s)?;
    positive("measure.breaker_window_s", measure.breaker_window_s)?;
    positive("measure.breaker_context_s", measure.breaker_context_s)?;
    positive("measure.gap_s", measure.gap_s)?;
    positive("measure.sample_interval_ms", measure.sample_interval_ms)?;
    at_least_one("grade.min_requests_per_bin", config.grade.min_requests_per_bin)?;
    positive("cache.penalty_divisor_ms", config.cache.penalty_divisor_ms)?;
    not_negative("cache.slow_above_ms", config.cache.slow_above_ms)?;
    share("cache.max_penalty", config.cache.max_penalty)?;
    for (index, weight) in config.cache.tier_weights.iter().enumerate() {
        not_negative(&format!("cache.tier_weights.[{index}]"), *weight)?;
    }
    if config.cache.tier_weights.iter().all(|weight| *weight == 0.0) {
        return Err(Fault::new("cache.tier_weights", "must hold a weight above 0"));
    }
    percent("breaker.expected_availability_percent", config.breaker.expected_availability_percent)?;
    share("breaker.expected_recovery", config.breaker.expected_recovery)?;
    let saturated = config.resources.load_generator_saturated_percent;
    positive("resources.load_generator_saturated_percent", saturated)
}

/// Verdicts and summaries rest on these.
const REQUIRED_QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];

fn check_quantiles(key: &str, quantiles: &[f64], is_fine: impl Fn(f64) -> bool, wanted: &str) -> Checked {
    for (index, &q) in quantiles.iter().enumerate() {
        hold(&format!("{key}.[{index}]"), q, is_fine(q), wanted)?;
    }
    if quantiles.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(Fault::new(key, "must ascend"));
    }
    let names = |pair: &[f64]| quantile_name(pair[0]) == quantile_name(pair[1]);
    if let Some(pair) = quantiles.windows(2).find(|pair| names(pair)) {
        let problem =
            format!("holds {} and {}, whose name is one: {}", pair[0], pair[1], quantile_name(pair[0]));
        return Err(Fault::new(key, problem));
    }
    Ok(())
}

fn check_comparison(config: &Config) -> Checked {
    let (window, trend, regression) = (&config.window, &config.trend, &config.regression);
    window.check()?;
    probability("trend.alpha", trend.alpha)?;
    if let Some((name, _)) =
        targets::NAMED_SERIES.iter().find(|(name, _)| trend.good_direction.contains_key(*name))
    {
        let key = vec!["trend".into(), "good_direction".into(), (*name).into()];
        return Err(Fault {
            key,
            problem: "must not stand here: which way it is better follows from the metric".into(),
        });
    }
    at_least_one("trend.waves", trend.waves as u64)?;
    at_least("trend.min_points", trend.min_points as u64, 4)?;
    at_least("trend.max_points", trend.max_points as u64, trend.min_points as u64)?;
    at_least_one("trend.bin_s", trend.bin_s)?;
    at_least_one("trend.min_requests_per_bin", trend.min_requests_per_bin)?;
    at_least_one("trend.min_requests_per_p95_bin", trend.min_requests_per_p95_bin)?;
    not_negative("trend.volatile_above_cv", trend.volatile_above_cv)?;
    not_negative("trend.margin", trend.margin)?;
    not_negative("trend.margin_points", trend.margin_points)?;
    probability("correlation.alpha", config.correlation.alpha)?;
    share("correlation.nearly_all_share", config.correlation.nearly_all_share)?;
    at_least("correlation.max_components", config.correlation.max_components as u64, 2)?;
    at_least("correlation.min_seconds", config.correlation.min_seconds as u64, 4)?;
    positive("leak.floor_window_s", config.leak.floor_window_s)?;
    probability("leak.confidence", config.leak.confidence)?;
    positive("leak.horizon_min", config.leak.horizon_min)?;
    probability("regression.alpha", regression.alpha)?;
    probability("regression.confidence", regression.confidence)?;
    probability("regression.power", regression.power)?;
    at_least("regression.min_batches", regression.min_batches as u64, 2)?;
    at_least("regression.batches", regression.batches as u64, regression.min_batches as u64)?;
    at_least_one("regression.min_beyond_per_batch", regression.min_beyond_per_batch)?;
    not_negative("regression.run_noise", regression.run_noise)?;
    not_negative("regression.run_noise_points", regression.run_noise_points)?;
    not_negative("regression.run_noise_amount", regression.run_noise_amount)?;
    positive("regression.run_noise_weight", regression.run_noise_weight)?;
    probability("regression.run_noise_doubted_at", regression.run_noise_doubted_at)?;
    positive("regression.run_noise_weight_doubted", regression.run_noise_weight_doubted)?;
    hold_at_least_1("regression.varies_more_from", regression.varies_more_from)?;
    probability("regression.starved_below", regression.starved_below)?;
    hold_at_least_1("regression.max_length_ratio", regression.max_length_ratio)?;
    at_least_one("regression.days_together", regression.days_together as u64)?;
    not_negative("regression.environment_memory_tolerance", regression.environment_memory_tolerance)?;
    regression.metrics.iter().try_for_each(|(name, rule)| check_rule(name, rule))
}

fn hold_at_least_1(key: &str, factor: f64) -> Checked {
    hold(key, factor, factor >= 1.0 && factor.is_finite(), "1 or more")
}

fn check_rule(name: &str, rule: &MetricRule) -> Checked {
    let fault = |problem: String| Fault {
        key: vec!["regression".into(), "metrics".into(), name.to_owned()],
        problem,
    };
    let limits = [Some(rule.margin), rule.medium, rule.high, rule.critical];
    let mut last = 0.0;
    for limit in limits.into_iter().flatten() {
        if !limit.is_finite() || limit < last {
            return Err(fault(format!(
                "has the limit {limit}: margin, medium, high and critical ascend from 0 on"
            )));
        }
        last = limit;
    }
    Ok(())
}

fn check_record(config: &Config) -> Checked {
    const DAY_S: f64 = 86_400.0;
    let record = &config.record;
    at_least_one("record.sample_interval_ms", record.sample_interval_ms)?;
    at_least_one("report.max_entries", config.report.max_entries as u64)?;
    at_least_one("record.max_line_kb", record.max_line_kb as u64)?;
    for (key, grace_s) in
        [("record.drain_grace_s", record.drain_grace_s), ("record.leftover_grace_s", record.leftover_grace_s)]
    {
        hold(key, grace_s, (0.0..=DAY_S).contains(&grace_s), "within 0..86400")?;
    }
    Ok(())
}

fn check_scale(config: &Config) -> Checked {
    let scale = &config.grade.scale;
    if scale.is_empty() {
        return Err(Fault::new("grade.scale", "must hold at least one grade"));
    }
    for (index, step) in scale.iter().enumerate() {
        share(&format!("grade.scale.[{index}].success_above"), step.success_above)?;
        positive(&format!("grade.scale.[{index}].p95_below_ms"), step.p95_below_ms)?;
        let is_taken = step.grade == FAIL || scale[..index].iter().any(|other| other.grade == step.grade);
        if is_taken {
            let problem = format!("is `{}`: each grade stands once, and F is what meets no row", step.grade);
            return Err(Fault::new(&format!("grade.scale.[{index}].grade"), problem));
        }
    }
    for (index, pair) in scale.windows(2).enumerate() {
        let (better, worse) = (&pair[0], &pair[1]);
        let is_ordered = better.success_above >= worse.success_above
            && better.p95_below_ms <= worse.p95_below_ms
            && better.score >= worse.score;
        if !is_ordered {
            let problem = format!(
                "({}) asks for more than the row before it ({}): put the best grade first",
                worse.grade, better.grade
            );
            return Err(Fault::new(&format!("grade.scale.[{}]", index + 1), problem));
        }
    }
    if scale.last().is_some_and(|worst| config.grade.fail_score > worst.score) {
        return Err(Fault::new("grade.fail_score", "must not be above the score of the worst grade"));
    }
    for (index, word) in config.grade.healthy.iter().enumerate() {
        if word != FAIL && !scale.iter().any(|step| step.grade == *word) {
            let problem = format!("is `{word}`, which is no grade of `grade.scale`");
            return Err(Fault::new(&format!("grade.healthy.[{index}]"), problem));
        }
    }
    Ok(())
}

fn check_health(config: &Config) -> Checked {
    let health = &config.health;
    levels("health.lightrag", &health.lightrag, |level| {
        vec![
            ("success_at_least", Some(level.success_at_least), Range::Share, true),
            ("mean_at_most_ms", level.mean_at_most_ms, Range::NotNegative, false),
        ]
    })?;
    levels("health.cache", &health.cache, |level| {
        vec![
            ("hit_rate_at_least", Some(level.hit_rate_at_least), Range::Share, true),
            ("effectiveness_at_least", level.effectiveness_at_least, Range::Share, true),
        ]
    })?;
    levels("health.circuit_breaker", &health.circuit_breaker, |level| {
        vec![
            ("availability_at_least", Some(level.availability_at_least), Range::Share, true),
            ("recovery_at_least", level.recovery_at_least, Range::Share, true),
        ]
    })?;
    levels("health.fallback_system", &health.fallback_system, |level| {
        vec![
            ("success_at_least", Some(level.success_at_least), Range::Share, true),
            ("cost_efficiency_at_least", level.cost_efficiency_at_least, Range::Share, true),
        ]
    })
}

#[derive(Clone, Copy)]
enum Range {
    Share,
    NotNegative,
}

/// One limit of a health level: its key, its value, what it may be, and whether a better level asks for more.
type Limit = (&'static str, Option<f64>, Range, bool);

fn levels<T>(key: &str, levels: &Levels<T>, limits: impl Fn(&T) -> Vec<Limit>) -> Checked {
    let named = [("healthy", &levels.healthy), ("warning", &levels.warning), ("critical", &levels.critical)];
    let mut stricter: Vec<Option<f64>> = Vec::new();
    for (word, level) in named {
        for (index, (name, value, range, is_minimum)) in limits(level).into_iter().enumerate() {
            let Some(value) = value else { continue };
            let key = format!("{key}.{word}.{name}");
            match range {
                Range::Share => share(&key, value)?,
                Range::NotNegative => not_negative(&key, value)?,
            }
            stricter.resize(stricter.len().max(index + 1), None);
            let is_ordered = stricter[index]
                .is_none_or(|better| if is_minimum { value <= better } else { value >= better });
            if !is_ordered {
                return Err(Fault::new(
                    &key,
                    format!("is {value}, which asks for more than a better word does"),
                ));
            }
            stricter[index] = Some(value);
        }
    }
    Ok(())
}

fn check_bands(config: &Config) -> Checked {
    let memory = config.resources.memory_growth_bands.iter().map(|band| band.below_mb);
    ascending("resources.memory_growth_bands", "below_mb", memory)?;
    let cpu = config.resources.cpu_bands.iter().map(|band| band.below_percent);
    ascending("resources.cpu_bands", "below_percent", cpu)
}

fn ascending(key: &str, name: &str, limits: impl Iterator<Item = f64>) -> Checked {
    let mut last = f64::NEG_INFINITY;
    for (index, limit) in limits.enumerate() {
        let key = format!("{key}.[{index}].{name}");
        finite(&key, limit)?;
        if limit <= last {
            return Err(Fault::new(&key, format!("is {limit}: put the bands in ascending order")));
        }
        last = limit;
    }
    Ok(())
}

/// What is wrong with a target of `[targets]`, going on after its key.
pub fn check_named(name: &str, target: &Target) -> Result<(), String> {
    let metric = targets::key_of(name).and_then(|key| MetricKey::parse(key).ok());
    check_target(metric.as_ref().and_then(metrics::metric_of), target)
}

/// What is wrong with a custom target: its key is read, too.
pub fn check_custom(key: &str, target: &Target, config: &Config) -> Result<(), String> {
    let metric = metrics::check_key(key, &config.measure.quantiles)?;
    check_target(Some(metric), target)
}

fn check_target(metric: Option<&Metric>, target: &Target) -> Result<(), String> {
    let limit = match (target.above, target.below) {
        (Some(limit), None) | (None, Some(limit)) => limit,
        (Some(_), Some(_)) => return Err("has both `above` and `below`: a target has one of them".into()),
        (None, None) => return Err("has neither `above` nor `below`: a target has one of them".into()),
    };
    if !limit.is_finite() {
        return Err(format!("has the limit {limit}, which is no number"));
    }
    let is_share = metric.is_some_and(|metric| metric.unit == Unit::Ratio);
    if is_share && !(0.0..=1.0).contains(&limit) {
        return Err(format!("has the limit {limit}: a share lies within 0..1"));
    }
    Ok(())
}
