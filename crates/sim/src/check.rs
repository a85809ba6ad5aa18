//! What must hold after every step.
//!
//! Each check works on rows as they are in the database, with arithmetic of its own: what decided on them is not asked again.
//! A check that finds something says it in words, with the installation, the day and the figures.

mod audit;
mod dormant;
mod facts;
mod files;
mod pools;
mod schedules;
mod states;

pub use audit::AuditTrail;
pub use facts::Facts;
pub use files::{Content, Sending, Sent};

use crate::look::Look;
use sluice_store::{Store, StoreError};

/// What was found wrong, in words.
#[derive(Debug, Default)]
pub struct Found(Vec<String>);

impl Found {
    /// Adds something that is wrong.
    pub fn add(&mut self, words: impl Into<String>) {
        self.0.push(words.into());
    }

    /// Adds something unless it holds.
    pub fn unless(&mut self, holds: bool, words: impl FnOnce() -> String) {
        if !holds {
            self.0.push(words());
        }
    }

    /// Everything, in the order in which it was found.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }
}

/// An installation for people: its number in the world.
pub(crate) fn home(chf: i64) -> String {
    format!("home {}", (chf.cast_unsigned() & 0xFFFF) / 16)
}

/// Checks everything after a step.
///
/// # Errors
/// If the database fails.
pub fn check(
    store: &mut Store,
    before: &Look,
    after: &Look,
    sent: &Sent,
    trail: &mut AuditTrail,
    today: i64,
) -> Result<Found, StoreError> {
    let mut found = Found::default();
    pools::check(after, &mut found);
    pools::nobody_waits_beside_a_free_unit(after, today, &mut found);
    pools::ledger_is_the_rows(store, after, &mut found)?;
    states::check(before, after, today, &mut found);
    schedules::check(after, today, &mut found);
    dormant::check(before, after, today, &mut found);
    files::check(after, sent, &mut found);
    trail.follow(store, &mut found)?;
    Ok(found)
}
