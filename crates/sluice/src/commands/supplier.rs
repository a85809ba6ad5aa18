//! `sluice handback` and `sluice query`: a supplier's own acts.

use crate::cli::database::{Handback, QueryAction};
use crate::failure::{Done, Failure, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::{folded, rfc3339};
use serde_json::json;
use sluice_service::books::calendar::in_words;
use sluice_service::read::own;
use sluice_service::weeks::questions::{AnswerQuery, Raise};
use sluice_service::weeks::redistribute::HandBack;
use sluice_store::tables::questions::Question;

/// Runs `sluice handback` (MSM-13).
///
/// # Errors
/// If the units are in use, or it is too late.
pub fn handback(args: &Handback) -> Outcome {
    let mut session = Session::open(&args.at)?;
    let by = session.supplier(args.party)?;
    let Handback { s1sp, date, units, .. } = *args;
    let left = session.service.act(session.now, &by, HandBack { s1sp, date, units })?;
    let party = args.party;
    if args.at.json {
        let (s1sp, date, party) = (s1sp.to_string(), date.to_string(), party.to_string());
        print_json(&json!({ "party": party, "s1sp": s1sp, "date": date, "handed_back": units, "keeps": left }))?;
    } else {
        print_line(&format!("{party} gave {units} of {date} at {s1sp} back and keeps {left}."))?;
    }
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
            let words = format!("Query {id} is raised; the answer comes before the result is firm.");
            done(id, "RAISED", &words, at.json)?;
        }
        QueryAction::List { party, week, open, at } => {
            let mut session = Session::open_to_read(&at)?;
            let reader = session.reader(party)?;
            let found = session.service.look(session.now, &reader, |work| own::queries(work, week, open))?;
            return list(&found, at.json);
        }
        QueryAction::Answer { query, text, by, at } => {
            let mut session = Session::open(&at)?;
            let by = session.named(by.as_deref())?;
            session.service.act(session.now, &by, AnswerQuery { query, answer: text })?;
            done(query, "ANSWERED", &format!("Query {query} is answered."), at.json)?;
        }
    }
    Ok(Done::Clean)
}

fn done(query: i64, state: &str, words: &str, as_json: bool) -> Result<(), Failure> {
    if as_json { print_json(&json!({ "query": query, "state": state })) } else { print_line(words) }
}

fn list(queries: &[Question], as_json: bool) -> Outcome {
    if as_json {
        let one = |query: &Question| {
            json!({
                "id": query.id,
                "party": query.party.to_string(),
                "s1sp": query.s1sp.to_string(),
                "date": query.date.to_string(),
                "raised": rfc3339(query.raised_at),
                "question": query.question,
                "answered": query.answered_at.map(rfc3339),
                "answer": query.answer,
            })
        };
        print_json(&json!({ "queries": queries.iter().map(one).collect::<Vec<_>>() }))?;
        return Ok(Done::Clean);
    }
    if queries.is_empty() {
        print_line("There is no such query.")?;
    }
    for Question { id, s1sp, date, party, raised_at, question, answered_at, answer } in queries {
        let asked = format!("query {id} of {party} about {date} at {s1sp}, {}: {question}", in_words(*raised_at));
        print_line(&folded("", &asked))?;
        let answer = match answered_at.zip(answer.as_ref()) {
            Some((at, answer)) => format!("answered {}: {answer}", in_words(at)),
            None => "not answered yet".to_owned(),
        };
        print_line(&folded("  ", &answer))?;
    }
    Ok(Done::Clean)
}
