//! What rows of files were answered that made no authorisation: those of outcome, hold and Dormant answer files, and of
//! authorisation files those that were refused, withdrew one or changed nothing.
//!
//! Of a large file most rows may be refused, and only the history of an installation and a file that is sent again ask for
//! them. So the rows of a file that have the same answer are one row here, with their numbers and installations packed behind
//! it: twelve bytes each, the row in four and the CHF Device ID in eight, big-endian, in the order of the file.

use super::convert::{count, eui_number, eui_of, text};
use super::record::{digest_of, must_fit};
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Tx;
use crate::value::Value;
use crate::view::View;
use sha2::{Digest as _, Sha256};
use sluice_rules::codes::RowCode;
use sluice_rules::party::Eui64;
use std::collections::{BTreeMap, BTreeSet};

/// The answer to a row that made no authorisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The row.
    pub row: u64,
    /// The installation that it names, if it could be read; 0 stands for none.
    pub chf: Eui64,
    /// TAKEN, REFUSED, WITHDRAWN or NO-CHANGE.
    pub verdict: &'a str,
    /// Its codes, separated by blanks.
    pub codes: &'a str,
}

/// How many bytes one row takes.
const EACH: usize = 12;

/// Adds the answers to rows of a file, in the order of the rows.
///
/// # Errors
/// If the file is answered already.
pub fn add<'a>(tx: &mut Tx<'_>, file: i64, answers: impl IntoIterator<Item = Answer<'a>>) -> Result<(), StoreError> {
    let mut packed: BTreeMap<(&str, &str), Vec<u8>> = BTreeMap::new();
    let mut named = Vec::new();
    for Answer { row, chf, verdict, codes } in answers {
        let row = u32::try_from(row).map_err(|_| StoreError::Type(format!("row {row} is beyond any file")))?;
        let bytes = packed.entry((verdict, codes)).or_default();
        bytes.extend(row.to_be_bytes());
        bytes.extend(chf.0.to_be_bytes());
        named.push((eui_number(chf), file));
    }
    note(tx, named)?;
    let sql = "INSERT INTO answer (file, verdict, codes, rows, packed, digest) VALUES ($1, $2, $3, $4, $5, $6)";
    for ((verdict, codes), bytes) in packed {
        let rows = u64::try_from(bytes.len() / EACH).unwrap_or(u64::MAX);
        let digest = Value::Bytes(Sha256::digest(&bytes).to_vec().into());
        let values = [Value::Int(file), text(verdict), text(codes), count(rows), Value::Bytes(bytes.into()), digest];
        tx.execute(sql, &values)?;
    }
    Ok(())
}

/// Notes in which files installations are named, so that what is said of one is found without unpacking all.
fn note(tx: &mut Tx<'_>, mut named: Vec<(i64, i64)>) -> Result<(), StoreError> {
    named.sort_unstable();
    named.dedup();
    let mut insert = tx.inserter("answered", &["chf", "file"])?;
    // 0 stands for none.
    for (chf, file) in named.into_iter().filter(|(chf, _)| *chf != 0) {
        insert.row(&[Value::Int(chf), Value::Int(file)])?;
    }
    insert.finish().map(drop)
}

/// Notes it for all files.
///
/// # Errors
/// If the database fails.
pub(crate) fn note_anew(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let mut named = Vec::new();
    each(tx, |file, answer| named.push((eui_number(answer.chf), file)))?;
    tx.execute("DELETE FROM answered", &[])?;
    note(tx, named)
}

/// The rows about an installation that made no authorisation: file, row, verdict and codes, oldest first.
///
/// # Errors
/// If the database fails.
pub fn about(tx: &mut View<'_>, chf: Eui64) -> Result<Vec<(i64, u64, String, String)>, StoreError> {
    let mut found = Vec::new();
    let sql = "SELECT file, verdict, codes, packed, digest FROM answer \
               WHERE file IN (SELECT n.file FROM answered n WHERE n.chf = $1)";
    tx.each(sql, &[Value::Int(eui_number(chf))], |row| {
        unpack(row, |file, answer| {
            if answer.chf == chf {
                found.push((file, answer.row, answer.verdict.to_owned(), answer.codes.to_owned()));
            }
        })
    })?;
    found.sort_unstable();
    Ok(found)
}

