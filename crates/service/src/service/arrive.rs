//! A file arrives: it has its moment, and is kept, before anything else is done with it (CAL-3, MAM-9).

use crate::act::actor::{Actor, registered};
use crate::act::again::Tries;
use crate::act::digests::digest_and_pack;
use crate::act::leaf::fields;
use crate::books::calendar::local_date;
use crate::books::terms::mam;
use crate::error::{Result, ServiceError};
use crate::files::handed::{Barrier, Content, Own, Wish};
use crate::files::receive::{Receive, opens_something};
use crate::service::Service;
use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use sluice_rules::calendar::local;
use sluice_rules::file::FileStatus;
use sluice_rules::party::Party;
use sluice_rules::rulebook::Document;
use sluice_store::tables::convert;
use sluice_store::tables::files;
use sluice_store::tables::intake::{self, Arrival};
use sluice_store::tables::record::{self, Digest, Packed};
use sluice_store::{Scope, Store, StoreError, View};
use sluice_wire::limits::Limits;
use sluice_wire::name::may_be_password;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// A file of so many bytes may take long to pack or to read.
pub(super) const LARGE: usize = 1 << 20;

/// How often a process that packs a file says that it comes still.
const STILL: Duration = Duration::from_secs(2);

impl Service {
    /// Keeps what was handed in with the moment at which all of it was there. Nothing of what it says is read before: its receipt needs
    /// no more than size and digest. The same again, while the first waits, is the first.
    ///
    /// # Errors
    /// If the party is not registered or the intake fails; then nothing is kept and it can be handed in again.
    pub fn arrive<'b>(
        &mut self,
        now: Timestamp,
        by: &Actor,
        name: &str,
        content: Content<'b>,
        wish: Wish,
    ) -> Result<Own<'b>> {
        self.arrive_behind(now, by, (name, content, wish), None)
    }

    /// The same of what came at a moment before which a server has let nothing be sealed (CAL-3). Its server holds that moment until what
    /// came is kept, and a password until it is taken.
    ///
    /// # Errors
    /// As [`Service::arrive`], and if the server had been silent for too long.
    pub fn arrive_behind<'b>(
        &mut self,
        now: Timestamp,
        by: &Actor,
        (name, content, wish): (&str, Content<'b>, Wish),
        barrier: Option<Barrier<'_>>,
    ) -> Result<Own<'b>> {
        let party = self.may_hand_in(now, by)?;
        let (bytes, stated): (&[u8], _) = match content {
            Content::Whole(bytes) | Content::Again(bytes, _) => (bytes, u64::try_from(bytes.len()).unwrap_or(u64::MAX)),
            Content::TooLarge(size) => (&[], size),
        };
        let mut arrival = Arrival {
            id: String::new(),
            party,
            actor: serde_json::to_string(by).map_err(ServiceError::defect)?,
            channel: wish.channel.word().to_owned(),
            name: name.to_owned(),
            size: if may_be_password(name) { 0 } else { stated },
            digest: None,
            at: now,
            taken: None,
            why: None,
            place: wish.place,
            confirm: wish.confirms,
        };
        // MAM-10: of what may be a password only name, time and sender are kept.
        let keeps = !matches!(content, Content::TooLarge(_)) && !may_be_password(name);
        if let Content::Again(_, receipt) = content {
            let packed = keeps.then(|| digest_and_pack(bytes)).transpose()?;
            arrival.digest = packed.as_ref().map(|(digest, _)| *digest);
            (arrival.id, arrival.at) = self.as_receipted(receipt, &arrival)?;
            let known = self.arrival(&arrival.id)?;
            if !keeps {
                self.password_again(&mut arrival, known.is_some())?;
            } else if let Some(known) = &known
                && wish.confirms
                && !self.confirms_too(known)?
            {
                // FI21: it has its verdict, so the confirmation has a moment and an arrival of its own.
                arrival.id.clear();
            } else if let Some(arrival) = known {
                let packed = packed.map(|(_, packed)| packed);
                return Ok(Own { arrival, packed, bytes: bytes.into(), judges: wish.judges, taken: None });
            }
        }
        self.must_have_room(now, &arrival, keeps)?;
        let own = Own { arrival, packed: None, bytes: bytes.into(), judges: wish.judges, taken: None };
        self.keep_own(now, own, keeps.then_some(bytes), barrier)
    }

    /// The party for which somebody hands something in.
    fn may_hand_in(&mut self, now: Timestamp, by: &Actor) -> Result<Party> {
        self.admit::<Receive>(now, by)?;
        self.must_fit_the_intake(now)?;
        by.must_still_act(&mut self.store.view(Scope::Dcc)?, now)?;
        let party = by.must_be_party("handing in a file")?;
        registered(&mut self.store.view(Scope::Dcc)?, party)?;
        Ok(party)
    }

    /// Gives what arrived its moment, where it has none, and keeps it.
    fn keep_own<'b>(
        &mut self,
        now: Timestamp,
        mut own: Own<'b>,
        content: Option<&[u8]>,
        barrier: Option<Barrier<'_>>,
    ) -> Result<Own<'b>> {
        let process = random_id()?;
        self.announce(now, &process)?;
        if own.arrival.id.is_empty() {
            own.arrival.at = barrier.map_or_else(|| self.intake_moment(now), |barrier| Ok(barrier.at))?;
        }
        let simulated = self.is_simulated()?.then_some(now);
        let held = Some(own.arrival.at).filter(|_| own.holds() && barrier.is_none());
        // Whoever takes it over has not what is in it.
        held.map_or(Ok(()), |since| self.hold(now, since))?;
        let barrier = barrier.map(|barrier| barrier.process);
        let keeping = Keeping { store: &mut self.store, simulated, process: &process, barrier };
        match keeping.pack_and_keep(own.arrival, content) {
            Ok(kept) => (own.arrival, own.packed) = kept,
            Err(error) => {
                held.into_iter().for_each(|since| self.let_go(now, since));
                return Err(error);
            }
        }
        Ok(own)
    }

    /// MAM-10, CAL-7: a receipt of a password counts once, so it is not used up before the file is there again that it opens. Where it is
    /// known, nothing says that this is the same password: it has a moment of its own, and counts by what was told.
    fn password_again(&mut self, arrival: &mut Arrival, is_known: bool) -> Result<()> {
        if is_known {
            arrival.id.clear();
            return Ok(());
        }
        let (party, name) = (arrival.party, arrival.name.as_str());
        let waits = match self.store.intake_view()? {
            Some(mut view) => intake::waiting(&mut view)?,
            None => Vec::new(),
        };
        let of = name.to_ascii_uppercase().replacen("MAPASSWORD", "MA", 1);
        let stem = of.rsplit_once('.').map_or(of.as_str(), |(stem, _)| stem);
        let is_its_file = |other: &Arrival| {
            let name = other.name.to_ascii_uppercase();
            other.party == party && name.rsplit_once('.').is_some_and(|(other, _)| other == stem)
        };
        if waits.iter().any(is_its_file) || opens_something(&mut self.store.view(Scope::Dcc)?, party, name)? {
            return Ok(());
        }
        let message = "no file of yours waits for this password, and its receipt counts once: hand the file in first, with its own receipt, \
                       then the password; nothing was taken";
        Err(ServiceError::rule("MAM-10", message))
    }

    /// FI21: confirms what is known already, as long as it has no verdict. Says whether it is confirmed with it.
    fn confirms_too(&mut self, known: &Arrival) -> Result<bool> {
        if known.confirm || has_verdict(&mut self.store.view(Scope::Dcc)?, &known.id)? {
            return Ok(known.confirm);
        }
        let mut tx = self.store.intake()?;
        let waits = intake::confirm(&mut tx, &known.id)?;
        tx.commit()?;
        Ok(waits)
    }

    /// MAM-9: how much of a party is kept in a day has an end, so that one cannot fill what all need.
    fn must_have_room(&mut self, now: Timestamp, of: &Arrival, keeps: bool) -> Result<()> {
        let today = local_date(self.intake_moment(now)?);
        let book = mam(&self.books, today).unwrap_or_else(|_| self.books.first(Document::Mam));
        let (most, most_mib) = (book.number("intake_files_a_day")?, book.number("intake_mib_a_day")?);
        let midnight = local(today, Time::midnight()).map_or(Timestamp::MIN, |midnight| midnight.timestamp());
        let mut tx = self.store.intake()?;
        let (files, bytes) = intake::since(&mut tx, &of.party, midnight)?;
        let size = if keeps { of.size } else { 0 };
        if files < most && bytes.saturating_add(size) <= most_mib << 20 {
            return Ok(());
        }
        let (party, mib) = (of.party, bytes >> 20);
        let advice = if files < most { "send less" } else { "send fewer, larger files" };
        Err(ServiceError::rule(
            "MAM-9",
            format!(
                "{party} has handed in {files} files of {mib} MiB since midnight, and a party may {most} files of {most_mib} MiB a day: this one was not kept; {advice}, or ask DCC"
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
    pub(super) fn announce(&mut self, now: Timestamp, process: &str) -> Result<()> {
        let simulated = self.is_simulated()?.then_some(now);
        let announced = Keeping { store: &mut self.store, simulated, process, barrier: None }.surely(|keeping| {
            let moment = keeping.moment()?;
            let mut tx = keeping.store.intake_notes()?;
            intake::begin(&mut tx, process, moment)?;
            Ok(tx.commit()?)
        });
        match announced {
            // Nothing of the file is kept yet, whatever became of the announcement.
            Err(ServiceError::Store(error)) => Err(error.known_lost(self.url().path().is_some()).into()),
            announced => announced,
        }
    }
}

/// A process that keeps what it has announced.
pub(super) struct Keeping<'s> {
    pub(super) store: &'s mut Store,
    /// On a simulated database the moment that is given.
    pub(super) simulated: Option<Timestamp>,
    pub(super) process: &'s str,
    /// CAL-3: the server that has held the moment of what comes.
    pub(super) barrier: Option<&'s str>,
}

impl Keeping<'_> {
    fn moment(&mut self) -> Result<Timestamp> {
        match self.simulated {
            Some(now) => Ok(convert::moment_of(now.as_millisecond())?),
            None => Ok(self.store.clock()?),
        }
    }

    /// Does again what failed with the connection, when it is known or does not matter that nothing was kept.
    fn surely<T>(&mut self, mut attempt: impl FnMut(&mut Self) -> Result<T>) -> Result<T> {
        let mut tries = Tries::new();
        loop {
            let error = match attempt(self) {
                Err(ServiceError::Store(error)) => error,
                done => return done,
            };
            let in_doubt = matches!(error, StoreError::InDoubt(_));
            tries.another(self.store, error, in_doubt)?;
        }
    }

    fn pack_and_keep(mut self, mut of: Arrival, content: Option<&[u8]>) -> Result<(Arrival, Option<Packed>)> {
        let packed = content.map(|bytes| self.pack(bytes)).transpose()?;
        let (digest, packed) = packed.unzip();
        of.digest = digest;
        if of.id.is_empty() {
            of.id = if self.simulated.is_some() { self.simulated_id(&of)? } else { random_id()? };
        }
        let kept = match self.surely(|keeping| keeping.keep(&of, packed.as_ref())) {
            Err(ServiceError::Store(error @ StoreError::InDoubt(_))) => self.found(of, error)?,
            kept => kept?,
        };
        Ok((kept, packed))
    }

    /// An arrival whose commit was not answered, once more looked up.
    fn found(&mut self, of: Arrival, error: StoreError) -> Result<Arrival> {
        self.store.renew()?;
        let is_there = match self.store.intake_view()? {
            Some(mut view) => intake::get(&mut view, &of.id)?.is_some(),
            None => false,
        };
        if is_there { Ok(of) } else { Err(error.known_lost(self.store.url().path().is_some()).into()) }
    }

    /// Packs what came; where that takes long, says from time to time that it comes still.
    fn pack(&mut self, bytes: &[u8]) -> Result<(Digest, Packed)> {
        if bytes.len() < LARGE {
            return digest_and_pack(bytes);
        }
        std::thread::scope(|scope| {
            let (done, told) = channel();
            scope.spawn(move || drop(done.send(digest_and_pack(bytes))));
            loop {
                match told.recv_timeout(STILL) {
                    Ok(packed) => return packed,
                    Err(RecvTimeoutError::Disconnected) => return Err(ServiceError::defect("a file was not packed")),
                    Err(RecvTimeoutError::Timeout) => self.surely(|keeping| {
                        let (process, moment) = (keeping.process, keeping.moment()?);
                        let mut tx = keeping.store.intake_notes()?;
                        intake::still(&mut tx, process, moment)?;
                        Ok(tx.commit()?)
                    })?,
                }
            }
        })
    }

    /// Keeps an arrival, unless its process counts as dead. Gives the first if the same waits already. One that was kept, and whose
    /// commit was not answered, is found.
    pub(super) fn keep(&mut self, of: &Arrival, packed: Option<&Packed>) -> Result<Arrival> {
        let (now, process, judged) = (self.moment()?, self.process, self.judged(of)?);
        let mut tx = self.store.intake()?;
        if let Some(kept) = intake::get(&mut tx, &of.id)? {
            return Ok(kept);
        }
        let latest = intake::latest(&mut tx, &of.party, &of.name)?;
        let waits = |latest: &Arrival| latest.taken.is_none() && latest.why.is_none();
        let same = latest.filter(|latest| waits(latest) && latest.digest.is_some() && latest.digest == of.digest);
        // FI21: who is judged already, or just then, is confirmed by an act of its own, at the moment of the confirmation.
        let same = match same {
            Some(same) if !of.confirm || same.confirm => Some(same),
            Some(same) if judged.as_ref() != Some(&same.id) && intake::confirm(&mut tx, &same.id)? => Some(same),
            _ => None,
        };
        if same.is_none() {
            intake::add(&mut tx, of, packed)?;
        }
        let barrier = self.barrier.map(|server| intake::lives(&mut tx, server, now)).transpose()?;
        if !intake::end(&mut tx, process, now)? || barrier == Some(false) {
            return Err(ServiceError::Use(format!(
                "keeping the file took longer than {} s, so it has no moment and was not kept: hand it in again",
                intake::SILENCE.as_secs()
            )));
        }
        tx.commit()?;
        Ok(same.unwrap_or_else(|| of.clone()))
    }

    /// FI21: the arrival of the same name that has its verdict, though it is not noted that it was taken over, as after a crash.
    fn judged(&mut self, of: &Arrival) -> Result<Option<String>> {
        let Some(mut view) = self.store.intake_view()?.filter(|_| of.confirm) else { return Ok(None) };
        let Some(latest) = intake::latest(&mut view, &of.party, &of.name)? else { return Ok(None) };
        drop(view);
        Ok(has_verdict(&mut self.store.view(Scope::Dcc)?, &latest.id)?.then_some(latest.id))
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
}

/// Has what was taken over from an arrival its verdict?
fn has_verdict(view: &mut View<'_>, arrival: &str) -> Result<bool> {
    let Some(id) = intake::of_arrival(view, arrival)? else { return Ok(false) };
    Ok(files::get(view, id)?.is_none_or(|file| file.status != FileStatus::Received))
}

/// 128 random bits in hexadecimal.
pub(super) fn random_id() -> Result<String> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(ServiceError::defect)?;
    Ok(record::hexadecimal(&id))
}
