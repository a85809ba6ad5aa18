//! Acts of the clock, and which of them is due.

use crate::act::actor::Actor;
use crate::act::work::{Act, perform_if};
use crate::books::rulebooks::Books;
use crate::error::Result;
use jiff::Timestamp;
use sluice_store::{Store, Tx};

/// An act of the clock. Another process may have done it since it was found to be due, so that is asked again.
pub trait ClockAct: Act {
    /// Is it still to be done?
    ///
    /// # Errors
    /// If the database fails.
    fn is_due(&self, tx: &mut Tx<'_>) -> Result<bool>;
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

    /// Does it as the clock, unless another process has done it at this moment.
    ///
    /// # Errors
    /// If it cannot be done; then nothing of it is kept.
    pub fn perform(self, store: &mut Store, books: &Books, now: Timestamp) -> Result<()> {
        self.act.perform(store, books, now)
    }
}

trait Perform {
    fn perform(self: Box<Self>, store: &mut Store, books: &Books, now: Timestamp) -> Result<()>;
}

impl<A: ClockAct> Perform for A {
    fn perform(self: Box<Self>, store: &mut Store, books: &Books, now: Timestamp) -> Result<()> {
        let prepare = |tx: &mut Tx<'_>| Ok(self.is_due(tx)?.then_some(*self));
        perform_if(store, books, now, &Actor::clock(), prepare).map(drop)
    }
}
