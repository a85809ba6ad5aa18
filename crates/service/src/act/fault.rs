//! Faults that tests put into acts: there is no other way to see what becomes of an act that fails by a fault of the program's.

use crate::error::{Result, ServiceError};
use sluice_store::StoreError;
use std::cell::RefCell;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// An error that no rule and no user has made.
    Defect,
    /// A panic.
    Panic,
    /// The database is busy for too long.
    Busy,
}

/// What is done while a file is read.
type Meanwhile = Box<dyn FnMut()>;

thread_local! {
    static MEANWHILE: RefCell<Option<Meanwhile>> = const { RefCell::new(None) };
    static FAULTS: RefCell<Vec<(String, Fault)>> = const { RefCell::new(Vec::new()) };
}

/// Whenever a file is read for an act of this thread, this is done meanwhile; nothing any more where none is given.
pub fn set_meanwhile(meanwhile: Option<Meanwhile>) {
    MEANWHILE.set(meanwhile);
}

/// A file is being read.
pub(crate) fn meanwhile() {
    // What is done meanwhile may read files itself.
    if let Some(mut doing) = MEANWHILE.take() {
        doing();
        MEANWHILE.set(Some(doing));
    }
}

/// The next act of a kind that this thread does fails when it has changed everything and nothing of it is kept.
pub fn put(kind: &str, fault: Fault) {
    FAULTS.with_borrow_mut(|faults| faults.push((kind.to_owned(), fault)));
}

/// Takes back the faults that have met no act.
pub fn clear() {
    FAULTS.with_borrow_mut(Vec::clear);
}

/// The fault that was put into an act of a kind.
///
/// # Errors
/// The fault, unless it is a panic.
pub(crate) fn strike(kind: &str) -> Result<()> {
    let fault = FAULTS.with_borrow_mut(|faults| {
        let place = faults.iter().position(|(of, _)| of == kind)?;
        Some(faults.remove(place).1)
    });
    match fault {
        None => Ok(()),
        Some(Fault::Defect) => Err(ServiceError::defect("a fault\0of a test")),
        Some(Fault::Busy) => Err(StoreError::Locked.into()),
        #[allow(clippy::panic, reason = "a panic is what is asked for")]
        Some(Fault::Panic) => panic!("a panic of a test"),
    }
}
