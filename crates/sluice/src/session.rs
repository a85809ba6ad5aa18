//! A database with its clock, for the time of one command.

use crate::cli::database::Database;
use crate::failure::Failure;
use jiff::Timestamp;
use sluice_rules::party::PartyRole;
use sluice_rules::party::{Party, S1sp};
use sluice_service::act::actor::{Actor, registered};
use sluice_service::service::Service;
use sluice_store::tables::parties;

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
        Self::with(Service::create(&at.database.url()?, simulated)?, at)
    }

    /// Opens a database that is there and up to date, and does what milestones ask for up to now.
    ///
    /// # Errors
    /// If it is missing, of an older, newer or other program, cannot be opened, or the moment is not one that its clock allows.
    pub fn open(at: &Database) -> Result<Self, Failure> {
        let mut session = Self::with(Service::open(&at.database.url()?)?, at)?;
        session.service.catch_up(session.now)?;
        for (file, reason) in session.service.stuck() {
            eprintln!("sluice: file {file} is received but cannot be judged: {reason}");
        }
        Ok(session)
    }

    fn with(mut service: Service, at: &Database) -> Result<Self, Failure> {
        let now = service.moment(at.now)?;
        Ok(Self { service, now })
    }

    /// Leaves the clock of a simulated database at the moment that this command has reached.
    ///
    /// # Errors
    /// If the database fails.
    pub fn keep_clock(&mut self) -> Result<(), Failure> {
        Ok(self.service.set_clock(self.now)?)
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
        self.registered(party)?;
        Ok(Actor::supplier(party))
    }

    fn registered(&mut self, party: Party) -> Result<PartyRole, Failure> {
        let found = self.service.look(self.now, &Actor::console(), |work| registered(&mut work.tx, party))?;
        Ok(found.role)
    }

    /// Who reads: a party as itself, or the operator at the console. MSM-14: an observer sees all.
    ///
    /// # Errors
    /// If the party is not registered.
    pub fn reader(&mut self, party: Option<Party>) -> Result<Actor, Failure> {
        let Some(party) = party else { return Ok(Actor::console()) };
        let observes = self.registered(party)? == PartyRole::Observer;
        Ok(if observes { Actor::observer(party) } else { Actor::supplier(party) })
    }

    /// The S1SP that is named, or all.
    ///
    /// # Errors
    /// If there are none.
    pub fn s1sps(&mut self, one: Option<S1sp>) -> Result<Vec<S1sp>, Failure> {
        let all = self.service.look(self.now, &Actor::console(), |work| Ok(parties::s1sps(&mut work.tx)?))?;
        match one {
            Some(s1sp) if all.contains(&s1sp) => Ok(vec![s1sp]),
            Some(s1sp) => Err(Failure::Use(format!("S1SP {s1sp} is not known; import its party"))),
            None if all.is_empty() => Err(Failure::Use("no S1SP is known; import the parties first".to_owned())),
            None => Ok(all),
        }
    }
}
