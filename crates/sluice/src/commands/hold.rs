//! `sluice hold`: a supplier keeps an installation from being migrated (MAM-12).

use crate::cli::days::{HoldAction, HoldWhat};
use crate::failure::{Done, Failure, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::count;
use serde_json::json;
use sluice_rules::authorisation::bars::{HoldEntry, Weekdays};
use sluice_service::bars::holds::SetHold;
use sluice_service::files::verdict::Ended;

/// Runs `sluice hold`.
///
/// # Errors
/// If the installation is not the supplier's, or the S1SP has begun with it.
pub fn run(action: HoldAction) -> Outcome {
    let (what, sets) = match action {
        HoldAction::Set(what) => (what, true),
        HoldAction::Clear(what) => (what, false),
    };
    let HoldWhat { party, chf, mpan, mprn, from, to, weekdays, at } = what;
    let mut session = Session::open(&at)?;
    let by = session.supplier(party)?;
    let days = weekdays.unwrap_or(Weekdays::ALL);
    let period = HoldEntry { party, from, to, weekdays: days, sets }.period();
    let act = SetHold { chf, mpan, mprn, from, to, weekdays: days, sets };
    let held = session.service.act(session.now, &by, act)?;
    if at.json {
        print_json(&json!({ "hold": held, "set": sets }))?;
        return Ok(Done::Clean);
    }
    let words = match (sets, held.changed) {
        (true, _) => format!("{} is on hold {period}.", held.chf),
        (false, true) => format!("{} is no longer on hold by you {period}.", held.chf),
        (false, false) => format!("{} has no hold of yours {period}: nothing was cleared.", held.chf),
    };
    print_line(&words)?;
    print_ended(&held.ended, "")?;
    Ok(Done::Clean)
}

/// Says what a hold ended, if anything.
///
/// # Errors
/// If it cannot be printed.
pub fn print_ended(ended: &Ended, margin: &str) -> Result<(), Failure> {
    let lines = [
        (ended.rows, "authorisation", "lapsed with MA126"),
        (ended.dormant, "Dormant installation", "left the plan of the week"),
        (ended.waiting, "Dormant installation", "left a schedule, to wait for a later day of the week"),
    ];
    for (number, what, word) in lines.into_iter().filter(|(number, ..)| *number > 0) {
        print_line(&format!("{margin}{} {word}; the suppliers are told.", count(number, what)))?;
    }
    Ok(())
}
