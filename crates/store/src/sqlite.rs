//! SQLite: opening a file with the settings that durability needs, values, errors.

pub(crate) mod intake;
pub(crate) mod turn;
pub(crate) mod views;

use crate::error::{Rule, StoreError};
use crate::options::Options;
use crate::value::Value;
use crate::versions::TABLE;
use crate::work::watch;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, ffi};
use std::borrow::Cow;
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::time::Duration;

/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 256;

/// Bytes of a page of a new database. A page costs the same to find, log and check whatever its size: with 4 KiB an inventory
/// takes a quarter longer to load, while small acts, which write whole pages, take an eighth longer with 32 KiB.
pub(crate) const PAGE: u32 = 32 << 10;

/// Bytes of a file's name: file systems take 255, and the files beside it have up to 15 more.
const LONGEST_NAME: usize = 240;

/// Makes a file with the table of its steps, readable by its owner only, with its folder. Its pages keep their size for ever.
pub(crate) fn create(path: &Path, page: u32) -> Result<(), StoreError> {
    let shown = format!("sqlite:{}", path.display());
    if path.file_name().is_some_and(|name| name.len() > LONGEST_NAME) {
        let problem = format!("the name of a file has at most {LONGEST_NAME} bytes, since others are made beside it");
        return Err(StoreError::Url { address: shown, problem });
    }
    let failed = |error: Error| match error.kind() {
        ErrorKind::AlreadyExists => StoreError::Exists(shown.clone()),
        _ => StoreError::Unreachable(format!("{shown}: {error}")),
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(failed)?;
    // The size of pages is fixed by the first write, which this change of the journal is.
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    Ok(connection.execute_batch(&format!("PRAGMA page_size = {page}; PRAGMA journal_mode = WAL; {TABLE}"))?)
}

/// Bytes of a page.
pub(crate) fn page(connection: &Connection) -> Result<u32, StoreError> {
    Ok(connection.query_row("PRAGMA page_size", [], |row| row.get(0))?)
}

/// Opens a file that is there and is a store, sets what must be set and reads it back. Another file is left as it is.
pub(crate) fn open(path: &Path, options: &Options) -> Result<Connection, StoreError> {
    let connection = known(path, options)?;
    if connection.is_readonly("main")? {
        return Err(unwritable());
    }
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // A name in double quotes that is none is an error, as with PostgreSQL, and not a text.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    for (setting, value, wanted) in [
        ("journal_mode", "WAL", "wal"),
        ("synchronous", "FULL", "2"),
        ("foreign_keys", "ON", "1"),
        // Large sorts go to files, not into memory: the index of an inventory is larger than the memory allowed.
        ("temp_store", "FILE", "1"),
        // An error of the disk is then an error, where mapped memory would end the process.
        ("mmap_size", "0", "0"),
        // The file of changes goes back to this size after a large one.
        ("journal_size_limit", "67108864", "67108864"),
        // 24 MiB: the inner pages of the largest indexes, and soon full, so that memory is steady from early on.
        ("cache_size", "-24576", "-24576"),
    ] {
        set(&connection, setting, value, wanted)?;
    }
    strict(&connection)?;
    // The stage of an inventory is as large as the inventory, so it has pages and a cache of its size.
    connection.execute_batch(&format!("PRAGMA temp.page_size = {PAGE}; PRAGMA temp.cache_size = -24576"))?;
    // PostgreSQL's LIKE tells large from small letters; this setting cannot be read back.
    connection.execute_batch("PRAGMA case_sensitive_like = ON")?;
    Ok(connection)
}

/// A connection to the file of a path. SQLite reads a name that begins with `file:` as a URI, flag or no flag.
fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let path = if path.is_relative() { &Path::new(".").join(path) } else { path };
    Ok(Connection::open_with_flags(path, flags)?)
}

/// A connection to a file that is a store. To look at one that is not must not change it: not by bringing into it what
/// another program left in a journal, and not by files beside it. The file is opened by SQLite only: to close it by other means
/// would end the locks that other connections of this process have on it.
fn known(path: &Path, options: &Options) -> Result<Connection, StoreError> {
    let foreign = |found| StoreError::Foreign { address: format!("sqlite:{}", path.display()), found };
    let left = |ending| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        std::fs::metadata(name).is_ok_and(|beside| beside.len() > 0)
    };
    let mode = if left("-journal") { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
    // One thread at a time, so without a mutex.
    let connection = connect(path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(options.patience)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, left("-wal"))?;
    let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version' AND sql = ?1";
    match connection.query_row(sql, [TABLE], |row| row.get::<_, i64>(0)) {
        Ok(0) => return Err(foreign("it is another program's, or was not made to its end")),
        Ok(_) => {}
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            return Err(foreign("it is no file of SQLite, or its beginning is damaged"));
        }
        // Where nothing can be written SQLite cannot make the file of changes, and says no more than that it cannot open a file.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::CannotOpen) && connection.is_readonly("main")? => {
            return Err(unwritable());
        }
        Err(error) => return Err(error.into()),
    }
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(connection)
}

