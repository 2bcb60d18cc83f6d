//! The components: their calls, where the time went, their health, and the resources.

use super::parts::is_there;
use super::requests::milliseconds;
use super::{Cell, Column, Section, Tone};
use crate::analysis::Analysis;
use crate::judge::{ComponentHealth, Health};
use crate::metrics::REQUEST;
use crate::summary::{Component, Measured};
use crate::units::{self, ChangeUnit, Unit};

const S_PER_MIN: f64 = 60.0;

/// One row a component, with its share of the requests' time.
pub fn section(analysis: &Analysis) -> Section {
    let columns = vec![
        Column::name("component"),
        Column::number("calls"),
        Column::number("success"),
        Column::number("P50 ms").minor(),
        Column::number("P95 ms"),
        Column::number("time share").minor(),
    ];
    let components = analysis.summary.components.iter().filter(|found| found.component != REQUEST);
    let rows: Vec<Vec<Cell>> = components.map(|found| row(found, analysis)).collect();
    if rows.is_empty() {
        return Section::new("");
    }
    let mut section = Section::of_rows("Components", columns, rows);
    section.add_lines(unattributed(analysis));
    section.add_lines(slow(analysis));
    section.add_lines(hit_rates(analysis));
    section
}

/// One row a component with its health, the worst first; what has a health and no calls of its own, too.
pub fn in_brief(analysis: &Analysis) -> Section {
    let columns = vec![
        Column::name("component"),
        Column::number("calls").minor(),
        Column::number("success"),
        Column::number("P95 ms"),
        Column::text("health"),
    ];
    let health_of = |name: &str| analysis.health.iter().find(|found| found.component == name);
    let components = &analysis.summary.components;
    let of_calls = components.iter().filter(|found| found.component != REQUEST).map(|found| {
        let health = health_of(&found.component);
        let [name, calls, success, _, p95, _] = cells(found, analysis);
        (gravity(health), vec![name, calls, success, p95, health_in_brief(health)])
    });
    let has_calls =
        |health: &ComponentHealth| components.iter().any(|found| found.component == health.component);
    let without_calls =
        analysis.health.iter().filter(|health| health.health.value().is_some() && !has_calls(health)).map(
            |health| {
                let none = || Cell::plain("");
                let name = Cell::plain(&health.component);
                (gravity(Some(health)), vec![name, none(), none(), none(), health_in_brief(Some(health))])
            },
        );
    let mut rows: Vec<(u8, Vec<Cell>)> = of_calls.chain(without_calls).collect();
    // Stable: of one health in the order of their names.
    rows.sort_by_key(|(gravity, _)| std::cmp::Reverse(*gravity));
    Section::of_rows("", columns, rows.into_iter().map(|(_, row)| row).collect()).gravest_first()
}

fn gravity(health: Option<&ComponentHealth>) -> u8 {
    match health.and_then(|found| found.health.value()) {
        Some(Health::Failing) => 3,
        Some(Health::Critical) => 2,
        Some(Health::Warning) => 1,
        Some(Health::Healthy) | None => 0,
    }
}

/// `critical: lookup hit rate 55.00 %`.
fn health_in_brief(health: Option<&ComponentHealth>) -> Cell {
    let Some((found, health)) = health.and_then(|found| Some((found, found.health.value()?))) else {
        return Cell::plain("");
    };
    let word = health_word(*health);
    match (health, evidence(found)) {
        (Health::Healthy, _) => word,
        (_, because) if because.is_empty() => word,
        (_, because) => Cell::toned(format!("{}: {because}", word.text), word.tone),
    }
}

/// A cache's success says that its look-ups did not fail; what it is worth is its hit rate.
fn hit_rates(analysis: &Analysis) -> Option<String> {
    let cache = analysis.summary.cache.value()?;
    let tiers = cache.tiers.iter().filter_map(|tier| {
        tier.hit_rate.number().map(|rate| format!("{} {}", tier.tier.to_uppercase(), Unit::Ratio.print(rate)))
    });
    let answered = cache.lookup_hit_rate.number().map(|rate| format!("any tier {}", Unit::Ratio.print(rate)));
    let rates: Vec<String> = tiers.chain(answered).collect();
    (!rates.is_empty()).then(|| format!("Cache hit rates: {}", rates.join(", ")))
}

fn row(found: &Component, analysis: &Analysis) -> Vec<Cell> {
    cells(found, analysis).to_vec()
}

fn cells(found: &Component, analysis: &Analysis) -> [Cell; 6] {
    let all = &found.calls.all;
    let time = |q: f64| {
        let low_sample = all.quantile(q).is_some_and(|quantile| quantile.low_sample);
        milliseconds(all.value_ms(q), false, low_sample)
    };
    [
        Cell::plain(&found.component),
        Cell::plain(units::count(found.calls.counts.finished)),
        found
            .calls
            .success_rate
            .number()
            .map_or_else(Cell::none, |rate| Cell::plain(Unit::Ratio.print(rate))),
        time(0.5),
        time(0.95),
        time_share(&found.component, analysis),
    ]
}

fn time_share(component: &str, analysis: &Analysis) -> Cell {
    let Measured::Value(spent) = &analysis.summary.time_spent else { return Cell::none() };
    match spent.shares.iter().find(|share| share.component == component) {
        Some(share) => Cell::plain(Unit::Ratio.print(share.share)),
        None => Cell::plain(""),
    }
}

