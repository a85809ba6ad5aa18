//! STOP-1: stop orders in force, and rows that they cover.

use crate::board::open::Board;
use crate::facts::dossier::Dossier;
use jiff::civil::Date;
use sluice_rules::authorisation::settle::{Authorisation, RowId};
use sluice_rules::authorisation::state::State;
use sluice_rules::authorisation::stopping;
use sluice_rules::codes::RowCode;
use sluice_rules::party::Eui64;

/// STOP-1: does an order in force cover an installation on a date?
pub(in crate::board) fn is_covered(file: &Dossier, date: Date) -> bool {
    file.stops.iter().any(|stop| stop.covers(&file.case.meters, date))
}

impl Board {
    /// STOP-1: rows that an order in force covers are stopped, and those that none covers any more stand as they stood. What is
    /// stopped when its day is locked, or over, is deferred, or ends as standby does.
    pub fn apply_stops(&mut self) {
        let concerned =
            |file: &Dossier| !file.stops.is_empty() || file.case.rows.iter().any(|row| row.state == State::Stopped);
        for chf in self.facts.that(concerned) {
            let Some(file) = self.facts.dossier(chf) else { continue };
            let (mut stopped, mut lifted, mut outlasted) = (Vec::new(), Vec::new(), Vec::new());
            for row in &file.case.rows {
                match (row.state == State::Stopped, is_covered(file, row.date)) {
                    (true, false) => lifted.push(row.id),
                    (true, true) if self.outlasts_a_stop(row.date) => outlasted.push(row.id),
                    (false, true) if self.can_stop(chf, row) => stopped.push(row.id),
                    _ => {}
                }
            }
            let keeps: Vec<Date> = file.case.rows.iter().map(|row| row.date).filter(|date| self.keeps(*date)).collect();
            let Some((file, ledger)) = self.change(chf) else { continue };
            stopping::stop(&mut file.case, &stopped, |date| keeps.contains(&date), ledger);
            stopping::lift(&mut file.case, &lifted, ledger);
            stopping::outlast_stop(&mut file.case, &outlasted, ledger);
            self.explain_each(chf, &stopped, RowCode::MA124.code());
            self.explain_each(chf, &lifted, "");
            self.explain_each(chf, &outlasted, "");
        }
    }

    fn explain_each(&mut self, chf: Eui64, ids: &[RowId], codes: &str) {
        ids.iter().for_each(|id| self.explain(chf, *id, codes));
    }

    /// Can a row be stopped? Of a day that is closed only what stands for it: what waits beside it is first in line for another.
    fn can_stop(&self, chf: Eui64, row: &Authorisation) -> bool {
        let open = row.state.is_open() && !self.facts.is_under_way(chf, row);
        let stands = matches!(row.state, State::Scheduled | State::Accepted) || (row.state == State::Held && row.unit);
        open && (self.engine < 3 || self.keeps(row.date) || (stands && row.date >= self.facts.today))
    }

    /// STOP-1: a stopped row keeps its unit until the lock of its day. Programs of before took it at once.
    fn keeps(&self, date: Date) -> bool {
        let closed = date < self.facts.today || self.is_locked(date) || self.closing == Some(date);
        self.engine > 2 && !closed
    }

    /// Is a day of stopped rows being locked, or over?
    fn outlasts_a_stop(&self, date: Date) -> bool {
        self.engine > 2 && (date < self.facts.today || self.closing == Some(date))
    }
}
