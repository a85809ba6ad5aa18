//! `sluice intake`: User IDs under which nothing is taken any more (REF-3), what was handed in and waits, and receipts.

mod arrivals;

pub use arrivals::read_receipt;

use super::proposal::tell_proposed;
use crate::cli::intake::IntakeAction;
use crate::cli::signatures::Signatures;
use crate::failure::{Done, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::{count, rfc3339, table};
use serde_json::json;
use sluice_rules::party::Eui64;
use sluice_service::act::actor::Actor;
use sluice_service::books::calendar::in_words;
use sluice_service::files::end_intake::{EndIntake, IntakeOf, ResumeIntake};
use sluice_service::files::outage::{Outaged, RecordOutage};
use sluice_service::files::unconfirmed;
use sluice_service::service::by_two::Asked;
use sluice_store::tables::{files, parties};

/// Runs `sluice intake`.
///
/// # Errors
/// If a rule does not allow it.
pub fn run(action: IntakeAction) -> Outcome {
    match action {
        IntakeAction::End { user_id, reason, by, at } => {
            let mut session = Session::open(&at)?;
            let by = session.named(by.as_deref())?;
            let ended = session.service.act(session.now, &by, EndIntake { user_id, reason })?;
            tell(at.json, user_id, &ended, true)
        }
        IntakeAction::Resume { user_id, reason, signatures, at } => {
            let mut session = Session::open(&at)?;
            let (by, approve) = session.signed(&signatures)?;
            match session.by_two(&signatures, &by, ResumeIntake { user_id, reason, approve })? {
                Asked::Done(resumed) => tell(at.json, user_id, &resumed, false),
                Asked::Waits(proposed) => tell_proposed(&proposed, at.json),
            }
        }
        IntakeAction::List { at } => {
            let mut session = Session::open(&at)?;
            let reader = session.overseer("the list of ended intake")?;
            let ended = session.service.look(session.now, &reader, |work| Ok(parties::ended_intake(&mut work.tx)?))?;
            if at.json {
                let one = |one: &parties::EndedIntake| {
                    json!({
                        "user_id": one.user_id.to_string(), "party": one.party.to_string(), "at": rfc3339(one.at),
                        "reason": one.reason
                    })
                };
                print_json(&json!({ "ended": ended.iter().map(one).collect::<Vec<_>>() }))?;
            } else if ended.is_empty() {
                print_line("Files are taken under every registered User ID.")?;
            } else {
                let row = |one: parties::EndedIntake| {
                    vec![one.user_id.to_string(), one.party.to_string(), in_words(one.at), one.reason]
                };
                print_line(&table(&["User ID", "Party", "Ended", "Reason"], ended.into_iter().map(row)))?;
            }
            Ok(Done::Clean)
        }
        IntakeAction::Outage { from, to, reason, signatures, at } => {
            // What is due comes after it: a cut-off that it moves is not due yet.
            let mut session = Session::open_to_hand_in(&at)?;
            let (by, approve) = session.signed(&signatures)?;
            match session.by_two(&signatures, &by, RecordOutage { from, to, reason, approve })? {
                Asked::Done(outaged) => {
                    session.catch_up()?;
                    tell_outage(&mut session, &signatures, at.json, &outaged)
                }
                Asked::Waits(proposed) => tell_proposed(&proposed, at.json),
            }
        }
        IntakeAction::Show { party, at } => arrivals::show(party, &at),
        IntakeAction::Key { at } => arrivals::key(&at),
        IntakeAction::Verify { receipt, key, at } => arrivals::verify(&receipt, key, &at),
    }
}

/// What moved, and what became of the files that it concerns: they are judged by now.
fn tell_outage(session: &mut Session, by: &Signatures, as_json: bool, outaged: &Outaged) -> Outcome {
    if as_json {
        return print_json(&json!({ "outage": outaged })).map(|()| Done::Clean);
    }
    if outaged.moved.is_empty() {
        print_line("The outage is recorded; no cut-off moves. Everybody is told.")?;
        return Ok(Done::Clean);
    }
    print_line("The outage is recorded; everybody is told:")?;
    outaged.moved.iter().try_for_each(|moved| print_line(&format!("  {}", moved.words())))?;
    let one = by.by.as_ref().map_or_else(String::new, |user| format!(" --by {user}"));
    for file in outaged.again.iter().chain(&outaged.unconfirmed).copied() {
        let time = if outaged.again.contains(&file) { "is in time" } else { "had lapsed" };
        // FI21: what nobody can confirm any more DCC can take.
        let stored =
            session.service.look(session.now, &Actor::console(), |work| Ok(files::get(&mut work.tx, file)?))?;
        let Some((sender, why)) = stored.as_ref().and_then(|file| Some((file.sender, unconfirmed::why(file)?))) else {
            print_line(&format!("  file {file} {time}"))?;
            continue;
        };
        print_line(&format!("  file {file} of {sender} {time}, and is refused:"))?;
        print_line(&format!("    FI21 {why}"))?;
        print_line(&format!("    sluice week take-file {file} --reason REASON{one}"))?;
    }
    Ok(Done::Clean)
}

fn tell(as_json: bool, user_id: Eui64, intake: &IntakeOf, ended: bool) -> Outcome {
    let IntakeOf { party, waited } = intake;
    if as_json {
        print_json(&json!({ "user_id": user_id.to_string(), "intake": intake, "ended": ended }))?;
        return Ok(Done::Clean);
    }
    match ended {
        true => print_line(&format!("Nothing is taken under {user_id} of {party} any more; {party} is told."))?,
        false => print_line(&format!("Files of {party} are taken under {user_id} again; {party} is told."))?,
    }
    if *waited > 0 {
        print_line(&format!("{} under it waited, and ended.", count(*waited, "file")))?;
    }
    Ok(Done::Clean)
}
