//! The noticed installations are judged again when what decides on them has changed: stop orders, holds, imports, changes of
//! supplier (DMT-1, DMT-5, STOP-1, MAM-12).

use crate::act::work::Work;
use crate::books::calendar::{local_date, week_of};
use crate::dormant::roster::{Roster, in_words};
use crate::error::Result;
use crate::schedule::issue::issue_again;
use jiff::civil::Date;
use sluice_rules::calendar::Milestone;
use sluice_rules::codes::RowCode;
use sluice_rules::dormant::{DormantEvent, DormantState};
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_store::tables::dormant::DormantLineRecord;
use sluice_store::tables::{dormant, parties, schedules};
use std::collections::{BTreeMap, BTreeSet};

/// What a review changed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reviewed {
    /// Installations that left their week or were stopped while they were in a locked schedule.
    pub from_schedules: BTreeSet<(Eui64, Date)>,
    /// Installations that changed in any way.
    pub changed: u64,
    /// Of these, those that left their week.
    pub left: u64,
    /// Of these, those whose day is locked or over, and that wait for a later one.
    pub later: u64,
    /// New versions of notices for suppliers that have come (DMT-5).
    pub notices: u64,
}

/// Judges the noticed installations of an S1SP again, or only some of them. Who calls issues the schedules again from which any
/// has gone, so that an act makes one version. `cause` is the import that they leave for (REF-2).
///
/// # Errors
/// If the database fails.
pub(crate) fn review(
    work: &mut Work<'_>,
    s1sp: S1sp,
    only: Option<&BTreeSet<Eui64>>,
    cause: Option<i64>,
) -> Result<Reviewed> {
    let mut reviewed = Reviewed::default();
    let this_week = week_of(local_date(work.now))?;
    for week in weeks_of(work, s1sp, this_week, only)? {
        let mut roster = match only {
            Some(only) => Roster::with(work, s1sp, week, only)?,
            None => Roster::load(work, s1sp, week)?,
        };
        let (gone, notices) = roster.rejudge(work, only, cause)?;
        roster.save(work)?;
        let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let changed = || roster.changed.iter().filter_map(|chf| roster.lines.get(chf));
        let waits = |line: &&DormantLineRecord| line.state == DormantState::Noticed && roster.day_gone(line).is_some();
        reviewed.changed += number(roster.changed.len());
        reviewed.left += number(changed().filter(|line| line.state == DormantState::Out).count());
        reviewed.later += number(changed().filter(waits).count());
        reviewed.notices += notices;
        reviewed.from_schedules.extend(gone);
    }
    Ok(reviewed)
}

/// The weeks to look at: those that have the installations, or all that have any.
fn weeks_of(work: &mut Work<'_>, s1sp: S1sp, from: Date, only: Option<&BTreeSet<Eui64>>) -> Result<BTreeSet<Date>> {
    let Some(only) = only else { return Ok(dormant::open_weeks(&mut work.tx, &s1sp, from)?.into_iter().collect()) };
    let mut weeks = BTreeSet::new();
    for chf in only {
        let lines = dormant::of_installation(&mut work.tx, *chf)?;
        let open = lines.into_iter().filter(|(of, line)| *of == s1sp && line.week >= from && line.state.is_open());
        weeks.extend(open.map(|(_, line)| line.week));
    }
    Ok(weeks)
}

impl Reviewed {
    /// The days whose schedule is another one with it.
    pub(crate) fn days(&self) -> BTreeSet<Date> {
        self.from_schedules.iter().map(|(_, date)| *date).collect()
    }

    /// SCH-1: issues the schedules of those days again, but for those that the act has issued with it already.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) fn issue(&self, work: &mut Work<'_>, s1sp: S1sp) -> Result<()> {
        self.days().into_iter().try_for_each(|date| issue_again(work, s1sp, date))
    }
}

/// Judges the noticed installations of every S1SP again.
///
/// # Errors
/// If the database fails.
pub(crate) fn review_all(work: &mut Work<'_>, cause: Option<i64>) -> Result<Vec<(S1sp, Reviewed)>> {
    let s1sps = parties::s1sps(&mut work.tx)?;
    s1sps.into_iter().map(|s1sp| Ok((s1sp, review(work, s1sp, None, cause)?))).collect()
}

