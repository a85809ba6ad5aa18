//! Where an installation is, what happens next, and who has to act.

use crate::act::work::Look;
use crate::board::wording::narrowing_in_words;
use crate::board::wording::needs_in_words;
use crate::board::wording::state_in_words;
use crate::books::calendar::{WeekCalendar, in_words, local_date, week_of};
use crate::days::deferred;
use crate::error::{Result, ServiceError};
use crate::facts::dossier::Dossier;
use crate::facts::who;
use crate::read::story::also::also;
use crate::read::story::holders::HeldRow;
use crate::read::story::reader::Reader;
use crate::read::story::step::{Next, scheduled};
use crate::rows::asked::dates;
use jiff::civil::Date;
use sluice_rules::authorisation::judge::ground;
use sluice_rules::authorisation::led::Place;
use sluice_rules::authorisation::settle::Authorisation;
use sluice_rules::authorisation::state::State;
use sluice_rules::calendar::DayDeadlines;
use sluice_rules::codes::RowCode;
use sluice_rules::installation::InstallationType;
use sluice_rules::party::Party;
use sluice_store::tables::{attempts, authorisations, outcomes, state_changes};

/// Where an installation is and what follows, as far as the reader may know it.
pub(crate) fn next(work: &mut Look<'_>, file: &Dossier, reader: Reader, attempts: u64) -> Result<Next> {
    let today = local_date(work.now);
    let also = also(file, reader, today);
    let step = |now: String, next: String, who: &str| Next { now, next, who: who.to_owned(), also: Vec::new() };
    let mut found = match (file.attempts.migrated, furthest(file, reader)) {
        (Some(date), _) => step(format!("It was migrated on {date}."), "Nothing follows.".to_owned(), "NOBODY"),
        (None, Some(row)) => while_excluded(file, &row, today, of_row(work, file, reader, &row)?),
        (None, None) => match crate::read::story::dormant::next(work, file, reader)? {
            Some(next) => next,
            None => idle(work, file, reader, attempts)?,
        },
    };
    let code = file.attempts.last_code.as_ref().filter(|_| file.attempts.migrated.is_none() && found.also.is_empty());
    found.also.extend(code.map(|(code, _)| format!("its last failure has the code {code}")));
    found.also.splice(0..0, also);
    Ok(found)
}

/// EXC-1, OUT-1: while the home is excluded, what waits takes no unit, as where an S1SP reports work beside the schedule.
fn while_excluded(file: &Dossier, row: &Authorisation, today: Date, next: Next) -> Next {
    let excluded = file.exclusion.as_ref().is_some_and(|exclusion| exclusion.from <= today);
    if !excluded || !(row.state == State::Held || row.state.is_waiting()) {
        return next;
    }
    let words = "It is excluded, and takes no unit until DCC lifts that, once it is found out what was done there (EXC-1, OUT-1).";
    Next { next: words.to_owned(), who: "DCC".to_owned(), ..next }
}

/// MSM-14: for who supplies no meter of it any more. What is so now is told to those who do, but how its own day ended is not
/// theirs alone.
pub(crate) fn of_others(reader: Reader, rows: &[HeldRow]) -> Next {
    let migrated =
        rows.iter().map(|held| held.stored.row).find(|row| row.state == State::Migrated && reader.reads(row.party));
    let now = match (migrated, reader) {
        (Some(row), _) => format!("It was migrated on {}.", row.date),
        (None, Reader::Supplier(party)) => format!("{party} supplies no meter of it."),
        (None, _) => String::new(),
    };
    let next = "What follows is told to who supplies a meter of it.".to_owned();
    Next { now, next, who: "OTHERS".to_owned(), also: Vec::new() }
}

/// The authorisation that is furthest on; of several for one date that of the Lead Supplier. MSM-14: who else sent one, and
/// how it waits, is told only to a supplier whose own is needed beside it, and after its own.
fn furthest(file: &Dossier, reader: Reader) -> Option<Authorisation> {
    let rank = |row: &Authorisation| match row.state {
        State::Scheduled | State::Unknown => 5,
        State::Accepted => 4,
        _ if !reader.reads(row.party) => 0,
        State::Stopped | State::Suspended => 3,
        State::Deferred | State::Standby => 2,
        _ => 1,
    };
    let leads = |row: &Authorisation| file.case.meters.lead_on(row.date) == Some(row.party);
    let live = file.case.rows.iter().filter(|row| row.state.is_live());
    let told = live.filter(|row| rank(row) > 0 || is_required(file, reader, row.date));
    told.copied().max_by_key(|row| (rank(row), leads(row)))
}

