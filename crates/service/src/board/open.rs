//! The board of an act: installations of one S1SP, the units of the parties, and what may still be changed on which day.

use crate::act::work::Work;
use crate::books::calendar::week_of;
use crate::books::terms::MamTerms;
use crate::error::Result;
use crate::facts::dossier::Dossier;
use crate::facts::room::room_on;
use crate::facts::s1sp::Facts;
use jiff::civil::Date;
use sluice_rules::authorisation::settle::{Case, RowId};
use sluice_rules::authorisation::standby::Ledger;
use sluice_rules::authorisation::state::State;
use sluice_rules::calendar::Milestone;
use sluice_rules::party::{Eui64, S1sp};
use sluice_store::tables::authorisations::StoredAuthorisation;
use sluice_store::tables::results::{self, AllocationRecord};
use sluice_store::tables::{schedules, uses, weeks};
use std::collections::{BTreeMap, BTreeSet};

/// The installations of one S1SP that an act changes. What is changed is kept by [`Board::finish`] and by nothing else, with
/// everything that follows from it.
#[must_use = "what was changed is kept by finishing the board"]
pub struct Board {
    /// The installations, with everything that decides on them.
    pub facts: Facts,
    /// The units of the parties.
    pub ledger: Ledger,
    /// From when on all allocations are in it, and of which earlier days.
    allotted: (Date, BTreeSet<Date>),
    closed: BTreeMap<Date, bool>,
    pub(in crate::board) locked: BTreeSet<Date>,
    /// Of locked days that lie ahead: how many authorised installations have room beside the Dormant ones (DMT-1).
    rooms: BTreeMap<Date, u64>,
    /// The import that rows lapse for, if one is applied (REF-2).
    pub cause: Option<i64>,
    /// The day that is being locked: for it a stop has had its time (STOP-1).
    pub closing: Option<Date>,
    /// The version of the rules that decide.
    pub(in crate::board) engine: i64,
}

impl Board {
    /// An empty board of an S1SP.
    ///
    /// # Errors
    /// If the database fails.
    pub fn open(work: &mut Work<'_>, s1sp: S1sp, terms: MamTerms) -> Result<Self> {
        work.boards += 1;
        let facts = Facts::open(work, s1sp, terms)?;
        let uses = uses::of(&mut work.tx, &s1sp, Date::MIN, Date::MAX)?;
        let in_use: BTreeSet<Date> = uses.keys().map(|(_, date)| *date).collect();
        // An event gives back what ended for days long over, and asks whether they were locked.
        let locked: BTreeSet<Date> = schedules::locked_days(&mut work.tx, &s1sp, Date::MIN)?.into_iter().collect();
        let mut rooms = BTreeMap::new();
        for date in locked.range(facts.today..).filter(|date| **date > facts.today) {
            rooms.insert(*date, room_on(&mut work.tx, s1sp, *date)?);
        }
        let mut board = Self {
            ledger: Ledger::new(uses),
            allotted: (facts.today, BTreeSet::new()),
            facts,
            closed: BTreeMap::new(),
            locked,
            rooms,
            cause: None,
            closing: None,
            engine: work.engine,
        };
        let ahead = results::allocations(&mut work.tx, &s1sp, board.facts.today, Date::MAX)?;
        board.allot(ahead);
        board.need_days(work, in_use)?;
        Ok(board)
    }

    /// The allocations of days that are over are read for those of which something is asked: of all days they would be more with every
    /// week. Of what is live they are known.
    ///
    /// # Errors
    /// If the database fails.
    pub fn need_days(&mut self, work: &mut Work<'_>, days: impl IntoIterator<Item = Date>) -> Result<()> {
        let today = self.allotted.0;
        let over: BTreeSet<Date> =
            days.into_iter().filter(|day| *day < today && self.allotted.1.insert(*day)).collect();
        if !over.is_empty() {
            let found = results::allocations_of(&mut work.tx, &self.facts.s1sp, &over)?;
            self.allot(found);
        }
        Ok(())
    }

    fn allot(&mut self, found: Vec<AllocationRecord>) {
        self.ledger.allot(found.into_iter().map(|record| ((record.party, record.date), record.units)));
    }