/// The file lies where it cannot be written, such as on a disk that is mounted to be read alone.
fn unwritable() -> StoreError {
    let why = "its file or folder cannot be written, which SQLite needs even to read: allow it, or copy the file to a folder that can be \
               written and name the copy with --database";
    StoreError::ReadOnly(why.to_owned())
}

/// A table that is not strict would take any value in any column.
fn strict(connection: &Connection) -> Result<(), StoreError> {
    let sql = "SELECT name FROM pragma_table_list
               WHERE schema = 'main' AND type = 'table' AND strict = 0 AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name";
    let mut statement = connection.prepare(sql)?;
    let mut loose = statement.query([])?;
    match loose.next()? {
        Some(row) => Err(StoreError::Settings { setting: "STRICT", found: row.get(0)?, wanted: "set for every table" }),
        None => Ok(()),
    }
}

fn set(connection: &Connection, setting: &'static str, value: &str, wanted: &'static str) -> Result<(), StoreError> {
    connection.execute_batch(&format!("PRAGMA {setting} = {value}"))?;
    let found = connection.query_row(&format!("PRAGMA {setting}"), [], |row| {
        Ok(match row.get_ref(0)? {
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            _ => String::new(),
        })
    })?;
    if found == wanted { Ok(()) } else { Err(StoreError::Settings { setting, found, wanted }) }
}

/// Begins a transaction that writes; it waits for the others first.
pub(crate) fn begin(connection: &mut Connection) -> Result<(), StoreError> {
    watch(connection, None)?;
    control(connection, "BEGIN IMMEDIATE")
}

/// Begins a transaction that reads, for so long at most.
pub(crate) fn begin_reading(connection: &mut Connection, limit: Option<Duration>) -> Result<(), StoreError> {
    watch(connection, limit)?;
    control(connection, "BEGIN")
}

/// Runs a statement without values.
pub(crate) fn control(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.prepare_cached(sql)?.raw_execute()?;
    Ok(())
}

/// Takes everything back; after some errors SQLite has done so itself.
pub(crate) fn roll_back(connection: &Connection) {
    if !connection.is_autocommit() {
        let _ = control(connection, "ROLLBACK");
    }
}

/// A number of rows.
pub(crate) fn count(rows: usize) -> Result<u64, StoreError> {
    u64::try_from(rows).map_err(|error| StoreError::Other(error.to_string()))
}

/// Binds values to `$1`, `$2`, … in whatever order the statement names them.
pub(crate) fn bind(statement: &mut CachedStatement<'_>, values: &[Value<'_>]) -> Result<(), StoreError> {
    let places = places(statement, values.len())?;
    for (index, place) in places.iter().enumerate() {
        bind_one(statement, index + 1, &values[*place])?;
    }
    Ok(())
}

/// For each parameter of the statement the place of its value. SQLite numbers `$n` as they appear, not by their n.
pub(crate) fn places(statement: &CachedStatement<'_>, given: usize) -> Result<Places, StoreError> {
    let count = statement.parameter_count();
    let mut places = Places { known: [0; 16], more: Vec::new(), count };
    for index in 0..count {
        let place = statement.parameter_name(index + 1).and_then(number).ok_or_else(|| {
            StoreError::Other("placeholders are written $1, $2, …, and a cast CAST($1 AS …)".to_owned())
        })?;
        if place >= given {
            return Err(StoreError::wrong_count(place + 1, given));
        }
        places.put(index, place);
    }
    if count == given { Ok(places) } else { Err(StoreError::wrong_count(count, given)) }
}

fn number(name: &str) -> Option<usize> {
    name.strip_prefix('$')?.parse::<usize>().ok()?.checked_sub(1)
}

