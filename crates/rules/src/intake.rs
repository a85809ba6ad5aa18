//! When a file counts: order of stamps, cut-offs, grace, outages, and the guard against a slip in a new total.

use crate::calendar::{LONDON, OutOfRange, WorkingDays, local};
use crate::codes::FileCode;
use jiff::civil::{DateTime, Time, time};
use jiff::tz::AmbiguousOffset;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// What the moment of a file's complete receipt is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// From when on it may come.
    pub opens: Timestamp,
    /// It must come before this.
    pub cutoff: Timestamp,
    /// CAL-3: until when a corrected file of this party still counts; at that instant it is late.
    pub grace: Option<Timestamp>,
}

impl Window {
    /// Is a moment in time: after the opening and before the cut-off, or within grace?
    ///
    /// # Errors
    /// FI17 before the opening, FI16 at the cut-off or later.
    pub fn admits(&self, moment: Timestamp) -> Result<(), FileCode> {
        // FI17: the week is not open yet.
        if moment < self.opens {
            return Err(FileCode::FI17);
        }
        // FI16 and CAL-1: at the instant of the cut-off it is late.
        if moment < self.cutoff || self.grace.is_some_and(|until| moment < until) {
            return Ok(());
        }
        Err(FileCode::FI16)
    }
}

/// How long grace is; rulebook data (CAL-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GraceTerms {
    /// So many minutes after the verdict; and a verdict gives grace if it comes later than so many before the cut-off.
    pub minutes: u64,
    /// At most so many minutes after the cut-off, where the delay was the sender's.
    pub limit: u64,
}

/// Who kept a verdict waiting (CAL-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delay {
    /// DCC: by its queue, its faults, an outage.
    Dcc,
    /// The sender: the password of its file came later than the file.
    Sender,
}

/// CAL-3: until when a file may be corrected or confirmed that was received before a cut-off and refused whole or held by a verdict
/// that came later than so many minutes before the cut-off: so many minutes after the verdict. The instant itself is late: verdict
/// 17:03, a file at 18:02 is taken, at 18:03 it is late. Nothing if there is no grace, or it would be over with the verdict.
#[must_use]
pub fn grace_end(
    received: Timestamp,
    verdict: Timestamp,
    cutoff: Timestamp,
    terms: GraceTerms,
    delay: Delay,
) -> Option<Timestamp> {
    let minutes = i64::try_from(terms.minutes).ok()?.minutes();
    let begins = cutoff.checked_sub(minutes).ok()?;
    if received >= cutoff || verdict <= begins {
        return None;
    }
    let until = verdict.checked_add(minutes).ok()?;
    let until = match delay {
        Delay::Dcc => until,
        Delay::Sender => until.min(cutoff.checked_add(i64::try_from(terms.limit).ok()?.minutes()).ok()?),
    };
    (until > verdict).then_some(until)
}

/// The same as it was before version 4 of the rules that decide: of files that were received in the last `minutes` before the
/// cut-off.
#[must_use]
pub fn grace_before_4(received: Timestamp, verdict: Timestamp, cutoff: Timestamp, minutes: u64) -> Option<Timestamp> {
    let span = i64::try_from(minutes).ok()?.minutes();
    let begins = cutoff.checked_sub(span).ok()?;
    let until = verdict.checked_add(span).ok()?;
    (begins <= received && received < cutoff && until > cutoff).then_some(until)
}

/// A password that came for a protected file, and was lost before it opened it (MAM-10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LostPassword {
    /// When it came.
    pub at: Timestamp,
    /// Until when it may come again; nothing while its sender was not told that it must.
    pub until: Option<Timestamp>,
}

impl LostPassword {
    /// Does a password that comes at a moment stand for it? At the end that its sender was told it does no more.
    fn is_open(self, comes: Timestamp) -> bool {
        self.until.is_none_or(|until| comes < until)
    }
}

/// MAM-10: what passwords that were lost leave, in the order in which they came: the moment of the first of those that stand for one
/// another, and the end that its sender was told first. One that is lost again in that time gets no new one.
#[must_use]
pub fn left_by(lost: &[LostPassword]) -> Option<LostPassword> {
    let mut left: Option<LostPassword> = None;
    for one in lost {
        left = match left.filter(|left| left.is_open(one.at)) {
            Some(left) => Some(LostPassword { until: left.until.or(one.until), ..left }),
            None => Some(*one),
        };
    }
    left
}

/// MAM-10: from when a password counts that comes at a moment, after those that were lost: from what they leave, or from itself.
#[must_use]
pub fn password_counts(lost: &[LostPassword], comes: Timestamp) -> Timestamp {
    left_by(lost).filter(|left| left.is_open(comes)).map_or(comes, |left| left.at)
}