    /// An installation with the units of the parties, to change it.
    #[must_use]
    pub fn change(&mut self, chf: Eui64) -> Option<(&mut Dossier, &mut Ledger)> {
        let dossier = self.facts.dossier_mut(chf)?;
        Some((dossier, &mut self.ledger))
    }

    /// Adds authorisations of an installation that have ended, to give them back.
    ///
    /// # Errors
    /// If the database fails.
    pub fn add_ended(&mut self, work: &mut Work<'_>, chf: Eui64, rows: &[StoredAuthorisation]) -> Result<()> {
        self.need_days(work, rows.iter().map(|stored| stored.row.date))?;
        if let Some(dossier) = self.facts.dossier_mut(chf) {
            dossier.add_ended(rows);
        }
        Ok(())
    }

    /// Notes the codes for which an authorisation changes, in the act's own words.
    pub fn explain(&mut self, chf: Eui64, id: RowId, codes: &str) {
        if let Some(dossier) = self.facts.dossier_mut(chf) {
            dossier.explain(codes, |stored| stored.row.id == id);
        }
    }

    /// The same for every authorisation of an installation for a day.
    pub fn explain_day(&mut self, chf: Eui64, date: Date, codes: &str) {
        if let Some(dossier) = self.facts.dossier_mut(chf) {
            dossier.explain(codes, |stored| stored.row.date == date);
        }
    }

    /// MAM-8: marks the rows that stand for the one meter that their supplier keeps. What is under way stays as it was.
    pub(in crate::board) fn mark_narrowed(&mut self) {
        if self.engine < 3 {
            return;
        }
        for file in self.facts.each_mut() {
            let Case { meters, rows, under_way, .. } = &mut file.case;
            for row in rows.iter_mut().filter(|row| !under_way.contains(&row.date)) {
                let counts = row.state.is_open() || row.state == State::Stopped;
                row.narrowed = counts && meters.lost_beside(row.party, row.date).is_some();
            }
        }
    }

    /// SCH-1: is the schedule of a day locked?
    #[must_use]
    pub fn is_locked(&self, date: Date) -> bool {
        self.locked.contains(&date)
    }

    /// SCH-1: is a day over, or has it begun with a locked schedule? Then nothing is added to it any more.
    pub(in crate::board) fn takes_nothing(&self, date: Date) -> bool {
        takes_nothing(date, self.facts.today, &self.locked)
    }

    /// May a row be added to a day, whoever has a unit of it?
    #[must_use]
    pub fn can_take(&self, date: Date) -> bool {
        !self.takes_nothing(date) && self.has_room(date)
    }

    /// DMT-1: what a party left unused when the day was locked, Dormant installations may have taken.
    pub(in crate::board) fn has_room(&self, date: Date) -> bool {
        self.rooms.get(&date).is_none_or(|room| self.ledger.used_on(date) < *room)
    }

    /// Has the authorisation cut-off of a date's week passed, or is the date closed before it?
    ///
    /// # Errors
    /// If the week cannot be placed in the calendar.
    pub fn is_closed(&mut self, work: &mut Work<'_>, date: Date) -> Result<bool> {
        if let Some(closed) = self.closed.get(&date) {
            return Ok(*closed);
        }
        let monday = week_of(date)?;
        let calendar = work.week(monday)?;
        // CAL-7: a day whose lock an outage's cut-off has passed by is closed with its lock.
        let with_lock = self.engine > 6 && calendar.closes_with_its_lock(date).is_some_and(|lock| lock <= work.now);
        // With a grace the cut-off's work comes later than the cut-off (CAL-3); until then nothing has expired.
        let (cutoff, s1sp) = (Milestone::AuthorisationCutoff, &self.facts.s1sp);
        let closed =
            with_lock || (calendar.at(cutoff) <= work.now && weeks::has_passed(&mut work.tx, s1sp, monday, cutoff)?);
        self.closed.insert(date, closed);
        Ok(closed)
    }
}

/// The same beside the installations, while they are changed.
pub(in crate::board) fn takes_nothing(date: Date, today: Date, locked: &BTreeSet<Date>) -> bool {
    date < today || (date == today && locked.contains(&date))
}