/// MAM-1: is the reader a supplier whose authorisation a migration on the date needs?
fn is_required(file: &Dossier, reader: Reader, date: Date) -> bool {
    matches!(reader, Reader::Supplier(party) if file.case.meters.required_on(date).contains(&party))
}

/// Who acts, with the name of the S1SP; suppliers have names of their own.
fn by(who: &str, file: &Dossier) -> String {
    if who == "S1SP" { format!("S1SP {}", file.installation.s1sp) } else { who.to_owned() }
}

/// The moments of a day on which something can still happen to an authorisation for it, in words.
struct Moments {
    cutoff: String,
    lock: String,
    due: String,
    /// Has the authorisation cut-off passed?
    closed: bool,
}

impl Moments {
    fn of(work: &mut Look<'_>, date: Date) -> Result<Self> {
        let calendar = work.week(week_of(date)?)?;
        let day = calendar.day(date);
        let cutoff = calendar.closes(date);
        Ok(Self {
            cutoff: in_words(cutoff),
            lock: day.map(|day| in_words(day.schedule_lock.timestamp())).unwrap_or_default(),
            due: day.map(|day| in_words(day.outcomes_due.timestamp())).unwrap_or_default(),
            closed: cutoff <= work.now,
        })
    }
}

fn of_row(work: &mut Look<'_>, file: &Dossier, reader: Reader, row: &Authorisation) -> Result<Next> {
    let Authorisation { date, party, state, .. } = *row;
    let moments = Moments::of(work, date)?;
    let lock = &moments.lock;
    let acts = by(who::on_state(state), file);
    let (now, next, who) = match state {
        State::Scheduled => return scheduled(work, file, reader, date, &moments.due),
        State::Unknown => (
            format!("It was in the schedule of {date}; its outcome is not known."),
            "The S1SP reports the outcome, late as it is; until then no other date is taken.".to_owned(),
            acts,
        ),
        State::Accepted => (
            format!("Its migration on {date} stands{}.", narrowing_in_words(&file.case.meters, row)),
            format!("The day is locked at {lock}, and everything is judged again then."),
            acts,
        ),
        State::Stopped => (
            format!("A stop order keeps it from being migrated; it was authorised for {date}."),
            match (row.unit, row.place) {
                (true, _) => format!(
                    "If the order is lifted before the day is locked at {lock} it stands again; then it is first in line."
                ),
                (false, Some(Place::Standby)) => {
                    format!("If the order is lifted before the day is locked at {lock} it waits on standby again.")
                }
                // MAM-2: another supplier leads, and has the unit or waits for it.
                (false, _) if file.case.meters.lead_on(date) != Some(party) => {
                    "When the order is lifted it waits for the other supplier's again.".to_owned()
                }
                (false, _) => "When the order is lifted it is first in line for a unit.".to_owned(),
            },
            acts,
        ),
        State::Suspended => (
            format!(
                "It was authorised for {date} by {}, which failed; a supplier is appointed in its place.",
                reader.name(party, &file.case.meters, date)
            ),
            format!("The appointed supplier may adopt the authorisation until the day is locked at {lock}."),
            reader.who(&may_adopt(file, row), &file.case.meters, date),
        ),
        State::Standby if reader.reads(party) => (
            format!("It waits for a unit of {party}'s allocation of {date}."),
            format!("Units that come free go to those in line until the day is locked at {lock}."),
            acts,
        ),
        State::Deferred if reader.reads(party) => (
            format!("It has no unit of {date} now and is first in line for the next one of {party}."),
            format!(
                "Until {} it takes a unit that {party} has free, of that day or of a later one that is locked; no new file is needed.",
                in_line_until(work, file, row)?
            ),
            acts,
        ),
        _ => held(file, reader, row, &moments),
    };
    Ok(Next { now, next, who, also: Vec::new() })
}

/// MSM-12: the last day on which a deferred row is first in line.
fn in_line_until(work: &mut Look<'_>, file: &Dossier, row: &Authorisation) -> Result<Date> {
    let steps = state_changes::changes(&mut work.tx, file.installation.chf)?;
    let deferred = steps
        .iter()
        .rfind(|step| (step.file, step.became) == (row.id.file, State::Deferred) && step.was != step.became);
    deferred::in_line_until(work, row.date, deferred.map(|step| step.at))
}

/// MAM-11: who may adopt what is suspended: the suppliers that a migration on its date needs and that have none for it yet.
fn may_adopt(file: &Dossier, row: &Authorisation) -> Vec<Party> {
    let asked = |party: &Party| {
        file.case.rows.iter().any(|other| other.state.is_live() && other.date == row.date && other.party == *party)
    };
    file.case.meters.required_on(row.date).into_iter().filter(|party| !asked(party)).collect()
}

