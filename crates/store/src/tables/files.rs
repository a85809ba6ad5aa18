//! The files of suppliers and S1SPs with their verdicts.

use super::convert::{Columns, date, eui_number, eui_of, moment, opt, s1sp, text, time_number, time_of};
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use sluice_rules::file::{FileKind, FileStatus};
use sluice_rules::party::{Eui64, Party, S1sp};

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRecord {
    /// The number of its receipt.
    pub id: i64,
    /// Its kind.
    pub kind: FileKind,
    /// Who sent it.
    pub sender: Party,
    /// The User ID in its name.
    pub user_id: Option<Eui64>,
    /// The S1SP in its name.
    pub s1sp: S1sp,
    /// The Monday or the date of the stamp in its name.
    pub date: Date,
    /// The time of the stamp.
    pub time: Option<Time>,
    /// Its extension in lower case.
    pub extension: String,
    /// How it stands.
    pub status: FileStatus,
    /// The rulebook by which it was judged; empty before.
    pub rulebook: String,
    /// The codes of its verdict, separated by blanks.
    pub codes: String,
    /// The words of its verdict.
    pub message: String,
    /// When the verdict was given.
    pub verdict_at: Option<Timestamp>,
    /// The digest of the opened member of a protected file (MAM-10).
    pub opened: Option<[u8; 32]>,
}

macro_rules! file_columns {
    () => {
        "id, kind, sender, user_id, s1sp, date, time, extension, status, rulebook, codes, message, verdict_at, opened"
    };
}

fn file(row: &Row<'_>) -> Result<FileRecord, StoreError> {
    Ok(FileRecord {
        id: row.int(0)?,
        kind: row.parsed(1)?,
        sender: row.parsed(2)?,
        user_id: row.opt_int(3)?.map(eui_of),
        s1sp: row.parsed(4)?,
        date: row.date(5)?,
        time: row.opt_int(6)?.map(time_of).transpose()?,
        extension: row.text(7)?.to_owned(),
        status: row.parsed(8)?,
        rulebook: row.text(9)?.to_owned(),
        codes: row.text(10)?.to_owned(),
        message: row.text(11)?.to_owned(),
        verdict_at: row.opt_moment(12)?,
        opened: row.opt_bytes(13)?.map(super::record::digest_of).transpose()?,
    })
}

/// Adds a file.
///
/// # Errors
/// If the database fails.
pub fn add(tx: &mut Tx<'_>, file: &FileRecord) -> Result<(), StoreError> {
    let sql = concat!(
        "INSERT INTO file (",
        file_columns!(),
        ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
    );
    let values = [
        Value::Int(file.id),
        text(file.kind.word()),
        text(file.sender.as_str()),
        opt(file.user_id, |id| Value::Int(eui_number(id))),
        s1sp(&file.s1sp),
        date(file.date),
        opt(file.time, |time| Value::Int(time_number(time))),
        text(&file.extension),
        text(file.status.word()),
        text(&file.rulebook),
        text(&file.codes),
        text(&file.message),
        opt(file.verdict_at, moment),
        opt(file.opened.as_ref(), |digest| Value::Bytes(digest[..].into())),
    ];
    tx.execute(sql, &values).map(drop)
}

/// Writes the verdict on a file: its status, rulebook, codes, words, moment and opened member.
///
/// # Errors
/// If the database fails.
pub fn set_verdict(tx: &mut Tx<'_>, file: &FileRecord) -> Result<(), StoreError> {
    let sql = "UPDATE file SET status = $2, rulebook = $3, codes = $4, message = $5, verdict_at = $6, opened = $7 \
               WHERE id = $1";
    let values = [
        Value::Int(file.id),
        text(file.status.word()),
        text(&file.rulebook),
        text(&file.codes),
        text(&file.message),
        opt(file.verdict_at, moment),
        opt(file.opened.as_ref(), |digest| Value::Bytes(digest[..].into())),
    ];
    tx.execute(sql, &values).map(drop)
}

/// Changes the status of a file only.
///
/// # Errors
/// If the database fails.
pub fn set_status(tx: &mut Tx<'_>, id: i64, status: FileStatus) -> Result<(), StoreError> {
    tx.execute("UPDATE file SET status = $2 WHERE id = $1", &[Value::Int(id), text(status.word())]).map(drop)
}

/// A file by its number; nothing if the scope may not see it.
///
/// # Errors
/// If the database fails.
pub fn get(tx: &mut View<'_>, id: i64) -> Result<Option<FileRecord>, StoreError> {
    let sql = concat!("SELECT ", file_columns!(), " FROM file WHERE id = $1");
    tx.query_optional(sql, &[Value::Int(id)], file)
}

