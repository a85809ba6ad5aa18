//! `sluice installation show`: one installation in words.

use crate::cli::days::InstallationAction;
use crate::failure::{Done, Failure, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::folded;
use serde_json::json;
use sluice_rules::calendar::LONDON;
use sluice_service::read::story::{Story, story};

/// Runs `sluice installation show`.
///
/// # Errors
/// If there is no such installation, or the party may not know it.
pub fn run(action: InstallationAction) -> Outcome {
    let InstallationAction::Show { which, party, at } = action;
    let mut session = Session::open_to_read(&at)?;
    let reader = session.reader(party)?;
    let told = session.service.look(session.now, &reader, |work| story(work, &which))?;
    if at.json {
        print_json(&json!({ "installation": told }))?
    } else {
        print(&told)?
    }
    Ok(Done::Clean)
}

/// The story as a person reads it.
///
/// # Errors
/// If it cannot be printed.
pub fn print(story: &Story) -> Result<(), Failure> {
    print_line(&format!("Installation {}", story.chf))?;
    story.what.iter().try_for_each(|what| print_line(&folded("  ", what)))?;
    print_line("")?;
    print_line(&folded("", &format!("Now:      {}", story.now)))?;
    print_line(&folded("", &format!("Next:     {}", story.next)))?;
    print_line(&folded("", &format!("Who acts: {}", story.who_acts)))?;
    story.also.iter().try_for_each(|also| print_line(&folded("", &format!("Also:     {also}"))))?;
    print_line("")?;
    print_line("History")?;
    if story.history.is_empty() {
        print_line("  nothing yet")?;
    }
    for event in &story.history {
        let at = event.at.to_zoned(LONDON).strftime("%Y-%m-%d %H:%M").to_string();
        print_line(&folded("  ", &format!("{at}  {}  {}", event.who, event.what)))?;
    }
    Ok(())
}
