//! What a server needs that works on a database with several connections at once: moments that it holds for what came, and what came
//! before.

use crate::act::actor::Actor;
use crate::act::leaf::ENGINE;
use crate::act::request::Request;
use crate::error::{Result, ServiceError};
use crate::files::receive::repeated;
use crate::people::veil::Veil;
use crate::read::handed_in::{self, HandedInFile};
use crate::service::Service;
use crate::service::arrive::random_id;
use crate::service::receipts::make_receipt_key;
use jiff::Timestamp;
use sluice_rules::party::Party;
use sluice_store::tables::intake::{self, Arrival};
use sluice_store::tables::record::{self, Digest, Received};
use sluice_store::tables::{issued, receipt_keys, requests};
use sluice_store::{Scope, Store};
use sluice_wire::name::FileName;
use sluice_wire::text::shown;
use std::time::{Duration, Instant};

impl Service {
    /// Another one on the same database, for another thread; passwords that this one remembers it does not know.
    ///
    /// # Errors
    /// If the database cannot be opened once more.
    pub fn another(&self) -> Result<Self> {
        Self::new(Store::open(self.store.url())?)
    }

    /// Does what is due as [`Service::catch_up`] does, as long as there is time for it. False if more is left.
    ///
    /// # Errors
    /// If the database itself fails.
    pub fn catch_up_within(&mut self, now: Timestamp, time: Duration) -> Result<bool> {
        self.until = Some(Instant::now() + time);
        let done = self.catch_up(now);
        let over = self.until.take().is_some_and(|until| Instant::now() >= until);
        done.map(|_| !over)
    }

    /// Connects to the database anew; what is remembered stays.
    ///
    /// # Errors
    /// If it cannot be reached.
    pub fn reconnect(&mut self) -> Result<()> {
        Ok(self.store.renew()?)
    }

    /// By what a server is known to the other processes.
    ///
    /// # Errors
    /// If the system has no random numbers.
    pub fn server_id() -> Result<String> {
        random_id()
    }

    /// What time it is for what is handed in, to the millisecond.
    ///
    /// # Errors
    /// If the database fails.
    pub fn time_of_intake(&mut self, now: Timestamp) -> Result<Timestamp> {
        self.intake_moment(now)
    }

    /// CAL-3: a server begins to say from which moment on something of its may come that is not kept yet.
    ///
    /// # Errors
    /// If the intake fails.
    pub fn begin_to_hold(&mut self, now: Timestamp, server: &str, since: Timestamp) -> Result<()> {
        let clock = self.intake_moment(now)?;
        let mut tx = self.store.intake_notes()?;
        intake::hold(&mut tx, server, Some(since), clock)?;
        Ok(tx.commit()?)
    }

    /// It says so once more, with the moment of now. False if it had been silent for too long: whatever waited for it may have gone on,
    /// so it begins anew, under another id.
    ///
    /// # Errors
    /// If the intake fails.
    pub fn holds_still(&mut self, now: Timestamp, server: &str, since: Timestamp) -> Result<bool> {
        let clock = self.intake_moment(now)?;
        let mut tx = self.store.intake_notes()?;
        let lives = intake::hold_on(&mut tx, server, since, clock)?;
        tx.commit()?;
        Ok(lives)
    }

    /// Nothing of a server comes any more.
    ///
    /// # Errors
    /// If the intake fails.
    pub fn holds_no_more(&mut self, now: Timestamp, server: &str) -> Result<()> {
        let clock = self.intake_moment(now)?;
        let mut tx = self.store.intake_notes()?;
        intake::hold(&mut tx, server, None, clock)?;
        Ok(tx.commit()?)
    }

    /// MAM-9, MSM-2: the arrival that the same content under the same name was, where handing it in again does nothing: it waits and is
    /// the last that does, or it stands and nothing of the party waits.
    ///
    /// # Errors
    /// If the database fails.
    pub fn arrived_before(&mut self, party: Party, name: &str, digest: Digest) -> Result<Option<Arrival>> {
        let waiting = match self.store.intake_view()? {
            Some(mut view) => intake::waiting(&mut view)?,
            None => Vec::new(),
        };
        if let Some(last) = waiting.into_iter().rfind(|arrival| arrival.party == party) {
            return Ok(Some(last).filter(|last| last.name == name && last.digest == Some(digest)));
        }
        let Ok((parsed, _)) = FileName::parse(name) else { return Ok(None) };
        let mut view = self.store.view(Scope::Dcc)?;
        let received = Received {
            id: 0,
            name: name.to_owned(),
            sender: party.to_string(),
            at: Timestamp::MIN,
            digest: Some(digest),
            unkept: None,
            size: 0,
        };
        let Some(first) = repeated(&mut view, ENGINE, (party, &parsed), &received)? else { return Ok(None) };
        let Some(arrival) = intake::arrival_of(&mut view, first)? else { return Ok(None) };
        drop(view);
        self.arrival(&arrival)
    }

