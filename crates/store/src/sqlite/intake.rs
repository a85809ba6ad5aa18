//! The file of the intake, beside that of its database.

use crate::error::StoreError;
use crate::options::Options;
use crate::schema::{INTAKE_CLAIMS, INTAKE_FACTS, INTAKE_FILE};
use crate::versions::TABLE;
use rusqlite::{Connection, OpenFlags};
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What the name of the file of the intake has behind that of its database.
pub(crate) const ENDING: &str = "-intake";

/// The file of the intake of a database.
fn beside(path: &Path) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(ENDING);
    PathBuf::from(name)
}

/// Is there an intake beside a file?
pub(crate) fn is_there(database: &Path) -> bool {
    beside(database).exists()
}

/// Opens the intake beside a file, and makes it where there is none. Another process may make it at the same time.
pub(crate) fn open(database: &Path, options: &Options) -> Result<Connection, StoreError> {
    let place = beside(database);
    let mut new = std::fs::OpenOptions::new();
    new.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut new, 0o600);
    match new.open(&place) {
        Ok(_) => sync_folder(&place)?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(StoreError::Unreachable(format!("sqlite:{}: {error}", place.display()))),
    }
    make(&place, options)?;
    let connection = super::open(&place, options)?;
    add_claims(&connection)?;
    Ok(connection)
}

/// Adds what the intake of an earlier program has not.
fn add_claims(connection: &Connection) -> Result<(), StoreError> {
    let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'intake_claim'";
    let has_claims = || connection.query_row(sql, [], |row| Ok(row.get::<_, i64>(0)? > 0));
    if has_claims()? {
        return Ok(());
    }
    super::control(connection, "BEGIN IMMEDIATE")?;
    // Another process may have been first.
    let added = if has_claims()? { Ok(()) } else { connection.execute_batch(INTAKE_CLAIMS) };
    Ok(added.and_then(|()| connection.execute_batch("COMMIT"))?)
}

/// A new name is on the disk only when its folder is.
fn sync_folder(file: &Path) -> Result<(), StoreError> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let synced = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
    // A system that cannot do this for folders has no need to.
    match synced {
        Err(error) if cfg!(unix) => Err(StoreError::Disk(error.to_string())),
        _ => Ok(()),
    }
}

/// Puts the tables into a file that has nothing yet; a file of another program is left as it is.
fn make(place: &Path, options: &Options) -> Result<(), StoreError> {
    let connection = Connection::open_with_flags(place, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(options.patience)?;
    let is_empty = || connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get::<_, bool>(0));
    let has = |table: &str| {
        let sql = "SELECT count(*) > 0 FROM sqlite_schema WHERE type = 'table' AND name = ?1";
        connection.query_row(sql, [table], |row| row.get::<_, bool>(0))
    };
    // What it is is told where it is opened. One that an earlier program made has no facts.
    let is_new = is_empty().unwrap_or(false);
    let lacks = is_new || (has("intake_arrival").unwrap_or(false) && !has("intake_fact").unwrap_or(true));
    if !lacks {
        return Ok(());
    }
    connection.execute_batch("PRAGMA journal_mode = WAL")?;
    super::control(&connection, "BEGIN IMMEDIATE")?;
    if is_empty()? {
        connection.execute_batch(&format!("{TABLE};\n{INTAKE_FILE}"))?;
    }
    connection.execute_batch(INTAKE_FACTS)?;
    Ok(connection.execute_batch("COMMIT")?)
}

/// Is the disk waited for at the end of a transaction? One that is waited for takes those before it with it.
pub(crate) fn wait_for_the_disk(connection: &Connection, waits: bool) -> Result<(), StoreError> {
    super::control(connection, if waits { "PRAGMA synchronous = FULL" } else { "PRAGMA synchronous = NORMAL" })
}

/// Takes the intake of a file away, with what SQLite has beside it.
pub(crate) fn remove(database: &Path) -> Result<(), StoreError> {
    for ending in ["", "-wal", "-shm"] {
        let mut name = beside(database).into_os_string();
        name.push(ending);
        match std::fs::remove_file(name) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(StoreError::Disk(error.to_string())),
            _ => {}
        }
    }
    Ok(())
}
