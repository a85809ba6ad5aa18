//! Passwords of protected files: remembered for a while, in memory only (MAM-10).

use crate::books::rulebooks::Books;
use crate::error::Result;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use sluice_rules::codes::FileCode;
use sluice_rules::file::FileKind;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_rules::rulebook::Rulebook;
use sluice_store::tables::files::FileRecord;
use sluice_wire::authorisation::{needs_password, open_protected};
use sluice_wire::limits::Limits;
use sluice_wire::name::FileName;
use sluice_wire::{FileFinding, Password};
use std::collections::HashMap;
use std::io::{Cursor, Read};

/// What came of trying to open a protected file: its member, or the code and words of the refusal.
pub type Opened = std::result::Result<(Vec<u8>, String), (String, String)>;

/// The key that a protected file and its password share.
pub type Key = (Party, Option<Eui64>, S1sp, Date, Option<Time>);

/// The key of a name.
#[must_use]
pub fn key_of(party: Party, name: &FileName) -> Key {
    (party, name.user_id, name.s1sp, name.date, name.time)
}

fn key_of_file(file: &FileRecord) -> Key {
    (file.sender, file.user_id, file.s1sp, file.date, file.time)
}

/// The passwords that are remembered. They are wiped when they are forgotten.
#[derive(Default)]
pub struct Passwords(HashMap<Key, (Password, Timestamp)>);

impl Passwords {
    /// Remembers a password.
    pub fn remember(&mut self, key: Key, password: Password, now: Timestamp) {
        self.0.insert(key, (password, now));
    }

    /// Forgets what is older than the rulebook allows.
    ///
    /// # Errors
    /// If the rulebook does not say.
    pub fn forget_old(&mut self, now: Timestamp, book: &Rulebook) -> Result<()> {
        let hours = i64::try_from(book.number("password_hours")?).unwrap_or(i64::MAX);
        self.0.retain(|_, (_, since)| now.duration_since(*since).as_hours() < hours);
        Ok(())
    }

    /// Forgets the password of a file, which has served: a password serves once.
    pub fn served(&mut self, file: &FileRecord) {
        self.0.remove(&key_of_file(file));
    }

    /// Is none remembered?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When the password of a protected file came, if it is remembered.
    #[must_use]
    pub fn came(&self, file: &FileRecord) -> Option<Timestamp> {
        if file.kind != FileKind::Authorisation || file.extension != "zip" {
            return None;
        }
        self.0.get(&key_of_file(file)).map(|(_, came)| *came)
    }

    /// Opens a protected file from its content, if its password is remembered; nothing for a file that needs none, or whose password
    /// is not there yet. The password is remembered until it has [served](Self::served): the verdict may fail to be kept.
    ///
    /// # Errors
    /// If its rulebook lacks something.
    pub fn open(&self, books: &Books, file: &FileRecord, content: &[u8]) -> Result<Option<Opened>> {
        let Some((password, _)) = self.0.get(&key_of_file(file)) else { return Ok(None) };
        let limits = Limits::of(books.get(&file.rulebook)?)?;
        let mut content = Cursor::new(content);
        match needs_password(&file.extension, &mut content, &limits) {
            Ok(true) => {}
            // What the file says without its password is found when it is judged.
            Ok(false) | Err(_) => return Ok(None),
        }
        let opened = open_protected(&file.extension, &mut content, &limits, Some(password)).and_then(|mut opened| {
            let mut bytes = Vec::new();
            // FI24: that is no fault of the file's, which is open by now.
            let lost = |error: std::io::Error| {
                FileFinding::new(FileCode::FI24, format!("what was opened of it cannot be read again: {error}"))
            };
            opened.read_to_end(&mut bytes).map_err(lost)?;
            Ok((bytes, opened.extension.to_owned()))
        });
        Ok(Some(opened.map_err(|finding| {
            // FI07: the same content under the same stamp is not judged again.
            let again =
                if finding.code == FileCode::FI12 { "; then send both with a new stamp in their names" } else { "" };
            (finding.code.to_string(), format!("{}{again}", finding.message))
        })))
    }
}
