//! What happened to an installation, put together from everything that is kept of it.

use crate::act::work::Look;
use crate::board::wording::{codes_in_words, state_in_history};
use crate::error::{Result, by_rule};
use crate::facts::dossier::Dossier;
use crate::read::story::holders::HeldRow;
use crate::read::story::reader::{Happening, Reader};
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::state::State;
use sluice_rules::party::{Eui64, Party};
use sluice_store::tables::authorisations::{self, StoredAuthorisation};
use sluice_store::tables::record::Received;
use sluice_store::tables::state_changes::{self, StateChange};
use sluice_store::tables::{answers, bars, files, issued, outcomes, record, schedules};
use sluice_wire::name::FileName;
use std::collections::BTreeSet;

/// Everything that happened, oldest first. A supplier reads of its own rows, of what it was told, and of what became of the
/// installation; not of what others sent.
pub(crate) fn history(
    work: &mut Look<'_>,
    file: &Dossier,
    reader: Reader,
    rows: &[HeldRow],
    supplies: bool,
) -> Result<Vec<Happening>> {
    let chf = file.installation.chf;
    let own = |party: Party| reader.reads(party);
    // Who supplies no meter of it reads what became of its own days.
    let all = authorisations::of_installation(&mut work.tx, chf)?;
    let told: Vec<&StoredAuthorisation> = all.iter().filter(|stored| supplies || own(stored.row.party)).collect();
    let mut days: BTreeSet<Date> = told.iter().map(|stored| stored.row.date).collect();
    // MSM-12: a row that was carried over to another day was in schedules of the days before.
    let of_told = |step: &StateChange| told.iter().any(|stored| stored.row.id.file == step.file);
    let steps_told = state_changes::changes(&mut work.tx, chf)?.into_iter().filter(|step| of_told(step));
    days.extend(steps_told.map(|step| step.date));
    // An S1SP reads no steps: what was in its schedules is its own.
    if reader == Reader::S1sp {
        days.extend(schedules::days_with(&mut work.tx, &file.installation.s1sp, chf)?);
    }
    // What was done in one moment stands before what came of it: first what parties and DCC said, then the steps of the
    // authorisations, the schedules, and what suppliers were told.
    let mut events = sent(work, chf, rows, &own)?;
    events.extend(crate::read::story::passed::passed(work, chf, reader, supplies)?);
    for (entry, at) in bars::holds_of(&mut work.tx, chf)?.into_iter().filter(|(entry, _)| own(entry.party)) {
        let what = if entry.sets { "set a hold" } else { "cleared its hold" };
        events.push(Happening { at, who: entry.party.to_string(), what: format!("{what} {}", entry.period()) });
    }
    let planned = crate::read::story::dormant::history(work, chf, &own, &mut events)?;
    let mut known = outcomes::of_installation(&mut work.tx, chf)?;
    if supplies {
        days.extend(planned);
        days.extend(known.iter().map(|(date, _)| *date));
    }
    known.retain(|(date, _)| days.contains(date));
    reported(file, &known, &mut events);
    steps(work, chf, rows, &mut events)?;
    scheduled(work, file, reader, &days, &mut events)?;
    for notice in issued::notices_about(&mut work.tx, chf)? {
        let what = format!("was told: {}", by_rule(&notice.words, &notice.rule));
        events.push(Happening { at: notice.at, who: notice.party.to_string(), what });
    }
    events.sort_by_key(|event| event.at);
    Ok(events)
}

/// The rows that name it, in the order of files and rows: those that made an authorisation, and those that made none.
fn sent(work: &mut Look<'_>, chf: Eui64, rows: &[HeldRow], own: &dyn Fn(Party) -> bool) -> Result<Vec<Happening>> {
    let mut found: Vec<((i64, u64), Happening)> = Vec::new();
    for HeldRow { stored, first_step, .. } in rows {
        let mut first = stored.clone();
        if let Some(step) = first_step {
            // Its first step leaves its date as it was: only what was deferred before is carried to another one (MSM-12).
            (first.row.state, first.row.date, first.row.differs) = (step.was, step.date, false);
        }
        let id = stored.row.id;
        let judged = files::get(&mut work.tx, id.file)?.and_then(|file| file.verdict_at);
        let words = state_in_history(&first.row, "");
        found.push(((id.file, id.row), of_file_row(work, (id.file, id.row), own, judged, &words)?));
    }
    for (id, row, verdict, codes) in answers::about(&mut work.tx, chf)? {
        let Some(file) = files::get(&mut work.tx, id)?.filter(|file| own(file.sender)) else { continue };
        let verdict = verdict.to_ascii_lowercase();
        let reasons = codes_in_words(&codes);
        let why = if reasons.is_empty() { String::new() } else { format!(": {reasons} ({codes})") };
        found.push(((id, row), of_file_row(work, (id, row), own, file.verdict_at, &format!("{verdict}{why}"))?));
    }
    found.sort_by_key(|(place, _)| *place);
    Ok(found.into_iter().map(|(_, event)| event).collect())
}

/// A row of a file, at the moment of its verdict. Of a row that has passed to the reader its file is named as its response is: how its
/// sender wrote the name is that one's own (MSM-14).
fn of_file_row(
    work: &mut Look<'_>,
    (file, row): (i64, u64),
    own: &dyn Fn(Party) -> bool,
    judged: Option<Timestamp>,
    words: &str,
) -> Result<Happening> {
    let Received { name, sender, at, .. } = record::received(&mut work.tx, file)?;
    let name = match FileName::parse(&name) {
        Ok((parsed, _)) if sender.parse().is_ok_and(|sender| !own(sender)) => parsed.to_string(),
        _ => name,
    };
    Ok(Happening { at: judged.unwrap_or(at), who: sender, what: format!("{name}, row {row}: {words}") })
}

