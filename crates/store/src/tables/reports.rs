//! What the reports of REP-1 count. The database adds up, so that ten million installations do not come out of it.
//!
//! Every function takes a [`Sight`], which is made from the scope of the transaction: what is not for the reader is
//! left out here.

pub mod days;
pub mod dormant;
pub mod intake;
pub mod programme;

use super::convert::{date, s1sp, text};
use super::log::RecordedAct;
use super::parties;
use crate::error::StoreError;
use crate::scope::Scope;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::party::{Party, S1sp};
use std::collections::{BTreeMap, BTreeSet};

/// What a reader may see (MSM-14), and of which S1SPs and days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    party: Option<Party>,
    provider: Option<S1sp>,
    s1sps: Vec<S1sp>,
    from: Date,
    to: Date,
    /// The weeks in which a refill was or is due. That is public, though what it follows from is not (MSM-13).
    pub refills: BTreeSet<(S1sp, Date)>,
    /// Until when the results of weeks were or are to be firm: public as well, though the lines are not that a correction changed
    /// (MSM-11).
    pub firm_due: BTreeMap<(S1sp, Date), Timestamp>,
    /// The acts of DCC of which the report of conduct tells. Their details are DCC's: what of them is told to whom, the report
    /// decides.
    pub acts: Vec<RecordedAct>,
}

impl Sight {
    /// What the scope of a transaction may see of one S1SP or of all, from one day to another, both included.
    ///
    /// # Errors
    /// If the database fails.
    pub fn of(tx: &mut View<'_>, one: Option<S1sp>, from: Date, to: Date) -> Result<Self, StoreError> {
        let (party, provider) = match *tx.scope() {
            Scope::Dcc | Scope::Observer => (None, None),
            Scope::S1sp(s1sp) => (None, Some(s1sp)),
            Scope::Party(party) => (Some(party), None),
        };
        let mut s1sps = parties::s1sps(tx)?;
        s1sps.retain(|code| one.is_none_or(|one| one == *code) && provider.is_none_or(|own| own == *code));
        Ok(Self {
            party,
            provider,
            s1sps,
            from,
            to,
            refills: BTreeSet::new(),
            firm_due: BTreeMap::new(),
            acts: Vec::new(),
        })
    }

    /// The supplier that reads, if one does: it sees its own.
    #[must_use]
    pub fn party(&self) -> Option<Party> {
        self.party
    }

    /// The S1SP that reads, if one does: it sees what it carries out.
    #[must_use]
    pub fn provider(&self) -> Option<S1sp> {
        self.provider
    }

    /// Does DCC or an observer read, who see all?
    #[must_use]
    pub fn sees_all(&self) -> bool {
        self.party.is_none() && self.provider.is_none()
    }

    /// The S1SPs that it covers.
    #[must_use]
    pub fn s1sps(&self) -> &[S1sp] {
        &self.s1sps
    }

    /// The first day.
    #[must_use]
    pub fn from(&self) -> Date {
        self.from
    }

    /// The last day.
    #[must_use]
    pub fn to(&self) -> Date {
        self.to
    }

    /// Does it cover a day of an S1SP?
    #[must_use]
    pub fn covers(&self, of: S1sp, day: Date) -> bool {
        self.s1sps.contains(&of) && self.from <= day && day <= self.to
    }

    /// May the reader see the lines of a party?
    #[must_use]
    pub fn is_own(&self, party: Party) -> bool {
        self.party.is_none_or(|own| own == party)
    }

    /// Is what a Lead Supplier has part of what the reader sees? Where nobody is known to lead, it is nobody's own, and only
    /// those who see all count it.
    fn may_count(&self, lead: Option<Party>) -> bool {
        lead.map_or(self.sees_all(), |party| self.is_own(party))
    }

    /// S1SP, first day, last day and party (empty for all) as values.
    fn values<'a>(&'a self, of: &'a S1sp) -> [Value<'a>; 4] {
        [s1sp(of), date(self.from), date(self.to), text(self.party.as_ref().map_or("", Party::as_str))]
    }
}

/// A number that is never negative, as the database gives it.
fn whole(row: &crate::row::Row<'_>, column: usize) -> Result<u64, StoreError> {
    super::convert::Columns::count(row, column)
}
