//! A sender's files come in the order of their stamps (FI08), and a later one of a name replaces the earlier (MSM-2).

use crate::act::tell::tell;
use crate::act::work::{Reads, Work};
use crate::books::calendar::in_words;
use crate::error::Result;
use crate::files::verdict::{Verdict, verdict_of};
use sluice_rules::codes::FileCode;
use sluice_rules::file::FileStatus;
use sluice_rules::intake::is_in_order;
use sluice_store::tables::files::{self, FileRecord, NameKey};
use sluice_store::tables::record::{self, Received};
use sluice_wire::FileFinding;

/// FI08: the finding if the stamp is not later than that of the last file that was not refused whole.
pub(crate) fn order<'w>(work: &mut Work<'w, impl Reads<'w>>, file: &FileRecord) -> Result<Option<FileFinding>> {
    let Some(user_id) = file.user_id else { return Ok(None) };
    let Some(last) = files::last_stamped(&mut work.tx, file.kind, user_id, &file.s1sp)? else { return Ok(None) };
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
/// no more. Gives its verdict, if that is so.
///
/// # Errors
/// If the database fails.
pub(crate) fn replaced_already(work: &mut Work<'_>, file: &FileRecord, received: &Received) -> Result<Option<Verdict>> {
    if work.engine < 4 {
        return Ok(None);
    }
    for other in files::open_of_name(&mut work.tx, &key(file))? {
        let stands = matches!(other.status, FileStatus::Accepted | FileStatus::Held);
        if other.id < file.id && stands && record::received(&mut work.tx, other.id)?.at > received.at {
            let message = format!("file {}{OVERTAKEN}", other.id);
            let status = FileStatus::Replaced;
            let file = FileRecord { status, message, verdict_at: Some(work.now), ..file.clone() };
            files::set_verdict(&mut work.tx, &file)?;
            let words = format!("file {}, {}, is replaced: {}", file.id, received.name, file.message);
            tell(work, file.sender, "MAM-9", None, &words)?;
            return Ok(Some(verdict_of(&file, &[])));
        }
    }
    Ok(None)
}

/// What is said of a file that was overtaken by the one that is named before it.
const OVERTAKEN: &str = ", which came after it, was taken before it";

/// Did it count no more when its turn came ([`replaced_already`])? It was never taken, and may say nothing that could be.
pub(crate) fn was_overtaken(file: &FileRecord) -> bool {
    file.status == FileStatus::Replaced && file.message.ends_with(OVERTAKEN)
}

const fn key(file: &FileRecord) -> NameKey<'_> {
    let FileRecord { kind, sender, user_id, s1sp, date, time, .. } = file;
    NameKey { kind: *kind, sender, user_id: *user_id, s1sp, date: *date, time: *time }
}

/// MSM-2, DMT-3: the files of the same name that are in one of these states are replaced by a later one.
///
/// # Errors
/// If the database fails.
pub(crate) fn replace_earlier(work: &mut Work<'_>, file: &FileRecord, states: &[FileStatus]) -> Result<()> {
    for earlier in files::open_of_name(&mut work.tx, &key(file))? {
        // FI24: what was set aside is replaced by a later file, not by one that is judged late itself.
        let later = earlier.id > file.id && earlier.status == FileStatus::Aside;
        if earlier.id != file.id && !later && states.contains(&earlier.status) {
            files::set_status(&mut work.tx, earlier.id, FileStatus::Replaced)?;
        }
    }
    Ok(())
}
