//! What fails by a fault of the program's is set aside, so that it keeps nobody else waiting, and tried again (FI24).

use crate::act::actor::Actor;
use crate::act::aside::{JUDGE, of_file};
use crate::act::tell::tell;
use crate::act::work::{Act, Work};
use crate::error::{Result, ServiceError};
use crate::files::aside::cutoff;
use crate::files::told::called;
use crate::files::verdict::Opening;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sluice_rules::file::FileStatus;
use sluice_store::tables::aside::{self, Aside};
use sluice_store::tables::files;
use sluice_store::tables::log::Input;

/// After how many minutes something is tried again that failed so many times; the last one from then on.
const MINUTES: [i64; 5] = [1, 5, 15, 60, 60];

/// So often something is tried by itself: for about a day.
pub const TRIES: i64 = 24;

/// Letters of a reason that are kept.
const LETTERS: usize = 500;

/// A file could not be judged, or an act of the clock not done: it is set aside, with the reason; or it failed once more.
#[derive(Debug, Serialize, Deserialize)]
pub struct SetAside {
    /// The kind of what failed.
    kind: String,
    /// Its details, as they would have been recorded.
    details: String,
    /// The file, where one could not be judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<i64>,
    /// DEFECT, PANIC, or BUDGET for what took longer than it may.
    class: String,
    /// What was wrong.
    reason: String,
    /// What came of opening a protected file, whose password nobody has when it is tried again (MAM-10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opening: Option<Opening>,
    /// When the password came.
    #[serde(default, with = "crate::words::optional", skip_serializing_if = "Option::is_none")]
    password_at: Option<Timestamp>,
}

impl SetAside {
    /// Of a file that could not be judged.
    #[must_use]
    pub fn file(file: i64, error: &ServiceError) -> Self {
        Self { file: Some(file), ..Self::act((JUDGE, of_file(file)), error) }
    }

    /// The same of one that a password has opened that came at a moment.
    #[must_use]
    pub fn opened(self, opening: Opening, password_at: Timestamp) -> Self {
        Self { opening: Some(opening), password_at: Some(password_at), ..self }
    }

    /// Of an act of the clock that could not be done.
    #[must_use]
    pub fn act((kind, details): (&str, String), error: &ServiceError) -> Self {
        let class = match error {
            ServiceError::Panic(_) => "PANIC",
            ServiceError::Budget(_) => "BUDGET",
            _ => "DEFECT",
        };
        // The words of a fault can hold anything that was in a file.
        let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
        let reason = error.to_string().chars().take(LETTERS).map(plain).collect();
        Self {
            kind: kind.to_owned(),
            details,
            file: None,
            class: class.to_owned(),
            reason,
            opening: None,
            password_at: None,
        }
    }

    /// Is it still so? Another process may have judged the file meanwhile.
    ///
    /// # Errors
    /// If the database fails.
    pub fn is_so(&self, work: &mut Work<'_>) -> Result<bool> {
        let Some(id) = self.file else { return Ok(true) };
        let file = files::get(&mut work.tx, id)?;
        Ok(file.is_some_and(|file| can_be_judged(file.status)))
    }

    /// FI24: the file has a verdict with it, which is no refusal, and its sender is told once. Gives until when it can be judged
    /// as usual.
    fn set_file(&self, work: &mut Work<'_>, id: i64) -> Result<Timestamp> {
        let found = files::get(&mut work.tx, id)?.filter(|file| can_be_judged(file.status));
        let mut file = found.ok_or_else(|| ServiceError::defect("a file to be set aside has its verdict"))?;
        let until = cutoff(work, &file)?.map_or(Timestamp::MAX, |(_, at)| at);
        if file.status != FileStatus::Aside {
            let then =
                if work.now < until { "it is tried again, and until then" } else { "its cut-off has passed, and" };
            file.status = FileStatus::Aside;
            file.codes = "FI24".to_owned();
            let what = if self.class == "BUDGET" { "took longer than it may" } else { "failed by a fault of ours" };
            file.message =
                format!("no refusal: its checking {what}, of which DCC knows; {then} what stood before counts");
            file.verdict_at = Some(work.now);
            files::set_verdict(&mut work.tx, &file)?;
            let words = format!("{} is set aside: {}", called(work, id)?, file.message);
            tell(work, file.sender, "FI24", None, &words)?;
        }
        Ok(until)
    }
}

