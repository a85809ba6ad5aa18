//! Demand files: good, repeated, with a slip, for the wrong week, of the wrong days.

use crate::check::Content;
use crate::error::Result;
use crate::run::Simulation;
use jiff::ToSpan;
use jiff::civil::Date;
use sluice_rules::calendar::days_of_week;
use sluice_rules::file::FileKind;
use sluice_rules::party::{Eui64, S1sp};
use sluice_service::act::actor::Actor;
use sluice_service::weeks::confirm::Confirm;
use sluice_store::tables::convert::date_number;
use sluice_wire::name::FileName;
use sluice_wire::template::{For, demand};
use sluice_wire::text::csv_line;

impl Simulation<'_> {
    /// A supplier sends a demand file; sometimes an earlier one again.
    pub(crate) fn send_demand(&mut self, week: usize) -> Result<()> {
        let again: Vec<_> = self.files.iter().filter(|(_, name, ..)| name.starts_with("DC")).cloned().collect();
        if self.chance(8)
            && let Some((party, name, bytes, content)) = self.one(&again)
        {
            return self.hand_in(party, &name, &bytes, content).map(drop);
        }
        let supplier = self.random.usize(..self.world.suppliers.len());
        let supplier = self.world.suppliers[supplier].clone();
        let user_id = supplier.ids[self.random.usize(..supplier.ids.len())];
        let s1sp = self.random.usize(..self.world.s1sps.len());
        let s1sp = self.s1sp(s1sp);
        let monday = self.world.weeks[week].saturating_add(if self.chance(3) { 7.days() } else { 0.days() });
        let largest = self.random.u64(1..=9);
        // FI21: a zero too many.
        let factor = if self.chance(8) { 12 } else { 1 };
        let units: [u64; 7] = std::array::from_fn(|_| self.random.u64(0..=largest) * factor);
        let name = FileName::of_week(FileKind::DemandCommitment, Some(supplier.party), user_id, s1sp, monday);
        let Ok(days) = days_of_week(monday) else { return Ok(()) };
        if self.chance(8) {
            let filled = demand(&For { party: supplier.party, user_id, s1sp, week: days }, 1_000_000, Vec::new());
            let workbook = filled.with_demand(units).workbook().map_err(crate::error::SimError::defect)?;
            return self.hand_in(supplier.party, &format!("{name}.xlsx"), &workbook, content(&days, units)).map(drop);
        }
        let text = self.demand_text(&days, units);
        self.hand_in(supplier.party, &format!("{name}.csv"), text.as_bytes(), content(&days, units)).map(drop)
    }

    /// The content; sometimes with a day missing, twice, or of another week, or with a figure that is none.
    fn demand_text(&mut self, days: &[Date; 7], units: [u64; 7]) -> String {
        let slip = self.random.usize(..60);
        let mut text = csv_line(["Migration Date", "Demand"]);
        for (place, (day, units)) in days.iter().zip(units).enumerate() {
            let day = match (slip, place) {
                (0, 3) => days[2],
                (1, 6) => day.saturating_add(7.days()),
                _ => *day,
            };
            let figure = if (slip, place) == (2, 4) { "TBC".to_owned() } else { units.to_string() };
            if (slip, place) != (3, 5) {
                text.push_str(&csv_line([day.strftime("%d/%m/%Y").to_string().as_str(), &figure]));
            }
        }
        text
    }

    /// A supplier confirms what is held; or an operator takes what was refused wrongly.
    pub(crate) fn confirm(&mut self) -> Result<()> {
        let held = |wanted: &'static [&'static str]| {
            move |(_, file): &(&i64, &crate::look::File)| file.kind == "DC" && wanted.contains(&file.status.as_str())
        };
        let ids = |look: &crate::look::Look, wanted| -> Vec<i64> {
            look.files.iter().filter(held(wanted)).map(|(id, _)| *id).collect()
        };
        if self.chance(65) {
            let held = ids(&self.look, &["HELD"]);
            let Some(file) = self.one(&held) else { return Ok(()) };
            let Ok(sender) = self.look.files[&file].sender.parse() else { return Ok(()) };
            return self
                .act(&format!("{sender} confirms file {file}"), &Actor::supplier(sender), Confirm::of(file))
                .map(drop);
        }
        let refused = ids(&self.look, &["REFUSED", "LAPSED"]);
        let Some(file) = self.one(&refused) else { return Ok(()) };
        let (by, _) = self.operator();
        let taken = self.service.take_refused(self.now, &by, file, "it was in time");
        self.after(&format!("takes refused file {file}"), taken).map(drop)
    }
}

fn content(days: &[Date; 7], units: [u64; 7]) -> Content {
    let figure = |units: u64| i64::try_from(units).unwrap_or(i64::MAX);
    Content::Demand(days.iter().zip(units).map(|(day, units)| (date_number(*day), figure(units))).collect())
}

/// The name of a file with a stamp.
pub(crate) fn stamped(kind: &str, s1sp: S1sp, user_id: Eui64, stamp: jiff::civil::DateTime) -> String {
    format!("{kind}_{s1sp}_{user_id}_{}", stamp.strftime("%Y%m%d_%H%M%S"))
}