/// The key of a name: two names that differ only in separator, case or extension have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameKey<'a> {
    /// The kind.
    pub kind: FileKind,
    /// The sender.
    pub sender: &'a Party,
    /// The User ID.
    pub user_id: Option<Eui64>,
    /// The S1SP.
    pub s1sp: &'a S1sp,
    /// The date.
    pub date: Date,
    /// The time.
    pub time: Option<Time>,
}

/// Which files of a name are picked, each by an index: strangers choose how many there are.
const FIRST: &str = "ORDER BY id LIMIT 1";
const LAST: &str = "AND status <> 'REFUSED' AND status <> 'LAPSED' ORDER BY id DESC LIMIT 1";
const OPEN: &str = "AND status <> 'REFUSED' AND status <> 'LAPSED' AND status <> 'REPLACED' ORDER BY id";

/// The first file of a name, whatever became of it.
///
/// # Errors
/// If the database fails.
pub fn first_of_name(tx: &mut View<'_>, key: &NameKey<'_>) -> Result<Option<FileRecord>, StoreError> {
    Ok(of_name(tx, key, FIRST)?.pop())
}

/// The last file of a name that was not refused whole and has not lapsed.
///
/// # Errors
/// If the database fails.
pub fn last_of_name(tx: &mut View<'_>, key: &NameKey<'_>) -> Result<Option<FileRecord>, StoreError> {
    Ok(of_name(tx, key, LAST)?.pop())
}

/// The files of a name that are neither refused whole, lapsed nor replaced, oldest first: a few, however many there were.
///
/// # Errors
/// If the database fails.
pub fn open_of_name(tx: &mut View<'_>, key: &NameKey<'_>) -> Result<Vec<FileRecord>, StoreError> {
    of_name(tx, key, OPEN)
}

/// The files of a name that are picked by the end of a query.
fn of_name(tx: &mut View<'_>, key: &NameKey<'_>, pick: &str) -> Result<Vec<FileRecord>, StoreError> {
    let (sql, values) = query_of_name(key, pick);
    tx.query(&sql, &values, file)
}

fn query_of_name<'k>(key: &NameKey<'k>, pick: &str) -> (String, Vec<Value<'k>>) {
    let mut values = vec![text(key.kind.word()), s1sp(key.s1sp), date(key.date), text(key.sender.as_str())];
    // An index serves what is equal, or nothing, and not what may be either.
    let mut is = |column: &str, value: Option<i64>| match value {
        Some(value) => {
            values.push(Value::Int(value));
            format!("{column} = ${}", values.len())
        }
        None => format!("{column} IS NULL"),
    };
    let (user_id, time) = (is("user_id", key.user_id.map(eui_number)), is("time", key.time.map(time_number)));
    let columns = file_columns!();
    let sql = format!(
        "SELECT {columns} FROM file WHERE kind = $1 AND s1sp = $2 AND date = $3 AND sender = $4 AND {user_id} AND {time} {pick}"
    );
    (sql, values)
}

/// FI08: of the stamped files of a User ID and S1SP that were not refused whole and arrived up to a moment the one of the latest stamp.
///
/// # Errors
/// If the database fails.
pub fn last_stamped(
    tx: &mut View<'_>,
    kind: FileKind,
    user_id: Eui64,
    of: &S1sp,
    until: Timestamp,
) -> Result<Option<FileRecord>, StoreError> {
    let values = [text(kind.word()), Value::Int(eui_number(user_id)), s1sp(of), moment(until)];
    tx.query_optional(LAST_STAMPED, &values, file)
}

/// The files of a User ID to an S1SP that were taken, arrived after a moment, and have no earlier stamps than a day's.
///
/// # Errors
/// If the database fails.
pub fn stamped_since(
    tx: &mut View<'_>,
    kind: FileKind,
    user_id: Eui64,
    of: &S1sp,
    (day, after): (Date, Timestamp),
) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT id FROM file WHERE kind = $1 AND user_id = $2 AND s1sp = $3 AND status = 'ACCEPTED' AND date >= $4 \
               AND (SELECT r.at FROM received r WHERE r.id = file.id) > $5 ORDER BY date, time, id";
    let values = [text(kind.word()), Value::Int(eui_number(user_id)), s1sp(of), date(day), moment(after)];
    tx.query(sql, &values, |row| row.int(0))
}

