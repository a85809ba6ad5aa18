//! The days: which Dormant installations are migrated (DMT-1), which make room (MSM-12), and what became of them.

use crate::act::work::Work;
use crate::books::calendar::week_of;
use crate::dormant::review::is_locked;
use crate::dormant::roster::Roster;
use crate::error::Result;
use jiff::civil::Date;
use sluice_rules::authorisation::state::State;
use sluice_rules::dormant::{DormantEvent, DormantState, fill_day};
use sluice_rules::party::{Eui64, S1sp};
use sluice_store::tables::dormant::{self, DormantLineRecord};
use sluice_store::tables::{authorisations, uses};
use std::collections::{BTreeMap, BTreeSet};

/// What filling a day did.
#[derive(Debug, Default)]
pub(crate) struct Filled {
    /// How many Dormant installations of the week changed, by their new state.
    pub counts: BTreeMap<String, u64>,
    /// The days of the week from whose locked schedules any has gone: they are issued again.
    pub gone: BTreeSet<Date>,
}

/// DMT-1: the day is being locked, its authorised installations are scheduled: what capacity is left takes the noticed ones.
/// With the last day of the week ends what no day had room for.
///
/// # Errors
/// If the database fails.
pub(crate) fn fill(work: &mut Work<'_>, s1sp: S1sp, date: Date) -> Result<Filled> {
    let week = week_of(date)?;
    if !dormant::open_weeks(&mut work.tx, &s1sp, week)?.contains(&week) {
        return Ok(Filled::default());
    }
    let mut roster = Roster::load(work, s1sp, week)?;
    // SCH-2: judged again with the data of this moment.
    let (gone, _) = roster.rejudge(work, None, None)?;
    let room = roster.room_left(work, date)?;
    let chosen = fill_day(&roster.waiting()?, date, room);
    for chf in &chosen {
        roster.schedule(work, *chf, date)?;
    }
    roster.locked.insert(date);
    roster.end_if_over();
    roster.save(work)?;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for line in roster.changed.iter().filter_map(|chf| roster.lines.get(chf)) {
        *counts.entry(line.state.to_string()).or_default() += 1;
    }
    Ok(Filled { counts, gone: gone.into_iter().map(|(_, day)| day).collect() })
}

impl Roster<'_> {
    /// Installations that a day still has room for, beside all that are in its schedule, those included that this act has put
    /// there.
    pub(crate) fn room_left(&self, work: &mut Work<'_>, date: Date) -> Result<u64> {
        let rows = authorisations::of_day(&mut work.tx, &self.s1sp, date)?;
        let authorised = rows.iter().filter(|stored| matches!(stored.row.state, State::Scheduled | State::Unknown));
        let mut scheduled: BTreeSet<Eui64> = authorised.map(|stored| stored.chf).collect();
        let dormant = self.lines.values().filter(|line| line.is_in_schedule_of(date));
        scheduled.extend(dormant.map(|line| line.chf));
        let total = self.capacity.get(&date).map_or(0, |capacity| capacity.total());
        Ok(total.saturating_sub(u64::try_from(scheduled.len()).unwrap_or(u64::MAX)))
    }

    /// SCH-1: an installation goes into the schedule of a day; who was told of another day, or of none, is told.
    fn schedule(&mut self, work: &mut Work<'_>, chf: Eui64, date: Date) -> Result<()> {
        if !self.step(chf, DormantEvent::Lock) {
            return Ok(());
        }
        let Some(line) = self.lines.get_mut(&chf) else { return Ok(()) };
        if line.date.replace(date) != Some(date) {
            let words = format!("it is in the schedule of {date}, which had room for it");
            self.tell(work, chf, "DMT-1", &words)?;
        }
        Ok(())
    }

    /// DMT-1: with the last Migration Day of the week ends what waited for one.
    fn end_if_over(&mut self) {
        if !self.days_left().is_empty() {
            return;
        }
        let waits = |line: &&DormantLineRecord| matches!(line.state, DormantState::Noticed | DormantState::Stopped);
        let over: Vec<Eui64> = self.lines.values().filter(waits).map(|line| line.chf).collect();
        for chf in over {
            self.step(chf, DormantEvent::End);
        }
    }
}

/// MSM-12: what is left of the capacity of a locked day falls to a total: Dormant installations that the S1SP has not begun
/// with leave first, the last of the plan first, as many as it takes. Gives how many stay; nothing if the day is not locked.
///
/// # Errors
/// If the database fails.
pub(crate) fn make_room(work: &mut Work<'_>, s1sp: S1sp, date: Date, total: u64) -> Result<Option<u64>> {
    if !is_locked(work, s1sp, date)? {
        return Ok(None);
    }
    let mut roster = Roster::load(work, s1sp, week_of(date)?)?;
    let in_schedule = roster.lines.values().filter(|line| line.is_in_schedule_of(date));
    let mut lines: Vec<DormantLineRecord> = in_schedule.cloned().collect();
    lines.sort_by_key(|line| (line.line, line.place));
    let authorised: u64 = {
        let allowances = uses::allowances(&mut work.tx, &s1sp, date, date)?;
        allowances.values().map(|allowance| allowance.used).sum()
    };
    let mut stay = u64::try_from(lines.len()).unwrap_or(u64::MAX);
    while let Some(line) = lines.pop() {
        if authorised + stay <= total {
            break;
        }
        if !roster.has_begun(line.chf, date) && roster.step(line.chf, DormantEvent::Wait) {
            stay -= 1;
            let words = format!("it leaves the schedule of {date}: the capacity of the day has fallen");
            roster.tell(work, line.chf, "MSM-12", &words)?;
        }
    }
    roster.end_if_over();
    roster.save(work)?;
    Ok(Some(stay))
}

/// OUT-1, OUT-4: Dormant installations in the schedule of a day have come to an end; others are left alone.
///
/// # Errors
/// If the database fails.
pub(crate) fn conclude(work: &mut Work<'_>, s1sp: S1sp, date: Date, ends: &[(Eui64, State)]) -> Result<()> {
    if ends.is_empty() {
        return Ok(());
    }
    let outcome = |state: State| match state {
        State::Migrated => Some(DormantState::Migrated),
        State::Failed => Some(DormantState::Failed),
        State::NotAttempted => Some(DormantState::NotAttempted),
        State::Unknown => Some(DormantState::Unknown),
        _ => None,
    };
    let ends: BTreeMap<Eui64, DormantState> =
        ends.iter().filter_map(|(chf, state)| Some((*chf, outcome(*state)?))).collect();
    let mut changed = Vec::new();
    for mut line in dormant::of_week(&mut work.tx, &s1sp, week_of(date)?)? {
        let Some(outcome) = ends.get(&line.chf).filter(|_| line.date == Some(date)) else { continue };
        if let Some(next) = line.state.after(DormantEvent::Conclude(*outcome)) {
            line.state = next;
            changed.push(line);
        }
    }
    Ok(dormant::update(&mut work.tx, &s1sp, &changed)?)
}
