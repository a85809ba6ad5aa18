//! Who acts: accounts and their tokens (ACC-1).

use crate::act::actor::Actor;
use crate::error::Result;
use crate::people::sign_in::sign_in;
use crate::people::tokens::{MakeToken, Secret, new_id};
use crate::service::Service;
use jiff::Timestamp;
use sluice_store::Scope;
use sluice_store::tables::tokens;

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
        let digest = Some(secret.digest());
        let made = self.act(now, by, MakeToken { id: id.clone(), account: account.to_owned(), days, digest })?;
        Ok((id, made.expires_at))
    }

    /// Can an operator sign in? While none can, whoever holds the database makes the first, or the next (ACC-1).
    ///
    /// # Errors
    /// If the database fails.
    pub fn operator_can_sign_in(&mut self, now: Timestamp) -> Result<bool> {
        Ok(tokens::operator_can_sign_in(&mut self.store.view(Scope::Dcc)?, now)?)
    }

    /// The account of a name.
    ///
    /// # Errors
    /// If there is none that may act.
    pub fn account(&mut self, name: &str) -> Result<Actor> {
        Actor::account(&mut self.store.view(Scope::Dcc)?, name)
    }
}
