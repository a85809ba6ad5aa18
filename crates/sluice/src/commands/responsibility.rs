//! `sluice responsibility`: meters pass from one supplier to another (MAM-11).

use super::proposal::tell_proposed;
use super::stop::{device, fields};
use crate::cli::database::Database;
use crate::cli::responsibility::{Passing, ResponsibilityAction};
use crate::failure::{Done, Failure, Outcome};
use crate::output::write_file;
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::{count, folded, rfc3339, table};
use serde_json::json;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::party::Party;
use sluice_service::books::calendar::in_words;
use sluice_service::events::adopt::{Adopt, Adopted, Wanted, adoptable};
use sluice_service::events::effect::{DayUnits, Effect, WeekUnits};
use sluice_service::events::event::{CancelEvent, RecordEvent, mpids_in_words};
use sluice_service::service::by_two::Asked;
use sluice_store::tables::responsibility;
use std::path::Path;

/// Runs `sluice responsibility`.
///
/// # Errors
/// If a rule does not allow it.
pub fn run(action: ResponsibilityAction) -> Outcome {
    match action {
        ResponsibilityAction::Transfer(passing) => record(EventKind::Transfer, passing),
        ResponsibilityAction::Appoint(passing) => record(EventKind::Appointment, passing),
        ResponsibilityAction::Cancel { event, signatures, at } => {
            let mut session = Session::open(&at)?;
            let (by, approve) = session.signed(&signatures)?;
            if let Asked::Waits(proposed) = session.by_two(&signatures, &by, CancelEvent { event, approve })? {
                return tell_proposed(&proposed, at.json);
            }
            print_line(&format!("Responsibility event {event} is cancelled; both parties are told."))?;
            Ok(Done::Clean)
        }
        ResponsibilityAction::Adopt { event, party, s1sp, date, from, at } => {
            let only_listed = from.is_some();
            let rows = from.as_deref().map(wanted).transpose()?.unwrap_or_default();
            let listed = rows.iter().map(|(_, wanted)| *wanted).collect();
            let mut session = Session::open(&at)?;
            let by = session.supplier(party)?;
            let act = Adopt { event, s1sp, date, only_listed, listed };
            let adopted = session.service.act(session.now, &by, act)?;
            if at.json {
                print_json(&json!({ "adopted": adopted }))?
            } else {
                tell_adopted(party, &adopted, &rows)?
            }
            Ok(Done::unless(!adopted.lapsed.is_empty() || !adopted.not_found.is_empty()))
        }
        ResponsibilityAction::Suspended { event, party, out, force, at } => suspended(&at, event, party, (&out, force)),
        ResponsibilityAction::List { at } => list(&at),
    }
}

fn record(kind: EventKind, passing: Passing) -> Outcome {
    let Passing { from, to, mpids, instant, reason, signatures, dry_run, at } = passing;
    let mut session = Session::open(&at)?;
    let (by, approve) = if dry_run { session.looking(&signatures)? } else { session.signed(&signatures)? };
    let act = RecordEvent { kind, from, to, mpids, at: instant, reason, approve };
    let effect = if dry_run {
        session.service.preview(session.now, &by, act)?
    } else {
        match session.by_two(&signatures, &by, act)? {
            Asked::Done(effect) => effect,
            Asked::Waits(proposed) => return tell_proposed(&proposed, at.json),
        }
    };
    if at.json {
        print_json(&json!({ "only_shown": dry_run, "effect": effect }))?;
    } else {
        tell(&effect, dry_run)?;
    }
    Ok(Done::Clean)
}

