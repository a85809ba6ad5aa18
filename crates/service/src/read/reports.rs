//! The reports (REP-1): what each is about, who may read it, and how it is made.
//!
//! Each report is a module. It reads through the scope of its reader and makes typed tables; how they are written is
//! `sluice_wire::report`'s. Figures are computed by functions without a database, on rows that the database has added up.

mod backlog;
pub(crate) mod conduct;
mod dormant;
mod exclusions;
mod fairness;
pub(crate) mod idle;
mod outcomes;
pub mod parts;
mod progress;
mod refusals;
mod weeks;

use crate::act::simulated::is_simulated;
use crate::act::work::Look;
use crate::books::calendar::{local_date, week_of};
use crate::error::{Result, ServiceError};
use crate::read::reports::parts::{Asked, Days, Entry, Parts, Readers, long};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use sluice_rules::calendar::days_of_week;
use sluice_rules::party::S1sp;
use sluice_rules::role::Role;
use sluice_store::tables::log::RecordedAct;
use sluice_store::tables::reports::Sight;
use sluice_wire::report::Report;
use std::collections::{BTreeMap, BTreeSet};

/// REP-1: every report, in the order of a week.
pub const REPORTS: &[&Entry] = &[
    &crate::read::reports::weeks::ENTRY,
    &crate::read::reports::outcomes::ENTRY,
    &crate::read::reports::idle::ENTRY,
    &crate::read::reports::progress::ENTRY,
    &crate::read::reports::backlog::ENTRY,
    &crate::read::reports::refusals::ENTRY,
    &crate::read::reports::dormant::ENTRY,
    &crate::read::reports::exclusions::ENTRY,
    &crate::read::reports::conduct::ENTRY,
    &crate::read::reports::fairness::ENTRY,
];

/// Before and after all days of the programme.
const ALWAYS: (Date, Date) = (date(1970, 1, 1), date(2999, 12, 31));

/// What is said of all data of a simulated database.
const SIMULATED: &str = "Invented data: this programme is simulated, for training, tests or demonstration.";

/// What an empty table says to those who see their own.
const NOTHING_OWN: &str = "There is nothing of yours here (MSM-14).";

/// What a report tells of what not everybody sees: the weeks in which a refill was or is due, until when firm results are, acts of
/// DCC, and whether the programme is simulated.
#[derive(Debug, Default)]
pub struct Public {
    refills: BTreeSet<(S1sp, Date)>,
    firm_due: BTreeMap<(S1sp, Date), Timestamp>,
    acts: Vec<RecordedAct>,
    simulated: bool,
}

/// What a report tells of what not everybody sees; read for DCC, before it is made for its reader.
///
/// # Errors
/// As [`report`].
pub fn public(work: &mut Look<'_>, name: &str, asked: &Asked) -> Result<Public> {
    let entry = find(name)?;
    let simulated = is_simulated(&mut work.tx)?;
    if entry.name != conduct::ENTRY.name {
        return Ok(Public { simulated, ..Public::default() });
    }
    let (from, to) = period(entry, asked)?;
    let sight = Sight::of(&mut work.tx, asked.s1sp, from, to)?;
    let (refills, firm_due) = (conduct::events::refills_due(work, &sight)?, conduct::events::firm_due(work, &sight)?);
    Ok(Public { refills, firm_due, acts: conduct::events::acts(work)?, simulated })
}

