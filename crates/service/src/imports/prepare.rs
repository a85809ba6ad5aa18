//! What an import changes, found out before its act, and written by it (REF-2): reading a file of millions of rows and comparing them with
//! those that stand keeps nobody waiting; the act only writes what differs.

use crate::act::prepared::{Ground, Prepared, PreparedImport, Rows};
use crate::act::work::Work;
use crate::error::{Result, ServiceError};
use crate::form::extension_of;
use crate::imports::shown::Difference;
use crate::imports::tables::of_kind;
use crate::imports::{inventory, tables};
use sluice_rules::reference::ReferenceKind;
use sluice_store::tables::record::{self, Digest};
use sluice_store::tables::stage;
use std::io::Cursor;
use std::sync::Arc;

/// Is a table compared before the act? The others are small, or stand on more than imports.
pub(crate) const fn is_compared(kind: ReferenceKind) -> bool {
    use ReferenceKind::{Epcl, Exclusions, Inventory, Registrations};
    matches!(kind, Inventory | Registrations | Epcl | Exclusions)
}

/// A file of reference data as it was received.
pub(crate) struct Content<'f> {
    pub(crate) name: &'f str,
    pub(crate) bytes: &'f [u8],
}

/// Compares a file with what stands. What it is compared with is another thing after imports of these kinds; of any, where none is named.
///
/// # Errors
/// If a row is wrong, or the database fails.
pub(crate) fn compare(
    work: &mut Work<'_>,
    kind: ReferenceKind,
    standing_on: Option<ReferenceKind>,
    file: &Content<'_>,
    digest: impl FnOnce() -> Result<Digest>,
) -> Result<PreparedImport> {
    let ground = Ground::load(&mut work.tx, standing_on)?;
    let (extension, mut content) = (extension_of(file.name), Cursor::new(file.bytes));
    let (Difference { figures, first }, rows) = match kind {
        ReferenceKind::Inventory => {
            let (difference, change) = inventory::compare(work, &ground.dictionary, &extension, &mut content)?;
            (difference, Rows::Staged(change))
        }
        _ => {
            let (difference, replacement) = tables::compare(work, &ground.dictionary, kind, &extension, &mut content)?;
            (difference, Rows::AtHand(replacement))
        }
    };
    let digest = digest()?;
    Ok(PreparedImport { kind, digest, ground, figures, first, rows })
}

/// In the place of the digest of a file: there is none.
const NO_FILE: Digest = [0; 32];

/// Compares what stood before an import with what stands: the file that was received before, or nothing. Gives nothing for tables that are
/// not compared.
///
/// # Errors
/// As [`compare`].
pub(crate) fn compare_before(
    work: &mut Work<'_>,
    kind: ReferenceKind,
    received: Option<i64>,
) -> Result<Option<PreparedImport>> {
    match received {
        // Which import is the last depends on those of all kinds.
        Some(received) if is_compared(kind) => compare_received(work, (kind, received), None).map(Some),
        None if of_kind(kind).is_some() => {
            let ground = Ground::load(&mut work.tx, None)?;
            let (Difference { figures, first }, replacement) = tables::compare_nothing(work, kind)?;
            let rows = Rows::AtHand(replacement);
            Ok(Some(PreparedImport { kind, digest: NO_FILE, ground, figures, first, rows }))
        }
        _ => Ok(None),
    }
}

/// The same: found out before, or now.
///
/// # Errors
/// As [`compare`].
pub(crate) fn ready_before(
    work: &mut Work<'_>,
    kind: ReferenceKind,
    received: Option<i64>,
) -> Result<Option<Arc<PreparedImport>>> {
    let digest = received.map_or(Ok(NO_FILE), |received| digest_of(work, received))?;
    match work.prepared.clone() {
        Some(Prepared::Import(import)) if (import.kind, import.digest) == (kind, digest) => Ok(Some(import)),
        _ => Ok(compare_before(work, kind, received)?.map(Arc::new)),
    }
}

/// What a file changes: found out before, or now.
///
/// # Errors
/// As [`compare`], and what the file cannot be read for.
pub(crate) fn ready(
    work: &mut Work<'_>,
    (kind, digest): (ReferenceKind, Digest),
    compare_now: impl FnOnce(&mut Work<'_>) -> Result<PreparedImport>,
) -> Result<Arc<PreparedImport>> {
    match work.prepared.clone() {
        Some(Prepared::Import(import)) if (import.kind, import.digest) == (kind, digest) => Ok(import),
        _ => compare_now(work).map(Arc::new),
    }
}

/// Writes what differs.
///
/// # Errors
/// If the database fails.
pub(crate) fn put_in_place(work: &mut Work<'_>, prepared: &PreparedImport) -> Result<Difference> {
    let PreparedImport { figures, first, rows, .. } = prepared;
    match rows {
        Rows::Staged(change) => stage::put_in_place(&mut work.tx, *change)?,
        Rows::AtHand(replacement) => replacement.write(&mut work.tx)?,
    }
    Ok(Difference { figures: *figures, first: first.clone() })
}

/// The digest of a file that was received.
///
/// # Errors
/// If it has no content, or the database fails.
pub(crate) fn digest_of(work: &mut Work<'_>, received: i64) -> Result<Digest> {
    let received = record::received(&mut work.tx, received)?;
    received.digest.ok_or_else(|| ServiceError::defect("an import has no content"))
}

/// Compares a file that was received before with what stands.
///
/// # Errors
/// As [`compare`].
pub(crate) fn compare_received(
    work: &mut Work<'_>,
    (kind, received): (ReferenceKind, i64),
    standing_on: Option<ReferenceKind>,
) -> Result<PreparedImport> {
    let (digest, name) = (digest_of(work, received)?, record::received(&mut work.tx, received)?.name);
    let bytes = record::content(&mut work.tx, &digest)?;
    compare(work, kind, standing_on, &Content { name: &name, bytes: &bytes }, || Ok(digest))
}
