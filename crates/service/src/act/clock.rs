//! Acts of the clock, and which of them is due.

use crate::act::actor::Actor;
use crate::act::perform::{Before, found_before, perform_prepared};
use crate::act::work::{Act, Look, Reads, Work, key};
use crate::books::rulebooks::Books;
use crate::error::Result;
use jiff::Timestamp;
use sluice_store::Store;

/// An act of the clock.
pub trait ClockAct: Act {
    /// From when on it is to be done, as everything stands: also from who finds it, and again in its transaction, since
    /// anything may have changed meanwhile. None if it is not to be done, as when another process has done it; the end of all time if
    /// that depends on something else.
    ///
    /// # Errors
    /// If the database fails.
    fn due_at<'w>(&self, work: &mut Work<'w, impl Reads<'w>>) -> Result<Option<Timestamp>>;
}

/// Is an act to be done at the moment of the work? Not before all that arrived before it was due is taken over (CAL-3).
fn is_due<'w>(act: &impl ClockAct, work: &mut Work<'w, impl Reads<'w>>) -> Result<bool> {
    let by = work.now.min(work.sealed);
    Ok(act.due_at(work)?.is_some_and(|at| at <= by))
}

/// An act that is due, whatever it is.
pub struct Due {
    /// The moment at which it was due.
    pub at: Timestamp,
    act: Box<dyn Perform>,
}

impl Due {
    /// An act that was due at a moment.
    pub fn at(at: Timestamp, act: impl ClockAct + 'static) -> Self {
        Self { at, act: Box::new(act) }
    }

    /// Its kind and its details, as they would be recorded.
    ///
    /// # Errors
    /// If they cannot be written down.
    pub fn key(&self) -> Result<(&'static str, String)> {
        self.act.key()
    }

    /// Is it not to be done any more, now or later?
    ///
    /// # Errors
    /// If the database fails.
    pub fn is_over(&self, work: &mut Look<'_>) -> Result<bool> {
        self.act.is_over(work)
    }

    /// Is it to be done at the moment of the work, as everything stands?
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) fn is_due(&self, work: &mut Work<'_>) -> Result<bool> {
        self.act.is_due(work)
    }

    /// Does it as the clock, if it is still to be done, and as far as all is taken over that arrived before a moment. Says whether it
    /// was.
    ///
    /// # Errors
    /// If it cannot be done; then nothing of it is kept.
    pub fn perform(&self, store: &mut Store, books: &Books, now: Timestamp, sealed: Timestamp) -> Result<bool> {
        self.act.perform(store, books, now, sealed)
    }
}

trait Perform {
    fn key(&self) -> Result<(&'static str, String)>;
    fn is_over(&self, work: &mut Look<'_>) -> Result<bool>;
    fn is_due(&self, work: &mut Work<'_>) -> Result<bool>;
    fn perform(&self, store: &mut Store, books: &Books, now: Timestamp, sealed: Timestamp) -> Result<bool>;
}

impl<A: ClockAct> Perform for A {
    fn key(&self) -> Result<(&'static str, String)> {
        key(self)
    }

    fn is_over(&self, work: &mut Look<'_>) -> Result<bool> {
        Ok(self.due_at(work)?.is_none())
    }

    fn is_due(&self, work: &mut Work<'_>) -> Result<bool> {
        is_due(self, work)
    }

    fn perform(&self, store: &mut Store, books: &Books, now: Timestamp, sealed: Timestamp) -> Result<bool> {
        let found = |work: &mut Work<'_>| found_before(self, work);
        let before: Before<'_> = if A::PREPARES { Some(&found) } else { None };
        let prepare = |work: &mut Work<'_>| {
            work.sealed = sealed;
            Ok(is_due(self, work)?.then_some(self))
        };
        Ok(perform_prepared::<A, _>(store, books, (now, &Actor::clock()), before, prepare)?.is_some())
    }
}
