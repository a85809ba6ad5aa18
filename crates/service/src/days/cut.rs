//! A capacity that changes after the firm result (MSM-12).

use crate::act::actor::Actor;
use crate::act::second::second_operator;
use crate::act::work::{Act, Second, Work};
use crate::books::calendar::{Moment, WeekCalendar, local_date, week_of};
use crate::days::rise::share_rise;
use crate::dormant::review::is_locked;
use crate::error::{Result, ServiceError};
use crate::facts::s1sp::Facts;
use crate::weeks::redistribute::{Firm, attempted, finish, unchanged};
use crate::weeks::scale::Version;
use crate::words::{First, count};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::authorisation::led::LedUnit;
use sluice_rules::authorisation::settle::RowId;
use sluice_rules::authorisation::standby::Allowance;
use sluice_rules::authorisation::state::State;
use sluice_rules::calendar::Milestone;
use sluice_rules::dormant::DormantState;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_rules::scaling::Capacity;
use sluice_rules::scaling::redistribute::{HeldUnits, cut};
use sluice_rules::scaling::stage::ResultStage;
use sluice_store::tables::authorisations::StoredAuthorisation;
use sluice_store::tables::{authorisations, dormant, outcomes, results, uses, weeks};
use std::collections::{BTreeMap, BTreeSet};

/// MSM-12: the total capacity of a day changes after the firm result.
#[derive(Debug, Serialize, Deserialize)]
pub struct ChangeCapacity {
    /// The S1SP.
    #[serde(with = "crate::words")]
    pub s1sp: S1sp,
    /// The day.
    #[serde(with = "crate::words")]
    pub date: Date,
    /// The new total capacity, in installations.
    pub capacity: u64,
    /// The second operator.
    pub approve: Option<String>,
}

impl Act for ChangeCapacity {
    const KIND: &'static str = "cut";
    type Answer = Version;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("changing a capacity")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Version> {
        let calendar = work.week(week_of(self.date)?)?;
        let before = weeks::capacity(&mut work.tx, &self.s1sp, self.date, self.date)?;
        let before = before.get(&self.date).copied().unwrap_or_else(Capacity::none);
        let sign = self.signatures(work, &calendar, before)?;
        let stood = Standing::of(work, self.s1sp, self.date)?;
        let mut version = self.change(work, &calendar, before)?;
        version.sign = sign;
        // ACC-2: whoever signs sees whose rows and homes it touches. Programs before version 4 told figures alone.
        if work.engine > 3 {
            version.touched = stood.against(&Standing::of(work, self.s1sp, self.date)?);
        }
        Ok(version)
    }
}

/// How the authorisations and Dormant installations of a day stand.
struct Standing {
    rows: BTreeMap<(Party, Eui64, RowId), State>,
    /// MAM-11: with whom units are kept for homes.
    kept: BTreeSet<(Party, Eui64)>,
    dormant: BTreeMap<Eui64, DormantState>,
}

impl Standing {
    fn of(work: &mut Work<'_>, s1sp: S1sp, date: Date) -> Result<Self> {
        let rows = authorisations::of_day(&mut work.tx, &s1sp, date)?;
        let kept = |stored: &StoredAuthorisation| {
            stored.row.led.filter(|led| led.unit == LedUnit::Kept).map(|led| (led.party, stored.chf))
        };
        let lines = dormant::of_week(&mut work.tx, &s1sp, week_of(date)?)?.into_iter();
        Ok(Self {
            kept: rows.iter().filter_map(kept).collect(),
            rows: rows.iter().map(|stored| ((stored.row.party, stored.chf, stored.row.id), stored.row.state)).collect(),
            dormant: lines.map(|line| (line.chf, line.state)).collect(),
        })
    }

