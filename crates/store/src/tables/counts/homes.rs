//! Installations that are counted one by one: by their place, by what they wait for, and by their kind if they are open; and their exclusions.
//!
//! Whoever writes what decides on it says so before ([`leave`]): then the installation is taken out of the counts as it is, and put in
//! again as it is when the act commits. It costs what an act touches.

use super::{excluded, open, places, waits};
use crate::error::StoreError;
use crate::touched::Touched;
use crate::tx::Tx;
use crate::view::View;

/// Takes installations out of the counts before what decides on them is another; those that were taken out already stay so.
///
/// # Errors
/// If the database fails.
pub(crate) fn leave(tx: &mut Tx<'_>, chfs: impl IntoIterator<Item = i64>) -> Result<(), StoreError> {
    let mut touched = std::mem::take(&mut tx.touched);
    let mut keys: Vec<i64> = chfs.into_iter().filter(|chf| !touched.homes.contains(chf)).collect();
    keys.sort_unstable();
    keys.dedup();
    let found = count(tx, &mut touched, &keys, -1);
    touched.homes.extend(keys);
    tx.touched = touched;
    found
}

/// Puts in again what was taken out.
fn arrive(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let mut touched = std::mem::take(&mut tx.touched);
    let keys: Vec<i64> = std::mem::take(&mut touched.homes).into_iter().collect();
    let found = count(tx, &mut touched, &keys, 1);
    tx.touched = touched;
    found
}

/// Counts sorted installations as they are. What else is counted is looked for where what decides on the place says that it may be.
fn count(tx: &mut View<'_>, touched: &mut Touched, keys: &[i64], more: i64) -> Result<(), StoreError> {
    if keys.is_empty() {
        return Ok(());
    }
    let of = places::of(tx, keys, more, &mut touched.places)?;
    open::of(tx, &of.of_open, more, &mut touched.opens)?;
    excluded::of(tx, &of.of_exclusions, more, &mut touched.exclusions)?;
    waits::of_rows(tx, &of.of_rows, more, &mut touched.waits)?;
    waits::of_tries(tx, &of.of_tries, more, &mut touched.waits)
}

/// Takes out of the counts, or puts into them, the installations of the stage that differ from those that stand.
///
/// # Errors
/// If the database fails.
pub(crate) fn differing(tx: &mut Tx<'_>, more: i64) -> Result<(), StoreError> {
    arrive(tx)?;
    let mut touched = std::mem::take(&mut tx.touched);
    let found = places::differing(tx, more, &mut touched.places);
    let found = found.and_then(|()| waits::differing(tx, more, &mut touched.waits));
    let found = found.and_then(|()| open::differing(tx, more, &mut touched.opens));
    let found = found.and_then(|()| excluded::differing(tx, more, &mut touched.exclusions));
    tx.touched = touched;
    found
}

/// Keeps what has changed.
///
/// # Errors
/// If the database fails.
pub(super) fn settle(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    arrive(tx)?;
    places::settle(tx)?;
    waits::settle(tx)?;
    open::settle(tx)?;
    excluded::settle(tx)
}

/// Counts again when there is no inventory any more.
///
/// # Errors
/// If the database fails.
pub(crate) fn without_inventory(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.touched.homes.clear();
    places::forget(tx)?;
    open::forget(tx)?;
    excluded::forget(tx)?;
    waits::make_anew(tx)
}

/// Counts all installations from scratch and keeps that.
///
/// # Errors
/// If the database fails.
pub(crate) fn make_anew(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.touched.homes.clear();
    places::make_anew(tx)?;
    open::make_anew(tx)?;
    excluded::make_anew(tx)?;
    waits::make_anew(tx)
}
