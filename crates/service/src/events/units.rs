//! The demand that goes with authorisations that pass: each takes one unit of its day with it (MAM-11), so that a refill counts
//! each unit once (MSM-13).

use crate::act::work::Work;
use crate::board::open::Board;
use crate::error::{Result, ServiceError};
use crate::responsibility::heirs::note_passed;
use jiff::civil::Date;
use sluice_rules::authorisation::kept;
use sluice_rules::authorisation::led::{Led, LedUnit};
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::authorisation::settle::{Authorisation, RowId};
use sluice_rules::authorisation::state::State;
use sluice_rules::party::Eui64;
use sluice_store::tables::responsibility::ResponsibilityEvent;
use sluice_store::tables::{follow, parties, weeks};
use std::collections::{BTreeMap, BTreeSet};

/// What passes of a day, in installations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PassedUnits {
    /// With units of allocation.
    allocation: u64,
    /// With rows that wait for one.
    waiting: u64,
    /// The allocation that the losing party keeps, which its demand covers first.
    kept: u64,
}

impl PassedUnits {
    fn wanted(self) -> u64 {
        self.allocation + self.waiting
    }

    /// MAM-11: how many units of a demand pass: no allocation, of neither party, is above the demand that it stands on (MSM-2a).
    fn of(self, demand: u64) -> u64 {
        let beyond = demand.saturating_sub(self.allocation + self.kept);
        self.allocation.min(demand) + self.waiting.min(beyond)
    }
}

/// What passes with the rows of an event at one S1SP, in installations by day.
pub(crate) struct PassingUnits {
    engine: i64,
    /// What the losing party had before.
    allocations: BTreeMap<Date, u64>,
    /// Rows that pass and wait for a unit.
    waiting: BTreeMap<Date, u64>,
    /// What comes with the lead of installations without a unit of allocation.
    came: Vec<(Eui64, RowId, Date)>,
}

impl PassingUnits {
    /// Before any row has passed.
    pub(crate) fn before(engine: i64, board: &Board, event: &ResponsibilityEvent) -> Self {
        let days = board.ledger.days_of(event.from).into_iter();
        let allocation = |date: Date| (date, board.ledger.allowance((event.from, date)).allocation);
        Self { engine, allocations: days.map(allocation).collect(), waiting: BTreeMap::new(), came: Vec::new() }
    }

