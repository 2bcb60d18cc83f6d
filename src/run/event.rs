//! One row of a run file, as the makers of runs (`record`, `simulate`) fill it in.

use super::columns::{run_table, value_type};

macro_rules! define_event {
    (
        required { $($(#[$must_doc:meta])+ $must:ident: $must_kind:ident $({ $($must_told:tt)* })?;)* }
        optional { $($(#[$doc:meta])+ $name:ident: $kind:ident $({ $($told:tt)* })?;)* }
    ) => {
        /// One event. Times are µs since 1970 (UTC), durations ms; `None` is a null in the file.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct Event {
            $($(#[$must_doc])+ pub $must: value_type!($must_kind),)*
            $($(#[$doc])+ pub $name: Option<value_type!($kind)>,)*
        }
    };
}

run_table! { [define_event] [] }

#[cfg(test)]
pub(crate) use define_event;