/// REP-1: makes a report, as its reader may see it.
///
/// # Errors
/// If there is no such report, it is not for the reader, its days are wrong, or the database fails.
pub fn report(work: &mut Look<'_>, name: &str, asked: &Asked, public: &Public) -> Result<Report> {
    let entry = find(name)?;
    let (from, to) = period(entry, asked)?;
    let mut sight = Sight::of(&mut work.tx, asked.s1sp, from, to)?;
    sight.refills.clone_from(&public.refills);
    sight.firm_due.clone_from(&public.firm_due);
    sight.acts.clone_from(&public.acts);
    if let Some(s1sp) = asked.s1sp.filter(|_| sight.s1sps().is_empty()) {
        let message = match sight.provider() {
            Some(own) => format!("{own} sees its own figures, not those of {s1sp}"),
            None => format!("S1SP {s1sp} is not known; import its party"),
        };
        return Err(ServiceError::Use(message));
    }
    if entry.readers == Readers::Suppliers && sight.provider().is_some() {
        let message =
            format!("the report '{name}' is for suppliers, DCC and observers; an S1SP reads 'outcomes' and 'conduct'");
        return Err(ServiceError::rule("MSM-14", message));
    }
    let Parts { mut verdict, notes, mut tables, main } = (entry.make)(work, &sight)?;
    if !sight.sees_all() {
        // MSM-14: an empty table says nothing of what others have.
        tables.iter_mut().for_each(|table| table.empty = NOTHING_OWN);
    }
    // What has no rows has nothing to find.
    let nothing = tables.iter().all(|table| table.rows.is_empty());
    if let Some(empty) = tables.iter().find(|table| nothing && table.id == main) {
        empty.empty.clone_into(&mut verdict);
    }
    let as_of = work.now;
    Ok(Report {
        name: entry.name,
        title: entry.title,
        verdict,
        remark: public.simulated.then(|| SIMULATED.to_owned()),
        about: entry.about,
        period: in_words(entry, asked, as_of),
        s1sps: asked.s1sp.map_or_else(|| s1sps_in_words(&sight), |one| format!("S1SP {one}")),
        reader: match (sight.party(), sight.provider()) {
            (Some(party), _) => format!("supplier {party}"),
            (_, Some(s1sp)) => format!("S1SP {s1sp}"),
            _ if work.by.role() == Role::Observer => format!("observer {}", work.by.name()),
            _ => "DCC".to_owned(),
        },
        as_of,
        notes,
        tables,
        main,
    })
}

fn find(name: &str) -> Result<&'static Entry> {
    let found = REPORTS.iter().find(|entry| entry.name == name);
    found.copied().ok_or_else(|| {
        let names: Vec<&str> = REPORTS.iter().map(|entry| entry.name).collect();
        ServiceError::Use(format!("there is no report '{name}'; there are {}", names.join(", ")))
    })
}

/// The first and the last day that are asked for.
fn period(entry: &Entry, asked: &Asked) -> Result<(Date, Date)> {
    let wrong = |message: String| Err(ServiceError::Use(message));
    match (asked.week, asked.from, asked.to) {
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
            wrong("name a week, or a first and last day, not both".to_owned())
        }
        (Some(week), ..) if entry.days != Days::Standing => {
            let days = days_of_week(week)?;
            Ok((days[0], days[6]))
        }
        (None, None, None) if entry.days == Days::Week => {
            wrong(format!("the report '{}' is about one week; name its Monday with --week", entry.name))
        }
        (_, from, to) if entry.days == Days::Week => {
            let (Some(from), Some(to)) = (from, to) else {
                return wrong(format!("the report '{}' is about one week; name its Monday with --week", entry.name));
            };
            if week_of(from)? == week_of(to)? {
                return Ok((week_of(from)?, days_of_week(week_of(from)?)?[6]));
            }
            wrong(format!("the report '{}' is about one week; name its Monday with --week", entry.name))
        }
        (None, None, None) => Ok(ALWAYS),
        _ if entry.days == Days::Standing => {
            wrong(format!("the report '{}' shows how things stand now; it takes no days", entry.name))
        }
        (_, from, to) => {
            let (from, to) = (from.unwrap_or(ALWAYS.0), to.unwrap_or(ALWAYS.1));
            if from > to { wrong(format!("the first day, {from}, is after the last, {to}")) } else { Ok((from, to)) }
        }
    }
}

fn in_words(entry: &Entry, asked: &Asked, now: Timestamp) -> String {
    match (asked.week, asked.from, asked.to) {
        _ if entry.days == Days::Standing => format!("As it stands on {}", long(local_date(now))),
        (Some(week), ..) => format!("Week of {}", long(week)),
        (_, Some(from), Some(to)) if from == to => long(from),
        (_, Some(from), Some(to)) => format!("{} to {}", long(from), long(to)),
        (_, Some(from), None) => format!("From {} on", long(from)),
        (_, None, Some(to)) => format!("Until {}", long(to)),
        _ => "All days".to_owned(),
    }
}

fn s1sps_in_words(sight: &Sight) -> String {
    let codes: Vec<String> = sight.s1sps().iter().map(ToString::to_string).collect();
    match codes.len() {
        0 => "no S1SP".to_owned(),
        1 => format!("S1SP {}", codes[0]),
        _ => format!("S1SPs {}", codes.join(", ")),
    }
}

#[cfg(test)]
#[path = "reports/tests.rs"]
mod tests;
