//! Where an installation is, what happens next, and who has to act.

use crate::calendar::{WeekCalendar, in_words, local_date, week_of};
use crate::cases::eligible::who_acts;
use crate::desk::CaseFile;
use crate::error::Result;
use crate::work::Work;
use jiff::civil::Date;
use sluice_rules::authorisation::bars::holder_on;
use sluice_rules::authorisation::judge::ground;
use sluice_rules::authorisation::settle::Authorisation;
use sluice_rules::authorisation::state::State;
use sluice_rules::calendar::Milestone;
use sluice_rules::installation::InstallationType;
use sluice_store::tables::{installations, outcomes, schedules};

/// What is so now, what is next, who acts, and what else bears on it.
pub(super) struct Next {
    pub(super) now: String,
    pub(super) next: String,
    pub(super) who: String,
    pub(super) also: Vec<String>,
}

/// Where an installation is and what follows.
pub(super) fn next(work: &mut Work<'_>, file: &CaseFile, attempts: u64) -> Result<Next> {
    let today = local_date(work.now);
    let also = also(file, today);
    let step = |now: String, next: String, who: &str| Next { now, next, who: who.to_owned(), also: Vec::new() };
    let mut found = match (file.attempts.migrated, furthest(file)) {
        (Some(date), _) => step(format!("It was migrated on {date}."), "Nothing follows.".to_owned(), "NOBODY"),
        (None, Some(row)) => of_row(work, file, &row)?,
        (None, None) => match super::dormant::next(work, file)? {
            Some(next) => next,
            None => idle(file, today, attempts),
        },
    };
    found.also = also;
    found.also.extend(after_failure(work, file)?);
    Ok(found)
}

/// The authorisation that is furthest on; of several for one date that of the Lead Supplier.
fn furthest(file: &CaseFile) -> Option<Authorisation> {
    let rank = |row: &Authorisation| match row.state {
        State::Scheduled | State::Unknown => 5,
        State::Accepted => 4,
        State::Stopped | State::Suspended => 3,
        State::Deferred | State::Standby => 2,
        _ => 1,
    };
    let leads = |row: &Authorisation| file.case.meters.lead_on(row.date) == Some(row.party);
    let live = file.case.rows.iter().filter(|row| row.state.is_live());
    live.copied().max_by_key(|row| (rank(row), leads(row)))
}

/// OUT-2: who acts on its last failure, as the table of outcome codes says.
fn after_failure(work: &mut Work<'_>, file: &CaseFile) -> Result<Option<String>> {
    let Some((code, stage)) = file.attempts.last_code.as_ref().filter(|_| file.attempts.migrated.is_none()) else {
        return Ok(None);
    };
    let codes = installations::outcome_codes(&mut work.tx)?;
    let known = codes.iter().find(|known| known.code == *code && (known.stage.is_empty() || known.stage == *stage));
    Ok(known.map(|known| format!("its last failure has the code {code}, on which {} acts", known.who_acts)))
}

fn of_row(work: &mut Work<'_>, file: &CaseFile, row: &Authorisation) -> Result<Next> {
    let Authorisation { date, party, state, .. } = *row;
    let calendar = WeekCalendar::load(&mut work.tx, work.books, week_of(date)?)?;
    let s1sp = file.installation.s1sp;
    let day = calendar.day(date);
    let due = day.map(|day| in_words(day.outcomes_due.timestamp())).unwrap_or_default();
    let lock = day.map(|day| in_words(day.schedule_lock.timestamp())).unwrap_or_default();
    let cutoff = in_words(calendar.at(Milestone::AuthorisationCutoff));
    let others: Vec<String> =
        file.case.meters.required_on(date).into_iter().filter(|other| *other != party).map(|o| o.to_string()).collect();
    let (now, next, who) = match state {
        State::Scheduled => return scheduled(work, file, date, &due),
        State::Unknown => (
            format!("It was in the schedule of {date}; its outcome is not known."),
            "The S1SP reports the outcome, late as it is; until then no other date is taken.".to_owned(),
            format!("S1SP {s1sp}"),
        ),
        State::Accepted => (
            format!("Its migration on {date} stands."),
            format!("The day is locked at {lock}, and everything is judged again then."),
            "DCC".to_owned(),
        ),
        State::Stopped => (
            format!("A stop order keeps it from being migrated; it was authorised for {date}."),
            "When the order is lifted it is first in line for a unit.".to_owned(),
            "DCC".to_owned(),
        ),
        State::Suspended => (
            format!("{party}, which authorised it for {date}, failed; another supplier is appointed in its place."),
            format!("That supplier may adopt the authorisation until the day is locked at {lock}."),
            "SUPPLIER".to_owned(),
        ),
        State::Standby => (
            format!("It waits for a unit of {party}'s allocation of {date}."),
            format!("Units that come free go to those in line until the day is locked at {lock}."),
            format!("SUPPLIER {party}"),
        ),
        State::Deferred => (
            format!("It lost its unit of {date} and is first in line for the next one of {party}."),
            "It takes a free unit of that day or of a later one; no new file is needed.".to_owned(),
            "DCC".to_owned(),
        ),
        _ if row.differs => (
            format!("{party} authorised it for {date}; the other Responsible Supplier names another date."),
            format!("Both name the same date until {cutoff}, or what is held expires."),
            "SUPPLIER".to_owned(),
        ),
        _ => (
            format!("{party} authorised it for {date}; it waits for the other Responsible Supplier."),
            format!("The other supplier authorises it for {date} until {cutoff}, or what is held expires."),
            format!("SUPPLIER {}", others.join(", ")),
        ),
    };
    Ok(Next { now, next, who, also: Vec::new() })
}

