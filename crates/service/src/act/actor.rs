//! Who acts, and in which role.

use crate::act::request::Request;
use crate::error::{Result, ServiceError};
use crate::words;
use jiff::Timestamp;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use sluice_rules::party::{Party, PartyRole, S1sp};
use sluice_rules::role::Role;
use sluice_store::tables::accounts::{self, Account};
use sluice_store::tables::{parties, tokens};
use sluice_store::{Scope, View};

/// Somebody who acts. It is made from an account, or is one of the few that are none; never from what a caller says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Actor {
    name: String,
    #[serde(with = "words")]
    role: Role,
    #[serde(with = "words::optional")]
    party: Option<Party>,
    #[serde(rename = "known", skip_serializing_if = "Known::is_unnamed")]
    known: Known,
    /// The public id of the token that was given; acts of earlier programs were recorded without.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    /// Is it only for looking as a party does?
    #[serde(skip)]
    looks: bool,
    /// The request by which it acts, where that is to be done once.
    #[serde(skip)]
    request: Option<Request>,
}

/// How it is known who acts. Acts are recorded with it; by earlier programs without.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Known {
    /// It is no account, but the clock, the console, or a party as it hands in.
    #[default]
    Unnamed,
    /// Somebody gave the name of the account.
    ByName,
    /// Somebody gave a token of the account.
    ByToken,
    /// The account proposed it, and somebody else approved it.
    ByProposal,
}

impl Known {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
    fn is_unnamed(&self) -> bool {
        *self == Self::Unnamed
    }
}

/// An actor as acts are recorded.
#[derive(Deserialize)]
struct Written {
    name: String,
    #[serde(with = "words")]
    role: Role,
    #[serde(with = "words::optional")]
    party: Option<Party>,
    #[serde(default)]
    known: Known,
    #[serde(default)]
    token: Option<String>,
}

/// Reads the actor of a recorded act, for a replay and for reports.
///
/// # Errors
/// If it could not have acted.
pub(crate) fn recorded<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Actor, D::Error> {
    let Written { name, role, party, known, token } = Written::deserialize(deserializer)?;
    let checked = Actor::checked(name, role, party).map_err(D::Error::custom)?;
    Ok(Actor { known, token, ..checked })
}

/// The name under which the person at the program's own console acts.
const CONSOLE: &str = "console";

/// The name under which deadlines act.
const CLOCK: &str = "clock";

/// Is it a name under which the record knows somebody who is no account?
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    [CONSOLE, CLOCK, "dcc"].iter().any(|reserved| reserved.eq_ignore_ascii_case(name))
}

impl Actor {
    fn unnamed(name: &str, role: Role, party: Option<Party>) -> Self {
        Self { name: name.to_owned(), role, party, known: Known::Unnamed, token: None, looks: false, request: None }
    }

    /// The operator at the console, where a command needs no name.
    #[must_use]
    pub fn console() -> Self {
        Self::unnamed(CONSOLE, Role::Operator, None)
    }

    /// The clock: what milestones ask for.
    #[must_use]
    pub fn clock() -> Self {
        Self::unnamed(CLOCK, Role::Operator, None)
    }

    /// A party, as it hands something in.
    #[must_use]
    pub fn supplier(party: Party) -> Self {
        Self::unnamed(&party.to_string(), Role::Supplier, Some(party))
    }

    /// An S1SP, as it acts.
    #[must_use]
    pub fn s1sp(party: Party) -> Self {
        Self::unnamed(&party.to_string(), Role::S1sp, Some(party))
    }

    /// An observer, as it reads: what is not one party's own.
    #[must_use]
    pub fn observer(party: Party) -> Self {
        Self::unnamed(&party.to_string(), Role::Observer, None)
    }

    /// The account of a name.
    ///
    /// # Errors
    /// If there is none, or it may no longer act.
    pub fn account(tx: &mut View<'_>, name: &str) -> Result<Self> {
        let found = accounts::account(tx, name)?;
        let unknown = || ServiceError::Use(format!("there is no user '{name}'; add one with sluice user add"));
        let account = found.ok_or_else(unknown)?;
        if account.disabled {
            return Err(ServiceError::Use(format!(
                "user '{name}' is disabled and acts no more; name another user, or add one with sluice user add"
            )));
        }
        Ok(Self { known: Known::ByName, ..Self::checked(account.name, account.role, account.party)? })
    }

    /// The actor of an account that may act, of which somebody gave the token with this public id.
    ///
    /// # Errors
    /// As [`Actor::checked`].
    pub(crate) fn signed_in(account: Account, token: String) -> Result<Self> {
        let token = Some(token);
        Ok(Self { known: Known::ByToken, token, ..Self::checked(account.name, account.role, account.party)? })
    }

    /// The same as it acts by a request that is to be done once.
    #[must_use]
    pub fn asking(self, request: Request) -> Self {
        Self { request: Some(request), ..self }
    }

