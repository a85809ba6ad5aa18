//! RB-2: the rulebook by which a file is judged.

use crate::books::calendar::local_date;
use crate::books::rulebooks::{Books, Settings};
use crate::books::terms::mam;
use crate::error::Result;
use jiff::Timestamp;
use sluice_rules::file::FileKind;
use sluice_rules::rulebook::Document;
use sluice_wire::name::FileName;

/// RB-2: the rulebook by which a file is judged: of its week for demand, else the MAM's in effect at its receipt.
///
/// # Errors
/// If there is none.
pub(crate) fn rulebook_of(books: &Books, name: &FileName, received: Timestamp) -> Result<String> {
    if name.kind == FileKind::DemandCommitment {
        return Ok(books.intake(name.date, &Settings::default())?.0.id.clone());
    }
    Ok(mam(books, local_date(received)).or_else(|_| books.latest(Document::Mam))?.id.clone())
}
