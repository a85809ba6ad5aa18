//! Replay: in a copy of the database everything that is derived is deleted, made anew from received files and recorded
//! acts, and compared. What is compared was not there while it was made again.

use crate::act::actor::Actor;
use crate::act::work::{Act, Recorded, Work, leaf, outcome_digest, salted};
use crate::bars::acknowledge::{AcknowledgeStop, EscalateStop};
use crate::bars::exclusions::{DecideExclusion, LiftExclusion};
use crate::bars::holds::SetHold;
use crate::bars::stops::{ImposeStop, LiftStop};
use crate::books::rulebooks::Books;
use crate::days::cut::ChangeCapacity;
use crate::days::deferred::ExpireDeferred;
use crate::days::lock::LockDay;
use crate::days::outcomes::OutcomesDue;
use crate::days::signatures::{FlagUnsigned, Sign};
use crate::dispatch::judge::Judge;
use crate::dispatch::milestones::PassMilestone;
use crate::dormant::decide::DecideObjection;
use crate::dormant::notify::NotifyDormant;
use crate::dormant::plan::PlanDormant;
use crate::error::{Result, ServiceError};
use crate::events::adopt::Adopt;
use crate::events::event::{CancelEvent, DoEvent, RecordEvent};
use crate::files::receive::Receive;
use crate::imports::import::{Import, UndoImport};
use crate::people::accounts::{AddUser, DisableUser};
use crate::rows::waiting::RefuseWaiting;
use crate::weeks::demand::{Confirm, TakeRefused};
use crate::weeks::move_milestone::MoveMilestone;
use crate::weeks::questions::{AnswerQuery, Raise};
use crate::weeks::redistribute::{HandBack, Refill};
use crate::weeks::scale::{Publish, ScaleWeek};
use sluice_store::schema::DERIVED;
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
    let outcome = replay_in(&mut copy, books, &wanted);
    copy.remove()?;
    outcome
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
    let mut replayed = Replayed { acts: 0, tables: wanted.len(), rows: 0, difference: None };
    let mut tx = copy.decide()?;
    tx.empty_derived()?;
    tx.commit()?;
    loop {
        let acts = record::acts_after(&mut copy.view(Scope::Dcc)?, replayed.acts, BATCH)?;
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
    let done = match one(store, books, act) {
        Ok(digest) => digest,
        Err(ServiceError::Store(error)) => return Err(error.into()),
        Err(error) => return Ok(Some(format!("it can no longer be done: {error}"))),
    };
    Ok((done != act.row.outcome_digest).then(|| "something else comes of it".to_owned()))
}

/// Every kind of act.
macro_rules! kinds {
    ($store:expr, $books:expr, $act:expr, [$($kind:ty),* $(,)?]) => {
        match $act.row.kind.as_str() {
            $(<$kind>::KIND => once::<$kind>($store, $books, $act),)*
            other => Err(ServiceError::Use(format!("acts of kind '{other}' are not known to this program"))),
        }
    };
}

fn one(store: &mut Store, books: &Books, act: &Entry) -> Result<Digest> {
    kinds!(
        store,
        books,
        act,
        [
            AddUser,
            DisableUser,
            Import,
            UndoImport,
            Receive,
            Judge,
            Confirm,
            TakeRefused,
            PassMilestone,
            MoveMilestone,
            RefuseWaiting,
            ScaleWeek,
            Publish,
            Raise,
            AnswerQuery,
            HandBack,
            Refill,
            ChangeCapacity,
            LockDay,
            OutcomesDue,
            ExpireDeferred,
            SetHold,
            ImposeStop,
            LiftStop,
            AcknowledgeStop,
            EscalateStop,
            RecordEvent,
            DoEvent,
            CancelEvent,
            Adopt,
            Sign,
            FlagUnsigned,
            DecideExclusion,
            LiftExclusion,
            PlanDormant,
            NotifyDormant,
            DecideObjection,
        ]
    )
}

fn once<U: Act>(store: &mut Store, books: &Books, act: &Entry) -> Result<Digest> {
    let recorded: Recorded<U> = serde_json::from_str(&act.detail).map_err(ServiceError::defect)?;
    let by: Actor = recorded.by;
    let tx = store.decide()?;
    let mut work = Work { tx, books, now: act.row.at, by, rulebook: String::new(), only_shown: false };
    let answer = recorded.act.run(&mut work)?;
    work.tx.commit()?;
    outcome_digest(&act.salt, &answer)
}
