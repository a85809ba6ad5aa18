//! What DCC sends out: response files, schedules, and notices.

use super::convert::{Columns, count, moment, opt, party, text};
use super::record::{Digest, Packed, digest_of, must_fit, next_id, unpacked};
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use sluice_rules::party::{Eui64, Party};

/// A file that was issued, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// Its number.
    pub id: i64,
    /// To whom.
    pub party: Party,
    /// Its name with extension.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// The received file that it answers, if it answers one.
    pub file: Option<i64>,
}

/// A file to be issued, without its content.
#[derive(Debug, Clone, Copy)]
pub struct Sending<'a> {
    /// By which act; nothing in a replay of acts of which it was not kept.
    pub act: Option<i64>,
    /// To whom.
    pub to: &'a Party,
    /// Its name with extension.
    pub name: &'a str,
    /// When.
    pub at: Timestamp,
    /// The received file that it answers, if it answers one.
    pub file: Option<i64>,
}

/// Issues a file and gives its number. Its content comes with its digest, and packed.
///
/// # Errors
/// If a file of this name was issued before.
pub fn issue(tx: &mut Tx<'_>, sending: &Sending<'_>, digest: &Digest, packed: &Packed) -> Result<i64, StoreError> {
    let id = next_id(tx, "SELECT max(id) FROM issued")?;
    let Sending { act, to, name, at, file } = *sending;
    let sql = "INSERT INTO issued (id, party, name, at, file, size, bytes, act, digest) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let (size, bytes) = (count(packed.size), Value::Bytes(packed.bytes[..].into()));
    let values = [Value::Int(id), party(to), text(name), moment(at), opt(file, Value::Int), size, bytes];
    let more = [opt(act, Value::Int), Value::Bytes(digest.into())];
    tx.execute(sql, &[&values[..], &more].concat())?;
    Ok(id)
}

/// What an act issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedBy {
    /// The act.
    pub act: i64,
    /// To whom.
    pub party: String,
    /// The name of the file.
    pub name: String,
    /// The digest of its content; nothing if it was taken away.
    pub digest: Option<Digest>,
}

/// What the acts after a number and up to another issued, in order.
///
/// # Errors
/// If the database fails.
pub fn issued_by(tx: &mut View<'_>, after: i64, last: i64) -> Result<Vec<IssuedBy>, StoreError> {
    let sql = "SELECT act, party, name, digest FROM issued WHERE act > $1 AND act <= $2 ORDER BY act, id";
    tx.query(sql, &[Value::Int(after), Value::Int(last)], |row| {
        let (act, party, name) = (row.int(0)?, row.text(1)?.to_owned(), row.text(2)?.to_owned());
        Ok(IssuedBy { act, party, name, digest: row.opt_bytes(3)?.map(digest_of).transpose()? })
    })
}

/// Looks at the content of all issued files. Gives their number, and the first whose content is not what was issued, in
/// words.
///
/// # Errors
/// If the database fails.
pub fn check_contents(tx: &mut View<'_>) -> Result<(u64, Option<String>), StoreError> {
    let (mut files, mut bad) = (0, None);
    tx.each("SELECT name, size, bytes, digest FROM issued ORDER BY id", &[], |row| {
        files += 1;
        match content_at(row, 1, row.text(0)?) {
            Err(StoreError::Damaged(words)) => bad = bad.take().or(Some(words)),
            other => drop(other?),
        }
        Ok(())
    })?;
    Ok((files, bad))
}

/// The content of an issued file, from three columns that begin at a place: size, bytes, digest.
fn content_at(row: &Row<'_>, place: usize, name: &str) -> Result<Vec<u8>, StoreError> {
    let what = || format!("issued file {name}");
    let content = unpacked(row.bytes(place + 1)?, row.count(place)?).map_err(|error| match error {
        StoreError::Damaged(words) => StoreError::Damaged(format!("{} was changed: {words}", what())),
        other => other,
    })?;
    if let Some(digest) = row.opt_bytes(place + 2)? {
        must_fit(&content, &digest_of(digest)?, what)?;
    }
    Ok(content)
}

/// The files issued, oldest first, as far as the scope may see them.
///
/// # Errors
/// If the database fails.
pub fn list(tx: &mut View<'_>) -> Result<Vec<Issued>, StoreError> {
    tx.query("SELECT id, party, name, at, file FROM issued ORDER BY id", &[], |row| {
        let (id, party, name) = (row.int(0)?, row.parsed(1)?, row.text(2)?.to_owned());
        Ok(Issued { id, party, name, at: row.moment(3)?, file: row.opt_int(4)? })
    })
}

