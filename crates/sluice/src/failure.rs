//! How a command can end.

use sluice_service::error::ServiceError;
use sluice_store::StoreError;
use std::io::{Error, ErrorKind};
use std::path::Path;

/// A command that did its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// Status 0.
    Clean,
    /// Status 1: done, and something was refused or does not verify.
    WithRefusals,
}

impl Done {
    /// The exit status.
    pub fn status(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::WithRefusals => 1,
        }
    }

    /// Clean unless something was refused.
    pub fn unless(refused: bool) -> Self {
        if refused { Self::WithRefusals } else { Self::Clean }
    }
}

/// A command that could not do its work; the display says in one line what is wrong and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Status 2: wrong use, or input of DCC's own that cannot be used.
    #[error("{0}")]
    Use(String),
    /// Status 3: the disk, or a defect of the program.
    #[error("{0}")]
    Internal(String),
}

impl Failure {
    /// The exit status.
    pub fn status(&self) -> u8 {
        match self {
            Self::Use(_) => 2,
            Self::Internal(_) => 3,
        }
    }

    /// The same with more to be said.
    pub fn with(self, more: &str) -> Self {
        match self {
            Self::Use(words) => Self::Use(format!("{words}; {more}")),
            Self::Internal(words) => Self::Internal(format!("{words}; {more}")),
        }
    }

    /// The same, said of something.
    pub fn about(self, what: impl std::fmt::Display) -> Self {
        match self {
            Self::Use(words) => Self::Use(format!("{what}: {words}")),
            Self::Internal(words) => Self::Internal(format!("{what}: {words}")),
        }
    }

    /// Wrong use or wrong input, in the words of an error.
    pub fn usage(error: impl ToString) -> Self {
        Self::Use(error.to_string())
    }

    /// A defect or a full disk, in the words of an error.
    pub fn internal(error: impl ToString) -> Self {
        Self::Internal(error.to_string())
    }

    /// A file that should be read.
    pub fn read(path: &Path, error: &Error) -> Self {
        let message = format!("cannot read {}: {error}", path.display());
        match error.kind() {
            ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::IsADirectory
            | ErrorKind::NotADirectory
            | ErrorKind::InvalidFilename => Self::Use(format!("{message}; check the path")),
            _ => Self::Internal(message),
        }
    }

    /// A file that should be written.
    pub fn write(path: &Path, error: &Error) -> Self {
        let message = format!("cannot write {}: {error}", path.display());
        match error.kind() {
            ErrorKind::NotFound
            | ErrorKind::AlreadyExists
            | ErrorKind::PermissionDenied
            | ErrorKind::NotADirectory
            | ErrorKind::InvalidFilename => Self::Use(format!("{message}; choose another place")),
            _ => Self::Internal(format!("{message}; make room or choose another place, nothing was left half written")),
        }
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Store(error) => error.into(),
            ServiceError::Internal(_) | ServiceError::Panic(_) | ServiceError::Unread(_) | ServiceError::Budget(_) => {
                Self::Internal(error.to_string())
            }
            _ => Self::Use(error.to_string()),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Url { .. }
            | StoreError::Missing(_)
            | StoreError::Exists(_)
            | StoreError::Foreign { .. }
            | StoreError::Older { .. }
            | StoreError::Version { .. }
            | StoreError::Access(_) => Self::Use(error.to_string()),
            _ => Self::Internal(error.to_string()),
        }
    }
}

/// What a command gives back.
pub type Outcome = Result<Done, Failure>;
