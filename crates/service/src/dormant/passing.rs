//! Dormant installations whose market participant ids pass to another party (MAM-11).

use crate::act::work::Work;
use crate::books::calendar::{local_date, week_of};
use crate::dormant::notify::can_be_sent;
use crate::dormant::review::{Reviewed, review};
use crate::dormant::roster::{ANSWERED_ACTIVE, Roster, suppliers_on};
use crate::error::Result;
use crate::schedule::issue::issue_again;
use jiff::civil::Date;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::calendar::Milestone;
use sluice_rules::dormant::DormantState;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_store::tables::dormant::{AnswerRecord, DormantLineRecord};
use sluice_store::tables::responsibility::ResponsibilityEvent;
use sluice_store::tables::{dormant, schedules};
use std::collections::BTreeSet;

/// MAM-11: with a transfer notices and answers follow, as rows do; an appointment is a change of supplier like others (DMT-5).
/// Who calls issues the days that it gives; with them, how many lines leave their week or have another notice.
///
/// # Errors
/// If the database fails.
pub(crate) fn follow_event(
    work: &mut Work<'_>,
    s1sp: S1sp,
    event: &ResponsibilityEvent,
) -> Result<(BTreeSet<Date>, u64)> {
    let this_week = week_of(local_date(work.now))?;
    let mut days = BTreeSet::new();
    for week in dormant::open_weeks(&mut work.tx, &s1sp, this_week)? {
        let mut roster = Roster::load(work, s1sp, week)?;
        if event.kind == EventKind::Transfer {
            roster.pass_on(work, event.from, event.to)?;
        }
        // A schedule names the suppliers, so it may be another one although nothing leaves it.
        let scheduled = roster.lines.values().filter(|line| line.state == DormantState::Scheduled);
        days.extend(scheduled.filter_map(|line| line.date).filter(|date| *date >= roster.today));
    }
    let reviewed: Reviewed = review(work, s1sp, None, None)?;
    days.extend(reviewed.days());
    Ok((days, reviewed.changed))
}

/// SCH-1: issues schedules again; gives those that have a new version.
///
/// # Errors
/// If the database fails.
pub(crate) fn issue_days(work: &mut Work<'_>, s1sp: S1sp, days: BTreeSet<Date>) -> Result<Vec<Date>> {
    let mut issued = Vec::new();
    for date in days {
        let before = schedules::version(&mut work.tx, &s1sp, date)?;
        issue_again(work, s1sp, date)?;
        if schedules::version(&mut work.tx, &s1sp, date)? > before {
            issued.push(date);
        }
    }
    Ok(issued)
}

impl Roster<'_> {
    /// The gaining party stands in the place of the other one: it was told of what that was told of, and has answered what
    /// that has answered, unless it has an answer of its own. It gets the notice itself while there is time to answer.
    fn pass_on(&mut self, work: &mut Work<'_>, from: Party, to: Party) -> Result<()> {
        let week = self.week();
        let mut told: Vec<(Eui64, Party)> = Vec::new();
        // One that is said to be Active can be said not to be (DMT-3).
        let can_change = |line: &&DormantLineRecord| line.state.is_open() || line.codes == ANSWERED_ACTIVE;
        let lines: Vec<Eui64> = self.lines.values().filter(can_change).map(|line| line.chf).collect();
        self.facts.load(work, lines.iter().copied())?;
        let passed: Vec<Eui64> = lines.into_iter().filter(|chf| self.has_passed(*chf, from, to)).collect();
        for chf in passed {
            if self.noticed.entry(chf).or_default().insert(to) {
                told.push((chf, to));
            }
            let answers = self.answers.entry(chf).or_default();
            if !answers.contains_key(&to)
                && let Some(answer) = answers.remove(&from)
            {
                answers.insert(to, AnswerRecord { party: to, ..answer });
                dormant::pass_answer(&mut work.tx, &self.s1sp, week, chf, &from, &to)?;
            }
        }
        let is_new = !told.is_empty();
        dormant::add_notices(&mut work.tx, &self.s1sp, week, told, work.now)?;
        if is_new && work.now < self.calendar.at(Milestone::DmmsResponse) && can_be_sent(work, to)? {
            self.issue_notice(work, to)?;
        }
        Ok(())
    }

    /// Was the one told of it, and does the other supply a meter of it now that was the one's?
    fn has_passed(&self, chf: Eui64, from: Party, to: Party) -> bool {
        let told = self.noticed.get(&chf).is_some_and(|noticed| noticed.contains(&from));
        let Some(file) = self.facts.dossier(chf).filter(|_| told) else { return false };
        let suppliers = suppliers_on(file, self.calendar.sunday());
        suppliers.contains(&to) && !suppliers.contains(&from)
    }
}
