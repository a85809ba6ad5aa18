//! Meters pass from one supplier to another, and what is suspended is adopted (MAM-11).

use crate::Result;
use crate::run::Simulation;
use jiff::ToSpan;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::installation::Mpid;
use sluice_service::actor::Actor;
use sluice_service::cases::responsibility::RecordEvent;
use sluice_service::cases::responsibility::adopt::Adopt;

impl Simulation<'_> {
    /// A transfer of everything or of one id, or an appointment; at once, or in some hours.
    pub(crate) fn pass_meters(&mut self) -> Result<()> {
        let (by, approve) = self.operator();
        let (from, to) =
            (self.random.usize(..self.world.suppliers.len()), self.random.usize(..self.world.suppliers.len()));
        let (from, to) = (self.world.suppliers[from].clone(), self.world.suppliers[to].party);
        let ids: Vec<Mpid> = from.electricity.iter().chain(&from.gas).filter_map(|id| id.parse().ok()).collect();
        let one = if self.chance(40) { self.one(&ids) } else { None };
        let kind = if self.chance(50) { EventKind::Transfer } else { EventKind::Appointment };
        let at = if self.chance(25) { self.now.checked_add(self.random.i64(1..60).hours()).ok() } else { None };
        let mpids: Vec<Mpid> = one.into_iter().collect();
        let act = RecordEvent {
            kind,
            from: from.party,
            to,
            mpids,
            at,
            reason: "as agreed".to_owned(),
            approve,
            only_shown: false,
        };
        let what = format!("passes meters by {kind} from {} to {to}: {:?} at {at:?}", from.party, act.mpids);
        self.act(&what, &by, act).map(drop)
    }

    /// Whoever was appointed adopts everything, or what is suspended of some homes.
    pub(crate) fn adopt(&mut self) -> Result<()> {
        let events: Vec<(i64, String)> = self.look.appointed.clone();
        let Some((event, to)) = self.one(&events) else { return Ok(()) };
        let Ok(party) = to.parse() else { return Ok(()) };
        let only_listed = self.chance(60);
        let mut listed = Vec::new();
        for _ in 0..self.random.usize(1..=6) {
            let home = self.busy_home();
            listed.push(self.world.homes[home].chf);
        }
        let act = Adopt { event, s1sp: None, date: None, only_listed, listed };
        let what = format!("{party} adopts from event {event} {}", if only_listed { "some" } else { "all" });
        self.act(&what, &Actor::supplier(party), act).map(drop)
    }
}
