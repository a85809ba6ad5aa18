//! MAM-3, MSM-12: units that came free go to the rows in line for them, and what stands or waits for a day that is locked or has
//! begun follows its schedule (SCH-1, SCH-2).

use crate::act::work::Work;
use crate::board::open::{Board, takes_nothing};
use crate::board::stops::is_covered;
use crate::error::Result;
use jiff::civil::Date;
use sluice_rules::authorisation::expire;
use sluice_rules::authorisation::settle::{self, Authorisation, RowId};
use sluice_rules::authorisation::state::State;
use sluice_rules::authorisation::stopping;
use sluice_rules::party::{Eui64, Party};
use sluice_store::tables::authorisations;
use std::collections::BTreeSet;

impl Board {
    /// MAM-3: gives units that came free to the rows in line for them, first in line first, until none is left.
    ///
    /// # Errors
    /// If the database fails.
    pub(in crate::board) fn promote(&mut self, work: &mut Work<'_>) -> Result<()> {
        // What was missing beside a unit that is free already may be there now: a supplier that is needed no more, say.
        let waits = self.facts.each().flat_map(|file| &file.case.rows).filter(|row| row.state.is_waiting());
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

    /// SCH-1: what stands for a day that is locked goes into the next version of its schedule; on the day itself and after
    /// it nothing is added any more, and the row is first in line for another. So is what stands for a day that is over
    /// without a schedule.
    fn schedule_locked(&mut self) {
        let (today, locked) = (self.facts.today, &self.locked);
        let stands =
            |row: &Authorisation| row.state == State::Accepted && (row.date < today || locked.contains(&row.date));
        for chf in self.facts.that(|file| file.case.rows.iter().any(stands)) {
            let Some(file) = self.facts.dossier_mut(chf) else { continue };
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
        let (today, locked) = (self.facts.today, &self.locked);
        let waits = |row: &Authorisation| {
            matches!(row.state, State::Held | State::Standby) && takes_nothing(row.date, today, locked)
        };
        for chf in self.facts.that(|file| file.case.rows.iter().any(waits)) {
            let Some(file) = self.facts.dossier_mut(chf) else { continue };
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
            let Some((file, ledger)) = self.change(chf) else { continue };
            settle::promote(&mut file.case, id, closed, ledger);
        }
        Ok(())
    }

    /// MSM-12: what a cut took a unit from, and is stopped or suspended since, has one again where its turn is among what is deferred: for
    /// the end of the stop (STOP-1), or to go with it to who adopts it (MAM-11). A locked day keeps none. Programs of before passed it by.
    ///
    /// # Errors
    /// If the database fails.
    pub fn keep_aside(&mut self, work: &mut Work<'_>, party: Party, date: Date) -> Result<()> {
        let free = usize::try_from(self.ledger.allowance((party, date)).free()).unwrap_or(usize::MAX);
        if self.engine < 8 || free == 0 || self.is_locked(date) {
            return Ok(());
        }
        let mut line = authorisations::of_day(&mut work.tx, &self.facts.s1sp, date)?;
        let in_line = |row: &Authorisation| row.state == State::Deferred || row.is_first_in_line_aside();
        line.retain(|stored| stored.row.party == party && in_line(&stored.row));
        line.sort_by_key(|stored| (stored.row.id.file, stored.priority, stored.row.id.row));
        self.facts.load(work, line.iter().map(|stored| stored.chf))?;
        for stored in line.into_iter().take(free).filter(|stored| stored.row.is_first_in_line_aside()) {
            if let Some((file, ledger)) = self.change(stored.chf) {
                stopping::keep_unit(&mut file.case, stored.row.id, ledger);
            }
        }
        Ok(())
    }

    /// MSM-12, MAM-3: who waits for a unit of a day, first in line first: deferred rows, then by receipt, priority and
    /// place in the file; rows that were changed or added by this act included.
    fn in_line(&mut self, work: &mut Work<'_>, party: Party, date: Date) -> Result<Vec<(Eui64, RowId)>> {
        let stored = authorisations::in_line(&mut work.tx, &self.facts.s1sp, &party, date)?;
        self.facts.load(work, stored.iter().map(|stored| stored.chf))?;
        let mut line = Vec::new();
        for file in self.facts.each() {
            // STOP-1: what is first in line beyond its day while an order covers it takes no unit.
            if self.engine > 2 && is_covered(file, date) {
                continue;
            }
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