/// MAM-1: an authorisation that waits for another supplier's, or that is another supplier's and waits for the reader's.
fn held(file: &Dossier, reader: Reader, row: &Authorisation, moments: &Moments) -> (String, String, String) {
    let Authorisation { date, party, .. } = *row;
    let Moments { cutoff, lock, closed, .. } = moments;
    let meters = &file.case.meters;
    if let Reader::Supplier(reading) = reader
        && reading != party
    {
        return (
            format!("It is authorised for {date} by {party}; it waits for {reading}."),
            format!("{reading} authorises it for {date} until {cutoff}, or what is held expires."),
            format!("SUPPLIER {reading}"),
        );
    }
    let others: Vec<Party> = meters.required_on(date).into_iter().filter(|other| *other != party).collect();
    let who = reader.who(&others, meters, date);
    if row.differs {
        return (
            differs(file, row),
            format!("Either authorises it for the date of the other until {cutoff}, or both expire."),
            who,
        );
    }
    let needs = needs_in_words(&file.case, row);
    // What has not expired at the cut-off is missing nothing that a file could bring.
    let next = match *closed || needs.is_some() {
        true => format!("What it waits for may still come until the day is locked at {lock}."),
        false => format!("The other supplier authorises it for {date} until {cutoff}, or what is held expires."),
    };
    let waits = needs.unwrap_or_else(|| "waits for the other Responsible Supplier".to_owned());
    (format!("{party} authorised it for {date}; it {waits}."), next, who)
}

/// MA121: who names which date.
fn differs(file: &Dossier, row: &Authorisation) -> String {
    let missing = file.case.missing().into_iter().filter(|missing| missing.row == row.id);
    let named = missing.map(|missing| format!("{} names {}", missing.of, dates(&missing.named))).collect::<Vec<_>>();
    format!("{} authorised it for {}; {}.", row.party, row.date, named.join(", "))
}

/// The first date that a row can still name: that of a week whose cut-off has not passed. No row is taken for a day that has
/// come: what counts and who is needed is so from then on (OUT-3).
fn first_open(work: &mut Look<'_>, today: Date) -> Result<Date> {
    let earliest = today.tomorrow().map_err(ServiceError::defect)?;
    let mut monday = week_of(today)?;
    // Where the bank holidays on record end no week can be looked at.
    while WeekCalendar::of(work.books, monday).is_ok() {
        let calendar = work.week(monday)?;
        let open = |day: &&DayDeadlines| day.date >= earliest && calendar.closes(day.date) > work.now;
        if let Some(day) = calendar.days.iter().find(open) {
            return Ok(day.date);
        }
        monday = calendar.sunday().tomorrow().map_err(ServiceError::defect)?;
    }
    Ok(earliest)
}

/// An installation without a date: why, or who can ask for one.
fn idle(work: &mut Look<'_>, file: &Dossier, reader: Reader, attempts: u64) -> Result<Next> {
    let today = local_date(work.now);
    let earliest = first_open(work, today)?;
    let meters = &file.case.meters;
    let kind = meters.type_on(earliest);
    if let Some(barred) = barred(file, today, earliest, attempts) {
        return Ok(barred);
    }
    let tried = match (file.attempts.failed, file.attempts.last_failed) {
        (0, _) => String::new(),
        (1, Some(date)) => format!(" 1 attempt has failed, on {date}."),
        (failed, Some(date)) => format!(" {failed} attempts have failed, the last on {date}."),
        (failed, None) => format!(" {failed} attempts have failed."),
    };
    if kind == InstallationType::Dormant {
        // MAM-8: what is Active today may be Dormant on every day that can still be asked for.
        let days = today.series(jiff::Span::new().days(1)).take_while(|day| *day <= earliest);
        let from = days.into_iter().find(|day| meters.type_on(*day) == InstallationType::Dormant);
        let from = from.filter(|from| *from > today).map_or("No".to_owned(), |from| format!("From {from} on no"));
        // Who is not told of a plan is not told that there is none either.
        let plan = match reader {
            Reader::Dcc => "it is in no week's plan",
            Reader::S1sp => "it is in no schedule",
            Reader::Supplier(party) => &format!("{party} was told of no week that has it now"),
        };
        let now = format!("{from} meter of it is Active; {plan}.{tried}");
        let next = "DCC plans Dormant installations into the reserve of a week and gives notice to their suppliers.";
        return Ok(Next { now, next: next.to_owned(), who: "DCC".to_owned(), also: Vec::new() });
    }
    let required = meters.required_on(earliest);
    let names: Vec<String> = required.iter().map(|party| reader.name(*party, meters, earliest)).collect();
    let next = match names.as_slice() {
        [one] => format!("{one} can authorise it against its allocation of an open week."),
        _ => format!("{} authorise it for the same date of an open week.", names.join(" and ")),
    };
    let rows = authorisations::of_installation(&mut work.tx, file.installation.chf)?;
    // Whom an authorisation does not wait for is told of it when it stands.
    let told = is_required(file, reader, earliest) || matches!(reader, Reader::Dcc);
    let now = match rows.is_empty() && file.attempts.last_failed.is_none() && told {
        true => "Nobody has asked for its migration.".to_owned(),
        false => format!("No date for its migration stands{}.{tried}", ended(work, file, reader, &rows)?),
    };
    // OUT-2: who acts on the failure acts first.
    let (next, who, also) = match failure(work, file)? {
        Some((who, code)) if who != "SUPPLIER" => {
            let (who, also) = (by(&who, file), vec![format!("its last failure has the code {code}: {who} acts")]);
            (format!("{who} sees to what made it fail ({code}). After that {next}"), who, also)
        }
        _ => (capitalised(&next), reader.who(&required, meters, earliest), Vec::new()),
    };
    Ok(Next { now, next, who, also })
}

