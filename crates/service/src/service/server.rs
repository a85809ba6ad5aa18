//! What a server needs that works on a database with several connections at once: moments that it holds for what came, and what came
//! before.

use crate::act::actor::Actor;
use crate::act::request::Request;
use crate::error::Result;
use crate::people::veil::Veil;
use crate::read::handed_in::{self, HandedInFile};
use crate::service::Service;
use crate::service::arrive::random_id;
use crate::service::receipts::make_receipt_key;
use jiff::Timestamp;
use sluice_rules::party::Party;
use sluice_store::tables::intake::{self, Arrival};
use sluice_store::tables::record::{self, Digest};
use sluice_store::tables::{issued, receipt_keys, requests};
use sluice_store::{Scope, Store};

impl Service {
    /// Another one on the same database, for another thread; passwords that this one remembers it does not know.
    ///
    /// # Errors
    /// If the database cannot be opened once more.
    pub fn another(&self) -> Result<Self> {
        Self::new(Store::open(self.store.url())?)
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

    /// CAL-3: a server says from which moment on something of its may come that is not kept yet, and that it lives; with none, that
    /// nothing comes any more.
    ///
    /// # Errors
    /// If the intake fails.
    pub fn hold_for_server(&mut self, now: Timestamp, server: &str, since: Option<Timestamp>) -> Result<()> {
        let clock = self.intake_moment(now)?;
        let mut tx = self.store.intake_notes()?;
        intake::hold(&mut tx, server, since, clock)?;
        Ok(tx.commit()?)
    }

    /// MAM-9: the first arrival of the same content under the same name, if there is one.
    ///
    /// # Errors
    /// If the database fails.
    pub fn arrived_before(&mut self, party: Party, name: &str, digest: &Digest) -> Result<Option<Arrival>> {
        let mut view = self.store.view(Scope::Dcc)?;
        let first = intake::first_of_content(&mut view, &party, name, digest)?;
        drop(view);
        match first {
            Some(id) => self.arrival(&id),
            None => {
                let Some(mut view) = self.store.intake_view()? else { return Ok(None) };
                let latest = intake::latest(&mut view, &party, name)?;
                Ok(latest.filter(|latest| latest.taken.is_none() && latest.digest.as_ref() == Some(digest)))
            }
        }
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
        let newest = receipt_keys::all(&mut self.store.view(Scope::Dcc)?)?.into_iter().next_back();
        let key = match newest {
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
        if let Some(told) = self.look_at_all(now, |work| handed_in::taken(work, of, arrival))? {
            return Ok(Some(told));
        }
        let Some(mut view) = self.store.intake_view()? else { return Ok(None) };
        let waiting = intake::get(&mut view, arrival)?.filter(|arrival| arrival.taken.is_none());
        Ok(waiting
            .filter(|arrival| of.is_none_or(|of| of == arrival.party))
            .map(|arrival| handed_in::pending(&arrival)))
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
        let mut found = Vec::new();
        if before.is_none() {
            let (waiting, _, _) = self.waiting(now, by)?;
            let own = waiting.iter().filter(|arrival| arrival.party == party);
            found.extend(own.rev().take(usize::from(most)).map(handed_in::pending));
        }
        let left = i64::from(most) - i64::try_from(found.len()).unwrap_or(i64::MAX);
        self.look_at_all(now, |work| {
            let after = match before {
                None => (Timestamp::MAX, i64::MAX),
                Some(id) => {
                    let Some(number) = intake::of_arrival(&mut work.tx, id)? else { return Ok(()) };
                    let received = record::received(&mut work.tx, number)?;
                    if received.sender != party.as_str() {
                        return Ok(());
                    }
                    (received.at, number)
                }
            };
            for (_, arrival, _) in intake::taken_of(&mut work.tx, &party, after, left)? {
                found.extend(handed_in::taken(work, Some(party), &arrival)?);
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

/// Whose files somebody sees: of one party; all, for DCC; none for others.
fn whose(by: &Actor) -> Option<Option<Party>> {
    match by.party() {
        Some(party) => Some(Some(party)),
        None => by.is_dcc().then_some(None),
    }
}
