//! `sluice init`.

use super::user::NewToken;
use crate::cli::database::Init;
use crate::failure::{Done, Failure, Outcome};
use crate::new_database::NewDatabase;
use crate::print::print_line;
use crate::session::Session;
use sluice_rules::reference::ReferenceKind;
use sluice_rules::role::Role;
use sluice_service::people::accounts::AddUser;
use sluice_service::people::tokens::DAYS;
use sluice_store::Url;

/// Runs `sluice init`.
///
/// # Errors
/// If there is a database already, or it cannot be made.
pub fn run(args: &Init) -> Outcome {
    let url = args.at.database.url()?;
    let place = NewDatabase::for_address(&url)?;
    let mut session = Session::create(place.url(), &args.at, args.simulated)?;
    let token = if args.simulated {
        None
    } else {
        Some(first_operator(&mut session, args).map_err(|error| left(&url, error))?)
    };
    drop(session);
    place.settle()?;
    if let Some(token) = token {
        if args.at.json {
            return token.show(true).map(|()| Done::Clean);
        }
        print_line(&format!("A database is ready at {url}."))?;
        token.show(false)?;
        print_line(
            "Next: a second person who signs: sluice user add NAME --role approver, then sluice user token NAME.",
        )?;
    } else {
        print_line(&format!("A simulated database, its clock is given with --now, is ready at {url}."))?;
    }
    let word = if args.simulated { "Next" } else { "Then" };
    let [first, others @ .., last] = ReferenceKind::FIRST_ORDER.map(ReferenceKind::word);
    let others = others.join(", ");
    print_line(&format!("{word}: sluice import {first} FILE, then in this order {others} and {last}."))?;
    Ok(Done::Clean)
}

/// ACC-1: where names are not enough, somebody must be able to make the others.
fn first_operator(session: &mut Session, args: &Init) -> Result<NewToken, Failure> {
    let by = session.operator(None)?;
    let name = args.operator.clone();
    session.service.act(session.now, &by, AddUser { name, role: Role::Operator, party: None, approve: None })?;
    NewToken::make(session, &args.operator, DAYS)
}

/// Of a file nothing is left. A server has the database by then, without its first operator, whom the holder can still make.
fn left(url: &Url, failure: Failure) -> Failure {
    if url.path().is_some() {
        return failure;
    }
    failure.with("the database is there, without its first operator: sluice user add NAME --role operator, then sluice user token NAME")
}
