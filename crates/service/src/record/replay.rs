//! Replay: in a copy of the database everything that is derived is deleted, made anew from received files and recorded
//! acts, and compared. What is compared was not there while it was made again.

use crate::act::actor::Actor;
use crate::act::digests::{Subject, text_digest};
use crate::act::leaf::{ENGINE, leaf};
use crate::act::work::{Act, Recorded, Second, Work, outcome_digest};
use crate::books::rulebooks::Books;
use crate::dispatch::kinds::{Visit, of_kind};
use crate::error::{Result, ServiceError};
use sluice_store::schema::{DERIVED, SECRET};
use sluice_store::tables::log::{self, AuditRow, Committed, Details, Entry, Format};
use sluice_store::tables::record::Digest;
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
    /// Acts that can no longer be done again, since their details are erased: number and kind. If there are any, the replay
    /// ends before the first, and no table is compared.
    pub erased: Vec<(i64, String)>,
}

/// Acts that are loaded at a time.
const BATCH: i64 = 1_000;

/// Copies a database to `target`, replays it there, compares, and takes the copy away.
///
/// # Errors
/// If the database fails; a difference is no error.
pub fn replay(store: &mut Store, books: &Books, target: &Url) -> Result<Replayed> {
    let mut copy = store.copy_to(target)?;
    let outcome = in_copy(&mut copy, books);
    copy.remove()?;
    outcome
}

/// What is compared is what the copy was made with: the original goes on meanwhile. ACC-1: secrets are in no copy, and not in
/// what it has freed.
fn in_copy(copy: &mut Store, books: &Books) -> Result<Replayed> {
    copy.forget(SECRET)?;
    let wanted = digests(copy)?;
    replay_in(copy, books, &wanted)
}

/// A derived table: its digest and its rows.
type Tables = Vec<(&'static str, String, u64)>;

fn digests(store: &mut Store) -> Result<Tables> {
    let mut tx = store.view(Scope::Dcc)?;
    let mut tables = Vec::new();
    for (table, order) in DERIVED {
        let digest = tx.digest_table(table, order)?;
        let rows = tx.count_rows(table)?;
        tables.push((*table, digest, rows));
    }
    Ok(tables)
}

fn replay_in(copy: &mut Store, books: &Books, wanted: &Tables) -> Result<Replayed> {
    let mut tx = copy.decide()?;
    let erased = log::erased(&mut tx)?;
    let mut replayed = Replayed { acts: 0, tables: wanted.len(), rows: 0, difference: None, erased };
    tx.empty_derived()?;
    tx.commit()?;
    loop {
        let acts = log::acts_after(&mut copy.view(Scope::Dcc)?, replayed.acts, BATCH)?;
        for act in &acts {
            if act.row.seq != replayed.acts + 1 {
                replayed.difference = Some(format!("act {} is missing from the record", replayed.acts + 1));
                return Ok(replayed);
            }
            if act.details.as_ref().is_some_and(|details| details.erased_at.is_some()) {
                return Ok(Replayed { tables: 0, ..replayed });
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
    let Entry { row, details } = act;
    let Some(details) = details else { return Ok(Some("its details are missing".to_owned())) };
    let digest = text_digest(&row.format, &details.salt, Subject::Details, &details.text);
    if digest != row.detail_digest || leaf(row) != row.leaf {
        return Ok(Some("its record was changed afterwards".to_owned()));
    }
    if let Format::Committed(Committed { engine, program, .. }) = &row.format
        && !(1..=ENGINE).contains(engine)
    {
        return Ok(Some(format!(
            "it was decided by engine {engine} of program {program}, which this program does not have; replay with one that has"
        )));
    }
    let done = match of_kind(&row.kind, Again { store, books, row, details }) {
        Ok(digest) => digest,
        Err(ServiceError::Store(error)) => return Err(error.into()),
        Err(error) => return Ok(Some(format!("it can no longer be done: {error}"))),
    };
    Ok((done != row.outcome_digest).then(|| "something else comes of it".to_owned()))
}

/// One act that is to be done again.
struct Again<'a> {
    store: &'a mut Store,
    books: &'a Books,
    row: &'a AuditRow,
    details: &'a Details,
}

impl Visit for Again<'_> {
    type Out = Digest;

    fn visit<A: Act>(self) -> Result<Digest> {
        once::<A>(self)
    }
}

fn once<A: Act>(Again { store, books, row, details }: Again<'_>) -> Result<Digest> {
    let recorded: Recorded<A> = serde_json::from_str(&details.text).map_err(ServiceError::defect)?;
    let by: Actor = recorded.by;
    let tx = store.decide()?;
    // Of acts from before, what they issued was not kept with their number, nor which rules decided: the first.
    let (seq, engine) = match &row.format {
        Format::Committed(committed) => (Some(row.seq), committed.engine),
        Format::Named(_) => (None, 1),
    };
    let rulebook = String::new();
    let (now, second) = (row.at, Second::Recorded);
    let mut work = Work { tx, books, seq, now, by, rulebook, engine, only_shown: false, second, boards: 0 };
    let answer = recorded.act.run(&mut work)?;
    work.tx.commit()?;
    outcome_digest(&row.format, &details.salt, &answer)
}
