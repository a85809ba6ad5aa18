//! Rows that lost their unit are first in line for so many Working Days: they take what a later day has left when it is
//! locked, or they expire (MSM-12).

use crate::act::actor::Actor;
use crate::act::aside::Aside;
use crate::act::clock::{ClockAct, Due};
use crate::act::tell::tell;
use crate::act::work::{Act, Look, Reads, Work};
use crate::board::open::Board;
use crate::books::calendar::{local_date, week_of};
use crate::books::rulebooks::Settings;
use crate::error::{Result, ServiceError};
use crate::facts::dossier::by_installation;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::authorisation::expire;
use sluice_rules::authorisation::judge::ground;
use sluice_rules::calendar::LONDON;
use sluice_rules::party::S1sp;
use sluice_store::View;
use sluice_store::tables::authorisations::{self, StoredAuthorisation};
use std::collections::BTreeSet;

/// MSM-12: from which day on a deferred row is first in line: its own, or the one on which it lost its unit if that is later,
/// as when a stop order is lifted after its day.
fn since(stored: &StoredAuthorisation, deferred: Option<Timestamp>) -> Date {
    since_date(stored.row.date, deferred)
}

fn since_date(date: Date, deferred: Option<Timestamp>) -> Date {
    deferred.map_or(date, |at| local_date(at).max(date))
}

/// MSM-12: the last day on which a row of a date is first in line that was deferred at a moment.
///
/// # Errors
/// If a rulebook lacks the number of days, or the calendar does not reach that far.
pub(crate) fn in_line_until<'w>(
    work: &Work<'w, impl Reads<'w>>,
    date: Date,
    deferred: Option<Timestamp>,
) -> Result<Date> {
    last_day(work, since_date(date, deferred))
}

/// MSM-12: the last day on which a row is first in line that is so since a day.
fn last_day<'w>(work: &Work<'w, impl Reads<'w>>, since: Date) -> Result<Date> {
    let week = week_of(since)?;
    let book = work.books.governing(week, &Settings::default()).unwrap_or_else(|_| work.books.earliest());
    let days = u16::try_from(book.number("deferral_working_days")?).unwrap_or(u16::MAX);
    Ok(work.books.working_days.after(since, days)?)
}

/// MSM-12: rows deferred on an earlier day take what a day still has when it is locked, first in line first.
///
/// # Errors
/// If the database fails.
pub(crate) fn carry(work: &mut Work<'_>, board: &mut Board, date: Date) -> Result<()> {
    let mut deferred = authorisations::deferred(&mut work.tx, date)?;
    deferred.retain(|(stored, _)| stored.s1sp == board.facts.s1sp);
    board.facts.load(work, deferred.iter().map(|(stored, _)| stored.chf))?;
    let attempts = board.facts.terms.attempts;
    for (stored, at) in deferred {
        let free = board.ledger.allowance((stored.row.party, date)).free() > 0;
        // A day that is locked again may be full, or have begun.
        if !free || !board.can_take(date) || last_day(work, since(&stored, at))? < date {
            continue;
        }
        let Some((file, ledger)) = board.change(stored.chf) else { continue };
        if ground(&file.subject(), date, attempts).is_empty() {
            expire::carry_over(&mut file.case, stored.row.id, date, ledger);
        }
    }
    Ok(())
}

/// MSM-12: the time is over of what is first in line since a day, or longer.
#[derive(Debug, Serialize, Deserialize)]
pub struct ExpireDeferred {
    /// The S1SP.
    #[serde(with = "crate::words")]
    pub s1sp: S1sp,
    /// The day.
    #[serde(with = "crate::words")]
    pub since: Date,
}

impl Act for ExpireDeferred {
    const KIND: &'static str = "deferred-over";
    /// How many authorisations expire.
    type Answer = u64;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_the_clock("ending what is first in line")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<u64> {
        let terms = work.mam_terms()?;
        let mut board = Board::open(work, self.s1sp, terms)?;
        let over = by_installation(self.over(&mut work.tx)?);
        board.facts.load_rows(work, &over)?;
        let mut expired = 0;
        for stored in over.into_iter().flat_map(|(_, rows)| rows) {
            let Some((file, ledger)) = board.change(stored.chf) else { continue };
            expired += expire::expire_deferred(&mut file.case, stored.row.date, ledger).len();
            let words = format!(
                "its authorisation for {} was first in line for a unit until now and has expired; authorise it for another date",
                stored.row.date
            );
            tell(work, stored.row.party, "MSM-12", Some(stored.chf), &words)?;
        }
        board.finish(work)?;
        Ok(u64::try_from(expired).unwrap_or(u64::MAX))
    }
}

impl ExpireDeferred {
    fn over(&self, tx: &mut View<'_>) -> Result<Vec<StoredAuthorisation>> {
        let after = self.since.tomorrow().map_err(ServiceError::defect)?;
        let rows = authorisations::deferred(tx, after)?.into_iter();
        let over = rows.filter(|(stored, at)| stored.s1sp == self.s1sp && since(stored, *at) <= self.since);
        Ok(over.map(|(stored, _)| stored).collect())
    }
}

impl ClockAct for ExpireDeferred {
    fn due_at<'w>(&self, work: &mut Work<'w, impl Reads<'w>>) -> Result<Option<Timestamp>> {
        if self.over(&mut work.tx)?.is_empty() { Ok(None) } else { over_at(work, self.since) }
    }
}

/// MSM-12: when the time first in line is over that began on a day. What ends after the Working Days on record is not over.
fn over_at<'w>(work: &Work<'w, impl Reads<'w>>, since: Date) -> Result<Option<Timestamp>> {
    let Ok(last) = last_day(work, since) else { return Ok(None) };
    let over = last.tomorrow().and_then(|over| over.to_zoned(LONDON)).map_err(ServiceError::defect)?;
    Ok(Some(over.timestamp()))
}

/// How many days back it is looked for the end of the time first in line: more than any rulebook gives.
const BACK: usize = 100;

/// MSM-12: the latest day since which nothing is first in line any more. Rows of later days need not be looked at, and this is
/// asked before every act.
fn over_until<'w>(work: &Work<'w, impl Reads<'w>>) -> Result<Option<Date>> {
    let today = local_date(work.now);
    let mut day = today;
    for _ in 0..BACK {
        day = day.yesterday().map_err(ServiceError::defect)?;
        // What ends after the Working Days on record is not over.
        if last_day(work, day).is_ok_and(|last| last < today) {
            return Ok(Some(day));
        }
    }
    Ok(None)
}

/// MSM-12: the next rows whose time first in line is over at the moment of the work, with the beginning of the day on which
/// it is.
///
/// # Errors
/// If the database fails.
pub(crate) fn next_due(work: &mut Look<'_>, aside: &Aside) -> Result<Option<Due>> {
    let Some(until) = over_until(work)? else { return Ok(None) };
    let deferred = authorisations::deferred(&mut work.tx, until.tomorrow().map_err(ServiceError::defect)?)?;
    let since: BTreeSet<(Date, S1sp)> = deferred.iter().map(|(stored, at)| (since(stored, *at), stored.s1sp)).collect();
    for (since, s1sp) in since {
        let act = ExpireDeferred { s1sp, since };
        if let Some(at) = over_at(work, since)?.filter(|at| *at <= work.now && !aside.has(&act)) {
            return Ok(Some(Due::at(at, act)));
        }
    }
    Ok(None)
}
