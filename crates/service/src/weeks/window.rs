//! MSM-11: until when queries may be raised against a result: until the query window of its week closes, for longer where it came too
//! late for that, and against a corrected one once more.

use crate::act::tell::tell;
use crate::act::work::{Reads, Work};
use crate::books::calendar::{WeekCalendar, in_words, local_date};
use crate::error::{Result, ServiceError};
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::calendar::{Milestone, local};
use sluice_rules::party::{Party, S1sp};
use sluice_rules::scaling::stage::ResultStage;
use sluice_store::tables::results::{self, ResultLineRecord, ResultRecord};
use sluice_store::tables::weeks;
use std::collections::{BTreeMap, BTreeSet};

/// Until when queries may be raised against the results of a week at an S1SP: the end for all, and the windows that corrected results
/// have opened again: for each party whose line one has changed, the first that did, and until when.
pub(crate) struct Windows {
    ends: Timestamp,
    again: BTreeMap<Party, Window>,
}

/// A window that a version of a result has opened again.
struct Window {
    version: i64,
    until: Timestamp,
}

impl Windows {
    /// Until when a party may raise a query.
    pub(crate) fn until(&self, party: Party) -> Timestamp {
        self.again.get(&party).map_or(self.ends, |window| window.until)
    }

    /// Until when anybody may.
    pub(crate) fn last(&self) -> Timestamp {
        self.again.values().map(|window| window.until).max().unwrap_or(self.ends)
    }
}

/// The results of a week that were published as provisional, oldest first; a refill or a cut corrects nothing.
fn published<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    calendar: &WeekCalendar<'_>,
    s1sp: &S1sp,
) -> Result<Vec<ResultRecord>> {
    let mut published = results::versions(&mut work.tx, s1sp, calendar.monday)?;
    published.retain(|one| one.published_at.is_some() && !matches!(one.stage, ResultStage::Refill | ResultStage::Cut));
    Ok(published)
}

/// MSM-11: until when queries may be raised: until the ordinary end, or a later one where the first result came too late for it; and
/// against what corrected results of a week have changed once more for each party: until 17:00 on the Working Day after the first
/// publication that changed its line, and not before that end. What is over by then opened nothing again. Whoever reads as a party
/// finds its own window.
///
/// # Errors
/// If the database fails, or the calendar does not reach that far.
pub(crate) fn windows<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    calendar: &WeekCalendar<'_>,
    s1sp: &S1sp,
) -> Result<Windows> {
    let mut published = published(work, calendar, s1sp)?;
    // Programs of before looked at the second publication alone, and counted windows that opened nothing again.
    published.truncate(if work.engine > 3 { usize::MAX } else { 2 });
    let decided = decided(work, calendar, s1sp)?;
    let late = published.first().and_then(|first| decided.get(&first.version)).copied();
    let ends = late.into_iter().fold(calendar.at(Milestone::QueryCloses), Timestamp::max);
    let mut again = BTreeMap::new();
    for pair in published.windows(2) {
        let [before, corrected] = pair else { continue };
        let Some(at) = corrected.published_at else { continue };
        // What is made firm under a number of its own is the provisional result once more.
        if corrected.firm_at == Some(at) {
            continue;
        }
        let until = evening_after(work, at)?.max(ends);
        if work.engine > 3 && until == ends || decided.contains_key(&corrected.version) {
            continue;
        }
        for party in changed(work, calendar, s1sp, [before.version, corrected.version])? {
            again.entry(party).or_insert(Window { version: corrected.version, until });
        }
    }
    Ok(Windows { ends, again })
}

/// MSM-11: what was decided when versions were published: until when a late first one has a window, and which corrected ones have none
/// of their own. Programs of before decided nothing.
fn decided<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    calendar: &WeekCalendar<'_>,
    s1sp: &S1sp,
) -> Result<BTreeMap<i64, Timestamp>> {
    if work.engine > 7 { Ok(weeks::queries(&mut work.tx, s1sp, calendar.monday)?) } else { Ok(BTreeMap::new()) }
}

