//! Default and user file, one over the other; each key knows where its value comes from.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde::Deserialize;
use toml::de::DeTable;
use toml::{Table, Value};

use super::error::{Fault, display_key};
use super::shape::{UserFile, line_at};
use super::{CUSTOM_TARGETS, Config, ConfigError, DEFAULT_TOML, FILE_NAME, Worse, doubts, sanity};
use crate::metrics::check_rule;

/// The settings with the origin of each key.
#[derive(Debug, Clone, PartialEq)]
pub struct Layers {
    pub config: Config,
    /// The user's file, where there is one.
    pub file: Option<PathBuf>,
    /// Every key with its value, in the order of the defaults.
    pub settings: Vec<Setting>,
    /// What is allowed and probably not meant.
    pub warnings: Vec<String>,
}

/// One key of the configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// As one writes it in TOML: `grade.min_requests`, `custom_targets."vector_db.p95_ms".below`.
    pub key: String,
    pub value: Value,
    pub origin: Origin,
    /// The line in that file, counted from 1.
    pub line: Option<usize>,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Default,
    File(PathBuf),
}

impl Layers {
    /// Defaults with the user's file on top: `explicit`, or the nearest `cmo-metrics.toml` upwards from
    /// `folder`, or none.
    ///
    /// # Errors
    /// When the file cannot be read, is not TOML, or holds unknown keys, values of another type or values
    /// that cannot be meant.
    pub fn load(explicit: Option<&Path>, folder: &Path) -> Result<Self, ConfigError> {
        match explicit.map(Path::to_owned).or_else(|| nearest_file(folder)) {
            None => Ok(Self {
                config: Config::defaults(),
                file: None,
                settings: settings(&default_table(), &Table::new(), None),
                warnings: Vec::new(),
            }),
            Some(path) => {
                let text =
                    read_text(&path).map_err(|source| ConfigError::Read { path: path.clone(), source })?;
                Self::from_text(&text, &path)
            }
        }
    }

    /// Defaults with `text`, the contents of the file `path`, on top.
    fn from_text(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let syntax = |error: toml::de::Error| ConfigError::Syntax {
            path: path.to_owned(),
            line: line_at(text, error.span().map_or(0, |span| span.start)),
            message: error.message().to_owned(),
        };
        let spans = DeTable::parse(text).map_err(syntax)?;
        let mut user: Table = toml::from_str(text).map_err(syntax)?;
        flatten_custom_targets(&mut user);
        let file = UserFile { path, text, spans: spans.get_ref() };
        file.check(&user, &template())?;

        let own = user.clone();
        complete_rules(&mut user).map_err(|fault| file.bad_value(&fault.key, fault.problem))?;
        let mut merged = default_table();
        merge(&mut merged, &user);
        let config = Config::deserialize(Value::Table(merged.clone()))
            .map_err(|error| file.bad_value(&[], error.to_string().trim().replace('\n', " ")))?;
        sanity::check(&config).map_err(|fault| file.bad_value(&fault.key, fault.problem))?;
        let (settings, warnings) = (settings(&merged, &own, Some(&file)), doubts::find(&config, path));
        Ok(Self { config, file: Some(path.to_owned()), settings, warnings })
    }

    /// Where the user's file sets `key`; none where it does not.
    pub fn place_of(&self, key: &[&str]) -> Option<(&Path, usize)> {
        let key = display_key(&key.iter().map(|&segment| segment.to_owned()).collect::<Vec<_>>());
        let setting = self.settings.iter().find(|setting| setting.key == key)?;
        Some((self.file.as_deref()?, setting.line?))
    }
}

impl Config {
    /// The embedded defaults alone.
    pub fn defaults() -> Self {
        #[expect(clippy::expect_used, reason = "the text is part of the binary and a test parses it")]
        static DEFAULTS: LazyLock<Config> = LazyLock::new(|| {
            Config::deserialize(Value::Table(default_table())).expect("config/default.toml is valid")
        });
        DEFAULTS.clone()
    }

