//! People and programs.

use crate::act::actor::{Actor, is_reserved, registered};
use crate::act::work::{Act, Look, Work};
use crate::error::{Result, ServiceError};
use crate::people::vouch::{must_be_vouched_for, take_right, takes_two};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sluice_rules::party::Party;
use sluice_rules::role::Role;
use sluice_store::tables::accounts::{self, Account};
use sluice_store::tables::{parties, tokens};

/// Adds an account.
#[derive(Debug, Serialize, Deserialize)]
pub struct AddUser {
    /// Its name.
    pub name: String,
    /// Its role.
    #[serde(with = "crate::words")]
    pub role: Role,
    /// The party it acts for; for a supplier or an S1SP.
    #[serde(with = "crate::words::optional")]
    pub party: Option<Party>,
    /// The second operator, for an operator or approver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approve: Option<String>,
}

/// An account, and until when one of its tokens is taken, if one is.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The account.
    pub account: Account,
    /// Until when it can sign in.
    pub until: Option<Timestamp>,
}

/// The accounts that somebody may know of: DCC and observers all, others those of their party.
///
/// # Errors
/// If the database fails.
pub fn listed(work: &mut Look<'_>, by: &Actor) -> Result<Vec<Listed>> {
    let (mut found, tokens) = (accounts::all(&mut work.tx)?, tokens::all(&mut work.tx)?);
    let now = work.now;
    found.retain(|account| by.party().is_none() || account.party == by.party());
    let until = |account: &Account| {
        let own = tokens.iter().filter(|token| token.account == account.name && token.revoked_at.is_none());
        own.map(|token| token.expires_at).max().filter(|until| *until > now && !account.disabled)
    };
    Ok(found.into_iter().map(|account| Listed { until: until(&account), account }).collect())
}

/// The longest name of an account, in characters.
const LONGEST_NAME: usize = 64;

impl Act for AddUser {
    const KIND: &'static str = "user-add";
    type Answer = ();
    const BY_HOLDER: bool = true;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("adding users")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<()> {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_.@".contains(letter);
        if self.name.is_empty() || self.name.len() > LONGEST_NAME || !self.name.chars().all(fits) {
            return Err(ServiceError::Use("a name has 1 to 64 letters, digits or - _ . @".to_owned()));
        }
        if is_reserved(&self.name) && !work.is_again() {
            let message =
                format!("'{}' is the name of nobody's account: the record uses it; choose another", self.name);
            return Err(ServiceError::Use(message));
        }
        self.must_fit_its_party(work)?;
        if accounts::account(&mut work.tx, &self.name)?.is_some() {
            return Err(ServiceError::Use(format!("there is a user '{}' already; choose another name", self.name)));
        }
        must_not_deceive(work, &self.name)?;
        if takes_two(work, self.role)? {
            must_be_vouched_for(work, self.approve.as_deref(), "adding an operator or approver")?;
        }
        let (role, name) = (self.role, self.name.clone());
        Ok(accounts::add(&mut work.tx, &Account { name, role, party: self.party, disabled: false })?)
    }
}

impl AddUser {
    /// ACC-1: nobody acts for a party without one, or in a role that the party has not.
    fn must_fit_its_party(&self, work: &mut Work<'_>) -> Result<()> {
        let role = self.role;
        let party = match self.party {
            Some(party) if role.needs_party() => party,
            None if role.needs_party() => {
                return Err(ServiceError::Use(format!("a user of role {role} acts for a party; name it with --party")));
            }
            Some(_) => {
                return Err(ServiceError::Use(format!("a user of role {role} acts for no party; leave out --party")));
            }
            None => return Ok(()),
        };
        let registered = registered(&mut work.tx, party)?.role;
        // What was recorded stands, whatever the party was then.
        if work.is_again() || registered.word() == role.word() {
            return Ok(());
        }
        let message = format!("{party} is registered as {registered}, so nobody acts for it as {role}");
        Err(ServiceError::rule("ACC-1", message))
    }
}

/// ACC-1: a name stands in the record and in lists for who acted, so it is not taken for that of another account or of a party.
fn must_not_deceive(work: &mut Work<'_>, name: &str) -> Result<()> {
    let like = accounts::like(&mut work.tx, name)?.map(|like| format!("user '{like}'"));
    let party = name.parse::<Party>().ok().map(|party| parties::find(&mut work.tx, &party)).transpose()?.flatten();
    let other = like.or(party.map(|party| format!("party {}, {}", party.code, party.name)));
    match other {
        Some(other) if !work.is_again() => {
            let message = format!("'{name}' would be taken for {other}; choose a name that nobody has");
            Err(ServiceError::rule("ACC-1", message))
        }
        _ => Ok(()),
    }
}

/// Takes an account's right to act. Its name stays in the record.
#[derive(Debug, Serialize, Deserialize)]
pub struct DisableUser {
    /// Its name.
    pub name: String,
    /// The second operator, where too few who can sign would be left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approve: Option<String>,
}

impl Act for DisableUser {
    const KIND: &'static str = "user-disable";
    type Answer = ();

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("disabling users")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<()> {
        take_right(work, self.approve.as_deref(), "disabling this user", |work| {
            if !accounts::disable(&mut work.tx, &self.name)? {
                let message = format!("there is no user '{}'; check the spelling of the name", self.name);
                return Err(ServiceError::Use(message));
            }
            // ACC-1: with the right to act its tokens go.
            Ok(tokens::revoke_all(&mut work.tx, &self.name, work.now)?)
        })
    }
}
