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
use sluice_store::tables::parties;
use sluice_store::tables::responsibility::{self, ResponsibilityEvent};
use std::collections::BTreeMap;

/// What passes with the rows of an event at one S1SP, in installations by day.
pub(crate) struct PassingUnits {
    /// What the losing party had before.
    allocations: BTreeMap<Date, u64>,
    /// Rows that pass and wait for a unit.
    waiting: BTreeMap<Date, u64>,
}

impl PassingUnits {
    /// Before any row has passed.
    pub(crate) fn before(board: &Board, event: &ResponsibilityEvent) -> Self {
        let days = board.ledger.days_of(event.from).into_iter();
        let allocation = |date: Date| (date, board.ledger.allowance((event.from, date)).allocation);
        Self { allocations: days.map(allocation).collect(), waiting: BTreeMap::new() }
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
            *self.waiting.entry(row.date).or_default() += 1;
        }
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
        let all_passes = event.kind == EventKind::Transfer && event.whole;
        if work.engine < 3 || all_passes {
            return Ok(());
        }
        let mut units = self.allocation(board, event);
        for (date, waiting) in self.waiting {
            *units.entry(date).or_default() += waiting;
        }
        units.retain(|_, units| *units > 0);
        if units.is_empty() {
            return Ok(());
        }
        let under = parties::user_ids(&mut work.tx, &event.to)?.first().copied();
        let under = under.ok_or_else(|| ServiceError::defect(format!("{} has no User ID", event.to)))?;
        for (date, units) in units {
            let day = (&board.facts.s1sp, date);
            let passed = responsibility::pass_units(&mut work.tx, day, (&event.from, &event.to), under, units)?;
            note_passed(work, day, (&event.from, &event.to), passed)?;
        }
        Ok(())
    }
}
