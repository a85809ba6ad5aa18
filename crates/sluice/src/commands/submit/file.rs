//! The files that `sluice submit` hands in, as they are read.

use crate::cli::database::Submit;
use crate::commands::intake::read_receipt;
use crate::failure::Failure;
use crate::session::Session;
use sluice_service::files::signed::SignedReceipt;
use sluice_service::service::Content;
use sluice_wire::name::may_be_password;
use sluice_wire::text::shown;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A file that is handed in.
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) name: String,
    bytes: Bytes,
    /// The receipt with which it is handed in again (CAL-7).
    again: Option<SignedReceipt>,
}

impl File {
    pub(super) fn read(session: &Session, args: &Submit, path: &Path) -> Result<Self, Failure> {
        let bytes = read(path, session.service.largest()).map_err(|error| Failure::read(path, &error))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if args.no_wait && may_be_password(&name) {
            let words = "a password is remembered only while the program runs; leave out --no-wait";
            return Err(Failure::Use(words.to_owned()));
        }
        let again = receipt_of(args, &name)?;
        Ok(Self { path: path.to_owned(), name, bytes, again })
    }

    /// What is handed in of it.
    pub(super) fn content(&self) -> Content<'_> {
        match (&self.bytes, &self.again) {
            (Bytes::Whole(bytes), Some(receipt)) => Content::Again(bytes, receipt),
            (Bytes::Whole(bytes), None) => Content::Whole(bytes),
            (Bytes::TooLarge(size), _) => Content::TooLarge(*size),
        }
    }
}

/// The receipt with which a file is handed in again; nothing where none is given at all.
fn receipt_of(args: &Submit, name: &str) -> Result<Option<SignedReceipt>, Failure> {
    for path in &args.again {
        let receipt = read_receipt(path)?;
        if receipt.receipt.name == name {
            return Ok(Some(receipt));
        }
    }
    let none = || Failure::Use(format!("none of the receipts is of {}; leave out --receipt, or the file", shown(name)));
    if args.again.is_empty() { Ok(None) } else { Err(none()) }
}

/// What was read of a file.
enum Bytes {
    Whole(Vec<u8>),
    TooLarge(u64),
}

/// Reads a file that has no more bytes than so many, and of a larger one, or one that grows, no more than that.
fn read(path: &Path, largest: u64) -> std::io::Result<Bytes> {
    let file = std::fs::File::open(path)?;
    let stated = file.metadata()?.len();
    if stated > largest {
        return Ok(Bytes::TooLarge(stated));
    }
    let mut bytes = Vec::new();
    file.take(largest.saturating_add(1)).read_to_end(&mut bytes)?;
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    Ok(if size > largest { Bytes::TooLarge(size) } else { Bytes::Whole(bytes) })
}
