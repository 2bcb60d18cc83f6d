//! Parses the command line, calls a command, turns its result into an exit code.

fn main() {}