    /// Defaults with the user's file on top: `explicit`, or the nearest `cmo-metrics.toml` upwards from
    /// `folder`, or none.
    ///
    /// # Errors
    /// When the file cannot be read, is not TOML, or holds unknown keys, values of another type or values
    /// that cannot be meant.
    pub fn load(explicit: Option<&Path>, folder: &Path) -> Result<(Self, Option<PathBuf>), ConfigError> {
        let layers = Layers::load(explicit, folder)?;
        Ok((layers.config, layers.file))
    }
}

/// A pipe may keep us waiting for ever, a device never end; and nobody writes so many settings.
fn read_text(path: &Path) -> io::Result<String> {
    const MOST_BYTES: u64 = 1_000_000;
    let found = std::fs::metadata(path)?;
    if !found.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    if found.len() > MOST_BYTES {
        return Err(io::Error::other(format!("{} bytes are too many for settings", found.len())));
    }
    std::fs::read_to_string(path)
}

/// Looked for in `folder` and upwards; the path is given relative to `folder`, so that a report does not depend on
/// where its machine keeps things.
fn nearest_file(folder: &Path) -> Option<PathBuf> {
    let depth = std::path::absolute(folder).map_or(1, |absolute| absolute.ancestors().count());
    let mut prefix = if folder == Path::new(".") { PathBuf::new() } else { folder.to_owned() };
    for _ in 0..depth {
        let candidate = prefix.join(FILE_NAME);
        if candidate.is_file() {
            return Some(candidate);
        }
        prefix.push("..");
    }
    None
}

fn default_table() -> Table {
    #[expect(clippy::expect_used, reason = "the text is part of the binary and a test parses it")]
    let mut table = toml::from_str(DEFAULT_TOML).expect("config/default.toml is valid");
    // A rule of the defaults that fits no metric would lack its direction: a test reads them all.
    let _ = complete(&mut table, &Table::new());
    table
}

/// The defaults, completed by the optional keys that they leave out.
fn template() -> Table {
    let mut table = default_table();
    let target: Table =
        [("above", Value::Float(0.0)), ("below", Value::Float(0.0)), ("gate", Value::Boolean(false))]
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
    if let Some(Value::Table(targets)) = table.get_mut("targets") {
        targets.iter_mut().for_each(|(_, value)| *value = Value::Table(target.clone()));
    }
    let pattern = Table::from_iter([("any".to_owned(), Value::Table(target))]);
    table.insert(CUSTOM_TARGETS.to_owned(), Value::Table(pattern));
    if let Some(Value::Table(regression)) = table.get_mut("regression")
        && let Some(Value::Table(metrics)) = regression.get_mut("metrics")
    {
        let rule = Table::from_iter(
            [
                ("worse", Value::String(String::new())),
                ("change", Value::String(String::new())),
                ("margin", Value::Float(0.0)),
                ("medium", Value::Float(0.0)),
                ("high", Value::Float(0.0)),
                ("critical", Value::Float(0.0)),
                ("gate", Value::Boolean(false)),
            ]
            .map(|(key, value)| (key.to_owned(), value)),
        );
        *metrics = Table::from_iter([("any".to_owned(), Value::Table(rule))]);
    }
    if let Some(Value::Table(trend)) = table.get_mut("trend") {
        let any = Table::from_iter([("any".to_owned(), Value::String(String::new()))]);
        trend.insert("good_direction".to_owned(), Value::Table(any));
    }
    if let Some(Value::Table(health)) = table.get_mut("health") {
        for levels in health.iter_mut().filter_map(|(_, levels)| levels.as_table_mut()) {
            let Some(healthy) = levels.get("healthy").cloned() else { continue };
            levels.iter_mut().for_each(|(_, level)| *level = healthy.clone());
        }
    }
    table
}

/// `vector_db.p95_ms = {…}` without quotes is a table in a table: it means the same.
fn flatten_custom_targets(user: &mut Table) {
    let Some(Value::Table(custom)) = user.get_mut(CUSTOM_TARGETS) else { return };
    let mut flat = Table::new();
    for (key, value) in std::mem::take(custom) {
        flatten(key, value, &mut flat);
    }
    *custom = flat;
}

