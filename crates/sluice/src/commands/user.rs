//! `sluice user`.

use crate::cli::database::UserAction;
use crate::failure::{Done, Outcome};
use crate::print::print_line;
use crate::session::Session;
use sluice_service::people::accounts::{AddUser, DisableUser};

/// Runs `sluice user`.
///
/// # Errors
/// If the name is taken, or there is none.
pub fn run(action: UserAction) -> Outcome {
    match action {
        UserAction::Add { name, role, party, at } => {
            let mut session = Session::open(&at)?;
            let by = session.operator(None)?;
            session.service.act(session.now, &by, AddUser { name: name.clone(), role, party })?;
            print_line(&format!("User {name} is added as {}.", role.word().to_ascii_lowercase()))?;
        }
        UserAction::Disable { name, at } => {
            let mut session = Session::open(&at)?;
            let by = session.operator(None)?;
            session.service.act(session.now, &by, DisableUser { name: name.clone() })?;
            print_line(&format!("User {name} may no longer act."))?;
        }
    }
    Ok(Done::Clean)
}
