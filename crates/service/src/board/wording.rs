//! Verdicts and states in words.

use crate::books::calendar::in_words;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::settle::{Authorisation, Case};
use sluice_rules::authorisation::state::State;
use sluice_rules::codes::RowCode;

/// The words of codes that are separated by blanks.
#[must_use]
pub fn codes_in_words(codes: &str) -> String {
    let words = codes.split_ascii_whitespace().filter_map(|code| code.parse::<RowCode>().ok()).map(RowCode::meaning);
    words.collect::<Vec<_>>().join("; ")
}

/// MA121: what a held row is told whose other supplier names other dates: both dates, and a way out. Nothing of another row.
#[must_use]
pub fn difference_in_words(case: &Case, row: &Authorisation, cutoff: Timestamp) -> Option<String> {
    let missing = case.missing().into_iter().find(|missing| row.differs && missing.row == row.id)?;
    let named = missing.named.iter().map(Date::to_string).collect::<Vec<_>>().join(" and ");
    let (of, date, cutoff) = (missing.of, row.date, in_words(cutoff));
    Some(format!(
        "waits: you name {date} and {of} names {named}; authorise it for {named}, or {of} does for {date}, until {cutoff}, or both \
         expire"
    ))
}

/// What the state of an authorisation means for its supplier.
#[must_use]
pub fn state_in_words(row: &Authorisation, codes: &str) -> String {
    let date = row.date;
    let words = match row.state {
        State::Accepted => format!("stands for {date}"),
        State::Held if row.differs => {
            format!("waits for the other Responsible Supplier, which names another date than {date}")
        }
        State::Held => format!("waits for the other Responsible Supplier's authorisation for {date}"),
        State::Standby => format!("waits for a unit of the allocation of {date}"),
        State::Deferred => format!("has no unit of {date} now; it is first in line for the next one, send nothing"),
        State::Scheduled => format!("is in the schedule of {date}"),
        State::Stopped => {
            // MA124 says no more than this.
            return format!("is stopped for {date} by a stop order; when that is lifted it is first in line");
        }
        State::Suspended => {
            format!("is suspended for {date}: its supplier failed, and the one appointed in its place may adopt it")
        }
        State::Unknown => format!("no outcome of {date} came in time; it is not known"),
        State::Moved => "moved to the date of a later row".to_owned(),
        State::Withdrawn => "was withdrawn".to_owned(),
        State::Lapsed => format!("no longer has ground for {date}"),
        State::Expired => format!("what it waited for did not come in time for {date}"),
        State::Migrated => format!("was migrated on {date}"),
        // The code is the S1SP's, not one of ours.
        State::Failed if !codes.is_empty() => format!("failed on {date}, code {codes}"),
        State::Failed => format!("failed on {date}"),
        State::NotAttempted => format!("was not attempted on {date}"),
    };
    match codes_in_words(codes) {
        reasons if reasons.is_empty() => words,
        reasons => format!("{words}: {reasons}"),
    }
}