/// REF-2: an import is undone: what left its week only because of it comes back, and what has left since by the undoing of later ones.
/// Gives how many.
///
/// # Errors
/// If the database fails.
pub(crate) fn give_back(work: &mut Work<'_>, import: i64) -> Result<u64> {
    let mut left: BTreeMap<(S1sp, Date), Vec<Eui64>> = BTreeMap::new();
    for (s1sp, line) in dormant::left_by(&mut work.tx, import, work.engine > 5)? {
        left.entry((s1sp, line.week)).or_default().push(line.chf);
    }
    let mut back = 0;
    for ((s1sp, week), chfs) in left {
        let mut roster = Roster::with(work, s1sp, week, &chfs.iter().copied().collect())?;
        let mut days = BTreeSet::new();
        for chf in chfs {
            if let Some(date) = roster.bring_back(work, chf)? {
                days.extend(date);
                back += 1;
            }
        }
        roster.save(work)?;
        days.into_iter().try_for_each(|date| issue_again(work, s1sp, date))?;
    }
    Ok(back)
}

impl Roster<'_> {
    /// Judges lines again: those that have lost their ground leave, those that a stop order covers are stopped or in again,
    /// and suppliers that have come are told while there is time (DMT-5). Gives what has gone from locked schedules, and how
    /// many notices were issued again.
    pub(crate) fn rejudge(
        &mut self,
        work: &mut Work<'_>,
        only: Option<&BTreeSet<Eui64>>,
        cause: Option<i64>,
    ) -> Result<(BTreeSet<(Eui64, Date)>, u64)> {
        let in_time = work.now < self.calendar.at(Milestone::DmmsNotice);
        let open = self.lines.values().filter(|line| line.state.is_open()).map(|line| line.chf);
        let chfs: Vec<Eui64> = open.filter(|chf| only.is_none_or(|only| only.contains(chf))).collect();
        let mut gone = BTreeSet::new();
        let mut gaining: BTreeSet<Party> = BTreeSet::new();
        for chf in chfs {
            // DMT-5: a supplier that comes before the notices were due is told like the others.
            if in_time {
                gaining.extend(self.tell_suppliers(work, chf)?);
            }
            let Some(line) = self.lines.get(&chf) else { continue };
            match (line.state, line.date) {
                (DormantState::Scheduled, Some(date)) => {
                    if !self.has_begun(chf, date) && self.rejudge_scheduled(work, chf, date, cause)? {
                        gone.insert((chf, date));
                    }
                }
                _ => self.rejudge_waiting(work, chf, cause)?,
            }
        }
        let notices = u64::try_from(gaining.len()).unwrap_or(u64::MAX);
        for party in gaining {
            self.issue_notice(work, party)?;
        }
        Ok((gone, notices))
    }

    /// OUT-1: is its day over, or has the S1SP begun with it? Then only its outcome changes it.
    pub(crate) fn has_begun(&self, chf: Eui64, date: Date) -> bool {
        date < self.today || self.facts.has_begun(chf, date)
    }

    /// SCH-1: what is in a locked schedule; gives whether it has gone from it.
    fn rejudge_scheduled(&mut self, work: &mut Work<'_>, chf: Eui64, date: Date, cause: Option<i64>) -> Result<bool> {
        let mut codes = self.against(chf, date);
        let stopped = codes.remove(RowCode::MA124.code());
        let later = self.lines.get(&chf).map(|line| self.days_for(line)).unwrap_or_default();
        // MAM-12: what cannot be migrated on its day alone waits for a later one.
        if !codes.is_empty() && later.iter().any(|day| self.against(chf, *day).is_empty()) {
            self.step(chf, DormantEvent::Wait);
            let why = in_words(&joined(&codes));
            self.tell(
                work,
                chf,
                "DMT-1",
                &format!("it leaves the schedule of {date} and waits for a later day: {why}"),
            )?;
        } else if !codes.is_empty() {
            self.leave(work, chf, &joined(&codes), cause)?;
        } else if stopped {
            self.stop(work, chf)?;
        }
        Ok(stopped || !codes.is_empty())
    }

    /// What waits for its day: it leaves if it can be migrated on none that is left.
    fn rejudge_waiting(&mut self, work: &mut Work<'_>, chf: Eui64, cause: Option<i64>) -> Result<()> {
        let Some(line) = self.lines.get(&chf) else { return Ok(()) };
        let (days, state, date) = (self.days_for(line), line.state, line.date);
        let Some(own) = date.filter(|date| days.contains(date)).or_else(|| days.first().copied()) else {
            return Ok(());
        };
        let found: Vec<_> = days.iter().map(|day| (*day, self.against(chf, *day))).collect();
        let stop = RowCode::MA124.code();
        let stopped = found.iter().all(|(_, codes)| codes.contains(stop));
        let lost = found.iter().all(|(_, codes)| codes.iter().any(|code| *code != stop));
        if lost {
            let mut codes = self.against(chf, own);
            codes.remove(stop);
            return self.leave(work, chf, &joined(&codes), cause);
        }
        match state {
            DormantState::Noticed if stopped => self.stop(work, chf),
            DormantState::Stopped if !stopped => {
                self.step(chf, DormantEvent::Lift);
                // Its own day may have gone by without it: that place is idle by the stop order.
                let gone = self.lines.get(&chf).and_then(|line| self.day_gone(line));
                if let Some(line) = self.lines.get_mut(&chf).filter(|_| work.engine > 2) {
                    line.lost = gone;
                }
                let week = self.week();
                let words = match gone.filter(|_| work.engine > 7) {
                    Some(date) => format!(
                        "the stop order is lifted: it is not migrated on {date}, which is locked or over, and waits for \
                         a later day of the week of {week}"
                    ),
                    None => {
                        format!("the stop order is lifted: it is in the Dormant migrations of the week of {week} again")
                    }
                };
                self.tell(work, chf, "STOP-1", &words)
            }
            _ => Ok(()),
        }
    }

    /// STOP-1: a stop order covers it.
    fn stop(&mut self, work: &mut Work<'_>, chf: Eui64) -> Result<()> {
        if !self.step(chf, DormantEvent::Stop) {
            return Ok(());
        }
        if let Some(line) = self.lines.get_mut(&chf) {
            RowCode::MA124.code().clone_into(&mut line.codes);
        }
        let words =
            format!("a stop order covers it; it is not migrated in the week of {} until that is lifted", self.week());
        self.tell(work, chf, "STOP-1", &words)
    }

    /// REF-2: brings a line back that an import took out, into the schedule that it left if that is still ahead. Gives
    /// whether it came back, and the day of the schedule.
    fn bring_back(&mut self, work: &mut Work<'_>, chf: Eui64) -> Result<Option<Option<Date>>> {
        if self.is_elsewhere(work, chf)? {
            return Ok(None);
        }
        let Some(line) = self.lines.get(&chf) else { return Ok(None) };
        let was_scheduled = line.was == Some(DormantState::Scheduled);
        let ahead = line.date.filter(|date| was_scheduled && *date > self.today && self.locked.contains(date));
        if let Some(date) = ahead
            && self.against(chf, date).is_empty()
            && self.room_left(work, date)? > 0
        {
            self.step(chf, DormantEvent::Return { scheduled: true });
            self.tell_back(work, chf)?;
            return Ok(Some(Some(date)));
        }
        if !self.days_for(line).iter().any(|day| self.against(chf, *day).is_empty()) {
            return Ok(None);
        }
        self.step(chf, DormantEvent::Return { scheduled: false });
        self.tell_back(work, chf)?;
        Ok(Some(None))
    }

    fn tell_back(&self, work: &mut Work<'_>, chf: Eui64) -> Result<()> {
        let words = format!(
            "it is in the Dormant migrations of the week of {} again: the data that took it out were wrong",
            self.week()
        );
        self.tell(work, chf, "REF-2", &words)
    }
}

fn joined(codes: &BTreeSet<&'static str>) -> String {
    codes.iter().copied().collect::<Vec<_>>().join(" ")
}

/// Is a day locked?
///
/// # Errors
/// If the database fails.
pub(crate) fn is_locked(work: &mut Work<'_>, s1sp: S1sp, date: Date) -> Result<bool> {
    Ok(schedules::version(&mut work.tx, &s1sp, date)? > 0)
}
