//! The desk: the installations of one S1SP that an act is about, with everything that decides on them.
//!
//! An act loads the installations that it names, changes their authorisations through the rules, promotes who waits for
//! the units that came free, and saves what changed. Installations of waiting rows are loaded as they are needed.

use crate::act::work::Work;
use crate::books::calendar::{WeekCalendar, local_date, week_of};
use crate::error::{Result, ServiceError};
use crate::facts::dossiers::Cases;
use crate::facts::found::{CaseFile, Found, Glance};
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::expire;
use sluice_rules::authorisation::settle::{self, Authorisation, RowId};
use sluice_rules::authorisation::standby::{Ledger, StandbyTerms};
use sluice_rules::authorisation::state::State;
use sluice_rules::calendar::Milestone;
use sluice_rules::codes::RowCode;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_rules::rulebook::{Document, Rulebook, in_effect};
use sluice_store::tables::authorisations::StoredAuthorisation;
use sluice_store::tables::convert::eui_number;
use sluice_store::tables::{attempts, authorisations, outcomes, schedules, weeks};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The parameters of the MAM that authorisation takes.
#[derive(Debug, Clone)]
pub struct MamTerms {
    /// The rulebook's id.
    pub rulebook: String,
    /// How many rows may wait for a unit (MAM-3).
    pub standby: StandbyTerms,
    /// Failed attempts that make a candidate for exclusion (OUT-2).
    pub attempts: u64,
}

impl MamTerms {
    /// RB-2: the terms of the MAM rulebook in effect on a date.
    ///
    /// # Errors
    /// If none is in effect.
    pub fn on(books: &crate::books::rulebooks::Books, date: Date) -> Result<Self> {
        Self::of(mam(books, date)?)
    }

    /// The terms of a MAM rulebook.
    ///
    /// # Errors
    /// If there is none of that id.
    pub fn by_id(books: &crate::books::rulebooks::Books, id: &str) -> Result<Self> {
        Self::of(books.get(id)?)
    }

    /// The terms of the latest MAM rulebook, where none is in effect yet.
    ///
    /// # Errors
    /// If it lacks one.
    pub fn latest(books: &crate::books::rulebooks::Books) -> Result<Self> {
        Self::of(books.latest(Document::Mam)?)
    }

    fn of(book: &Rulebook) -> Result<Self> {
        Ok(Self {
            rulebook: book.id.clone(),
            standby: StandbyTerms {
                percent: book.number("standby_percent")?,
                minimum: book.number("standby_minimum")?,
            },
            attempts: book.number("failed_attempts")?,
        })
    }
}

/// RB-2: the MAM rulebook in effect on a date.
///
/// # Errors
/// If none is.
pub fn mam(books: &crate::books::rulebooks::Books, date: Date) -> Result<&Rulebook> {
    let first = "a MAM rulebook is in effect from 2021-04-23 on";
    let missing = || ServiceError::rule("RB-2", format!("no MAM rulebook is in effect on {date}; {first}"));
    in_effect(&books.all, Document::Mam, date).ok_or_else(missing)
}

/// The installations of one S1SP that an act is about.
pub struct Desk {
    /// The S1SP.
    pub s1sp: S1sp,
    /// The terms of the MAM.
    pub terms: MamTerms,
    /// The units of the parties.
    pub ledger: Ledger,
    pub(crate) known: crate::facts::found::Known,
    pub(crate) cases: Cases,
    pub(crate) cutoffs: BTreeMap<Date, Timestamp>,
    pub(crate) locked: BTreeSet<Date>,
    pub(crate) started: HashSet<(Eui64, Date)>,
    /// Of locked days that lie ahead: how many authorised installations have room beside the Dormant ones (DMT-1).
    pub(crate) rooms: BTreeMap<Date, u64>,
    pub(crate) today: Date,
    /// The import that rows lapse for, if one is applied (REF-2).
    pub cause: Option<i64>,
}