pub(super) fn scheduled(work: &mut Work<'_>, file: &CaseFile, date: Date, due: &str) -> Result<Next> {
    let s1sp = file.installation.s1sp;
    let version = schedules::version(&mut work.tx, &s1sp, date)?;
    let known = outcomes::of_day(&mut work.tx, &s1sp, date)?;
    let started = known.get(&file.installation.chf).and_then(|known| known.started);
    let attempt = file.attempts.failed + 1;
    let now = match started {
        Some(at) => format!("{s1sp} began with it at {} (attempt {attempt}).", in_words(at)),
        None => format!("It is in the schedule of {date}, version {version}, as attempt {attempt}."),
    };
    let next = format!("{s1sp} migrates it and reports the outcome until {due}.");
    Ok(Next { now, next, who: format!("S1SP {s1sp}"), also: Vec::new() })
}

/// An installation that nobody asks for: why not, or who can.
fn idle(file: &CaseFile, today: Date, attempts: u64) -> Next {
    let findings = ground(&file.subject(), today, attempts);
    let kind = file.case.meters.type_on(today);
    if let Some((code, _)) = findings.first() {
        let all: Vec<&str> = findings.iter().map(|(_, words)| words.as_str()).collect();
        let now = format!("It cannot be migrated today: {}.", all.join("; "));
        let next = match kind {
            InstallationType::Dormant => "When that has changed DCC can plan it.",
            _ => "When that has changed its suppliers can authorise it.",
        };
        return Next { now, next: next.to_owned(), who: who_acts(*code).to_owned(), also: Vec::new() };
    }
    let tried = match (file.attempts.failed, file.attempts.last_failed) {
        (0, _) => String::new(),
        (failed, Some(date)) => format!(" Failed attempts: {failed}, the last on {date}."),
        (failed, None) => format!(" Failed attempts: {failed}."),
    };
    if kind == InstallationType::Dormant {
        let now = format!("No meter of it is Active; it is in no week's plan.{tried}");
        let next = "DCC plans Dormant installations into the reserve of a week and gives notice to their suppliers.";
        return Next { now, next: next.to_owned(), who: "DCC".to_owned(), also: Vec::new() };
    }
    let required: Vec<String> = file.case.meters.required_on(today).iter().map(ToString::to_string).collect();
    let next = match required.len() {
        1 => format!("{} can authorise it against its allocation of an open week.", required[0]),
        _ => format!("{} authorise it for the same date of an open week.", required.join(" and ")),
    };
    let now = format!("Nobody has asked for its migration.{tried}");
    Next { now, next, who: format!("SUPPLIER {}", required.join(", ")), also: Vec::new() }
}

/// Holds, stop orders, exclusions of a meter, failed attempts and changes of supplier that bear on it.
fn also(file: &CaseFile, today: Date) -> Vec<String> {
    let meters = &file.case.meters;
    let mut also = Vec::new();
    for stop in file.stops.iter().filter(|stop| stop.covers(meters, today)) {
        also.push(format!("stop order {} covers it: {}", stop.id, stop.reason));
    }
    let days = (0..14).map(|days| today.saturating_add(jiff::Span::new().days(days)));
    let held: Vec<String> =
        days.filter(|day| holder_on(&file.holds, meters, *day).is_some()).map(|day| day.to_string()).collect();
    if !held.is_empty() {
        also.push(format!("on hold, of the next 14 days on {}", held.join(", ")));
    }
    if let Some(exclusion) = &file.exclusion {
        also.push(format!("excluded from {} on, category {}", exclusion.from, exclusion.category));
    }
    for meter in meters.each() {
        let fuel = meter.fuel.word().to_ascii_lowercase();
        if let Some(from) = meter.excluded {
            also.push(format!("the {fuel} meter is excluded from {from} on and counts as absent then"));
        }
        // A registration in another name of the same supplier is no change (MAM-11).
        let change = meter.supplier_on(today).and_then(|supplier| meter.change_before(supplier, today, Date::MAX));
        if let Some(change) = change {
            also.push(format!("the {fuel} meter changes supplier on {}", change.from));
        }
    }
    if let Some(from) = file.attempts.retry_from.filter(|from| *from > today) {
        also.push(format!("it can be tried again from {from} on"));
    }
    also
}
