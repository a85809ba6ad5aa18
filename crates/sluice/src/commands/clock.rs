//! `sluice clock`: the clock of the machine, when it was set (CAL-3).

use crate::cli::clock::ClockAction;
use crate::failure::{Done, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::rfc3339;
use serde_json::json;
use sluice_service::books::calendar::in_words;

/// Runs `sluice clock`.
///
/// # Errors
/// If the caller is no operator, or there is nothing to accept.
pub fn run(ClockAction::Accept { at }: &ClockAction) -> Outcome {
    // Nothing that is due can be done before it.
    let mut session = Session::open_to_hand_in(at)?;
    let by = session.operator(None)?;
    let jump = session.service.accept_clock(&by)?;
    if at.json {
        print_json(&json!({ "from": rfc3339(jump.expected), "to": rfc3339(jump.says) }))?;
    } else {
        let (from, to) = (in_words(jump.expected), in_words(jump.says));
        print_line(&format!("The clock is believed: it would have been {from}, and is {to}. It is in the record."))?;
    }
    session.now = jump.says;
    session.catch_up()?;
    Ok(Done::Clean)
}
