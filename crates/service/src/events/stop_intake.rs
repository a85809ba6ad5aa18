//! The intake of a party that failed stops (MAM-11).

use crate::act::tell::tell;
use crate::act::work::Work;
use crate::error::Result;
use crate::files::refuse::refuse_whole;
use crate::responsibility::intake::words;
use sluice_rules::codes::FileCode;
use sluice_rules::file::FileStatus;
use sluice_store::tables::responsibility::ResponsibilityEvent;
use sluice_store::tables::{files, record};
use sluice_wire::FileFinding;

/// What still waits of a party that failed ends: protected files are refused, demand that was not confirmed lapses.
pub(crate) fn stop(work: &mut Work<'_>, event: &ResponsibilityEvent) -> Result<()> {
    for status in [FileStatus::Waiting, FileStatus::Held] {
        for file in files::of_status(&mut work.tx, status)? {
            if file.sender != event.from {
                continue;
            }
            if status == FileStatus::Held {
                files::set_status(&mut work.tx, file.id, FileStatus::Lapsed)?;
                let words = format!("file {} waited for your confirmation and has lapsed", file.id);
                tell(work, event.from, "MAM-11", None, &words)?;
                continue;
            }
            let received = record::received(&mut work.tx, file.id)?;
            refuse_whole(work, file, received.at, &[FileFinding::new(FileCode::FI04, words(event))])?;
        }
    }
    Ok(())
}
