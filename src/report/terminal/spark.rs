//! A series as one line of blocks, from the lowest of its values to the highest.

use super::layout::width;
use crate::report::blocks::block;
use crate::report::outline::Spark;
use crate::units;

/// Where nothing is known.
const MISSING: char = ' ';
/// Fewer blocks show nothing.
const FEWEST: usize = 8;

/// `P95         ▁▂▃▂▁  11.4 – 5,917 ms`, the name in `name_room` columns; without blocks where there is no room for them.
pub fn draw(spark: &Spark, name_room: usize, room: usize) -> String {
    let known: Vec<f64> = spark.values.iter().flatten().copied().collect();
    let (Some(lowest), Some(highest)) =
        (known.iter().copied().reduce(f64::min), known.iter().copied().reduce(f64::max))
    else {
        return format!("{:name_room$}  {}", spark.name, units::NONE);
    };
    let span = format!("{} – {}", units::number(lowest), spark.unit.print(highest));
    let left = room.saturating_sub(name_room + 4 + width(&span));
    if left < FEWEST {
        return format!("{:name_room$}  {span}", spark.name);
    }
    let line: String = marks(spark, left)
        .into_iter()
        .map(|value| value.map_or(MISSING, |value| block((value - lowest) / (highest - lowest))))
        .collect();
    format!("{:name_room$}  {line}  {span}", spark.name)
}

/// One value for each of at most `most` marks: of the stretches that share one, the worst.
fn marks(spark: &Spark, most: usize) -> Vec<Option<f64>> {
    let stretches = spark.values.len();
    let marks = stretches.min(most);
    let worst = if spark.is_worse_low { f64::min } else { f64::max };
    (0..marks)
        .map(|mark| {
            let shared = &spark.values[mark * stretches / marks..(mark + 1) * stretches / marks];
            shared.iter().flatten().copied().reduce(worst)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Unit;

    fn spark(values: &[Option<f64>]) -> Spark {
        Spark { name: "P95".into(), unit: Unit::Milliseconds, values: values.to_vec(), is_worse_low: false }
    }

    #[test]
    fn a_series_is_drawn_from_its_lowest_to_its_highest_value_with_gaps_where_nothing_is_known() {
        let values = [Some(10.0), None, Some(45.0), Some(80.0)];
        assert_eq!(draw(&spark(&values), 5, 78), "P95    ▁ ▅█  10.0 – 80.0 ms");
        assert_eq!(draw(&spark(&values), 3, 20), "P95  10.0 – 80.0 ms", "no room for blocks");
        assert_eq!(draw(&spark(&[None, None]), 3, 78), "P95  –");
        assert_eq!(draw(&spark(&[Some(5.0); 3]), 3, 78), "P95  ▄▄▄  5.00 – 5.00 ms");
    }

    #[test]
    fn where_stretches_share_a_mark_the_worst_of_them_stays() {
        let values: Vec<Option<f64>> = (0..40).map(|at| Some(if at == 17 { 90.0 } else { 10.0 })).collect();
        assert_eq!(marks(&spark(&values), 10).iter().flatten().filter(|&&value| value == 90.0).count(), 1);
        let low = Spark { is_worse_low: true, ..spark(&values) };
        assert!(marks(&low, 10).iter().flatten().all(|&value| value == 10.0));
    }
}
