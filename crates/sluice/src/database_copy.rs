//! A place for a copy of a database, beside it: a file in a folder, or a schema. It goes at every ending that the program
//! sees; what a killed one left goes when the next copy is made. A copy that another program uses is left alone.

use crate::failure::Failure;
use crate::interrupt::AtInterrupt;
use crate::staging::{Purpose, Staging};
use sluice_store::{SchemaForCopy, Url};
use std::fs;
use std::path::Path;

/// A place for a copy; nothing is in it yet. The copy goes with it.
#[derive(Debug)]
pub struct CopyPlace {
    url: Url,
    _held: Held,
    /// Dropped last: until then a signal takes away what is left.
    _interrupt: AtInterrupt,
}

#[derive(Debug)]
enum Held {
    Folder(#[expect(dead_code, reason = "it is there to be dropped")] Staging),
    Schema(#[expect(dead_code, reason = "it is there to be dropped")] Box<SchemaForCopy>),
}

impl CopyPlace {
    /// Makes a place beside a database.
    ///
    /// # Errors
    /// If there is no room for it, or the database fails.
    pub fn beside(original: &Url) -> Result<Self, Failure> {
        match original.path() {
            Some(path) => Self::folder(path),
            None => Self::schema(original),
        }
    }

    fn folder(path: &Path) -> Result<Self, Failure> {
        let parent = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let staging = Staging::new(parent, Purpose::Copy).map_err(|error| Failure::write(parent, &error))?;
        let url: Url = format!("sqlite:{}", staging.path().join("replay.db").display()).parse()?;
        let folder = staging.path().to_owned();
        let interrupt = AtInterrupt::set(move || {
            // Again if a file was made meanwhile.
            let _gone = (0..3).any(|_| fs::remove_dir_all(&folder).is_ok());
        })?;
        Ok(Self { url, _interrupt: interrupt, _held: Held::Folder(staging) })
    }

    fn schema(original: &Url) -> Result<Self, Failure> {
        let schema = SchemaForCopy::beside(original)?;
        let url = schema.url().clone();
        let interrupted = url.clone();
        // If it fails, the next run takes the copy away.
        let interrupt = AtInterrupt::set(move || drop(SchemaForCopy::take_away(&interrupted)))?;
        Ok(Self { url, _interrupt: interrupt, _held: Held::Schema(Box::new(schema)) })
    }

    /// Where the copy is to be made.
    pub const fn url(&self) -> &Url {
        &self.url
    }
}
