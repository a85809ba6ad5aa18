//! A database with its clock, for the time of one command.

use crate::cli::database::Database;
use crate::failure::Failure;
use jiff::Timestamp;
use sluice_rules::party::PartyRole;
use sluice_rules::party::{Party, S1sp};
use sluice_service::act::actor::{Actor, registered};
use sluice_service::service::Service;
use sluice_store::schema::MIGRATIONS;
use sluice_store::tables::{parties, record};
use sluice_store::{Scope, Store};

/// The setting that says whether the clock is given.
const SIMULATED: &str = "simulated";

/// The setting that holds a given clock's moment.
const CLOCK: &str = "clock";

/// A database with its clock.
pub struct Session {
    /// The service on it.
    pub service: Service,
    /// The moment of this command.
    pub now: Timestamp,
}

impl Session {
    /// Makes a new database.
    ///
    /// # Errors
    /// If there is one already.
    pub fn create(at: &Database, simulated: bool) -> Result<Self, Failure> {
        let mut store = Store::create(&at.database.url()?)?;
        store.migrate(MIGRATIONS)?;
        let mut tx = store.begin(Scope::Dcc)?;
        record::set(&mut tx, SIMULATED, if simulated { "yes" } else { "no" })?;
        tx.commit()?;
        Self::with(store, at)
    }

    /// Opens a database that is there and up to date, and does what milestones ask for up to now.
    ///
    /// # Errors
    /// If it is missing, of an older, newer or other program, cannot be opened, or the moment is not one that its clock allows.
    pub fn open(at: &Database) -> Result<Self, Failure> {
        let mut store = Store::open(&at.database.url()?)?;
        store.require(MIGRATIONS)?;
        let mut session = Self::with(store, at)?;
        session.service.catch_up(session.now)?;
        for (file, reason) in session.service.stuck() {
            eprintln!("sluice: file {file} is received but cannot be judged: {reason}");
        }
        Ok(session)
    }

    fn with(mut store: Store, at: &Database) -> Result<Self, Failure> {
        let now = moment(&mut store, at.now)?;
        Ok(Self { service: Service::new(store)?, now })
    }

    /// Leaves the clock of a simulated database at the moment that this command has reached.
    ///
    /// # Errors
    /// If the database fails.
    pub fn keep_clock(&mut self) -> Result<(), Failure> {
        let mut tx = self.service.store().begin(Scope::Dcc)?;
        record::set(&mut tx, CLOCK, &self.now.to_string())?;
        tx.commit()?;
        Ok(())
    }

    /// The actor of a command: the account that is named, or the operator at the console.
    ///
    /// # Errors
    /// If there is no such account.
    pub fn operator(&mut self, by: Option<&str>) -> Result<Actor, Failure> {
        match by {
            Some(name) => Ok(self.service.account(name)?),
            None => Ok(Actor::console()),
        }
    }

    /// The actor of a supplier's own act.
    ///
    /// # Errors
    /// If the party is not registered.
    pub fn supplier(&mut self, party: Party) -> Result<Actor, Failure> {
        let mut tx = self.service.store().read(Scope::Dcc)?;
        registered(&mut tx, party)?;
        Ok(Actor::supplier(party))
    }

    /// Who reads: a party as itself, or the operator at the console. MSM-14: an observer sees all.
    ///
    /// # Errors
    /// If the party is not registered.
    pub fn reader(&mut self, party: Option<Party>) -> Result<Actor, Failure> {
        let Some(party) = party else { return Ok(Actor::console()) };
        let mut tx = self.service.store().read(Scope::Dcc)?;
        let observes = registered(&mut tx, party)?.role == PartyRole::Observer;
        Ok(if observes { Actor::observer(party) } else { Actor::supplier(party) })
    }

    /// The S1SP that is named, or all.
    ///
    /// # Errors
    /// If there are none.
    pub fn s1sps(&mut self, one: Option<S1sp>) -> Result<Vec<S1sp>, Failure> {
        let all = parties::s1sps(&mut self.service.store().read(Scope::Dcc)?)?;
        match one {
            Some(s1sp) if all.contains(&s1sp) => Ok(vec![s1sp]),
            Some(s1sp) => Err(Failure::Use(format!("S1SP {s1sp} is not known; import its party"))),
            None if all.is_empty() => Err(Failure::Use("no S1SP is known; import the parties first".to_owned())),
            None => Ok(all),
        }
    }
}

/// The moment of a command: the machine's, or on a simulated database the one given, which never goes back.
fn moment(store: &mut Store, given: Option<Timestamp>) -> Result<Timestamp, Failure> {
    let mut tx = store.read(Scope::Dcc)?;
    let simulated = record::setting(&mut tx, SIMULATED)?.as_deref() == Some("yes");
    let clock: Option<Timestamp> = record::setting(&mut tx, CLOCK)?.and_then(|text| text.parse().ok());
    drop(tx);
    match (simulated, given, clock) {
        (false, Some(_), _) => {
            Err(Failure::Use("--now is for simulated databases; make one with sluice init --simulated".to_owned()))
        }
        (false, None, _) => Ok(to_milliseconds(Timestamp::now())),
        (true, None, None) => Err(Failure::Use("this database is simulated; say when it is with --now".to_owned())),
        (true, None, Some(clock)) => Ok(clock),
        (true, Some(given), _) => {
            // Looked at again while nobody else changes it.
            let mut tx = store.begin(Scope::Dcc)?;
            let clock: Option<Timestamp> = record::setting(&mut tx, CLOCK)?.and_then(|text| text.parse().ok());
            if let Some(clock) = clock.filter(|clock| given < *clock) {
                let message = format!("the clock of this database stands at {clock} and never goes back");
                return Err(Failure::Use(message));
            }
            record::set(&mut tx, CLOCK, &given.to_string())?;
            tx.commit()?;
            Ok(to_milliseconds(given))
        }
    }
}

/// Moments are kept in milliseconds.
fn to_milliseconds(moment: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(moment.as_millisecond()).unwrap_or(moment)
}