    /// The answer of a request that was done before, as JSON.
    ///
    /// # Errors
    /// If another request was done under its key, or the database fails.
    pub fn answered_before(&mut self, request: &Request) -> Result<Option<String>> {
        let before = requests::find(&mut self.store.view(Scope::Dcc)?, request.key())?;
        before.map(|before| request.answered(before)).transpose()
    }

    /// The veil under which numbers are told on this database.
    ///
    /// # Errors
    /// If the database fails.
    pub fn veil(&mut self) -> Result<Veil> {
        // The first key, so that it lasts.
        let first = receipt_keys::all(&mut self.store.view(Scope::Dcc)?)?.into_iter().next_back();
        let key = match first {
            Some(key) => key,
            None => make_receipt_key(&mut self.store)?,
        };
        Ok(Veil::of(&key.seed))
    }

    /// A file by its arrival, as its sender sees it, or DCC; nothing if there is none, or it is another's.
    ///
    /// # Errors
    /// If the reader has shown no token (ACC-1), or the database fails.
    pub fn handed_in(&mut self, now: Timestamp, by: &Actor, arrival: &str) -> Result<Option<HandedInFile>> {
        self.must_be_known(by)?;
        let Some(of) = whose(by) else { return Ok(None) };
        // First what waits: what is taken over meanwhile is found in the record.
        let waiting = match self.store.intake_view()? {
            Some(mut view) => intake::get(&mut view, arrival)?,
            None => None,
        };
        if let Some(told) = self.look_at_all(now, |work| handed_in::taken(work, of, arrival))? {
            return Ok(Some(told));
        }
        let waiting = waiting.filter(|arrival| of.is_none_or(|of| of == arrival.party));
        Ok(waiting.map(|arrival| handed_in::pending(&arrival)))
    }

    /// The files that a party handed in, the newest first, at most so many of those before one that it knows; nothing more of one that
    /// is not its own.
    ///
    /// # Errors
    /// If the reader has shown no token (ACC-1), or the database fails.
    pub fn files_of(
        &mut self,
        now: Timestamp,
        by: &Actor,
        party: Party,
        before: Option<&str>,
        most: u16,
    ) -> Result<Vec<HandedInFile>> {
        self.must_be_known(by)?;
        by.must_read_for(party, "the list of files")?;
        let (mut waiting, _, _) = self.waiting(now, by)?;
        waiting.retain(|arrival| arrival.party == party);
        waiting.reverse();
        // Where it waits still, what waits behind it comes first.
        let place = before.and_then(|id| waiting.iter().position(|arrival| arrival.id == id));
        let behind = match (before, place) {
            (None, _) => 0,
            (Some(_), Some(place)) => place + 1,
            (Some(_), None) => waiting.len(),
        };
        let mut found: Vec<HandedInFile> =
            waiting[behind..].iter().take(usize::from(most)).map(handed_in::pending).collect();
        self.look_at_all(now, |work| {
            let after = match before.filter(|_| place.is_none()) {
                None => (Timestamp::MAX, i64::MAX),
                Some(id) => {
                    let number = intake::of_arrival(&mut work.tx, id)?.ok_or_else(|| no_cursor(id))?;
                    let received = record::received(&mut work.tx, number)?;
                    if received.sender != party.as_str() {
                        return Err(no_cursor(id));
                    }
                    (received.at, number)
                }
            };
            let mut left = usize::from(most).saturating_sub(found.len());
            for (_, arrival, _) in intake::taken_of(&mut work.tx, &party, after, i64::from(most))? {
                // What was taken over since is there already.
                if left > 0 && !found.iter().any(|known| known.id == arrival) && before != Some(arrival.as_str()) {
                    found.extend(handed_in::taken(work, Some(party), &arrival)?);
                    left -= 1;
                }
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// The response to a file, by its name, as its sender got it; nothing if it has none of this name.
    ///
    /// # Errors
    /// If the reader has shown no token (ACC-1), or the database fails.
    pub fn response(&mut self, now: Timestamp, by: &Actor, arrival: &str, name: &str) -> Result<Option<Vec<u8>>> {
        let Some(told) = self.handed_in(now, by, arrival)? else { return Ok(None) };
        if !told.responses.iter().any(|response| response == name) {
            return Ok(None);
        }
        self.look_at_all(now, |work| {
            let Some(number) = intake::of_arrival(&mut work.tx, arrival)? else { return Ok(None) };
            let answers = issued::answering(&mut work.tx, number)?;
            let found = answers.into_iter().find(|issued| issued.name == name && issued.party.as_str() == told.party);
            found.map_or(Ok(None), |issued| Ok(issued::content(&mut work.tx, issued.id)?))
        })
    }
}

/// The cursor of a list of files is the id of one of them.
fn no_cursor(text: &str) -> ServiceError {
    let text = shown(text);
    ServiceError::Use(format!(
        "cursor: '{text}' is the id of none of these files; begin without one, or with a 'next' that was given"
    ))
}

/// Whose files somebody sees: of one party; all, for DCC; none for others.
fn whose(by: &Actor) -> Option<Option<Party>> {
    match by.party() {
        Some(party) => Some(Some(party)),
        None => by.is_dcc().then_some(None),
    }
}
