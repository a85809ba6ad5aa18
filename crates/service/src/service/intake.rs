//! Files are handed in: kept with the moment of their last byte before anything else, and then taken over in the order of their
//! moments, each as one act, and judged (CAL-3, MAM-9). Whoever works on the database takes over what waits, whoever handed it in.

use crate::act::actor::{Actor, recorded, registered};
use crate::act::contain::contained;
use crate::act::digests::digest_and_pack;
use crate::act::leaf::fields;
use crate::act::work::perform_if;
use crate::books::calendar::local_date;
use crate::books::terms::mam;
use crate::error::{Result, ServiceError};
use crate::files::ahead::ReadAhead;
use crate::files::handed::{Content, Handed, HandedIn};
use crate::files::receive::{Receipt, Receive, is_refused_unread};
use crate::service::Service;
use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use sluice_rules::calendar::local;
use sluice_rules::party::Party;
use sluice_rules::rulebook::Document;
use sluice_store::tables::convert;
use sluice_store::tables::intake::{self, Arrival, Live};
use sluice_store::tables::record::{self, Packed};
use sluice_store::{Scope, StoreError, Tx, View};
use sluice_wire::limits::Limits;
use sluice_wire::name::may_be_password;
use std::time::{Duration, Instant};

/// What an arrival is judged with in the process that handed it in.
pub(super) struct Own<'a> {
    pub(super) arrival: Arrival,
    pub(super) packed: Option<Packed>,
    pub(super) bytes: &'a [u8],
    pub(super) ahead: Option<ReadAhead>,
    /// Is its verdict asked for?
    pub(super) judges: bool,
    pub(super) taken: Option<HandedIn>,
}

/// Of what is refused by its name so many bytes are kept in the intake; what is larger is not kept at all.
const MOST_UNREAD: u64 = 1 << 20;

/// How long a hand-in waits for those that began before it, and how often it looks.
const WAITS: Duration = Duration::from_secs(5);
const LOOKS: Duration = Duration::from_millis(20);