fn tell(effect: &Effect, dry_run: bool) -> Result<(), Failure> {
    let Effect { event, from, to, mpids, effective, installations, dormant, .. } = effect;
    let mpids = mpids.join(", ");
    print_line(&match (dry_run, effect.done) {
        (true, _) => format!("If {mpids} of {from} passed to {to} now:"),
        (false, true) => format!("Responsibility event {event} is done: {mpids} of {from} passed to {to}."),
        (false, false) => {
            format!("Responsibility event {event} is recorded: {mpids} of {from} will pass to {to} at {effective}.")
        }
    })?;
    let in_part = effect.kind == "TRANSFER" && effect.done && !effect.whole && !effect.mpids.is_empty();
    if effect.kind == "TRANSFER" && effect.whole {
        print_line(&format!("{from} has no other; demand, forecast, allocations and rounding balances follow."))?;
    } else if in_part {
        tell_part(effect)?;
    }
    print_line(&format!("Installations: {installations}; Dormant ones in a plan: {dormant}"))?;
    if effect.rows.is_empty() {
        print_line(&format!("{from} has no authorisation that is open."))?;
    } else {
        let rows = effect.rows.iter().map(|(state, rows)| vec![state.clone(), rows.to_string()]);
        print_line(&table(&[&format!("Authorisations of {from}"), "Number"], rows))?;
    }
    if effect.done {
        for (word, rows) in &effect.became {
            print_line(&format!("  {}: {rows}", became(word, to)))?;
        }
        effect.changed.iter().try_for_each(|line| print_line(&folded("  ", line)))?;
    }
    if effect.dormant_changed > 0 {
        print_line(&format!(
            "  Dormant installations that leave their week or get a notice: {}",
            effect.dormant_changed
        ))?;
    }
    tell_units(&format!("Units in use by {from}"), &effect.units)?;
    let week = |week: &WeekUnits| {
        let WeekUnits { s1sp, week, demand, allocation, free } = week;
        vec![s1sp.to_string(), week.to_string(), demand.to_string(), allocation.to_string(), free.to_string()]
    };
    // In part nothing of them passes.
    if !effect.weeks.is_empty() && !in_part {
        let header = ["S1SP", "Week", "Demand", "Allocation", "Of it free"];
        print_line(&table(&header, effect.weeks.iter().map(week)))?;
    }
    for (s1sp, date) in &effect.schedules {
        let word = if dry_run { "would be" } else { "is" };
        print_line(&format!("The schedule of {s1sp} on {date} {word} issued again."))?;
    }
    Ok(())
}

/// MAM-11: of a party that keeps other ids only authorisations pass, with the units that they use.
fn tell_part(effect: &Effect) -> Result<(), Failure> {
    let passed = effect.became.get("PASSED").copied().unwrap_or(0);
    print_line(&format!(
        "{} has other ids, so it keeps its forecast, its rounding balances, and all demand and allocation but the units that pass. Authorisations that pass: {passed}; units that pass: {}",
        effect.from, effect.units_passed
    ))
}

fn became(word: &str, to: &str) -> String {
    match word {
        "PASSED" => "passed".to_owned(),
        "SUSPENDED" => "suspended, to be adopted until the lock of their day".to_owned(),
        "LAPSED" => "lapsed".to_owned(),
        "EXPIRED" => format!("expired: they need {to} too now, which can authorise no more (MA128)"),
        "HELD" => format!("held: they need {to} too now"),
        _ => "stayed as they were, for their day is under way or their supplier keeps a meter".to_owned(),
    }
}

fn tell_units(header: &str, units: &[DayUnits]) -> Result<(), Failure> {
    if units.is_empty() {
        return Ok(());
    }
    let rows = units.iter().map(|day| vec![day.s1sp.to_string(), day.date.to_string(), day.units.to_string()]);
    print_line(&table(&["S1SP", "Day", header], rows))
}

/// Installations that are named one by one.
const NAMED: usize = 20;

/// The rows of a file of installations to be adopted, with the line of each. In the file that `suspended` writes the date
/// says which authorisation is meant.
fn wanted(path: &Path) -> Result<Vec<(usize, Wanted)>, Failure> {
    let rows = fields(path, ["CHF Device ID", "Migration Date"])?.into_iter();
    rows.map(|(line, [chf, date])| {
        let chf = device(path, line, &chf)?;
        let wrong = || Failure::Use(format!("{}: line {line}: '{date}' is no Migration Date", path.display()));
        let date = Some(date.as_str()).filter(|date| !date.is_empty());
        let date = date.map(|date| sluice_wire::text::date(date).ok_or_else(wrong)).transpose()?;
        Ok((line, Wanted { chf, date }))
    })
    .collect()
}

