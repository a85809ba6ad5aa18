//! Passwords that came for a file that was there, and were lost before they opened it: their senders are asked for them again, and what
//! comes in time keeps its moment (MAM-10).

use crate::act::actor::Actor;
use crate::act::aside::Aside;
use crate::act::clock::{ClockAct, Due};
use crate::act::tell::tell;
use crate::act::work::{Act, Look, Reads, Work};
use crate::books::calendar::in_words;
use crate::error::{Result, ServiceError};
use crate::files::told::named;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sluice_rules::file::FileStatus;
use sluice_rules::intake::{LostPassword, left_by, password_counts};
use sluice_store::View;
use sluice_store::tables::files;
use sluice_store::tables::passwords::{self, Password};
use sluice_store::tables::record;

/// MAM-10: a password was lost before it opened its file, and its sender is asked for it again.
#[derive(Debug, Serialize, Deserialize)]
pub struct AskForPassword {
    /// The number of its receipt.
    pub password: i64,
}

impl Act for AskForPassword {
    const KIND: &'static str = "password-lost";
    /// Until when it may come again, in words.
    type Answer = String;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_the_clock("asking for a password again")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<String> {
        let none = || ServiceError::defect("no such password was lost");
        let Password { file, at, .. } = passwords::get(&mut work.tx, self.password)?.ok_or_else(none)?;
        let file = files::get(&mut work.tx, file)?.ok_or_else(none)?;
        work.rulebook.clone_from(&file.rulebook);
        let LostPassword { at: since, until } = left_by(&lost(&mut work.tx, file.id, at)?).ok_or_else(none)?;
        // One that is lost again has the time of the first, or nobody would ever be late.
        let until = until.map_or_else(|| hour_from_now(work, &file.rulebook), Ok)?;
        passwords::told(&mut work.tx, self.password, until)?;
        let name = record::received(&mut work.tx, file.id)?.name;
        let (at, before, since) = (in_words(at), in_words(until), in_words(since));
        let counts = if work.now < until {
            format!("Before {before} it counts from {since}, later from when it comes")
        } else {
            format!("It counts from when it comes: only before {before} it counted from {since}")
        };
        let sender = file.sender;
        let file = named(work.engine, file.id, &name);
        let words =
            format!("the password of {file} came at {at} and is not there any more, unused: send it again. {counts}");
        tell(work, sender, "MAM-10", None, &words)?;
        Ok(in_words(until))
    }
}

/// MAM-10: until when a password may come again that its sender is asked for now.
fn hour_from_now(work: &Work<'_>, rulebook: &str) -> Result<Timestamp> {
    let minutes = work.books.get(rulebook)?.number("password_again_minutes")?;
    let minutes = SignedDuration::from_mins(i64::try_from(minutes).map_err(ServiceError::defect)?);
    work.now.checked_add(minutes).map_err(ServiceError::defect)
}

impl ClockAct for AskForPassword {
    /// Whoever has it keeps a watermark at the moment at which it came: when something later is sealed, nobody has it.
    fn due_at<'w>(&self, work: &mut Work<'w, impl Reads<'w>>) -> Result<Option<Timestamp>> {
        let Some(lost) = passwords::get(&mut work.tx, self.password)? else { return Ok(None) };
        let waits = files::get(&mut work.tx, lost.file)?.is_some_and(|file| file.status == FileStatus::Waiting);
        let is_last = passwords::of_file(&mut work.tx, lost.file)?.last() == Some(&lost);
        if lost.until.is_some() || !waits || !is_last {
            return Ok(None);
        }
        Ok(Some(lost.at.checked_add(SignedDuration::from_millis(1)).map_err(ServiceError::defect)?))
    }
}

/// The next password at the moment of the work that its sender is to be asked for again.
///
/// # Errors
/// If the database fails.
pub(crate) fn next_due(work: &mut Look<'_>, aside: &Aside) -> Result<Option<Due>> {
    for password in passwords::untold(&mut work.tx)? {
        let act = AskForPassword { password };
        if let Some(due) = act.due_at(work)?.filter(|due| *due <= work.now && !aside.has(&act)) {
            return Ok(Some(Due::at(due, act)));
        }
    }
    Ok(None)
}

/// MAM-10: a password that could not be read is none: its sender is told so at once, and it keeps no moment for another.
#[derive(Debug, Serialize, Deserialize)]
pub struct DropPassword {
    /// The number of its receipt.
    pub password: i64,
}

impl Act for DropPassword {
    const KIND: &'static str = "password-unread";
    type Answer = ();

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_party("having a password read").map(drop)
    }

    fn run(&self, work: &mut Work<'_>) -> Result<()> {
        let received = record::received(&mut work.tx, self.password)?;
        if work.by.party().is_none_or(|party| party.as_str() != received.sender) {
            return Err(ServiceError::Use(format!("password {} is not one of {}", self.password, work.by.name())));
        }
        Ok(passwords::end(&mut work.tx, self.password)?)
    }
}

/// The passwords that came for a file up to a moment.
fn lost(view: &mut View<'_>, file: i64, until: Timestamp) -> Result<Vec<LostPassword>> {
    let all = passwords::of_file(view, file)?.into_iter().filter(|one| one.at <= until);
    Ok(all.map(|one| LostPassword { at: one.at, until: one.until }).collect())
}

/// MAM-10: from when a password counts that came at a moment. Where its sender was asked for it again, since the process that has it stood
/// still, or the work of its cut-off is done (`closed`), it counts as if it came now.
///
/// # Errors
/// If the database fails.
pub(crate) fn counts_from(work: &mut Work<'_>, file: i64, came: Timestamp, closed: bool) -> Result<Timestamp> {
    let lost = lost(&mut work.tx, file, came)?;
    let is_told = lost.last().is_some_and(|last| last.at == came && last.until.is_some());
    Ok(password_counts(&lost, if closed || is_told { work.now } else { came }))
}

/// Until when a password that was lost may come again; nothing where none was.
///
/// # Errors
/// If the database fails.
pub(crate) fn again_until(view: &mut View<'_>, file: i64) -> Result<Option<Timestamp>> {
    Ok(passwords::of_file(view, file)?.into_iter().filter_map(|one| one.until).max())
}
