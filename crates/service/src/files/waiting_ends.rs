//! What still waits of files whose intake ends: that of a party that failed (MAM-11), that under a User ID (REF-3).

use crate::act::aside::{JUDGE, of_file};
use crate::act::tell::tell;
use crate::act::work::Work;
use crate::error::Result;
use crate::files::refuse::refuse_whole;
use crate::files::told::called;
use sluice_rules::codes::FileCode;
use sluice_rules::file::FileStatus;
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::{aside, record};
use sluice_wire::FileFinding;

/// Protected files are refused with the words, demand that was not confirmed lapses. Gives how many files it was.
///
/// # Errors
/// If the database fails.
pub(crate) fn end_waiting(
    work: &mut Work<'_>,
    rule: &'static str,
    words: &str,
    is_of: impl Fn(&FileRecord) -> bool,
) -> Result<usize> {
    let mut ended = 0;
    // What has no verdict yet, or is tried again, comes to nothing as well.
    let later: &[FileStatus] = if work.engine > 3 { &[FileStatus::Received, FileStatus::Aside] } else { &[] };
    for status in [FileStatus::Waiting, FileStatus::Held].iter().chain(later).copied() {
        for file in files::of_status(&mut work.tx, status)?.into_iter().filter(&is_of) {
            ended += 1;
            if status == FileStatus::Held {
                files::set_status(&mut work.tx, file.id, FileStatus::Lapsed)?;
                let words = format!("{} waited for your confirmation and has lapsed", called(work, file.id)?);
                tell(work, file.sender, rule, None, &words)?;
                continue;
            }
            aside::end(&mut work.tx, JUDGE, &of_file(file.id))?;
            let received = record::received(&mut work.tx, file.id)?;
            refuse_whole(work, file, received.at, &[FileFinding::new(FileCode::FI04, words.to_owned())])?;
        }
    }
    Ok(ended)
}
