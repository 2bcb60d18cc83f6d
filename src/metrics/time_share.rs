//! Each component's share of the requests' time.

use super::entry::{Entry, entry, neither};
use super::metric::Population::Finished;
use super::reading::known;
use super::subject::{Table, table, whole};
use crate::summary::TimeShare;
use crate::units::Unit::Ratio;

pub const SUBJECT: Table<TimeShare> = table("*", &[], ENTRIES, |run| {
    run.time_spent
        .as_ref()
        .map(|spent| spent.shares.iter().map(|share| whole(&share.component, share)).collect())
});

#[rustfmt::skip]
const ENTRIES: &[Entry<TimeShare>] = &[
    entry(neither("time_share"), Ratio, Finished,
        "share of the requests' time; those of all components and of `unattributed` add up to 1",
        |found| known(found.share)),
];
