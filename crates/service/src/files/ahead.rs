//! An authorisation file is read while it is kept: of a large one both take as long.

use crate::books::rulebooks::Books;
use crate::files::rulebook::rulebook_of;
use jiff::Timestamp;
use sluice_rules::file::FileKind;
use sluice_wire::FileFinding;
use sluice_wire::authorisation::{Authorisations, read_authorisation};
use sluice_wire::limits::Limits;
use sluice_wire::name::FileName;
use std::io::Cursor;

/// The rows of a file, or why it is refused whole.
pub type Read = std::result::Result<Authorisations, FileFinding>;

/// A file that was read before it is judged.
#[derive(Debug)]
pub struct ReadAhead {
    rulebook: String,
    read: Read,
}

impl ReadAhead {
    /// Reads a file; none that is of another kind, that may need a password, or whose name already says that it is refused.
    #[must_use]
    pub fn of(books: &Books, received: Timestamp, name: &str, bytes: &[u8]) -> Option<Self> {
        let (name, extension) = FileName::parse(name).ok()?;
        if name.kind != FileKind::Authorisation || extension == "zip" {
            return None;
        }
        let rulebook = rulebook_of(books, &name, received).ok()?.ok()?;
        let limits = Limits::of(books.get(&rulebook).ok()?).ok()?;
        let read = read_authorisation(&extension, &mut Cursor::new(bytes), &limits, None);
        Some(Self { rulebook, read })
    }

    /// What was read, if it was by the rulebook that the file is judged by (RB-2).
    #[must_use]
    pub fn by(&self, rulebook: &str) -> Option<&Read> {
        Some(&self.read).filter(|_| self.rulebook == rulebook)
    }
}
