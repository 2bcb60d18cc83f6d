//! Which metric moves with which over the runs: Spearman's coefficient of every pair, Holm over all pairs.

use super::RunNumbers;
use crate::config::AcrossRunsSettings;
use crate::judge::verdicts::{RelatedPair, RelationLeftOut};
use crate::metrics::{MetricKey, REQUEST};
use crate::stats::correlation::{spearman, spearman_interval};
use crate::stats::moments::mean;
use crate::stats::multiple::holm;
use crate::stats::permutation::OrderCounts;
use crate::summary::Measured;
use crate::units::{Unit, coefficient};

/// The metric that is no number of the run but what was asked of it.
const USERS: &str = "users";
/// How many pairs the sentence names.
const NAMED: usize = 3;

/// All pairs of the configured metrics, strongest first, and those that cannot be judged.
pub fn relate(
    runs: &[&RunNumbers],
    settings: &AcrossRunsSettings,
) -> (Measured<Vec<RelatedPair>>, Vec<RelationLeftOut>) {
    if (runs.len() as u64) < settings.min_runs {
        let reason = format!("runs: {}, at least {} needed", runs.len(), settings.min_runs);
        return (Measured::undefined(reason), Vec::new());
    }
    let series: Vec<(&str, Vec<Option<f64>>)> =
        settings.metrics.iter().map(|name| (name.as_str(), values(runs, name))).collect();
    // A metric that no run has is not there: its pairs are not worth a line each.
    let series: Vec<_> =
        series.into_iter().filter(|(_, values)| values.iter().any(Option::is_some)).collect();
    let (mut pairs, mut left_out, mut counts) = (Vec::new(), Vec::new(), OrderCounts::default());
    for (index, a) in series.iter().enumerate() {
        for b in &series[index + 1..] {
            let found = match one_thing((a.0, b.0), runs, settings) {
                Some(reason) => Err(reason),
                None => pair(a, b, settings, &mut counts),
            };
            match found {
                Ok(found) => pairs.push(found),
                Err(reason) => {
                    left_out.push(RelationLeftOut { a: a.0.to_owned(), b: b.0.to_owned(), reason })
                }
            }
        }
    }
    adjust(&mut pairs, settings);
    (Measured::Value(pairs), left_out)
}

/// Why two metrics are one thing seen twice.
fn one_thing((a, b): (&str, &str), runs: &[&RunNumbers], settings: &AcrossRunsSettings) -> Option<String> {
    let holds = |group: &Vec<String>, name: &str| group.iter().any(|of_group| of_group == name);
    if settings.one_thing.iter().any(|group| holds(group, a) && holds(group, b)) {
        return Some("one thing seen twice".to_owned());
    }
    let parts = |name| MetricKey::parse(name).ok().filter(|key| key.operation.is_none());
    let (of_a, of_b) = (parts(a)?, parts(b)?);
    let part = match (of_a.component.as_str(), of_b.component.as_str()) {
        (REQUEST, _) if of_a.statistic == of_b.statistic => of_b.component,
        (_, REQUEST) if of_a.statistic == of_b.statistic => of_a.component,
        _ => return None,
    };
    let is_time = of_a.statistic.ends_with("_ms");
    let shares: Vec<f64> = runs
        .iter()
        .filter_map(|run| run.shares.iter().find(|(component, _)| *component == part))
        .map(|(_, share)| *share)
        .collect();
    let share = mean(&shares).filter(|share| is_time && *share >= settings.nearly_all_share)?;
    Some(format!("{part} is {} of the requests' time", Unit::Ratio.print(share)))
}

fn values(runs: &[&RunNumbers], name: &str) -> Vec<Option<f64>> {
    let of = |run: &&RunNumbers| match name {
        USERS => run.users.map(f64::from),
        _ => run.metrics.iter().find(|(metric, _)| metric == name).and_then(|(_, value)| *value),
    };
    runs.iter().map(of).map(|value| value.filter(|value| value.is_finite())).collect()
}

type Series<'a> = (&'a str, Vec<Option<f64>>);

fn pair(
    (a, of_a): &Series<'_>,
    (b, of_b): &Series<'_>,
    settings: &AcrossRunsSettings,
    counts: &mut OrderCounts,
) -> Result<RelatedPair, String> {
    let (x, y): (Vec<f64>, Vec<f64>) = of_a.iter().zip(of_b).filter_map(|(x, y)| (*x).zip(*y)).unzip();
    let n = x.len() as u64;
    if n < settings.min_runs {
        return Err(format!("runs that have both: {n}, at least {} needed", settings.min_runs));
    }
    let found = spearman(&x, &y).zip(counts.spearman_p(&x, &y));
    let Some((coefficient, p)) = found else {
        return Err("one of them does not vary among the runs".to_owned());
    };
    Ok(RelatedPair {
        a: (*a).to_owned(),
        b: (*b).to_owned(),
        n,
        coefficient,
        interval: Measured::or(
            spearman_interval(coefficient, n as f64, settings.confidence),
            "fewer than 4 runs",
        ),
        p,
        adjusted_p: p,
        significant: false,
        word: "not shown".to_owned(),
    })
}

fn adjust(pairs: &mut [RelatedPair], settings: &AcrossRunsSettings) {
    let adjusted = holm(&pairs.iter().map(|pair| pair.p).collect::<Vec<f64>>());
    for (pair, adjusted) in pairs.iter_mut().zip(adjusted) {
        pair.adjusted_p = adjusted;
        pair.significant = adjusted < settings.alpha;
        pair.word = match (pair.significant, pair.coefficient > 0.0) {
            (false, _) => "not shown",
            (true, true) => "together",
            (true, false) => "opposite",
        }
        .to_owned();
    }
    pairs.sort_by(|one, other| {
        let strength = |pair: &RelatedPair| pair.coefficient.abs();
        strength(other).total_cmp(&strength(one)).then_with(|| (&one.a, &one.b).cmp(&(&other.a, &other.b)))
    });
}

pub fn sentence(pairs: &Measured<Vec<RelatedPair>>, runs: usize) -> String {
    let pairs = match pairs {
        Measured::Value(pairs) => pairs,
        Measured::Undefined(undefined) => {
            return format!("Which metrics move together over the runs is unknown: {}.", undefined.reason());
        }
    };
    let shown: Vec<&RelatedPair> = pairs.iter().filter(|pair| pair.significant).collect();
    if shown.is_empty() {
        return format!(
            "Of {} pairs of metrics none is shown to move together over {runs} runs.",
            pairs.len()
        );
    }
    let name = |pair: &&RelatedPair| {
        let way = if pair.coefficient > 0.0 { "moves with" } else { "moves against" };
        format!(
            "{} {way} {} (rank correlation {}, {} runs)",
            pair.a,
            pair.b,
            coefficient(pair.coefficient),
            pair.n
        )
    };
    let named: Vec<String> = shown.iter().take(NAMED).map(name).collect();
    let more = match shown.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more of {} pairs", pairs.len()),
    };
    format!("Over the runs, {}{more}.", named.join(", "))
}