    /// What became of them since, in words: a line a party and step, with the first of the homes.
    fn against(&self, after: &Self) -> Vec<String> {
        let mut steps: BTreeMap<String, (u64, First)> = BTreeMap::new();
        let mut add = |what: String, chf: Eui64| {
            let (number, first) = steps.entry(what).or_insert_with(|| (0, First::of("of them")));
            *number += 1;
            first.add(|| chf.to_string());
        };
        for (key @ (party, chf, _), was) in &self.rows {
            if let Some(now) = after.rows.get(key).filter(|now| *now != was) {
                add(format!("authorisations of {party} that were {was} and are {now}"), *chf);
            }
        }
        for (party, chf) in self.kept.difference(&after.kept) {
            add(format!("units of {party} that were kept for homes that it has not authorised, and are no more"), *chf);
        }
        for (chf, was) in &self.dormant {
            if let Some(now) = after.dormant.get(chf).filter(|now| *now != was) {
                add(format!("Dormant installations that were {was} and are {now}"), *chf);
            }
        }
        let line = |(what, (number, first)): (String, (u64, First))| {
            format!("{what}: {number} ({})", first.lines().join(", "))
        };
        steps.into_iter().map(line).collect()
    }
}

/// OUT-1: what the S1SP has begun with on the day itself, in installations. What was not attempted is none of it.
struct Begun {
    /// Those that were migrated or failed.
    attempted: u64,
    /// By party those that have started with a unit and have no outcome yet: programs of before shared their units with the others.
    started: BTreeMap<Party, u64>,
    /// Dormant ones that have started.
    dormant: u64,
    /// Is any Dormant one in the schedule that has not?
    dormant_to_come: bool,
}

impl Begun {
    fn of(work: &mut Work<'_>, s1sp: S1sp, date: Date) -> Result<Self> {
        let known = outcomes::of_day(&mut work.tx, &s1sp, date)?;
        let attempted = known.values().filter(|known| matches!(known.outcome, Some(State::Migrated | State::Failed)));
        let has_started = |chf: &Eui64| known.get(chf).is_some_and(|known| known.outcome.is_none());
        let attempted = length(attempted.count());
        let mut begun = Self { attempted, started: BTreeMap::new(), dormant: 0, dormant_to_come: false };
        if work.engine < 7 {
            return Ok(begun);
        }
        for stored in authorisations::of_day(&mut work.tx, &s1sp, date)? {
            if stored.row.unit && has_started(&stored.chf) {
                *begun.started.entry(stored.row.party).or_default() += 1;
            }
        }
        for line in dormant::of_week(&mut work.tx, &s1sp, week_of(date)?)? {
            let (scheduled, started) = (line.is_in_schedule_of(date), has_started(&line.chf));
            begun.dormant += u64::from(scheduled && started);
            begun.dormant_to_come |= scheduled && !started;
        }
        Ok(begun)
    }

    /// The units of authorisations that have started.
    fn units(&self) -> u64 {
        self.started.values().sum()
    }

    fn places(&self) -> u64 {
        self.attempted + self.units() + self.dormant
    }
}

/// What stands beside the line of a day, by party, and comes back to it. Of a locked day that lies ahead what orders in force have taken out
/// of its schedule: it uses no unit, and returns when they are lifted (STOP-1), so a cut counts it beside what stands. Of a day that is not
/// locked what a cut has taken a unit from before: it is stopped, or suspended (MAM-11). Programs of before knew nothing of either.
#[derive(Default)]
struct Aside {
    /// What would use a unit.
    all: BTreeMap<Party, u64>,
    /// Of what was in a locked schedule so much as its party's allocation has room for: others may have got its unit since.
    returning: BTreeMap<Party, u64>,
}

