//! The demand that goes with authorisations that pass: each takes one unit of its day with it (MAM-11), so that a refill counts
//! each unit once (MSM-13).

use crate::act::work::Work;
use crate::board::open::Board;
use crate::error::{Result, ServiceError};
use crate::responsibility::heirs::note_passed;
use jiff::civil::Date;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::authorisation::settle::Authorisation;
use sluice_rules::party::Eui64;
use sluice_store::tables::lead::{self, CameWithLead};
use sluice_store::tables::parties;
use sluice_store::tables::responsibility::{self, ResponsibilityEvent};
use std::collections::BTreeMap;

/// What passes with the rows of an event at one S1SP, in installations by day.
pub(crate) struct PassingUnits {
    /// What the losing party had before.
    allocations: BTreeMap<Date, u64>,
    /// Rows that pass and wait for a unit.
    waiting: BTreeMap<Date, u64>,
    /// What comes to the gaining party with the lead of installations that it has not authorised.
    came: Vec<CameWithLead>,
}

impl PassingUnits {
    /// Before any row has passed.
    pub(crate) fn before(board: &Board, event: &ResponsibilityEvent) -> Self {
        let days = board.ledger.days_of(event.from).into_iter();
        let allocation = |date: Date| (date, board.ledger.allowance((event.from, date)).allocation);
        Self { allocations: days.map(allocation).collect(), waiting: BTreeMap::new(), came: Vec::new() }
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
        for row in rows.filter(|row| !row.unit && file.case.meters.lead_on(row.date) == Some(event.to)) {
            self.add_waiting(row.date);
        }
    }

    /// Counts what waits for a unit at an installation of which only the lead passes.
    pub(crate) fn add_waiting(&mut self, date: Date) {
        *self.waiting.entry(date).or_default() += 1;
    }

    /// Notes what comes with the lead alone.
    pub(crate) fn add_came(&mut self, came: CameWithLead) {
        self.came.push(came);
    }

    /// The units of allocation that have passed by now, by day.
    pub(crate) fn allocation(&self, board: &Board, event: &ResponsibilityEvent) -> BTreeMap<Date, u64> {
        let now = |date: Date| board.ledger.allowance((event.from, date)).allocation;
        self.allocations.iter().map(|(date, before)| (*date, before.saturating_sub(now(*date)))).collect()
    }

    /// MAM-11: as much demand passes as units of allocation have, and for each row that waits for one, as far as there is any.
    /// With all ids of a party all its demand passes.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) fn pass_demand(self, work: &mut Work<'_>, board: &Board, event: &ResponsibilityEvent) -> Result<()> {
        if work.engine < 3 {
            return Ok(());
        }
        if event.kind == EventKind::Transfer && event.whole {
            return self.keep_came(work, BTreeMap::new());
        }
        let mut units = self.allocation(board, event);
        for (date, waiting) in &self.waiting {
            *units.entry(*date).or_default() += waiting;
        }
        units.retain(|_, units| *units > 0);
        if units.is_empty() {
            return Ok(());
        }
        let under = parties::user_ids(&mut work.tx, &event.to)?.first().copied();
        let under = under.ok_or_else(|| ServiceError::defect(format!("{} has no User ID", event.to)))?;
        let mut lacking = BTreeMap::new();
        for (date, units) in units {
            let day = (&board.facts.s1sp, date);
            let passed = responsibility::pass_units(&mut work.tx, day, (&event.from, &event.to), under, units)?;
            note_passed(work, day, (&event.from, &event.to), passed)?;
            lacking.insert(date, units - passed);
        }
        self.keep_came(work, lacking)
    }

    /// Keeps what came with the lead. Where the losing party lacked demand for all that pass, what would have taken it without a unit
    /// of allocation took none; the last of a day first.
    fn keep_came(self, work: &mut Work<'_>, mut lacking: BTreeMap<Date, u64>) -> Result<()> {
        for came in self.came.into_iter().rev().filter(|_| work.engine > 4) {
            match lacking.get_mut(&came.date).filter(|lacking| !came.unit && **lacking > 0) {
                Some(lacking) => *lacking -= 1,
                None => lead::set(&mut work.tx, &came)?,
            }
        }
        Ok(())
    }
}