const LAST_STAMPED: &str = concat!(
    "SELECT ",
    file_columns!(),
    " FROM file WHERE kind = $1 AND user_id = $2 AND s1sp = $3 AND status = 'ACCEPTED' \
     AND (SELECT r.at FROM received r WHERE r.id = file.id) <= $4 ORDER BY date DESC, time DESC, id DESC LIMIT 1"
);

/// The files of a status, oldest first, as far as the scope sees them.
///
/// # Errors
/// If the database fails.
pub fn of_status(tx: &mut View<'_>, status: FileStatus) -> Result<Vec<FileRecord>, StoreError> {
    let sql = concat!("SELECT ", file_columns!(), " FROM file WHERE status = $1 ORDER BY id");
    tx.query(sql, &[text(status.word())], file)
}

/// The files of a User ID to an S1SP that have a status, oldest first.
///
/// # Errors
/// If the database fails.
pub fn of_user(
    tx: &mut View<'_>,
    kind: FileKind,
    user_id: Option<Eui64>,
    of: &S1sp,
    status: FileStatus,
) -> Result<Vec<FileRecord>, StoreError> {
    let sql = concat!(
        "SELECT ",
        file_columns!(),
        " FROM file WHERE kind = $1 AND user_id IS NOT DISTINCT FROM CAST($2 AS BIGINT) AND s1sp = $3 AND status = $4 ORDER BY id"
    );
    let user_id = opt(user_id, |id| Value::Int(eui_number(id)));
    tx.query(sql, &[text(kind.word()), user_id, s1sp(of), text(status.word())], file)
}

/// The receipts of the protected files that wait for a password and were received up to a moment, oldest first (MAM-10).
///
/// # Errors
/// If the database fails.
pub fn waiting_since(tx: &mut View<'_>, until: Timestamp) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT file.id FROM file JOIN received ON received.id = file.id \
               WHERE file.status = 'WAITING' AND received.at <= $1 ORDER BY received.at, file.id";
    tx.query(sql, &[moment(until)], |row| row.int(0))
}

/// Has a file of a kind to an S1SP no verdict yet that was received before a moment (CAL-3)?
///
/// # Errors
/// If the database fails.
pub fn is_unjudged(tx: &mut View<'_>, kind: FileKind, of: &S1sp, before: Timestamp) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM file JOIN received ON received.id = file.id \
               WHERE file.status = 'RECEIVED' AND kind = $1 AND s1sp = $2 AND received.at < $3 LIMIT 1";
    Ok(tx.query_optional(sql, &[text(kind.word()), s1sp(of), moment(before)], |row| row.int(0))?.is_some())
}

/// The Demand Commitments of a week and S1SP that are refused since nobody can confirm them any more (FI21), oldest first.
///
/// # Errors
/// If the database fails.
pub fn unconfirmed_demand(tx: &mut View<'_>, of: &S1sp, week: Date) -> Result<Vec<FileRecord>, StoreError> {
    let sql = concat!(
        "SELECT ",
        file_columns!(),
        " FROM file WHERE kind = 'DC' AND s1sp = $1 AND date = $2 AND status = 'REFUSED' AND codes = 'FI21' ORDER BY id"
    );
    tx.query(sql, &[s1sp(of), date(week)], file)
}

/// The Demand Commitments of a week and S1SP that were taken, in the order of their names.
///
/// # Errors
/// If the database fails.
pub fn standing_demand(tx: &mut View<'_>, of: &S1sp, week: Date) -> Result<Vec<FileRecord>, StoreError> {
    let sql = concat!(
        "SELECT ",
        file_columns!(),
        " FROM file WHERE kind = 'DC' AND s1sp = $1 AND date = $2 AND status = 'ACCEPTED' ORDER BY sender, user_id"
    );
    tx.query(sql, &[s1sp(of), date(week)], file)
}

/// The Demand Commitments of a week and S1SP that were taken at some time, also those that a later one has replaced since, with the
/// moments of their receipt; in the order of their numbers.
///
/// # Errors
/// If the database fails.
pub fn taken_demand(tx: &mut View<'_>, of: &S1sp, week: Date) -> Result<Vec<(FileRecord, Timestamp)>, StoreError> {
    let sql = concat!(
        "SELECT ",
        file_columns!(),
        ", (SELECT r.at FROM received r WHERE r.id = file.id) FROM file WHERE kind = 'DC' AND s1sp = $1 AND date = $2 \
         AND status IN ('ACCEPTED', 'REPLACED') AND codes = '' ORDER BY id"
    );
    tx.query(sql, &[s1sp(of), date(week)], |row| Ok((file(row)?, row.moment(14)?)))
}

