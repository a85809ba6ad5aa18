//! What the processes note that take files: what is about to come, who has a file in checking, and what is known of the intake.

use crate::error::StoreError;
use crate::tables::convert::{Columns, moment, text};
use crate::tx::Tx;
use crate::view::View;
use jiff::{SignedDuration, Timestamp};
use sluice_rules::party::Party;

/// A process that has said nothing for so long counts as dead: nothing of what it was about to hand in is kept any more.
pub const SILENCE: SignedDuration = SignedDuration::from_secs(10);

/// Says that something of this id may come, with a moment from now on.
///
/// # Errors
/// If the database fails.
pub fn begin(tx: &mut Tx<'_>, id: &str, now: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO intake_live (id, watermark, beat) VALUES ($1, $2, $2) ON CONFLICT (id) DO NOTHING";
    tx.execute(sql, &[text(id), moment(now)]).map(drop)
}

/// Says that a process goes on with what came at a moment, as if it were about to hand it in: nothing after it is sealed meanwhile. With
/// no moment it is done with all of it.
///
/// # Errors
/// If the database fails.
pub fn hold(tx: &mut Tx<'_>, process: &str, since: Option<Timestamp>, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM intake_live WHERE id = $1", &[text(process)])?;
    let Some(since) = since else { return Ok(()) };
    let sql = "INSERT INTO intake_live (id, watermark, beat) VALUES ($1, $2, $3)";
    tx.execute(sql, &[text(process), moment(since), moment(now)]).map(drop)
}

/// The same of one that has said so before and lives. False if it had been silent for too long, or was buried.
///
/// # Errors
/// If the database fails.
pub fn hold_on(tx: &mut Tx<'_>, process: &str, since: Timestamp, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE intake_live SET watermark = $2, beat = $3 WHERE id = $1 AND beat > $4";
    let values = [text(process), moment(since), moment(now), moment(silent_since(now)?)];
    Ok(tx.execute(sql, &values)? == 1)
}

/// Says that what comes of this id is on its way still.
///
/// # Errors
/// If the database fails.
pub fn still(tx: &mut Tx<'_>, id: &str, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE intake_live SET beat = $2 WHERE id = $1", &[text(id), moment(now)]).map(drop)
}

/// Says that nothing of this id comes. Gives whether it could still come: not if it had been silent for too long, and whatever
/// waited for it may have gone on.
///
/// # Errors
/// If the database fails.
pub fn end(tx: &mut Tx<'_>, id: &str, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "DELETE FROM intake_live WHERE id = $1 AND beat > $2";
    Ok(tx.execute(sql, &[text(id), moment(silent_since(now)?)])? == 1)
}

/// Is a process waited for still, which says that something of its may come? Not if it had been silent for too long.
///
/// # Errors
/// If the database fails.
pub fn lives(tx: &mut View<'_>, id: &str, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM intake_live WHERE id = $1 AND beat > $2";
    Ok(tx.query_optional(sql, &[text(id), moment(silent_since(now)?)], |_| Ok(()))?.is_some())
}

fn silent_since(now: Timestamp) -> Result<Timestamp, StoreError> {
    now.checked_sub(SILENCE).map_err(|error| StoreError::Other(error.to_string()))
}

/// Takes the watermarks of dead processes away, so that nobody waits for them. Gives how many there were.
///
/// # Errors
/// If the database fails.
pub fn bury(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM intake_live WHERE beat <= $1", &[moment(silent_since(now)?)])
}

/// A party has one file in checking at a time: a process takes its place for one, unless another process that lives has it. Gives
/// whether it has the place.
///
/// # Errors
/// If the database fails.
pub fn claim(tx: &mut Tx<'_>, party: &Party, of: &str, process: &str, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "INSERT INTO intake_claim (party, arrival, process, beat) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (party) DO UPDATE SET arrival = excluded.arrival, process = excluded.process, beat = excluded.beat \
               WHERE intake_claim.process = excluded.process OR intake_claim.beat <= $5";
    let values = [text(party.as_str()), text(of), text(process), moment(now), moment(silent_since(now)?)];
    Ok(tx.execute(sql, &values)? == 1)
}

/// A process that checks files, or opens one, lives.
///
/// # Errors
/// If the database fails.
pub fn beat(tx: &mut Tx<'_>, process: &str, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE intake_claim SET beat = $2 WHERE process = $1", &[text(process), moment(now)])?;
    still(tx, process, now)
}

/// A process checks nothing any more.
///
/// # Errors
/// If the database fails.
pub fn give_back(tx: &mut Tx<'_>, process: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM intake_claim WHERE process = $1", &[text(process)]).map(drop)
}

/// The parties that have a file in checking by processes that live, other than this one.
///
/// # Errors
/// If the database fails.
pub fn in_checking(tx: &mut View<'_>, but: &str, now: Timestamp) -> Result<Vec<Party>, StoreError> {
    let sql = "SELECT party FROM intake_claim WHERE process <> $1 AND beat > $2 ORDER BY party";
    tx.query(sql, &[text(but), moment(silent_since(now)?)], |row| row.parsed(0))
}

/// The name of the fact that notes the clock of the machine.
pub(crate) const CLOCK: &str = "clock";

/// Something that is known of the intake as a whole.
///
/// # Errors
/// If the database fails.
pub fn fact(tx: &mut View<'_>, name: &str) -> Result<Option<String>, StoreError> {
    let sql = "SELECT value FROM intake_fact WHERE name = $1";
    tx.query_optional(sql, &[text(name)], |row| Ok(row.text(0)?.to_owned()))
}

/// Notes something of the intake as a whole.
///
/// # Errors
/// If the database fails.
pub fn set_fact(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO intake_fact (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    tx.execute(sql, &[text(name), text(value)]).map(drop)
}

/// A process that is about to hand something in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// Its id.
    pub id: String,
    /// What it hands in has no moment before this one.
    pub watermark: Timestamp,
    /// When it was last heard of.
    pub beat: Timestamp,
}

/// The processes that are about to hand something in, in the order of their watermarks.
///
/// # Errors
/// If the database fails.
pub fn live(tx: &mut View<'_>) -> Result<Vec<Live>, StoreError> {
    tx.query("SELECT id, watermark, beat FROM intake_live ORDER BY watermark, id", &[], |row| {
        Ok(Live { id: row.text(0)?.to_owned(), watermark: row.moment(1)?, beat: row.moment(2)? })
    })
}
