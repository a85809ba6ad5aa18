//! What libpq's variables say of a connection.

use std::ffi::OsString;
use std::path::PathBuf;

/// The variables that stand in for what an address does not say; an empty one says nothing.
#[derive(Default)]
pub(crate) struct Environment {
    /// `PGPASSWORD`.
    pub(crate) password: Option<OsString>,
    /// `PGPASSFILE`.
    pub(crate) passfile: Option<PathBuf>,
    /// `PGSSLMODE`.
    pub(crate) sslmode: Option<OsString>,
    /// `PGSSLROOTCERT`.
    pub(crate) sslrootcert: Option<OsString>,
    /// The folder of who runs the program, which holds `.pgpass` and `.postgresql/root.crt`.
    pub(crate) home: Option<PathBuf>,
}

impl Environment {
    /// That of this process.
    pub(crate) fn of_process() -> Self {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            password: variable("PGPASSWORD"),
            passfile: variable("PGPASSFILE").map(PathBuf::from),
            sslmode: variable("PGSSLMODE"),
            sslrootcert: variable("PGSSLROOTCERT"),
            home: std::env::home_dir(),
        }
    }
}
