//! Who checks what, where several processes work on one database: each party has one file in checking at a time. Whoever checks one says
//! so from time to time; who is silent for too long is waited for no longer.

use crate::act::contain::contained;
use crate::act::reading::ReadFile;
use crate::basis::Basis;
use crate::error::{Result, ServiceError};
use crate::service::Service;
use crate::service::arrive::random_id;
use jiff::Timestamp;
use sluice_store::Store;
use sluice_store::tables::intake::{self, Arrival};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// How often a process that checks a file says that it lives.
pub(super) const BEAT: Duration = Duration::from_secs(2);

impl Service {
    /// Are others heeded that check files at the same time? On a simulated database time stands still while they do.
    pub(super) fn heeds_others(&mut self) -> Result<bool> {
        if let Some(heeds) = self.turns.heeds {
            return Ok(heeds);
        }
        let heeds = !self.is_simulated()?;
        self.turns.heeds = Some(heeds);
        Ok(heeds)
    }

    /// By what this process is known to the others.
    pub(super) fn process(&mut self) -> Result<String> {
        if let Some(process) = &self.turns.process {
            return Ok(process.clone());
        }
        Ok(self.turns.process.insert(random_id()?).clone())
    }

    /// Takes the place of a party for a file, if no other process has it, or had it for this file just now. Lost with the machine,
    /// nobody has it any more.
    pub(super) fn claim(&mut self, now: Timestamp, of: &Arrival) -> Result<bool> {
        if !self.heeds_others()? {
            return Ok(true);
        }
        let (process, clock) = (self.process()?, self.intake_moment(now)?);
        let mut tx = self.store.intake_notes()?;
        let has = intake::claim(&mut tx, &of.party, &of.id, &process, clock)?;
        let is_taken = intake::get(&mut tx, &of.id)?.is_some_and(|arrival| arrival.taken.is_some());
        tx.commit()?;
        Ok(has && !is_taken)
    }

    /// Gives the places back that this process has, and forgets what it has read ahead.
    pub(super) fn give_back(&mut self) -> Result<()> {
        self.turns.checked.clear();
        let Some(process) = self.turns.process.clone() else { return Ok(()) };
        // Who holds what comes is known by it still.
        self.turns.process.take_if(|_| self.turns.holds.is_empty());
        let mut tx = self.store.intake_notes()?;
        intake::give_back(&mut tx, &process)?;
        Ok(tx.commit()?)
    }

    /// Reads a file, and says meanwhile that this process lives.
    pub(super) fn read_beating(&mut self, now: Timestamp, basis: Basis, bytes: &[u8]) -> Result<ReadFile> {
        let (patience, now) = (Some(self.turns.reads), self.is_simulated()?.then_some(now));
        let Self { books, store, turns, .. } = self;
        beating(store, (now, turns.process.as_deref()), || ReadFile::of(books, basis, bytes, patience))
    }
}

/// Does something that may take long, and says meanwhile that a process lives, where it is one that others heed; at the given moment,
/// or by the clock that all share.
///
/// # Errors
/// What it says; [`ServiceError::Panic`] if it panicked.
pub(super) fn beating<T: Send>(
    store: &mut Store,
    (now, process): (Option<Timestamp>, Option<&str>),
    work: impl FnOnce() -> Result<T> + Send,
) -> Result<T> {
    let Some(process) = process else { return contained(work) };
    std::thread::scope(|scope| {
        let (done, told) = channel();
        scope.spawn(move || drop(done.send(contained(work))));
        loop {
            match told.recv_timeout(BEAT) {
                Ok(done) => return done,
                Err(RecvTimeoutError::Disconnected) => return Err(ServiceError::defect("it was not done")),
                // Who cannot say so now says so the next time.
                Err(RecvTimeoutError::Timeout) => drop(beat(store, now, process)),
            }
        }
    })
}

/// Says that a process lives; at the given moment, or by the clock that all share.
fn beat(store: &mut Store, now: Option<Timestamp>, process: &str) -> Result<()> {
    let clock = now.map_or_else(|| store.clock(), Ok)?;
    let mut tx = store.intake_notes()?;
    intake::beat(&mut tx, process, clock)?;
    Ok(tx.commit()?)
}

#[cfg(test)]
#[path = "checking_tests.rs"]
mod tests;
