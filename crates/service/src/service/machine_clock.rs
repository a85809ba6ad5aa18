//! CAL-3: a clock of the machine that was set while it ran. Nothing is done until an operator has said that it is right, or it is put
//! right; files are received meanwhile with the moments that it would have given.

use crate::act::actor::Actor;
use crate::error::{Result, ServiceError};
use crate::files::machine_clock::AcceptClock;
use crate::service::Service;
use sluice_store::ClockJump;

impl Service {
    /// Believes the clock of the machine again, which was set. What waits in the intake with a later moment gets that of now: it was
    /// there by then. Gives what it was and is.
    ///
    /// # Errors
    /// If the caller is no operator, the clock was not set or is not the machine's, or the database fails.
    pub fn accept_clock(&mut self, by: &Actor) -> Result<ClockJump> {
        if self.is_simulated()? {
            return Err(ServiceError::Use("the clock of this database is given, not the machine's".to_owned()));
        }
        let Some(jump) = self.store.clock_jump()? else {
            let whose =
                if self.url().path().is_some() { "machine's clock was not set" } else { "server's clock is used" };
            return Err(ServiceError::Use(format!("there is nothing to accept: the {whose}")));
        };
        self.act(jump.says, by, AcceptClock { from: jump.expected, to: jump.says })?;
        self.store.believe_clock_at(jump.says)?;
        Ok(jump)
    }

    /// Notes the clock of the machine, by which moments are given.
    pub(super) fn note_clock(&mut self) -> Result<()> {
        if self.is_simulated()? { Ok(()) } else { Ok(self.store.note_clock()?) }
    }
}

#[cfg(test)]
#[path = "machine_clock_tests.rs"]
mod tests;