/// What stands before the next act of the clock.
struct Gate {
    /// The next arrival to be taken over. Nobody is about to hand in anything with an earlier moment.
    next: Option<Arrival>,
    /// Whatever arrived before this moment is taken over.
    sealed: Timestamp,
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
        self.admit::<Receive>(now, by)?;
        self.must_fit_the_intake(now)?;
        by.must_still_act(&mut self.store.view(Scope::Dcc)?)?;
        let party = by.must_be_party("handing in a file")?;
        registered(&mut self.store.view(Scope::Dcc)?, party)?;
        let mut own = self.arrive(now, by, (party, name), content, judges)?;
        let (now, began) = (now.max(own.arrival.at), Instant::now());
        let waits = if self.is_simulated()? { Duration::ZERO } else { WAITS };
        loop {
            let tried = self.judge_waiting(now).and_then(|_| self.work_off(now, Some(&mut own)));
            if let Some(handed) = own.taken.take() {
                return Ok(Handed::Taken(handed));
            }
            // Another process may have taken it over.
            match tried.and_then(|_| self.read_back(now, &mut own)) {
                Ok(Some(handed)) => return Ok(Handed::Taken(handed)),
                Ok(None) if began.elapsed() < waits => std::thread::sleep(LOOKS),
                Ok(None) => return Ok(Handed::Pending(own.arrival, StoreError::Locked.into())),
                Err(error) => return Ok(Handed::Pending(own.arrival, error)),
            }
        }
    }

    /// Keeps what was handed in. The same again, while the first waits, is the first.
    fn arrive<'b>(
        &mut self,
        now: Timestamp,
        by: &Actor,
        (party, name): (Party, &str),
        content: Content<'b>,
        judges: bool,
    ) -> Result<Own<'b>> {
        let (bytes, stated): (&[u8], _) = match content {
            Content::Whole(bytes) | Content::Again(bytes, _) => (bytes, u64::try_from(bytes.len()).unwrap_or(u64::MAX)),
            Content::TooLarge(size) => (&[], size),
        };
        let keeps = !matches!(content, Content::TooLarge(_)) && !may_be_password(name);
        let books = &self.books;
        // An authorisation file is read while it is kept: of a large one both take as long.
        let (packed, ahead) = std::thread::scope(|scope| {
            // Where reading it fails it is read once more to be judged, and fails there.
            let read = move || contained(|| Ok(ReadAhead::of(books, now, name, bytes))).ok().flatten();
            let ahead = scope.spawn(move || (keeps && judges).then(read).flatten());
            // MAM-10: of what may be a password only name, time and sender are kept.
            let packed = keeps.then(|| digest_and_pack(bytes)).transpose();
            (packed, ahead.join().ok().flatten())
        });
        let (digest, packed) = packed?.unzip();
        let size = if may_be_password(name) { 0 } else { stated };
        let mut arrival = Arrival {
            id: String::new(),
            party,
            actor: serde_json::to_string(by).map_err(ServiceError::defect)?,
            channel: "CLI".to_owned(),
            name: name.to_owned(),
            size,
            digest,
            at: now,
            taken: None,
            why: None,
        };
        if let Content::Again(_, receipt) = content {
            (arrival.id, arrival.at) = self.as_receipted(receipt, &arrival)?;
            if let Some(arrival) = self.arrival(&arrival.id)? {
                return Ok(Own { arrival, packed, bytes, ahead, judges, taken: None });
            }
        }
        self.must_have_room(now, &arrival)?;
        let process = random_id()?;
        self.announce(now, &process)?;
        if arrival.id.is_empty() {
            arrival.at = self.intake_moment(now)?;
            arrival.id = if self.is_simulated()? { self.simulated_id(&arrival)? } else { random_id()? };
        }
        let arrival = self.keep(now, &process, arrival, packed.as_ref())?;
        Ok(Own { arrival, packed, bytes, ahead, judges, taken: None })
    }

    /// MAM-9: how much of a party is kept in a day has an end, so that one cannot fill what all need.
    fn must_have_room(&mut self, now: Timestamp, of: &Arrival) -> Result<()> {
        let today = local_date(self.intake_moment(now)?);
        let book = mam(&self.books, today).unwrap_or_else(|_| self.books.first(Document::Mam));
        let (most, most_mib) = (book.number("intake_files_a_day")?, book.number("intake_mib_a_day")?);
        let midnight = local(today, Time::midnight()).map_or(Timestamp::MIN, |midnight| midnight.timestamp());
        let mut tx = self.store.intake()?;
        let (files, bytes) = intake::since(&mut tx, &of.party, midnight)?;
        if files < most && bytes.saturating_add(of.size) <= most_mib << 20 {
            return Ok(());
        }
        let (party, mib) = (of.party, bytes >> 20);
        Err(ServiceError::rule(
            "MAM-9",
            format!(
                "{party} has handed in {files} files of {mib} MiB since midnight, and a party may {most} files of {most_mib} MiB a day: this one was not kept; send fewer, or larger ones, or ask DCC"
            ),
        ))
    }

    /// How long what was taken over is kept in the intake too: a database that was put back from a copy may not have it, and of what was
    /// refused by its name there is nothing else.
    pub(super) fn keeps(&self, now: Timestamp) -> Result<SignedDuration> {
        let today = local_date(now);
        let book = mam(&self.books, today).unwrap_or_else(|_| self.books.first(Document::Mam));
        let days = book.number("intake_keep_days")?;
        Ok(SignedDuration::from_hours(i64::try_from(days.saturating_mul(24)).unwrap_or(i64::MAX / 3600)))
    }

    /// FI09: the bytes of the largest file that any rulebook reads; what has more is not kept.
    #[must_use]
    pub fn largest(&self) -> u64 {
        let limits = self.books.all.iter().filter_map(|book| Limits::of(book).ok());
        limits.map(|limits| limits.inflated).max().unwrap_or_default()
    }

    /// Says that something may come with a moment from now on: no cut-off after it passes until it is there, or the process is
    /// silent for too long.
    fn announce(&mut self, now: Timestamp, process: &str) -> Result<()> {
        let moment = self.intake_moment(now)?;
        let is_there = |view: &mut View<'_>, (): &()| Ok(intake::live(view)?.iter().any(|live| live.id == process));
        self.in_intake(|tx| Ok(intake::begin(tx, process, moment)?), is_there)
    }

    /// Does something in a transaction of the intake. When the answer to its commit is lost, it is looked whether it was kept, and done
    /// again if not; twice.
    fn in_intake<T>(
        &mut self,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<T>,
        is_there: impl Fn(&mut View<'_>, &T) -> Result<bool>,
    ) -> Result<T> {
        let mut tries = 0;
        loop {
            let mut tx = self.store.intake()?;
            let answer = work(&mut tx)?;
            let Err(error) = tx.commit() else { return Ok(answer) };
            if !matches!(error, StoreError::InDoubt(_)) {
                return Err(error.into());
            }
            self.store.renew()?;
            let mut tx = self.store.intake()?;
            if is_there(&mut tx, &answer)? {
                return Ok(answer);
            }
            drop(tx);
            tries += 1;
            if tries > 2 {
                return Err(error.known_lost(self.url().path().is_some()).into());
            }
        }
    }

    /// Keeps an arrival, unless its process counts as dead. Gives the first if the same waits already.
    fn keep(&mut self, now: Timestamp, process: &str, of: Arrival, packed: Option<&Packed>) -> Result<Arrival> {
        let now = self.intake_moment(now)?;
        let keep = |tx: &mut Tx<'_>| {
            let latest = intake::latest(tx, &of.party, &of.name)?;
            let waits = |latest: &Arrival| latest.taken.is_none() && latest.why.is_none();
            let same = latest.filter(|latest| waits(latest) && latest.digest.is_some() && latest.digest == of.digest);
            if same.is_none() {
                intake::add(tx, &of, packed)?;
            }
            if intake::end(tx, process, now)? {
                return Ok(same);
            }
            Err(ServiceError::Use(format!(
                "keeping the file took longer than {} s, so it has no moment and was not kept: hand it in again",
                intake::SILENCE.as_secs()
            )))
        };
        let is_there =
            |view: &mut View<'_>, same: &Option<Arrival>| Ok(same.is_some() || intake::get(view, &of.id)?.is_some());
        let same = self.in_intake(keep, is_there)?;
        Ok(same.unwrap_or(of))
    }

    /// What time it is for the intake, to the millisecond: on a simulated database the moment that is given.
    pub(super) fn intake_moment(&mut self, now: Timestamp) -> Result<Timestamp> {
        if self.is_simulated()? {
            return Ok(convert::moment_of(now.as_millisecond())?);
        }
        Ok(self.store.clock()?)
    }

    /// Where all is made up nothing is left to chance: the same files have the same ids.
    fn simulated_id(&mut self, of: &Arrival) -> Result<String> {
        let (at, digest) = (of.at.as_millisecond().to_be_bytes(), of.digest.unwrap_or_default());
        let mut tx = self.store.intake()?;
        let mut number = 0_u64;
        loop {
            let (party, name, number_again) = (of.party.as_str().as_bytes(), of.name.as_bytes(), number.to_be_bytes());
            let hash = fields(Sha256::new(), &[party, name, &at[..], &digest[..], &number_again[..]]);
            let id = record::hexadecimal(&hash.finalize()[..16]);
            if intake::get(&mut tx, &id)?.is_none() {
                return Ok(id);
            }
            number += 1;
        }
    }

    /// Does what waits and what is due, in the order of time: takes arrivals over and has them judged, up to the one of this process
    /// where there is one, and does what the clock asks for. Gives how many acts that took.
    pub(super) fn work_off(&mut self, now: Timestamp, mut own: Option<&mut Own<'_>>) -> Result<usize> {
        let (mut done, mut undone) = (0, Vec::new());
        loop {
            let Gate { next, sealed } = self.gate(now)?;
            self.sealed = sealed;
            // CAL-3: what the clock asks for waits for all that arrived before it.
            let due = self.next_due(now)?.filter(|due| due.at <= sealed);
            // At the instant of a cut-off it is late: what is due then goes first.
            let first = next.filter(|next| due.as_ref().is_none_or(|due| next.at < due.at));
            match (first, due) {
                (Some(next), _) => {
                    let is_own = own.as_ref().is_some_and(|own| own.arrival.id == next.id);
                    self.take_over(now, next, own.as_deref_mut().filter(|_| is_own))?;
                    if is_own {
                        return Ok(done + 1);
                    }
                }
                (None, Some(due)) => self.do_or_set_aside(now, &due, &mut undone)?,
                (None, None) => return Ok(done),
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
            if self.sealed >= moment {
                return Ok(());
            }
            if began.elapsed() > intake::SILENCE.unsigned_abs() + WAITS {
                return Err(StoreError::Locked.into());
            }
            std::thread::sleep(LOOKS);
        }
    }

    /// What stands before the next act. Processes that are silent for too long are waited for no longer.
    fn gate(&mut self, now: Timestamp) -> Result<Gate> {
        // Whoever takes a moment after this one and is not seen below takes a later one than any that is taken over now.
        let clock = self.intake_moment(now)?;
        let (mut live, mut next) = self.at_hand()?;
        if live.iter().any(|live| live.beat + intake::SILENCE <= clock) {
            let mut tx = self.store.intake()?;
            intake::bury(&mut tx, clock)?;
            tx.commit()?;
            // What they kept before it is seen now.
            (live, next) = self.at_hand()?;
        }
        let lowest = live.first().map_or(Timestamp::MAX, |live| live.watermark);
        let at = next.as_ref().map_or(Timestamp::MAX, |next| next.at);
        let in_order = |next: &Arrival| next.at <= lowest && next.at <= clock;
        Ok(Gate { next: next.filter(in_order), sealed: now.min(clock).min(lowest).min(at) })
    }

    /// Who is about to hand something in, and the next arrival to be taken over, as they are at one moment.
    fn at_hand(&mut self) -> Result<(Vec<Live>, Option<Arrival>)> {
        let Some(mut view) = self.store.intake_view()? else { return Ok((Vec::new(), None)) };
        Ok((intake::live(&mut view)?, intake::next(&mut view)?))
    }

    /// Takes an arrival over into the record, and has it judged. One that cannot be taken over is set aside with the reason and keeps
    /// nobody waiting.
    fn take_over(&mut self, now: Timestamp, arrival: Arrival, own: Option<&mut Own<'_>>) -> Result<()> {
        let now = now.max(arrival.at);
        let packed = own.as_ref().and_then(|own| own.packed.as_ref());
        let receipt = match self.contained(|service| service.record(now, &arrival, packed)) {
            Ok(receipt) => receipt,
            Err(ServiceError::Store(error)) if error.passes() => return Err(error.into()),
            Err(error) => {
                let mut tx = self.store.intake()?;
                intake::set_aside(&mut tx, &arrival.id, &error.to_string())?;
                tx.commit()?;
                return if own.is_some() { Err(error) } else { Ok(()) };
            }
        };
        let unread = receipt.as_ref().is_some_and(|receipt| !receipt.refused.is_empty());
        let (forget, mark) = (now.saturating_sub(self.keeps(now)?).unwrap_or(Timestamp::MIN), self.mark()?);
        let take = |tx: &mut Tx<'_>| {
            intake::take(tx, &arrival.id, now, forget)?;
            if unread && arrival.size > MOST_UNREAD {
                intake::drop_content(tx, &arrival.id)?;
            }
            mark.as_ref().map_or(Ok(()), |(name, mark)| Ok(intake::set_fact(tx, name, mark)?))
        };
        // An arrival that is in the record is not taken over again, whether or not this was kept.
        self.in_intake(take, |_, ()| Ok(true))?;
        match (own, receipt) {
            (Some(own), Some(receipt)) => {
                let handed = self.judge_own(now, receipt, own)?;
                own.taken = Some(handed);
            }
            // What became of it is read back.
            (Some(_), None) => {}
            (None, _) => drop(self.judge_waiting(now)?),
        }
        Ok(())
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

    /// The act in which an arrival is received; nothing if it is in the record already.
    fn record(&mut self, now: Timestamp, arrival: &Arrival, packed: Option<&Packed>) -> Result<Option<Receipt>> {
        let by = recorded(&mut serde_json::Deserializer::from_str(&arrival.actor)).map_err(ServiceError::defect)?;
        let kept = match packed {
            Some(_) => None,
            None => {
                let mut tx = self.store.intake()?;
                intake::content(&mut tx, arrival)?
            }
        };
        perform_if::<Receive, Receive>(&mut self.store, &self.books, now, &by, |work| {
            let tx = &mut work.tx;
            if intake::of_arrival(tx, &arrival.id)?.is_some() {
                return Ok(None);
            }
            let id = record::next_received(tx)?;
            let is_kept = !is_refused_unread(work, arrival.party, &arrival.as_received(id))?;
            let tx = &mut work.tx;
            if is_kept && let Some((digest, packed)) = arrival.digest.as_ref().zip(packed.or(kept.as_ref())) {
                record::keep(tx, digest, packed)?;
            }
            let received = intake::take_over(tx, arrival, is_kept)?;
            let unkept = arrival.digest.filter(|_| !is_kept).map(|digest| record::hexadecimal(&digest));
            Ok(Some(Receive { received, arrival: Some(arrival.id.clone()), unkept }))
        })
    }
}

/// 128 random bits in hexadecimal.
fn random_id() -> Result<String> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(ServiceError::defect)?;
    Ok(record::hexadecimal(&id))
}

#[cfg(test)]
#[path = "intake_tests.rs"]
pub(super) mod tests;