impl Desk {
    /// An empty desk of an S1SP.
    ///
    /// # Errors
    /// If the database fails or no MAM rulebook is in effect.
    pub fn open(work: &mut Work<'_>, s1sp: S1sp, terms: MamTerms) -> Result<Self> {
        let known = crate::facts::found::Known::load(&mut work.tx)?;
        let ledger = Ledger::new(authorisations::allowances(&mut work.tx, &s1sp, Date::MIN, Date::MAX)?);
        let (cases, cutoffs, today) = (Cases::default(), BTreeMap::new(), local_date(work.now));
        let locked = schedules::locked(&mut work.tx)?.into_iter().filter(|(of, ..)| *of == s1sp);
        let locked: BTreeSet<Date> = locked.map(|(_, date, ..)| date).collect();
        let mut rooms = BTreeMap::new();
        for date in locked.range(today..).filter(|date| **date > today) {
            rooms.insert(*date, crate::dormant::day::room_on(&mut work.tx, s1sp, *date)?);
        }
        let started = outcomes::started(&mut work.tx)?;
        Ok(Self { s1sp, terms, ledger, known, cases, cutoffs, locked, started, rooms, today, cause: None })
    }

    /// Loads installations that are not on the desk yet; those that do not exist are left out.
    ///
    /// # Errors
    /// If the database fails.
    pub fn load(&mut self, work: &mut Work<'_>, wanted: impl IntoIterator<Item = Eui64>) -> Result<()> {
        let missing: Vec<Eui64> = wanted.into_iter().filter(|chf| !self.cases.contains(*chf)).collect();
        if !missing.is_empty() {
            let found = self.find(work, missing)?;
            let files: Vec<CaseFile> = (0..found.len()).map(|place| found.file(&self.known, place)).collect();
            self.place(files);
        }
        Ok(())
    }

    /// Finds installations without loading them.
    ///
    /// # Errors
    /// If the database fails.
    pub fn find(&self, work: &mut Work<'_>, wanted: impl IntoIterator<Item = Eui64>) -> Result<Found> {
        let mut keys: Vec<i64> = wanted.into_iter().map(eui_number).collect();
        keys.sort_unstable();
        keys.dedup();
        Found::load(&mut work.tx, &self.known, self.s1sp, &keys)
    }

    /// An installation that was found, to look at it.
    #[must_use]
    pub fn glance<'a>(&'a self, found: &'a Found, place: usize) -> Glance<'a> {
        found.glance(&self.known, place)
    }

    /// Loads an installation that was found.
    pub fn take(&mut self, found: &Found, place: usize) {
        let file = found.file(&self.known, place);
        if !self.cases.contains(file.installation.chf) {
            self.place([file]);
        }
    }

    /// Adds installations that are in the inventory no more, with the authorisations that they still have.
    ///
    /// # Errors
    /// If the database fails.
    pub fn add_missing(&mut self, work: &mut Work<'_>, cases: &[(Eui64, Vec<StoredAuthorisation>)]) -> Result<()> {
        let gone: Vec<_> = cases.iter().filter(|(chf, _)| !self.cases.contains(*chf)).collect();
        let mut keys: Vec<i64> = gone.iter().map(|(chf, _)| eui_number(*chf)).collect();
        keys.sort_unstable();
        let mut attempts = attempts::find(&mut work.tx, &keys)?;
        for (chf, rows) in gone {
            let attempts = attempts.remove(&eui_number(*chf)).unwrap_or_default();
            self.place(CaseFile::of_gone(*chf, self.s1sp, rows.clone(), attempts));
        }
        Ok(())
    }

    /// Places installations on the desk, with the days that are under way (OUT-1).
    fn place(&mut self, files: impl IntoIterator<Item = CaseFile>) {
        let (today, started) = (self.today, &self.started);
        self.cases.extend(files.into_iter().map(|mut file| {
            let chf = file.installation.chf;
            let under_way = file.case.rows.iter().filter(|row| is_under_way(chf, row, today, started));
            file.case.under_way = under_way.map(|row| row.date).collect();
            file
        }));
    }

    /// Adds authorisations of an installation that have ended, to give them back.
    pub fn add_ended(&mut self, chf: Eui64, rows: &[StoredAuthorisation]) {
        if let Some(file) = self.cases.get_mut(chf) {
            file.add_ended(rows);
        }
    }

    /// An installation on the desk.
    #[must_use]
    pub fn case(&self, chf: Eui64) -> Option<&CaseFile> {
        self.cases.get(chf)
    }

    /// An installation on the desk with the units of the parties, to change it.
    pub fn case_mut(&mut self, chf: Eui64) -> Option<(&mut CaseFile, &mut Ledger)> {
        let file = self.cases.get_mut(chf)?;
        Some((file, &mut self.ledger))
    }

