//! STOP-1: stop orders in force, and rows that they cover.

use crate::board::open::Board;
use crate::facts::dossier::Dossier;
use sluice_rules::authorisation::settle::{self, Authorisation, RowId};
use sluice_rules::authorisation::state::State;
use sluice_rules::codes::RowCode;

impl Board {
    /// STOP-1: rows that an order in force covers are stopped, and stopped ones that none covers any more are first in line.
    pub fn apply_stops(&mut self) {
        let concerned =
            |file: &Dossier| !file.stops.is_empty() || file.case.rows.iter().any(|row| row.state == State::Stopped);
        for chf in self.facts.that(concerned) {
            let Some(file) = self.facts.dossier(chf) else { continue };
            let covered = |row: &Authorisation| file.stops.iter().any(|stop| stop.covers(&file.case.meters, row.date));
            let (mut stopped, mut lifted) = (Vec::new(), Vec::new());
            for row in &file.case.rows {
                match row.state {
                    State::Stopped if !covered(row) => lifted.push(*row),
                    state if state.is_open() && !self.facts.is_under_way(chf, row) && covered(row) => {
                        stopped.push(*row)
                    }
                    _ => {}
                }
            }
            let ids = |rows: &[Authorisation]| rows.iter().map(|row| row.id).collect::<Vec<RowId>>();
            let (to_stop, to_lift) = (ids(&stopped), ids(&lifted));
            let Some((file, ledger)) = self.change(chf) else { continue };
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
}
