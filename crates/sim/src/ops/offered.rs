//! What a to-do list offers, and what is proposed to a supplier, is done as it stands: none of it may be refused.

use super::demand::stamped;
use crate::check::Content;
use crate::error::{Result, SimError};
use crate::run::Simulation;
use jiff::civil::Date;
use sluice_rules::calendar::LONDON;
use sluice_rules::party::{Party, S1sp};
use sluice_service::act::actor::Actor;
use sluice_service::act::work::Act;
use sluice_service::bars::acknowledge::AcknowledgeStop;
use sluice_service::days::lock::LockDay;
use sluice_service::days::signatures::Sign;
use sluice_service::dormant::plan::PlanDormant;
use sluice_service::events::adopt::Adopt;
use sluice_service::read::todo::{Offer, Task, tasks};
use sluice_service::rows::propose::{Proposed, propose};
use sluice_service::weeks::confirm::Confirm;
use sluice_service::weeks::publish::Publish;
use sluice_service::weeks::questions::AnswerQuery;
use sluice_service::weeks::redistribute::Refill;
use sluice_service::weeks::scale::ScaleWeek;
use sluice_store::tables::{files, signatures};
use sluice_wire::written::write_csv;

impl Simulation<'_> {
    /// One of the acts that the list of a week offers is done, by somebody who may.
    pub(crate) fn offered(&mut self, s1sp: usize, week: usize) -> Result<()> {
        let (s1sp, week) = (self.s1sp(s1sp), self.world.weeks[week]);
        let listed = self.service.look(self.now, &Actor::console(), |work| {
            let calendar = work.week(week)?;
            tasks(work, &calendar, s1sp)
        })?;
        let offered: Vec<Task> = listed.into_iter().filter(|task| task.offer.is_some()).collect();
        let Some(task) = self.one(&offered) else { return Ok(()) };
        let Some(offer) = task.offer else { return Ok(()) };
        let (by, second) = (self.operators[0].clone(), self.operators.get(1).map(|actor| actor.name().to_owned()));
        let words = format!("does what is offered, {}: {}", task.who, task.what);
        match offer {
            Offer::Scale => self.must(&words, &by, ScaleWeek { s1sp, week }),
            Offer::Publish { firm } => self.must(&words, &by, Publish { s1sp, week, firm, approve: second }),
            Offer::AnswerQuery(query) => {
                self.must(&words, &by, AnswerQuery { query, answer: "as the rules say".to_owned() })
            }
            Offer::Refill => self.must(&words, &by, Refill { s1sp, week }),
            Offer::Lock(date) => self.must(&words, &by, LockDay { s1sp, date, waiver: None }),
            Offer::PlanDormant => self.must(&words, &by, PlanDormant { s1sp, week }),
            Offer::Sign(id) => {
                let asked = self.service.look(self.now, &by, |work| Ok(signatures::all(&mut work.tx)?))?;
                let first = asked.into_iter().find(|asked| asked.id == id).map(|asked| asked.first);
                let others = self.operators.iter().find(|actor| Some(actor.name()) != first.as_deref()).cloned();
                others.map_or(Ok(()), |second| self.must(&words, &second, Sign { id }))
            }
            Offer::Acknowledge(id) => {
                let place = self.world.s1sps.iter().position(|own| *own == s1sp);
                let party = place.and_then(|place| self.world.s1sp_party(place));
                party.map_or(Ok(()), |party| self.must(&words, &Actor::supplier(party), AcknowledgeStop { id }))
            }
            Offer::Confirm(file) => {
                let sender = self.service.look(self.now, &by, |work| Ok(files::get(&mut work.tx, file)?))?;
                sender.map_or(Ok(()), |held| self.must(&words, &Actor::supplier(held.sender), Confirm::of(file)))
            }
            Offer::Take(file) => {
                let taken = self.service.take_refused(self.now, &by, file, "it is meant");
                match self.after(&words, taken)? {
                    Some(_) => Ok(()),
                    None => Err(SimError::Found(format!("it was offered, and refused: {words}"))),
                }
            }
            Offer::Adopt { event, to } => {
                let act = Adopt { event, s1sp: Some(s1sp), date: None, only_listed: false, listed: Vec::new() };
                self.must(&words, &Actor::supplier(to), act)
            }
        }
    }

    fn must<U: Act>(&mut self, words: &str, by: &Actor, act: U) -> Result<()> {
        match self.act(words, by, act)? {
            Some(_) => Ok(()),
            None => Err(SimError::Found(format!("it was offered, and refused: {words}"))),
        }
    }

    /// MAM-13: what is proposed to a supplier is sent as it is, and no row of it is refused.
    pub(crate) fn proposed(&mut self, s1sp: usize, week: usize) -> Result<()> {
        let place = self.random.usize(..self.world.suppliers.len());
        let (s1sp, week, party) = (self.s1sp(s1sp), self.world.weeks[week], self.world.suppliers[place].party);
        let Some((name, rows, text)) = self.proposal(party, s1sp, week)? else { return Ok(()) };
        let rows: Vec<i64> = (2..).take(rows).collect();
        let Some(handed) = self.hand_in(party, &name, text.as_bytes(), Content::Rows(rows))? else { return Ok(()) };
        let Some(verdict) = handed.verdict.filter(|_| !handed.receipt.repeat) else { return Ok(()) };
        // A stamp may be earlier than that of a file that was sent with a wrong one (FI08): then no row was looked at.
        match verdict.rows.iter().find(|(verdict, _)| verdict == "REFUSED") {
            Some((_, rows)) => {
                Err(SimError::Found(format!("{rows} rows of {name} were proposed to {party}, and are refused: {text}")))
            }
            None => Ok(()),
        }
    }

    /// The name, the number of rows and the text of a proposed file; nothing where nothing is proposed.
    fn proposal(&mut self, party: Party, s1sp: S1sp, week: Date) -> Result<Option<(String, usize, String)>> {
        let reader = Actor::supplier(party);
        let found = self.service.look(self.now, &Actor::console(), |work| propose(work, &reader, party, s1sp, week));
        let Ok(proposal) = found else { return Ok(None) };
        let rows: Vec<_> = proposal.rows.iter().map(Proposed::row).collect();
        let Some(first) = rows.first() else { return Ok(None) };
        let stamp = self.now.to_zoned(LONDON).datetime();
        let name = format!("{}.csv", stamped("MA", s1sp, first.critical_supplier, stamp));
        let (number, mut text) = (rows.len(), Vec::new());
        write_csv(rows, &mut text).map_err(SimError::defect)?;
        Ok(Some((name, number, String::from_utf8(text).map_err(SimError::defect)?)))
    }
}