/// How many documents of a party are read at a time, from the last one back.
const PAGE: usize = if cfg!(test) { 1 } else { 200 };

/// What came to a party since a moment, or ever, oldest first: from the last one back, page by page by key, since moments rise with the
/// numbers. `sql` gives what is numbered below $2, the last first, of the party $1; `read` number and moment with it.
fn newest<T>(
    tx: &mut View<'_>,
    sql: &str,
    of: &Party,
    since: Option<Timestamp>,
    read: impl Fn(&Row<'_>) -> Result<(i64, Timestamp, T), StoreError>,
) -> Result<Vec<T>, StoreError> {
    let (sql, mut before, mut found) = (format!("{sql} LIMIT {PAGE}"), i64::MAX, Vec::new());
    loop {
        let page = tx.query(&sql, &[party(of), Value::Int(before)], &read)?;
        let mut goes_on = page.len() == PAGE;
        for (id, at, one) in page {
            if since.is_some_and(|since| at < since) {
                goes_on = false;
                break;
            }
            before = id;
            found.push(one);
        }
        if !goes_on {
            found.reverse();
            return Ok(found);
        }
    }
}

/// The files issued to a party since a moment, or ever, oldest first, as far as the scope may see them.
///
/// # Errors
/// If the database fails.
pub fn to_party(tx: &mut View<'_>, of: &Party, since: Option<Timestamp>) -> Result<Vec<Issued>, StoreError> {
    let sql = "SELECT id, party, name, at, file FROM issued WHERE party = $1 AND id < $2 ORDER BY id DESC";
    newest(tx, sql, of, since, |row| {
        let (id, party, name, at) = (row.int(0)?, row.parsed(1)?, row.text(2)?.to_owned(), row.moment(3)?);
        Ok((id, at, Issued { id, party, name, at, file: row.opt_int(4)? }))
    })
}

/// The files that answer a received file, oldest first, as far as the scope may see them.
///
/// # Errors
/// If the database fails.
pub fn answering(tx: &mut View<'_>, file: i64) -> Result<Vec<Issued>, StoreError> {
    let sql = "SELECT id, party, name, at, file FROM issued WHERE file = $1 ORDER BY id";
    tx.query(sql, &[Value::Int(file)], |row| {
        let (id, party, name) = (row.int(0)?, row.parsed(1)?, row.text(2)?.to_owned());
        Ok(Issued { id, party, name, at: row.moment(3)?, file: row.opt_int(4)? })
    })
}

/// The last version of the files with a name that were issued to a party: the one without a version is the first. 0 if there is
/// none.
///
/// # Errors
/// If the database fails.
pub fn last_version(tx: &mut View<'_>, of: &Party, name: &str) -> Result<u64, StoreError> {
    let (from, end) = (format!("{name}."), format!("{name}_v\u{10FFFF}"));
    let sql = "SELECT name FROM issued WHERE party = $1 AND name >= $2 AND name < $3";
    let names = tx.query(sql, &[party(of), text(&from), text(&end)], |row| Ok(row.text(0)?.to_owned()))?;
    let version = |issued: &String| {
        let rest = issued.strip_prefix(name)?;
        let number = rest.strip_prefix("_v").and_then(|number| number.split('.').next()?.parse().ok());
        number.or(rest.starts_with('.').then_some(1))
    };
    Ok(names.iter().filter_map(version).max().unwrap_or(0))
}

/// The name of the last file issued to a party whose name begins so and has a word in it, without its extension.
///
/// # Errors
/// If the database fails.
pub fn last_of(tx: &mut View<'_>, to: &Party, (prefix, word): (&str, &str)) -> Result<Option<String>, StoreError> {
    let end = format!("{prefix}\u{10FFFF}");
    let sql = "SELECT name FROM issued WHERE party = $1 AND name >= $2 AND name < $3 ORDER BY id DESC";
    let names = tx.query(sql, &[party(to), text(prefix), text(&end)], |row| Ok(row.text(0)?.to_owned()))?;
    let last = names.into_iter().find(|name| name.contains(word));
    Ok(last.map(|name| name.split('.').next().unwrap_or_default().to_owned()))
}

/// How many files of names that begin so were issued, to whomever: so programs of before counted versions.
///
/// # Errors
/// If the database fails.
pub fn of_prefix(tx: &mut View<'_>, prefix: &str) -> Result<u64, StoreError> {
    // Between the prefix and what comes after everything that begins with it: found in the index of the names.
    let end = format!("{prefix}\u{10FFFF}");
    let sql = "SELECT count(*) FROM issued WHERE name >= $1 AND name < $2";
    tx.query_one(sql, &[text(prefix), text(&end)], |row| row.count(0))
}

/// The content of an issued file, digested again; nothing if the scope may not see it.
///
/// # Errors
/// If the database fails; [`StoreError::Damaged`] if the content is not what was issued.
pub fn content(tx: &mut View<'_>, id: i64) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT name, size, bytes, digest FROM issued WHERE id = $1";
    tx.query_optional(sql, &[Value::Int(id)], |row| content_at(row, 1, row.text(0)?))
}

/// Something that a party is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// To whom.
    pub party: Party,
    /// When.
    pub at: Timestamp,
    /// Under which rule.
    pub rule: String,
    /// The installation that it is about.
    pub chf: Option<Eui64>,
    /// What, in words.
    pub words: String,
}

