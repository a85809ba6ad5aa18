//! What was handed in and waits to be taken over, and which processes are about to hand something in (CAL-3).
//!
//! All of it is written in transactions of [`Store::intake`](crate::Store::intake). A hand-in first says with its watermark from which
//! moment on something of its may come ([`begin`]), then takes the moment of its last byte, then keeps what came ([`add`]), which
//! takes the watermark away. So whatever has a moment before all watermarks is here already.

mod processes;

pub(crate) use processes::CLOCK;
pub use processes::{
    Live, SILENCE, beat, begin, bury, claim, end, fact, give_back, hold, hold_on, in_checking, live, lives, set_fact,
    still,
};

use super::convert::{Columns, moment, number, text};
use super::record::{self, Digest, PART, Packed, Received, digest_of, must_fit, unpacked};
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use sluice_rules::party::Party;
use std::collections::BTreeMap;

/// A file as it was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Its id: 128 random bits in hexadecimal. No number, which would tell of rivals.
    pub id: String,
    /// For which party.
    pub party: Party,
    /// Who handed it in, as acts are recorded.
    pub actor: String,
    /// By which way it came.
    pub channel: String,
    /// Its name as it was sent; text from a stranger.
    pub name: String,
    /// Its size in bytes, of what is larger than is read at least; 0 for what may be a password (MAM-10).
    pub size: u64,
    /// The digest of its content; nothing for what may be a password, and for what is larger than is read.
    pub digest: Option<Digest>,
    /// The moment of its last byte.
    pub at: Timestamp,
    /// When it was taken over; nothing while it waits.
    pub taken: Option<Timestamp>,
    /// Why it could not be taken over, if that was tried.
    pub why: Option<String>,
    /// Which of the files of its command it is: they can have one moment.
    pub place: u64,
    /// Does its sender confirm with it what would be held (FI21)?
    pub confirm: bool,
}

impl Arrival {
    /// What it will be in the record, under a number.
    #[must_use]
    pub fn as_received(&self, id: i64) -> Received {
        let Self { name, party, size, digest, at, .. } = self;
        Received {
            id,
            name: name.clone(),
            sender: party.to_string(),
            at: *at,
            digest: *digest,
            unkept: None,
            size: *size,
        }
    }
}

macro_rules! columns {
    () => {
        "id, party, actor, channel, name, size, digest, at, taken, why, place, confirm"
    };
}

fn arrival(row: &Row<'_>) -> Result<Arrival, StoreError> {
    Ok(Arrival {
        id: row.text(0)?.to_owned(),
        party: row.parsed(1)?,
        actor: row.text(2)?.to_owned(),
        channel: row.text(3)?.to_owned(),
        name: row.text(4)?.to_owned(),
        size: row.count(5)?,
        digest: row.opt_bytes(6)?.map(digest_of).transpose()?,
        at: row.moment(7)?,
        taken: row.opt_moment(8)?,
        why: row.opt_text(9)?.map(str::to_owned),
        place: row.count(10)?,
        confirm: row.int(11)? != 0,
    })
}

/// What waits is confirmed by its sender as well (FI21). Gives whether it waits still: who takes it over has not looked yet whether it
/// is confirmed.
///
/// # Errors
/// If the database fails.
pub fn confirm(tx: &mut Tx<'_>, id: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE intake_arrival SET confirm = 1 WHERE id = $1 AND taken IS NULL AND why IS NULL";
    Ok(tx.execute(sql, &[text(id)])? == 1)
}

/// The same of one that was taken over, and has no verdict but that it is set aside.
///
/// # Errors
/// If the database fails.
pub fn confirm_taken(tx: &mut Tx<'_>, id: &str) -> Result<bool, StoreError> {
    Ok(tx.execute("UPDATE intake_arrival SET confirm = 1 WHERE id = $1", &[text(id)])? == 1)
}

/// Keeps what was handed in, with its packed content where it is kept.
///
/// # Errors
/// If the database fails.
pub fn add(tx: &mut Tx<'_>, of: &Arrival, packed: Option<&Packed>) -> Result<(), StoreError> {
    let sql = concat!(
        "INSERT INTO intake_arrival (",
        columns!(),
        ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, NULL, $9, $10)"
    );
    let digest = of.digest.map_or(Value::Null, |digest| Value::from(digest.to_vec()));
    let values = [
        text(&of.id),
        text(of.party.as_str()),
        text(&of.actor),
        text(&of.channel),
        text(&of.name),
        Value::Int(number(of.size)),
        digest,
        moment(of.at),
        Value::Int(number(of.place)),
        Value::Int(of.confirm.into()),
    ];
    tx.execute(sql, &values)?;
    let parts = packed.map(|packed| packed.bytes.chunks(PART)).into_iter().flatten();
    for (place, part) in (0..).zip(parts) {
        let sql = "INSERT INTO intake_part (arrival, place, bytes) VALUES ($1, $2, $3)";
        tx.execute(sql, &[text(&of.id), Value::Int(place), Value::Bytes(part.into())])?;
    }
    Ok(())
}

