//! Who acts, and in which role.

use crate::error::{Result, ServiceError};
use crate::words;
use serde::{Deserialize, Serialize};
use sluice_rules::party::{Party, PartyRole, S1sp};
use sluice_store::tables::{accounts, parties};
use sluice_store::{Scope, Tx, View};
use std::fmt;
use std::str::FromStr;

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Runs the control centre.
    Operator,
    /// The second pair of eyes of an operator: signs what an operator does, and does nothing first.
    Approver,
    /// Acts for a supplier.
    Supplier,
    /// Acts for an S1SP.
    S1sp,
    /// Sees everything, does nothing.
    Observer,
}

impl Role {
    /// The word in the database.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Operator => "OPERATOR",
            Self::Approver => "APPROVER",
            Self::Supplier => "SUPPLIER",
            Self::S1sp => "S1SP",
            Self::Observer => "OBSERVER",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for Role {
    type Err = ServiceError;

    fn from_str(text: &str) -> Result<Self> {
        let all = [Self::Operator, Self::Approver, Self::Supplier, Self::S1sp, Self::Observer];
        let found = all.into_iter().find(|role| role.word().eq_ignore_ascii_case(text));
        found.ok_or_else(|| {
            ServiceError::Use(format!("'{text}' is no role: operator, approver, supplier, s1sp or observer"))
        })
    }
}

/// Somebody who acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The name of the account; of the console, or the clock, where no account acts.
    pub name: String,
    /// The role.
    #[serde(with = "words")]
    pub role: Role,
    /// The party, for a supplier or an S1SP.
    #[serde(with = "words::optional")]
    pub party: Option<Party>,
}

/// The name under which the person at the program's own console acts.
const CONSOLE: &str = "console";

/// The name under which deadlines act.
const CLOCK: &str = "clock";

/// Is it a name under which the record knows somebody who is no account?
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    [CONSOLE, CLOCK].iter().any(|reserved| reserved.eq_ignore_ascii_case(name))
}

impl Actor {
    /// The operator at the console, where a command needs no name.
    #[must_use]
    pub fn console() -> Self {
        Self { name: CONSOLE.to_owned(), role: Role::Operator, party: None }
    }

    /// The clock: what milestones ask for.
    #[must_use]
    pub fn clock() -> Self {
        Self { name: CLOCK.to_owned(), role: Role::Operator, party: None }
    }

    /// A party, as it hands something in.
    #[must_use]
    pub fn supplier(party: Party) -> Self {
        Self { name: party.to_string(), role: Role::Supplier, party: Some(party) }
    }

    /// An observer, as it reads: what is not one party's own.
    #[must_use]
    pub fn observer(party: Party) -> Self {
        Self { name: party.to_string(), role: Role::Observer, party: None }
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
        Ok(Self { name: account.name, role: account.role.parse()?, party: account.party })
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
            Role::Approver => Err(ServiceError::Use(format!(
                "{what} is for DCC's operators; '{}' is an approver, who signs as the second only: name an operator with --by",
                self.name
            ))),
            _ => self.may_not(what),
        }
    }

    /// May it sign as the second?
    ///
    /// # Errors
    /// If it may not, with what was asked.
    pub fn must_sign(&self, what: &str) -> Result<()> {
        if matches!(self.role, Role::Operator | Role::Approver) { Ok(()) } else { self.may_not(what) }
    }

    fn may_not(&self, what: &str) -> Result<()> {
        Err(ServiceError::Use(format!(
            "{what} is for DCC's operators; '{}' is {}: name an operator",
            self.name, self.role
        )))
    }

    /// The party that it acts for.
    ///
    /// # Errors
    /// If it acts for none.
    pub fn must_be_party(&self, what: &str) -> Result<Party> {
        self.party.ok_or_else(|| ServiceError::Use(format!("{what} is a supplier's own act; name the party with --as")))
    }
}

/// MSM-11, REF-2: the second operator of an act: another account than the first, of an operator or approver.
///
/// # Errors
/// If there is none, or it is no second one.
pub fn second_operator(
    tx: &mut Tx<'_>,
    by: &Actor,
    approve: Option<&str>,
    rule: &'static str,
    what: &str,
) -> Result<()> {
    let Some(name) = approve else {
        return Err(ServiceError::rule(rule, format!("{what} needs a second operator; name one with --approve USER")));
    };
    let second = Actor::account(tx, name)?;
    second.must_sign(what)?;
    if second.name == by.name {
        return Err(ServiceError::rule(rule, format!("{what} needs two people; '{name}' is the first one again")));
    }
    must_have_a_name(by, rule, &format!("{what} needs two people by name; name the first"))
}

/// What people answer for is done by people with names, not by the console.
///
/// # Errors
/// If it is the console; `why` says whom the rule wants named.
pub fn must_have_a_name(by: &Actor, rule: &'static str, why: &str) -> Result<()> {
    if by.name == CONSOLE {
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
