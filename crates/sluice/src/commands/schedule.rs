//! `sluice schedule` (SCH-1, SCH-2).

use super::each::{Span, each};
use crate::cli::database::{Database, ScheduleAction};
use crate::failure::{Done, Failure, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::{count, folded, rfc3339, table};
use jiff::civil::Date;
use serde_json::json;
use sluice_rules::authorisation::state::State;
use sluice_rules::party::S1sp;
use sluice_service::act::actor::s1sp_of;
use sluice_service::books::calendar::{in_words, local_date};
use sluice_service::days::lock::LockDay;
use sluice_service::error::ServiceError;
use sluice_service::schedule::issue::Locked;
use sluice_store::tables::schedules;
use std::collections::BTreeSet;

/// Runs `sluice schedule`.
///
/// # Errors
/// If it is too early, or the reference data are too old.
pub fn run(action: ScheduleAction) -> Outcome {
    match action {
        ScheduleAction::Lock { date, s1sp, waive, by, at } => {
            let act = |s1sp| LockDay { s1sp, date, waiver: waive.clone() };
            each(
                &at,
                Span::Day(date),
                s1sp,
                |session| session.operator(by.as_deref()),
                act,
                |s1sp, locked| {
                    if at.json {
                        let (s1sp, date) = (s1sp.to_string(), date.to_string());
                        return print_json(&json!({ "s1sp": s1sp, "date": date, "schedule": locked }));
                    }
                    tell_locked(s1sp, date, locked, waive.is_some())
                },
            )
        }
        ScheduleAction::Show { date, s1sp, at } => show(&at, s1sp, date),
    }
}

fn tell_locked(s1sp: S1sp, date: Date, locked: &Locked, waiver: bool) -> Result<(), Failure> {
    let version = if locked.new { format!("version {}", locked.version) } else { "nothing new".to_owned() };
    let lines = count(locked.lines, "installation");
    print_line(&format!("{s1sp} {date}: {lines} in the schedule, {version}"))?;
    let with = |number: u64, what: &str, state: &str| {
        print_line(&format!("  {} {}", count(number, what), state.to_ascii_lowercase()))
    };
    for (state, homes) in &locked.changed {
        let stood_by = if *state == State::Expired.to_string() { locked.stood_by } else { 0 };
        if stood_by > 0 {
            print_line(&format!("  {} stood by, and no unit came free", count(stood_by, "authorised installation")))?;
        }
        if *homes > stood_by {
            with(homes - stood_by, "authorised installation", state)?;
        }
    }
    for (state, homes) in &locked.dormant {
        with(*homes, "Dormant installation", state)?;
    }
    match (waiver, locked.waived.is_empty()) {
        (false, _) => Ok(()),
        (true, true) => print_line("  The waiver was not needed: no reference data are too old (REF-1)."),
        (true, false) => {
            let waived = locked.waived.join("; ");
            print_line(&folded("  ", &format!("Let pass by the waiver (REF-1): {waived}.")))
        }
    }
}

fn show(at: &Database, s1sp: S1sp, date: Date) -> Outcome {
    let mut session = Session::open_to_read(at)?;
    let reader = session.reader(None)?;
    let (versions, lines) = session.service.look(session.now, &reader, |work| {
        // An S1SP sees its own schedules; they name the parties of everybody.
        if let Some(party) = reader.party()
            && s1sp_of(&mut work.tx, party)? != Some(s1sp)
        {
            return Err(ServiceError::Use(format!(
                "the schedules of {s1sp} are for DCC, observers and {s1sp}; {party} is another"
            )));
        }
        let versions: Vec<_> = schedules::locked(&mut work.tx)?
            .into_iter()
            .filter(|(other, day, ..)| (*other, *day) == (s1sp, date))
            .collect();
        let lines = versions.iter().map(|(.., version, _)| Ok(schedules::lines(&mut work.tx, &s1sp, date, *version)?));
        Ok((versions.clone(), lines.collect::<Result<Vec<_>, ServiceError>>()?))
    })?;
    let Some(last) = lines.last() else {
        // SCH-1: a day that is over is not locked any more.
        let over = date < local_date(session.now);
        let state = if over { "was never locked, and the day is over" } else { "is not locked yet" };
        return Err(Failure::Use(format!("the schedule of {date} at {s1sp} {state}")));
    };
    let mut story = Vec::new();
    let mut before = BTreeSet::new();
    for ((.., version, moment), lines) in versions.iter().zip(&lines) {
        let now: BTreeSet<_> = lines.iter().map(|line| line.chf).collect();
        let names = |set: Vec<&sluice_rules::party::Eui64>| set.iter().map(ToString::to_string).collect::<Vec<_>>();
        let (added, removed) = (names(now.difference(&before).collect()), names(before.difference(&now).collect()));
        story.push((*version, *moment, now.len(), added, removed));
        before = now;
    }
    if at.json {
        let versions = story.iter().map(|(version, at, lines, added, removed)| {
            json!({ "version": version, "at": rfc3339(*at), "lines": lines, "added": added, "removed": removed })
        });
        let lines = last.iter().map(|line| line.chf.to_string());
        print_json(&json!({ "versions": versions.collect::<Vec<_>>(), "lines": lines.collect::<Vec<_>>() }))?;
        return Ok(Done::Clean);
    }
    print_line(&format!("Schedule of {s1sp} on {date}"))?;
    for (version, at, number, added, removed) in &story {
        print_line(&format!("Version {version}, {}: {}", in_words(*at), count(*number, "installation")))?;
        if *version > 1 {
            print_line(&format!("  added: {}; removed: {}", list(added), list(removed)))?;
        }
    }
    let party = |party: Option<sluice_rules::party::Party>| party.map(|party| party.to_string()).unwrap_or_default();
    let rows = last.iter().map(|line| {
        let kind = line.kind.word().to_owned();
        vec![line.chf.to_string(), kind, party(line.electricity), party(line.gas), line.attempt.to_string()]
    });
    print_line(&table(&["CHF Device ID", "Type", "Electricity", "Gas", "Attempt"], rows))?;
    Ok(Done::Clean)
}

fn list(items: &[String]) -> String {
    if items.is_empty() { "nothing".to_owned() } else { items.join(", ") }
}
