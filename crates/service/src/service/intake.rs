//! Files are handed in: kept with the moment of their last byte before anything else, and then taken over in the order of their
//! moments, each as one act, and judged (CAL-3, MAM-9). Whoever works on the database takes over what waits, whoever handed it in.

use crate::act::actor::Actor;
use crate::error::{Result, ServiceError};
use crate::files::handed::Own;
use crate::files::handed::{Content, Handed, HandedIn, Wish};
use crate::files::receive::Receipt;
use crate::service::Service;
use crate::service::checking::BEAT;
use jiff::Timestamp;
use sluice_rules::party::Party;
use sluice_store::StoreError;
use sluice_store::tables::convert;
use sluice_store::tables::intake::{self, Arrival, Live};
use sluice_wire::name::may_be_password;
use std::time::{Duration, Instant};

/// How long a password waits for its turn.
const PASSWORD_WAITS: Duration = Duration::from_secs(60);

/// How often who waits for others looks.
const LOOKS: Duration = Duration::from_millis(20);

/// What stands before the next act of the clock.
struct Gate {
    /// The next arrival to be taken over. Nobody is about to hand in anything with an earlier moment.
    next: Option<Arrival>,
    /// Whatever arrived before this moment is taken over.
    sealed: Timestamp,
    /// The parties of which other processes have a file in checking.
    elsewhere: Vec<Party>,
}

impl Service {
    /// Takes a file as somebody hands it in for a party: its receipt is durable when this returns. The verdict comes from
    /// [`Service::judge`].
    ///
    /// # Errors
    /// If the party is not registered or the database fails; then nothing is kept, unless the file arrived and could not be taken
    /// over: [`Service::submit`] tells which.
    pub fn receive(&mut self, now: Timestamp, by: &Actor, name: &str, bytes: &[u8]) -> Result<Receipt> {
        match self.submit(now, by, name, Content::Whole(bytes), false)? {
            Handed::Taken(handed) => Ok(handed.receipt),
            Handed::Pending(_, why) => Err(why),
        }
    }

    /// Takes a file and judges it.
    ///
    /// # Errors
    /// As [`Service::receive`].
    pub fn hand_in(&mut self, now: Timestamp, by: &Actor, name: &str, bytes: &[u8]) -> Result<HandedIn> {
        match self.submit(now, by, name, Content::Whole(bytes), true)? {
            Handed::Taken(handed) => Ok(handed),
            Handed::Pending(_, why) => Err(why),
        }
    }

    /// Keeps a file with the moment of its last byte, and takes over what waits, in order, up to and including it; where that is
    /// asked for, it is judged. The moment is the clock's of the intake; on a simulated database the given one.
    ///
    /// # Errors
    /// If the party is not registered or the intake fails; then nothing is kept and it can be handed in again.
    pub fn submit(
        &mut self,
        now: Timestamp,
        by: &Actor,
        name: &str,
        content: Content<'_>,
        judges: bool,
    ) -> Result<Handed> {
        let own = self.arrive(now, by, name, content, Wish { judges, ..Wish::default() })?;
        Ok(self.take(now, own))
    }

    /// Takes over what waits, in order, up to and including what this process handed in.
    pub fn take(&mut self, now: Timestamp, own: Own<'_>) -> Handed {
        // FI24: what is set aside is tried again by every command; where that fails, the next one says so.
        drop(self.try_what_is_aside(now));
        let held = Some(own.arrival.at).filter(|_| own.holds());
        let handed = self.take_over_own(now, own);
        if let Some(since) = held {
            self.let_go(now, since);
        }
        // Who finds that it was not given back waits no longer for it than for who is dead.
        drop(self.give_back());
        handed
    }

    fn take_over_own(&mut self, now: Timestamp, mut own: Own<'_>) -> Handed {
        let (now, began) = (now.max(own.arrival.at), Instant::now());
        let mut beaten = began;
        let waits = match self.heeds_others() {
            // MAM-10: nobody but this process has a password.
            Ok(true) if may_be_password(&own.arrival.name) => PASSWORD_WAITS,
            Ok(true) => self.turns.patience,
            _ => Duration::ZERO,
        };
        loop {
            let tried = self.work_off(now, Some(&mut own));
            if let Some(handed) = own.taken.take() {
                return Handed::Taken(handed);
            }
            // Another process may have taken it over.
            match tried.and_then(|_| self.read_back(now, &own)) {
                Ok(Some(handed)) => return Handed::Taken(handed),
                Err(ServiceError::Store(StoreError::Locked)) | Ok(None) if began.elapsed() < waits => {
                    std::thread::sleep(LOOKS);
                    if own.holds() && beaten.elapsed() > BEAT {
                        beaten = Instant::now();
                        drop(self.say_what_it_holds(now));
                    }
                }
                Ok(None) => return Handed::Pending(own.arrival, StoreError::Locked.into()),
                Err(error) => return Handed::Pending(own.arrival, error),
            }
        }
    }

    /// What time it is for the intake, to the millisecond: on a simulated database the moment that is given.
    pub(super) fn intake_moment(&mut self, now: Timestamp) -> Result<Timestamp> {
        if self.is_simulated()? {
            return Ok(convert::moment_of(now.as_millisecond())?);
        }
        Ok(self.store.clock()?)
    }

