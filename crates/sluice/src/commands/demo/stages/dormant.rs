//! Dormant Meters: planned, noticed, answered, decided.

use crate::commands::demo::programme::WEEKS;
use crate::commands::demo::stage::Stage;
use crate::failure::Failure;
use crate::show::count;
use jiff::civil::Date;
use sluice_rules::file::FileKind;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_service::dormant::decide::DecideObjection;
use sluice_service::dormant::notify::NotifyDormant;
use sluice_service::dormant::plan::PlanDormant;
use sluice_store::tables::dormant;
use sluice_wire::layout;
use sluice_wire::name::FileName;
use sluice_wire::text::csv_line;

impl Stage {
    /// DMT-1, DMT-2: Dormant installations are planned into the reserve, and their suppliers are told.
    pub(in super::super) fn plan_dormant(&mut self, week: Date) -> Result<(), Failure> {
        let (mut planned, mut standby, mut files) = (0, 0, 0);
        for s1sp in self.s1sps()? {
            let plan = self.act(PlanDormant { s1sp, week })?;
            (planned, standby) = (planned + plan.planned, standby + plan.standby);
            files += self.act(NotifyDormant { s1sp, week })?.files.len();
        }
        let notices = count(files, "notice");
        self.tell(
            week,
            format!("{planned} Dormant homes planned, {standby} on standby; {notices} sent (DMT-1, DMT-2)."),
        );
        Ok(())
    }

    /// DMT-3: most suppliers say nothing. One has exchanged a meter, which is Active now; in the second week one objects.
    pub(in super::super) fn answer_notices(&mut self, week: Date) -> Result<(), Failure> {
        let s1sp = self.s1sps()?[0];
        let Some((party, homes)) = self.noticed_homes(s1sp, week)? else { return Ok(()) };
        let mut text = csv_line(layout::ANSWER.columns.iter().copied());
        let mut told = Vec::new();
        for (place, home) in homes.iter().take(3).enumerate() {
            let (answer, reason, statement, words) = match place {
                0 => ("ACTIVE", "", "", "has become Active"),
                1 if week == WEEKS[1] => ("OBJECT", "SAFETY", "", "objects: safety"),
                _ => ("NO_OBJECTION", "", "", "does not object"),
            };
            text.push_str(&csv_line([&home.to_string(), answer, reason, statement].map(|cell| cell as &str)));
            if place < 2 {
                told.push(format!("{home} {words}"));
            }
        }
        let Some(supplier) = self.suppliers.iter().find(|supplier| supplier.party == party).copied() else {
            return Ok(());
        };
        let name = FileName::of_week(FileKind::DormantAnswer, None, supplier.user_id, s1sp, week);
        self.hand_in(week, party, &format!("{name}.csv"), text.as_bytes())?;
        self.tell(week, format!("{party} answers its notice at {s1sp}: {} (DMT-3).", told.join("; ")));
        Ok(())
    }

    /// The supplier with the most homes in the notices of a week that are its own, and these homes.
    fn noticed_homes(&mut self, s1sp: S1sp, week: Date) -> Result<Option<(Party, Vec<Eui64>)>, Failure> {
        let noticed = self.look(|work| Ok(dormant::notices(&mut work.tx, &s1sp, week)?))?;
        let mut by_party: std::collections::BTreeMap<Party, Vec<Eui64>> = std::collections::BTreeMap::new();
        for (chf, parties) in noticed {
            for party in parties {
                by_party.entry(party).or_default().push(chf);
            }
        }
        let mut most = by_party.into_iter().max_by_key(|(party, homes)| (homes.len(), std::cmp::Reverse(*party)));
        if let Some((_, homes)) = &mut most {
            homes.sort_unstable();
        }
        Ok(most)
    }

    /// DMT-4: an operator decides on what stands open.
    pub(in super::super) fn decide_objections(&mut self, week: Date) -> Result<(), Failure> {
        for s1sp in self.s1sps()? {
            let answers = self.look(|work| Ok(dormant::answers(&mut work.tx, &s1sp, week)?))?;
            for answer in answers.into_iter().filter(dormant::AnswerRecord::is_open) {
                let (chf, party) = (answer.chf, answer.party);
                let why = "a gas escape is being repaired in the house".to_owned();
                self.act(DecideObjection { s1sp, week, chf, party, upheld: true, exclude: None, why })?;
                self.tell(
                    week,
                    format!("The objection of {party} for {chf} is upheld: a gas escape is being repaired (DMT-4)."),
                );
            }
        }
        Ok(())
    }
}
