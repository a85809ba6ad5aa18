//! Tokens: made, shown once, revoked (ACC-1).

use crate::act::actor::Actor;
use crate::act::digests::{digest_of, hexadecimal, sha256};
use crate::act::work::{Act, Look, Work};
use crate::error::{Result, ServiceError};
use crate::people::vouch::{must_be_enough, must_be_vouched_for, take_right, takes_two};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sluice_store::tables::record::Digest;
use sluice_store::tables::tokens::{self, Token};
use std::fmt;
use std::str::FromStr;

/// What every token begins with, so that programs that look for secrets know it.
pub const PREFIX: &str = "sluice_";

/// Random bytes of a token.
const RANDOM: usize = 32;

/// Bytes of its check, at its end: enough to tell a slip.
const CHECK: usize = 4;

/// Random bytes of its public id.
const ID: usize = 5;

/// The days for which a token is taken, where nothing is said.
pub const DAYS: u16 = 90;

/// The most days for which a token can be taken.
const MOST_DAYS: u16 = 366;

/// A token as its owner has it. It is never printed but by [`Secret::shown_once`], and never kept.
pub struct Secret(String);

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// If the system has no random numbers.
    pub fn new() -> Result<Self> {
        let mut random = [0; RANDOM];
        getrandom::fill(&mut random).map_err(ServiceError::defect)?;
        let body = hexadecimal(&random);
        Ok(Self(format!("{PREFIX}{body}{}", check(&body))))
    }

    /// The token that somebody gave.
    ///
    /// # Errors
    /// If it is not whole: a slip is told apart from a token that is not known. No part of it is in the error.
    pub fn given(text: &str) -> Result<Self> {
        let text = text.trim();
        let whole = text.strip_prefix(PREFIX).filter(|rest| rest.is_ascii()).and_then(|rest| {
            let (body, end) = rest.split_at_checked(2 * RANDOM)?;
            (end == check(body)).then(|| Self(text.to_owned()))
        });
        whole.ok_or_else(|| {
            let message = format!("the token is not whole: copy it again, from {PREFIX} to its last letter");
            ServiceError::rule("ACC-1", message)
        })
    }

    /// What is kept of it.
    pub(crate) fn digest(&self) -> Digest {
        sha256(self.0.as_bytes())
    }

    /// What others may know of it.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(self.digest())
    }

    /// Its text, for the one time that its owner is shown it.
    #[must_use]
    pub fn shown_once(self) -> String {
        self.0
    }
}

/// What a token is known by: its SHA-256. Whoever has it can tell the token, and cannot make it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(Digest);

/// How fingerprints begin.
const ALGORITHM: &str = "sha256:";

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ALGORITHM}{}", hexadecimal(&self.0))
    }
}

impl FromStr for Fingerprint {
    type Err = NoFingerprint;

    fn from_str(text: &str) -> std::result::Result<Self, NoFingerprint> {
        let digest = text.trim().strip_prefix(ALGORITHM).and_then(digest_of);
        digest.map(Self).ok_or(NoFingerprint)
    }
}

/// A text that is no fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no fingerprint: {ALGORITHM} and 64 digits or letters a to f, as sluice user token new prints it")]
pub struct NoFingerprint;

/// The check of a token's random part.
fn check(body: &str) -> String {
    hexadecimal(&sha256(format!("{PREFIX}{body}").as_bytes())[..CHECK])
}

/// A public id by which a token is spoken of.
///
/// # Errors
/// If the system has no random numbers.
pub fn new_id() -> Result<String> {
    let mut random = [0; ID];
    getrandom::fill(&mut random).map_err(ServiceError::defect)?;
    Ok(hexadecimal(&random))
}

/// A token is made for an account. The record has its public id; what it is known by is no part of the act.
#[derive(Debug, Serialize, Deserialize)]
pub struct MakeToken {
    /// Its public id.
    pub id: String,
    /// The account.
    pub account: String,
    /// The days for which it is taken, 1 to 366.
    pub days: u16,
    /// The fingerprint of a token that its owner made; nobody else has seen it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::words::optional")]
    pub fingerprint: Option<Fingerprint>,
    /// From when on the days count, where that is not the moment of the act.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::words::optional")]
    pub from: Option<Timestamp>,
    /// The second operator, for the token of an operator or approver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approve: Option<String>,
    /// The digest of the token; a replay has none.
    #[serde(skip)]
    pub(crate) digest: Option<Digest>,
}

/// What became of it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Made {
    /// From when on it is taken no more.
    #[serde(with = "crate::words")]
    pub expires_at: Timestamp,
}

impl Act for MakeToken {
    const KIND: &'static str = "token-make";
    type Answer = Made;
    const BY_HOLDER: bool = true;