/// What speaks against a migration today, or on every day that can still be asked for.
fn barred(file: &Dossier, today: Date, earliest: Date, attempts: u64) -> Option<Next> {
    let mut findings = ground(&file.subject(), today, attempts);
    let mut when = "It cannot be migrated today";
    if findings.is_empty() {
        // An exclusion that begins does not end by itself (EXC-1).
        findings = ground(&file.subject(), earliest, attempts);
        findings.retain(|(code, _)| *code == RowCode::MA114);
        when = "No day that is still open can take it";
    }
    let (code, _) = findings.first()?;
    let all: Vec<&str> = findings.iter().map(|(_, words)| words.as_str()).collect();
    let next = match (file.case.meters.type_on(earliest), file.attempts.retry_from) {
        (InstallationType::Dormant, _) => "When that has changed DCC can plan it.".to_owned(),
        // OUT-2: only the date has to be another one.
        (_, Some(from)) if *code == RowCode::MA127 => {
            format!("Its suppliers can authorise it for a date from {from} on.")
        }
        _ => "When that has changed its suppliers can authorise it.".to_owned(),
    };
    let now = format!("{when}: {}.", all.join("; "));
    Some(Next { now, next, who: who::on_code(*code).to_owned(), also: Vec::new() })
}

/// OUT-2: who acts on the failure that was its last outcome, and its code.
fn failure(work: &mut Look<'_>, file: &Dossier) -> Result<Option<(String, String)>> {
    let known = outcomes::of_installation(&mut work.tx, file.installation.chf)?;
    let last = known.into_iter().filter(|(_, known)| known.outcome.is_some()).max_by_key(|(date, _)| *date);
    let Some((_, last)) = last.filter(|(_, known)| known.outcome == Some(State::Failed)) else { return Ok(None) };
    let codes = attempts::outcome_codes(&mut work.tx)?;
    Ok(Some((who::on_failure(&codes, &last.code, &last.stage).to_owned(), last.code)))
}

/// What became of the last authorisation that the reader may read. That it failed is told with the attempts.
fn ended(
    work: &mut Look<'_>,
    file: &Dossier,
    reader: Reader,
    rows: &[authorisations::StoredAuthorisation],
) -> Result<String> {
    let Some(last) = rows.iter().rfind(|stored| reader.reads(stored.row.party)) else { return Ok(String::new()) };
    let words = match last.row.state {
        State::Failed if file.attempts.failed > 0 => return Ok(String::new()),
        State::Failed | State::NotAttempted => format!("it {}", state_in_words(&last.row, "")),
        state => {
            let steps = state_changes::changes(&mut work.tx, file.installation.chf)?;
            // MAM-8: that it is narrowed no more when it has ended is no end of its own.
            let ends = |step: &&state_changes::StateChange| step.became == state && step.was != state;
            let step = steps.iter().filter(|step| step.file == last.row.id.file).rfind(ends);
            let Some(step) = step else { return Ok(String::new()) };
            crate::read::story::past::of_step(last, step, last.row.party).what
        }
    };
    Ok(format!("; {words}"))
}

fn capitalised(sentence: &str) -> String {
    let mut characters = sentence.chars();
    characters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + characters.as_str())
}
