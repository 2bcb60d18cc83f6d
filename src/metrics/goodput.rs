//! The requests that kept every limit of their times. Not compared with a baseline, whose limits may be others.

use super::entry::{Entry, entry, higher};
use super::metric::{Population::Sent, REQUEST};
use super::reading::{over, share};
use super::subject::{Table, one, table};
use crate::summary::Goodput;
use crate::units::Unit::*;

pub const SUBJECT: Table<Goodput> =
    table(REQUEST, &[REQUEST], ENTRIES, |run| one(REQUEST, run.goodput.as_ref()));

#[rustfmt::skip]
const ENTRIES: &[Entry<Goodput>] = &[
    entry(higher("goodput_per_s").headline(), PerSecond, Sent,
        "successful requests that met the tightest limits of their times / window", |found| over(&found.per_s, found.sent)),
    entry(higher("goodput_share").headline(), Ratio, Sent,
        "successful requests that met the tightest limits of their times / requests sent",
        |found| share(&found.share, found.sent)),
];
