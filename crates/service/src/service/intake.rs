//! Files are handed in: kept with the moment of their last byte before anything else, and then taken over in the order of their
//! moments, each as one act, and judged (CAL-3, MAM-9). Whoever works on the database takes over what waits, whoever handed it in.

use crate::act::actor::{Actor, registered};
use crate::act::contain::contained;
use crate::act::digests::digest_and_pack;
use crate::act::leaf::fields;
use crate::act::reading::ReadFile;
use crate::books::calendar::local_date;
use crate::books::terms::mam;
use crate::error::{Result, ServiceError};
use crate::files::handed::{Content, Handed, HandedIn};
use crate::files::receive::{Receipt, Receive};
use crate::service::Service;
use jiff::Timestamp;
use jiff::civil::Time;
use sha2::{Digest as _, Sha256};
use sluice_rules::calendar::local;
use sluice_rules::party::Party;
use sluice_rules::rulebook::Document;
use sluice_store::tables::convert;
use sluice_store::tables::intake::{self, Arrival, Live};
use sluice_store::tables::record::{self, Digest, Packed};
use sluice_store::{Scope, StoreError};
use sluice_wire::limits::Limits;
use sluice_wire::name::may_be_password;
use std::time::{Duration, Instant};

/// What an arrival is judged with in the process that handed it in.
pub(super) struct Own<'a> {
    pub(super) arrival: Arrival,
    pub(super) packed: Option<Packed>,
    pub(super) bytes: &'a [u8],
    /// What it says, where that was read while it was kept.
    pub(super) read: Option<Result<ReadFile>>,
    /// Is its verdict asked for?
    pub(super) judges: bool,
    pub(super) taken: Option<HandedIn>,
}

/// A file of so many bytes is read while it is kept.
const LARGE: usize = 1 << 20;

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
        self.admit::<Receive>(now, by)?;
        by.must_still_act(&mut self.store.view(Scope::Dcc)?)?;
        let party = by.must_be_party("handing in a file")?;
        registered(&mut self.store.view(Scope::Dcc)?, party)?;
        let handed = self.arrive(now, by, (party, name), content, judges).and_then(|own| self.take_over_own(now, own));
        // Who finds that it was not given back waits no longer for it than for who is dead.
        drop(self.give_back());
        handed
    }

    /// Takes over what waits, in order, up to and including what this process handed in.
    fn take_over_own(&mut self, now: Timestamp, mut own: Own<'_>) -> Result<Handed> {
        let (now, began) = (now.max(own.arrival.at), Instant::now());
        let waits = if self.heeds_others()? { self.turns.patience } else { Duration::ZERO };
        loop {
            let tried = self.work_off(now, Some(&mut own));
            if let Some(handed) = own.taken.take() {
                return Ok(Handed::Taken(handed));
            }
            // Another process may have taken it over.
            match tried.and_then(|_| self.read_back(now, &own)) {
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
            Content::Whole(bytes) => (bytes, u64::try_from(bytes.len()).unwrap_or(u64::MAX)),
            Content::TooLarge(size) => (&[], size),
        };
        let keeps = matches!(content, Content::Whole(_)) && !may_be_password(name);
        let mut arrival = Arrival {
            id: String::new(),
            party,
            actor: serde_json::to_string(by).map_err(ServiceError::defect)?,
            channel: "CLI".to_owned(),
            name: name.to_owned(),
            size: if may_be_password(name) { 0 } else { stated },
            digest: None,
            at: now,
            taken: None,
            why: None,
        };
        self.must_have_room(now, &arrival)?;
        // Of a large one reading takes as long as keeping it. Its digest is taken meanwhile.
        let large = keeps && judges && bytes.len() >= LARGE && self.claim(now, &arrival)?;
        let basis = if large { self.wanted(now, &arrival, Digest::default())? } else { None };
        let (books, reads) = (&self.books, self.turns.reads);
        let (packed, read) = std::thread::scope(|scope| {
            let read = basis.map(|basis| scope.spawn(|| contained(|| ReadFile::of(books, basis, bytes, Some(reads)))));
            // MAM-10: of what may be a password only name, time and sender are kept.
            let packed = keeps.then(|| digest_and_pack(bytes)).transpose();
            (packed, read.and_then(|read| read.join().ok()))
        });
        let (digest, packed) = packed?.unzip();
        let read = read.zip(digest).map(|(read, digest)| read.map(|read| read.digested(digest)));
        arrival.digest = digest;
        let process = random_id()?;
        self.announce(now, &process)?;
        arrival.at = self.intake_moment(now)?;
        arrival.id = if self.is_simulated()? { self.simulated_id(&arrival)? } else { random_id()? };
        let arrival = self.keep(now, &process, arrival, packed.as_ref())?;
        Ok(Own { arrival, packed, bytes, read, judges, taken: None })
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
        let mut tx = self.store.intake_notes()?;
        intake::begin(&mut tx, process, moment)?;
        Ok(tx.commit()?)
    }

    /// Keeps an arrival, unless its process counts as dead. Gives the first if the same waits already.
    fn keep(&mut self, now: Timestamp, process: &str, of: Arrival, packed: Option<&Packed>) -> Result<Arrival> {
        let now = self.intake_moment(now)?;
        let mut tx = self.store.intake()?;
        let latest = intake::latest(&mut tx, &of.party, &of.name)?;
        let waits = |latest: &Arrival| latest.taken.is_none() && latest.why.is_none();
        let same = latest.filter(|latest| waits(latest) && latest.digest.is_some() && latest.digest == of.digest);
        if same.is_none() {
            intake::add(&mut tx, &of, packed)?;
        }
        if !intake::end(&mut tx, process, now)? {
            return Err(ServiceError::Use(format!(
                "keeping the file took longer than {} s, so it has no moment and was not kept: hand it in again",
                intake::SILENCE.as_secs()
            )));
        }
        tx.commit()?;
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
}

/// 128 random bits in hexadecimal.
pub(super) fn random_id() -> Result<String> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(ServiceError::defect)?;
    Ok(record::hexadecimal(&id))
}

#[cfg(test)]
#[path = "intake_tests.rs"]
pub(super) mod tests;
