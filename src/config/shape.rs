//! Does a user's file have the shape of the defaults? Unknown keys and wrong types are found here, with their line.

use std::path::Path;

use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::ConfigError;
use super::error::display_key;

/// A user's file: where each key stands and what the defaults allow.
pub struct UserFile<'a> {
    pub path: &'a Path,
    pub text: &'a str,
    pub spans: &'a DeTable<'a>,
}

/// How similar a known key must be to be offered (0..1, Damerau–Levenshtein).
const SIMILAR: f64 = 0.5;

/// Settings of earlier versions whose place none has taken, with what to do about them.
const REMOVED: [(&str, &str); 1] = [(
    "regression.min_runs_for_prediction",
    "baselines of any number of runs are judged by one method; remove it, and see `regression.run_noise_weight`",
)];

impl UserFile<'_> {
    /// Checks `user` against `template`, in which every key has a value of the wanted type.
    pub fn check(&self, user: &Table, template: &Table) -> Result<(), ConfigError> {
        self.check_table(user, template, template, &mut Vec::new())
    }

    fn check_table(
        &self,
        user: &Table,
        template: &Table,
        root: &Table,
        key: &mut Vec<String>,
    ) -> Result<(), ConfigError> {
        for (name, value) in user {
            key.push(name.clone());
            match template.get(name) {
                Some(wanted) if super::is_free(key) => self.check_free(value, wanted, root, key)?,
                Some(wanted) => self.check_value(value, wanted, root, key)?,
                None => return Err(self.unknown(key, template, root)),
            }
            key.pop();
        }
        Ok(())
    }

    fn check_value(
        &self,
        value: &Value,
        wanted: &Value,
        root: &Table,
        key: &mut Vec<String>,
    ) -> Result<(), ConfigError> {
        match (value, wanted) {
            (Value::Table(value), Value::Table(wanted)) => self.check_table(value, wanted, root, key),
            (Value::Array(values), Value::Array(wanted)) => {
                let Some(wanted) = wanted.first() else { return Ok(()) };
                for (index, value) in values.iter().enumerate() {
                    key.push(format!("[{index}]"));
                    self.check_value(value, wanted, root, key)?;
                    key.pop();
                }
                Ok(())
            }
            // An integer is a fine float; all our integers are numbers of things.
            (Value::Integer(_), Value::Float(_)) => Ok(()),
            (Value::Integer(number), Value::Integer(_)) if *number < 0 => {
                Err(self.bad_value(key, format!("must not be negative, is {number}")))
            }
            _ if value.same_type(wanted) => Ok(()),
            _ => Err(ConfigError::WrongType {
                path: self.path.to_owned(),
                line: self.line_of(key),
                key: display_key(key),
                found: kind(value),
                wanted: kind(wanted),
            }),
        }
    }

    /// The keys of a free section may have any name; each value is like the first one in `wanted`.
    fn check_free(
        &self,
        value: &Value,
        wanted: &Value,
        root: &Table,
        key: &mut Vec<String>,
    ) -> Result<(), ConfigError> {
        let Value::Table(targets) = value else { return self.check_value(value, wanted, root, key) };
        let Some(pattern) = wanted.as_table().and_then(|table| table.values().next()) else { return Ok(()) };
        for (name, target) in targets {
            key.push(name.clone());
            self.check_value(target, pattern, root, key)?;
            key.pop();
        }
        Ok(())
    }

    fn unknown(&self, key: &[String], siblings: &Table, root: &Table) -> ConfigError {
        if let Some((_, remedy)) = REMOVED.iter().find(|(removed, _)| *removed == display_key(key)) {
            return self.bad_value(key, format!("is no longer a setting: {remedy}"));
        }
        let name = key.last().map_or("", String::as_str);
        ConfigError::UnknownKey {
            path: self.path.to_owned(),
            line: self.line_of(key),
            key: display_key(key),
            nearest: nearest(name, &key[..key.len() - 1], siblings, root),
        }
    }

    /// An error about the value under `key`.
    pub fn bad_value(&self, key: &[String], problem: String) -> ConfigError {
        let line = self.line_of(key);
        ConfigError::BadValue { path: self.path.to_owned(), line, key: display_key(key), problem }
    }

    /// The line, counted from 1, of `key` or of the deepest part of it that stands in the file.
    pub fn line_of(&self, key: &[String]) -> usize {
        let mut offset = 0;
        let mut table = Some(self.spans);
        let mut array = None;
        for segment in key {
            let found = match (table, array) {
                (Some(entries), _) => {
                    find(entries, segment).map(|(name, value)| (name.span().start, value.get_ref()))
                }
                (None, Some(elements)) => element(elements, segment),
                (None, None) => None,
            };
            let Some((start, value)) = found else { break };
            offset = start;
            table = value.as_table();
            array = value.as_array();
        }
        line_at(self.text, offset)
    }
}

type Entry<'a> = (&'a toml::Spanned<toml::de::DeString<'a>>, &'a toml::Spanned<DeValue<'a>>);

/// The entry `name`. A dotted custom target may be written as a table of tables: then its first part is found.
fn find<'a>(table: &'a DeTable<'a>, name: &str) -> Option<Entry<'a>> {
    let starts_name = |key: &str| name.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'));
    table
        .iter()
        .find(|(key, _)| key.get_ref().as_ref() == name)
        .or_else(|| table.iter().find(|(key, _)| starts_name(key.get_ref().as_ref())))
}

fn element<'a>(array: &'a toml::de::DeArray<'a>, segment: &str) -> Option<(usize, &'a DeValue<'a>)> {
    let index: usize = segment.trim_matches(['[', ']']).parse().ok()?;
    array.get(index).map(|element| (element.span().start, element.get_ref()))
}

/// The line, counted from 1, of the byte `offset`.
pub fn line_at(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    before.iter().filter(|&&byte| byte == b'\n').count() + 1
}

/// The known key most like `name`: among its siblings, else below them, else anywhere under the same last word.
fn nearest(name: &str, parent: &[String], siblings: &Table, root: &Table) -> Option<String> {
    let similarity = |key: &String| strsim::normalized_damerau_levenshtein(name, key);
    let best = |keys: Vec<Vec<String>>| {
        let similar = |key: Vec<String>| Some((similarity(key.last()?), key));
        let best = keys.into_iter().filter_map(similar).max_by(|a, b| a.0.total_cmp(&b.0));
        best.filter(|(similarity, _)| *similarity >= SIMILAR).map(|(_, key)| display_key(&key))
    };
    let child = |parent: &[String], key: &String| [parent, std::slice::from_ref(key)].concat();
    let own = siblings.keys().map(|key| child(parent, key)).collect();
    let tables = siblings.iter().filter_map(|(key, value)| Some((child(parent, key), value.as_table()?)));
    let below = tables.flat_map(|(path, table)| table.keys().map(move |key| child(&path, key))).collect();
    best(own).or_else(|| best(below)).or_else(|| same_name_elsewhere(name, root, &mut Vec::new()))
}

fn same_name_elsewhere(name: &str, table: &Table, path: &mut Vec<String>) -> Option<String> {
    for (key, value) in table {
        path.push(key.clone());
        if key == name {
            return Some(display_key(path));
        }
        if let Some(found) = value.as_table().and_then(|inner| same_name_elsewhere(name, inner, path)) {
            return Some(found);
        }
        path.pop();
    }
    None
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Integer(_) => "an integer",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a time",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}
