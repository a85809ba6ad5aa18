//! A connection with what is prepared on it: transactions, statements, copies.

use super::address::Address;
use super::connect::connect;
use super::protect;
use super::roles::{self, READER, SERVICE, WORKING};
use crate::error::StoreError;
use crate::options::Options;
use crate::schema::{INTAKE, SECRET};
use crate::scope::Scope;
use crate::sight::Kind;
use crate::sql;
use crate::value::Value;
use crate::work;
use postgres::error::SqlState;
use postgres::types::Type;
use postgres::{Client, SimpleQueryMessage, Statement, Transaction};
use std::collections::HashMap;

/// Statements by their text, each with the types of its parameters.
type Prepared = HashMap<String, Vec<(Vec<Type>, Statement)>>;

/// A connection with what is prepared on it.
pub(crate) struct Server {
    pub(crate) client: Client,
    schema: String,
    options: Options,
    /// Whose names the statements of the transaction have.
    kind: Option<Kind>,
    /// A view can give a column another collation than its table, which a prepared statement does not survive.
    statements: HashMap<Option<Kind>, Prepared>,
}

/// As whom, and for what, a transaction runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// As whoever logged in, to whom the tables belong: for making and changing them.
    Owner,
    /// As the role that acts.
    Acts,
    /// The same to show what would come of it, which gives way to acts.
    Shown,
    /// As the role that acts, without waiting for acts: for what is handed in, and for what is prepared.
    Beside,
    /// The same for what may be lost with the server: its disk is not waited for.
    Notes,
    /// As the role that reads for a scope.
    Reads(Scope),
}

/// What is in a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// There is no such schema.
    Nothing,
    /// A schema that this program did not make.
    Other,
    /// A store.
    Store,
}

impl Server {
    /// Connects to the database, whether the schema is there or not.
    pub(crate) fn connect(address: &Address, options: &Options) -> Result<Self, StoreError> {
        let client = connect(address, options)?;
        let (schema, options) = (address.schema.clone(), *options);
        Ok(Self { client, schema, options, kind: None, statements: HashMap::new() })
    }

    /// What is in the schema: a store has the table of its steps. It takes no rights to see that.
    pub(crate) fn found(&mut self) -> Result<Found, StoreError> {
        let row = self.client.query_one(
            "SELECT to_regnamespace($1::text) IS NOT NULL,
                    (SELECT string_agg(attname::text, ' ' ORDER BY attnum)
                     FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
                     WHERE relnamespace = to_regnamespace($1::text) AND relname = 'schema_version' AND relkind = 'r'
                       AND attnum > 0 AND NOT attisdropped)",
            &[&self.schema],
        )?;
        let columns: Option<String> = row.try_get(1)?;
        Ok(match (row.try_get(0)?, columns.as_deref()) {
            (false, _) => Found::Nothing,
            (true, Some("version name")) => Found::Store,
            (true, _) => Found::Other,
        })
    }

    /// Begins the transaction in which the schema is made, with a first table.
    pub(crate) fn begin_making(&mut self, table: &str) -> Result<(), StoreError> {
        let begin = format!("BEGIN ISOLATION LEVEL READ COMMITTED NOT DEFERRABLE; CREATE SCHEMA {}", self.schema);
        let made =
            self.client.batch_execute(&begin).and_then(|()| self.client.batch_execute(&sql::to_postgresql(table)));
        made.map_err(|error| match error.code() {
            // Another process was first.
            Some(&SqlState::DUPLICATE_SCHEMA | &SqlState::UNIQUE_VIOLATION) => {
                StoreError::Exists(format!("the schema {}", self.schema))
            }
            _ => error.into(),
        })
        .inspect_err(|_| self.roll_back())
    }

    /// Begins a transaction as the role that it is for, with the scope where row policies find it.
    ///
    /// Its level of isolation is ours, whatever the defaults say. Each statement of a writer sees all that was kept before
    /// it, so that it sees what the writer before it did: with a level above, its moment would be that of waiting for the
    /// lock. Who reads sees one moment.
    pub(crate) fn begin(&mut self, side: Side, writes: bool) -> Result<(), StoreError> {
        self.kind = if let Side::Reads(scope) = side { Kind::of(&scope) } else { None };
        self.begin_as(side, writes).inspect_err(|_| self.roll_back())
    }

