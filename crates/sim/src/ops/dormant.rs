//! Dormant Meters: planned, noticed, answered, objections decided.

use crate::check::Content;
use crate::error::Result;
use crate::run::Simulation;
use jiff::civil::Date;
use sluice_rules::file::FileKind;
use sluice_rules::party::{Eui64, Party};
use sluice_service::dormant::decide::DecideObjection;
use sluice_service::dormant::notify::NotifyDormant;
use sluice_service::dormant::plan::PlanDormant;
use sluice_store::tables::convert::date_number;
use sluice_wire::layout;
use sluice_wire::name::FileName;
use sluice_wire::text::csv_line;

impl Simulation<'_> {
    /// DMT-1: the week is planned.
    pub(crate) fn plan_dormant(&mut self, s1sp: usize, week: usize) -> Result<()> {
        let (by, _) = self.operator();
        let act = PlanDormant { s1sp: self.s1sp(s1sp), week: self.world.weeks[week] };
        self.act(&format!("plans dormant {} {}", act.s1sp, act.week), &by, act).map(drop)
    }

    /// DMT-2: the suppliers are told; planned again first where data have changed.
    pub(crate) fn notify_dormant(&mut self, s1sp: usize, week: usize) -> Result<()> {
        if self.chance(70) {
            self.plan_dormant(s1sp, week)?;
        }
        let (by, _) = self.operator();
        let act = NotifyDormant { s1sp: self.s1sp(s1sp), week: self.world.weeks[week] };
        self.act(&format!("notifies dormant {} {}", act.s1sp, act.week), &by, act).map(drop)
    }

    fn in_week(&self, s1sp: usize, week: Date) -> Vec<i64> {
        let pool = (self.s1sp(s1sp).to_string(), date_number(week));
        self.look.dormant.keys().filter(|(of, _)| *of == pool).map(|(_, chf)| *chf).collect()
    }

    /// DMT-3: a supplier answers: about what it was told of, most of the time.
    pub(crate) fn answer_dormant(&mut self, s1sp: usize, week: usize) -> Result<()> {
        let monday = self.world.weeks[week];
        let lines = self.in_week(s1sp, monday);
        let Some(first) = self.one(&lines) else { return Ok(()) };
        let date = date_number(monday);
        let own: Vec<String> = self.facts().suppliers(first, date).into_iter().cloned().collect();
        let Some(party) = self.one(&own) else { return Ok(()) };
        let Some(supplier) = self.world.suppliers.iter().find(|supplier| supplier.party.as_str() == party).cloned()
        else {
            return Ok(());
        };
        let mut text = csv_line(layout::ANSWER.columns.iter().copied());
        let mut answered = vec![first];
        answered.extend(lines.iter().copied().filter(|chf| self.facts().suppliers(*chf, date).contains(&party)));
        answered.dedup();
        answered.truncate(self.random.usize(1..=3));
        for chf in &answered {
            let (answer, reason, statement) = match self.random.u8(..100) {
                0..35 => ("OBJECT", "SAFETY", ""),
                35..45 => ("OBJECT", "OTHER", "the owner is away"),
                45..50 => ("OBJECT", "", ""),
                50..65 => ("ACTIVE", "", ""),
                65..70 => ("YES", "", ""),
                _ => ("NO_OBJECTION", "", ""),
            };
            text.push_str(&csv_line(
                [&Eui64(chf.cast_unsigned()).to_string(), answer, reason, statement].map(|cell| cell as &str),
            ));
        }
        let name = FileName::of_week(FileKind::DormantAnswer, None, supplier.ids[0], self.s1sp(s1sp), monday);
        let rows = (2..).take(answered.len()).collect();
        self.hand_in(supplier.party, &format!("{name}.csv"), text.as_bytes(), Content::Rows(rows)).map(drop)
    }

    /// DMT-4: an operator decides.
    pub(crate) fn decide_dormant(&mut self) -> Result<()> {
        let open: Vec<_> = self.look.objections.iter().cloned().collect();
        let Some(((s1sp, week), chf, party)) = self.one(&open) else { return Ok(()) };
        let (Ok(s1sp), Ok(party)) = (s1sp.parse(), party.parse::<Party>()) else { return Ok(()) };
        let (by, _) = self.operator();
        let upheld = self.chance(50);
        let exclude = (upheld && self.chance(40)).then(|| "OTHER".to_owned());
        let week = sluice_store::tables::convert::date_of(week)?;
        let chf = Eui64(chf.cast_unsigned());
        let act = DecideObjection { s1sp, week, chf, party, upheld, exclude, why: "seen on site".to_owned() };
        self.act(&format!("decides objection of {party} about {chf}: {upheld}"), &by, act).map(drop)
    }
}
