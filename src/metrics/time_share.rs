//! Each component's share of the requests' time.

use super::entry::{Entry, entry, metric};
use super::metric::Population;
use super::reading::Reading;
use super::subject::{Instance, Instances, Table, any};
use crate::summary::{RunSummary, TimeShare};
use crate::units::Unit;

pub const SUBJECT: Table<TimeShare> =
    Table { component: "*", is_about: any, entries: ENTRIES, instances, instance: None };

fn instances(run: &RunSummary) -> Instances<'_, TimeShare> {
    run.time_spent.as_ref().map(|spent| {
        let shares = spent.shares.iter();
        shares.map(|of| Instance { component: of.component.as_str(), operation: None, of }).collect()
    })
}

const ENTRIES: &[Entry<TimeShare>] = &[entry(
    metric(
        "time_share",
        Unit::Ratio,
        Population::Finished,
        "share of the requests' time; those of all components and of `unattributed` add up to 1",
    ),
    |share| Reading::known(share.share),
)];
