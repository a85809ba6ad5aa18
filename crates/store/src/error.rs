//! What can go wrong with the store, in words that say what to do.

use jiff::Timestamp;
use std::fmt;

/// Which rule of a table a row breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Another row has the same key.
    Unique,
    /// It points to a row that is not there, or that others still point to is taken away.
    ForeignKey,
    /// A condition on its values.
    Check,
    /// A value is missing.
    NotNull,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unique => "the key is already there",
            Self::ForeignKey => "a row that it belongs to is missing, or others belong to it",
            Self::Check => "a value is out of its range",
            Self::NotNull => "a value is missing",
        })
    }
}

/// Why the store did not do what was asked. In each case the transaction has changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The text is no address of a database.
    #[error("'{address}' is no address of a database: {problem}; write sqlite:PATH or postgres://USER@HOST/DATABASE")]
    Url {
        /// The address, without its password.
        address: String,
        /// What is wrong with it.
        problem: String,
    },
    /// There is no database at the address.
    #[error("there is no database at {0}; make one with sluice init, or correct the address")]
    Missing(String),
    /// There is already something at the address.
    #[error("there is already something at {0}; open it, or choose another address")]
    Exists(String),
    /// What is at the address was not made by the program.
    #[error(
        "{address} is no database of Sluice ({found}); nothing is changed; correct the address, or restore the last backup"
    )]
    Foreign {
        /// The address.
        address: String,
        /// What is there, or what is missing.
        found: &'static str,
    },
    /// How to connect is not said, or not as safely as it must be; nothing was sent.
    #[error("the database was not connected to: {0}")]
    Access(String),
    /// The server does not let the user in.
    #[error(
        "the database's server does not let the user in ({0}); nothing is half done; correct the user or the password, then run the command again"
    )]
    Denied(String),
    /// The server is not one that is trusted, or does not encrypt.
    #[error(
        "the database's server cannot be trusted ({0}); correct host or sslrootcert, or ask who runs it; nothing is done"
    )]
    Untrusted(String),
    /// The database cannot be reached.
    #[error("the database cannot be reached ({0}); nothing is half done; run the command again when it is back")]
    Unreachable(String),
    /// The connection was lost, or the disk failed, while the change was being kept, and it cannot be found out whether it was.
    #[error(
        "the database was lost while the change was being kept ({0}); whether it was kept is not known: look at what stands before you run the command again"
    )]
    InDoubt(String),
    /// Another change came in between, and the server took this one back.
    #[error("another change of the database came in between ({0}); nothing is half done; run the command again")]
    Overtaken(String),
    /// Another writer did not finish in time.
    #[error("the database is busy with another change; nothing is half done; run the command again")]
    Locked,
    /// It was to be shown only, and gave way to another writer, again and again.
    #[error(
        "others change the database without a pause; what would come of it could not be found out; nothing is done; run the command again"
    )]
    GaveWay,
    /// A statement took longer than it may.
    #[error("the database took too long ({0}); nothing is half done; run the command again when it has less to do")]
    Slow(String),
    /// The database, or this transaction, does not take changes.
    #[error("the database takes no changes ({0}); nothing is half done; let it be written, then run the command again")]
    ReadOnly(String),
    /// No room is left.
    #[error("the disk of the database is full ({0}); nothing is half done; make room, then run the command again")]
    Full(String),
    /// The disk reports an error.
    #[error("the disk of the database fails ({0}); nothing is half done; look after it, then run the command again")]
    Disk(String),
    /// What is stored cannot be read.
    #[error("the database is damaged ({0}); stop, and restore the last backup")]
    Damaged(String),
    /// A row holds what the program never writes.
    #[error("the database is damaged ({0}); stop, and restore the last backup")]
    Unreadable(String),
    /// A setting that durability or order depends on is not as it must be.
    #[error("the database's setting {setting} is '{found}' and must be '{wanted}'; correct it and start again")]
    Settings {
        /// Its name.
        setting: &'static str,
        /// What it is.
        found: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// The roles that acts and readings are done as are not there, or not as they must be.
    #[error("{0}")]
    Roles(String),
    /// The database was made by an older version of the program.
    #[error(
        "{address} was made by an older program (schema version {found}; this one has {known}); run sluice migrate"
    )]
    Older {
        /// The address.
        address: String,
        /// The schema version of the database.
        found: i64,
        /// That of the program.
        known: i64,
    },
    /// The database was made by a newer version of the program, or by another one.
    #[error("the database has schema version {found} and this program knows {known}; use the program that made it")]
    Version {
        /// The schema version of the database, with its name.
        found: String,
        /// The newest that the program knows, or what it has in that place.
        known: String,
    },
    /// The clock of the machine was set while it ran.
    #[error(
        "the clock of this machine was set: it says {says}, and by what the machine has counted it is {expected}; nothing is done before that is put right, but files are received and keep their moments. Set the clock right; if it is right now, an operator says so: sluice clock accept"
    )]
    Clock {
        /// What it would be.
        expected: Timestamp,
        /// What it says.
        says: Timestamp,
    },
    /// A row breaks a rule of its table.
    #[error("a row does not fit the database: {rule} ({message})")]
    Constraint {
        /// The kind of rule.
        rule: Rule,
        /// The words of the database.
        message: String,
    },
    /// A value is of the wrong kind, or out of range.
    #[error("a value does not fit: {0}")]
    Type(String),
    /// A query that gives exactly one row gave none or several.
    #[error("one row was expected and {0} came")]
    Rows(&'static str),
    /// An earlier error has ended this transaction.
    #[error("an earlier error has ended this change; nothing of it is kept")]
    Ended,
    /// The caller stopped reading rows for a reason of its own.
    #[error("{0}")]
    Caller(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Anything else, in the words of the database.
    #[error("the database refuses: {0}")]
    Other(String),
}

impl StoreError {
    /// An error of the caller's own, to be handed through a reading closure.
    pub fn caller(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Caller(error.into())
    }

    /// What is wrong with a row, named with it. What is wrong with the whole database stays as it is.
    pub(crate) fn of_row(self, what: &str) -> Self {
        match self {
            Self::Type(words) | Self::Damaged(words) => Self::Unreadable(format!("{what} cannot be read: {words}")),
            other => other,
        }
    }

    /// Whether the same request may well succeed later, without a change to it.
    #[must_use]
    pub const fn passes(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_)
                | Self::InDoubt(_)
                | Self::Overtaken(_)
                | Self::Locked
                | Self::GaveWay
                | Self::Slow(_)
                | Self::ReadOnly(_)
                | Self::Full(_)
                | Self::Disk(_)
                | Self::Clock { .. }
        )
    }

    /// Is it known that nothing was kept, and may the same succeed at once, on a new connection?
    #[must_use]
    pub const fn is_worth_another_try(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Overtaken(_))
    }

    /// The same, once it is known that nothing was kept: a server was lost, or the disk of a file failed.
    #[must_use]
    pub fn known_lost(self, is_file: bool) -> Self {
        match self {
            Self::InDoubt(words) if is_file => Self::Disk(words),
            Self::InDoubt(words) => Self::Unreachable(words),
            other => other,
        }
    }

    /// Is it the database itself that failed, and not what was asked of it? Then nothing else would fare better.
    #[must_use]
    pub const fn is_of_the_database(&self) -> bool {
        !matches!(
            self,
            Self::Constraint { .. }
                | Self::Type(_)
                | Self::Rows(_)
                | Self::Ended
                | Self::Caller(_)
                | Self::Unreadable(_)
                | Self::Other(_)
        )
    }

    pub(crate) fn unprotected(place: &str) -> Self {
        let words = "are not protected as this program wants it; run sluice migrate as their owner";
        Self::Roles(format!("the tables of {place} {words}"))
    }

    pub(crate) fn wrong_count(expected: usize, given: usize) -> Self {
        Self::Type(format!("the statement takes {expected} values and {given} were given"))
    }

    pub(crate) fn wrong_column(name: &str, expected: &str, found: &str) -> Self {
        Self::Type(format!("column '{name}' holds {found} where {expected} was expected"))
    }

    pub(crate) fn nul() -> Self {
        Self::Type("text must not contain the character NUL".to_owned())
    }

    pub(crate) fn no_key() -> Self {
        Self::Other("a look-up has '= $key' exactly once".to_owned())
    }
}
