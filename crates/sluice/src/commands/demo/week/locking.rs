//! The cut-off, and the five evenings on which a day is locked.

use super::{WEEK, Week, at};
use crate::commands::print_line;
use crate::failure::Failure;
use crate::show::{count, table};
use sluice_rules::reference::ReferenceKind;
use sluice_service::cases::lock::LockDay;
use sluice_store::Scope;
use sluice_store::tables::{authorisations, installations, issued, parties};
use std::collections::BTreeMap;

/// The evenings on which the days of the week are locked, in July: one Working Day before each.
const EVENINGS: [i8; 5] = [23, 26, 27, 28, 29];

impl Week {
    /// The authorisation cut-off, then each day is locked on the evening before, with fresh reference data.
    ///
    /// # Errors
    /// If the database fails.
    pub fn lock(&mut self) -> Result<(), Failure> {
        print_line("\n6. Authorisations close; each evening the next day is judged again and locked\n")?;
        self.wait_until(at(7, 21, 18, 0)?)?;
        let mut rows = Vec::new();
        let mut changed: BTreeMap<String, u64> = BTreeMap::new();
        for (evening, date) in EVENINGS.into_iter().zip(Self::migration_days()?) {
            self.wait_until(at(7, evening, 17, 30)?)?;
            self.refresh()?;
            self.wait_until(at(7, evening, 18, 0)?)?;
            let mut row = vec![date.to_string()];
            for s1sp in self.s1sps()? {
                let act = LockDay { s1sp, date, waiver: None };
                let locked = self.session.service.act(self.session.now, &self.operator, act)?;
                row.push(locked.lines.to_string());
                for (state, rows) in locked.changed {
                    *changed.entry(state).or_default() += rows;
                }
            }
            rows.push(row);
        }
        let s1sps: Vec<String> = self.s1sps()?.iter().map(ToString::to_string).collect();
        let header: Vec<&str> = std::iter::once("Scheduled").chain(s1sps.iter().map(String::as_str)).collect();
        print_line(&table(&header, rows))?;
        let changed: Vec<String> =
            changed.iter().map(|(state, rows)| format!("{rows} {}", state.to_ascii_lowercase())).collect();
        print_line(&format!("   Authorisations at the locks: {}.", changed.join(", ")))?;
        self.one_installation()
    }

    /// REF-1: the same tables again, as they stand now; nothing differs.
    fn refresh(&mut self) -> Result<(), Failure> {
        for kind in [ReferenceKind::Epcl, ReferenceKind::Registrations, ReferenceKind::Inventory] {
            let path = self.folder.join("reference").join(format!("{kind}.csv"));
            let text = std::fs::read_to_string(&path).map_err(|error| Failure::read(&path, &error))?;
            self.import(kind, &text, None)?;
        }
        Ok(())
    }

    /// One home's way through the week.
    fn one_installation(&mut self) -> Result<(), Failure> {
        let mut tx = self.session.service.store().read(Scope::Dcc)?;
        let dictionary = parties::Dictionary::load(&mut tx)?;
        let (mut chosen, mut most) = (None, 0);
        for (s1sp, ..) in super::programme::s1sps(self.installations)? {
            for stored in authorisations::of_day(&mut tx, &s1sp, WEEK)? {
                let rows = authorisations::of_installation(&mut tx, stored.chf)?;
                if rows.len() > most {
                    (chosen, most) = (Some(stored.chf), rows.len());
                }
            }
        }
        let Some(chf) = chosen else { return Ok(()) };
        print_line("\n7. One home's way through the week\n")?;
        let mut told = Vec::new();
        let key = sluice_store::tables::convert::eui_number(chf);
        installations::find(&mut tx, &dictionary, &[key], |home| {
            told.push(format!("   {chf} is served by {}, MPAN {}", home.s1sp, home.mpan));
        })?;
        for stored in authorisations::of_installation(&mut tx, chf)? {
            let name = sluice_store::tables::record::received(&mut tx, stored.row.id.file)?.name;
            let words = sluice_service::verdicts::state_in_words(&stored.row, &stored.codes);
            told.push(format!("   {} in {name}, row {}: {words}", stored.row.party, stored.row.id.row));
            let answers = issued::answering(&mut tx, stored.row.id.file)?;
            let last = answers.last().map(|answer| answer.name.clone()).unwrap_or_default();
            told.push(format!("     answered {}, last by {last}", count(answers.len(), "time")));
        }
        told.iter().try_for_each(|line| print_line(line))
    }
}
