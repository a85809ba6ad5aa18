//! Verdicts and states in words.

use crate::books::calendar::in_words as moment_in_words;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::led::{LedUnit, Place};
use sluice_rules::authorisation::responsibility::Meters;
use sluice_rules::authorisation::settle::{Authorisation, Case};
use sluice_rules::authorisation::state::State;
use sluice_rules::codes::RowCode;
use sluice_rules::installation::Fuel;

/// The words of codes that are separated by blanks.
#[must_use]
pub fn codes_in_words(codes: &str) -> String {
    let words = codes.split_ascii_whitespace().filter_map(|code| code.parse::<RowCode>().ok()).map(RowCode::meaning);
    words.collect::<Vec<_>>().join("; ")
}

/// MA121 and MA119 beside the codes of a row that has not ended: information that the two suppliers differ, and that it stands
/// for one meter of two (MAM-8).
#[must_use]
pub fn with_information(codes: &str, row: &Authorisation) -> String {
    let information = [(RowCode::MA119, row.narrowed, row.state.is_live()), (RowCode::MA121, row.differs, true)];
    let is_old = |code: &&str| information.iter().any(|(own, _, ends)| *ends && own.code() == *code);
    let mut codes: Vec<&str> = codes.split_ascii_whitespace().filter(|code| !is_old(code)).collect();
    codes.extend(information.iter().filter(|(_, stands, _)| *stands).map(|(code, ..)| code.code()));
    codes.join(" ")
}

/// MAM-8: that a row stands for one meter of two, and why, to be added to its words; nothing if it does not.
#[must_use]
pub fn narrowing_in_words(meters: &Meters, row: &Authorisation) -> String {
    let lost = meters.lost_beside(row.party, row.date).filter(|_| row.narrowed);
    let words = lost.map(|lost| {
        let since = lost.registrations.iter().rev().find(|registration| registration.from <= row.date);
        let since = since.map_or(String::new(), |since| format!(" from {} on", since.from));
        let (lost, kept) = in_words(lost.fuel);
        format!(" for the {kept} meter alone: another supplier has the {lost} meter{since} (MAM-8)")
    });
    words.unwrap_or_default()
}

/// A fuel in words, and the other one.
pub(in crate::board) const fn in_words(fuel: Fuel) -> (&'static str, &'static str) {
    match fuel {
        Fuel::Electricity => ("electricity", "gas"),
        Fuel::Gas => ("gas", "electricity"),
    }
}

/// MA121: what a held row is told whose other supplier names other dates: both dates, and a way out. Nothing of another row.
#[must_use]
pub fn difference_in_words(case: &Case, row: &Authorisation, cutoff: Timestamp) -> Option<String> {
    let missing = case.missing().into_iter().find(|missing| row.differs && missing.row == row.id)?;
    let named = missing.named.iter().map(Date::to_string).collect::<Vec<_>>().join(" and ");
    let (of, date, cutoff) = (missing.of, row.date, moment_in_words(cutoff));
    Some(format!(
        "waits: you name {date} and {of} names {named}; authorise it for {named}, or {of} does for {date}, until {cutoff}, or both \
         expire"
    ))
}

/// MAM-1: what a held row waits for that is missing nobody's file: nothing of another row (MSM-14). Nothing if it is missing one.
#[must_use]
pub fn needs_in_words(case: &Case, row: &Authorisation) -> Option<String> {
    if row.state != State::Held || case.missing().iter().any(|missing| missing.row == row.id) {
        return None;
    }
    let date = row.date;
    Some(match case.is_scheduled_but(date) {
        true => format!("waits for {date} until the outcome of an earlier date is known (OUT-4)"),
        false => format!("waits for what the other Responsible Supplier's authorisation for {date} still needs"),
    })
}

/// The same later, when what a held row waited for is not known any more.
#[must_use]
pub fn state_in_history(row: &Authorisation, codes: &str) -> String {
    match row.state {
        State::Held => format!("is held for {} until the other Responsible Supplier's stands too", row.date),
        _ => state_in_words(row, codes),
    }
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
            let kept = row.led.is_some_and(|led| led.unit == LedUnit::Kept);
            let then = match (row.unit, row.place) {
                (true, _) => "it keeps its unit, and stands again if that is lifted before the lock",
                (false, Some(Place::Standby)) => "it waits on standby again if that is lifted before the lock",
                (false, Some(Place::New)) => "when that is lifted it waits for the other Responsible Supplier again",
                (false, _) if kept => "when that is lifted it waits for the other Responsible Supplier again",
                (false, _) => "when that is lifted it is first in line",
            };
            return format!("is stopped for {date} by a stop order; {then}");
        }
        State::Suspended => {
            format!("is suspended for {date}: its supplier failed, and the one appointed in its place may adopt it")
        }
        State::Unknown => format!("no outcome of {date} came in time; it is not known"),
        State::Moved => "moved to the date of a later row".to_owned(),
        State::Withdrawn => "was withdrawn".to_owned(),
        State::Lapsed => format!("no longer has ground for {date}"),
        // MAM-11: nobody could send it any more.
        State::Expired if codes.contains(RowCode::MA128.code()) => format!("can be completed no more for {date}"),
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
