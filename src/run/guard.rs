//! Keeps a panic inside the Parquet reader from taking anything else down.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::Path;
use std::sync::Once;

use super::error::RunError;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

static SILENCE: Once = Once::new();

/// Does `read`; a panic in it becomes an error that names `path`, without the default message.
pub fn guard<R>(path: &Path, read: impl FnOnce() -> Result<R, RunError>) -> Result<R, RunError> {
    SILENCE.call_once(silence_guarded_threads);
    let before = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(read));
    GUARDED.set(before);
    result.unwrap_or_else(|payload| {
        Err(RunError::ReaderPanicked { path: path.to_owned(), reason: message(payload.as_ref()) })
    })
}

fn silence_guarded_threads() {
    let report = take_hook();
    set_hook(Box::new(move |info| {
        if !GUARDED.get() {
            report(info);
        }
    }));
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no reason given").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_with_path_and_reason() {
        let error = guard::<()>(Path::new("run.parquet"), || panic!("index {} out of range", 7)).unwrap_err();
        assert!(
            matches!(&error, RunError::ReaderPanicked { reason, .. } if reason == "index 7 out of range")
        );
        assert!(error.to_string().starts_with("run.parquet: "));
        assert!(!GUARDED.get(), "the thread reports its own panics again");
    }
}