/// Tells parties something by an act.
///
/// # Errors
/// If the database fails.
pub fn tell(tx: &mut Tx<'_>, act: Option<i64>, notices: &[Notice]) -> Result<(), StoreError> {
    let first = next_id(tx, "SELECT max(id) FROM notice")?;
    let mut insert = tx.inserter("notice", &["id", "party", "at", "rule", "chf", "words", "act"])?;
    for (id, notice) in (first..).zip(notices) {
        let chf = opt(notice.chf, |chf| Value::Int(super::convert::eui_number(chf)));
        let Notice { party: whom, at, rule, words, .. } = notice;
        insert.row(&[Value::Int(id), party(whom), moment(*at), text(rule), chf, text(words), opt(act, Value::Act)])?;
    }
    insert.finish().map(drop)
}

/// What a party was told since a moment, or ever, oldest first, as far as the scope may see it.
///
/// # Errors
/// If the database fails.
pub fn notices_to(tx: &mut View<'_>, of: &Party, since: Option<Timestamp>) -> Result<Vec<Notice>, StoreError> {
    let sql = "SELECT party, at, rule, chf, words, id FROM notice WHERE party = $1 AND id < $2 ORDER BY id DESC";
    newest(tx, sql, of, since, |row| Ok((row.int(5)?, row.moment(1)?, notice(row)?)))
}

/// What parties were told, oldest first, as far as the scope may see it.
///
/// # Errors
/// If the database fails.
pub fn notices(tx: &mut View<'_>) -> Result<Vec<Notice>, StoreError> {
    told(tx, "SELECT party, at, rule, chf, words FROM notice ORDER BY id", &[])
}

/// What parties were told about an installation, oldest first, as far as the scope may see it.
///
/// # Errors
/// If the database fails.
pub fn notices_about(tx: &mut View<'_>, chf: Eui64) -> Result<Vec<Notice>, StoreError> {
    let sql = "SELECT party, at, rule, chf, words FROM notice WHERE chf = $1 ORDER BY id";
    told(tx, sql, &[Value::Int(super::convert::eui_number(chf))])
}

/// What parties were told of installations under a rule, oldest first, as far as the scope may see it.
///
/// # Errors
/// If the database fails.
pub fn notices_under(tx: &mut View<'_>, rule: &str) -> Result<Vec<Notice>, StoreError> {
    let sql = "SELECT party, at, rule, chf, words FROM notice WHERE rule = $1 AND chf IS NOT NULL ORDER BY id";
    told(tx, sql, &[text(rule)])
}

/// What parties were told by an act under a rule, oldest first, as far as the scope may see it; by what an earlier program did at
/// that moment, where it is not known by which act.
///
/// # Errors
/// If the database fails.
pub fn notices_by(tx: &mut View<'_>, act: Option<i64>, at: Timestamp, rule: &str) -> Result<Vec<Notice>, StoreError> {
    let sql = "SELECT party, at, rule, chf, words FROM notice \
               WHERE at = $1 AND rule = $2 AND (act = $3 OR act IS NULL AND $3 IS NULL) ORDER BY id";
    told(tx, sql, &[moment(at), text(rule), opt(act, Value::Int)])
}

fn told(tx: &mut View<'_>, sql: &str, values: &[Value<'_>]) -> Result<Vec<Notice>, StoreError> {
    tx.query(sql, values, notice)
}

fn notice(row: &Row<'_>) -> Result<Notice, StoreError> {
    let chf = row.opt_int(3)?.map(super::convert::eui_of);
    let (rule, words) = (row.text(2)?.to_owned(), row.text(4)?.to_owned());
    Ok(Notice { party: row.parsed(0)?, at: row.moment(1)?, rule, chf, words })
}

#[cfg(test)]
#[path = "issued_tests.rs"]
mod tests;