    fn authorise(&self, by: &Actor) -> Result<()> {
        if by.has_token() && by.name() == self.account { Ok(()) } else { by.must_operate("making tokens of others") }
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Made> {
        if !(1..=MOST_DAYS).contains(&self.days) {
            return Err(ServiceError::rule("ACC-1", format!("a token is taken for 1 to {MOST_DAYS} days")));
        }
        let owner = Actor::account(&mut work.tx, &self.account)?;
        self.must_be_the_owners(work, &owner)?;
        self.must_be_allowed(work, &owner)?;
        let hours = SignedDuration::from_hours(24 * i64::from(self.days));
        let expires_at = self.from.unwrap_or(work.now).checked_add(hours).map_err(ServiceError::defect)?;
        let token = Token {
            id: self.id.clone(),
            account: self.account.clone(),
            made_at: work.now,
            made_by: work.by.name().to_owned(),
            expires_at,
            revoked_at: None,
            used_at: None,
        };
        tokens::add(&mut work.tx, &token)?;
        self.keep_secret(work)?;
        Ok(Made { expires_at })
    }
}

impl MakeToken {
    /// A token that is at hand.
    #[must_use]
    pub(crate) fn of_secret(id: String, account: &str, days: u16, secret: &Secret) -> Self {
        let (account, digest) = (account.to_owned(), Some(secret.digest()));
        Self { id, account, days, fingerprint: None, from: None, approve: None, digest }
    }

    /// A token that its owner made, asked for at a moment.
    #[must_use]
    pub(crate) fn of_fingerprint(
        id: String,
        account: &str,
        days: u16,
        (known_by, at): (Fingerprint, Timestamp),
    ) -> Self {
        let account = account.to_owned();
        Self { id, account, days, fingerprint: Some(known_by), from: Some(at), approve: None, digest: None }
    }

    /// ACC-2: by a fingerprint nobody shows that they have the token. So it is taken for another who signs for DCC, of whom two
    /// people ask it; else somebody could make another's token one of their own, and with it what the other does.
    fn must_be_the_owners(&self, work: &Work<'_>, owner: &Actor) -> Result<()> {
        let others = owner.role().signs() && owner.name() != work.by.name();
        if self.fingerprint.is_none() || others || work.is_again() {
            return Ok(());
        }
        let message = "a fingerprint is given for the token of another operator or approver; leave out --fingerprint, and the \
                       token is made and shown";
        Err(ServiceError::rule("ACC-2", message))
    }

    /// ACC-2: who signs for DCC gets a token from two people, and makes it alone, or whoever made it could sign as them. With
    /// a token one makes the next of one's own.
    fn must_be_allowed(&self, work: &mut Work<'_>, owner: &Actor) -> Result<()> {
        if owner.name() == work.by.name() || !takes_two(work, owner.role())? {
            return Ok(());
        }
        let what = "making a token of an operator or approver";
        // Whoever is told to give a fingerprint should not learn after that that nobody can approve it.
        must_be_enough(work, what)?;
        if self.fingerprint.is_none() {
            let name = owner.name();
            let message = format!(
                "'{name}' signs for DCC, so nobody else may know the token: let {name} make it with sluice user token new, \
                 and give its fingerprint with --fingerprint"
            );
            return Err(ServiceError::rule("ACC-2", message));
        }
        must_be_vouched_for(work, self.approve.as_deref(), what)
    }

    /// Keeps what the token is known by. A replay has none.
    fn keep_secret(&self, work: &mut Work<'_>) -> Result<()> {
        let known = self.digest.or(self.fingerprint.map(|Fingerprint(digest)| digest));
        let Some(digest) = known.filter(|_| !work.is_again()) else { return Ok(()) };
        if tokens::of_digest(&mut work.tx, &digest)?.is_some() {
            let message = "this token was made before; make another with sluice user token new";
            return Err(ServiceError::rule("ACC-1", message));
        }
        Ok(tokens::keep_secret(&mut work.tx, &self.id, &digest)?)
    }
}

/// A token is revoked: by its owner, or by an operator.
#[derive(Debug, Serialize, Deserialize)]
pub struct RevokeToken {
    /// Its public id.
    pub id: String,
    /// The second operator, where too few who can sign would be left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approve: Option<String>,
}

impl Act for RevokeToken {
    const KIND: &'static str = "token-revoke";
    type Answer = ();

    fn authorise(&self, by: &Actor) -> Result<()> {
        // Whose it is stands in the database. Where it takes two, an approver proposes to give up their own.
        if by.has_token() || by.role().signs() { Ok(()) } else { by.must_operate("revoking tokens") }
    }

    fn run(&self, work: &mut Work<'_>) -> Result<()> {
        let owner = tokens::owner(&mut work.tx, &self.id)?;
        if owner.as_deref() != Some(work.by.name()) {
            work.by.must_operate("revoking tokens of others")?;
        }
        let none = || ServiceError::Use(format!("no token '{}' stands; see sluice user token list", self.id));
        take_right(work, self.approve.as_deref(), "revoking this token", |work| {
            if tokens::revoke(&mut work.tx, &self.id, work.now)? { Ok(()) } else { Err(none()) }
        })
    }
}

/// The tokens that somebody may know of, without what they are: DCC and observers all, others their own.
///
/// # Errors
/// If the database fails.
pub fn known(work: &mut Look<'_>, by: &Actor, account: Option<&str>) -> Result<Vec<Token>> {
    let own = by.party().map(|_| by.name().to_owned());
    let mut found = tokens::all(&mut work.tx)?;
    found.retain(|token| own.as_ref().is_none_or(|own| *own == token.account));
    found.retain(|token| account.is_none_or(|account| account == token.account));
    Ok(found)
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
