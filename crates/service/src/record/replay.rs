//! Replay: in a copy of the database everything that is derived is deleted, made anew from received files and recorded
//! acts, and compared. What is compared was not there while it was made again.

use crate::act::actor::Actor;
use crate::act::digests::{Subject, text_digest};
use crate::act::leaf::{ENGINE, leaf};
use crate::act::reading::reading;
use crate::act::work::{Act, Recorded, Second, Work, is_done, key, outcome_digest};
use crate::books::rulebooks::Books;
use crate::dispatch::again::{is_of_clock, of_clock};
use crate::dispatch::kinds::{Visit, of_kind};
use crate::dispatch::proposals::DecideProposal;
use crate::error::{Result, ServiceError};
use crate::files::receive::Receive;
use crate::rows::lost::DropPassword;
use crate::weeks::confirm::Confirm;
use serde::de::IgnoredAny;
use sluice_store::schema::{DERIVED, SECRET};
use sluice_store::tables::log::{self, AuditRow, Committed, Details, Format};
use sluice_store::tables::record::Digest;
use sluice_store::{Scope, Store, StoreError, Url};

/// What a replay found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// Acts that were done again.
    pub acts: i64,
    /// Derived tables that are the same.
    pub tables: usize,
    /// Rows in them.
    pub rows: u64,
    /// The first difference, in words; nothing if there is none.
    pub difference: Option<String>,
    /// Acts that can no longer be done again, since their details are erased: number and kind. What comes after may rest on
    /// them, so it is compared as far as it is the same, and what is not is no difference.
    pub erased: Vec<(i64, String)>,
    /// Where the replay ended, in words, since an act after an erased one can no longer be done as it was.
    pub ended: Option<String>,
    /// The derived tables that are not the same after acts that could not be done again: nothing is said of them.
    pub open: Vec<&'static str>,
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
    let mut replayed =
        Replayed { acts: 0, tables: 0, rows: 0, difference: None, erased, ended: None, open: Vec::new() };
    tx.empty_derived()?;
    tx.commit()?;
    replayed.difference = acts(copy, books, &mut replayed)?;
    if replayed.difference.is_some() {
        return Ok(replayed);
    }
    for ((table, wanted, rows), (_, found, _)) in wanted.iter().zip(digests(copy)?) {
        if *wanted == found {
            replayed.tables += 1;
            replayed.rows += rows;
        } else if replayed.erased.is_empty() {
            replayed.difference = replayed.difference.or_else(|| Some(format!("table {table} is not the same")));
        } else {
            replayed.open.push(table);
        }
    }
    Ok(replayed)
}

/// Does all acts again, but for those that are erased; says what differs.
fn acts(copy: &mut Store, books: &Books, replayed: &mut Replayed) -> Result<Option<String>> {
    let (mut after, mut seq) = (log::START, 0);
    loop {
        let acts = log::acts_after(&mut copy.view(Scope::Dcc)?, after, BATCH)?;
        for act in &acts {
            seq += 1;
            if act.row.seq != seq {
                return Ok(Some(format!("act {seq} is missing from the record")));
            }
            let named = |words| format!("act {seq} ({}): {words}", act.row.kind);
            let Some(details) = &act.details else { return Ok(Some(named("its details are missing".to_owned()))) };
            if details.erased_at.is_some() {
                continue;
            }
            if let Some(difference) = changed(&act.row, details) {
                return Ok(Some(named(difference)));
            }
            let Some(difference) = again(copy, books, &act.row, details)? else {
                replayed.acts += 1;
                continue;
            };
            if replayed.erased.first().is_none_or(|(first, _)| seq < *first) {
                return Ok(Some(named(difference)));
            }
            replayed.ended = Some(named(difference));
            return Ok(None);
        }
        let Some(last) = acts.last() else { return Ok(None) };
        after = last.row.seq;
    }
}

