//! `sluice hold`: a supplier keeps an installation from being migrated (MAM-12).

use crate::cli::days::{HoldAction, HoldWhat};
use crate::failure::{Done, Failure, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::{count, rfc3339, table};
use serde_json::json;
use sluice_rules::authorisation::bars::{HoldEntry, Weekdays};
use sluice_service::bars::holds::SetHold;
use sluice_service::books::calendar::in_words;
use sluice_service::files::verdict::Ended;
use sluice_service::read::own::{self, StandingHold};

/// Runs `sluice hold`.
///
/// # Errors
/// If the installation is not the supplier's, or the S1SP has begun with it.
pub fn run(action: HoldAction) -> Outcome {
    let (what, sets) = match action {
        HoldAction::Set(what) => (what, true),
        HoldAction::Clear(what) => (what, false),
        HoldAction::List { party, chf, at } => {
            let mut session = Session::open_to_read(&at)?;
            let reader = session.reader(party)?;
            let found = session.service.look(session.now, &reader, |work| own::holds(work, chf))?;
            return list(&found, at.json);
        }
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

fn list(holds: &[StandingHold], as_json: bool) -> Outcome {
    if as_json {
        let one = |StandingHold { chf, entry, since }: &StandingHold| {
            json!({
                "chf": chf.to_string(),
                "party": entry.party.to_string(),
                "from": entry.from.to_string(),
                "to": entry.to.map(|to| to.to_string()),
                "weekdays": entry.weekdays.to_string(),
                "set": entry.sets,
                "since": rfc3339(*since),
            })
        };
        print_json(&json!({ "holds": holds.iter().map(one).collect::<Vec<_>>() }))?;
    } else if holds.is_empty() {
        print_line("Nothing is on hold.")?;
    } else {
        let row = |StandingHold { chf, entry, since }: &StandingHold| {
            let cleared = if entry.sets { "" } else { "but not " };
            vec![chf.to_string(), entry.party.to_string(), cleared.to_owned() + &entry.period(), in_words(*since)]
        };
        print_line(&table(&["CHF Device ID", "Supplier", "On hold", "Since"], holds.iter().map(row)))?;
    }
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
