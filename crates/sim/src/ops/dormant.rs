//! Dormant Meters: a week is planned, its suppliers are told, they answer, an operator decides.

use crate::Result;
use crate::check::Content;
use crate::run::Simulation;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_service::cases::dormant::{DecideObjection, NotifyDormant, PlanDormant};
use sluice_store::Scope;
use sluice_store::tables::convert::eui_number;
use sluice_store::tables::dormant;
use sluice_wire::layout;
use sluice_wire::text::csv_line;

/// What suppliers answer, most often nothing that keeps a home out.
const ANSWERS: [[&str; 3]; 8] = [
    ["NO_OBJECTION", "", ""],
    ["NO_OBJECTION", "", ""],
    ["ACTIVE", "", ""],
    ["OBJECT", "SAFETY", ""],
    ["OBJECT", "OTHER", "the family is away"],
    ["OBJECT", "NOT_CAPABLE", ""],
    ["PERHAPS", "", ""],
    ["", "", ""],
];

impl Simulation<'_> {
    /// DMT-1: an operator plans a week.
    pub(crate) fn plan_dormant(&mut self, s1sp: usize, week: usize) -> Result<()> {
        let (by, _) = self.operator();
        let act = PlanDormant { s1sp: self.s1sp(s1sp), week: self.world.weeks[week] };
        let what = format!("plans the dormant homes of {} {}", act.s1sp, act.week);
        let Some(planned) = self.act(&what, &by, act)? else { return Ok(()) };
        // Planned homes never exceed the places.
        for day in planned.days {
            if day.planned > day.places || day.places > day.total * 2 / 5 {
                return Err(crate::SimError::Found(format!(
                    "{} homes for {} places of {}",
                    day.planned, day.places, day.date
                )));
            }
        }
        Ok(())
    }

    /// DMT-2: their suppliers are told.
    pub(crate) fn notify_dormant(&mut self, s1sp: usize, week: usize) -> Result<()> {
        let (by, _) = self.operator();
        let act = NotifyDormant { s1sp: self.s1sp(s1sp), week: self.world.weeks[week] };
        self.act(&format!("tells the suppliers of {} {}", act.s1sp, act.week), &by, act).map(drop)
    }

    /// DMT-3: a supplier answers for some of the homes it was told of, and for one that it was not.
    pub(crate) fn answer_dormant(&mut self, s1sp: usize, week: usize) -> Result<()> {
        let (s1sp, monday) = (self.s1sp(s1sp), self.world.weeks[week]);
        let place = self.random.usize(..self.world.suppliers.len());
        let supplier = self.world.suppliers[place].clone();
        let mut tx = self.service.store().read(Scope::Dcc)?;
        let noticed = dormant::notices(&mut tx, &s1sp, monday)?;
        drop(tx);
        let told = noticed.into_iter().filter(|(_, told)| told.contains(&supplier.party)).map(|(chf, _)| chf);
        let mut homes: Vec<Eui64> = told.filter(|_| self.random.u8(..100) < 60).collect();
        if self.chance(20) || homes.is_empty() {
            let home = self.random.usize(..self.world.homes.len());
            homes.push(self.world.homes[home].chf);
        }
        let mut text = csv_line(layout::ANSWER.columns.iter().copied());
        for chf in &homes {
            let [answer, reason, statement] = ANSWERS[self.random.usize(..ANSWERS.len())];
            text.push_str(&csv_line([chf.to_string().as_str(), answer, reason, statement]));
        }
        let name = format!("DMMSR_{s1sp}_{}_{}.csv", supplier.ids[0], monday.strftime("%Y%m%d"));
        let rows = (2..).take(homes.len()).collect();
        self.hand_in(supplier.party, &name, text.as_bytes(), Content::Rows(rows)).map(drop)
    }

    /// DMT-4: an operator decides on an objection.
    pub(crate) fn decide_dormant(&mut self, s1sp: usize, week: usize) -> Result<()> {
        let (s1sp, monday) = (self.s1sp(s1sp), self.world.weeks[week]);
        let mut tx = self.service.store().read(Scope::Dcc)?;
        let answers = dormant::answers(&mut tx, &s1sp, monday)?;
        drop(tx);
        let open: Vec<(Eui64, Party)> =
            answers.into_iter().filter(|answer| answer.is_open()).map(|answer| (answer.chf, answer.party)).collect();
        let Some((chf, party)) = self.one(&open) else { return Ok(()) };
        let (by, _) = self.operator();
        let upheld = self.chance(50);
        let exclude = (upheld && self.chance(30)).then(|| "OTHER".to_owned());
        let act = DecideObjection { s1sp, week: monday, chf, party, upheld, exclude, why: "as seen there".to_owned() };
        let word = if upheld { "upholds" } else { "rejects" };
        self.act(&format!("{word} the objection of {party} to {}", home(s1sp, chf)), &by, act).map(drop)
    }
}

fn home(s1sp: S1sp, chf: Eui64) -> String {
    format!("{} of {s1sp}", crate::check::home(eui_number(chf)))
}
