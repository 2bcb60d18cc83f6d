//! Where the time of the requests goes: of all of them and of the slow ones.

use crate::analysis::Analysis;
use crate::report::outline::{
    Axis, Bar, Cell, Figure, Ink, Layer, Measure, Panel, Row, Scale, Shape, Stroke,
};
use crate::summary::TimeSpent;
use crate::units::Unit;

/// Components with a colour of their own; the others are one.
const MOST_COMPONENTS: usize = 8;
const UNATTRIBUTED: &str = "unattributed";

/// 100 % bars.
pub fn time_spent(analysis: &Analysis) -> Option<Figure> {
    let all = analysis.summary.time_spent.value().filter(|spent| !spent.shares.is_empty())?;
    let slow = analysis.summary.slow_time_spent.value();
    let mut groups: Vec<(String, &TimeSpent)> = vec![("all requests".to_owned(), all)];
    groups.extend(
        slow.map(|slow| (format!("slower than {}", Unit::Milliseconds.print(slow.above_ms)), &slow.slow)),
    );
    let names = components(&groups);
    let rows = groups.iter().map(|(name, spent)| {
        let mean = (spent.requests > 0).then(|| spent.total_ms / spent.requests as f64);
        let note = mean
            .map_or_else(Cell::none, |mean| Cell::plain(format!("mean {}", Unit::Milliseconds.print(mean))));
        Row::new(name, note)
    });
    let layers = names.iter().enumerate().map(|(index, name)| {
        let bars = groups.iter().enumerate().filter_map(|(row, (_, spent))| {
            let before: f64 = names[..index].iter().map(|name| share(spent, name, &names)).sum();
            let share = share(spent, name, &names);
            (share > 0.0).then(|| Bar::new(row, before, before + share).labelled(Unit::Ratio.print(share)))
        });
        let layer = Layer::new(name, ink(name, index), Shape::Bars(bars.collect()));
        if name == UNATTRIBUTED { layer.stroked(Stroke::Hatched) } else { layer }
    });
    Some(Figure {
        id: "time-spent",
        title: "Share of the response time by component".to_owned(),
        caption: caption(analysis),
        text: text(&groups),
        x: Axis::new("share of the time of these requests", Unit::Ratio, Scale::Linear, (0.0, 1.0)),
        panels: vec![Panel {
            title: String::new(),
            height: 34 * groups.len() as u32,
            layers: layers.collect(),
            y: Measure::Rows(rows.collect()),
        }],
        detail: None,
    })
}

/// The largest of any group; the rest are one, and what is not attributed is the last.
fn components(groups: &[(String, &TimeSpent)]) -> Vec<String> {
    let mut names: Vec<(String, f64)> = Vec::new();
    for share in groups.iter().flat_map(|(_, spent)| &spent.shares) {
        match names.iter_mut().find(|(name, _)| *name == share.component) {
            Some((_, most)) => *most = most.max(share.share),
            None => names.push((share.component.clone(), share.share)),
        }
    }
    names.sort_by(|a, b| {
        (a.0 == UNATTRIBUTED).cmp(&(b.0 == UNATTRIBUTED)).then(b.1.total_cmp(&a.1)).then(a.0.cmp(&b.0))
    });
    let has_rest = names.last().is_some_and(|(name, _)| name == UNATTRIBUTED);
    let mut shown: Vec<String> = names.iter().map(|(name, _)| name.clone()).collect();
    if shown.len() > MOST_COMPONENTS + 1 {
        shown.truncate(MOST_COMPONENTS);
        shown.push(OTHERS.to_owned());
        shown.extend(has_rest.then(|| UNATTRIBUTED.to_owned()));
    }
    shown
}

const OTHERS: &str = "others";

fn share(spent: &TimeSpent, name: &str, shown: &[String]) -> f64 {
    let of_others = |component: &String| name == OTHERS && !shown.contains(component);
    spent
        .shares
        .iter()
        .filter(|share| share.component == name || of_others(&share.component))
        .map(|share| share.share)
        .sum()
}

fn ink(name: &str, index: usize) -> Ink {
    const UNKNOWN: [Ink; 4] = [Ink::Retrieval, Ink::New, Ink::Muted, Ink::Half];
    match Ink::of_component(name) {
        Ink::Other if name == UNATTRIBUTED || name == OTHERS => Ink::Other,
        Ink::Other => UNKNOWN[index % UNKNOWN.len()],
        ink => ink,
    }
}

/// What makes slow requests slow, where one component is most of it.
fn caption(analysis: &Analysis) -> Vec<Cell> {
    let most = analysis.summary.slow_time_spent.value().and_then(|slow| slow.excess.first());
    let told = most.filter(|most| most.share > 0.5 && most.share <= 1.0).map(|most| {
        let excess = Unit::Milliseconds.print(most.excess_ms);
        Cell::plain(format!(
            "{} is {} of what slow requests take longer: {excess} more of it than in the others",
            most.component,
            Unit::Ratio.print(most.share)
        ))
    });
    let hatched = Cell::plain("Hatched: time of the request in which no component of it was at work");
    std::iter::once(hatched).chain(told).collect()
}

fn text(groups: &[(String, &TimeSpent)]) -> String {
    let told: Vec<String> = groups
        .iter()
        .map(|(name, spent)| {
            let shares: Vec<String> = spent
                .shares
                .iter()
                .map(|share| format!("{} {}", share.component, Unit::Ratio.print(share.share)))
                .collect();
            format!("{name}: {}", shares.join(", "))
        })
        .collect();
    crate::report::printable(&told.join("; "))
}