    /// The installations on the desk, in order.
    #[must_use]
    pub fn installations(&self) -> Vec<Eui64> {
        self.cases.that(|_| true)
    }

    /// OUT-1: is a row in the schedule of a day that is over, or has the S1SP reported that it has started? Then only its
    /// outcome changes it.
    #[must_use]
    pub fn is_under_way(&self, chf: Eui64, row: &Authorisation) -> bool {
        is_under_way(chf, row, self.today, &self.started)
    }

    /// OUT-1: has the S1SP reported that it has started with an installation on a day, and not yet how it ended?
    #[must_use]
    pub fn has_begun(&self, chf: Eui64, date: Date) -> bool {
        self.started.contains(&(chf, date))
    }

    /// SCH-1: is the schedule of a day locked?
    #[must_use]
    pub fn is_locked(&self, date: Date) -> bool {
        self.locked.contains(&date)
    }

    /// STOP-1: rows that an order in force covers are stopped, and stopped ones that none covers any more are first in line.
    pub fn apply_stops(&mut self) {
        for chf in self.cases.that(|file| !file.case.rows.is_empty()) {
            let Some(file) = self.cases.get(chf) else { continue };
            let covered = |row: &Authorisation| file.stops.iter().any(|stop| stop.covers(&file.case.meters, row.date));
            let (mut stopped, mut lifted) = (Vec::new(), Vec::new());
            for row in &file.case.rows {
                match row.state {
                    State::Stopped if !covered(row) => lifted.push(*row),
                    state if state.is_open() && !self.is_under_way(chf, row) && covered(row) => stopped.push(*row),
                    _ => {}
                }
            }
            let ids = |rows: &[Authorisation]| rows.iter().map(|row| row.id).collect::<Vec<RowId>>();
            let (to_stop, to_lift) = (ids(&stopped), ids(&lifted));
            let Some((file, ledger)) = self.case_mut(chf) else { continue };
            settle::stop(&mut file.case, &to_stop, ledger);
            settle::lift(&mut file.case, &to_lift, ledger);
            for row in stopped {
                self.explain(chf, row.id, RowCode::MA124.code());
            }
            for row in lifted {
                self.explain(chf, row.id, "");
            }
        }
    }

    /// Has the authorisation cut-off of a date's week passed?
    ///
    /// # Errors
    /// If the week cannot be placed in the calendar.
    pub fn is_closed(&mut self, work: &mut Work<'_>, date: Date) -> Result<bool> {
        let monday = week_of(date)?;
        if !self.cutoffs.contains_key(&monday) {
            let passed = weeks::passed(&mut work.tx)?;
            let done = passed.contains(&(self.s1sp, monday, Milestone::AuthorisationCutoff));
            let calendar = WeekCalendar::load(&mut work.tx, work.books, monday)?;
            // With a grace the cut-off's work comes later than the cut-off (CAL-3); until then nothing has expired.
            let at = if done { calendar.at(Milestone::AuthorisationCutoff) } else { Timestamp::MAX };
            self.cutoffs.insert(monday, at);
        }
        Ok(self.cutoffs.get(&monday).is_some_and(|cutoff| *cutoff <= work.now))
    }

    /// MAM-3: gives units that came free to the rows in line for them, first in line first, until none is left.
    ///
    /// # Errors
    /// If the database fails.
    pub fn promote(&mut self, work: &mut Work<'_>) -> Result<()> {
        // What was missing beside a unit that is free already may be there now: a supplier that is needed no more, say.
        let waits = self.cases.each().flat_map(|file| &file.case.rows).filter(|row| row.state.is_waiting());
        for (party, date) in waits.map(|row| (row.party, row.date)).collect::<BTreeSet<_>>() {
            self.promote_day(work, party, date)?;
        }
        while let Some((party, date)) = self.ledger.next_freed() {
            self.promote_day(work, party, date)?;
        }
        self.schedule_locked();
        self.expire_begun();
        Ok(())
    }

    /// SCH-1: is a day over, or has it begun with a locked schedule? Then nothing is added to it any more.
    fn takes_nothing(&self, date: Date) -> bool {
        takes_nothing(date, self.today, &self.locked)
    }