impl Aside {
    fn of(work: &mut Work<'_>, s1sp: S1sp, date: Date) -> Result<Self> {
        let mut aside = Self::default();
        let locked = is_locked(work, s1sp, date)?;
        // SCH-1: nothing returns to a day that has begun.
        if work.engine < 7 || (locked && date <= local_date(work.now)) || (!locked && work.engine < 8) {
            return Ok(aside);
        }
        let mut rows = authorisations::of_day(&mut work.tx, &s1sp, date)?;
        rows.retain(|StoredAuthorisation { row, .. }| match locked {
            true => row.state == State::Stopped,
            false => row.is_first_in_line_aside(),
        });
        if rows.is_empty() {
            return Ok(aside);
        }
        let terms = work.mam_terms()?;
        let mut facts = Facts::open(work, s1sp, terms)?;
        facts.load(work, rows.iter().map(|stored| stored.chf))?;
        for StoredAuthorisation { chf, row, .. } in rows {
            // MAM-2: of two suppliers' rows the Lead Supplier's uses the unit.
            let counts = facts.dossier(chf).is_some_and(|file| match locked {
                true => file.case.meters.lead_on(date) == Some(row.party),
                false => file.case.can_keep_unit(&row),
            });
            *aside.all.entry(row.party).or_default() += u64::from(counts);
        }
        if locked {
            let allowances = uses::allowances(&mut work.tx, &s1sp, date, date)?;
            let free = |party: Party| allowances.get(&(party, date)).map_or(0, Allowance::free);
            aside.returning = aside.all.iter().map(|(party, all)| (*party, free(*party).min(*all))).collect();
        }
        Ok(aside)
    }
}

fn units(by_party: &BTreeMap<Party, u64>, party: Party) -> u64 {
    by_party.get(&party).copied().unwrap_or(0)
}