/// The steps of the authorisations after the verdicts on their rows, in their order, and how they passed to others.
fn steps(work: &mut Look<'_>, chf: Eui64, rows: &[HeldRow], events: &mut Vec<Happening>) -> Result<()> {
    // What the schedules and the S1SP's reports say is told from them; what returns to a schedule by an undone import (REF-2)
    // may never have left it.
    let elsewhere = [State::Scheduled, State::Migrated, State::Failed, State::NotAttempted, State::Unknown];
    let changes = state_changes::changes(&mut work.tx, chf)?;
    let told = |step: &&StateChange| {
        // MAM-8: what has ended counts for no meter.
        if step.was == step.became && !step.became.is_live() {
            return None;
        }
        let row = rows.iter().find(|row| row.stored.row.id.file == step.file)?;
        let (stored, holder) = (&row.stored, row.holder_at(step)?);
        Some(if step.was == step.became { narrowed(&changes, step, holder) } else { of_step(stored, step, holder) })
    };
    let (suspended, others): (Vec<&StateChange>, Vec<&StateChange>) = changes
        .iter()
        .filter(|step| step.was == State::Lapsed || step.was == step.became || !elsewhere.contains(&step.became))
        .partition(|step| step.became == State::Suspended);
    events.extend(suspended.iter().filter_map(told));
    events.extend(rows.iter().flat_map(HeldRow::passings).cloned());
    events.extend(others.iter().filter_map(told));
    Ok(())
}

/// MAM-8: a row is narrowed to one meter, or wide again; the steps of one row are that in turns.
fn narrowed(changes: &[StateChange], step: &StateChange, holder: Party) -> Happening {
    let same = |other: &&StateChange| other.file == step.file && other.was == other.became;
    let before = changes.iter().filter(same).take_while(|other| *other != step).count();
    let now = match before % 2 {
        0 => "counts for one of its meters alone: another supplier has the other one on its date",
        _ => "counts for both its meters again",
    };
    let what = format!("the authorisation of {holder} for {} {now} (MAM-8)", step.date);
    Happening { at: step.at, who: "DCC".to_owned(), what }
}

pub(crate) fn of_step(stored: &StoredAuthorisation, step: &StateChange, holder: Party) -> Happening {
    let mut row = stored.row;
    (row.state, row.date, row.differs) = (step.became, step.date, false);
    let reasons = codes_in_words(&step.codes);
    let mut words = match step.became {
        State::Stopped => format!("is stopped for {} by a stop order", step.date),
        State::Expired => state_in_history(&row, &step.codes),
        _ => state_in_history(&row, ""),
    };
    match step.became {
        _ if reasons.is_empty() => {}
        State::Stopped => {}
        State::Expired => words = format!("{words} ({})", step.codes),
        _ => words = format!("{words}: {reasons} ({})", step.codes),
    }
    let words = if step.became == State::Expired { format!("expired: {words}") } else { words };
    Happening { at: step.at, who: "DCC".to_owned(), what: format!("the authorisation of {holder} {words}") }
}

/// The versions of schedules that took it in or left it out.
fn scheduled(
    work: &mut Look<'_>,
    file: &Dossier,
    reader: Reader,
    days: &BTreeSet<Date>,
    events: &mut Vec<Happening>,
) -> Result<()> {
    let s1sp = file.installation.s1sp;
    let versions: Vec<(Date, i64, Timestamp)> = schedules::locked(&mut work.tx)?
        .into_iter()
        .filter(|(of, date, ..)| *of == s1sp && days.contains(date))
        .map(|(_, date, version, at)| (date, version, at))
        .collect();
    let mut was_in = false;
    for (date, version, at) in versions {
        let line = schedules::line(&mut work.tx, &s1sp, date, version, file.installation.chf)?;
        was_in &= version > 1;
        let what = match (was_in, &line) {
            (false, Some(line)) => {
                format!(
                    "put it into the schedule of {date}{}, as attempt {}",
                    reader.version(",", version),
                    line.attempt
                )
            }
            (true, None) => format!("took it out of the schedule of {date}{}", reader.version(" with", version)),
            _ => continue,
        };
        was_in = line.is_some();
        events.push(Happening { at, who: "DCC".to_owned(), what });
    }
    Ok(())
}

/// What the S1SP reported.
fn reported(file: &Dossier, known: &[(Date, outcomes::OutcomeRecord)], events: &mut Vec<Happening>) {
    let s1sp = file.installation.s1sp.to_string();
    for (date, outcome) in known {
        if let Some(at) = outcome.started {
            events.push(Happening { at, who: s1sp.clone(), what: format!("began with it on {date}") });
        }
        let Some(state) = outcome.outcome else { continue };
        let counts = if outcome.attempt { "it counts as an attempt" } else { "it counts as no attempt" };
        let stage = if outcome.stage.is_empty() { String::new() } else { format!(" at {}", outcome.stage) };
        let what = match state {
            State::Failed => format!("reported that it failed on {date}, code {}{stage}; {counts}", outcome.code),
            State::Unknown => format!("had not reported its outcome of {date} in time"),
            state => format!("reported {state} for {date}"),
        };
        events.push(Happening { at: outcome.at, who: s1sp.clone(), what });
    }
}