/// Binds values to `$1`, … and returns the parameter that is `$key`.
pub(crate) fn bind_but_key(statement: &mut CachedStatement<'_>, values: &[Value<'_>]) -> Result<usize, StoreError> {
    let (mut key, mut bound) = (None, 0);
    for parameter in 1..=statement.parameter_count() {
        let name = statement.parameter_name(parameter).unwrap_or_default();
        if name == "$key" {
            key = Some(parameter);
        } else {
            let value = number(name).and_then(|place| values.get(place));
            let value = value.ok_or_else(|| StoreError::wrong_count(parameter, values.len()))?;
            bind_one(statement, parameter, value)?;
            bound += 1;
        }
    }
    if bound != values.len() {
        return Err(StoreError::wrong_count(bound, values.len()));
    }
    key.ok_or_else(StoreError::no_key)
}

/// A list of places, inline while it is short.
pub(crate) struct Places {
    known: [usize; 16],
    more: Vec<usize>,
    count: usize,
}

impl Places {
    fn put(&mut self, index: usize, place: usize) {
        if let Some(known) = self.known.get_mut(index) {
            *known = place;
        } else {
            self.more.push(place);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &usize> {
        self.known.iter().chain(&self.more).take(self.count)
    }
}

/// Binds one value; parameters are counted from 1.
pub(crate) fn bind_one(
    statement: &mut CachedStatement<'_>,
    parameter: usize,
    value: &Value<'_>,
) -> Result<(), StoreError> {
    if matches!(value, Value::Text(text) if text.contains('\0')) {
        return Err(StoreError::nul());
    }
    Ok(statement.raw_bind_parameter(parameter, value)?)
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) | Self::Given(number) | Self::Act(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// The value of a column.
pub(crate) fn value<'a>(row: &'a rusqlite::Row<'a>, column: usize) -> Result<Value<'a>, StoreError> {
    let name = || row.as_ref().column_name(column).unwrap_or_default().to_owned();
    match row.get_ref(column) {
        Ok(ValueRef::Integer(number)) => Ok(Value::Int(number)),
        Ok(ValueRef::Null) => Ok(Value::Null),
        Ok(ValueRef::Blob(bytes)) => Ok(Value::Bytes(Cow::Borrowed(bytes))),
        Ok(ValueRef::Text(bytes)) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Value::Text(Cow::Borrowed(text))),
            Err(_) => Err(StoreError::Damaged(format!("column '{}' holds text that is not UTF-8", name()))),
        },
        Ok(ValueRef::Real(_)) => Err(StoreError::wrong_column(&name(), "a value", "a fraction")),
        Err(_) => Err(StoreError::Type(format!("there is no column {column}"))),
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        of(error)
    }
}

/// SQLite's error as one of the store's.
fn of(error: rusqlite::Error) -> StoreError {
    let (code, message) = match error {
        rusqlite::Error::SqliteFailure(code, message) => (code, message.unwrap_or_else(|| code.to_string())),
        rusqlite::Error::SqlInputError { error: code, msg: message, .. } => (code, message),
        other => return StoreError::Other(other.to_string()),
    };
    match code.code {
        ErrorCode::OperationInterrupted => StoreError::Slow("reading took longer than it may".to_owned()),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Locked,
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => StoreError::ReadOnly(message),
        ErrorCode::DiskFull => StoreError::Full(message),
        ErrorCode::SystemIoFailure | ErrorCode::FileLockingProtocolFailed => StoreError::Disk(message),
        ErrorCode::CannotOpen => StoreError::Unreachable(message),
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Damaged(message),
        ErrorCode::TypeMismatch | ErrorCode::TooBig => StoreError::Type(message),
        ErrorCode::ConstraintViolation => constraint(code.extended_code, message),
        _ => StoreError::Other(message),
    }
}

fn constraint(code: i32, message: String) -> StoreError {
    let rule = match code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            Rule::Unique
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Rule::ForeignKey,
        ffi::SQLITE_CONSTRAINT_NOTNULL => Rule::NotNull,
        ffi::SQLITE_CONSTRAINT_DATATYPE => return StoreError::Type(message),
        _ => Rule::Check,
    };
    StoreError::Constraint { rule, message }
}

/// Copies a whole database into an empty one, as it is at one moment; writers go on meanwhile.
pub(crate) fn copy(from: &Connection, to: &mut Connection, options: &Options) -> Result<(), StoreError> {
    use rusqlite::backup::{Backup, StepResult};
    let began = std::time::Instant::now();
    let backup = Backup::new(from, to)?;
    // One step, so that all pages are of one moment.
    loop {
        match backup.step(-1)? {
            StepResult::Done => return Ok(()),
            StepResult::Busy | StepResult::Locked if began.elapsed() > options.patience => {
                return Err(StoreError::Locked);
            }
            _ => std::thread::sleep(std::time::Duration::from_millis(20)),
        }
    }
}

#[cfg(test)]
#[path = "sqlite_tests.rs"]
mod tests;
