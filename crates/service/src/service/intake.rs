//! Files are handed in: kept with the moment of their last byte before anything else, and then taken over in the order of their
//! moments, each as one act, and judged (CAL-3, MAM-9). Whoever works on the database takes over what waits, whoever handed it in.

use crate::act::actor::{Actor, recorded};
use crate::act::perform::perform_if;
use crate::act::reading::Ahead;
use crate::error::{Result, ServiceError};
use crate::files::handed::{Content, Handed, HandedIn, Wish};
use crate::files::receive::{Receipt, Receive, is_refused_unread};
use crate::files::turns::Checked;
use crate::service::Service;
use crate::service::arrive::{LARGE, Own};
use crate::weeks::demand::Confirm;
use jiff::Timestamp;
use sluice_rules::file::FileStatus;
use sluice_rules::party::Party;
use sluice_store::tables::intake::{self, Arrival, Live};
use sluice_store::tables::record::Packed;
use sluice_store::tables::{convert, files, record};
use sluice_store::{Scope, StoreError};
use sluice_wire::name::may_be_password;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Of what is refused by its name so many bytes are kept in the intake; what is larger is not kept at all.
const MOST_UNREAD: u64 = 1 << 20;

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

/// What came of taking an arrival over.
enum Taken {
    /// It is in the record, with what it says.
    Now(Receipt, Ahead),
    /// It was in the record before.
    Before,
    /// It is not its turn: another file has no verdict yet, or another process is checking one of the party.
    NotYet,
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
        let handed = self.take_over_own(now, own);
        // Who finds that it was not given back waits no longer for it than for who is dead.
        drop(self.give_back());
        handed
    }

    fn take_over_own(&mut self, now: Timestamp, mut own: Own<'_>) -> Handed {
        let (now, began) = (now.max(own.arrival.at), Instant::now());
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
            // Verdicts come in the order of arrival: what was received before comes first. Who received it has the place of its party.
            let received = self.undecided()?;
            let Gate { next, sealed, elsewhere } = self.gate(now)?;
            self.sealed = sealed;
            let due = if received.is_none() { self.next_due(now)? } else { None };
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
                (None, None, Some(due)) => self.do_or_set_aside(now, &due, &mut undone)?,
                (None, None, None) => return Ok(done),
            }
            done += 1;
        }
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

    /// Takes an arrival over into the record, and has it judged. It is read before. One that cannot be taken over is set aside with the
    /// reason and keeps nobody waiting. Says whether its turn had come.
    pub(super) fn take_over(
        &mut self,
        now: Timestamp,
        arrival: Arrival,
        mut own: Option<&mut Own<'_>>,
    ) -> Result<bool> {
        let now = now.max(arrival.at);
        let taken = match self.contained(|service| service.record(now, &arrival, own.as_deref_mut())) {
            Ok(Taken::NotYet) => return Ok(false),
            Ok(taken) => taken,
            Err(ServiceError::Store(error)) if error.passes() => return Err(error.into()),
            Err(error) => {
                let mut tx = self.store.intake()?;
                intake::set_aside(&mut tx, &arrival.id, &error.to_string())?;
                tx.commit()?;
                return if own.is_some() { Err(error) } else { Ok(true) };
            }
        };
        // FI21: what is held and comes again confirmed is confirmed by it.
        let repeats = matches!(&taken, Taken::Before) || matches!(&taken, Taken::Now(receipt, _) if receipt.repeat);
        let confirmed = arrival.confirm && repeats && self.confirm_held(now, &arrival)?;
        let unread = matches!(&taken, Taken::Now(receipt, _) if !receipt.refused.is_empty());
        let (forget, mark) = (now.saturating_sub(self.keeps(now)?).unwrap_or(Timestamp::MIN), self.mark()?);
        // Lost with the machine, it is taken over once more, and recognised.
        let mut tx = self.store.intake_notes()?;
        intake::take(&mut tx, &arrival.id, now, forget)?;
        if unread && arrival.size > MOST_UNREAD {
            intake::drop_content(&mut tx, &arrival.id)?;
        }
        if let Some((name, mark)) = mark {
            intake::set_fact(&mut tx, name, &mark)?;
        }
        tx.commit()?;
        match (own, taken) {
            (Some(own), Taken::Now(receipt, ahead)) => {
                let handed = self.judge_own(now, receipt, own, ahead)?;
                own.taken = Some(HandedIn { confirmed: handed.confirmed || confirmed, ..handed });
            }
            (None, Taken::Now(receipt, ahead)) if is_judged(&receipt, &arrival) => {
                drop(self.judge_ahead(now, receipt.id, ahead)?);
            }
            // What became of it is read back; what has no verdict yet is judged next.
            _ => {}
        }
        Ok(true)
    }

    /// FI21: confirms the file of an arrival's name that is held. Says whether it did: what comes too late or is held no more is no
    /// failure.
    fn confirm_held(&mut self, now: Timestamp, of: &Arrival) -> Result<bool> {
        let held = files::of_status(&mut self.store.view(Scope::Dcc)?, FileStatus::Held)?;
        let mut view = self.store.view(Scope::Dcc)?;
        let mut file = None;
        for held in held.into_iter().filter(|held| held.sender == of.party) {
            if record::received(&mut view, held.id)?.name == of.name {
                file = Some(held.id);
            }
        }
        drop(view);
        let Some(file) = file else { return Ok(false) };
        let by = Actor::supplier(of.party);
        let confirm = Confirm { file, at: Some(of.at) };
        match perform_if::<Confirm, _>(&mut self.store, &self.books, now, &by, |_| Ok(Some(&confirm))) {
            Ok(done) => Ok(done.is_some()),
            Err(ServiceError::Rule { .. } | ServiceError::Use(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Tries what could not be taken over again. Gives how much of it could.
    pub(super) fn take_over_aside(&mut self, now: Timestamp) -> Result<usize> {
        let waiting = match self.store.intake_view()? {
            Some(mut view) => intake::waiting(&mut view)?,
            None => Vec::new(),
        };
        let mut taken = 0;
        for arrival in waiting.into_iter().filter(|arrival| arrival.why.is_some()) {
            let id = arrival.id.clone();
            self.take_over(now, arrival, None)?;
            let mut tx = self.store.intake()?;
            taken += usize::from(intake::get(&mut tx, &id)?.is_some_and(|arrival| arrival.taken.is_some()));
        }
        Ok(taken)
    }

    /// The act in which an arrival is received. It is read before.
    fn record(&mut self, now: Timestamp, arrival: &Arrival, mut own: Option<&mut Own<'_>>) -> Result<Taken> {
        let by = recorded(&mut serde_json::Deserializer::from_str(&arrival.actor)).map_err(ServiceError::defect)?;
        let Some((kept, ahead)) = self.check(now, arrival, own.as_deref_mut())? else { return Ok(Taken::NotYet) };
        let packed = own.as_ref().and_then(|own| own.packed.as_ref()).or(kept.as_ref());
        let mut is_its_turn = true;
        let receipt = perform_if::<Receive, Receive>(&mut self.store, &self.books, now, &by, |work| {
            let tx = &mut work.tx;
            if intake::of_arrival(tx, &arrival.id)?.is_some() {
                return Ok(None);
            }
            // No file gets its verdict before one that arrived earlier.
            is_its_turn = files::of_status(tx, FileStatus::Received)?.is_empty();
            if !is_its_turn {
                return Ok(None);
            }
            let id = record::next_received(tx)?;
            let is_kept = !is_refused_unread(work, arrival.party, &arrival.as_received(id))?;
            let tx = &mut work.tx;
            if is_kept && let Some((digest, packed)) = arrival.digest.as_ref().zip(packed) {
                intake::keep_content(tx, arrival, digest, packed)?;
            }
            let received = intake::take_over(tx, arrival, is_kept)?;
            let unkept = arrival.digest.filter(|_| !is_kept).map(|digest| record::hexadecimal(&digest));
            Ok(Some(Receive { received, arrival: Some(arrival.id.clone()), unkept }))
        })?;
        Ok(match receipt {
            Some(receipt) => Taken::Now(receipt, ahead),
            None if is_its_turn => Taken::Before,
            None => {
                self.turns.checked.push(Checked { id: arrival.id.clone(), packed: kept, ahead });
                Taken::NotYet
            }
        })
    }

    /// What an arrival says, and its content as it is kept where it is not at hand; nothing if another process is checking a file of its
    /// party.
    fn check(
        &mut self,
        now: Timestamp,
        arrival: &Arrival,
        own: Option<&mut Own<'_>>,
    ) -> Result<Option<(Option<Packed>, Ahead)>> {
        if let Some(Checked { packed, ahead, .. }) = self.turns.take(&arrival.id) {
            return Ok(Some((packed, ahead)));
        }
        if own.as_ref().is_some_and(|own| !own.judges) {
            return Ok(Some((None, Ok(None))));
        }
        if takes_long(arrival) && !self.claim(now, arrival)? {
            return Ok(None);
        }
        if let Some(own) = own {
            let ahead = match own.read.take() {
                Some(read) => read.map(|read| Some(Arc::new(read))),
                None => self.read_arrival(now, arrival, own.bytes)?,
            };
            return Ok(Some((None, ahead)));
        }
        let Some(mut view) = self.store.intake_view()? else { return Ok(Some((None, Ok(None)))) };
        let content = intake::content(&mut view, arrival)?;
        drop(view);
        let Some((packed, bytes)) = content else { return Ok(Some((None, Ok(None)))) };
        Ok(Some((Some(packed), self.read_arrival(now, arrival, &bytes)?)))
    }

    /// While the next file is in checking elsewhere, reads one of another party: whose turn it is. Says whether it did.
    pub(super) fn check_another(&mut self, now: Timestamp) -> Result<bool> {
        if !self.turns.checked.is_empty() {
            return Ok(false);
        }
        let (clock, process) = (self.intake_moment(now)?, self.process()?);
        let Some(mut view) = self.store.intake_view()? else { return Ok(false) };
        let mut first = intake::first_of_each(&mut view)?;
        let elsewhere = intake::in_checking(&mut view, &process, clock)?;
        drop(view);
        first.retain(takes_long);
        let Some(next) = self.turns.next(first, &elsewhere) else { return Ok(false) };
        let Some((packed, ahead)) = self.check(now, &next, None)? else { return Ok(false) };
        self.turns.checked.push(Checked { id: next.id, packed, ahead });
        Ok(true)
    }
}

/// Is a file that was received just now to be judged?
fn is_judged(receipt: &Receipt, arrival: &Arrival) -> bool {
    !receipt.repeat && receipt.refused.is_empty() && arrival.digest.is_some()
}

/// Can reading an arrival take long? What is packed can be of any size.
fn takes_long(arrival: &Arrival) -> bool {
    arrival.size >= LARGE as u64 || !arrival.name.to_ascii_lowercase().ends_with(".csv")
}

#[cfg(test)]
#[path = "intake_tests.rs"]
pub(super) mod tests;
