//! What bars migrations for a time, and what operators decide: stop orders, holds, exclusions, later signatures.

use super::demand::stamped;
use crate::check::Content;
use crate::error::Result;
use crate::run::Simulation;
use jiff::ToSpan;
use jiff::civil::Date;
use sluice_rules::authorisation::bars::{StopScope, Weekdays};
use sluice_rules::installation::Fuel;
use sluice_rules::party::Eui64;
use sluice_service::act::actor::Actor;
use sluice_service::bars::acknowledge::AcknowledgeStop;
use sluice_service::bars::exclusions::{DecideExclusion, LiftExclusion};
use sluice_service::bars::holds::SetHold;
use sluice_service::bars::stops::{ImposeStop, LiftStop};
use sluice_service::days::signatures::Sign;
use sluice_wire::layout;
use sluice_wire::text::csv_line;

impl Simulation<'_> {
    /// STOP-1: one operator stops something.
    pub(crate) fn stop(&mut self) -> Result<()> {
        let (by, _) = self.operator();
        let combination = self.random.usize(..self.world.combinations.len());
        let combination = self.world.combinations[combination].clone();
        let supplier = self.random.usize(..self.world.suppliers.len());
        let mut listed = Vec::new();
        let (scope, value) = match self.random.u8(..100) {
            0..10 => (StopScope::S1sp, self.s1sp(0).to_string()),
            10..25 => (StopScope::Combination, combination.code),
            25..40 => (
                StopScope::Model,
                combination.hub.rsplit_once(':').map_or(String::new(), |(model, _)| model.to_owned()),
            ),
            40..50 => (StopScope::Supplier, self.world.suppliers[supplier].party.to_string()),
            50..53 => (StopScope::Combination, "DMC-99".to_owned()),
            _ => {
                for _ in 0..self.random.usize(0..=4) {
                    let home = self.busy_home();
                    listed.push(self.world.homes[home].chf);
                }
                (StopScope::List, String::new())
            }
        };
        let act = ImposeStop { scope, value, listed, reason: "smoke".to_owned() };
        let what = format!("imposes a stop order on {} {} {:?}", act.scope, act.value, act.listed);
        self.act(&what, &by, act)?;
        let Some(id) = self.look.stops.last().map(|stop| stop.id) else { return Ok(()) };
        if self.chance(50) {
            let Some(party) = self.world.s1sp_party(0) else { return Ok(()) };
            let what = format!("{party} acknowledges stop order {id}");
            self.act(&what, &Actor::s1sp(party), AcknowledgeStop { id })?;
        }
        Ok(())
    }

    /// STOP-1: two lift it.
    pub(crate) fn lift(&mut self) -> Result<()> {
        let (by, approve) = self.operator();
        let stops: Vec<i64> = self.look.stops.iter().map(|stop| stop.id).collect();
        let Some(id) = self.one(&stops) else { return Ok(()) };
        self.act(&format!("lifts stop order {id}"), &by, LiftStop { id, approve }).map(drop)
    }

    fn hold_dates(&mut self) -> (Date, Option<Date>, &'static str) {
        let from = self.today().saturating_add(self.random.i64(-1..12).days());
        let to = match self.random.u8(..100) {
            0..30 => None,
            30..34 => Some(from.saturating_sub(3.days())),
            _ => Some(from.saturating_add(self.random.i64(0..6).days())),
        };
        (from, to, ["", "", "", "MON", "Tuesday fri", "SAT SUN"][self.random.usize(..6)])
    }

    /// MAM-12: a supplier holds an installation, or lets it go, most of the time one of its own.
    pub(crate) fn hold(&mut self) -> Result<()> {
        if self.chance(50) {
            return self.hold_file();
        }
        let (by, home) = self.holder();
        let (from, to, weekdays) = self.hold_dates();
        let weekdays: Weekdays = weekdays.parse().unwrap_or(Weekdays::ALL);
        let (chf, sets) = (Some(self.world.homes[home].chf), self.chance(70));
        let act = SetHold { chf, mpan: None, mprn: None, from, to, weekdays, sets };
        let word = if sets { "holds" } else { "lets go" };
        self.act(&format!("{} {word} H{home} from {from} to {to:?} on {weekdays}", by.name()), &by, act).map(drop)
    }

    fn holder(&mut self) -> (Actor, usize) {
        let home = self.busy_home();
        let place = self.random.usize(..self.world.suppliers.len());
        let chf = sluice_store::tables::convert::eui_number(self.world.homes[home].chf);
        let today = sluice_store::tables::convert::date_number(self.today());
        let own: Vec<String> = self.facts().suppliers(chf, today).into_iter().cloned().collect();
        let party = if self.chance(90) { self.one(&own).and_then(|party| party.parse().ok()) } else { None };
        (Actor::supplier(party.unwrap_or(self.world.suppliers[place].party)), home)
    }

    fn hold_file(&mut self) -> Result<()> {
        let place = self.random.usize(..self.world.suppliers.len());
        let supplier = self.world.suppliers[place].clone();
        let mut text = csv_line(layout::HOLD.columns.iter().copied());
        let rows = self.random.usize(1..=3);
        for _ in 0..rows {
            let home = self.busy_home();
            let home = self.world.homes[home].clone();
            let (from, to, weekdays) = self.hold_dates();
            let (mpan, action) = (home.mpan.to_string(), if self.chance(70) { "SET" } else { "CLEAR" });
            let (chf, mpan) =
                if self.chance(60) { (home.chf.to_string(), String::new()) } else { (String::new(), mpan) };
            let to = to.map(|to| to.to_string()).unwrap_or_default();
            text.push_str(&csv_line(
                [&chf, &mpan, "", &from.to_string(), &to, weekdays, action].map(|cell| cell as &str),
            ));
        }
        let s1sp = self.random.usize(..self.world.s1sps.len());
        let stamp = self.stamp();
        let name = stamped("HOLD", self.s1sp(s1sp), supplier.ids[0], stamp);
        self.hand_in(supplier.party, &format!("{name}.csv"), text.as_bytes(), Content::Rows((2..).take(rows).collect()))
            .map(drop)
    }

    /// OUT-2, EXC-1: an operator decides on a candidate for exclusion, or lifts an exclusion.
    pub(crate) fn decide_exclusion(&mut self) -> Result<()> {
        let (by, _) = self.operator();
        let why = "as agreed".to_owned();
        if self.chance(50) {
            let failed: Vec<i64> =
                self.look.attempts.keys().copied().filter(|chf| self.look.is_candidate(*chf)).collect();
            let failed = self.one(&failed).map(|chf| Eui64(chf.cast_unsigned()));
            let home = self.random.usize(..self.world.homes.len());
            let chf = failed.unwrap_or(self.world.homes[home].chf);
            let exclude = self.chance(50).then(|| "FIVE_ATTEMPTS".to_owned());
            let what = if exclude.is_some() { "excludes candidate" } else { "keeps candidate" };
            return self.act(&format!("{what} {chf}"), &by, DecideExclusion { chf, exclude, why }).map(drop);
        }
        let excluded: Vec<(i64, String)> = self.look.exclusions.keys().cloned().collect();
        let Some((chf, fuel)) = self.one(&excluded) else { return Ok(()) };
        let fuel: Option<Fuel> = fuel.parse().ok();
        self.act("lifts an exclusion", &by, LiftExclusion { chf: Eui64(chf.cast_unsigned()), fuel, why }).map(drop)
    }

    /// MSM-12: a second operator signs a cut of the day.
    pub(crate) fn sign(&mut self) -> Result<()> {
        let (by, _) = self.operator();
        let unsigned: Vec<i64> = self.look.unsigned.iter().copied().collect();
        let Some(id) = self.one(&unsigned) else { return Ok(()) };
        self.act(&format!("signs cut {id}"), &by, Sign { id }).map(drop)
    }
}
