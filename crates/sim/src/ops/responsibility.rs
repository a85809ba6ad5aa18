//! Responsibility events: a supplier passes its ids on, or fails and another is appointed, which adopts what is suspended.

use crate::error::Result;
use crate::look::Passing;
use crate::run::Simulation;
use jiff::ToSpan;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::installation::Mpid;
use sluice_rules::party::{Eui64, Party};
use sluice_service::act::actor::Actor;
use sluice_service::events::adopt::{Adopt, Wanted};
use sluice_service::events::event::RecordEvent;

/// Who lost and who gained by an event.
fn parties(event: &Passing) -> Option<(Party, Party)> {
    Some((event.from.parse().ok()?, event.to.parse().ok()?))
}

impl Simulation<'_> {
    /// MAM-11: at once, or in some days; all ids, or one of them.
    pub(crate) fn pass_on(&mut self) -> Result<()> {
        let from = self.random.usize(..self.world.suppliers.len());
        let to = self.random.usize(..self.world.suppliers.len());
        let (from, to) = (self.world.suppliers[from].clone(), self.world.suppliers[to].party);
        // What has passed goes on, or back, as a whole or id by id.
        if let Some((from, to, ids)) = self.passed_before(to) {
            return self.pass(EventKind::Transfer, (from, to), ids);
        }
        let kind = if self.chance(50) { EventKind::Transfer } else { EventKind::Appointment };
        let mpids: Vec<Mpid> = match self.random.u8(..100) {
            0..20 => from.electricity[0].parse().into_iter().collect(),
            20..35 => from.gas[0].parse().into_iter().collect(),
            _ => Vec::new(),
        };
        self.pass(kind, (from.party, to), mpids)
    }

    /// Of a transfer that is done: who has it now, who gets it back or another one, and the ids.
    fn passed_before(&mut self, other: Party) -> Option<(Party, Party, Vec<Mpid>)> {
        let done: Vec<(Party, Party)> =
            self.look.events.iter().filter(|event| event.done).filter_map(parties).collect();
        let (lost, has) = self.one(&done).filter(|_| self.chance(60))?;
        let loser = self.world.suppliers.iter().find(|supplier| supplier.party == lost)?.clone();
        let ids = match self.random.u8(..100) {
            0..40 => loser.electricity[0].parse().into_iter().collect(),
            40..70 => loser.gas[0].parse().into_iter().collect(),
            _ => Vec::new(),
        };
        let to = if self.chance(70) { lost } else { other };
        Some((has, to, ids))
    }

    fn pass(&mut self, kind: EventKind, (from, to): (Party, Party), mpids: Vec<Mpid>) -> Result<()> {
        let (by, approve) = self.operator();
        let at = if self.chance(30) { self.now.saturating_add(self.random.i64(1..80).hours()).ok() } else { None };
        let act = RecordEvent { kind, from, to, mpids, at, reason: "sold".to_owned(), approve };
        let what = format!("records {kind} from {from} to {to} of {:?} at {at:?}", act.mpids);
        self.act(&what, &by, act).map(drop)
    }

    /// MAM-11: the supplier that was appointed adopts all, or some.
    pub(crate) fn adopt(&mut self) -> Result<()> {
        let events: Vec<(i64, String)> =
            self.look.events.iter().filter(|event| event.done).map(|event| (event.id, event.to.clone())).collect();
        let Some((event, to)) = self.one(&events) else { return Ok(()) };
        let Ok(to) = to.parse() else { return Ok(()) };
        let only_listed = self.chance(40);
        let mut listed: Vec<Eui64> = Vec::new();
        if only_listed {
            let suspended = self.look.auths.iter().filter(|(_, auth)| auth.state == "SUSPENDED");
            let suspended: Vec<i64> = suspended.map(|((chf, _), _)| *chf).collect();
            listed.extend(suspended.into_iter().take(2).map(|chf| Eui64(chf.cast_unsigned())));
        }
        let listed = listed.into_iter().map(|chf| Wanted { chf, date: None }).collect();
        let act = Adopt { event, s1sp: None, date: None, only_listed, listed };
        self.act(&format!("{to} adopts suspended rows of event {event}"), &Actor::supplier(to), act).map(drop)
    }
}
