//! MSM-11: until when queries may be raised against a result: until the query window of its week closes, and against a corrected
//! one once more.

use crate::act::tell::tell;
use crate::act::work::{Reads, Work};
use crate::books::calendar::{WeekCalendar, in_words, local_date};
use crate::error::{Result, ServiceError};
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::calendar::{Milestone, local};
use sluice_rules::party::{Party, S1sp};
use sluice_rules::scaling::stage::ResultStage;
use sluice_store::tables::results::{self, ResultLineRecord};
use sluice_store::tables::weeks;
use std::collections::{BTreeMap, BTreeSet};

/// Windows that corrected results have opened again: for each party whose line one has changed, the first that did, and until when.
#[derive(Default)]
pub(crate) struct Reopened(BTreeMap<Party, Window>);

/// A window that a version of a result has opened again.
struct Window {
    version: i64,
    until: Timestamp,
}

impl Reopened {
    /// Until when a party may raise a query again; nothing if its line is as it was.
    pub(crate) fn until(&self, party: Party) -> Option<Timestamp> {
        self.0.get(&party).map(|window| window.until)
    }

    /// Until when anybody may.
    pub(crate) fn last(&self) -> Option<Timestamp> {
        self.0.values().map(|window| window.until).max()
    }
}

/// MSM-11: what corrected results of a week have opened again, once for each party: until 17:00 on the Working Day after the first
/// publication that changed its line, and not before the ordinary end. Whoever reads as a party finds its own window.
///
/// # Errors
/// If the database fails, or the calendar does not reach that far.
pub(crate) fn reopened<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    calendar: &WeekCalendar<'_>,
    s1sp: &S1sp,
) -> Result<Reopened> {
    let mut published = results::versions(&mut work.tx, s1sp, calendar.monday)?;
    // A refill or a cut corrects nothing.
    published.retain(|one| one.published_at.is_some() && !matches!(one.stage, ResultStage::Refill | ResultStage::Cut));
    // Programs of before looked at the second publication alone.
    published.truncate(if work.engine > 3 { usize::MAX } else { 2 });
    let mut windows = BTreeMap::new();
    let Some((first, later)) = published.split_first() else { return Ok(Reopened(windows)) };
    let mut lines = |version| results::lines(&mut work.tx, s1sp, calendar.monday, calendar.sunday(), version);
    let before = lines(first.version)?;
    for (corrected, at) in later.iter().filter_map(|one| one.published_at.map(|at| (one, at))) {
        let next = work.books.working_days.next(local_date(at))?;
        let until = local(next, jiff::civil::time(17, 0, 0, 0));
        let until = until.ok_or_else(|| ServiceError::defect("a Working Day has no 17:00"))?.timestamp();
        let (version, until) = (corrected.version, until.max(calendar.at(Milestone::QueryCloses)));
        for party in changed(&before, &lines(version)?) {
            windows.entry(party).or_insert(Window { version, until });
        }
    }
    Ok(Reopened(windows))
}

/// The parties whose line of any day is another one.
fn changed(before: &[ResultLineRecord], after: &[ResultLineRecord]) -> BTreeSet<Party> {
    let figures = |line: &ResultLineRecord| {
        let ResultLineRecord { date, party, demand, counted, allocation, opening, closing, .. } = line;
        (*date, *party, *demand, *counted, *allocation, *opening, *closing)
    };
    let set = |lines: &[ResultLineRecord]| lines.iter().map(figures).collect::<BTreeSet<_>>();
    let (before, after) = (set(before), set(after));
    before.symmetric_difference(&after).map(|(_, party, ..)| *party).collect()
}

/// MSM-11: a result was published as provisional: whose window it opens again is told until when to raise a query.
///
/// # Errors
/// If the database fails.
pub(crate) fn tell_reopened(work: &mut Work<'_>, calendar: &WeekCalendar<'_>, s1sp: &S1sp, version: i64) -> Result<()> {
    let Reopened(mut windows) = reopened(work, calendar, s1sp)?;
    windows.retain(|_, window| window.version == version);
    let Some(until) = windows.values().next().map(|window| window.until) else { return Ok(()) };
    let week = calendar.monday;
    let words = format!(
        "your line of the week of {week} at {s1sp} has changed with version {version} of the result: raise a query until {} if it is wrong",
        in_words(until)
    );
    windows.into_keys().try_for_each(|party| tell(work, party, "MSM-11", None, &words))?;
    if work.engine < 4 { move_along(work, calendar, week, until) } else { Ok(()) }
}

/// MSM-11: until when the result of a week at an S1SP is to be firm: at the milestone, or when a window that was opened again closes,
/// unless that is beyond what comes next in any case.
///
/// # Errors
/// As [`reopened`].
pub(crate) fn firm_due<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    calendar: &WeekCalendar<'_>,
    s1sp: &S1sp,
) -> Result<Timestamp> {
    let due = calendar.at(Milestone::FirmDue);
    let last = reopened(work, calendar, s1sp)?.last().unwrap_or(due);
    Ok(if last <= calendar.at(Milestone::HandbackCutoff) { last.max(due) } else { due })
}

/// Programs of before moved the milestone, for every S1SP.
fn move_along(work: &mut Work<'_>, calendar: &WeekCalendar<'_>, week: Date, until: Timestamp) -> Result<()> {
    let due = calendar.at(Milestone::FirmDue);
    if due < until && until <= calendar.at(Milestone::HandbackCutoff) {
        let reason = "queries against a corrected result may be raised until then (MSM-11)";
        weeks::move_milestone(&mut work.tx, week, Milestone::FirmDue, until, reason, None)?;
    }
    Ok(())
}
