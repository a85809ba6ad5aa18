//! Replay: in a copy of the database everything that is derived is deleted, made anew from received files and recorded
//! acts, and compared. What is compared was not there while it was made again.

use crate::act::actor::Actor;
use crate::act::work::{Act, Recorded, Work, leaf, outcome_digest, salted};
use crate::books::rulebooks::Books;
use crate::dispatch::kinds::{Visit, of_kind};
use crate::error::{Result, ServiceError};
use sluice_store::schema::{DERIVED, SECRET};
use sluice_store::tables::record::{self, Digest, Entry};
use sluice_store::{Scope, Store, Url};

/// What a replay found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// Acts that were done again.
    pub acts: i64,
    /// Derived tables that were compared.
    pub tables: usize,
    /// Rows in them.
    pub rows: u64,
    /// The first difference, in words; nothing if there is none.
    pub difference: Option<String>,
}

/// Acts that are loaded at a time.
const BATCH: i64 = 1_000;

/// Copies a database to `target`, replays it there, compares, and takes the copy away.
///
/// # Errors
/// If the database fails; a difference is no error.
pub fn replay(store: &mut Store, books: &Books, target: &Url) -> Result<Replayed> {
    let wanted = digests(store)?;
    let mut copy = store.copy_to(target)?;
    let outcome = forget_secrets(&mut copy).and_then(|()| replay_in(&mut copy, books, &wanted));
    copy.remove()?;
    outcome
}

/// ACC-1: secrets are in no copy, and not in what it has freed.
fn forget_secrets(copy: &mut Store) -> Result<()> {
    Ok(copy.forget(SECRET)?)
}

/// A derived table: its digest and its rows.
type Tables = Vec<(&'static str, String, u64)>;

fn digests(store: &mut Store) -> Result<Tables> {
    let mut tx = store.read(Scope::Dcc)?;
    let mut tables = Vec::new();
    for (table, order) in DERIVED {
        let digest = tx.digest_table(table, order)?;
        let rows = tx.query_one(&format!("SELECT count(*) FROM {table}"), &[], |row| row.unsigned(0))?;
        tables.push((*table, digest, rows));
    }
    Ok(tables)
}

fn replay_in(copy: &mut Store, books: &Books, wanted: &Tables) -> Result<Replayed> {
    let mut replayed = Replayed { acts: 0, tables: wanted.len(), rows: 0, difference: None };
    let mut tx = copy.begin(Scope::Dcc)?;
    for (table, _) in DERIVED {
        tx.execute(&format!("DELETE FROM {table}"), &[])?;
    }
    tx.commit()?;
    loop {
        let acts = record::acts_after(&mut copy.read(Scope::Dcc)?, replayed.acts, BATCH)?;
        for act in &acts {
            if act.row.seq != replayed.acts + 1 {
                replayed.difference = Some(format!("act {} is missing from the record", replayed.acts + 1));
                return Ok(replayed);
            }
            if let Some(difference) = again(copy, books, act)? {
                replayed.difference = Some(format!("act {} ({}): {difference}", act.row.seq, act.row.kind));
                return Ok(replayed);
            }
            replayed.acts += 1;
        }
        if acts.is_empty() {
            break;
        }
    }
    for ((table, wanted, rows), (_, found, _)) in wanted.iter().zip(digests(copy)?) {
        replayed.rows += rows;
        if *wanted != found && replayed.difference.is_none() {
            replayed.difference = Some(format!("table {table} is not the same"));
        }
    }
    Ok(replayed)
}

/// Does a recorded act again; says what differs.
fn again(store: &mut Store, books: &Books, act: &Entry) -> Result<Option<String>> {
    if salted(&act.salt, &act.detail) != act.row.detail_digest || leaf(&act.row) != act.row.leaf {
        return Ok(Some("its record was changed afterwards".to_owned()));
    }
    let done = match of_kind(&act.row.kind, Again { store, books, act }) {
        Ok(digest) => digest,
        Err(ServiceError::Store(error)) => return Err(error.into()),
        Err(error) => return Ok(Some(format!("it can no longer be done: {error}"))),
    };
    Ok((done != act.row.outcome_digest).then(|| "something else comes of it".to_owned()))
}

/// One act that is to be done again.
struct Again<'a> {
    store: &'a mut Store,
    books: &'a Books,
    act: &'a Entry,
}

impl Visit for Again<'_> {
    type Out = Digest;

    fn visit<A: Act>(self) -> Result<Digest> {
        once::<A>(self.store, self.books, self.act)
    }
}

fn once<U: Act>(store: &mut Store, books: &Books, act: &Entry) -> Result<Digest> {
    let recorded: Recorded<U> = serde_json::from_str(&act.detail).map_err(ServiceError::defect)?;
    let by: Actor = recorded.by;
    let tx = store.begin(Scope::Dcc)?;
    let mut work = Work { tx, books, now: act.row.at, by, rulebook: String::new(), only_shown: false, proposed: false };
    let answer = recorded.act.run(&mut work)?;
    work.tx.commit()?;
    outcome_digest(&act.salt, &answer)
}
