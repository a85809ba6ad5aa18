//! The forecast: the demand that stands at its milestone (MSM-15).

use crate::act::work::Work;
use crate::books::calendar::WeekCalendar;
use crate::error::{Result, ServiceError};
use crate::files::order::{was_confirmed, was_overtaken};
use crate::weeks::demand::{confirmation_terms, read_again};
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::calendar::{Milestone, days_of_week};
use sluice_rules::intake::needs_confirmation;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::weeks::{self, Demand};
use std::collections::{BTreeMap, BTreeSet};

/// MSM-15: takes the demand that stood at the moment of the milestone as each party's forecast, also where its work is done later, as
/// when it was set aside: what came since counts in its week, not in its forecast.
///
/// # Errors
/// If the database fails.
pub(crate) fn take_forecast(work: &mut Work<'_>, s1sp: &S1sp, calendar: &WeekCalendar<'_>) -> Result<()> {
    let (monday, sunday) = (calendar.monday, calendar.sunday());
    let moment = calendar.at(Milestone::ForecastTaken);
    let taken = if work.engine > 3 { files::taken_demand(&mut work.tx, s1sp, monday)? } else { Vec::new() };
    let (stood, came): (Vec<_>, Vec<_>) =
        taken.iter().partition(|(file, at)| stood_from(work.engine, file, *at) < Some(moment));
    if came.is_empty() {
        return Ok(weeks::take_forecast(&mut work.tx, s1sp, monday, sunday)?);
    }
    let came: BTreeSet<i64> = came.iter().map(|(file, _)| file.id).collect();
    let (mut forecast, mut replaced) = (BTreeMap::<(Date, Party), u64>::new(), BTreeSet::<(Party, Eui64)>::new());
    for (Demand { date, party, user_id, units }, file) in weeks::demand_with_files(&mut work.tx, s1sp, monday, sunday)?
    {
        if came.contains(&file) {
            replaced.insert((party, user_id));
        } else {
            *forecast.entry((date, party)).or_default() += units;
        }
    }
    for (party, user_id) in replaced {
        let own = stood.iter().filter(|(file, _)| (file.sender, file.user_id) == (party, Some(user_id)));
        let mut own: Vec<_> = own.map(|(file, at)| (stood_from(work.engine, file, *at), file.id, file)).collect();
        own.sort_by_key(|(from, id, _)| (*from, *id));
        let own: Vec<&FileRecord> = own.into_iter().map(|(.., file)| file).collect();
        if let Some(units) = stood_last(work, calendar, &own)? {
            for (date, units) in days_of_week(monday)?.into_iter().zip(units) {
                *forecast.entry((date, party)).or_default() += units;
            }
        }
    }
    for ((date, party), units) in forecast {
        weeks::add_forecast(&mut work.tx, s1sp, (date, party, units))?;
    }
    Ok(())
}

/// From when on a file stood: from its receipt, by which also those of a name follow each other, or later, where its sender confirmed it
/// or an operator took it. That is said of it then. Programs of before took one that was overtaken for one of these.
fn stood_from(engine: i64, file: &FileRecord, received: Timestamp) -> Option<Timestamp> {
    let from_receipt = file.message.is_empty() || (engine > 4 && was_overtaken(file));
    if from_receipt { Some(received) } else { file.verdict_at }
}

/// What stood last of the files of a name, in their order. One that was overtaken did so only where it could be read, and would not have
/// been held for confirmation (FI21).
fn stood_last(work: &mut Work<'_>, calendar: &WeekCalendar<'_>, own: &[&FileRecord]) -> Result<Option<[u64; 7]>> {
    let taken = match work.engine {
        // Programs of before took the last one.
        ..=4 => own.len().saturating_sub(1),
        _ => own.iter().rposition(|file| !was_overtaken(file)).unwrap_or(0),
    };
    let mut stood: Option<[u64; 7]> = None;
    for file in own.iter().skip(taken) {
        let Some(units) = demand_in(work, file)? else { continue };
        let [old, new] = [stood, Some(units)].map(|units| units.map(|units| units.iter().sum::<u64>()));
        let is_held = is_unconfirmed(file)
            && needs_confirmation(old, new.unwrap_or(0), confirmation_terms(work, calendar, file)?);
        if !is_held {
            stood = Some(units);
        }
    }
    Ok(stood)
}

/// Did nobody say yet that it is meant, when a file was overtaken?
fn is_unconfirmed(file: &FileRecord) -> bool {
    was_overtaken(file) && !was_confirmed(file)
}

/// What a file says of each day, in installations; nothing if it was overtaken unread and cannot be. There can be one of each User ID,
/// and each is small, so they are read where they are needed.
fn demand_in(work: &mut Work<'_>, file: &FileRecord) -> Result<Option<[u64; 7]>> {
    match read_again(work, file)? {
        Ok(demand) => Ok(Some(demand.days)),
        Err(_) if work.engine > 4 && was_overtaken(file) => Ok(None),
        Err(_) => Err(ServiceError::defect("a file that was taken cannot be read again")),
    }
}

#[cfg(test)]
#[path = "forecast_tests.rs"]
mod tests;