fn length(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

impl ChangeCapacity {
    /// MSM-12: two operators; on the day itself one acts and the second signs within some hours.
    fn signatures(
        &self,
        work: &mut Work<'_>,
        calendar: &WeekCalendar<'_>,
        before: Capacity,
    ) -> Result<Option<(i64, Moment)>> {
        let what = "a change of capacity after the firm result";
        let alone = self.approve.is_none() && work.second != Second::ToCome;
        if alone && self.date == local_date(work.now) {
            let hours = calendar.rulebook.number("cut_signature_hours")?;
            let Self { s1sp, date, capacity, .. } = *self;
            let what = format!("the capacity of {s1sp} on {date} goes from {} to {capacity}", before.total());
            let (id, due) = crate::days::signatures::ask(work, "MSM-12", (s1sp, date), what, hours)?;
            return Ok(Some((id, Moment::new(Some(due), work.engine))));
        }
        second_operator(work, self.approve.as_deref(), "MSM-12", what)?;
        Ok(None)
    }

    fn change(&self, work: &mut Work<'_>, calendar: &WeekCalendar<'_>, before: Capacity) -> Result<Version> {
        let firm = Firm::load(work, &self.s1sp, calendar, "MSM-12")?;
        if self.date < local_date(work.now) {
            return Err(ServiceError::rule("MSM-12", format!("{} is over: its capacity was what it was", self.date)));
        }
        // MSM-12: what falls is taken from the Dormant reserve first; of a locked day Dormant installations leave as needed.
        let fall = before.total().saturating_sub(self.capacity);
        let left = before.reserve().saturating_sub(fall);
        let begun = Begun::of(work, self.s1sp, self.date)?;
        let aside = Aside::of(work, self.s1sp, self.date)?;
        let rest = self.capacity.saturating_sub(begun.attempted);
        let stay = match fall {
            0 => None,
            _ => {
                let rest = rest.saturating_sub(aside.returning.values().sum());
                crate::dormant::day::make_room(work, self.s1sp, self.date, rest)?
            }
        };
        let capacity = Capacity::new(self.capacity, stay.unwrap_or(left).min(self.capacity));
        let capacity = capacity.map_err(ServiceError::wrong)?;
        weeks::set_capacity(&mut work.tx, &self.s1sp, self.date, capacity)?;
        let standings = self.standings(work, calendar, &firm, (&begun, &aside))?;
        if fall > 0 {
            self.must_take_something(work, &begun, &standings)?;
        }
        let total: u64 = standings.iter().map(|standing| standing.units).sum();
        if self.capacity > before.total()
            && let Some(version) = share_rise(work, (self.s1sp, self.date), calendar, &firm, &aside.all)?
        {
            return Ok(version);
        }
        // MSM-12: a rise adds unallocated units, and so does a fall that still leaves everyone what stands.
        let fits = total <= capacity.available() && self.is_before_cutoff(work, calendar);
        if self.capacity >= before.total() || fits || self.takes_nothing(work, capacity)? {
            return unchanged(work, &self.s1sp, calendar.monday);
        }
        let rest = rest.saturating_sub(begun.units());
        let rest = Capacity::new(rest, capacity.reserve().min(rest)).map_err(ServiceError::wrong)?;
        let pool = cut(firm.day(self.s1sp, self.date), rest, &standings).map_err(ServiceError::wrong)?;
        let version = finish(work, &self.s1sp, calendar, ResultStage::Cut, &firm, &[pool])?;
        crate::schedule::issue::issue_again(work, self.s1sp, self.date)?;
        Ok(version)
    }

    /// MSM-12: do all allocations still have room, of a day that is not locked? Then nobody loses a unit by the fall, used or not: what
    /// stands in line of another day may be waiting for it. Programs of before took what no row used, once the cut-off was over.
    fn takes_nothing(&self, work: &mut Work<'_>, capacity: Capacity) -> Result<bool> {
        if work.engine < 9 || is_locked(work, self.s1sp, self.date)? {
            return Ok(false);
        }
        let held = results::allocations(&mut work.tx, &self.s1sp, self.date, self.date)?;
        Ok(held.iter().map(|record| record.units).sum::<u64>() <= capacity.available())
    }

    /// OUT-1: what the S1SP has begun with keeps its place, so a fall below that which has no other place to take is none.
    fn must_take_something(&self, work: &Work<'_>, begun: &Begun, standings: &[HeldUnits]) -> Result<()> {
        let others = begun.dormant_to_come || standings.iter().any(|standing| standing.units > 0);
        if work.is_again() || others || self.capacity >= begun.places() {
            return Ok(());
        }
        let Self { s1sp, date, .. } = self;
        let (places, homes) = (begun.places(), count(begun.places(), "home"));
        let message = format!(
            "{s1sp} has begun with every home that has a place on {date}, and what has begun keeps it: {homes}; name a capacity of {places} or more"
        );
        Err(ServiceError::rule("MSM-12", message))
    }

    fn is_before_cutoff(&self, work: &Work<'_>, calendar: &WeekCalendar<'_>) -> bool {
        let closes = calendar.closes(self.date);
        work.now < if work.engine > 6 { closes } else { calendar.at(Milestone::AuthorisationCutoff) }
    }

    /// MSM-12: the allocations before the authorisation cut-off, the accepted authorisations after it, and what a stop order has
    /// taken out of the schedule beside them (STOP-1).
    fn standings(
        &self,
        work: &mut Work<'_>,
        calendar: &WeekCalendar<'_>,
        firm: &Firm,
        (begun, aside): (&Begun, &Aside),
    ) -> Result<Vec<HeldUnits>> {
        let before = self.is_before_cutoff(work, calendar);
        let used = uses::allowances(&mut work.tx, &self.s1sp, self.date, self.date)?;
        let attempted = attempted(work, &self.s1sp, self.date)?;
        let held = results::allocations(&mut work.tx, &self.s1sp, self.date, self.date)?;
        let standing = held.into_iter().map(|record| {
            let started = units(&begun.started, record.party);
            let stands = if before {
                record.units
            } else {
                let used = used.get(&(record.party, self.date)).map_or(0, |allowance| allowance.used);
                used + units(&aside.returning, record.party)
            };
            HeldUnits {
                party: record.party,
                units: stands.saturating_sub(started),
                attempted: units(&attempted, record.party) + started,
                opening: firm.opening(record.party, self.date),
            }
        });
        Ok(standing.collect())
    }
}
