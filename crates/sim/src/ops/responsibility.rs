//! Responsibility events: a supplier passes its ids on, or fails and another is appointed, which adopts what is suspended.

use crate::error::Result;
use crate::run::Simulation;
use jiff::ToSpan;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::installation::Mpid;
use sluice_rules::party::Eui64;
use sluice_service::act::actor::Actor;
use sluice_service::events::adopt::{Adopt, Wanted};
use sluice_service::events::event::RecordEvent;

impl Simulation<'_> {
    /// MAM-11: at once, or in some days; all ids, or one of them.
    pub(crate) fn pass_on(&mut self) -> Result<()> {
        let (by, approve) = self.operator();
        let from = self.random.usize(..self.world.suppliers.len());
        let to = self.random.usize(..self.world.suppliers.len());
        let (from, to) = (self.world.suppliers[from].clone(), self.world.suppliers[to].party);
        let kind = if self.chance(50) { EventKind::Transfer } else { EventKind::Appointment };
        let mpids: Vec<Mpid> = match self.random.u8(..100) {
            0..20 => from.electricity[0].parse().into_iter().collect(),
            20..35 => from.gas[0].parse().into_iter().collect(),
            _ => Vec::new(),
        };
        let at = if self.chance(30) { self.now.saturating_add(self.random.i64(1..80).hours()).ok() } else { None };
        let act = RecordEvent { kind, from: from.party, to, mpids, at, reason: "sold".to_owned(), approve };
        let what = format!("records {kind} from {} to {to} of {:?} at {at:?}", from.party, act.mpids);
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