/// The first rows of a file that were refused, with their codes, in the order of the file.
///
/// # Errors
/// If the database fails.
pub fn refused(tx: &mut View<'_>, file: i64, first: usize) -> Result<Vec<(u64, String)>, StoreError> {
    let sql = "SELECT file, verdict, codes, packed, digest FROM answer WHERE file = $1 AND verdict = 'REFUSED'";
    let mut found = Vec::new();
    tx.each(sql, &[Value::Int(file)], |row| {
        // Those of the same codes come in the order of the file, and may be very many.
        let mut left = first;
        unpack(row, |_, answer| {
            if left > 0 {
                left -= 1;
                found.push((answer.row, answer.codes.to_owned()));
            }
        })
    })?;
    found.sort_unstable();
    found.truncate(first);
    Ok(found)
}

/// The installations about which an authorisation file said something that counts: those of the authorisations that it made, and of its
/// rows that withdrew one, also where there was none, or changed nothing.
///
/// # Errors
/// If the database fails.
pub fn said_about(tx: &mut View<'_>, file: i64) -> Result<BTreeSet<Eui64>, StoreError> {
    let sql = "SELECT chf FROM authorisation WHERE file = $1";
    let mut said: BTreeSet<Eui64> =
        tx.query(sql, &[Value::Int(file)], |row| Ok(eui_of(row.int(0)?)))?.into_iter().collect();
    let sql = "SELECT file, verdict, codes, packed, digest FROM answer WHERE file = $1";
    tx.each(sql, &[Value::Int(file)], |row| {
        unpack(row, |_, answer| {
            if answer.verdict != "REFUSED" || answer.codes == RowCode::MA118.code() {
                said.insert(answer.chf);
            }
        })
    })?;
    Ok(said)
}

/// Every answer, with its file.
///
/// # Errors
/// If the database fails.
pub fn each(tx: &mut View<'_>, mut on: impl FnMut(i64, Answer<'_>)) -> Result<(), StoreError> {
    tx.each("SELECT file, verdict, codes, packed, digest FROM answer", &[], |found| unpack(found, &mut on))
}

/// Looks at the packed rows of all answers: the first that is not as it was packed, in words. Those of files that an act of
/// format 2 took over have a digest, and others may.
///
/// # Errors
/// If the database fails.
pub fn check(tx: &mut View<'_>) -> Result<Option<String>, StoreError> {
    let sql = "SELECT a.file, a.verdict, a.codes, a.packed, a.digest, a.rows, i.received \
               FROM answer a LEFT JOIN (SELECT DISTINCT received FROM input) i ON i.received = a.file \
               ORDER BY a.file, a.verdict, a.codes";
    let mut bad = None;
    tx.each(sql, &[], |row| {
        let name = format!("the answer {} to rows of file {}", row.text(1)?, row.int(0)?);
        let whole = row.bytes(3)?.len() == EACH * usize::try_from(row.int(5)?).unwrap_or(usize::MAX / EACH);
        let found = match unpack(row, |_, _| ()) {
            Err(StoreError::Damaged(words) | StoreError::Type(words)) => Some(words),
            Ok(()) if row.opt_bytes(4)?.is_none() && row.opt_int(6)?.is_some() => {
                Some(format!("{name} has lost its digest"))
            }
            Ok(()) if !whole => Some(format!("{name} was changed: it has another number of rows")),
            other => other.map(|()| None)?,
        };
        bad = bad.take().or(found);
        Ok(())
    })?;
    Ok(bad)
}

fn unpack(found: &Row<'_>, mut on: impl FnMut(i64, Answer<'_>)) -> Result<(), StoreError> {
    let (file, verdict, codes) = (found.int(0)?, found.text(1)?, found.text(2)?);
    let packed = found.bytes(3)?;
    if let Some(digest) = found.opt_bytes(4)? {
        must_fit(packed, &digest_of(digest)?, || format!("the answer {verdict} to rows of file {file}"))?;
    }
    for row in packed.as_chunks::<EACH>().0 {
        let [r0, r1, r2, r3, chf @ ..] = *row;
        let row = u64::from(u32::from_be_bytes([r0, r1, r2, r3]));
        on(file, Answer { row, chf: Eui64(u64::from_be_bytes(chf)), verdict, codes });
    }
    Ok(())
}
