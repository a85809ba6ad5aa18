//! The connection to a database, of either kind.

use crate::postgresql::Server;
use rusqlite::Connection;

pub(crate) enum Backend {
    Sqlite(Connection),
    Postgres(Box<Server>),
}

impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite(_) => "Sqlite",
            Self::Postgres(_) => "Postgres",
        })
    }
}
