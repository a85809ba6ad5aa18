//! One line of the list, and how its parts are said.

use crate::books::calendar::in_words;
use crate::error::{Result, ServiceError, by_rule};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use sluice_rules::party::{Eui64, Party};

/// Something that waits for somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Task {
    /// Who acts: an operator, two operators, or a party by its code.
    pub who: String,
    /// What there is to do, until when, and by which rule.
    pub what: String,
    /// The commands that do it; none where nothing can be done yet. Words in capitals are to be filled in.
    pub commands: Vec<String>,
    /// The act that can be done as it stands, for whoever may do it.
    #[serde(skip)]
    pub offer: Option<Offer>,
}

/// An act that a task offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// The week is scaled.
    Scale,
    /// The result is published, as firm or as provisional.
    Publish {
        /// As firm?
        firm: bool,
    },
    /// A query is answered.
    AnswerQuery(i64),
    /// Free units are shared again.
    Refill,
    /// A day is locked.
    Lock(Date),
    /// What one operator did is signed by a second one.
    Sign(i64),
    /// Dormant installations are planned.
    PlanDormant,
    /// The S1SP acknowledges the list of a stop order.
    Acknowledge(i64),
    /// A supplier confirms a held file (FI21).
    Confirm(i64),
    /// An operator takes a demand file that nobody can confirm any more (FI21).
    Take(i64),
    /// A supplier of last resort adopts what is suspended (MAM-11).
    Adopt {
        /// The number of the event.
        event: i64,
        /// The supplier.
        to: Party,
    },
}

impl Task {
    pub(super) fn new(who: impl ToString, what: impl Into<String>) -> Self {
        Self { who: who.to_string(), what: what.into(), commands: Vec::new(), offer: None }
    }

    pub(super) fn with(mut self, command: impl Into<String>) -> Self {
        self.commands.push(command.into());
        self
    }

    pub(super) fn offers(mut self, offer: Offer) -> Self {
        self.offer = Some(offer);
        self
    }
}

/// An operator, as the list names one.
pub(super) const OPERATOR: &str = "operator";

/// Where two people are needed (ACC-2).
pub(super) const TWO: &str = "two operators";

/// Is something allowed, or why not yet? A failure of the database is no answer.
pub(super) fn allowed<T>(result: Result<T>) -> Result<std::result::Result<T, String>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(ServiceError::Rule { rule, message }) => Ok(Err(by_rule(&message, rule))),
        Err(ServiceError::Use(message)) => Ok(Err(message)),
        Err(error) => Err(error),
    }
}

/// When something is due, or since when it is late.
pub(super) fn due(at: Timestamp, now: Timestamp) -> String {
    format!("{} {}", if at < now { "late since" } else { "due at" }, in_words(at))
}

/// So many installations are named.
pub(super) const NAMED: usize = 10;

/// Installations in words; `all` says where the rest is named.
pub(super) fn named(homes: &[Eui64], all: &str) -> String {
    let mut words: Vec<String> = homes.iter().take(NAMED).map(Eui64::to_string).collect();
    if homes.len() > NAMED {
        words.push(format!("and {} more in {all}", homes.len() - NAMED));
    }
    words.join(", ")
}