/// An arrival.
///
/// # Errors
/// If the database fails.
pub fn get(tx: &mut View<'_>, id: &str) -> Result<Option<Arrival>, StoreError> {
    let sql = concat!("SELECT ", columns!(), " FROM intake_arrival WHERE id = $1");
    tx.query_optional(sql, &[text(id)], arrival)
}

/// The latest arrival of a party under a name.
///
/// # Errors
/// If the database fails.
pub fn latest(tx: &mut View<'_>, party: &Party, name: &str) -> Result<Option<Arrival>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM intake_arrival WHERE party = $1 AND name = $2 ORDER BY at DESC, place DESC, id DESC LIMIT 1"
    );
    tx.query_optional(sql, &[text(party.as_str()), text(name)], arrival)
}

/// How many files of a party arrived from a moment on, and how many bytes those have that were kept.
///
/// # Errors
/// If the database fails.
pub fn since(tx: &mut View<'_>, party: &Party, from: Timestamp) -> Result<(u64, u64), StoreError> {
    let sql = "SELECT count(*), CAST(COALESCE(sum(CASE WHEN digest IS NULL THEN 0 ELSE size END), 0) AS BIGINT) FROM intake_arrival WHERE party = $1 AND at >= $2";
    tx.query_one(sql, &[text(party.as_str()), moment(from)], |row| Ok((row.count(0)?, row.count(1)?)))
}

/// The packed content of an arrival, and the content itself, digested again; nothing if it was not kept.
///
/// # Errors
/// If the database fails; [`StoreError::Damaged`] if it is no longer what the digest says.
pub fn content(tx: &mut View<'_>, of: &Arrival) -> Result<Option<(Packed, Vec<u8>)>, StoreError> {
    let mut bytes = Vec::new();
    let sql = "SELECT bytes FROM intake_part WHERE arrival = $1 ORDER BY place";
    tx.each(sql, &[text(&of.id)], |row| {
        bytes.extend_from_slice(row.bytes(0)?);
        Ok(())
    })?;
    let Some(digest) = of.digest.filter(|_| !bytes.is_empty()) else { return Ok(None) };
    let content = unpacked(&bytes, of.size)?;
    must_fit(&content, &digest, || format!("the content of arrival {}", of.id))?;
    Ok(Some((Packed { size: of.size, bytes }, content)))
}

/// The next arrival to be taken over, in the order of their moments, of those that were not tried.
///
/// # Errors
/// If the database fails.
pub fn next(tx: &mut View<'_>) -> Result<Option<Arrival>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM intake_arrival WHERE taken IS NULL AND why IS NULL ORDER BY at, place, id LIMIT 1"
    );
    tx.query_optional(sql, &[], arrival)
}

/// Of each party the first arrival that waits to be taken over and was not tried, in the order of their moments.
///
/// # Errors
/// If the database fails.
pub fn first_of_each(tx: &mut View<'_>) -> Result<Vec<Arrival>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM (SELECT *, row_number() OVER (PARTITION BY party ORDER BY at, place, id) AS turn FROM intake_arrival \
          WHERE taken IS NULL AND why IS NULL) AS waiting WHERE turn = 1 ORDER BY at, place, id"
    );
    tx.query(sql, &[], arrival)
}

/// Everything that is not taken over, in the order of its moments.
///
/// # Errors
/// If the database fails.
pub fn waiting(tx: &mut View<'_>) -> Result<Vec<Arrival>, StoreError> {
    let sql = concat!("SELECT ", columns!(), " FROM intake_arrival WHERE taken IS NULL ORDER BY at, place, id");
    tx.query(sql, &[], arrival)
}

/// CAL-3: what waits with a moment after another one gets that one, and keeps its order: the clock that gave it was ahead.
///
/// # Errors
/// If the database fails.
pub fn not_after(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    let sql = "SELECT id FROM intake_arrival WHERE taken IS NULL AND at >= $1 ORDER BY at, place, id";
    let ids = tx.query(sql, &[moment(now)], |row| Ok(row.text(0)?.to_owned()))?;
    for (place, id) in (0..).zip(&ids) {
        let sql = "UPDATE intake_arrival SET at = $2, place = $3 WHERE id = $1";
        tx.execute(sql, &[text(id), moment(now), Value::Int(place)])?;
    }
    Ok(())
}

/// The arrivals that were taken over and are still kept.
///
/// # Errors
/// If the database fails.
pub fn taken(tx: &mut View<'_>) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT id FROM intake_arrival WHERE taken IS NOT NULL ORDER BY at, id";
    tx.query(sql, &[], |row| Ok(row.text(0)?.to_owned()))
}

/// Notes that an arrival is to be taken over again: the record that had it was put back from a copy that has not.
///
/// # Errors
/// If the database fails.
pub fn take_again(tx: &mut Tx<'_>, id: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE intake_arrival SET taken = NULL WHERE id = $1", &[text(id)]).map(drop)
}