    /// SCH-1: what stands for a day that is locked goes into the next version of its schedule; on the day itself and after
    /// it nothing is added any more, and the row is first in line for another. So is what stands for a day that is over
    /// without a schedule.
    fn schedule_locked(&mut self) {
        let (today, locked) = (self.today, &self.locked);
        let stands =
            |row: &Authorisation| row.state == State::Accepted && (row.date < today || locked.contains(&row.date));
        for chf in self.cases.that(|file| file.case.rows.iter().any(stands)) {
            let Some(file) = self.cases.get_mut(chf) else { continue };
            let rows: Vec<Authorisation> = file.case.rows.iter().filter(|row| stands(row)).copied().collect();
            for row in rows {
                // REF-2: what stands again beside a row of the schedule adds no installation to it.
                let beside = |other: &Authorisation| (other.date, other.state) == (row.date, State::Scheduled);
                if row.date > today || file.case.rows.iter().any(beside) {
                    settle::schedule(&mut file.case, row.date, &mut self.ledger);
                } else {
                    settle::defer(&mut file.case, row.id, &mut self.ledger);
                }
            }
        }
    }

    /// SCH-2: what waits for a day that has begun waits for nothing any more.
    fn expire_begun(&mut self) {
        let (today, locked) = (self.today, &self.locked);
        let waits = |row: &Authorisation| {
            matches!(row.state, State::Held | State::Standby) && takes_nothing(row.date, today, locked)
        };
        for chf in self.cases.that(|file| file.case.rows.iter().any(waits)) {
            let Some(file) = self.cases.get_mut(chf) else { continue };
            let days: BTreeSet<Date> = file.case.rows.iter().filter(|row| waits(row)).map(|row| row.date).collect();
            for date in days {
                expire::expire_waiting(&mut file.case, date, &mut self.ledger);
            }
        }
    }

    /// MAM-3 for one day of a party.
    ///
    /// # Errors
    /// If the database fails.
    pub fn promote_day(&mut self, work: &mut Work<'_>, party: Party, date: Date) -> Result<()> {
        let allowance = self.ledger.allowance((party, date));
        if allowance.free() == 0 || allowance.standby + allowance.deferred == 0 || !self.can_take(date) {
            return Ok(());
        }
        let closed = self.is_closed(work, date)?;
        for (chf, id) in self.in_line(work, party, date)? {
            if self.ledger.allowance((party, date)).free() == 0 || !self.has_room(date) {
                break;
            }
            let Some((file, ledger)) = self.case_mut(chf) else { continue };
            settle::promote(&mut file.case, id, closed, ledger);
        }
        Ok(())
    }

    /// May a row be added to a day, whoever has a unit of it?
    pub(crate) fn can_take(&self, date: Date) -> bool {
        !self.takes_nothing(date) && self.has_room(date)
    }

    /// DMT-1: what a party left unused when the day was locked, Dormant installations may have taken.
    fn has_room(&self, date: Date) -> bool {
        self.rooms.get(&date).is_none_or(|room| self.ledger.used_on(date) < *room)
    }

    /// MSM-12, MAM-3: who waits for a unit of a day, first in line first: deferred rows, then by receipt, priority and
    /// place in the file; rows that were changed or added by this act included.
    fn in_line(&mut self, work: &mut Work<'_>, party: Party, date: Date) -> Result<Vec<(Eui64, RowId)>> {
        let stored = authorisations::in_line(&mut work.tx, &self.s1sp, &party, date)?;
        self.load(work, stored.iter().map(|stored| stored.chf))?;
        let mut line = Vec::new();
        for file in self.cases.each() {
            for row in
                file.case.rows.iter().filter(|row| row.state.is_waiting() && (row.party, row.date) == (party, date))
            {
                let standby = row.state == State::Standby;
                line.push(((standby, row.id.file, file.priority(row.id), row.id.row), file.installation.chf, row.id));
            }
        }
        line.sort_unstable();
        Ok(line.into_iter().map(|(_, chf, id)| (chf, id)).collect())
    }
}

fn is_under_way(chf: Eui64, row: &Authorisation, today: Date, started: &HashSet<(Eui64, Date)>) -> bool {
    let scheduled = row.state == State::Scheduled;
    row.state == State::Unknown || (scheduled && (row.date < today || started.contains(&(chf, row.date))))
}

fn takes_nothing(date: Date, today: Date, locked: &BTreeSet<Date>) -> bool {
    date < today || (date == today && locked.contains(&date))
}
