//! What can be wrong with the settings: each message names the file, the line, the key and the remedy.

use std::path::PathBuf;

/// What is wrong with a configuration file or with a run's own targets.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read the configuration {path}: {source}; check the path, or leave out --config")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path}, line {line}: not valid TOML: {message}")]
    Syntax { path: PathBuf, line: usize, message: String },
    #[error("{path}, line {line}: unknown key `{key}`{}; `cmo-metrics config show` lists all keys", hint(.nearest))]
    UnknownKey { path: PathBuf, line: usize, key: String, nearest: Option<String> },
    #[error("{path}, line {line}: `{key}` is {found}, wanted {wanted}")]
    WrongType { path: PathBuf, line: usize, key: String, found: &'static str, wanted: &'static str },
    #[error("{path}, line {line}: `{key}` {problem}")]
    BadValue { path: PathBuf, line: usize, key: String, problem: String },
    #[error("target `{key}` in the run's metadata {problem}")]
    RunOverride { key: String, problem: String },
}

fn hint(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |nearest| format!(", did you mean `{nearest}`?"))
}

/// A value that cannot be meant, before it is known in which file it stands.
#[derive(Debug, PartialEq)]
pub struct Fault {
    /// Segments of the key; `[2]` is the third element of an array.
    pub key: Vec<String>,
    /// Goes on after the key: "must be …, is …".
    pub problem: String,
}

impl Fault {
    /// A fault of the key `dotted`, whose segments have no dots themselves.
    pub fn new(dotted: &str, problem: impl Into<String>) -> Self {
        Self { key: dotted.split('.').map(str::to_owned).collect(), problem: problem.into() }
    }
}

/// The key as one writes it in TOML: dotted, segments that are not bare in quotes.
pub fn display_key(key: &[String]) -> String {
    let mut text = String::new();
    for segment in key {
        let is_index = segment.starts_with('[') && segment.ends_with(']');
        if !text.is_empty() && !is_index {
            text.push('.');
        }
        let is_bare = segment.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if is_index || (is_bare && !segment.is_empty()) {
            text.push_str(segment);
        } else {
            text.push_str(&toml::Value::String(segment.clone()).to_string());
        }
    }
    text
}
