//! The content of a file as who judges it wants it read.

use crate::act::reading::ReadFile;
use crate::act::work::Work;
use crate::basis::Basis;
use crate::error::{Result, ServiceError};
use sluice_store::tables::files::FileRecord;
use sluice_store::tables::record::{Digest, Received};
use sluice_wire::name::FileName;
use std::sync::Arc;

/// By what a received file is read: its own content, or that of the member which its password has opened, with its extension.
///
/// # Errors
/// If nothing was kept of its content.
pub(crate) fn basis(
    engine: i64,
    file: &FileRecord,
    received: &Received,
    opened: Option<(&Digest, &str)>,
) -> Result<Basis> {
    let FileRecord { kind, user_id, s1sp, date, time, .. } = *file;
    let none = || ServiceError::defect("a file has no content");
    let (digest, extension) = match opened {
        Some((digest, extension)) => (*digest, extension),
        None => (received.digest.ok_or_else(none)?, &*file.extension),
    };
    Ok(Basis {
        name: FileName { kind, party: None, user_id, s1sp, date, time, version: None },
        extension: extension.to_owned(),
        rulebook: file.rulebook.clone(),
        engine,
        digest,
    })
}

/// What a received file says.
///
/// # Errors
/// [`ServiceError::Unread`] if that was not read yet.
pub(crate) fn said(work: &Work<'_>, file: &FileRecord, received: &Received) -> Result<Arc<ReadFile>> {
    work.file(basis(work.engine, file, received, None)?)
}