    fn begin_as(&mut self, side: Side, writes: bool) -> Result<(), StoreError> {
        let role = self.role(side);
        let Options { silence, statement, .. } = self.options;
        let statement = statement.as_millis().max(1);
        // Whoever stands still in the midst of an act, as on a machine that was stopped, does not hold the others up for ever.
        let still = if side == Side::Notes { silence.as_millis().max(1) } else { statement };
        let still = format!("SET LOCAL idle_in_transaction_session_timeout = {still}");
        let (level, begin) = if matches!(side, Side::Beside | Side::Notes) {
            let role = role.trim_end_matches(';');
            let light = format!(
                "; SET LOCAL synchronous_commit = off; SET LOCAL statement_timeout = {}",
                silence.as_millis().max(1)
            );
            let light = if side == Side::Notes { &*light } else { "" };
            ("read committed", format!("BEGIN ISOLATION LEVEL READ COMMITTED NOT DEFERRABLE; {role}{light}; {still}"))
        } else if writes {
            // Writers wait for each other by the lock of a table, for which it takes the right to change it; who reads the table
            // waits for nobody. How long an import's statement takes depends on its rows; it is limited by the silence of the
            // server alone.
            let shown = if side == Side::Shown { super::turn::SHOWN } else { "" };
            let lock = format!("{shown}LOCK TABLE {}.schema_version IN SHARE ROW EXCLUSIVE MODE", self.schema);
            ("read committed", format!("BEGIN ISOLATION LEVEL READ COMMITTED NOT DEFERRABLE; {role} {still}; {lock}"))
        } else {
            let limit = format!("SET LOCAL statement_timeout = {statement}; {still}");
            (
                "repeatable read",
                format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY NOT DEFERRABLE; {role} {limit}"),
            )
        };
        let text = format!(
            "{begin}; SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only'), \
             current_user, (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user)"
        );
        let told = self.client.simple_query(&text).map_err(|error| match error.code().map(SqlState::code) {
            // There is no such role, the login is none of its members, or the role has lost its rights.
            Some("22023" | "42704" | "42501") if side != Side::Owner => self.without_rights(),
            _ => error.into(),
        })?;
        let told = told.iter().rev().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let told = told.ok_or_else(|| StoreError::Other("it does not tell the level of isolation".to_owned()))?;
        let of = |column| told.get(column).unwrap_or_default();
        if of(0) != level {
            let found = of(0).to_owned();
            return Err(StoreError::Settings { setting: "transaction_isolation", found, wanted: level });
        }
        // The word of who runs the server, by a standby or by `default_transaction_read_only`, is kept to.
        if of(1) == "on" && writes {
            return Err(StoreError::ReadOnly("its transactions only read".to_owned()));
        }
        if of(3) != "f" && side != Side::Owner {
            return Err(roles::above(of(2)));
        }
        Ok(())
    }

    /// What makes a transaction one of a role.
    fn role(&self, side: Side) -> String {
        let scope = match side {
            Side::Owner => return String::new(),
            Side::Acts | Side::Shown | Side::Beside | Side::Notes | Side::Reads(Scope::Dcc) => {
                return format!("SET LOCAL ROLE {SERVICE};");
            }
            Side::Reads(scope) => scope,
        };
        let (party, s1sp) = match scope {
            Scope::Party(party) => (party.to_string(), String::new()),
            Scope::S1sp(s1sp) => (String::new(), s1sp.to_string()),
            Scope::Dcc | Scope::Observer => (String::new(), String::new()),
        };
        let kind = Kind::of(&scope).map_or("dcc", Kind::word);
        let views = Kind::of(&scope).map_or_else(|| self.schema.clone(), |kind| protect::views(&self.schema, kind));
        format!(
            "SET LOCAL sluice.kind = '{kind}'; SET LOCAL sluice.party = '{party}'; SET LOCAL sluice.s1sp = '{s1sp}'; SET LOCAL search_path = {views}, pg_temp; SET LOCAL ROLE {READER};"
        )
    }

    fn without_rights(&mut self) -> StoreError {
        self.roll_back();
        let missing = roles::missing(&mut self.client, WORKING);
        missing.map_or_else(|error| error, |found| found.unwrap_or_else(|| StoreError::unprotected(&self.schema)))
    }

    /// Demands that the login can act as the roles that it works as.
    pub(crate) fn must_work(&mut self) -> Result<(), StoreError> {
        roles::missing(&mut self.client, WORKING)?.map_or(Ok(()), Err)
    }

