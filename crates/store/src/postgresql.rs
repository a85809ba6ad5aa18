//! PostgreSQL: connecting with the settings that durability needs, prepared statements, errors.

use crate::error::{Rule, StoreError};
use crate::scope::Scope;
use crate::sql;
use crate::store::Options;
use crate::value::Value;
use postgres::error::SqlState;
use postgres::types::Type;
use postgres::{Client, NoTls, Statement};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// The first half of the key of the lock that makes writers wait for each other; the second is of the schema.
const WRITERS: i32 = 0x5155_1CE0;

/// The oldest version that is supported, in the server's own counting.
const OLDEST: i64 = 150_000;

/// A connection with what is prepared on it.
pub(crate) struct Server {
    pub(crate) client: Client,
    schema: String,
    statements: HashMap<String, Vec<(Vec<Type>, Statement)>>,
}

/// Connects to the database, whether the schema is there or not.
pub(crate) fn connect(config: &postgres::Config, schema: &str, options: &Options) -> Result<Server, StoreError> {
    let mut config = config.clone();
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(options.patience);
    }
    if config.get_application_name().is_none() {
        config.application_name("sluice");
    }
    let mut client = connected(config, options)?;
    check(&mut client)?;
    // 0 would be for ever.
    let patience = options.patience.as_millis().max(1);
    // Compiling a statement to machine code takes longer than any statement here runs.
    // A plan made while a table was small would be kept when it has grown: tables grow by a whole file in one transaction.
    // The server's own cost of a page out of order is that of a turning disk: with it, 10,000 keys make it read all pages.
    client.batch_execute(&format!(
        "SET search_path = {schema}; SET lock_timeout = {patience}; SET jit = off; SET client_min_messages = warning; \
         SET plan_cache_mode = force_custom_plan; SET random_page_cost = 1.1"
    ))?;
    Ok(Server { client, schema: schema.to_owned(), statements: HashMap::new() })
}

/// Connects, or gives up on a server that takes the connection and then says nothing; the time that is set for connecting
/// is for the network alone.
fn connected(config: postgres::Config, options: &Options) -> Result<Client, StoreError> {
    let each = config.get_connect_timeout().copied().unwrap_or(options.patience);
    let hosts = u32::try_from(config.get_hosts().len().max(1)).unwrap_or(u32::MAX);
    let patience = each.saturating_mul(hosts).saturating_add(options.patience);
    let (tell, told) = std::sync::mpsc::channel();
    // Nobody listens any more once the time is over.
    std::thread::spawn(move || drop(tell.send(config.connect(NoTls))));
    match told.recv_timeout(patience) {
        Ok(client) => Ok(client?),
        Err(_) => Err(StoreError::Unreachable(format!("it said nothing for {} s", patience.as_secs()))),
    }
}

/// What the server must be.
fn check(client: &mut Client) -> Result<(), StoreError> {
    let row = client.query_one(
        "SELECT current_setting('server_version_num')::bigint, current_setting('server_version'),
                current_setting('synchronous_commit'), current_setting('fsync', true),
                current_setting('full_page_writes', true), current_setting('server_encoding'),
                current_setting('client_encoding')",
        &[],
    )?;
    let text = |column: usize| row.try_get::<_, Option<String>>(column);
    if row.try_get::<_, i64>(0)? < OLDEST {
        let found = text(1)?.unwrap_or_default();
        return Err(StoreError::Settings { setting: "server_version", found, wanted: "15 or later" });
    }
    if let Some(found) = text(2)?.filter(|found| found == "off") {
        return Err(StoreError::Settings { setting: "synchronous_commit", found, wanted: "on" });
    }
    for (column, setting, wanted) in [
        (3, "fsync", "on"),
        (4, "full_page_writes", "on"),
        (5, "server_encoding", "UTF8"),
        (6, "client_encoding", "UTF8"),
    ] {
        // A server that does not say is taken at its word.
        if let Some(found) = text(column)?.filter(|found| found != wanted) {
            return Err(StoreError::Settings { setting, found, wanted });
        }
    }
    Ok(())
}

impl Server {
    /// Whether the schema is there.
    pub(crate) fn has_schema(&mut self) -> Result<bool, StoreError> {
        let row = self.client.query_one("SELECT to_regnamespace($1::text) IS NOT NULL", &[&self.schema])?;
        Ok(row.try_get(0)?)
    }

    /// Begins a transaction; the scope is left where row policies find it.
    pub(crate) fn begin(&mut self, scope: &Scope, writes: bool) -> Result<(), StoreError> {
        let scope = format!("SET LOCAL sluice.scope = '{scope}'");
        let text = if writes {
            format!("BEGIN; SELECT pg_advisory_xact_lock({WRITERS}, {}); {scope}", key(&self.schema))
        } else {
            format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {scope}")
        };
        self.client.batch_execute(&text).map_err(|error| {
            self.roll_back();
            error.into()
        })
    }

    /// Takes everything back; a connection that is gone has taken it back already.
    pub(crate) fn roll_back(&mut self) {
        let _ = self.client.batch_execute("ROLLBACK");
    }

