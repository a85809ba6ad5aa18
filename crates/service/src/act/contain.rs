//! A panic is contained: what was going on is taken back, and the panic becomes a defect with its words.

use crate::error::{Result, ServiceError};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Is a panic of this thread contained?
    static CONTAINS: Cell<bool> = const { Cell::new(false) };
    /// Where the last one was.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

static HOOK: Once = Once::new();

/// Does something. A panic in it is an error; it is not printed, since whoever gave the command may not be who it is about.
///
/// # Errors
/// What it says; [`ServiceError::Panic`] if it panicked.
pub(crate) fn contained<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| if CONTAINS.get() { note(panic) } else { before(panic) }));
    });
    let outer = CONTAINS.replace(true);
    // What was borrowed is a transaction, which a panic ends, or is made anew by who asked.
    let done = catch_unwind(AssertUnwindSafe(work));
    CONTAINS.set(outer);
    done.unwrap_or_else(|panic| Err(ServiceError::Panic(words(&*panic))))
}

fn note(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line()));
    PLACE.set(place);
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let place = PLACE.take().map(|place| format!(" at {place}")).unwrap_or_default();
    format!("it panicked{place}: {}", text.unwrap_or("without a word"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_with_its_words_and_its_place() {
        let done: Result<()> = contained(|| panic!("the {} is empty", "box"));
        let error = done.unwrap_err().to_string();
        assert!(error.starts_with("it panicked at ") && error.contains("contain.rs:"), "{error}");
        assert!(error.contains(": the box is empty; this is a defect of the program"), "{error}");
        assert_eq!(contained(|| Ok(7)).unwrap(), 7);
    }
}