/// MSM-11: decides, by the calendar as it is now, whether a version that is published as provisional has a window beyond the one that is
/// there: since all are told, a milestone that moves later takes none away and opens none.
///
/// A first result that comes too late for the ordinary window has one until 17:00 on the next Working Day, as a corrected one has. None
/// would end after the refill is due: all that comes then are the last days on which suppliers authorise, and what is not firm cannot be
/// authorised. Nor has one a window in which nobody has a line to ask about.
fn decide(
    work: &mut Work<'_>,
    calendar: &WeekCalendar<'_>,
    s1sp: &S1sp,
    (version, is_first): (i64, bool),
) -> Result<()> {
    if work.engine < 8 {
        return Ok(());
    }
    let (until, ends) = (evening_after(work, work.now)?, windows(work, calendar, s1sp)?.ends);
    if until <= ends {
        return Ok(());
    }
    let (week, fits) = (calendar.monday, until <= calendar.at(Milestone::RefillDue));
    if is_first && fits && !results::lines(&mut work.tx, s1sp, week, calendar.sunday(), version)?.is_empty() {
        weeks::decide_queries(&mut work.tx, s1sp, (week, version), until)?;
    }
    if !is_first && !fits {
        weeks::decide_queries(&mut work.tx, s1sp, (week, version), ends)?;
    }
    Ok(())
}

/// 17:00 on the Working Day after a moment.
fn evening_after<'w>(work: &Work<'w, impl Reads<'w>>, at: Timestamp) -> Result<Timestamp> {
    let next = work.books.working_days.next(local_date(at))?;
    let evening = local(next, jiff::civil::time(17, 0, 0, 0));
    Ok(evening.ok_or_else(|| ServiceError::defect("a Working Day has no 17:00"))?.timestamp())
}

/// The parties whose line of any day is another one in the second of two versions.
fn changed<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    calendar: &WeekCalendar<'_>,
    s1sp: &S1sp,
    versions: [i64; 2],
) -> Result<BTreeSet<Party>> {
    let figures = |line: &ResultLineRecord| {
        let ResultLineRecord { date, party, demand, counted, allocation, opening, closing, .. } = line;
        (*date, *party, *demand, *counted, *allocation, *opening, *closing)
    };
    let mut sets = Vec::new();
    for version in versions {
        let lines = results::lines(&mut work.tx, s1sp, calendar.monday, calendar.sunday(), version)?;
        sets.push(lines.iter().map(figures).collect::<BTreeSet<_>>());
    }
    let [before, after] = sets.as_slice() else { return Ok(BTreeSet::new()) };
    Ok(before.symmetric_difference(after).map(|(_, party, ..)| *party).collect())
}

/// MSM-11: a result was published as provisional: each party whose line it changes is told until when to raise a query, also if it
/// cannot any more; and each party with a line where it is the first, and late.
///
/// # Errors
/// If the database fails.
pub(crate) fn tell_windows(work: &mut Work<'_>, calendar: &WeekCalendar<'_>, s1sp: &S1sp, version: i64) -> Result<()> {
    let week = calendar.monday;
    let published = published(work, calendar, s1sp)?;
    let place = published.iter().position(|one| one.version == version);
    if let Some(place) = place {
        decide(work, calendar, s1sp, (version, place == 0))?;
    }
    let windows = windows(work, calendar, s1sp)?;
    let line = format!("your line of the week of {week} at {s1sp} has changed with version {version} of the result");
    if work.engine < 4 {
        let new = windows.again.into_iter().filter(|(_, window)| window.version == version).collect::<Vec<_>>();
        let Some(until) = new.first().map(|(_, window)| window.until) else { return Ok(()) };
        let words = format!("{line}: raise a query until {} if it is wrong", in_words(until));
        new.into_iter().try_for_each(|(party, _)| tell(work, party, "MSM-11", None, &words))?;
        return move_along(work, calendar, week, until);
    }
    let Some(place) = place else { return Ok(()) };
    if place == 0 {
        return tell_late(work, calendar, s1sp, &published[0]);
    }
    let has_none = decided(work, calendar, s1sp)?.contains_key(&version);
    for party in changed(work, calendar, s1sp, [published[place - 1].version, version])? {
        let until = windows.until(party);
        let words = match work.now < until {
            true => format!("{line}: raise a query until {} if it is wrong", in_words(until)),
            false if has_none => format!("{line}, and {NO_TIME}"),
            false => format!(
                "{line}; no query can be raised against it any more: the query window was opened again for you once, until {}",
                in_words(until)
            ),
        };
        tell(work, party, "MSM-11", None, &words)?;
    }
    Ok(())
}