    /// Demands that whoever acts may make temporary tables.
    pub(crate) fn must_make_temporary(&mut self) -> Result<(), StoreError> {
        roles::must_make_temporary(&mut self.client)
    }

    /// Protects the tables of the schema, within a transaction of the owner.
    pub(crate) fn protect(&mut self) -> Result<(), StoreError> {
        protect::protect(&mut self.client, &self.schema)
    }

    /// Leaves nothing in the schema but its tables, within a transaction of the owner that makes the rest anew.
    pub(crate) fn unprotect(&mut self) -> Result<(), StoreError> {
        roles::must_own(&mut self.client, &self.schema)?;
        protect::unprotect(&mut self.client, &self.schema)
    }

    /// Makes the indexes and the row security of the inventory, or takes them away: a right of the owner, by a function of its.
    pub(crate) fn index_inventory(&mut self, make: bool) -> Result<(), StoreError> {
        Ok(self.client.execute("SELECT inventory_indexes($1)", &[&make]).map(drop)?)
    }

    /// Are the tables protected as the program wants it?
    pub(crate) fn is_protected(&mut self) -> Result<bool, StoreError> {
        // Of one moment: somebody may be protecting them anew.
        let one = postgres::IsolationLevel::RepeatableRead;
        let mut transaction = self.client.build_transaction().isolation_level(one).read_only(true).start()?;
        protect::is_protected(&mut transaction, &self.schema)
    }

    /// The number of the server's process that works for this connection.
    pub(crate) fn process(&mut self) -> Result<i32, StoreError> {
        Ok(self.client.query_one("SELECT pg_backend_pid()", &[])?.try_get(0)?)
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
        work::statement();
        let known = self
            .statements
            .get(&self.kind)
            .and_then(|known| known.get(text))
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
        self.statements
            .entry(self.kind)
            .or_default()
            .entry(text.to_owned())
            .or_default()
            .push((types, statement.clone()));
        Ok(statement)
    }

    /// Copies all tables, as they are at one moment, and the views on them into a new schema with this comment; all of it or
    /// nothing. Tables of secrets and of the intake are empty there.
    pub(crate) fn copy_to(&mut self, schema: &str, comment: &str) -> Result<(), StoreError> {
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
        transaction.batch_execute(&format!("CREATE SCHEMA {schema}; COMMENT ON SCHEMA {schema} IS '{comment}'"))?;
        for row in tables {
            let (table, columns): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            let (from, to) = (format!("{}.{table}", self.schema), format!("{schema}.{table}"));
            transaction.batch_execute(&format!("CREATE TABLE {to} (LIKE {from} INCLUDING ALL)"))?;
            if !SECRET.iter().chain(INTAKE).any(|empty| *empty == table) {
                let rows = format!("INSERT INTO {to} ({columns}) SELECT {columns} FROM {from}; ANALYZE {to}");
                transaction.batch_execute(&rows)?;
            }
        }
        copy_views(&mut transaction, &self.schema, schema)?;
        protect::protect_copy(&mut transaction, schema)?;
        Ok(transaction.commit()?)
    }

    /// Forgets what is prepared, after the tables have changed.
    pub(crate) fn forget(&mut self) {
        self.statements.clear();
    }
}

/// Makes the views of a schema in a copy of it. What they read is named without its schema, since that is the search path's.
fn copy_views(transaction: &mut Transaction<'_>, from: &str, to: &str) -> Result<(), StoreError> {
    let views = transaction.query(
        "SELECT quote_ident(relname), pg_get_viewdef(oid) FROM pg_class
         WHERE relnamespace = to_regnamespace($1::text) AND relkind = 'v' ORDER BY oid",
        &[&from],
    )?;
    transaction.batch_execute(&format!("SET LOCAL search_path = {to}, pg_temp"))?;
    for row in views {
        let (view, definition): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        transaction.batch_execute(&format!("CREATE VIEW {view} AS {definition}"))?;
    }
    Ok(transaction.batch_execute(&format!("SET LOCAL search_path = {from}, pg_temp"))?)
}

fn has_nul(value: &Value<'_>) -> bool {
    matches!(value, Value::Text(text) if text.contains('\0'))
}

fn kind(value: &Value<'_>) -> Type {
    match value {
        Value::Null => Type::UNKNOWN,
        Value::Int(_) | Value::Given(_) | Value::Act(_) => Type::INT8,
        Value::Text(_) => Type::TEXT,
        Value::Bytes(_) => Type::BYTEA,
    }
}
