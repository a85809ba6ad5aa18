//! Arrivals are taken over in the order of their moments: read while no transaction is open, received by one act, judged by the next.

use crate::act::actor::{Actor, recorded};
use crate::act::perform::perform_if;
use crate::act::reading::Ahead;
use crate::error::{Result, ServiceError};
use crate::files::aside::{cutoff, overtaken};
use crate::files::grace::{published, standing};
use crate::files::handed::HandedIn;
use crate::files::handed::Own;
use crate::files::receive::{Receipt, Receive, is_refused_unread};
use crate::files::turns::Checked;
use crate::service::Service;
use crate::service::arrive::LARGE;
use crate::weeks::confirm::Confirm;
use jiff::Timestamp;
use sluice_rules::file::{FileKind, FileStatus};
use sluice_store::tables::intake::{self, Arrival};
use sluice_store::tables::record::Packed;
use sluice_store::tables::{files, record};
use sluice_store::{Scope, StoreError};
use sluice_wire::name::FileName;

/// Of what is refused by its name so many bytes are kept in the intake; what is larger is not kept at all.
const MOST_UNREAD: u64 = 1 << 20;

/// What came of taking an arrival over.
pub(super) enum Taken {
    /// It is in the record, with what it says.
    Now(Receipt, Ahead),
    /// It was in the record before.
    Before,
    /// It is not its turn: another file has no verdict yet, or another process is checking one of the party.
    NotYet,
}

