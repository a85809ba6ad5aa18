//! What goes wrong: a stop order, a hold, a supplier that fails.

use super::authorising::in_words;
use crate::commands::demo::stage::{APPROVER, Stage};
use crate::failure::Failure;
use crate::show::count;
use jiff::ToSpan;
use jiff::civil::{Date, time};
use sluice_rules::authorisation::bars::StopScope;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::authorisation::state::State;
use sluice_rules::file::FileKind;
use sluice_rules::party::Party;
use sluice_service::act::actor::Actor;
use sluice_service::bars::acknowledge::AcknowledgeStop;
use sluice_service::bars::stops::{ImposeStop, LiftStop};
use sluice_service::events::adopt::Adopt;
use sluice_service::events::event::RecordEvent;
use sluice_store::tables::{authorisations, bars, outcomes, parties};
use sluice_wire::layout;
use sluice_wire::name::FileName;
use sluice_wire::text::csv_line;
use std::collections::BTreeMap;

/// The device model whose firmware makes trouble.
const MODEL: &str = "Maker1:EM4:1.0";

impl Stage {
    /// STOP-1: one operator stops a firmware version on the day; one S1SP does not acknowledge in time.
    pub(in super::super) fn stop(&mut self, week: Date) -> Result<(), Failure> {
        let reason = "the firmware loses its credit balance".to_owned();
        let act = ImposeStop { scope: StopScope::Model, value: MODEL.to_owned(), listed: Vec::new(), reason };
        let stopping = self.act(act)?;
        let rows: usize = stopping.at.iter().map(|at| at.rows).sum();
        let stopped = count(rows, "authorisation");
        self.tell(
            week,
            format!("Stop order {}: {MODEL}. {stopped} stopped, schedules issued again (STOP-1).", stopping.id),
        );
        let all: Vec<_> = stopping.at.iter().map(|at| at.s1sp).collect();
        for s1sp in all.iter().skip(1) {
            if let Some(party) = self.look(|work| Ok(parties::of_s1sp(&mut work.tx, s1sp)?))? {
                self.act_as(&Actor::supplier(party), AcknowledgeStop { id: stopping.id })?;
            }
        }
        self.wait_until(self.session.now + 20.minutes())?;
        let escalated = self.look(|work| Ok(outcomes::escalations(&mut work.tx)?))?;
        if let Some(last) = escalated.iter().rev().find(|escalation| escalation.rule == "STOP-1") {
            self.tell(week, format!("Escalated: {}.", last.words));
        }
        Ok(())
    }

    /// STOP-1: two operators let it go on.
    pub(in super::super) fn lift(&mut self, week: Date) -> Result<(), Failure> {
        let standing = self.look(|work| Ok(bars::stops(&mut work.tx)?))?;
        let Some(order) = standing.into_iter().find(|order| order.lifted.is_none()) else { return Ok(()) };
        let lifted = self.act(LiftStop { id: order.id, approve: Some(APPROVER.to_owned()) })?;
        let rows: usize = lifted.at.iter().map(|at| at.rows).sum();
        let rows = count(rows, "authorisation");
        self.tell(week, format!("Two operators lift stop order {}; {rows} first in line again.", order.id));
        Ok(())
    }

    /// MAM-12: on the evening before, when it is too late to withdraw, a supplier holds a home by file.
    pub(in super::super) fn hold(&mut self, week: Date) -> Result<(), Failure> {
        let (supplier, s1sp) = (self.suppliers[0], self.s1sps()?[2]);
        let date = Self::migration_days(week)?[4];
        let scheduled = self.look(|work| Ok(authorisations::of_day(&mut work.tx, &s1sp, date)?))?;
        let own = |row: &authorisations::StoredAuthorisation| {
            row.row.party == supplier.party && row.row.state == State::Scheduled
        };
        let Some(home) = scheduled.into_iter().find(own).map(|stored| stored.chf) else { return Ok(()) };
        let mut text = csv_line(layout::HOLD.columns.iter().copied());
        text.push_str(&csv_line([&home.to_string(), "", "", &date.to_string(), &date.to_string(), "", "SET"]));
        let today = self.session.now.to_zoned(sluice_rules::calendar::LONDON).date();
        let (kind, user_id) = (FileKind::Hold, Some(supplier.user_id));
        let stamp = Some(time(18, 30, 0, 0));
        let name = FileName { kind, party: None, user_id, s1sp, date: today, time: stamp, version: None };
        self.hand_in(week, supplier.party, &format!("{name}.csv"), text.as_bytes())?;
        self.tell(
            week,
            format!("{} holds {home} for {date}: it leaves the schedule, no reason asked (MAM-12).", supplier.party),
        );
        Ok(())
    }

    /// MAM-11: a supplier fails, and another is appointed in its place.
    pub(in super::super) fn fail(&mut self, week: Date) -> Result<(), Failure> {
        let (failed, appointed) = self.of_last_resort();
        let act = RecordEvent {
            kind: EventKind::Appointment,
            from: failed,
            to: appointed,
            mpids: Vec::new(),
            at: None,
            reason: "its licence is revoked".to_owned(),
            approve: Some(APPROVER.to_owned()),
        };
        let effect = self.act(act)?;
        self.event = Some(effect.event);
        let became: BTreeMap<String, u64> = effect.became.clone().into_iter().collect();
        let words = format!(
            "{failed} fails; {appointed} is appointed for its {} homes. Authorisations: {} (MAM-11).",
            effect.installations,
            in_words(&became)
        );
        self.tell(week, words);
        Ok(())
    }

    fn of_last_resort(&self) -> (Party, Party) {
        (self.suppliers[9].party, self.suppliers[4].party)
    }

    /// MAM-11: the supplier of last resort adopts what it can carry, at two S1SPs; the rest lapses at the lock of its day.
    pub(in super::super) fn adopt(&mut self, week: Date) -> Result<(), Failure> {
        let Some(event) = self.event else { return Ok(()) };
        let (_, appointed) = self.of_last_resort();
        let (mut adopted, mut left) = (BTreeMap::new(), 0);
        for s1sp in self.s1sps()?.into_iter().take(2) {
            let act = Adopt { event, s1sp: Some(s1sp), date: None, only_listed: false, listed: Vec::new() };
            let done = self.act_as(&Actor::supplier(appointed), act)?;
            for (state, rows) in done.adopted {
                *adopted.entry(state).or_default() += rows;
            }
            left = done.left;
        }
        let adopted = in_words(&adopted);
        self.tell(
            week,
            format!("{appointed} adopts: {adopted}; {left} stay suspended and lapse at the lock of their day."),
        );
        Ok(())
    }
}
