//! The end of an act on a board: everything that follows from its changes, so that no act can leave a part of it out.

use crate::act::work::Work;
use crate::board::changed::Changed;
use crate::board::open::Board;
use crate::error::Result;
use crate::facts::s1sp::Facts;
use crate::schedule::issue::issue_again;
use jiff::civil::Date;
use sluice_rules::authorisation::expire;
use sluice_rules::authorisation::kept;
use sluice_rules::authorisation::led::LedUnit;
use sluice_rules::authorisation::settle::{self, Authorisation};
use sluice_rules::authorisation::standby::PartyDay;
use sluice_store::tables::results::{self, AllocationRecord};
use std::collections::{BTreeMap, BTreeSet};

/// What an act does itself of what follows from its changes.
#[derive(Debug, Clone, Default)]
pub struct Ending {
    /// The authorisation file that the act answers.
    pub own: Option<i64>,
    /// The day whose schedule the act issues, or does not change: a report of outcomes takes nothing out of a schedule.
    pub but: Option<Date>,
    /// Days whose schedules are another one for a reason beside the board.
    pub also: BTreeSet<Date>,
}

/// A board on which all units that came free have been given on. Its changes are kept by [`Settled::finish`].
#[must_use = "what was changed is kept by finishing the board"]
pub struct Settled(Board);

impl Board {
    /// STOP-1, MAM-3: stops what an order in force covers, and gives the units that came free to those in line for them.
    ///
    /// # Errors
    /// If the database fails.
    pub fn settle(mut self, work: &mut Work<'_>) -> Result<Settled> {
        self.apply_stops();
        self.close_kept(work)?;
        self.promote(work)?;
        self.mark_narrowed();
        Ok(Settled(self))
    }

    /// MAM-11: of a date that is closed nothing is kept, also where an undone import gives back what it was kept for (REF-2).
    fn close_kept(&mut self, work: &mut Work<'_>) -> Result<()> {
        let is_kept = |row: &Authorisation| row.led.is_some_and(|led| led.unit == LedUnit::Kept);
        let rows = self.facts.each().flat_map(|file| &file.case.rows);
        let dates: BTreeSet<Date> = rows.filter(|row| is_kept(row)).map(|row| row.date).collect();
        for date in dates {
            if !self.is_closed(work, date)? {
                continue;
            }
            for chf in self.facts.that(|file| file.case.rows.iter().any(is_kept)) {
                if let Some((file, ledger)) = self.change(chf) {
                    kept::close(&mut file.case, date, ledger);
                }
            }
        }
        Ok(())
    }

    /// Settles the board and keeps its changes. Gives those of authorisations that were there before.
    ///
    /// # Errors
    /// If the database fails.
    pub fn finish(self, work: &mut Work<'_>) -> Result<Vec<Changed>> {
        self.settle(work)?.finish(work, Ending::default())
    }
}

impl Settled {
    /// The installations as they are now.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.0.facts
    }

    /// SCH-1, SCH-2: the day is locked: what stands for it goes into its schedule, and what waits for it waits no more.
    pub fn close_day(&mut self, date: Date) {
        for chf in self.0.facts.installations() {
            let Some((dossier, ledger)) = self.0.change(chf) else { continue };
            settle::schedule(&mut dossier.case, date, ledger);
            expire::expire_waiting(&mut dossier.case, date, ledger);
        }
    }

    /// MAM-11: what nothing uses of a day is the party's no more.
    pub fn release(&mut self, day: PartyDay) {
        self.0.ledger.release(day);
    }

    /// Keeps the changes: authorisations, responses, notices, allocations, and the schedules that are others with them. Gives
    /// the changes of authorisations that were there before.
    ///
    /// # Errors
    /// If the database fails.
    pub fn finish(self, work: &mut Work<'_>, ending: Ending) -> Result<Vec<Changed>> {
        self.finish_with(work, ending, |_| Ok((BTreeSet::new(), ()))).map(|(changed, ())| changed)
    }

    /// The same with something that happens between the changes and the schedules; it gives the days whose schedules are
    /// others by it.
    ///
    /// # Errors
    /// If the database fails, or what `between` says.
    pub fn finish_with<T>(
        mut self,
        work: &mut Work<'_>,
        ending: Ending,
        between: impl FnOnce(&mut Work<'_>) -> Result<(BTreeSet<Date>, T)>,
    ) -> Result<(Vec<Changed>, T)> {
        work.boards = work.boards.saturating_sub(1);
        let changed = self.0.save(work, ending.own)?;
        self.save_allocations(work)?;
        let (mut days, value) = between(work)?;
        days.extend(ending.also);
        days.extend(changed.iter().filter(|change| change.touches_schedule()).map(Changed::date));
        for date in days.into_iter().filter(|date| Some(*date) != ending.but) {
            issue_again(work, self.0.facts.s1sp, date)?;
        }
        Ok((changed, value))
    }

    /// MAM-11: the allocations that have gone from one party to another, or back to nobody.
    fn save_allocations(&self, work: &mut Work<'_>) -> Result<()> {
        let changed: Vec<(PartyDay, u64)> = self.0.ledger.reallocated().collect();
        if changed.is_empty() {
            return Ok(());
        }
        let s1sp = &self.0.facts.s1sp;
        let held = results::allocations(&mut work.tx, s1sp, Date::MIN, Date::MAX)?;
        let held: BTreeMap<PartyDay, AllocationRecord> =
            held.into_iter().map(|record| ((record.party, record.date), record)).collect();
        for ((party, date), units) in changed {
            let record = held.get(&(party, date)).copied();
            let record = record.unwrap_or(AllocationRecord { date, party, units: 0, handed_back: 0 });
            if record.units != units {
                results::set_allocation(&mut work.tx, s1sp, &AllocationRecord { units, ..record })?;
            }
        }
        Ok(())
    }
}