/// What is said of a version that comes too late for a window of its own.
const NO_TIME: &str = "no query can be raised against it: there is no time for one before it has to be firm";

/// MSM-11: until when a late first result can be asked about is in no calendar; nor that it cannot.
fn tell_late(work: &mut Work<'_>, calendar: &WeekCalendar<'_>, s1sp: &S1sp, first: &ResultRecord) -> Result<()> {
    let (week, ordinary) = (calendar.monday, calendar.at(Milestone::QueryCloses));
    let what = format!("the first result of the week of {week} at {s1sp} was published late");
    let words = match decided(work, calendar, s1sp)?.get(&first.version) {
        Some(until) => format!("{what}: raise a query about your line until {}", in_words(*until)),
        None if work.engine < 8 || work.now < ordinary => return Ok(()),
        None => format!("{what}, and {NO_TIME}"),
    };
    let lines = results::lines(&mut work.tx, s1sp, week, calendar.sunday(), first.version)?;
    let parties: BTreeSet<Party> = lines.iter().map(|line| line.party).collect();
    parties.into_iter().try_for_each(|party| tell(work, party, "MSM-11", None, &words))
}

/// MSM-11: until when the result of a week at an S1SP is to be firm: at the milestone, or at 17:00 on the Working Day after a window
/// that is longer, or was opened again, has closed. It is not beyond what comes next in any case, unless the window is.
///
/// # Errors
/// As [`windows`].
pub(crate) fn firm_due<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    calendar: &WeekCalendar<'_>,
    s1sp: &S1sp,
) -> Result<Timestamp> {
    let (due, next) = (calendar.at(Milestone::FirmDue), calendar.at(Milestone::HandbackCutoff));
    if was_firm_before(&results::versions(&mut work.tx, s1sp, calendar.monday)?) {
        return Ok(due);
    }
    let last = windows(work, calendar, s1sp)?.last();
    // The milestone is what comes after the ordinary window, wherever it was moved.
    if last <= calendar.at(Milestone::QueryCloses) {
        return Ok(due);
    }
    Ok(evening_after(work, last)?.min(next).max(due).max(last))
}

/// Did a program of before make a result firm? It moved the milestone instead, and was to hold to that.
fn was_firm_before(versions: &[ResultRecord]) -> bool {
    versions.iter().find(|version| version.firm_at.is_some()).is_some_and(|firm| !firm.notes_passings)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn msm_11_what_a_program_of_before_made_firm_was_due_at_the_milestone() {
        let version = |version, firm: bool, notes_passings| ResultRecord {
            version,
            stage: if firm { ResultStage::Firm } else { ResultStage::Provisional },
            rulebook: String::new(),
            made_at: Timestamp::UNIX_EPOCH,
            published_at: Some(Timestamp::UNIX_EPOCH),
            firm_at: firm.then_some(Timestamp::UNIX_EPOCH),
            notes_passings,
        };
        assert!(was_firm_before(&[version(1, false, false), version(2, true, false), version(3, true, true)]));
        assert!(!was_firm_before(&[version(1, false, false), version(2, true, true)]));
        assert!(!was_firm_before(&[version(1, false, false)]), "not firm yet");
    }
}