    /// A statement prepared for values of these kinds. The kinds are told, so that `$1 + 1` has 64 bits here too.
    pub(crate) fn prepare(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Statement, StoreError> {
        if values.iter().any(has_nul) {
            return Err(StoreError::nul());
        }
        let statement = self.prepare_typed(sql, values.iter().map(kind))?;
        let count = statement.params().len();
        if count == values.len() { Ok(statement) } else { Err(StoreError::wrong_count(count, values.len())) }
    }

    /// A statement prepared for values of these kinds and an array of keys behind them.
    pub(crate) fn prepare_with_keys(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Statement, StoreError> {
        if values.iter().any(has_nul) {
            return Err(StoreError::nul());
        }
        // The array is one of the parameters.
        let count = sql::parameters(sql).saturating_sub(1);
        if count != values.len() {
            return Err(StoreError::wrong_count(count, values.len()));
        }
        self.prepare_typed(sql, values.iter().map(kind).chain([Type::INT8_ARRAY]))
    }

    /// A statement prepared for parameters of these types; the server infers those that are not given.
    pub(crate) fn prepare_typed(
        &mut self,
        text: &str,
        types: impl Iterator<Item = Type> + Clone,
    ) -> Result<Statement, StoreError> {
        let known = self
            .statements
            .get(text)
            .and_then(|known| known.iter().find(|(of, _)| types.clone().eq(of.iter().cloned())));
        if let Some((_, statement)) = known {
            return Ok(statement.clone());
        }
        let types: Vec<Type> = types.collect();
        // The server takes types for parameters that the statement does not have.
        let used = sql::parameters(text);
        if used < types.len() {
            return Err(StoreError::wrong_count(used, types.len()));
        }
        let statement = self.client.prepare_typed(text, &types)?;
        self.statements.entry(text.to_owned()).or_default().push((types, statement.clone()));
        Ok(statement)
    }

    /// Copies all tables, as they are at one moment, into a new schema; all of it or nothing.
    pub(crate) fn copy_to(&mut self, schema: &str) -> Result<(), StoreError> {
        let mut transaction =
            self.client.build_transaction().isolation_level(postgres::IsolationLevel::RepeatableRead).start()?;
        let tables = transaction.query(
            "SELECT quote_ident(relname), string_agg(quote_ident(attname), ', ' ORDER BY attnum)
             FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
             WHERE relnamespace = to_regnamespace($1::text) AND relkind = 'r' AND attnum > 0
               AND NOT attisdropped AND attgenerated = ''
             GROUP BY relname ORDER BY relname",
            &[&self.schema],
        )?;
        transaction.batch_execute(&format!("CREATE SCHEMA {schema}"))?;
        for row in tables {
            let (table, columns): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            let (from, to) = (format!("{}.{table}", self.schema), format!("{schema}.{table}"));
            transaction.batch_execute(&format!(
                "CREATE TABLE {to} (LIKE {from} INCLUDING ALL);
                 INSERT INTO {to} ({columns}) SELECT {columns} FROM {from};
                 ANALYZE {to}"
            ))?;
        }
        Ok(transaction.commit()?)
    }

    /// Forgets what is prepared, after the tables have changed.
    pub(crate) fn forget(&mut self) {
        self.statements.clear();
    }
}

/// Stores in different schemas of one database do not wait for each other.
pub(crate) fn key(schema: &str) -> i32 {
    let digest = Sha256::digest(schema);
    digest.iter().take(4).fold(0, |key, &byte| key << 8 | i32::from(byte))
}

fn has_nul(value: &Value<'_>) -> bool {
    matches!(value, Value::Text(text) if text.contains('\0'))
}

fn kind(value: &Value<'_>) -> Type {
    match value {
        Value::Null => Type::UNKNOWN,
        Value::Int(_) => Type::INT8,
        Value::Text(_) => Type::TEXT,
        Value::Bytes(_) => Type::BYTEA,
    }
}

/// PostgreSQL's error as one of the store's.
pub(crate) fn error(error: &postgres::Error) -> StoreError {
    let Some(refusal) = error.as_db_error() else {
        let cause = std::error::Error::source(error).map(ToString::to_string);
        let message = cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"));
        let lost =
            error.is_closed() || std::error::Error::source(error).is_some_and(|cause| cause.is::<std::io::Error>());
        return if lost || message.contains("connect") {
            StoreError::Unreachable(message)
        } else {
            StoreError::Other(message)
        };
    };
    refused(refusal.code(), refusal.message().to_owned())
}

/// The error behind one of writing.
pub(crate) fn io_error(failed: std::io::Error) -> StoreError {
    let message = failed.to_string();
    match failed.into_inner().map(|inner| inner.downcast::<postgres::Error>()) {
        Some(Ok(inner)) => error(&inner),
        _ => StoreError::Unreachable(message),
    }
}

fn refused(code: &SqlState, message: String) -> StoreError {
    let rule = match *code {
        SqlState::UNIQUE_VIOLATION => Some(Rule::Unique),
        SqlState::FOREIGN_KEY_VIOLATION => Some(Rule::ForeignKey),
        SqlState::CHECK_VIOLATION => Some(Rule::Check),
        SqlState::NOT_NULL_VIOLATION => Some(Rule::NotNull),
        _ => None,
    };
    if let Some(rule) = rule {
        return StoreError::Constraint { rule, message };
    }
    match code.code() {
        // Lock not available, serialisation failure, deadlock.
        "55P03" | "40001" | "40P01" => StoreError::Locked,
        "25006" => StoreError::ReadOnly(message),
        "53100" => StoreError::Full(message),
        "58030" => StoreError::Disk(message),
        "XX001" | "XX002" => StoreError::Damaged(message),
        "3D000" => StoreError::Missing(message),
        "25P02" => StoreError::Ended,
        // Datatype mismatch, undefined function or operator for these kinds, wrong values.
        "42804" | "42883" => StoreError::Type(message),
        other => match &other[..2] {
            "22" => StoreError::Type(message),
            // Connections, their authorisation, resources, intervention of an operator.
            "08" | "28" | "53" | "57" => StoreError::Unreachable(message),
            _ => StoreError::Other(message),
        },
    }
}

#[cfg(test)]
#[path = "postgresql_tests.rs"]
mod tests;