fn flatten(key: String, value: Value, flat: &mut Table) {
    match value {
        Value::Table(inner) if inner.values().any(Value::is_table) => {
            for (name, value) in inner {
                flatten(format!("{key}.{name}"), value, flat);
            }
        }
        value => {
            flat.insert(key, value);
        }
    }
}

/// A rule of the user's says what differs from the one of the defaults that its name fits.
fn complete_rules(user: &mut Table) -> Result<(), Fault> {
    let settings = Config::defaults().regression;
    let metrics = user.get("regression").and_then(|table| table.get("metrics")).and_then(Value::as_table);
    let names = metrics.into_iter().flat_map(Table::keys);
    let inherited = |name: &String| {
        let (_, rule) = settings.rule(name)?;
        Some((name.clone(), Value::Table(Table::try_from(rule).ok()?)))
    };
    let inherited: Table = names.filter_map(inherited).collect();
    complete(user, &inherited)
}

/// Puts each rule on the one that it inherits from, with direction and scale as the catalogue of metrics has them.
fn complete(table: &mut Table, inherited: &Table) -> Result<(), Fault> {
    let metrics = table.get_mut("regression").and_then(|table| table.get_mut("metrics"));
    let Some(Value::Table(metrics)) = metrics else { return Ok(()) };
    for (name, rule) in metrics.iter_mut() {
        let Value::Table(own) = rule else { continue };
        let key = ["regression", "metrics", name].map(str::to_owned).to_vec();
        let fault = |problem: String| Fault { key: key.clone(), problem };
        let metric = check_rule(name).map_err(fault)?;
        let mut whole = inherited.get(name).and_then(Value::as_table).cloned().unwrap_or_default();
        if let Some(worse) = Worse::than(metric.better) {
            for (key, known) in [("worse", worse.word()), ("change", metric.scale.word())] {
                let known = Value::String(known.to_owned());
                if own.get(key).is_some_and(|said| *said != known) {
                    return Err(fault(format!("says another `{key}` than the metric has, which is {known}")));
                }
                whole.insert(key.to_owned(), known);
            }
        }
        merge(&mut whole, own);
        if let Some(missing) = ["worse", "change", "margin"].iter().find(|key| !whole.contains_key(**key)) {
            return Err(fault(format!("fits no known metric, so it must say `{missing}`")));
        }
        *own = whole;
    }
    Ok(())
}

/// Puts `over` on `base`: tables key by key, everything else as a whole.
fn merge(base: &mut Table, over: &Table) {
    for (key, value) in over {
        match (base.get_mut(key), value) {
            (Some(Value::Table(base)), Value::Table(over)) => merge(base, over),
            _ => {
                base.insert(key.clone(), value.clone());
            }
        }
    }
}

fn settings(merged: &Table, user: &Table, file: Option<&UserFile<'_>>) -> Vec<Setting> {
    let mut settings = Vec::new();
    collect(merged, Some(user), file, &mut Vec::new(), &mut settings);
    settings
}

fn collect(
    merged: &Table,
    user: Option<&Table>,
    file: Option<&UserFile<'_>>,
    key: &mut Vec<String>,
    settings: &mut Vec<Setting>,
) {
    for (name, value) in merged {
        let over = user.and_then(|user| user.get(name));
        key.push(name.clone());
        match value {
            Value::Table(inner) => collect(inner, over.and_then(Value::as_table), file, key, settings),
            _ => {
                let own = file.filter(|_| over.is_some());
                settings.push(Setting {
                    key: display_key(key),
                    value: value.clone(),
                    origin: own.map_or(Origin::Default, |file| Origin::File(file.path.to_owned())),
                    line: own.map(|file| file.line_of(key)),
                });
            }
        }
        key.pop();
    }
}

#[cfg(test)]
#[path = "layers_tests.rs"]
mod tests;
