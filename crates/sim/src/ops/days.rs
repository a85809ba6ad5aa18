//! The days: locks and outcomes.

use crate::check::Content;
use crate::error::Result;
use crate::run::Simulation;
use jiff::ToSpan;
use jiff::civil::Date;
use sluice_rules::calendar::LONDON;
use sluice_rules::party::Eui64;
use sluice_service::days::lock::LockDay;
use sluice_store::tables::convert::date_number;
use sluice_wire::layout;
use sluice_wire::text::csv_line;

impl Simulation<'_> {
    pub(crate) fn lock(&mut self, s1sp: usize, date: Date) -> Result<()> {
        let (by, _) = self.operator();
        let waiver = self.chance(80).then(|| "the data are late".to_owned());
        let act = LockDay { s1sp: self.s1sp(s1sp), date, waiver };
        self.act(&format!("locks {} {date}", act.s1sp), &by, act).map(drop)
    }

    /// The S1SP reports about a part of the schedule: all outcomes, once, twice, out of order; also of what is not in it.
    pub(crate) fn report_outcomes(&mut self, s1sp: usize, date: Date) -> Result<()> {
        let Some(party) = self.world.s1sp_party(s1sp) else { return Ok(()) };
        let s1sp = self.s1sp(s1sp);
        let schedule = self.look.schedules.get(&(s1sp.to_string(), date_number(date)));
        let lines: Vec<i64> = schedule.map(|schedule| schedule.lines.keys().copied().collect()).unwrap_or_default();
        let mut text = csv_line(layout::OUTCOME.columns.iter().copied());
        let mut count = 0;
        for chf in lines.iter().copied() {
            if self.chance(65) {
                text.push_str(&self.outcome_line(chf));
                count += 1;
            }
        }
        if self.chance(15) || count == 0 {
            let home = self.random.usize(..self.world.homes.len());
            let chf = sluice_store::tables::convert::eui_number(self.world.homes[home].chf);
            text.push_str(&self.outcome_line(chf));
            count += 1;
        }
        let now = self.now.to_zoned(LONDON);
        let mut stamp = date.to_datetime(now.time());
        if self.chance(3) {
            stamp = stamp.saturating_add(1.day());
        }
        let name = format!("OUTCOME_{s1sp}_{}.csv", stamp.strftime("%Y%m%d_%H%M%S"));
        let party = if self.chance(3) { self.world.suppliers[0].party } else { party };
        let rows = (2..).take(count).collect();
        self.hand_in(party, &name, text.as_bytes(), Content::Rows(rows)).map(drop)
    }

    fn outcome_line(&mut self, chf: i64) -> String {
        let (outcome, stage, code) = match self.random.u8(..100) {
            0..20 => ("STARTED", "", ""),
            20..55 => ("MIGRATED", "", ""),
            55..60 => ("NOT_ATTEMPTED", "", ""),
            60..70 => ("FAILED", "DEVICE TEST", "DT01"),
            70..77 => ("FAILED", "DEVICE TEST", "DT02"),
            77..84 => ("FAILED", "VALIDATION", "DV01"),
            84..90 => ("FAILED", "COMMISSIONING", "CM01"),
            90..95 => ("FAILED", "COMMISSIONING", "GT01"),
            95..97 => ("FAILED", "", "XX99"),
            97 => ("FAILED", "", ""),
            98 => ("FAILED", "ON SITE", "DT01"),
            _ => ("PERHAPS", "", ""),
        };
        let chf = Eui64(chf.cast_unsigned()).to_string();
        csv_line([chf.as_str(), outcome, stage, code, ""])
    }
}
