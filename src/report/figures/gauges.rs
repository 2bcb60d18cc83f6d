//! What was sampled, over time: the mean of each bin between its extremes.

use super::bins::Bins;
use crate::report::outline::{Axis, Ink, Layer, Measure, Panel, Scale, Shape};
use crate::units::Unit;

/// Room above and below what does not begin at 0, of what it varies by.
const MARGIN: f64 = 0.08;

/// CPU, from 0.
pub fn cpu(values: &[(i64, f64)], bins: &Bins) -> Option<Panel> {
    let most = values.iter().map(|&(_, value)| value).fold(0.0, f64::max);
    let axis = Axis::from_zero("% of one core", Unit::Percent, most);
    panel("CPU of the service", "CPU", axis, values, bins)
}

/// Memory, not from 0: what matters is how it grows.
pub fn memory(values: &[(i64, f64)], bins: &Bins) -> Option<Panel> {
    let low = values.iter().map(|&(_, value)| value).fold(f64::INFINITY, f64::min);
    let high = values.iter().map(|&(_, value)| value).fold(0.0, f64::max);
    let margin = ((high - low) * MARGIN).max(0.5);
    let range = ((low - margin).max(0.0), high + margin);
    let axis = Axis::new("MB (does not start at 0)", Unit::Megabytes, Scale::Linear, range);
    panel("Memory of the service", "RSS", axis, values, bins)
}

fn panel(title: &str, name: &str, axis: Axis, values: &[(i64, f64)], bins: &Bins) -> Option<Panel> {
    if values.is_empty() {
        return None;
    }
    let [low, mean, high] = bins.extremes(values);
    // Sampled less often than the bins: a value holds until the next one.
    let mean = held(mean, bins, values);
    let band = Shape::Band { x: bins.x.clone(), low, high };
    let line = Shape::Line { x: bins.x.clone(), y: mean };
    Some(Panel {
        title: title.to_owned(),
        y: Measure::Axis(axis),
        height: 56,
        layers: vec![Layer::new("", Ink::Other, band), Layer::new(name, Ink::Text, line)],
    })
}

/// Fills gaps that are no longer than the usual distance of two samples.
fn held(mut means: Vec<Option<f64>>, bins: &Bins, values: &[(i64, f64)]) -> Vec<Option<f64>> {
    let mut gaps_us: Vec<i64> = values.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    gaps_us.sort_unstable();
    let usual_us = gaps_us.get(gaps_us.len() / 2).copied().unwrap_or(0);
    let most = (usual_us as f64 * 1.5 / bins.width_us as f64).round() as usize;
    let mut since = usize::MAX;
    let mut last = None;
    for mean in &mut means {
        match mean {
            Some(value) => (last, since) = (Some(*value), 0),
            None => {
                since = since.saturating_add(1);
                *mean = last.filter(|_| since < most);
            }
        }
    }
    means
}