fn unattributed(analysis: &Analysis) -> Option<String> {
    let spent = analysis.summary.time_spent.value()?;
    let rest = spent.shares.iter().find(|share| share.component == "unattributed")?;
    Some(format!("{} of the requests' time is unattributed", Unit::Ratio.print(rest.share)))
}

/// What the slow requests spend their time in that the others do not: the largest parts.
fn slow(analysis: &Analysis) -> Option<String> {
    const PARTS: usize = 2;
    let spent = analysis.summary.slow_time_spent.value()?;
    let parts: Vec<String> = spent
        .excess
        .iter()
        .filter(|part| part.excess_ms > 0.0)
        .take(PARTS)
        .map(|part| {
            let ms = ChangeUnit::Amount(Unit::Milliseconds).print(part.excess_ms);
            format!("{} {ms} ({})", part.component, Unit::Ratio.print(part.share))
        })
        .collect();
    (!parts.is_empty()).then(|| {
        format!(
            "What makes requests above {} slow: {}",
            Unit::Milliseconds.print(spent.above_ms),
            parts.join(", ")
        )
    })
}

/// The word for each component that the run has, with its numbers.
pub fn health(analysis: &Analysis) -> Section {
    let columns = vec![Column::name("component"), Column::word("health"), Column::text("because")];
    let there = analysis.health.iter().filter(|found| is_there(found, analysis));
    Section::of_rows("Health", columns, there.map(health_row).collect())
}

fn health_row(found: &ComponentHealth) -> Vec<Cell> {
    let (word, because) = match &found.health {
        Measured::Value(health) => (health_word(*health), evidence(found)),
        Measured::Undefined(undefined) => (Cell::none(), undefined.reason().to_owned()),
    };
    vec![Cell::plain(&found.component), word, Cell::plain(because)]
}

fn health_word(health: Health) -> Cell {
    let tone = match health {
        Health::Healthy => Tone::Good,
        Health::Warning => Tone::Doubtful,
        Health::Critical | Health::Failing => Tone::Bad,
    };
    Cell::toned(health.word(), tone)
}

fn evidence(found: &ComponentHealth) -> String {
    let numbers = found.evidence.iter().filter_map(|evidence| {
        let value = evidence.value.number()?;
        let name = evidence.name.trim_end_matches("_ms").trim_end_matches("_percent").replace('_', " ");
        Some(format!("{name} {}", evidence.unit.print(value)))
    });
    numbers.collect::<Vec<_>>().join(", ")
}

/// Memory, CPU and cost.
pub fn resources(analysis: &Analysis) -> Section {
    let lines = [memory(analysis), cpu(analysis), cost(analysis)];
    let mut section = Section::of_lines("Resources", lines.into_iter().flatten().collect());
    section.lines.extend(leak(analysis));
    section
}

/// Only one that is suspected has a line of its own.
fn leak(analysis: &Analysis) -> Option<Cell> {
    let leak = analysis.leak.value().filter(|leak| leak.suspected)?;
    let rate = ChangeUnit::Amount(Unit::MegabytesPerMinute);
    let interval = &leak.interval_mb_per_min;
    let limit = leak.limit_mb.number().map(|mb| format!(", target {}", Unit::Megabytes.print(mb)));
    let text = format!(
        "Leak suspected: the floor of memory rises by {} {}, {} in {}{}",
        rate.print(leak.slope_mb_per_min),
        rate.print_interval(interval.low, interval.high),
        Unit::Megabytes.print(leak.projected_growth_mb),
        units::duration_s(leak.horizon_min * S_PER_MIN),
        limit.unwrap_or_default()
    );
    Some(Cell::toned(text, Tone::Bad))
}

fn memory(analysis: &Analysis) -> Option<String> {
    let memory = analysis.summary.resources.memory.value()?;
    let growth = match &memory.growth_mb {
        Measured::Value(growth_mb) => {
            let band = analysis.memory_band.value().map_or("", String::as_str);
            format!("its floor grew by {} ({band})", Unit::Megabytes.print(*growth_mb))
        }
        Measured::Undefined(undefined) => format!("growth not known: {}", undefined.reason()),
    };
    let rate =
        memory.growth_mb_per_min.number().map(|rate| format!(", {}", Unit::MegabytesPerMinute.print(rate)));
    let no_leak = analysis.leak.value().filter(|leak| !leak.suspected).map_or("", |_| ", no leak shown");
    Some(format!(
        "Memory {} to {}, {growth}{}{no_leak}",
        Unit::Megabytes.print(memory.first_mb),
        Unit::Megabytes.print(memory.last_mb),
        rate.unwrap_or_default()
    ))
}

fn cpu(analysis: &Analysis) -> Option<String> {
    let cpu = analysis.summary.resources.cpu.value()?;
    let band = analysis.cpu_band.value().map_or("", String::as_str);
    let machine = cpu
        .mean_share_of_machine
        .number()
        .map(|share| format!(", {} of the machine", Unit::Ratio.print(share)));
    Some(format!(
        "CPU mean {} of one core{} ({band}), peak {}",
        Unit::Percent.print(cpu.mean_percent),
        machine.unwrap_or_default(),
        Unit::Percent.print(cpu.peak_percent)
    ))
}

fn cost(analysis: &Analysis) -> Option<String> {
    let cost = analysis.summary.requests.cost_usd.number()?;
    Some(format!("Cost {}", units::usd(cost)))
}
