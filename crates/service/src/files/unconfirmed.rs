//! FI21: demand that would have to be confirmed, and cannot be any more. Whoever confirms when the result of the week is published could
//! choose knowing it (MSM-14), so nobody does. To hold such a file would promise what cannot be done: it is refused, and DCC alone can
//! take it (MSM-11).

use crate::act::tell::tell;
use crate::act::work::{Look, Work};
use crate::books::calendar::in_words;
use crate::error::Result;
use crate::files::order::{came_after, key_of, latest_of_name};
use crate::files::told::named;
use crate::files::verdict::refuse;
use crate::responsibility::intake::failure;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::codes::FileCode;
use sluice_rules::file::FileStatus;
use sluice_rules::party::{Eui64, S1sp};
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::record;
use sluice_wire::FileFinding;
use std::collections::BTreeMap;

/// Why a file is refused that would have to be confirmed; what is known of it stands before it.
pub(crate) fn finding(what: &str, file: &FileRecord, published: Timestamp) -> FileFinding {
    let (week, s1sp) = (file.date, file.s1sp);
    let words = format!(
        "{what}; it needs to be confirmed, which nobody can do any more: the result of the week of {week} at {s1sp} was published at {} (MSM-14). Ask DCC, which alone can take it now (MSM-11)",
        in_words(published)
    );
    FileFinding::new(FileCode::FI21, words)
}

/// What was held and lapsed, or would be held again, is refused, and its sender is told.
///
/// # Errors
/// If the database fails.
pub(crate) fn refuse_held(work: &mut Work<'_>, mut file: FileRecord, published: Timestamp) -> Result<()> {
    let finding = finding("it was not confirmed before the cut-off", &file, published);
    refuse(&mut file, std::slice::from_ref(&finding), work.now);
    files::set_verdict(&mut work.tx, &file)?;
    let name = record::received(&mut work.tx, file.id)?.name;
    let words = format!("{} is refused: {} {}", named(work.engine, file.id, &name), finding.code, finding.message);
    tell(work, file.sender, "FI21", None, &words)
}

/// Why a file can be taken by DCC alone; nothing of one that is not refused for that.
#[must_use]
pub fn why(file: &FileRecord) -> Option<&str> {
    let refused = file.status == FileStatus::Refused && file.codes == FileCode::FI21.code();
    refused.then_some(&*file.message)
}

/// The files of a week at an S1SP that nobody but DCC can take, and that it can: the last one of each name, of parties that did not fail.
///
/// # Errors
/// If the database fails.
pub(crate) fn of_week(work: &mut Look<'_>, s1sp: S1sp, week: Date) -> Result<Vec<FileRecord>> {
    let mut last: BTreeMap<Option<Eui64>, (Timestamp, FileRecord)> = BTreeMap::new();
    for file in files::unconfirmed_demand(&mut work.tx, &s1sp, week)? {
        let at = record::received(&mut work.tx, file.id)?.at;
        let stands = latest_of_name(&mut work.tx, work.engine, &key_of(&file))?;
        let later = match stands {
            Some(other) => came_after(work, other.id, file.id)?,
            None => false,
        };
        if !later && failure(&mut work.tx, file.sender)?.is_none() {
            // A name of a week at an S1SP is known by its User ID.
            let known = last.entry(file.user_id).or_insert_with(|| (at, file.clone()));
            if (known.0, known.1.id) < (at, file.id) {
                *known = (at, file);
            }
        }
    }
    let mut found: Vec<FileRecord> = last.into_values().map(|(_, file)| file).collect();
    found.sort_by_key(|file| file.id);
    Ok(found)
}