    /// Counts rows of an installation that have passed, as they were before: without a unit only those count that wait for one.
    pub(crate) fn count<'r>(
        &mut self,
        board: &Board,
        event: &ResponsibilityEvent,
        chf: Eui64,
        rows: impl Iterator<Item = &'r Authorisation>,
    ) {
        let Some(file) = board.facts.dossier(chf) else { return };
        // What is held without a unit waits for the lead of another, with whom its unit of demand is.
        let waits = |row: &&Authorisation| !row.unit && (row.state != State::Held || self.engine < 5);
        let rows: Vec<&Authorisation> = rows.filter(waits).collect();
        for row in rows.into_iter().filter(|row| file.case.meters.lead_on(row.date) == Some(event.to)) {
            self.add_waiting(row.date);
        }
    }

    /// Counts what waits for a unit at an installation of which only the lead passes.
    pub(crate) fn add_waiting(&mut self, date: Date) {
        *self.waiting.entry(date).or_default() += 1;
    }

    /// Notes what comes with the lead alone; what is to be kept is kept from now on. Programs before version 5 noted nothing.
    pub(crate) fn note(&mut self, board: &mut Board, (chf, id, date): (Eui64, RowId, Date), led: Led) {
        if self.engine < 5 {
            return;
        }
        if let Some((file, ledger)) = board.change(chf) {
            kept::note(&mut file.case, id, led, ledger);
        }
        if led.unit == LedUnit::None {
            self.came.push((chf, id, date));
        }
    }

    /// The units of allocation that have passed by now, by day.
    pub(crate) fn allocation(&self, board: &Board, event: &ResponsibilityEvent) -> BTreeMap<Date, u64> {
        let now = |date: Date| board.ledger.allowance((event.from, date)).allocation;
        self.allocations.iter().map(|(date, before)| (*date, before.saturating_sub(now(*date)))).collect()
    }

    /// MAM-11: as much demand passes as units of allocation have, and for each row that waits for one, as far as the party has more
    /// than its allocation covers. With all ids of a party all its demand passes.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) fn pass_demand(self, work: &mut Work<'_>, board: &mut Board, event: &ResponsibilityEvent) -> Result<()> {
        if work.engine < 3 {
            return Ok(());
        }
        if event.kind == EventKind::Transfer && event.whole {
            return Ok(());
        }
        let allocation = self.allocation(board, event);
        let days: BTreeSet<Date> = allocation.keys().chain(self.waiting.keys()).copied().collect();
        let units = days.into_iter().map(|date| {
            let of = |units: &BTreeMap<Date, u64>| units.get(&date).copied().unwrap_or(0);
            let kept = if work.engine > 4 { kept(board, event, date) } else { 0 };
            (date, PassedUnits { allocation: of(&allocation), waiting: of(&self.waiting), kept })
        });
        let units: Vec<(Date, PassedUnits)> = units.filter(|(_, units)| units.wanted() > 0).collect();
        if units.is_empty() {
            return Ok(());
        }
        let under = parties::user_ids(&mut work.tx, &event.to)?.first().copied();
        let under = under.ok_or_else(|| ServiceError::defect(format!("{} has no User ID", event.to)))?;
        let mut lacking = BTreeMap::new();
        for (date, units) in units {
            let day = (&board.facts.s1sp, date);
            let standing = weeks::demand(&mut work.tx, day.0, date, date)?.into_iter();
            let standing = standing.filter(|demand| demand.party == event.from).map(|demand| demand.units).sum();
            let passing = units.of(standing);
            lacking.insert(date, units.wanted() - passing);
            if passing == 0 && work.engine > 4 {
                continue;
            }
            let passed = follow::pass_units(&mut work.tx, day, (&event.from, &event.to), under, passing)?;
            note_passed(work, day, (&event.from, &event.to), |counted| units.of(counted).min(passed))?;
        }
        self.forget_came(board, lacking);
        Ok(())
    }

    /// Where the losing party lacked demand for all that pass, what would have taken it without a unit of allocation took none; the
    /// last of a day first.
    fn forget_came(self, board: &mut Board, mut lacking: BTreeMap<Date, u64>) {
        for (chf, id, date) in self.came.into_iter().rev() {
            let Some(lacking) = lacking.get_mut(&date).filter(|lacking| **lacking > 0) else { continue };
            *lacking -= 1;
            if let Some((file, ledger)) = board.change(chf) {
                kept::forget(&mut file.case, id, ledger);
            }
        }
    }
}

/// The allocation of a day that the losing party keeps: of one that failed, what its rows use.
fn kept(board: &Board, event: &ResponsibilityEvent, date: Date) -> u64 {
    let left = board.ledger.allowance((event.from, date));
    match event.kind {
        EventKind::Transfer => left.allocation,
        EventKind::Appointment => left.allocation - left.free(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mam_11_what_waits_takes_no_demand_that_covers_an_allocation() {
        let of = |allocation, waiting, kept, demand| PassedUnits { allocation, waiting, kept }.of(demand);
        assert_eq!([of(2, 3, 2, 6), of(2, 3, 2, 4), of(2, 3, 2, 9)], [4, 2, 5]);
        assert_eq!([of(2, 0, 2, 1), of(0, 1, 4, 3), of(0, 1, 0, 1)], [1, 0, 1], "no more than there is");
        assert_eq!(of(2, 3, 0, 4), 4, "as programs of before judged");
    }
}
