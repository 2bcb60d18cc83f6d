//! Which components move together over time: rank correlation of their mean response times per second.

use super::verdicts::{CorrelatedPair, Correlation, PairLeftOut};
use crate::config::{Config, CorrelationSettings};
use crate::metrics::{BREAKER, REQUEST};
use crate::stats::correlation::{Movement, correlation_p, spearman_interval};
use crate::stats::least_squares::line;
use crate::stats::multiple::holm;
use crate::summary::{Measured, RunSummary};
use crate::units::Unit;

/// The resolution of the series that is looked at, ms.
const RESOLUTION_MS: u32 = 1000;

/// Every pair of components of the run, `request` among them. Both series lose their straight line first, so that a
/// common drift is not called moving together. Undefined with fewer than two components that have times.
pub fn correlate_components(summary: &RunSummary, config: &Config) -> Measured<Correlation> {
    let series = series_by_component(summary, config.correlation.max_components);
    if series.len() < 2 {
        return Measured::undefined("fewer than two components with response times");
    }
    let (mut pairs, mut left_out) = (Vec::new(), Vec::new());
    for (index, a) in series.iter().enumerate() {
        for b in &series[index + 1..] {
            let (of_a, of_b) = (a.component, b.component);
            let found = match one_thing((of_a, of_b), summary, &config.correlation) {
                Some(reason) => Err(reason),
                None => correlate(a, b, &config.correlation),
            };
            match found {
                Ok(found) => pairs.push(found.between(of_a, of_b)),
                Err(reason) => {
                    left_out.push(PairLeftOut { a: of_a.to_owned(), b: of_b.to_owned(), reason });
                }
            }
        }
    }
    adjust(&mut pairs, &config.correlation);
    pairs.sort_by(|one, other| {
        let strength = |pair: &CorrelatedPair| pair.coefficient.abs();
        strength(other).total_cmp(&strength(one)).then_with(|| (&one.a, &one.b).cmp(&(&other.a, &other.b)))
    });
    Measured::Value(Correlation { pairs, left_out })
}

/// Why two components are one thing seen twice: a breaker's times are those of the calls that it guards, and what is nearly all of
/// the requests' time moves as they do.
fn one_thing((a, b): (&str, &str), summary: &RunSummary, settings: &CorrelationSettings) -> Option<String> {
    if [a, b].contains(&BREAKER) {
        return Some("the breaker's times are those of the calls that it guards".to_owned());
    }
    let part = match (a, b) {
        (REQUEST, part) | (part, REQUEST) => part,
        _ => return None,
    };
    let shares = &summary.time_spent.value()?.shares;
    let share = shares.iter().find(|share| share.component == part)?.share;
    (share >= settings.nearly_all_share)
        .then(|| format!("{part} is {} of the requests' time", Unit::Ratio.print(share)))
}

/// Numbers by second: (start in µs since 1970, number), ascending.
type Seconds = Vec<(i64, f64)>;

/// Mean response times of the seconds in which calls of a component ended, ms.
struct Series<'a> {
    component: &'a str,
    seconds: Seconds,
    /// How they move over all of these seconds: most pairs have them in common.
    movement: Option<Movement>,
}

/// The components that have times, by name; of more than `most` those that have them in the most seconds.
fn series_by_component(summary: &RunSummary, most: usize) -> Vec<Series<'_>> {
    let of_seconds = summary.series.calls.iter().filter(|calls| calls.resolution_ms == RESOLUTION_MS);
    let mut all: Vec<Series<'_>> = of_seconds
        .filter_map(|calls| {
            let ticks = calls.ticks();
            let seconds: Seconds =
                ticks.filter_map(|tick| Some((tick.start_us, tick.mean_ms.get()?))).collect();
            let component = &summary.components[calls.component].component;
            (!seconds.is_empty()).then(|| Series { component, movement: movement(&seconds), seconds })
        })
        .collect();
    all.sort_by_key(|series| (std::cmp::Reverse(series.seconds.len()), series.component));
    all.truncate(most);
    all.sort_by_key(|series| series.component);
    all
}

/// What two series say of one another, before all pairs are looked at together.
struct Found {
    coefficient: f64,
    seconds: usize,
    effective: f64,
    p: f64,
}

impl Found {
    fn between(self, a: &str, b: &str) -> CorrelatedPair {
        CorrelatedPair {
            a: a.to_owned(),
            b: b.to_owned(),
            coefficient: self.coefficient,
            interval: Measured::undefined("fewer than 4 independent seconds"),
            seconds: self.seconds as u64,
            effective_seconds: self.effective,
            p: self.p,
            significant: false,
            word: "not shown".to_owned(),
        }
    }
}

fn correlate(a: &Series<'_>, b: &Series<'_>, settings: &CorrelationSettings) -> Result<Found, String> {
    let (of_a, of_b) = common(&a.seconds, &b.seconds);
    let seconds = of_a.len();
    if seconds < settings.min_seconds {
        return Err(format!("common seconds: {seconds}, at least {} needed", settings.min_seconds));
    }
    let movement_over = |series: &Series<'_>, common: &[(i64, f64)]| {
        if common.len() == series.seconds.len() { None } else { Some(movement(common)) }
    };
    let (over_a, over_b) = (movement_over(a, &of_a), movement_over(b, &of_b));
    let x = over_a.as_ref().unwrap_or(&a.movement).as_ref();
    let y = over_b.as_ref().unwrap_or(&b.movement).as_ref();
    let found = x.zip(y).and_then(|(x, y)| {
        let (coefficient, effective) = (x.spearman(y)?, x.effective_pairs(y)?);
        Some(Found { coefficient, seconds, effective, p: correlation_p(coefficient, effective)? })
    });
    found.ok_or_else(|| "one of the series does not vary".to_owned())
}

