//! What the parties but a rival can read at a moment, in full (MSM-14).

use crate::error::Result;
use crate::rival::Documents;
use crate::run::Simulation;
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};
use sluice_rules::party::{Party, S1sp};
use sluice_service::act::actor::Actor;
use sluice_service::act::work::Look;
use sluice_service::error::ServiceError;
use sluice_service::read::overview::{overview, published_reserve};
use sluice_service::read::reports::parts::Asked;
use sluice_service::read::reports::{REPORTS, public, report};
use sluice_service::read::story::story;
use sluice_service::rows::{eligible, propose};
use sluice_store::tables::{issued, schedules};
use sluice_wire::report::Table;
use sluice_wire::written::write_csv;
use std::collections::BTreeMap;

impl Simulation<'_> {
    /// Another version of each schedule, with the lines of the last one.
    pub(crate) fn issue_all_again(&mut self) -> Result<()> {
        let now = self.now;
        let mut tx = self.service.store().decide()?;
        let last: BTreeMap<_, _> =
            schedules::locked(&mut tx)?.into_iter().map(|(s1sp, date, version, _)| ((s1sp, date), version)).collect();
        for ((s1sp, date), version) in last {
            let lines = schedules::lines(&mut tx, &s1sp, date, version)?;
            schedules::add(&mut tx, &s1sp, date, version + 1, (now, None), None)?;
            schedules::add_lines(&mut tx, &s1sp, date, version + 1, &lines)?;
        }
        Ok(tx.commit()?)
    }

    /// What was issued and told to the others, and their weeks; with `all` also their lists, proposals, reports and stories.
    pub(crate) fn read_all(&mut self, rival: Party, when: &str, all: bool, into: &mut Documents) -> Result<()> {
        let suppliers: Vec<Party> =
            self.world.suppliers.iter().map(|supplier| supplier.party).filter(|party| *party != rival).collect();
        let s1sps = self.world.s1sps.clone();
        let providers: Vec<Party> = (0..s1sps.len()).filter_map(|place| self.world.s1sp_party(place)).collect();
        for party in suppliers.iter().chain(&providers) {
            let reader = Actor::supplier(*party);
            let mut add = |what: &str, text: String| drop(into.insert(format!("{when}, {party}: {what}"), text));
            add("outbox", self.outbox(&reader)?);
            for week in self.world.weeks.clone() {
                for s1sp in &s1sps {
                    add(&format!("week {week} at {s1sp}"), self.week(&reader, week, *s1sp)?);
                    if all && suppliers.contains(party) {
                        add(
                            &format!("proposal of {week} at {s1sp}"),
                            self.proposed_rows(&reader, *party, week, *s1sp)?,
                        );
                    }
                }
                if all {
                    self.reports(&reader, week, &mut add)?;
                }
            }
            if all {
                self.stories(&reader, &mut add)?;
                for s1sp in s1sps.iter().filter(|_| suppliers.contains(party)) {
                    add(&format!("eligible at {s1sp}"), self.eligible(&reader, *party, *s1sp)?);
                }
            }
        }
        Ok(())
    }

    /// What a reader reads; a refusal is an answer as well.
    fn reads(
        &mut self,
        by: &Actor,
        read: impl FnOnce(&mut Look<'_>) -> sluice_service::error::Result<String>,
    ) -> Result<String> {
        match self.service.look(self.now, by, read) {
            Ok(text) => Ok(text),
            Err(error @ (ServiceError::Rule { .. } | ServiceError::Use(_) | ServiceError::Role(_))) => {
                Ok(error.to_string())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn outbox(&mut self, reader: &Actor) -> Result<String> {
        self.reads(reader, |work| {
            let mut text = String::new();
            for file in issued::list(&mut work.tx)? {
                let bytes = issued::content(&mut work.tx, file.id)?.unwrap_or_default();
                text.push_str(&format!("{} {} {:x?}\n", file.at, file.name, Sha256::digest(&bytes).as_slice()));
            }
            for told in issued::notices(&mut work.tx)? {
                text.push_str(&format!("{told:?}\n"));
            }
            Ok(text)
        })
    }

    fn week(&mut self, reader: &Actor, week: Date, s1sp: S1sp) -> Result<String> {
        let reserve = self.service.look(self.now, &Actor::console(), |work| {
            let calendar = work.week(week)?;
            published_reserve(work, &calendar, s1sp)
        })?;
        self.reads(reader, |work| {
            let calendar = work.week(week)?;
            Ok(format!("{:#?}", overview(work, &calendar, s1sp, &reserve)?))
        })
    }

    fn proposed_rows(&mut self, reader: &Actor, party: Party, week: Date, s1sp: S1sp) -> Result<String> {
        self.reads(&Actor::console(), |work| {
            let proposal = propose::propose(work, reader, party, s1sp, week)?;
            Ok(format!("{:?}", proposal.days) + &csv(proposal.rows.iter().map(propose::Proposed::row))?)
        })
    }

    fn eligible(&mut self, reader: &Actor, party: Party, s1sp: S1sp) -> Result<String> {
        let today = self.today();
        self.reads(&Actor::console(), |work| {
            let lines = eligible::list(work, reader, party, s1sp, today)?;
            let words: Vec<_> = lines.iter().map(eligible::EligibleLine::words).collect();
            csv(lines.iter().zip(&words).map(|(line, words)| line.row(words)))
        })
    }

    fn reports(&mut self, reader: &Actor, week: Date, add: &mut impl FnMut(&str, String)) -> Result<()> {
        for entry in REPORTS {
            let asked = Asked { week: Some(week), ..Asked::default() };
            let known = self.service.look(self.now, &Actor::console(), |work| public(work, entry.name, &asked))?;
            let text = self.reads(reader, |work| {
                let made = report(work, entry.name, &asked, &known)?;
                let tables: Vec<String> = made.tables.iter().map(Table::csv).collect();
                Ok(format!("{}\n{}\n{}", made.verdict, made.notes.join("\n"), tables.join("\n")))
            })?;
            add(&format!("report {} of {week}", entry.name), text);
        }
        Ok(())
    }

    fn stories(&mut self, reader: &Actor, add: &mut impl FnMut(&str, String)) -> Result<()> {
        for home in self.world.homes.clone() {
            let chf = home.chf.to_string();
            let text = self.reads(reader, |work| Ok(format!("{:#?}", story(work, &chf)?)))?;
            add(&format!("story of {chf}"), text);
        }
        Ok(())
    }
}

fn csv<R: sluice_wire::written::WriteRow>(rows: impl IntoIterator<Item = R>) -> sluice_service::error::Result<String> {
    let mut text = Vec::new();
    write_csv(rows, &mut text).map_err(ServiceError::defect)?;
    String::from_utf8(text).map_err(ServiceError::defect)
}
