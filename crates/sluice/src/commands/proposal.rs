//! `sluice proposal`: what two people answer for (ACC-2).

use crate::cli::database::Database;
use crate::cli::proposal::ProposalAction;
use crate::failure::{Done, Failure, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::{rfc3339, table};
use serde_json::{Value, json};
use sluice_rules::proposal::ProposalState;
use sluice_service::act::digests::hexadecimal;
use sluice_service::books::calendar::in_words;
use sluice_service::dispatch::proposals::{Approved, DecideProposal, Proposed, Shown, WithdrawProposal, list};
use sluice_service::words::count;
use sluice_store::tables::proposals::Proposal;
use sluice_store::tables::record::Received;

/// Runs `sluice proposal`.
///
/// # Errors
/// If the rule does not allow it, or what was proposed does something else by now.
pub fn run(action: ProposalAction) -> Outcome {
    match action {
        ProposalAction::List { at } => show_all(&at),
        ProposalAction::Show { proposal, at } => show(&at, proposal),
        ProposalAction::Approve { proposal, by, at } => {
            let mut session = opened_for(&at, proposal)?;
            let by = session.named(by.as_deref())?;
            tell_approved(&session.service.approve(session.now, &by, proposal)?, by.name(), at.json)
        }
        ProposalAction::Decline { proposal, why, by, at } => {
            let mut session = Session::open(&at)?;
            let by = session.named(by.as_deref())?;
            let act = DecideProposal::decline(proposal, why);
            session.service.act(session.now, &by, act)?;
            tell_decided(proposal, ProposalState::Declined, at.json)
        }
        ProposalAction::Withdraw { proposal, by, at } => {
            let mut session = Session::open(&at)?;
            let by = session.named(by.as_deref())?;
            session.service.act(session.now, &by, WithdrawProposal { id: proposal })?;
            tell_decided(proposal, ProposalState::Withdrawn, at.json)
        }
    }
}

/// CAL-7: what an outage moves is not due before it is decided; else what is due is done first.
fn opened_for(at: &Database, id: i64) -> Result<Session, Failure> {
    let mut session = Session::open_to_hand_in(at)?;
    if session.service.is_of_an_outage(session.now, id)? { Ok(session) } else { Session::open(at) }
}

/// Tells of a proposal that was made.
///
/// # Errors
/// If it cannot be printed.
pub(super) fn tell_proposed(proposed: &Proposed, as_json: bool) -> Outcome {
    let Proposed { id, title, figures, expires_at, beside } = proposed;
    if as_json {
        print_json(&json!({ "proposal": proposed }))?;
        return Ok(Done::Clean);
    }
    print_line(&format!("Proposed: {}.", title))?;
    print_lines(figures)?;
    for other in beside {
        print_line(&format!(
            "Proposal {other} asks for the same and waits too: one of them is enough, withdraw the other."
        ))?;
    }
    let until = in_words(*expires_at);
    print_line(&format!(
        "Proposal {id} waits until {until} for another operator or an approver, who looks and decides:"
    ))?;
    print_line(&format!("  sluice proposal show {id}, then sluice proposal approve {id} or decline {id}"))?;
    Ok(Done::Clean)
}

fn print_lines<S: AsRef<str>>(lines: &[S]) -> Result<(), Failure> {
    lines.iter().try_for_each(|line| print_line(&format!("  {}", line.as_ref())))
}

fn tell_approved(approved: &Approved, by: &str, as_json: bool) -> Outcome {
    let Approved { proposal, figures } = approved;
    if as_json {
        print_json(
            &json!({ "approved": proposal.id, "by": [proposal.maker, by], "title": proposal.title, "figures": figures }),
        )?;
    } else {
        print_line(&format!("Done, by {} and {}: {}.", proposal.maker, by, proposal.title))?;
        print_lines(figures)?;
    }
    Ok(Done::Clean)
}

fn tell_decided(id: i64, state: ProposalState, as_json: bool) -> Outcome {
    if as_json {
        print_json(&json!({ "proposal": id, "state": state.word() }))?;
    } else {
        print_line(&format!("Proposal {id} is {}; nothing is done.", state.word().to_lowercase()))?;
    }
    Ok(Done::Clean)
}

fn show_all(at: &Database) -> Outcome {
    let mut session = Session::open_to_read(at)?;
    let reader = session.operator(None)?;
    let proposals = session.service.look(session.now, &reader, list)?;
    if at.json {
        print_json(&json!({ "proposals": proposals.iter().map(as_json).collect::<Vec<_>>() }))?;
    } else if proposals.is_empty() {
        print_line("There is no proposal.")?;
    } else {
        let rows = proposals.iter().map(|proposal| {
            let state = state(proposal);
            vec![proposal.id.to_string(), proposal.title.clone(), proposal.maker.clone(), state]
        });
        print_line(&table(&["Proposal", "What", "By", "State"], rows))?;
    }
    Ok(Done::Clean)
}

fn state(proposal: &Proposal) -> String {
    let by = proposal.decided_by.as_ref().map(|name| format!(" by {name}")).unwrap_or_default();
    match proposal.decided_at {
        None => format!("waits until {}", in_words(proposal.expires_at)),
        Some(at) => format!("{}{by} at {}", proposal.state.word().to_lowercase(), in_words(at)),
    }
}

fn as_json(proposal: &Proposal) -> Value {
    json!({
        "id": proposal.id, "kind": proposal.kind, "title": proposal.title, "by": proposal.maker,
        "made_at": rfc3339(proposal.made_at), "expires_at": rfc3339(proposal.expires_at),
        "figures": proposal.figures.lines().collect::<Vec<_>>(), "state": proposal.state.word(),
        "decided_by": proposal.decided_by, "decided_at": proposal.decided_at.map(rfc3339),
        "why": proposal.why,
    })
}

/// The digest of a file, as sha256sum prints it.
fn sha256_of(file: &Received) -> String {
    file.digest.map(|digest| hexadecimal(&digest)).unwrap_or_default()
}

/// What is due is done first where that can be, and what is proposed is tried out on it; nothing of that is kept.
fn show(at: &Database, id: i64) -> Outcome {
    let mut session = Session::open_to_read(at)?;
    let reader = session.operator(None)?;
    let Shown { proposal, files, now } = session.service.proposal(session.now, &reader, id)?;
    if at.json {
        let mut value = as_json(&proposal);
        let file = |file: &Received| json!({ "name": file.name, "size": file.size, "sha256": sha256_of(file) });
        value["files"] = files.iter().map(file).collect();
        value["now"] = match &now {
            None => Value::Null,
            Some(Ok((figures, same))) => json!({ "figures": figures, "same": same }),
            Some(Err(reason)) => json!({ "cannot": reason }),
        };
        print_json(&json!({ "proposal": value }))?;
        return Ok(Done::Clean);
    }
    print_line(&format!("Proposal {id}: {}", proposal.title))?;
    print_line(&format!("Made by {} at {}; {}.", proposal.maker, in_words(proposal.made_at), state(&proposal)))?;
    for file in &files {
        let (name, size) = (&file.name, count(file.size, "byte"));
        print_line(&format!("File: {name}, {size}, SHA-256 {}", sha256_of(file)))?;
    }
    if let Some(why) = &proposal.why {
        print_line(&format!("Why: {}", why))?;
    }
    print_line("When it was made:")?;
    print_lines(&proposal.figures.lines().collect::<Vec<_>>())?;
    match &now {
        None => Ok(()),
        Some(Ok((figures, true))) if figures.join("\n") != proposal.figures => {
            print_line("It would do the same now, and what comes of it would be:")?;
            print_lines(figures)?;
            print_line(&format!("To do it: sluice proposal approve {id}"))
        }
        Some(Ok((_, true))) => print_line(&format!("The same now: sluice proposal approve {id}")),
        Some(Ok(_)) if proposal.digest.is_none() => {
            print_line("An earlier program made it, and this one cannot compare; it must be proposed again.")
        }
        Some(Ok((figures, false))) => {
            print_line("Now it would do something else, so it must be proposed again:")?;
            print_lines(figures)
        }
        Some(Err(reason)) => {
            print_line("Now it cannot be done:")?;
            print_lines(&reason.lines().collect::<Vec<_>>())
        }
    }?;
    Ok(Done::Clean)
}
