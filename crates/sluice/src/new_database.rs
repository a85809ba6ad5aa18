//! A place for a new database. A file is made beside its place, and takes it when it is whole: whatever ends the program before,
//! nothing is in the way of the next attempt. In a server it is made where it shall be, in one transaction.

use crate::failure::Failure;
use crate::output::{make_folder, sync_folder};
use crate::staging::{Purpose, Staging};
use sluice_store::{Store, StoreError, Url};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use tempfile::TempPath;

/// Where a new database is made, and where it shall be.
#[derive(Debug)]
pub struct NewDatabase {
    url: Url,
    file: Option<NewFile>,
}

#[derive(Debug)]
struct NewFile {
    place: PathBuf,
    staging: Staging,
}

impl NewDatabase {
    /// Finds a place for it.
    ///
    /// # Errors
    /// If something is there already, or the disk does not take it.
    pub fn for_address(url: &Url) -> Result<Self, Failure> {
        Store::must_be_free(url)?;
        let Some(place) = url.path() else { return Ok(Self { url: url.clone(), file: None }) };
        let folder = folder_of(place);
        make_folder(folder)?;
        let staging = Staging::new(folder, Purpose::Result).map_err(|error| Failure::write(place, &error))?;
        let file = NewFile { place: place.to_owned(), staging };
        Ok(Self { url: format!("sqlite:{}", file.made().display()).parse()?, file: Some(file) })
    }

    /// Where it is made.
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Puts it where it shall be. Nobody may have it open.
    ///
    /// # Errors
    /// If something is there by now, or the disk does not take it.
    pub fn settle(self) -> Result<(), Failure> {
        self.file.map_or(Ok(()), NewFile::settle)
    }
}

impl NewFile {
    fn made(&self) -> PathBuf {
        self.staging.path().join("sluice.db")
    }

    fn settle(self) -> Result<(), Failure> {
        let place = &self.place;
        // The last connection brings all that was written into the file, and takes the one beside it away.
        if self.staging.path().join("sluice.db-wal").exists() {
            return Err(Failure::Internal("the new database could not be closed; nothing was made".to_owned()));
        }
        TempPath::try_from_path(self.made())
            .and_then(|made| Ok(made.persist_noclobber(place)?))
            .and_then(|()| sync_folder(folder_of(place)))
            .map_err(|error| match error.kind() {
                ErrorKind::AlreadyExists => StoreError::Exists(format!("sqlite:{}", place.display())).into(),
                _ => Failure::write(place, &error),
            })
    }
}

fn folder_of(place: &Path) -> &Path {
    place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
