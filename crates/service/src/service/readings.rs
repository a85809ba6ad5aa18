//! Readings that see more than their reader: facts that are public though the tables that they follow from are not, and lists that
//! are made of everything and narrowed to what their reader may know (MSM-14).

use crate::act::actor::{Actor, registered};
use crate::error::Result;
use crate::people::{accounts, tokens};
use crate::read::overview;
use crate::rows::eligible::{self, EligibleLine};
use crate::rows::propose::{self, Proposal};
use crate::service::Service;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::party::{Party, PartyRole, S1sp};
use sluice_store::tables::tokens::Token;
use sluice_store::tables::{parties, weeks};
use std::collections::BTreeMap;

impl Service {
    /// The role in which a party is registered.
    ///
    /// # Errors
    /// If it is not registered.
    pub fn registered(&mut self, now: Timestamp, party: Party) -> Result<PartyRole> {
        self.look_at_all(now, |work| Ok(registered(&mut work.tx, party)?.role))
    }

    /// The S1SPs that are known, in order.
    ///
    /// # Errors
    /// If the database fails.
    pub fn s1sps(&mut self, now: Timestamp) -> Result<Vec<S1sp>> {
        self.look_at_all(now, |work| Ok(parties::s1sps(&mut work.tx)?))
    }

    /// The days of an S1SP that have capacity on record, from one to another, both included: is it more than none?
    ///
    /// # Errors
    /// If the database fails.
    pub fn migration_days(&mut self, now: Timestamp, s1sp: S1sp, from: Date, to: Date) -> Result<BTreeMap<Date, bool>> {
        let capacity = self.look_at_all(now, |work| Ok(weeks::capacity(&mut work.tx, &s1sp, from, to)?))?;
        Ok(capacity.into_iter().map(|(date, capacity)| (date, capacity.total() > 0)).collect())
    }

    /// The Dormant reserve of the days of a week, once it is published.
    ///
    /// # Errors
    /// If the date is no Monday, or the database fails.
    pub fn published_reserve(&mut self, now: Timestamp, week: Date, s1sp: S1sp) -> Result<BTreeMap<Date, u64>> {
        self.look_at_all(now, |work| {
            let calendar = work.week(week)?;
            overview::published_reserve(work, &calendar, s1sp)
        })
    }

    /// MAM-13: the eligible list of a party for a day, as [`eligible::list`] gives it to its reader.
    ///
    /// # Errors
    /// If the reader has shown no token (ACC-1), and what the list says.
    pub fn eligible(
        &mut self,
        now: Timestamp,
        by: &Actor,
        (party, s1sp): (Party, S1sp),
        date: Date,
    ) -> Result<Vec<EligibleLine>> {
        self.must_be_known(by)?;
        self.look_at_all(now, |work| eligible::list(work, by, party, s1sp, date))
    }

    /// MAM-13: the proposed authorisation file of a party for a week, as [`propose::propose`] gives it to its reader.
    ///
    /// # Errors
    /// If the reader has shown no token (ACC-1), and what the proposal says.
    pub fn propose(
        &mut self,
        now: Timestamp,
        by: &Actor,
        (party, s1sp): (Party, S1sp),
        week: Date,
    ) -> Result<Proposal> {
        self.must_be_known(by)?;
        self.look_at_all(now, |work| propose::propose(work, by, party, s1sp, week))
    }

    /// The accounts that a reader may know of.
    ///
    /// # Errors
    /// If the reader has shown no token (ACC-1), or the database fails.
    pub fn users(&mut self, now: Timestamp, by: &Actor) -> Result<Vec<accounts::Listed>> {
        self.must_be_known(by)?;
        self.look_at_all(now, |work| accounts::listed(work, by))
    }

    /// The tokens that a reader may know of: all, or those of one account.
    ///
    /// # Errors
    /// If the reader has shown no token (ACC-1), or the database fails.
    pub fn tokens(&mut self, now: Timestamp, by: &Actor, account: Option<&str>) -> Result<Vec<Token>> {
        self.must_be_known(by)?;
        self.look_at_all(now, |work| tokens::known(work, by, account))
    }
}
