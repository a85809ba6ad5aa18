//! Opening a database for the service, and what time it is there: by the clock of the server, for a file by the machine's, and on a
//! simulated database the given time.

use crate::act::again::in_one;
use crate::act::simulated::{CLOCK, is_simulated, set_simulated};
use crate::act::work::by_the_record;
use crate::books::calendar::in_words;
use crate::error::{Result, ServiceError};
use crate::service::Service;
use crate::service::receipts::first_receipt_key;
use jiff::Timestamp;
use sluice_store::schema::MIGRATIONS;
use sluice_store::tables::record;
use sluice_store::{Scope, Store, Url, View};

impl Service {
    /// Makes a new database. The clock of a simulated one is given.
    ///
    /// # Errors
    /// If there is one already, or it cannot be made.
    pub fn create(at: &Url, simulated: bool) -> Result<Self> {
        Self::new(Store::create_filled(at, MIGRATIONS, |tx| {
            set_simulated(tx, simulated)?;
            first_receipt_key(tx).map(drop)
        })?)
    }

    /// Opens a database that is there and up to date.
    ///
    /// # Errors
    /// If it is missing, of an older, newer or other program, or cannot be opened.
    pub fn open(at: &Url) -> Result<Self> {
        let mut store = Store::open(at)?;
        store.require(MIGRATIONS)?;
        Self::new(store)
    }

    /// Is its clock given, and may everybody say who they are?
    ///
    /// # Errors
    /// If the database fails.
    pub fn is_simulated(&mut self) -> Result<bool> {
        is_simulated(&mut self.store.view(Scope::Dcc)?)
    }

    /// Where a given clock stands; nothing if none was ever given.
    ///
    /// # Errors
    /// If the database fails.
    pub fn clock(&mut self) -> Result<Option<Timestamp>> {
        clock_of(&mut self.store.view(Scope::Dcc)?)
    }

    /// What time it is, to the millisecond: by the clock of the server, or of the machine for a file, and not before the last act; on a
    /// simulated database the time given, which never goes back. CAL-3: that the clock of one machine is wrong changes nothing at a
    /// server.
    ///
    /// # Errors
    /// If a moment is given where the database is not simulated, is earlier than the clock, or none was ever given.
    pub fn moment(&mut self, given: Option<Timestamp>) -> Result<Timestamp> {
        let (simulated, clock) = (self.is_simulated()?, self.clock()?);
        must_fit(simulated, given.or(clock.filter(|_| simulated)))?;
        match (given, clock) {
            (None, Some(clock)) if simulated => Ok(clock),
            (None, _) => {
                let now = self.store.clock()?;
                by_the_record(&mut self.store.view(Scope::Dcc)?, now)
            }
            // There is nothing to be written.
            (Some(given), Some(clock)) if given == clock => Ok(to_milliseconds(given)),
            (Some(given), _) => {
                in_one(&mut self.store, &self.books, |store, _, _| {
                    // Looked at again while nobody else changes it.
                    let mut tx = store.decide()?;
                    if let Some(clock) = clock_of(&mut tx)?.filter(|clock| given < *clock) {
                        let clock = in_words(clock);
                        let message = format!("the clock of this database stands at {clock} and never goes back");
                        return Err(ServiceError::Use(message));
                    }
                    record::set(&mut tx, CLOCK, &given.to_string())?;
                    Ok((Some(tx), to_milliseconds(given)))
                })
            }
        }
    }

    /// Leaves the clock of a simulated database at a moment.
    ///
    /// # Errors
    /// If the database fails.
    pub fn set_clock(&mut self, now: Timestamp) -> Result<()> {
        in_one(&mut self.store, &self.books, |store, _, _| {
            let mut tx = store.decide()?;
            record::set(&mut tx, CLOCK, &now.to_string())?;
            Ok((Some(tx), ()))
        })
    }
}

/// A moment is given where the clock is not the machine's, and there alone.
///
/// # Errors
/// If it is not so.
pub fn must_fit(simulated: bool, given: Option<Timestamp>) -> Result<()> {
    let words = match (simulated, given) {
        (false, Some(_)) => "--now is for simulated databases; make one with sluice init --simulated",
        (true, None) => "this database is simulated; say when it is with --now, as in --now 2021-06-01T09:00:00+01:00",
        _ => return Ok(()),
    };
    Err(ServiceError::Use(words.to_owned()))
}

fn clock_of(view: &mut View<'_>) -> Result<Option<Timestamp>> {
    Ok(record::setting(view, CLOCK)?.and_then(|text| text.parse().ok()))
}

/// Moments are kept in milliseconds.
fn to_milliseconds(moment: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(moment.as_millisecond()).unwrap_or(moment)
}
