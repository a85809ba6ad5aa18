//! Schemas of PostgreSQL for copies of a store. Each is held by a lock of the server as long as it is used, so that what a
//! killed program left can be told from what another one works in.

use crate::error::StoreError;
use crate::options::Options;
use crate::postgresql::{self, COPIES, Server};
use crate::url::{Place, Url};
use sha2::{Digest, Sha256};
use std::hash::{BuildHasher, RandomState};

/// The first half of the key of the lock that holds a copy; the second is of its schema.
const HELD: i32 = 0x5155_1CE1;

/// The comment of the schema of a copy: no other one is taken away.
pub(crate) const MARK: &str = "Sluice: a copy that may be taken away";

/// More attempts than this to take a copy from whoever works in it are one too many.
const ATTEMPTS: usize = 5;

/// A schema that nobody else uses, for a copy that is not made yet. The copy goes with it.
pub struct SchemaForCopy {
    url: Url,
    schema: String,
    /// The connection whose lock holds the schema.
    server: Server,
}

impl SchemaForCopy {
    /// Finds a free schema in the database of a store, and takes away the copies there that nobody uses any more.
    ///
    /// # Errors
    /// If the store is a file, or PostgreSQL cannot be reached.
    pub fn beside(original: &Url) -> Result<Self, StoreError> {
        let schema = format!("{COPIES}{:016x}", RandomState::new().hash_one(0));
        let url = original.with_schema(&schema)?;
        let mut server = connect(&url)?;
        // The lock comes before the schema: one without a lock is nobody's. The name is random, and so is its lock free.
        if !hold(&mut server, &schema)? {
            return Err(StoreError::Locked);
        }
        sweep(&mut server, &schema)?;
        Ok(Self { url, schema, server })
    }

    /// Where the copy is to be made.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Takes a copy away from under whoever works in it: for a program that is ended in the midst of it.
    ///
    /// # Errors
    /// If PostgreSQL cannot be reached, or who works in it does not end.
    pub fn take_away(url: &Url) -> Result<(), StoreError> {
        let mut server = connect(url)?;
        let Place::Postgres(address) = &url.0 else { return Ok(()) };
        let schema = &address.schema;
        let others = "SELECT pg_terminate_backend(pid) FROM
                          (SELECT DISTINCT pid FROM pg_locks JOIN pg_class ON pg_class.oid = relation
                           WHERE relnamespace = to_regnamespace($1::text) AND pid <> pg_backend_pid()) AS working";
        server.client.batch_execute("SET lock_timeout = 1000")?;
        for _ in 1..ATTEMPTS {
            server.client.execute(others, &[schema])?;
            match drop_schema(&mut server, schema) {
                Err(StoreError::Locked) => {}
                other => return other,
            }
        }
        drop_schema(&mut server, schema)
    }
}

impl Drop for SchemaForCopy {
    fn drop(&mut self) {
        // Its connection may have been ended. If it fails again, the next copy takes it away.
        if drop_schema(&mut self.server, &self.schema).is_err() {
            drop(Self::take_away(&self.url));
        }
    }
}

impl std::fmt::Debug for SchemaForCopy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SchemaForCopy({})", self.url)
    }
}

fn connect(url: &Url) -> Result<Server, StoreError> {
    match &url.0 {
        Place::Postgres(address) => Server::connect(address, &Options::default()),
        Place::Sqlite(_) => {
            Err(StoreError::Url { address: url.to_string(), problem: "a file has no schemas".to_owned() })
        }
    }
}

/// Takes the lock of a schema for this connection, if nobody has it.
fn hold(server: &mut Server, schema: &str) -> Result<bool, StoreError> {
    let key = Sha256::digest(schema).iter().take(4).fold(0, |key: i32, &byte| key << 8 | i32::from(byte));
    Ok(server.client.query_one("SELECT pg_try_advisory_lock($1, $2)", &[&HELD, &key])?.try_get(0)?)
}

/// Takes away the copies that nobody holds. What cannot be taken away now stays for the next time; locks that are taken here
/// go with the connection.
fn sweep(server: &mut Server, own: &str) -> Result<(), StoreError> {
    let copies = "SELECT nspname::text FROM pg_namespace
                  WHERE nspname ~ $1 AND nspname <> $2 AND pg_has_role(nspowner, 'USAGE')
                    AND obj_description(oid, 'pg_namespace') = $3";
    for row in server.client.query(copies, &[&format!("^{COPIES}[0-9a-f]{{16}}$"), &own, &MARK])? {
        let schema: String = row.try_get(0)?;
        if hold(server, &schema)? {
            drop(drop_schema(server, &schema));
        }
    }
    Ok(())
}

fn drop_schema(server: &mut Server, schema: &str) -> Result<(), StoreError> {
    postgresql::remove_schema(&mut server.client, schema)
}
