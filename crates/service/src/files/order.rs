//! A sender's files come in the order of their stamps (FI08), and a later one of a name replaces the earlier (MSM-2).

use crate::act::tell::tell;
use crate::act::work::{Reads, Work};
use crate::books::calendar::in_words;
use crate::error::Result;
use crate::files::told::named;
use crate::files::verdict::{Verdict, verdict_of};
use jiff::Timestamp;
use sluice_rules::codes::FileCode;
use sluice_rules::file::{FileKind, FileStatus};
use sluice_rules::intake::is_in_order;
use sluice_store::View;
use sluice_store::tables::files::{self, FileRecord, NameKey};
use sluice_store::tables::parties;
use sluice_store::tables::record::{self, Received};
use sluice_wire::FileFinding;

/// FI08: the finding if the stamp of a file that arrived at a moment is not later than that of the last one that was not refused whole.
/// Files that arrived after it say nothing of its order; before version 5 they did.
pub(crate) fn order<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    file: &FileRecord,
    at: Timestamp,
) -> Result<Option<FileFinding>> {
    let Some(user_id) = file.user_id else { return Ok(None) };
    let until = if work.engine < 5 { FOREVER } else { at };
    let last = files::last_stamped(&mut work.tx, file.kind, user_id, &file.s1sp, until)?;
    let Some(last) = last else { return Ok(None) };
    let stamp = |file: &FileRecord| file.date.to_datetime(file.time.unwrap_or_default());
    if is_in_order(stamp(file), Some(stamp(&last))) {
        return Ok(None);
    }
    // Before version 3 it was not said when that one came: in October's hour that comes twice only this tells them apart.
    let came = if work.engine > 2 {
        format!(", which came at {}", in_words(record::received(&mut work.tx, last.id)?.at))
    } else {
        String::new()
    };
    let message = format!(
        "its stamp is not later than {}, that of your last file for {}{came}; send it with a later stamp",
        stamp(&last),
        file.s1sp
    );
    Ok(Some(FileFinding::new(FileCode::FI08, message)))
}

/// MSM-2, DMT-3: what came before another of its name that is taken already, because it could not be taken over in its turn, counts
/// no more. Gives its verdict, if that is so. FI21: one that is held is not taken; before version 6 it was for this.
///
/// # Errors
/// If the database fails.
pub(crate) fn replaced_already(
    work: &mut Work<'_>,
    file: &FileRecord,
    received: &Received,
    confirmed: bool,
) -> Result<Option<Verdict>> {
    let taken = [FileStatus::Accepted, FileStatus::Held];
    match work.engine {
        ..=3 => Ok(None),
        4 | 5 => replaced_by(work, file, received, (&taken, false)),
        _ => replaced_by(work, file, received, (&taken[..1], confirmed)),
    }
}

/// FI21: the same of one that would be held, and came before another that is: a newer file replaces what is held.
///
/// # Errors
/// If the database fails.
pub(crate) fn replaced_by_held(work: &mut Work<'_>, file: &FileRecord, received: &Received) -> Result<Option<Verdict>> {
    if work.engine > 5 { replaced_by(work, file, received, (&[FileStatus::Held], false)) } else { Ok(None) }
}

/// The verdict of a file before another of its name that is in one of these states, if there is one.
fn replaced_by(
    work: &mut Work<'_>,
    file: &FileRecord,
    received: &Received,
    (states, confirmed): (&[FileStatus], bool),
) -> Result<Option<Verdict>> {
    for other in files::open_of_name(&mut work.tx, &key_of(file))? {
        let can = states.contains(&other.status) && (other.id < file.id || work.engine > 5);
        if can && record::received(&mut work.tx, other.id)?.at > received.at {
            let confirmed = if confirmed { CONFIRMED } else { "" };
            let held = other.status == FileStatus::Held && work.engine > 5;
            let other = if work.engine > 7 { "another of its name".to_owned() } else { format!("file {}", other.id) };
            let message = format!("{confirmed}{other}{}", if held { HELD_INSTEAD } else { OVERTAKEN });
            let status = FileStatus::Replaced;
            let file = FileRecord { status, message, verdict_at: Some(work.now), ..file.clone() };
            files::set_verdict(&mut work.tx, &file)?;
            let words = format!("{} is replaced: {}", named(work.engine, file.id, &received.name), file.message);
            tell(work, file.sender, "MAM-9", None, &words)?;
            return Ok(Some(verdict_of(&file, &[])));
        }
    }
    Ok(None)
}

