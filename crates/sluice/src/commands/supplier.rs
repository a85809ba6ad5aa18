//! `sluice handback` and `sluice query`: a supplier's own acts.

use crate::cli::database::{Handback, QueryAction};
use crate::failure::{Done, Outcome};
use crate::print::print_line;
use crate::session::Session;
use sluice_service::weeks::questions::{AnswerQuery, Raise};
use sluice_service::weeks::redistribute::HandBack;

/// Runs `sluice handback` (MSM-13).
///
/// # Errors
/// If the units are in use, or it is too late.
pub fn handback(args: &Handback) -> Outcome {
    let mut session = Session::open(&args.at)?;
    let by = session.supplier(args.party)?;
    let Handback { s1sp, date, units, .. } = *args;
    let left = session.service.act(session.now, &by, HandBack { s1sp, date, units })?;
    print_line(&format!("{} gave {units} of {date} at {s1sp} back and keeps {left}.", args.party))?;
    Ok(Done::Clean)
}

/// Runs `sluice query` (MSM-11).
///
/// # Errors
/// If the window is closed, or there is no such query.
pub fn query(action: QueryAction) -> Outcome {
    match action {
        QueryAction::Raise { party, s1sp, date, text, at } => {
            let mut session = Session::open(&at)?;
            let by = session.supplier(party)?;
            let id = session.service.act(session.now, &by, Raise { s1sp, date, question: text })?;
            print_line(&format!("Query {id} is raised; the answer comes before the result is firm."))?;
        }
        QueryAction::Answer { query, text, by, at } => {
            let mut session = Session::open(&at)?;
            let by = session.named(by.as_deref())?;
            session.service.act(session.now, &by, AnswerQuery { query, answer: text })?;
            print_line(&format!("Query {query} is answered."))?;
        }
    }
    Ok(Done::Clean)
}