impl Service {
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
        let confirmed = arrival.confirm && repeats && self.confirmed_or_noted(now, &arrival)?;
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
        match tx.commit() {
            // An arrival that is in the record is not taken over again, whether or not this was kept.
            Err(StoreError::InDoubt(_)) => self.store.renew()?,
            kept => kept?,
        }
        match (own, taken) {
            (Some(own), Taken::Now(receipt, ahead)) => {
                let handed = self.judge_own(now, receipt, own, ahead)?;
                own.taken = Some(HandedIn { confirmed: handed.confirmed.map(|by_it| by_it || confirmed), ..handed });
            }
            (None, Taken::Now(receipt, _)) if arrival.why.is_some() && self.is_overtaken(now, receipt.id)? => {
                let words = "it arrived in time, and could not be taken over before the work of its cut-off, by a fault of ours";
                self.set_aside_file(now, receipt.id, ServiceError::rule("FI24", words), None)?;
            }
            (None, Taken::Now(receipt, ahead)) if is_judged(&receipt, &arrival) => {
                drop(self.judge_ahead(now, receipt.id, ahead, false)?);
            }
            // What became of it is read back; what has no verdict yet is judged next.
            _ => {}
        }
        Ok(true)
    }

    /// FI24: was the work of a file's cut-off done before it was taken over, though it had come in time?
    pub(super) fn is_overtaken(&mut self, now: Timestamp, file: i64) -> Result<bool> {
        self.look_at_all(now, |work| {
            let without = |file: &files::FileRecord| matches!(file.status, FileStatus::Received | FileStatus::Aside);
            let file = files::get(&mut work.tx, file)?.filter(without);
            Ok(file.map_or(Ok(None), |file| overtaken(work, &file))?.is_some())
        })
    }

    /// FI21: a confirmation that fails by a fault of the program's keeps nobody waiting: DCC is told, and the file stays held.
    fn confirmed_or_noted(&mut self, now: Timestamp, of: &Arrival) -> Result<bool> {
        match self.contained(|service| service.confirm_held(now, of)) {
            Err(error) if error.is_of_the_database() => Err(error),
            Err(error) => {
                self.note(format!("the confirmation of {} by {} could not be taken: {error}", of.name, of.party));
                Ok(false)
            }
            done => done,
        }
    }

    /// FI21: confirms the held file that an arrival is once more. Says whether it did: what comes too late or is held no more is no
    /// failure.
    fn confirm_held(&mut self, now: Timestamp, of: &Arrival) -> Result<bool> {
        let held = files::of_status(&mut self.store.view(Scope::Dcc)?, FileStatus::Held)?;
        let mut view = self.store.view(Scope::Dcc)?;
        let mut file = None;
        let Ok((name, _)) = FileName::parse(&of.name) else { return Ok(false) };
        let same = |held: &files::FileRecord| {
            (held.sender, held.kind, held.user_id, held.s1sp, held.date)
                == (of.party, name.kind, name.user_id, name.s1sp, name.date)
        };
        for held in held.into_iter().filter(same) {
            if record::received(&mut view, held.id)?.digest == of.digest {
                file = Some(held.id);
            }
        }
        drop(view);
        let Some(file) = file else { return self.confirm_aside(now, of, &name) };
        let by = handed_in_by(of)?;
        let confirm = Confirm { file, at: Some(of.at) };
        match perform_if::<Confirm, _>(&mut self.store, &self.books, now, &by, |_| Ok(Some(&confirm))) {
            Ok(done) => Ok(done.is_some()),
            Err(ServiceError::Rule { .. } | ServiceError::Use(_) | ServiceError::Role(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// FI24: of a file that is set aside a confirmation in time is kept with it, as of one that waits: it may be held when it is tried again.
    fn confirm_aside(&mut self, now: Timestamp, of: &Arrival, name: &FileName) -> Result<bool> {
        let found = self.look_at_all(now, |work| {
            for file in files::of_status(&mut work.tx, FileStatus::Aside)? {
                let is_same = (file.sender, file.kind, file.user_id, file.s1sp, file.date)
                    == (of.party, FileKind::DemandCommitment, name.user_id, name.s1sp, name.date);
                if is_same && record::received(&mut work.tx, file.id)?.digest == of.digest {
                    let grace = standing(work, &file, file.date)?;
                    let published = published(work, &file.s1sp, file.date)?.unwrap_or(Timestamp::MAX);
                    let until = |at: Timestamp| grace.map_or(at, |until| until.max(at)).min(published);
                    return Ok(cutoff(work, &file)?.map(|(_, at)| (file.id, until(at))));
                }
            }
            Ok(None)
        })?;
        let Some((file, _)) = found.filter(|(_, until)| of.at < *until) else { return Ok(false) };
        let Some(first) = intake::arrival_of(&mut self.store.view(Scope::Dcc)?, file)? else { return Ok(false) };
        let mut tx = self.store.intake()?;
        let is_kept = intake::confirm_taken(&mut tx, &first)?;
        tx.commit()?;
        Ok(is_kept)
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
    pub(super) fn record(&mut self, now: Timestamp, arrival: &Arrival, mut own: Option<&mut Own<'_>>) -> Result<Taken> {
        let by = handed_in_by(arrival)?;
        let Some((kept, ahead)) = self.check(now, arrival, own.as_deref_mut())? else { return Ok(Taken::NotYet) };
        let awaited = own.is_some();
        let packed = own.as_ref().and_then(|own| own.packed.as_ref()).or(kept.as_ref());
        let mut is_its_turn = true;
        let receipt = perform_if::<Receive, Receive>(&mut self.store, &self.books, now, &by, |work| {
            work.by_the_clock()?;
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
            Ok(Some(Receive { received, arrival: Some(arrival.id.clone()), unkept, awaited }))
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
            return Ok(Some((None, self.read_arrival(now, arrival, &own.bytes)?)));
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

/// Who handed an arrival in, with how that is known (ACC-1).
pub(super) fn handed_in_by(arrival: &Arrival) -> Result<Actor> {
    let by = recorded(&mut serde_json::Deserializer::from_str(&arrival.actor)).map_err(ServiceError::defect)?;
    Ok(by.handed_in())
}

/// Is a file that was received just now to be judged?
fn is_judged(receipt: &Receipt, arrival: &Arrival) -> bool {
    !receipt.repeat && receipt.refused.is_empty() && arrival.digest.is_some()
}

/// Can reading an arrival take long? What is packed can be of any size.
fn takes_long(arrival: &Arrival) -> bool {
    arrival.size >= LARGE as u64 || !arrival.name.to_ascii_lowercase().ends_with(".csv")
}