/// Has a file no verdict yet but that it is set aside?
pub(crate) const fn can_be_judged(status: FileStatus) -> bool {
    matches!(status, FileStatus::Received | FileStatus::Waiting | FileStatus::Aside)
}

impl Act for SetAside {
    const KIND: &'static str = "set-aside";
    /// How often it was tried.
    type Answer = i64;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_the_clock("setting something aside")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<i64> {
        let until = match self.file {
            Some(id) => self.set_file(work, id)?,
            None => Timestamp::MAX,
        };
        // RB-2: a calendar was looked at, and nothing is decided by its rulebook.
        work.rulebook.clear();
        let before = aside::find(&mut work.tx, &self.kind, &self.details)?;
        let seq = work.seq.ok_or_else(|| ServiceError::defect("an act has no number"))?;
        let tries = before.as_ref().map_or(0, |before| before.tries) + 1;
        let opening = self.opening.as_ref().map(serde_json::to_string).transpose().map_err(ServiceError::defect)?;
        let now_aside = Aside {
            id: before.as_ref().map_or(seq, |before| before.id),
            kind: self.kind.clone(),
            details: self.details.clone(),
            file: self.file,
            class: self.class.clone(),
            reason: self.reason.clone(),
            tries,
            since: before.map_or(work.now, |before| before.since),
            tried: work.now,
            next: next_try(work.now, tries).filter(|next| *next < until),
            opening,
            password_at: self.password_at,
        };
        aside::keep(&mut work.tx, &now_aside)?;
        Ok(tries)
    }

    fn inputs(&self) -> Vec<Input> {
        self.opening.as_ref().and_then(Opening::member).map(Input::Opened).into_iter().collect()
    }
}

/// When something is tried again that has failed so many times, the last time at this moment.
fn next_try(last: Timestamp, tries: i64) -> Option<Timestamp> {
    let place = usize::try_from(tries - 1).unwrap_or(0).min(MINUTES.len() - 1);
    let wait = MINUTES.get(place).copied().map(SignedDuration::from_mins);
    wait.filter(|_| tries < TRIES).and_then(|wait| last.checked_add(wait).ok())
}

/// What is set aside and is not to be done any more, as a deadline that was moved, is taken from the list.
#[derive(Debug, Serialize, Deserialize)]
pub struct EndAside {
    /// The kind of what failed.
    pub kind: String,
    /// Its details.
    pub details: String,
}

impl Act for EndAside {
    const KIND: &'static str = "aside-over";
    /// Was it there?
    type Answer = bool;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_the_clock("ending what is set aside")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<bool> {
        Ok(aside::end(&mut work.tx, &self.kind, &self.details)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fi24_it_is_tried_again_after_1_5_15_and_60_minutes_and_then_hourly_for_about_a_day() {
        let now = Timestamp::UNIX_EPOCH;
        let minutes = |tries| next_try(now, tries).map(|at| at.as_second() / 60);
        assert_eq!([1, 2, 3, 4, 5, 23].map(minutes), [1, 5, 15, 60, 60, 60].map(Some));
        assert_eq!([24, 25].map(minutes), [None, None]);
    }

    #[test]
    fn fi24_a_reason_is_kept_without_what_no_text_may_hold() {
        let set = SetAside::file(7, &ServiceError::defect(format!("a\0b\n{}", "é".repeat(1_000))));
        assert!(set.reason.starts_with("a b é") && set.reason.chars().count() == LETTERS, "{}", set.reason);
        assert_eq!((set.kind.as_str(), set.details.as_str()), ("judge", "{\"file\":7}"));
    }
}
