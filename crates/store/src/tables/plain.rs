//! Installations of which nothing is known but their line of the inventory, and the others: most of a large inventory is plain, and what
//! is asked of all of it is asked once of those that are alike.

use super::convert::{eui_of, s1sp};
use super::installations::{StoredInstallation, each_where};
use super::parties::Dictionary;
use crate::error::StoreError;
use crate::value::Value;
use crate::view::View;
use sluice_rules::party::{Eui64, S1sp};

/// Neither migrated nor, at the S1SP, authorised. The S1SP of a row is an expression, so that rows are looked up by their installation
/// and not all rows of the S1SP are read for each (SQLite chose the index of days).
macro_rules! open {
    () => {
        concat!(
            "i.s1sp = $1 AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.chf = i.chf AND a.migrated IS NOT NULL) \
             AND NOT EXISTS (SELECT 1 FROM authorisation a WHERE a.chf = i.chf AND a.s1sp || '' = $2 AND a.state IN ",
            live!(),
            ")"
        )
    };
}

/// Hands over each installation of an S1SP that is neither migrated nor authorised there, and of which there is nothing else: no attempt,
/// exclusion, hold or registration. In no order.
///
/// # Errors
/// If the database fails.
pub fn each(
    tx: &mut View<'_>,
    dictionary: &Dictionary,
    of: &S1sp,
    on: impl FnMut(StoredInstallation),
) -> Result<(), StoreError> {
    let Some(number) = dictionary.s1sp_numbers.get(of) else { return Ok(()) };
    let plain = concat!(
        open!(),
        " AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.chf = i.chf) \
         AND NOT EXISTS (SELECT 1 FROM exclusion x WHERE x.chf = i.chf) \
         AND NOT EXISTS (SELECT 1 FROM hold h WHERE h.chf = i.chf) \
         AND NOT EXISTS (SELECT 1 FROM registration r WHERE r.point = i.mpan) \
         AND NOT EXISTS (SELECT 1 FROM registration r WHERE r.point = i.mprn)"
    );
    each_where(tx, dictionary, plain, &[Value::Int(*number), s1sp(of)], on)
}

/// The others of them, of which there is something: they are looked for by that. In order.
///
/// # Errors
/// If the database fails.
pub fn others(tx: &mut View<'_>, dictionary: &Dictionary, of: &S1sp) -> Result<Vec<Eui64>, StoreError> {
    let Some(number) = dictionary.s1sp_numbers.get(of) else { return Ok(Vec::new()) };
    let sql = concat!(
        "SELECT i.chf FROM installation i WHERE i.chf IN (SELECT chf FROM attempt WHERE migrated IS NULL \
         UNION SELECT chf FROM exclusion UNION SELECT chf FROM hold) AND ",
        open!(),
        " UNION SELECT i.chf FROM registration r JOIN installation i ON i.mpan = r.point WHERE ",
        open!(),
        " UNION SELECT i.chf FROM registration r JOIN installation i ON i.mprn = r.point WHERE ",
        open!(),
        " ORDER BY 1"
    );
    tx.query(sql, &[Value::Int(*number), s1sp(of)], |row| Ok(eui_of(row.int(0)?)))
}