/// A time in which nothing could be handed in; at its last instant intake is back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outage {
    /// Since when nothing could be handed in.
    pub from: Timestamp,
    /// When intake was back.
    pub to: Timestamp,
}

/// When an outage moves a cut-off, and how far; rulebook data (CAL-7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutageTerms {
    /// It moves if intake was down for more than so many minutes.
    pub minutes: u64,
    /// In the last so many minutes before the cut-off.
    pub window: u64,
    /// To so many minutes after the return of intake.
    pub after: u64,
}

/// CAL-7: nobody is at work later than this, nor before the next one.
const EVENING: Time = time(18, 0, 0, 0);
const MORNING: Time = time(10, 0, 0, 0);

/// CAL-7: where a cut-off moves because of outages, in any order: to so many minutes after the return of intake, if it was down for
/// more than so many minutes in the last ones before the cut-off. Outages that meet are one. What would be past 18:00 is 10:00 of the
/// next Working Day, whether intake returns in the evening, at night or on a day off. Nothing if the cut-off stays; it never comes
/// earlier.
///
/// # Errors
/// If the next Working Day lies outside the years on record.
pub fn moved_by_outages(
    cutoff: Timestamp,
    outages: &[Outage],
    terms: OutageTerms,
    working_days: &WorkingDays,
) -> Result<Option<Timestamp>, OutOfRange> {
    let minutes = |number: u64| SignedDuration::from_mins(i64::try_from(number).unwrap_or(i64::MAX / 60));
    let begins = cutoff.saturating_sub(minutes(terms.window)).unwrap_or(Timestamp::MIN);
    let (mut down, mut back) = (SignedDuration::ZERO, None);
    for outage in united(outages).iter().filter(|outage| outage.from < cutoff && begins < outage.to) {
        down += outage.to.min(cutoff).duration_since(outage.from.max(begins));
        back = Some(outage.to);
    }
    let Some(back) = back.filter(|_| down > minutes(terms.minutes)) else { return Ok(None) };
    let until = back.saturating_add(minutes(terms.after)).unwrap_or(Timestamp::MAX);
    if until <= cutoff {
        return Ok(None);
    }
    in_working_hours(until, working_days).map(Some)
}

/// Outages in the order of time, those that meet as one.
fn united(outages: &[Outage]) -> Vec<Outage> {
    let mut sorted = outages.to_vec();
    sorted.sort_unstable();
    let mut united: Vec<Outage> = Vec::with_capacity(sorted.len());
    for outage in sorted {
        match united.last_mut().filter(|last| outage.from <= last.to) {
            Some(last) => last.to = last.to.max(outage.to),
            None => united.push(outage),
        }
    }
    united
}

/// The first moment from one on at which people are at work: not later than 18:00 of a Working Day, nor before 10:00.
fn in_working_hours(moment: Timestamp, working_days: &WorkingDays) -> Result<Timestamp, OutOfRange> {
    let at = moment.to_zoned(LONDON);
    let works = working_days.is_working_day(at.date())?;
    if works && (MORNING..=EVENING).contains(&at.time()) {
        return Ok(moment);
    }
    let day = if works && at.time() < MORNING { at.date() } else { working_days.next(at.date())? };
    Ok(local(day, MORNING).map_or(moment, |morning| morning.timestamp()))
}

/// How large a change of a weekly total must be to ask for confirmation; rulebook data (FI21).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfirmationTerms {
    /// More than so many percent of the standing total.
    pub percent: u64,
    /// And more than so many installations.
    pub units: u64,
}

/// FI21: must a new weekly total be confirmed? A first file is never held: without a standing total there is no change.
#[must_use]
pub fn needs_confirmation(standing: Option<u64>, new: u64, terms: ConfirmationTerms) -> bool {
    let Some(standing) = standing else { return false };
    let difference = standing.abs_diff(new);
    difference > terms.units && u128::from(difference) * 100 > u128::from(standing) * u128::from(terms.percent)
}

/// FI08: a stamp must be later than the last one of its User ID and S1SP whose file was not refused whole. Stamps are local
/// time, so in October's repeated hour an earlier reading can be the later moment: there receipt decides, and the file is
/// taken.
#[must_use]
pub fn is_in_order(stamp: DateTime, last: Option<DateTime>) -> bool {
    let Some(last) = last else { return true };
    let repeated = || stamp.date() == last.date() && is_repeated(stamp) && is_repeated(last);
    stamp > last || (stamp != last && repeated())
}

/// Is a local time one that October's change of clocks repeats?
fn is_repeated(stamp: DateTime) -> bool {
    matches!(LONDON.to_ambiguous_timestamp(stamp).offset(), AmbiguousOffset::Fold { .. })
}

#[cfg(test)]
#[path = "intake_tests.rs"]
mod tests;
