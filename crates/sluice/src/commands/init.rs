//! `sluice init`.

use super::user::new_token;
use crate::cli::database::Init;
use crate::failure::{Done, Failure, Outcome};
use crate::print::print_line;
use crate::session::Session;
use sluice_rules::role::Role;
use sluice_service::people::accounts::AddUser;
use sluice_service::people::tokens::DAYS;

/// Runs `sluice init`.
///
/// # Errors
/// If there is a database already, or it cannot be made.
pub fn run(args: &Init) -> Outcome {
    let mut session = Session::create(&args.at, args.simulated)?;
    if args.at.json && !args.simulated {
        return first_operator(&mut session, args).map(|()| Done::Clean);
    }
    let kind = if args.simulated { "simulated database, its clock is given with --now," } else { "database" };
    print_line(&format!("A {kind} is ready at {}.", session.service.url()))?;
    if !args.simulated {
        first_operator(&mut session, args)?;
        print_line(
            "Next: a second person who signs: sluice user add NAME --role approver, then sluice user token NAME.",
        )?;
    }
    let word = if args.simulated { "Next" } else { "Then" };
    print_line(&format!("{word}: sluice import parties FILE, then capacity, dmc, epcl and inventory."))?;
    Ok(Done::Clean)
}

/// ACC-1: where names are not enough, somebody must be able to make the others.
fn first_operator(session: &mut Session, args: &Init) -> Result<(), Failure> {
    let by = session.operator(None)?;
    let name = args.operator.clone();
    session.service.act(session.now, &by, AddUser { name, role: Role::Operator, party: None, approve: None })?;
    new_token(session, &args.operator, DAYS, args.at.json)
}
