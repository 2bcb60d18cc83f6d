//! Counts the names of a run that has more than the limits allow: a reading of the columns of names alone.

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_schema::ArrowError;
use rustc_hash::{FxHashMap, FxHashSet};

use super::columns::{ANSWERED_BY, COMPONENT, Column, DURATION, INSTANCE, OPERATION, OUTCOME, VALUE};
use super::decode::{spelling, to_dictionary};
use super::error::RunError;
use super::group::Group;
use super::guard::guard;
use super::name_tally::Tally;
use super::names::{Kept, OTHER, Ranking, hash, is_known, is_known_component};
use super::stream_counts::{SampleRows, Streams};
use crate::config::RunLimits;

/// The names of a run that are kept apart.
///
/// # Errors
/// When a row group cannot be decoded.
pub fn count_names(groups: &[Group<'_>], limits: &RunLimits) -> Result<Kept, RunError> {
    let mut counts = Counts::default();
    for group in groups {
        guard(&group.part.path, || counts.add_group(*group, limits))?;
    }
    Ok(counts.kept(limits))
}

/// How many rows have each name; (component, name) where each component has names of its own. Names that are always
/// kept are not counted.
#[derive(Debug, Default)]
struct Counts {
    components: Tally<u64>,
    outcomes: Tally<u64>,
    operations: Tally<(u64, u64)>,
    instances: Tally<(u64, u64)>,
    streams: Streams,
}

/// The name in each row of a column.
#[derive(Default)]
struct NamesOfRows {
    /// Of each distinct word, its hash and whether it is always kept.
    words: Vec<Option<(u64, bool)>>,
    keys: Vec<Option<i32>>,
}

impl NamesOfRows {
    fn of(batch: &RecordBatch, column: &Column, limits: &RunLimits) -> Result<Self, ArrowError> {
        let Some(array) = batch.column_by_name(column.name) else { return Ok(Self::default()) };
        let dictionary = to_dictionary(array, limits.max_name_bytes)?;
        let name = |word: &str| {
            let word = spelling(column, word, limits);
            (hash(&word), is_known(column.index, &word))
        };
        let words = dictionary.values().as_string::<i32>().iter().map(|word| word.map(name)).collect();
        Ok(Self { words, keys: dictionary.keys().iter().collect() })
    }

    fn key(&self, row: usize) -> Option<i32> {
        self.keys.get(row).copied()?
    }

    fn name(&self, key: Option<i32>) -> Option<(u64, bool)> {
        *self.words.get(usize::try_from(key?).ok()?)?
    }

    /// Unless it is always kept.
    fn counted(&self, key: Option<i32>) -> Option<u64> {
        self.name(key).filter(|(_, is_known)| !is_known).map(|(hash, _)| hash)
    }
}

impl Counts {
    fn add_group(&mut self, group: Group<'_>, limits: &RunLimits) -> Result<(), RunError> {
        let has_names = |column: &&&'static Column| {
            [COMPONENT, OPERATION, OUTCOME, INSTANCE, ANSWERED_BY, VALUE, DURATION].contains(&column.index)
        };
        let columns: Vec<&'static Column> = group.part.columns.iter().filter(has_names).copied().collect();
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        for batch in group.part.read_group(group.group, &names, limits)? {
            let counted = batch.and_then(|batch| self.add(&batch, &columns, limits));
            counted.map_err(|error| group.part.undecodable(&error))?;
        }
        Ok(())
    }

    fn add(
        &mut self,
        batch: &RecordBatch,
        columns: &[&Column],
        limits: &RunLimits,
    ) -> Result<(), ArrowError> {
        let of = |index: usize| match columns.iter().find(|column| column.index == index) {
            Some(column) => NamesOfRows::of(batch, column, limits),
            None => Ok(NamesOfRows::default()),
        };
        let (components, operations, outcomes) = (of(COMPONENT)?, of(OPERATION)?, of(OUTCOME)?);
        let (instances, answers) = (of(INSTANCE)?, of(ANSWERED_BY)?);
        let all = [&components, &operations, &outcomes, &instances, &answers];
        let samples = SampleRows::of(batch);
        let keys = |row: usize| (all.map(|names| names.key(row)), samples.holds(row));
        let mut row = 0;
        while row < batch.num_rows() {
            let here = keys(row);
            let from = row;
            row += 1;
            while row < batch.num_rows() && keys(row) == here {
                row += 1;
            }
            let ([component, operation, outcome, instance, answer], is_sample) = here;
            let rows = (row - from) as u64;
            for name in [components.counted(component), answers.counted(answer)].into_iter().flatten() {
                self.components.add(name, rows);
            }
            if let Some(name) = outcomes.counted(outcome) {
                self.outcomes.add(name, rows);
            }
            let Some((component, _)) = components.name(component) else { continue };
            if let Some(name) = operations.counted(operation) {
                self.operations.add((component, name), rows);
            }
            if let Some(name) = instances.counted(instance) {
                self.instances.add((component, name), rows);
            }
            if is_sample {
                let name = |names: &NamesOfRows, key| names.name(key).map(|(hash, _)| hash);
                let (metric, instance) = (name(&operations, operation), name(&instances, instance));
                self.streams.add(component, metric, instance, rows);
            }
        }
        Ok(())
    }

    fn kept(self, limits: &RunLimits) -> Kept {
        let components = self.components.ranking(limits.max_components);
        let is_own = |name: u64| is_known_component(name) || components.holds(name);
        // The names of components that are one are names of one component.
        let component = |name: u64| if is_own(name) { name } else { hash(OTHER) };
        let mut operations =
            rank_by_component(self.operations, component, limits.max_operations, limits.max_names);
        let most = limits.max_instances;
        let mut instances = rank_by_component(self.instances, component, most, most);
        self.streams.limit(limits.max_streams, component, &mut operations, &mut instances);
        let mut kept = Kept::default();
        for (column, rankings) in [(OPERATION, operations), (INSTANCE, instances)] {
            for (of, ranking) in rankings {
                kept.insert(column, Some(of), ranking);
            }
        }
        kept.insert(OUTCOME, None, self.outcomes.ranking(limits.max_outcomes));
        kept.insert(COMPONENT, None, components);
        kept
    }
}

/// The most frequent names of each component; of all of them the `most_of_all` most frequent.
fn rank_by_component(
    tally: Tally<(u64, u64)>,
    component: impl Fn(u64) -> u64,
    most: usize,
    most_of_all: usize,
) -> FxHashMap<u64, Ranking> {
    let mut rows: FxHashMap<u64, FxHashMap<u64, u64>> = FxHashMap::default();
    for ((of, name), count) in tally.rows {
        *rows.entry(component(of)).or_default().entry(name).or_default() += count;
    }
    let mut rankings: FxHashMap<u64, Ranking> = FxHashMap::default();
    let mut all: Vec<(u64, u64, u64)> = Vec::new();
    for (of, names) in &rows {
        let ranking = Ranking::of(names.iter().map(|(&name, &rows)| (name, rows)).collect(), most);
        all.extend(ranking.kept().map(|name| (names[&name], *of, name)));
        rankings.insert(*of, ranking);
    }
    all.sort_unstable_by_key(|&(rows, of, name)| (std::cmp::Reverse(rows), of, name));
    let beyond: FxHashSet<(u64, u64)> =
        all.into_iter().skip(most_of_all).map(|(_, of, name)| (of, name)).collect();
    for (of, ranking) in &mut rankings {
        ranking.retain(|name| !beyond.contains(&(*of, name)));
    }
    rankings
}
