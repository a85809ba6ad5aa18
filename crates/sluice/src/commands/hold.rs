//! `sluice hold`: a supplier keeps an installation from being migrated (MAM-12).

use super::{print_json, print_line};
use crate::cli::days::{HoldAction, HoldWhat};
use crate::failure::{Done, Outcome};
use crate::session::Session;
use crate::show::count;
use serde_json::json;
use sluice_rules::authorisation::bars::Weekdays;
use sluice_service::cases::holds::SetHold;

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
    let act = SetHold { chf, mpan, mprn, from, to, weekdays: days, sets };
    let held = session.service.act(session.now, &by, act)?;
    if at.json {
        print_json(&json!({ "hold": held, "set": sets }))?;
        return Ok(Done::Clean);
    }
    let until = to.map_or("on".to_owned(), |to| format!("until {to}"));
    let which = if days == Weekdays::ALL { String::new() } else { format!(" on {days}") };
    let word = if sets { "is on hold" } else { "is no more on hold by you" };
    print_line(&format!("{} {word} from {from} {until}{which}.", held.chf))?;
    if held.ended > 0 {
        print_line(&format!("{} lapsed with MA126; the suppliers are told.", count(held.ended, "authorisation")))?;
    }
    Ok(Done::Clean)
}
