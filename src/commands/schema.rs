//! `schema`: the JSON Schema of an output, for those who check or read it by program.

use std::io::Write;

use anyhow::Context as _;

use crate::cli::schema::{SchemaArgs, SchemaName};
use crate::exit_code::ExitCode;
use crate::report::comparison;

/// # Errors
/// When it cannot be printed.
pub fn run(args: &SchemaArgs, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let schema = match args.name {
        SchemaName::Comparison => comparison::SCHEMA,
    };
    super::print(out, schema).context("cannot print the schema")?;
    Ok(ExitCode::Clean)
}