    /// Does what waits and what is due, in the order of time: takes arrivals over and has them judged, up to the one of this process
    /// where there is one, and does what the clock asks for. Gives how many acts that took. What other processes are checking is left
    /// to them.
    pub(super) fn work_off(&mut self, now: Timestamp, mut own: Option<&mut Own<'_>>) -> Result<usize> {
        let (mut done, mut undone, began) = (0, Vec::new(), Instant::now());
        let waits = if own.is_none() && self.heeds_others()? { self.turns.patience } else { Duration::ZERO };
        loop {
            if own.is_none() && self.until.is_some_and(|until| Instant::now() >= until) {
                return Ok(done);
            }
            // Verdicts come in the order of arrival: what was received before comes first. Who received it has the place of its party.
            let received = self.undecided()?;
            let Gate { next, sealed, elsewhere } = self.gate(now)?;
            self.sealed = sealed;
            // CAL-3: what the clock asks for waits for all that arrived before it.
            let due = if received.is_none() { self.next_due(now)?.filter(|due| due.at <= sealed) } else { None };
            // At the instant of a cut-off it is late: what is due then goes first.
            let first = next.filter(|next| due.as_ref().is_none_or(|due| next.at < due.at));
            let party = received.as_ref().map(|file| file.sender).or(first.as_ref().map(|next| next.party));
            if party.is_some_and(|party| elsewhere.contains(&party)) {
                if !self.check_another(now)? {
                    if began.elapsed() >= waits {
                        return Ok(done);
                    }
                    std::thread::sleep(LOOKS);
                }
                continue;
            }
            match (received, first, due) {
                (Some(file), ..) => drop(self.judge(now, file.id)?),
                (None, Some(next), _) => {
                    let is_own = own.as_ref().is_some_and(|own| own.arrival.id == next.id);
                    if !self.take_over(now, next, own.as_deref_mut().filter(|_| is_own))? {
                        continue;
                    }
                    if is_own {
                        return Ok(done + 1);
                    }
                }
                // Another process may have received something that came before, since nothing was found that has no verdict.
                (None, None, Some(_)) if self.undecided()?.is_some() => continue,
                (None, None, Some(due)) => self.do_or_set_aside(now, &due, &mut undone)?,
                (None, None, None) => return Ok(done),
            }
            done += 1;
        }
    }

    /// CAL-3: takes over all that arrived before a moment, also what somebody is about to hand in since before it: as long as he may be
    /// silent.
    pub(super) fn take_over_until(&mut self, moment: Timestamp) -> Result<()> {
        let (moment, began) = (convert::moment_of(moment.as_millisecond())?, Instant::now());
        loop {
            self.catch_up(moment)?;
            // What is sealed is taken over; another process may be about to judge it.
            if self.sealed >= moment && self.undecided()?.is_none() {
                return Ok(());
            }
            if began.elapsed() > intake::SILENCE.unsigned_abs() + self.turns.patience {
                return Err(StoreError::Locked.into());
            }
            std::thread::sleep(LOOKS);
        }
    }

    /// CAL-3: whatever arrived before this moment is taken over.
    pub(super) fn sealed_by(&mut self, now: Timestamp) -> Result<Timestamp> {
        Ok(self.gate(now)?.sealed)
    }

    /// What stands before the next act. Processes that are silent for too long are waited for no longer.
    fn gate(&mut self, now: Timestamp) -> Result<Gate> {
        // Whoever takes a moment after this one and is not seen below takes a later one than any that is taken over now.
        let clock = self.intake_moment(now)?;
        let (mut live, mut next, elsewhere) = self.at_hand(clock)?;
        if live.iter().any(|live| live.beat + intake::SILENCE <= clock) {
            let mut tx = self.store.intake()?;
            intake::bury(&mut tx, clock)?;
            tx.commit()?;
            // What they kept before it is seen now.
            (live, next, _) = self.at_hand(clock)?;
        }
        let lowest = live.first().map_or(Timestamp::MAX, |live| live.watermark);
        let at = next.as_ref().map_or(Timestamp::MAX, |next| next.at);
        let in_order = |next: &Arrival| next.at <= lowest && next.at <= clock;
        Ok(Gate { next: next.filter(in_order), sealed: now.min(clock).min(lowest).min(at), elsewhere })
    }

    /// Who is about to hand something in, the next arrival to be taken over, and whose files are in checking elsewhere, as they are at
    /// one moment.
    fn at_hand(&mut self, clock: Timestamp) -> Result<(Vec<Live>, Option<Arrival>, Vec<Party>)> {
        let process = self.heeds_others()?.then(|| self.process()).transpose()?;
        let Some(mut view) = self.store.intake_view()? else { return Ok((Vec::new(), None, Vec::new())) };
        let elsewhere = match process {
            Some(process) => intake::in_checking(&mut view, &process, clock)?,
            None => Vec::new(),
        };
        Ok((intake::live(&mut view)?, intake::next(&mut view)?, elsewhere))
    }
}

#[cfg(test)]
#[path = "intake_tests.rs"]
pub(super) mod tests;

#[cfg(test)]
#[path = "confirmation_tests.rs"]
mod confirmation_tests;

#[cfg(test)]
#[path = "cutoff_tests.rs"]
mod cutoff_tests;
