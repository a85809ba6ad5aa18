//! Who acts: accounts and their tokens (ACC-1).

use crate::act::actor::Actor;
use crate::act::simulated::is_simulated;
use crate::act::work::{Act, by_the_record};
use crate::error::{Result, ServiceError};
use crate::people::sign_in::sign_in;
use crate::people::tokens::{Fingerprint, Made, MakeToken, Secret, new_id};
use crate::people::vouch::too_few_can_sign;
use crate::service::Service;
use crate::service::by_two::Asked;
use jiff::Timestamp;
use sluice_store::Scope;

impl Service {
    /// Who somebody is that gives the token of an account (ACC-1).
    ///
    /// # Errors
    /// If the token is not taken.
    pub fn sign_in(&mut self, now: Timestamp, secret: &Secret) -> Result<Actor> {
        sign_in(&mut self.store, now, secret)
    }

    /// Makes a token for an account; its text is with whoever asked, and nowhere else. Gives its public id and from when on
    /// it is taken no more.
    ///
    /// # Errors
    /// If there is no such account that may act, or the days are too many.
    pub fn make_token(
        &mut self,
        now: Timestamp,
        by: &Actor,
        (account, days): (&str, u16),
        secret: &Secret,
    ) -> Result<(String, Timestamp)> {
        let id = new_id()?;
        let made = self.act(now, by, MakeToken::of_secret(id.clone(), account, days, secret))?;
        Ok((id, made.expires_at))
    }

    /// Makes a token of which only the fingerprint is known, or proposes it where two people answer for it (ACC-2).
    ///
    /// # Errors
    /// As [`Service::make_token`].
    pub fn ask_token(
        &mut self,
        now: Timestamp,
        by: &Actor,
        (account, days): (&str, u16),
        fingerprint: Fingerprint,
    ) -> Result<Asked<Made>> {
        let from = by_the_record(&mut self.store.view(Scope::Dcc)?, now)?;
        let act = MakeToken::of_fingerprint(new_id()?, account, days, (fingerprint, from));
        self.ask(now, by, act)
    }

    /// Are those who can sign so few that whoever holds the database makes others without a token (ACC-1)?
    ///
    /// # Errors
    /// If the database fails.
    pub fn too_few_can_sign(&mut self, now: Timestamp) -> Result<bool> {
        too_few_can_sign(&mut self.store.view(Scope::Dcc)?, now)
    }

    /// ACC-1: on a database that is not simulated everybody acts with a token, but for whoever holds it while too few can
    /// sign.
    ///
    /// # Errors
    /// If an actor has shown none.
    pub(super) fn admit<A: Act>(&mut self, now: Timestamp, by: &Actor) -> Result<()> {
        self.note_clock()?;
        if by.has_token() {
            return Ok(());
        }
        let mut view = self.store.view(Scope::Dcc)?;
        let by_holder = A::BY_HOLDER && by.is_console();
        if is_simulated(&mut view)? || (by_holder && too_few_can_sign(&mut view, now)?) {
            return Ok(());
        }
        Err(no_token(by))
    }

    /// ACC-1: on a database that is not simulated a reader has shown a token, too.
    ///
    /// # Errors
    /// If not.
    pub(super) fn must_be_known(&mut self, by: &Actor) -> Result<()> {
        if by.has_token() || is_simulated(&mut self.store.view(Scope::Dcc)?)? {
            return Ok(());
        }
        Err(no_token(by))
    }

    /// The account of a name.
    ///
    /// # Errors
    /// If there is none that may act.
    pub fn account(&mut self, name: &str) -> Result<Actor> {
        Actor::account(&mut self.store.view(Scope::Dcc)?, name)
    }
}

fn no_token(by: &Actor) -> ServiceError {
    let message = format!("'{}' has shown no token, and this database is not simulated", by.name());
    ServiceError::rule("ACC-1", message)
}

#[cfg(test)]
#[path = "accounts_tests.rs"]
mod tests;