/// Takes the content of an arrival away, which nobody needs any more.
///
/// # Errors
/// If the database fails.
pub fn drop_content(tx: &mut Tx<'_>, id: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM intake_part WHERE arrival = $1", &[text(id)]).map(drop)
}

/// Notes that an arrival was taken over; of those that were taken over before a moment nothing is kept any more.
///
/// # Errors
/// If the database fails.
pub fn take(tx: &mut Tx<'_>, id: &str, now: Timestamp, forget: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE intake_arrival SET taken = $2, why = NULL WHERE id = $1", &[text(id), moment(now)])?;
    let old = "SELECT id FROM intake_arrival WHERE taken < $1";
    tx.execute(&format!("DELETE FROM intake_part WHERE arrival IN ({old})"), &[moment(forget)])?;
    tx.execute("DELETE FROM intake_arrival WHERE taken < $1", &[moment(forget)]).map(drop)
}

/// Notes why an arrival could not be taken over: nobody waits for it any more.
///
/// # Errors
/// If the database fails.
pub fn set_aside(tx: &mut Tx<'_>, id: &str, why: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE intake_arrival SET why = $2 WHERE id = $1", &[text(id), text(why)]).map(drop)
}

/// Adds an arrival to the record, in an act, and gives its number there. Its content is in the record, or is not kept there.
///
/// # Errors
/// If the database fails, or the arrival was taken over before.
pub fn take_over(tx: &mut Tx<'_>, of: &Arrival, is_kept: bool) -> Result<i64, StoreError> {
    let (digest, unkept) = if is_kept { (of.digest.as_ref(), None) } else { (None, of.digest.as_ref()) };
    let id = record::add_received(tx, &of.name, of.party.as_str(), of.at, digest, of.size)?;
    let unkept = unkept.map_or(Value::Null, |digest| Value::Bytes(digest.into()));
    tx.execute("UPDATE received SET arrival = $2, unkept = $3 WHERE id = $1", &[Value::Int(id), text(&of.id), unkept])?;
    Ok(id)
}

/// Keeps the content of an arrival in the record. Where the intake is in the same database, that copies it.
///
/// # Errors
/// If the database fails.
pub fn keep_content(tx: &mut Tx<'_>, of: &Arrival, digest: &Digest, packed: &Packed) -> Result<(), StoreError> {
    if !tx.has_intake() {
        return record::keep(tx, digest, packed);
    }
    if record::is_new(tx, digest, packed.size)? {
        let sql = "INSERT INTO content_part (digest, place, bytes) SELECT $1, place, bytes FROM intake_part WHERE arrival = $2";
        if tx.execute(sql, &[Value::Bytes(digest.into()), text(&of.id)])? == 0 {
            record::keep_parts(tx, digest, packed)?;
        }
    }
    Ok(())
}

/// The number of the received file that was taken over from an arrival.
///
/// # Errors
/// If the database fails.
pub fn of_arrival(tx: &mut View<'_>, arrival: &str) -> Result<Option<i64>, StoreError> {
    tx.query_optional("SELECT id FROM received WHERE arrival = $1", &[text(arrival)], |row| row.int(0))
}

/// What a party handed in and was taken over before a moment, or at it under a smaller number: the numbers with their arrivals and
/// moments, the newest first, at most so many.
///
/// # Errors
/// If the database fails.
pub fn taken_of(
    tx: &mut View<'_>,
    of: &Party,
    before: (Timestamp, i64),
    most: i64,
) -> Result<Vec<(i64, String, Timestamp)>, StoreError> {
    let sql = "SELECT id, arrival, at FROM received WHERE sender = $1 AND (at, id) < ($2, $3) AND arrival IS NOT NULL \
               ORDER BY at DESC, id DESC LIMIT $4";
    let values = [text(of.as_str()), moment(before.0), Value::Int(before.1), Value::Int(most)];
    tx.query(sql, &values, |row| Ok((row.int(0)?, row.text(1)?.to_owned(), row.moment(2)?)))
}

/// The arrivals that received files were taken over from, by the numbers of the files.
///
/// # Errors
/// If the database fails.
pub fn arrivals(tx: &mut View<'_>) -> Result<BTreeMap<i64, String>, StoreError> {
    let sql = "SELECT id, arrival FROM received WHERE arrival IS NOT NULL ORDER BY id";
    Ok(tx.query(sql, &[], |row| Ok((row.int(0)?, row.text(1)?.to_owned())))?.into_iter().collect())
}

/// The arrival that a received file was taken over from; none of one that an older program received.
///
/// # Errors
/// If there is no such file.
pub fn arrival_of(tx: &mut View<'_>, id: i64) -> Result<Option<String>, StoreError> {
    tx.query_one("SELECT arrival FROM received WHERE id = $1", &[Value::Int(id)], |row| {
        Ok(row.opt_text(0)?.map(str::to_owned))
    })
}