/// FI21: what waits to be confirmed, and came after a file of its name that is taken now, before which it could not be compared with it.
///
/// # Errors
/// If the database fails.
pub(crate) fn held_after(work: &mut Work<'_>, file: &FileRecord) -> Result<Option<FileRecord>> {
    for other in files::open_of_name(&mut work.tx, &key_of(file))? {
        if work.engine > 5 && other.status == FileStatus::Held && came_after(work, other.id, file.id)? {
            return Ok(Some(other));
        }
    }
    Ok(None)
}

/// After every moment of a database.
const FOREVER: Timestamp = Timestamp::MAX;

/// MAM-9: the authorisation files of a sender to an S1SP, under any of its User IDs, that were taken before one that had arrived
/// earlier, at a moment.
///
/// # Errors
/// If the database fails.
pub(crate) fn taken_before(work: &mut Work<'_>, file: &FileRecord, at: Timestamp) -> Result<Vec<i64>> {
    let mut taken = Vec::new();
    if work.engine > 4 {
        for user_id in parties::user_ids(&mut work.tx, &file.sender)? {
            taken.extend(files::stamped_since(&mut work.tx, file.kind, user_id, &file.s1sp, (file.date, at))?);
        }
    }
    Ok(taken)
}

/// What is said of a file that was overtaken by the one that is named before it.
const OVERTAKEN: &str = ", which came after it, was taken before it";

/// The same, where that one waits to be confirmed (FI21).
const HELD_INSTEAD: &str = ", which came after it, waits to be confirmed in its place";

/// How it begins, where the file was confirmed with its receipt (FI21); before version 6 that was not noted.
const CONFIRMED: &str = "confirmed by its sender; ";

/// Was a file that was overtaken confirmed by then?
pub(crate) fn was_confirmed(file: &FileRecord) -> bool {
    file.message.starts_with(CONFIRMED)
}

/// Did it count no more when its turn came ([`replaced_already`])? It was never taken, and may say nothing that could be.
pub(crate) fn was_overtaken(file: &FileRecord) -> bool {
    let words = [OVERTAKEN, HELD_INSTEAD];
    file.status == FileStatus::Replaced && words.iter().any(|words| file.message.ends_with(words))
}

/// The key of a file's name.
pub(crate) const fn key_of(file: &FileRecord) -> NameKey<'_> {
    let FileRecord { kind, sender, user_id, s1sp, date, time, .. } = file;
    NameKey { kind: *kind, sender, user_id: *user_id, s1sp, date: *date, time: *time }
}

/// MSM-2: the latest version of a name: of the files that are neither refused, lapsed nor replaced the last that arrived, however
/// they were taken over. Before version 5 it was the one that was taken over last.
///
/// # Errors
/// If the database fails.
pub(crate) fn latest_of_name(tx: &mut View<'_>, engine: i64, key: &NameKey<'_>) -> Result<Option<FileRecord>> {
    if engine < 5 {
        return Ok(files::last_of_name(tx, key)?);
    }
    let mut latest: Option<(Timestamp, FileRecord)> = None;
    for file in files::open_of_name(tx, key)? {
        let at = record::received(tx, file.id)?.at;
        if latest.as_ref().is_none_or(|(moment, _)| *moment <= at) {
            latest = Some((at, file));
        }
    }
    Ok(latest.map(|(_, file)| file))
}

/// Did a file arrive after another one? Of two of one moment that is later which was taken over later. Before version 5 that alone
/// was asked.
///
/// # Errors
/// If the database fails.
pub(crate) fn came_after<'w>(work: &mut Work<'w, impl Reads<'w>>, file: i64, other: i64) -> Result<bool> {
    if work.engine < 5 {
        return Ok(file > other);
    }
    let (at, before) = (record::received(&mut work.tx, file)?.at, record::received(&mut work.tx, other)?.at);
    Ok((at, file) > (before, other))
}

/// MSM-2, DMT-3: the files of the same name that are in one of these states are replaced by a later one.
///
/// # Errors
/// If the database fails.
pub(crate) fn replace_earlier(work: &mut Work<'_>, file: &FileRecord, states: &[FileStatus]) -> Result<()> {
    for earlier in files::open_of_name(&mut work.tx, &key_of(file))? {
        if earlier.id == file.id || !states.contains(&earlier.status) {
            continue;
        }
        // FI24: what was set aside is replaced by a later file, not by one that is judged late itself. DMT-3: so are answers. FI21:
        // and what is held.
        let stays = earlier.status == FileStatus::Aside
            || (work.engine > 4 && file.kind == FileKind::DormantAnswer)
            || (work.engine > 5 && earlier.status == FileStatus::Held);
        if !(stays && came_after(work, earlier.id, file.id)?) {
            files::set_status(&mut work.tx, earlier.id, FileStatus::Replaced)?;
        }
    }
    Ok(())
}