/// A period of grace after a cut-off (CAL-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grace {
    /// Until when a corrected file still counts.
    pub until: Timestamp,
    /// Has it been used?
    pub used: bool,
}

/// The grace of a party at a cut-off.
///
/// # Errors
/// If the database fails.
pub fn grace(
    tx: &mut View<'_>,
    sender: &Party,
    of: &S1sp,
    milestone: &str,
    week: Date,
) -> Result<Option<Grace>, StoreError> {
    let sql = "SELECT until, used FROM grace WHERE sender = $1 AND s1sp = $2 AND milestone = $3 AND week = $4";
    let values = [text(sender.as_str()), s1sp(of), text(milestone), date(week)];
    tx.query_optional(sql, &values, |row| Ok(Grace { until: row.moment(0)?, used: row.flag(1)? }))
}

/// Grants grace to a party at a cut-off of an S1SP, or makes it end later.
///
/// # Errors
/// If the database fails.
pub fn grant_grace(
    tx: &mut Tx<'_>,
    sender: &Party,
    of: &S1sp,
    milestone: &str,
    week: Date,
    until: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO grace (sender, s1sp, milestone, week, until, used) VALUES ($1, $2, $3, $4, $5, 0) \
               ON CONFLICT (sender, s1sp, milestone, week) DO UPDATE SET until = excluded.until";
    let values = [text(sender.as_str()), s1sp(of), text(milestone), date(week), moment(until)];
    tx.execute(sql, &values).map(drop)
}

/// Uses a grace up.
///
/// # Errors
/// If the database fails.
pub fn use_grace(tx: &mut Tx<'_>, sender: &Party, of: &S1sp, milestone: &str, week: Date) -> Result<(), StoreError> {
    let sql = "UPDATE grace SET used = 1 WHERE sender = $1 AND s1sp = $2 AND milestone = $3 AND week = $4";
    tx.execute(sql, &[text(sender.as_str()), s1sp(of), text(milestone), date(week)]).map(drop)
}

/// The latest end of a grace at a cut-off that is not used yet.
///
/// # Errors
/// If the database fails.
pub fn last_grace(tx: &mut View<'_>, of: &S1sp, milestone: &str, week: Date) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT max(until) FROM grace WHERE s1sp = $1 AND milestone = $2 AND week = $3 AND used = 0";
    let found = tx.query_one(sql, &[s1sp(of), text(milestone), date(week)], |row| row.opt_moment(0))?;
    Ok(found)
}

/// A grace with whose it is, and at which milestone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyGrace {
    /// Whose.
    pub party: Party,
    /// The id of the milestone.
    pub milestone: String,
    /// Until when a corrected file still counts.
    pub until: Timestamp,
    /// Has it been used?
    pub used: bool,
}

/// The graces at the cut-offs of a week, as far as the scope sees them, in the order of their ends.
///
/// # Errors
/// If the database fails.
pub fn graces(tx: &mut View<'_>, of: &S1sp, week: Date) -> Result<Vec<PartyGrace>, StoreError> {
    let sql = "SELECT sender, milestone, until, used FROM grace WHERE s1sp = $1 AND week = $2 ORDER BY until, sender, milestone";
    tx.query(sql, &[s1sp(of), date(week)], |row| {
        let (party, milestone) = (row.parsed(0)?, row.text(1)?.to_owned());
        Ok(PartyGrace { party, milestone, until: row.moment(2)?, used: row.flag(3)? })
    })
}

/// The code and words of a file that was refused for its name.
///
/// # Errors
/// If the database fails.
pub fn misnamed(tx: &mut View<'_>, id: i64) -> Result<Option<(String, String)>, StoreError> {
    let sql = "SELECT code, message FROM misnamed WHERE id = $1";
    tx.query_optional(sql, &[Value::Int(id)], |row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned())))
}

/// Adds a file that was refused for its name, which says nothing.
///
/// # Errors
/// If the database fails.
pub fn add_misnamed(
    tx: &mut Tx<'_>,
    id: i64,
    sender: &Party,
    code: &str,
    message: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO misnamed (id, sender, code, message, verdict_at) VALUES ($1, $2, $3, $4, $5)";
    tx.execute(sql, &[Value::Int(id), text(sender.as_str()), text(code), text(message), moment(at)]).map(drop)
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
