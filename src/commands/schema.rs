//! `schema`: the JSON Schema of an output, for those who check or read it by program.

use std::io::Write;

use anyhow::Context as _;

use crate::exit_code::ExitCode;
use crate::report::comparison;

/// Print the JSON Schema (draft 2020-12) of an output.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Examples:\n  cmo-metrics schema comparison > comparison.schema.json")]
pub struct SchemaArgs {
    /// Which output
    #[arg(value_enum)]
    pub name: SchemaName,
}

/// Outputs that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum SchemaName {
    /// comparison.json, and what `compare --format json` prints
    Comparison,
}

/// # Errors
/// When it cannot be printed.
pub fn run(args: &SchemaArgs, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let schema = match args.name {
        SchemaName::Comparison => comparison::SCHEMA,
    };
    super::print(out, schema).context("cannot print the schema")?;
    Ok(ExitCode::Clean)
}