    /// The request by which it acts.
    pub(crate) const fn request(&self) -> Option<Request> {
        self.request
    }

    /// The same actor, of whose proposal somebody else approves (ACC-2).
    pub(crate) fn by_proposal(self) -> Self {
        Self { known: Known::ByProposal, token: None, ..self }
    }

    /// ACC-1: who acts for a supplier or an S1SP does so for a party, and nobody else does.
    ///
    /// # Errors
    /// If the role and the party do not fit; such an account sees nothing and does nothing.
    fn checked(name: String, role: Role, party: Option<Party>) -> Result<Self> {
        if role.needs_party() == party.is_some() {
            return Ok(Self::unnamed(&name, role, party));
        }
        let word = if role.needs_party() { "no party" } else { "a party" };
        let message = format!("user '{name}' is {role} and acts for {word}, so it may see and do nothing; add another");
        Err(ServiceError::rule("ACC-1", message))
    }

    /// Is it an account? Not the clock, the console, or a party as it hands in.
    #[must_use]
    pub fn is_account(&self) -> bool {
        self.known != Known::Unnamed
    }

    /// Did somebody give a token of the account (ACC-1)?
    #[must_use]
    pub const fn has_token(&self) -> bool {
        matches!(self.known, Known::ByToken)
    }

    /// The same as it has handed something in: it was admitted then, whatever becomes of its token until that is taken over (CAL-3).
    pub(crate) fn handed_in(self) -> Self {
        Self { token: None, ..self }
    }

    /// ACC-1: may it still act? Since it signed in its token may have been revoked or expired, or its account disabled. Who looks as a
    /// party does never acts as one.
    ///
    /// # Errors
    /// If not.
    pub(crate) fn must_still_act(&self, view: &mut View<'_>, now: Timestamp) -> Result<()> {
        match &self.token {
            _ if self.looks => {
                let message = format!("who looks as {} does nothing for it", self.name);
                Err(ServiceError::rule("ACC-1", message))
            }
            Some(token) if !tokens::stands(view, (token, &self.name), now)? => {
                let message = "this token was revoked or has expired, or its user was disabled, meanwhile; ask an operator for another";
                Err(ServiceError::rule("ACC-1", message))
            }
            _ => Ok(()),
        }
    }

    /// ACC-1: could it act, by the accounts as they are? A replay asks, so that an account or a token that was another for one act alone
    /// shows.
    ///
    /// # Errors
    /// If not.
    pub(crate) fn must_be_able(&self, view: &mut View<'_>, then: Timestamp) -> Result<()> {
        let able = match (self.known, &self.token) {
            (Known::Unnamed, _) => return Ok(()),
            (Known::ByName | Known::ByProposal, _) => self.is_as_registered(view)?,
            (Known::ByToken, None) => false,
            (Known::ByToken, Some(token)) => {
                self.is_as_registered(view)? && tokens::stands(view, (token, &self.name), then)?
            }
        };
        let message = || format!("'{}' could not act as {} then", self.name, self.role);
        able.then_some(()).ok_or_else(|| ServiceError::rule("ACC-1", message()))
    }

    /// Is there an account as this one says, and may it act?
    fn is_as_registered(&self, view: &mut View<'_>) -> Result<bool> {
        let found = accounts::account(view, &self.name)?.filter(|account| !account.disabled);
        Ok(found.is_some_and(|account| account.role == self.role && account.party == self.party))
    }

    /// Did it propose what somebody else approved (ACC-2)?
    pub(crate) const fn is_by_proposal(&self) -> bool {
        matches!(self.known, Known::ByProposal)
    }

    /// Did somebody only give the name of the account, as one may on a simulated database?
    #[must_use]
    pub(crate) const fn is_only_named(&self) -> bool {
        matches!(self.known, Known::ByName)
    }

    /// Is it the clock?
    #[must_use]
    pub(crate) fn is_clock(&self) -> bool {
        self.known == Known::Unnamed && self.name == CLOCK
    }

    /// Is it whoever holds the database, without an account?
    #[must_use]
    pub fn is_console(&self) -> bool {
        self.known == Known::Unnamed && self.name == CONSOLE
    }

    /// The same as it looks as a party does, and does nothing: DCC sees all, so it may see less (ACC-1).
    ///
    /// # Errors
    /// If it is not of DCC.
    pub fn looking_as(&self, party: Party, role: PartyRole) -> Result<Self> {
        self.must_sign("looking as a party does")?;
        let party = if role == PartyRole::Observer { Self::observer(party) } else { Self::supplier(party) };
        Ok(Self { known: self.known, token: self.token.clone(), looks: true, ..party })
    }

    /// The name of the account; of the console, the clock or the party, where no account acts.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The role.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The party, for a supplier or an S1SP.
    #[must_use]
    pub const fn party(&self) -> Option<Party> {
        self.party
    }

    /// Does it see everything, as DCC does?
    #[must_use]
    pub const fn is_dcc(&self) -> bool {
        self.role.signs()
    }