/// The seconds that both have, with the value of each.
fn common(a: &[(i64, f64)], b: &[(i64, f64)]) -> (Seconds, Seconds) {
    let mut rest = b;
    let both = a.iter().filter_map(|&of_a| {
        let before = rest.iter().take_while(|(start_us, _)| *start_us < of_a.0).count();
        rest = &rest[before..];
        rest.first().filter(|of_b| of_b.0 == of_a.0).map(|&of_b| (of_a, of_b))
    });
    both.unzip()
}

/// How the values move around their straight line; `None` where nothing but the line is in them.
fn movement(seconds: &[(i64, f64)]) -> Option<Movement> {
    let at_s = |start_us: i64| start_us as f64 / 1e6;
    let first = at_s(seconds.first()?.0);
    let (at, values): (Vec<f64>, Vec<f64>) =
        seconds.iter().map(|&(start_us, value)| (at_s(start_us) - first, value)).unzip();
    if values.iter().all(|value| *value == values[0]) {
        return None;
    }
    let line = line(&at, &values)?;
    let around = at.iter().zip(&values).map(|(at, value)| value - line.intercept - line.slope * at);
    Movement::of(&around.collect::<Vec<f64>>())
}

/// p over all pairs (Holm), intervals, and the words.
fn adjust(pairs: &mut [CorrelatedPair], settings: &CorrelationSettings) {
    let adjusted = holm(&pairs.iter().map(|pair| pair.p).collect::<Vec<f64>>());
    for (pair, p) in pairs.iter_mut().zip(adjusted) {
        let interval = spearman_interval(pair.coefficient, pair.effective_seconds, 1.0 - settings.alpha);
        pair.interval = Measured::or(interval, "fewer than 4 independent seconds");
        pair.p = p;
        pair.significant = p < settings.alpha;
        pair.word = match (pair.significant, pair.coefficient > 0.0) {
            (false, _) => "not shown",
            (true, true) => "together",
            (true, false) => "opposite",
        }
        .to_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::{CallTick, fixture};

    /// Seconds of three components: `time_ms` of each by second.
    fn run(seconds: i64, time_ms: [&dyn Fn(i64) -> f64; 3]) -> RunSummary {
        let mut run = fixture::run_summary();
        let names = ["request", "lightrag", "perplexity"];
        let pattern = run.components[0].clone();
        run.components.resize(3, pattern);
        for (component, name) in run.components.iter_mut().zip(names) {
            component.component = name.to_owned();
        }
        let tick = |component: usize, second: i64| CallTick {
            mean_ms: Some(time_ms[component](second)).into(),
            ..fixture::call_tick(1000, second)
        };
        run.series.calls = (0..3)
            .map(|component| {
                let ticks = (0..seconds).map(|second| tick(component, second)).collect();
                fixture::call_ticks(1000, component, ticks)
            })
            .collect();
        run
    }

    /// Repeatable, and unlike that of another seed: SplitMix64, 0..1.
    fn noise(seed: i64, second: i64) -> f64 {
        let mut z = (second as u64).wrapping_add((seed as u64) << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as f64 / u64::MAX as f64
    }

    #[test]
    fn components_that_move_together_are_found_and_a_common_drift_is_not_taken_for_it() {
        let lightrag = |second: i64| 500.0 + 2.0 * second as f64 + 100.0 * noise(1, second);
        let request = |second: i64| 20.0 + 0.9 * lightrag(second) + 5.0 * noise(2, second);
        let perplexity = |second: i64| 900.0 + 3.0 * second as f64 + 100.0 * noise(3, second);
        let run = run(200, [&request, &lightrag, &perplexity]);
        let found = correlate_components(&run, &Config::defaults());
        let pairs = &found.value().unwrap().pairs;
        assert_eq!(pairs.len(), 3);
        assert_eq!((pairs[0].a.as_str(), pairs[0].b.as_str()), ("lightrag", "request"));
        assert_eq!(pairs[0].word, "together");
        assert!(pairs[0].coefficient > 0.95 && pairs[0].interval.value().unwrap().low > 0.9);
        assert!(pairs[1..].iter().all(|pair| !pair.significant), "{pairs:?}");
    }

    #[test]
    fn a_pair_that_cannot_be_judged_is_named_with_its_reason() {
        let run = run(200, [&|second| noise(1, second), &|_| 5.0, &|second| noise(3, second)]);
        let found = correlate_components(&run, &Config::defaults());
        let left_out = &found.value().unwrap().left_out;
        assert_eq!(left_out.len(), 2);
        assert!(left_out.iter().all(|pair| pair.reason == "one of the series does not vary"));
    }

    #[test]
    fn few_seconds_say_nothing() {
        let run =
            run(20, [&|second| noise(1, second), &|second| noise(2, second), &|second| noise(3, second)]);
        let found = correlate_components(&run, &Config::defaults());
        assert!(found.value().unwrap().pairs.is_empty());
        assert_eq!(found.value().unwrap().left_out[0].reason, "common seconds: 20, at least 30 needed");
    }

    #[test]
    fn one_component_has_nothing_to_move_with() {
        let mut run = run(200, [&|second| noise(1, second), &|_| 5.0, &|_| 5.0]);
        run.series.calls.retain(|calls| calls.component == 0);
        assert!(correlate_components(&run, &Config::defaults()).reason().is_some());
    }
}
