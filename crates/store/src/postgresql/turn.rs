//! Who waits for the lock of the writers, as the server tells it by a connection of its own.

use super::address::Address;
use super::connect::connect;
use crate::error::StoreError;
use crate::options::Options;
use crate::waiting::Looks;
use postgres::{Client, Statement};

/// Takes a lock that all can have at once, for the transaction that begins: by it those are known that only show something, and nobody
/// gives way to them.
pub(crate) const SHOWN: &str = "SELECT pg_advisory_xact_lock_shared(1364531425, 1); ";

/// What looks whether somebody waits to write, for the connection of a process of the server.
pub(crate) struct Look {
    client: Client,
    waits: Statement,
    table: String,
    process: i32,
}

impl Look {
    pub(crate) fn of(address: &Address, options: &Options, process: i32) -> Result<Self, StoreError> {
        let mut client = connect(address, options)?;
        let waits = client.prepare(
            "SELECT 1 FROM pg_locks w WHERE locktype = 'relation' AND relation = to_regclass($1) AND NOT granted
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND NOT EXISTS (SELECT 1 FROM pg_locks s WHERE s.pid = w.pid AND s.locktype = 'advisory' AND s.granted
                 AND s.classid = 1364531425 AND s.objid = 1) LIMIT 1",
        )?;
        Ok(Self { client, waits, table: format!("{}.schema_version", address.schema), process })
    }
}

impl Looks for Look {
    /// Where the connection is lost, nobody is given way to.
    fn is_waited_for(&mut self) -> bool {
        self.client.query_opt(&self.waits, &[&self.table]).is_ok_and(|found| found.is_some())
    }

    fn break_off(&mut self) {
        let _ = self.client.execute("SELECT pg_cancel_backend($1)", &[&self.process]);
    }
}