    /// What it may see; who acts for a party sees nothing without it.
    ///
    /// # Errors
    /// If it acts for a party that it has not, or that is none in its role.
    pub fn scope(&self, tx: &mut View<'_>) -> Result<Scope> {
        match (self.role, self.party) {
            (Role::Operator | Role::Approver, _) => return Ok(Scope::Dcc),
            (Role::Observer, _) => return Ok(Scope::Observer),
            (Role::Supplier | Role::S1sp, Some(party)) => match parties::find(tx, &party)?.map(|found| found.s1sp) {
                // A party reads as what it is registered as, whatever its people are called.
                Some(Some(s1sp)) => return Ok(Scope::S1sp(s1sp)),
                Some(None) if self.role == Role::Supplier => return Ok(Scope::Party(party)),
                _ => {}
            },
            (Role::Supplier | Role::S1sp, None) => {}
        }
        let party = self.party.map_or_else(|| "no party".to_owned(), |party| party.to_string());
        Err(ServiceError::Use(format!(
            "'{}' is {} of {party}, which is not registered as one: it sees nothing",
            self.name, self.role
        )))
    }

    /// Is it an operator?
    ///
    /// # Errors
    /// If it is not, with what was asked.
    pub fn must_operate(&self, what: &str) -> Result<()> {
        match self.role {
            Role::Operator => Ok(()),
            Role::Approver => Err(ServiceError::Role(format!(
                "{what} is for DCC's operators; '{}' is an approver, who signs as the second only: an operator does it first",
                self.name
            ))),
            _ => self.may_not(what),
        }
    }

    /// Is it the clock? What is due is done by nobody else.
    ///
    /// # Errors
    /// If it is not, with what was asked.
    pub fn must_be_the_clock(&self, what: &str) -> Result<()> {
        if self.is_clock() {
            return Ok(());
        }
        Err(ServiceError::Role(format!("{what} is done by the clock when it is due, not by '{}'", self.name)))
    }

    /// May it sign as the second?
    ///
    /// # Errors
    /// If it may not, with what was asked.
    pub fn must_sign(&self, what: &str) -> Result<()> {
        if self.role.signs() { Ok(()) } else { self.may_not(what) }
    }

    fn may_not(&self, what: &str) -> Result<()> {
        Err(ServiceError::Role(format!(
            "{what} is for DCC's operators; '{}' is {}: name an operator",
            self.name, self.role
        )))
    }

    /// May it read what is a party's own? Who acts for the party, and DCC, which sees everything (ACC-1).
    ///
    /// # Errors
    /// If it acts for another, or for none; `what` says what was asked for.
    pub fn must_read_for(&self, party: Party, what: &str) -> Result<()> {
        if self.is_dcc() || self.party == Some(party) {
            return Ok(());
        }
        let message = format!("{what} of {party} is for {party} and DCC; '{}' is {}", self.name, self.role);
        Err(ServiceError::rule("ACC-1", message))
    }

    /// The party that it acts for.
    ///
    /// # Errors
    /// If it acts for none.
    pub fn must_be_party(&self, what: &str) -> Result<Party> {
        self.party
            .ok_or_else(|| ServiceError::Role(format!("{what} is a supplier's own act; name the party with --as")))
    }
}

/// What people answer for is done by people with names, not by the console.
///
/// # Errors
/// If it is the console; `why` says whom the rule wants named.
pub fn must_have_a_name(by: &Actor, rule: &'static str, why: &str) -> Result<()> {
    if by.is_console() {
        let message = format!("{why} with --by USER");
        return Err(ServiceError::rule(rule, message));
    }
    Ok(())
}

/// A party that is registered, in a role.
///
/// # Errors
/// If it is not.
pub fn registered(tx: &mut View<'_>, party: Party) -> Result<parties::PartyRecord> {
    let found = parties::find(tx, &party)?;
    found.ok_or_else(|| {
        ServiceError::Use(format!("party {party} is not registered; import it with sluice import parties"))
    })
}

/// What is for suppliers is given to suppliers: to others an empty answer would say that there is nothing.
///
/// # Errors
/// If the party is not registered, or not as a supplier; `what` says what was asked for, and `rule` who it is for.
pub fn must_supply(tx: &mut View<'_>, party: Party, rule: &'static str, what: &str) -> Result<()> {
    let role = registered(tx, party)?.role;
    if role == PartyRole::Supplier {
        return Ok(());
    }
    let message = format!("{what} is for suppliers; {party} is registered as {role}: name a supplier with --as");
    Err(ServiceError::rule(rule, message))
}

/// The S1SP that a party is, if it is one.
///
/// # Errors
/// If the database fails.
pub fn s1sp_of(tx: &mut View<'_>, party: Party) -> Result<Option<S1sp>> {
    Ok(parties::find(tx, &party)?.and_then(|record| record.s1sp))
}
