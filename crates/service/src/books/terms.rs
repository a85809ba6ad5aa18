//! The parameters that acts take from the MAM rulebooks.

use crate::books::rulebooks::Books;
use crate::error::{Result, ServiceError};
use jiff::civil::Date;
use sluice_rules::authorisation::standby::StandbyTerms;
use sluice_rules::rulebook::{Document, Rulebook, in_effect};

/// The parameters of the MAM that authorisation takes.
#[derive(Debug, Clone)]
pub struct MamTerms {
    /// The rulebook's id.
    pub rulebook: String,
    /// How many rows may wait for a unit (MAM-3).
    pub standby: StandbyTerms,
    /// Failed attempts that make a candidate for exclusion (OUT-2).
    pub attempts: u64,
}

impl MamTerms {
    /// RB-2: the terms of the MAM rulebook in effect on a date.
    ///
    /// # Errors
    /// If none is in effect.
    pub fn on(books: &Books, date: Date) -> Result<Self> {
        Self::of(mam(books, date)?)
    }

    /// The terms of a MAM rulebook.
    ///
    /// # Errors
    /// If there is none of that id.
    pub fn by_id(books: &Books, id: &str) -> Result<Self> {
        Self::of(books.get(id)?)
    }

    /// What stands where no rulebook is in effect: no row waits for a unit, since none is taken, and no number of attempts
    /// is too many.
    #[must_use]
    pub fn none() -> Self {
        Self { rulebook: String::new(), standby: StandbyTerms { percent: 0, minimum: 0 }, attempts: u64::MAX }
    }

    /// The terms of the latest MAM rulebook: what older programs took where none was in effect yet.
    ///
    /// # Errors
    /// If it lacks one.
    pub fn latest(books: &Books) -> Result<Self> {
        Self::of(books.latest(Document::Mam)?)
    }

    fn of(book: &Rulebook) -> Result<Self> {
        Ok(Self {
            rulebook: book.id.clone(),
            standby: StandbyTerms {
                percent: book.number("standby_percent")?,
                minimum: book.number("standby_minimum")?,
            },
            attempts: book.number("failed_attempts")?,
        })
    }
}

/// RB-2: the MAM rulebook in effect on a date.
///
/// # Errors
/// If none is.
pub fn mam(books: &Books, date: Date) -> Result<&Rulebook> {
    let first = "a MAM rulebook is in effect from 2021-04-23 on";
    let missing = || ServiceError::rule("RB-2", format!("no MAM rulebook is in effect on {date}; {first}"));
    in_effect(&books.all, Document::Mam, date).ok_or_else(missing)
}
