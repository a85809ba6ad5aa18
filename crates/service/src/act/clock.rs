//! Acts of the clock.

use crate::act::work::Act;
use crate::error::Result;
use sluice_store::Tx;

/// An act of the clock. Another process may have done it since it was found to be due, so that is asked again.
pub trait ClockAct: Act {
    /// Is it still to be done?
    ///
    /// # Errors
    /// If the database fails.
    fn is_due(&self, tx: &mut Tx<'_>) -> Result<bool>;
}
