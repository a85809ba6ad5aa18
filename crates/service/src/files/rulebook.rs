//! RB-2: the rulebook by which a file is judged.

use crate::books::calendar::local_date;
use crate::books::rulebooks::{Books, Settings};
use crate::books::terms::mam;
use crate::error::Result;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::codes::FileCode;
use sluice_rules::file::FileKind;
use sluice_rules::rulebook::Document;
use sluice_wire::FileFinding;
use sluice_wire::name::FileName;

/// RB-2: the rulebook by which a file is judged: for demand the one known at its receipt to govern its week, else the MAM's in
/// effect at its receipt; the finding FI23 if there is none.
///
/// # Errors
/// If the week cannot be placed in the calendar.
pub(crate) fn rulebook_of(
    books: &Books,
    name: &FileName,
    received: Timestamp,
) -> Result<std::result::Result<String, FileFinding>> {
    let day = local_date(received);
    let (found, what) = if name.kind == FileKind::DemandCommitment {
        (books.known(name.date, day)?, format!("demand of the week of {}", name.date))
    } else {
        (mam(books, day).ok(), format!("{} files", name.kind.word()))
    };
    Ok(found.map(|book| book.id.clone()).ok_or_else(|| not_governed(books, name.kind, &what, day)))
}

/// FI23: what is said of a file that no rulebook governs, with what to do.
fn not_governed(books: &Books, kind: FileKind, what: &str, day: Date) -> FileFinding {
    let first = books.first(if kind == FileKind::DemandCommitment { Document::Msm } else { Document::Mam });
    let (id, from) = (&first.id, first.in_effect);
    let published = first.published.map(|date| format!(", and is known since {date}")).unwrap_or_default();
    let message = if kind == FileKind::DemandCommitment {
        format!(
            "no rulebook known on {day} governs {what}; the first, {id}, governs weeks cut off from {from} on{published}; send demand of such a week"
        )
    } else {
        format!(
            "no rulebook in effect on {day} governs {what}; the first, {id}, is in effect from {from} on; send it again then"
        )
    };
    FileFinding::new(FileCode::FI23, message)
}

/// What older programs judged a file by: where no rulebook governed it, by the latest.
///
/// # Errors
/// If there is none.
pub(crate) fn rulebook_or_latest(books: &Books, name: &FileName, received: Timestamp) -> Result<String> {
    if name.kind == FileKind::DemandCommitment {
        return Ok(books.intake(name.date, &Settings::default())?.0.id.clone());
    }
    Ok(mam(books, local_date(received)).or_else(|_| books.latest(Document::Mam))?.id.clone())
}