/// What was changed of an act since it was recorded, whatever comes of it.
fn changed(row: &AuditRow, details: &Details) -> Option<String> {
    let digest = text_digest(&row.format, &details.salt, Subject::Details, &details.text);
    (digest != row.detail_digest || leaf(row) != row.leaf).then(|| "its record was changed afterwards".to_owned())
}

/// Does a recorded act again; says what differs.
fn again(store: &mut Store, books: &Books, row: &AuditRow, details: &Details) -> Result<Option<String>> {
    if let Format::Committed(Committed { engine, program, .. }) = &row.format
        && !(1..=ENGINE).contains(engine)
    {
        return Ok(Some(format!(
            "it was decided by engine {engine} of program {program}, which this program does not have; replay with one that has"
        )));
    }
    let done = match of_kind(&row.kind, Again { store, books, row, details }) {
        Ok(digest) => digest,
        // What it writes no longer fits what stands there.
        Err(ServiceError::Store(error)) if !matches!(error, StoreError::Constraint { .. } | StoreError::Rows(_)) => {
            return Err(error.into());
        }
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

/// ACC-1, CAL-7: could who did an act do it then, and was it due? What was another for this act alone, and was put back, shows so.
/// Earlier programs allowed what this one does not.
fn could_be_done<A: Act>(work: &mut Work<'_>, recorded: &Recorded<A>) -> Result<()> {
    if work.engine < 7 {
        return Ok(());
    }
    recorded.act.authorise(&recorded.by)?;
    let seq = work.seq.unwrap_or_default();
    // ACC-2: an approval follows what it approves, which may take the right of who approved.
    let approves = A::KIND == DecideProposal::KIND && doer(work, seq - 1)?.is_some_and(|by| by.is_by_proposal());
    // What was handed in was admitted when it arrived, which may be long before it is taken over, and after a restore before its
    // sender is known again (CAL-7).
    let was_handed_in = [Receive::KIND, Confirm::KIND, DropPassword::KIND].contains(&A::KIND);
    if !approves && !was_handed_in {
        recorded.by.must_be_able(&mut work.tx, work.now)?;
    }
    if recorded.by.is_by_proposal()
        && let Some(second) = doer(work, seq + 1)?
    {
        second.must_be_able(&mut work.tx, work.now)?;
    }
    let (kind, details) = key(&recorded.act)?;
    if is_of_clock(kind) && !of_clock(kind, &details, work.now)?.is_due(work)? {
        return Err(ServiceError::rule("ACC-1", "it was not due then"));
    }
    Ok(())
}

/// Who did an act; nobody where there is none, or its details are erased.
fn doer(work: &mut Work<'_>, seq: i64) -> Result<Option<Actor>> {
    let found = log::acts_after(&mut work.tx, seq - 1, 1)?.into_iter().find(|act| act.row.seq == seq);
    let Some(details) = found.and_then(|act| act.details).filter(|details| details.erased_at.is_none()) else {
        return Ok(None);
    };
    let recorded: Recorded<IgnoredAny> = serde_json::from_str(&details.text).map_err(ServiceError::defect)?;
    Ok(Some(recorded.by))
}

fn once<A: Act>(Again { store, books, row, details }: Again<'_>) -> Result<Digest> {
    let recorded: Recorded<A> = serde_json::from_str(&details.text).map_err(ServiceError::defect)?;
    // Of acts from before, what they issued was not kept with their number, nor which rules decided: the first.
    let (seq, engine) = match &row.format {
        Format::Committed(committed) => (Some(row.seq), committed.engine),
        Format::Named(_) => (None, 1),
    };
    // As when it was done: what it judges is read before its transaction.
    let answer = reading(store, books, None, |store, read| {
        let work = Work::of(store.decide()?, books, row.at, &recorded.by);
        let mut work = Work { seq, engine, second: Second::Named, again: true, read, ..work };
        could_be_done(&mut work, &recorded)?;
        let answer = recorded.act.run(&mut work)?;
        is_done(&mut work, &recorded.act)?;
        work.tx.commit()?;
        Ok(answer)
    })?;
    outcome_digest(&row.format, &details.salt, &answer)
}
