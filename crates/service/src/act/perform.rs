//! Acts are done: each in one transaction, kept or not, with what is found out before it.

use crate::act::actor::Actor;
use crate::act::again::in_one;
use crate::act::prepared::Prepared;
use crate::act::reading::{ReadFile, reading};
use crate::act::work::{Act, Work, audit, begin, begin_to_show, begun, is_done};
use crate::books::rulebooks::Books;
use crate::error::{Result, ServiceError};
use jiff::Timestamp;
use sluice_store::tables::stage;
use sluice_store::{Store, StoreError, Tx};
use std::borrow::Borrow;
use std::sync::Arc;

/// Does an act: begin, authorise, load and decide and save, audit, commit. What is prepared is prepared anew if the act is done
/// again, as after a lost connection.
///
/// # Errors
/// If it cannot be done; then nothing of it is kept.
pub fn perform<U: Act>(
    store: &mut Store,
    books: &Books,
    now: Timestamp,
    by: &Actor,
    mut prepare: impl FnMut(&mut Tx<'_>) -> Result<U>,
) -> Result<U::Answer> {
    let done = perform_if::<U, U>(store, books, now, by, |work| prepare(&mut work.tx).map(Some))?;
    done.ok_or_else(|| ServiceError::defect("an act was not done"))
}

/// Does an act, unless what is prepared says that there is nothing left to do: another process may have been first.
///
/// # Errors
/// If it cannot be done; then nothing of it is kept.
pub fn perform_if<U: Act, B: Borrow<U>>(
    store: &mut Store,
    books: &Books,
    now: Timestamp,
    by: &Actor,
    prepare: impl FnMut(&mut Work<'_>) -> Result<Option<B>>,
) -> Result<Option<U::Answer>> {
    perform_prepared::<U, B>(store, books, (now, by), None, prepare)
}

/// The same of an act of which something is found out before its transaction.
///
/// # Errors
/// As [`perform_if`], and what is found out.
pub(crate) fn perform_prepared<U: Act, B: Borrow<U>>(
    store: &mut Store,
    books: &Books,
    asked: (Timestamp, &Actor),
    before: Before<'_>,
    prepare: impl FnMut(&mut Work<'_>) -> Result<Option<B>>,
) -> Result<Option<U::Answer>> {
    perform_all::<U, B>(store, books, asked, (before, None), prepare)
}

/// The same of an act that a file may have been read for already.
///
/// # Errors
/// If it cannot be done; then nothing of it is kept.
pub(crate) fn perform_on<U: Act, B: Borrow<U>>(
    store: &mut Store,
    books: &Books,
    asked: (Timestamp, &Actor),
    read: Option<Arc<ReadFile>>,
    prepare: impl FnMut(&mut Work<'_>) -> Result<Option<B>>,
) -> Result<Option<U::Answer>> {
    perform_all::<U, B>(store, books, asked, (None, read), prepare)
}

fn perform_all<U: Act, B: Borrow<U>>(
    store: &mut Store,
    books: &Books,
    asked: (Timestamp, &Actor),
    (before, read): (Before<'_>, Option<Arc<ReadFile>>),
    mut prepare: impl FnMut(&mut Work<'_>) -> Result<Option<B>>,
) -> Result<Option<U::Answer>> {
    let by = asked.1;
    if !U::BY_ANY_CLOCK {
        store.must_have_the_time()?;
    }
    reading(store, books, read, |store, read| {
        in_act(store, books, asked, before, |mut work| {
            work.read.clone_from(&read);
            let Some(act) = prepare(&mut work)? else { return Ok((None, None)) };
            // What was read to prepare it decides nothing.
            work.rulebook.clear();
            let act = act.borrow();
            act.authorise(by)?;
            let answer = act.run(&mut work)?;
            #[cfg(any(test, feature = "faults"))]
            crate::act::fault::strike(U::KIND)?;
            is_done(&mut work, act)?;
            audit(&mut work, act, &answer)?;
            Ok((Some(work.tx), Some(answer)))
        })
    })
}

/// What finds something out before a transaction; nothing where there is nothing to be found out.
pub(crate) type Before<'f> = Option<&'f dyn Fn(&mut Work<'_>) -> Result<Option<Prepared>>>;

/// Finds out what takes long of an act, for who may do it.
///
/// # Errors
/// If they may not, or it cannot be done as everything stands.
pub(crate) fn found_before<U: Act>(act: &U, work: &mut Work<'_>) -> Result<Option<Prepared>> {
    act.authorise(&work.by)?;
    act.prepare(work)
}

/// How often something is found out before a transaction. If it has changed each time when that begins, it is found out within it.
const TRIES: usize = 3;

/// Does something in the transaction of an act, and keeps what it gives back. What is to be found out before is found out again if it
/// has changed when the transaction begins.
///
/// # Errors
/// What it says, and what is found out.
pub(crate) fn in_act<T>(
    store: &mut Store,
    books: &Books,
    asked: (Timestamp, &Actor),
    before: Before<'_>,
    act: impl for<'s> FnMut(Work<'s>) -> Result<(Option<Tx<'s>>, T)>,
) -> Result<T> {
    in_turn(store, books, asked, before, begin, act)
}

/// How often something that is only shown gives way to others.
const GIVES_WAY: usize = 20;

/// Does something in a transaction like that of an act, to show what would come of it. It is never kept, so it gives way to whoever waits
/// for its place, and is done again.
///
/// # Errors
/// What it says, and what is found out; [`StoreError::GaveWay`] if there was always somebody.
pub(crate) fn in_preview<T>(
    store: &mut Store,
    books: &Books,
    asked: (Timestamp, &Actor),
    before: Before<'_>,
    mut show: impl for<'s> FnMut(Work<'s>) -> Result<T>,
) -> Result<T> {
    for _ in 0..GIVES_WAY {
        match in_turn(store, books, asked, before, begin_to_show, |work| Ok((None, show(work)?))) {
            Err(ServiceError::Store(StoreError::GaveWay)) => {}
            done => return done,
        }
    }
    Err(StoreError::GaveWay.into())
}

/// How the transaction of an act begins, or one like it.
type Begin = for<'a> fn(&'a mut Store, &'a Books, Timestamp, &Actor) -> Result<Work<'a>>;

fn in_turn<T>(
    store: &mut Store,
    books: &Books,
    (now, by): (Timestamp, &Actor),
    before: Before<'_>,
    begin: Begin,
    mut act: impl for<'s> FnMut(Work<'s>) -> Result<(Option<Tx<'s>>, T)>,
) -> Result<T> {
    for tried in 0..=TRIES {
        let before = before.filter(|_| tried < TRIES);
        let done = in_one(store, books, |store, books, key| {
            let prepared = before.map(|before| find_out(store, books, (now, by), before)).transpose()?.flatten();
            let mut work = begin(store, books, now, by)?;
            if let Some(prepared) = &prepared
                && !prepared.holds(&mut work.tx)?
            {
                return Ok((None, None));
            }
            (work.key, work.prepared) = (Some(key), prepared);
            act(work).map(|(kept, answer)| (kept, Some(answer)))
        })?;
        if let Some(answer) = done {
            // It is as large as an inventory; what is left of it goes with the connection.
            if before.is_some() {
                drop(leave_stage(store));
            }
            return Ok(answer);
        }
    }
    Err(ServiceError::defect("an act was not done without what was found out before it"))
}

fn leave_stage(store: &mut Store) -> Result<()> {
    let mut tx = store.prepare()?;
    stage::clear(&mut tx)?;
    Ok(tx.commit()?)
}

/// Finds something out before a transaction, on what stands.
fn find_out(
    store: &mut Store,
    books: &Books,
    (now, by): (Timestamp, &Actor),
    before: &dyn Fn(&mut Work<'_>) -> Result<Option<Prepared>>,
) -> Result<Option<Prepared>> {
    let is_file = store.url().path().is_some();
    let mut work = begun(store.prepare()?, books, now, by)?;
    let prepared = before(&mut work)?;
    // What is on the stage stays. If that is lost with the connection, nothing of the record is.
    if prepared.is_some() {
        work.tx.commit().map_err(|error| error.known_lost(is_file))?;
    }
    Ok(prepared)
}

/// What would come of an act: it is done in a transaction that is not kept.
///
/// # Errors
/// If it could not be done.
pub(crate) fn preview<U: Act, B: Borrow<U>>(
    store: &mut Store,
    books: &Books,
    now: Timestamp,
    by: &Actor,
    prepare: impl Fn(&mut Tx<'_>) -> Result<B>,
) -> Result<U::Answer> {
    let before = |work: &mut Work<'_>| {
        work.only_shown = true;
        found_before::<U>(prepare(&mut work.tx)?.borrow(), work)
    };
    let before: Before<'_> = if U::PREPARES { Some(&before) } else { None };
    reading(store, books, None, |store, read| {
        in_preview(store, books, (now, by), before, |mut work| {
            (work.only_shown, work.read) = (true, read.clone());
            let act = prepare(&mut work.tx)?;
            let act = act.borrow();
            act.authorise(by)?;
            act.run(&mut work)
        })
    })
}
