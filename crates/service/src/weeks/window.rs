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
use sluice_store::tables::results::{self, ResultLineRecord, ResultRecord};
use sluice_store::tables::weeks;
use std::collections::BTreeSet;

/// The window that the first corrected result opens again.
pub(crate) struct Reopened {
    /// Until when, as it follows from its publication.
    pub until: Timestamp,
    /// The parties whose line it changed.
    pub parties: BTreeSet<Party>,
}

/// MSM-11: what the first corrected result of a week has opened again, until 17:00 on the Working Day after its publication and
/// not before the ordinary end; nothing if no line changed by it, or none was published.
///
/// # Errors
/// If the database fails, or the calendar does not reach that far.
pub(crate) fn reopened<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    calendar: &WeekCalendar<'_>,
    s1sp: &S1sp,
) -> Result<Option<Reopened>> {
    let mut published = results::versions(&mut work.tx, s1sp, calendar.monday)?;
    published.retain(|result| result.published_at.is_some());
    let [first, corrected, ..] = &published[..] else { return Ok(None) };
    let Some(at) = corrected.published_at else { return Ok(None) };
    let mut lines =
        |result: &ResultRecord| results::lines(&mut work.tx, s1sp, calendar.monday, calendar.sunday(), result.version);
    let parties = changed(&lines(first)?, &lines(corrected)?);
    if parties.is_empty() {
        return Ok(None);
    }
    let next = work.books.working_days.next(local_date(at))?;
    let until = local(next, jiff::civil::time(17, 0, 0, 0));
    let until = until.ok_or_else(|| ServiceError::defect("a Working Day has no 17:00"))?.timestamp();
    Ok(Some(Reopened { until: until.max(calendar.at(Milestone::QueryCloses)), parties }))
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

/// MSM-11: a result was published as provisional: whose line it changes is told until when to raise a query, and what must come
/// after the window moves along.
///
/// # Errors
/// If the database fails.
pub(crate) fn tell_reopened(work: &mut Work<'_>, calendar: &WeekCalendar<'_>, s1sp: &S1sp, version: i64) -> Result<()> {
    let mut published = results::versions(&mut work.tx, s1sp, calendar.monday)?;
    published.retain(|result| result.published_at.is_some());
    let is_the_first_corrected = published.get(1).is_some_and(|corrected| corrected.version == version);
    let Some(Reopened { until, parties }) = reopened(work, calendar, s1sp)?.filter(|_| is_the_first_corrected) else {
        return Ok(());
    };
    let week = calendar.monday;
    let words = format!(
        "your line of the week of {week} at {s1sp} has changed with version {version} of the result: raise a query until {} if it is wrong",
        in_words(until)
    );
    parties.into_iter().try_for_each(|party| tell(work, party, "MSM-11", None, &words))?;
    move_along(work, calendar, week, until)
}

/// The firm result is due when the window has closed, unless that is beyond what comes next in any case.
fn move_along(work: &mut Work<'_>, calendar: &WeekCalendar<'_>, week: Date, until: Timestamp) -> Result<()> {
    let due = calendar.at(Milestone::FirmDue);
    if due < until && until <= calendar.at(Milestone::HandbackCutoff) {
        let reason = "queries against a corrected result may be raised until then (MSM-11)";
        weeks::move_milestone(&mut work.tx, week, Milestone::FirmDue, until, reason)?;
    }
    Ok(())
}
