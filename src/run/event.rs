//! One row of a run file, as the makers of runs (`record`, `simulate`) fill it in.

use super::columns::{Typed, kinds, run_table};

macro_rules! define_event {
    (
        required { $($(#[$must_doc:meta])+ $must:ident: $must_kind:ident $(.$must_told:ident $must_how:tt)*;)* }
        optional { $($(#[$doc:meta])+ $name:ident: $kind:ident $(.$told:ident $how:tt)*;)* }
    ) => {
        /// One event. Times are µs since 1970 (UTC), durations ms; `None` is a null in the file.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct Event {
            $($(#[$must_doc])+ pub $must: <kinds::$must_kind as Typed>::Value,)*
            $($(#[$doc])+ pub $name: Option<<kinds::$kind as Typed>::Value>,)*
        }
    };
}

run_table! { [define_event] [] }

#[cfg(test)]
pub(crate) use define_event;