fn tell_adopted(party: Party, adopted: &Adopted, rows: &[(usize, Wanted)]) -> Result<(), Failure> {
    let number = |rows: u64| count(rows, "authorisation");
    print_line(&format!("{party} has adopted {}.", number(adopted.adopted.values().sum())))?;
    for (state, rows) in &adopted.adopted {
        print_line(&format!("  {rows} {}", state.to_ascii_lowercase()))?;
    }
    tell_units("Units that came with them", &adopted.units)?;
    for (codes, rows) in &adopted.lapsed {
        let words = sluice_service::board::wording::codes_in_words(codes);
        print_line(&format!("{} lapsed with {codes}: {words}", number(*rows)))?;
    }
    if adopted.own > 0 {
        print_line(&format!("{} lapsed: you have one of your own for the installation", number(adopted.own)))?;
    }
    if adopted.others > 0 {
        print_line(&format!(
            "{} cannot be adopted by you: another supplier leads, or no meter is Active",
            number(adopted.others)
        ))?;
    }
    for wanted in adopted.not_found.iter().take(NAMED) {
        let line = rows.iter().find(|(_, row)| row == wanted).map(|(line, _)| format!("line {line}: "));
        let date =
            wanted.date.map(|date| format!(" for {date}; a date is not changed by adopting")).unwrap_or_default();
        let line = line.unwrap_or_default();
        print_line(&format!("{line}{} has no suspended authorisation{date}", wanted.chf))?;
    }
    if adopted.not_found.len() > NAMED {
        print_line(&format!("and {} more have none", adopted.not_found.len() - NAMED))?;
    }
    print_line(&format!("{} still suspended.", number(adopted.left)))
}

fn suspended(at: &Database, event: i64, party: Party, (out, force): (&Path, bool)) -> Outcome {
    let mut session = Session::open_to_read(at)?;
    let reader = session.reader(Some(party))?;
    let rows = session.service.look(session.now, &reader, |work| adoptable(work, event, party))?;
    let mut text = "CHF Device ID,S1SP,Migration Date,Brings A Unit\n".to_owned();
    for row in &rows {
        let unit = if row.unit { "YES" } else { "NO" };
        text.push_str(&format!("{},{},{},{unit}\n", row.chf, row.s1sp, row.date));
    }
    write_file(out, text.as_bytes(), force)?;
    print_line(&format!("{} can be adopted: {}", count(rows.len(), "authorisation"), out.display()))?;
    print_line(&format!(
        "Take out what you do not want: sluice responsibility adopt {event} --as {party} --from FILE"
    ))?;
    Ok(Done::Clean)
}

fn list(at: &Database) -> Outcome {
    let mut session = Session::open_to_read(at)?;
    let reader = session.overseer("the list of responsibility events")?;
    let events = session.service.look(session.now, &reader, |work| Ok(responsibility::all(&mut work.tx)?))?;
    if at.json {
        let events = events.iter().map(|event| {
            json!({
                "event": event.id, "kind": event.kind.word(), "from": event.from.to_string(), "to": event.to.to_string(),
                "mpids": event.mpids.iter().map(|(_, mpid)| mpid.to_string()).collect::<Vec<_>>(),
                "effective": rfc3339(event.effective), "reason": event.reason, "recorded_by": event.recorded_by,
                "recorded_at": rfc3339(event.recorded_at), "done_at": event.done_at.map(rfc3339),
                "cancelled_at": event.cancelled_at.map(rfc3339),
                "whole": event.whole,
            })
        });
        print_json(&json!({ "events": events.collect::<Vec<_>>() }))?;
        return Ok(Done::Clean);
    }
    if events.is_empty() {
        print_line("There is no responsibility event.")?;
    }
    for event in events {
        let word = event.kind.word();
        print_line(&format!("{}  {word} from {} to {}: {}", event.id, event.from, event.to, event.reason))?;
        if !event.mpids.is_empty() {
            print_line(&format!("   {}", mpids_in_words(&event.mpids)))?;
        }
        print_line(&format!("   recorded at {} by {}", in_words(event.recorded_at), event.recorded_by))?;
        print_line(&match (event.done_at, event.cancelled_at) {
            (Some(at), _) if event.mpids.is_empty() => format!("   came at {}; nothing passed", in_words(at)),
            // What was recorded later than it took effect.
            (Some(at), _) if event.effective < event.recorded_at => {
                format!("   done at {}, with effect from {}", in_words(at), in_words(event.effective))
            }
            (Some(at), _) => format!("   done at {}", in_words(at)),
            (None, Some(at)) => format!("   cancelled at {}", in_words(at)),
            (None, None) => format!("   comes at {}", in_words(event.effective)),
        })?;
    }
    Ok(Done::Clean)
}
