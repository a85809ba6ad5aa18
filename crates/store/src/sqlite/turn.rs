//! Writers of a file wait for each other; who waits says so, so that what is only shown can give way.
//!
//! They say so by a lock on the file of changes beside it, which the system takes away with them. SQLite itself has no lock on that one
//! file, and it is there as long as anybody is connected. Who writes is not asked for it.

use super::control;
use crate::error::StoreError;
use crate::options::Options;
use crate::waiting::Looks;
use crate::work::watch;
use rusqlite::{Connection, InterruptHandle};
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long is waited before it is tried again to lock what another one has locked, and how often.
const MOMENT: Duration = Duration::from_millis(1);
const TRIES: usize = 100;

/// Begins a transaction that writes, and says so while it waits for the others.
pub(crate) fn begin(connection: &mut Connection, path: &Path, options: &Options) -> Result<(), StoreError> {
    watch(connection, None)?;
    connection.busy_timeout(Duration::ZERO)?;
    let begun = control(connection, "BEGIN IMMEDIATE");
    connection.busy_timeout(options.patience)?;
    match begun {
        Err(StoreError::Locked) => {
            let _waits = says_so(path);
            control(connection, "BEGIN IMMEDIATE")
        }
        begun => begun,
    }
}

/// Says that somebody waits, until what it gives is dropped. Where that cannot be said, nobody gives way.
fn says_so(path: &Path) -> Option<File> {
    let changes = changes(path)?;
    // Who looks has it for a moment.
    for _ in 0..TRIES {
        match changes.try_lock_shared() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(MOMENT),
            _ => break,
        }
    }
    Some(changes)
}

/// Lets those go first who wait already: SQLite has no order among those that wait.
pub(crate) fn after_others(path: &Path, options: &Options) -> Result<(), StoreError> {
    let Some(changes) = changes(path) else { return Ok(()) };
    let began = Instant::now();
    while let Err(TryLockError::WouldBlock) = changes.try_lock() {
        if began.elapsed() > options.patience {
            return Err(StoreError::Locked);
        }
        std::thread::sleep(MOMENT);
    }
    Ok(())
}

/// What looks whether somebody waits to write, for a connection.
pub(crate) struct Look {
    changes: Option<File>,
    interrupt: InterruptHandle,
}

impl Look {
    pub(crate) fn of(connection: &Connection, path: &Path) -> Self {
        Self { changes: changes(path), interrupt: connection.get_interrupt_handle() }
    }
}

impl Looks for Look {
    fn is_waited_for(&mut self) -> bool {
        let Some(changes) = &self.changes else { return false };
        match changes.try_lock() {
            Ok(()) => {
                let _ = changes.unlock();
                false
            }
            Err(error) => matches!(error, TryLockError::WouldBlock),
        }
    }

    fn break_off(&mut self) {
        self.interrupt.interrupt();
    }
}

/// The file of changes. On other systems a lock would keep SQLite from it.
fn changes(path: &Path) -> Option<File> {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    if cfg!(unix) { File::open(name).ok() } else { None }
}
