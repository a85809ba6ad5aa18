//! One act: one transaction with its audit row.

use crate::act::actor::Actor;
use crate::books::rulebooks::Books;
use crate::error::{Result, ServiceError};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sluice_store::tables::record::{self, AuditRow, Digest, Packed};
use sluice_store::{Store, Tx, View};
use std::ops::DerefMut;

/// What an act works with; as [`Look`], what a reading does.
pub struct Work<'a, T = Tx<'a>> {
    /// The transaction, or the view of who reads.
    pub tx: T,
    /// The rulebooks and the calendar.
    pub books: &'a Books,
    /// The moment of the act.
    pub now: Timestamp,
    /// Who acts.
    pub by: Actor,
    /// The rulebook under which something was decided; empty where none decides.
    pub rulebook: String,
    /// Is only shown what would come of it? Then nothing is kept, and no second operator is needed.
    pub only_shown: bool,
}

/// What a reading works with: it sees what its scope may see, and can write nothing.
pub type Look<'a> = Work<'a, Box<View<'a>>>;

/// What can be read in, by acts and by readings alike.
pub trait Reads<'a>: DerefMut<Target = View<'a>> {}

impl<'a, T: DerefMut<Target = View<'a>>> Reads<'a> for T {}

/// An act that can be asked for, recorded and done again.
pub trait Act: Serialize + DeserializeOwned {
    /// Its word in the audit log.
    const KIND: &'static str;
    /// What comes of it; its digest is recorded.
    type Answer: Serialize;

    /// May this actor do it?
    ///
    /// # Errors
    /// If not.
    fn authorise(&self, by: &Actor) -> Result<()>;

    /// Loads, decides and saves.
    ///
    /// # Errors
    /// If it cannot be done; then nothing of it is kept.
    fn run(&self, work: &mut Work<'_>) -> Result<Self::Answer>;
}

/// An act as it is recorded.
#[derive(Debug, Serialize, Deserialize)]
pub struct Recorded<U> {
    /// Who.
    pub by: Actor,
    /// What, in full.
    pub act: U,
}

/// Does an act: begin, authorise, load and decide and save, audit, commit.
///
/// # Errors
/// If it cannot be done; then nothing of it is kept.
pub fn perform<U: Act>(
    store: &mut Store,
    books: &Books,
    now: Timestamp,
    by: &Actor,
    prepare: impl FnOnce(&mut Tx<'_>) -> Result<U>,
) -> Result<U::Answer> {
    let done = perform_if(store, books, now, by, |tx| prepare(tx).map(Some))?;
    done.ok_or_else(|| ServiceError::defect("an act was not done"))
}

/// Does an act, unless what is prepared says that there is nothing left to do: another process may have been first.
///
/// # Errors
/// If it cannot be done; then nothing of it is kept.
pub fn perform_if<U: Act>(
    store: &mut Store,
    books: &Books,
    now: Timestamp,
    by: &Actor,
    prepare: impl FnOnce(&mut Tx<'_>) -> Result<Option<U>>,
) -> Result<Option<U::Answer>> {
    let mut work = begin(store, books, now, by)?;
    let Some(act) = prepare(&mut work.tx)? else { return Ok(None) };
    act.authorise(by)?;
    let answer = act.run(&mut work)?;
    audit(&mut work, act, &answer)?;
    work.tx.commit()?;
    Ok(Some(answer))
}

/// What would come of an act: it is done in a transaction that is not kept.
///
/// # Errors
/// If it could not be done.
pub(crate) fn preview<U: Act>(
    store: &mut Store,
    books: &Books,
    now: Timestamp,
    by: &Actor,
    prepare: impl FnOnce(&mut Tx<'_>) -> Result<U>,
) -> Result<U::Answer> {
    let mut work = begin(store, books, now, by)?;
    work.only_shown = true;
    let act = prepare(&mut work.tx)?;
    act.authorise(by)?;
    act.run(&mut work)
}

/// Begins an act: a transaction, and its moment.
fn begin<'a>(store: &'a mut Store, books: &'a Books, now: Timestamp, by: &Actor) -> Result<Work<'a>> {
    let mut tx = store.decide()?;
    // Moments never go back, whatever the machine's clock does.
    let now = record::last_moment(&mut tx)?.map_or(now, |last| now.max(last));
    // What is kept of a moment is its milliseconds; a replay has no more.
    let now = Timestamp::from_millisecond(now.as_millisecond()).map_err(ServiceError::defect)?;
    Ok(Work { tx, books, now, by: by.clone(), rulebook: String::new(), only_shown: false })
}

/// Adds the audit row of an act: who, what, when, under which rulebook, with digests of its details and of what came of it.
fn audit<U: Act>(work: &mut Work<'_>, act: U, answer: &U::Answer) -> Result<()> {
    let detail = serde_json::to_string(&Recorded { by: work.by.clone(), act }).map_err(ServiceError::defect)?;
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(ServiceError::defect)?;
    let mut row = AuditRow {
        seq: record::next_seq(&mut work.tx)?,
        at: work.now,
        actor: format!("{} {}", work.by.role, work.by.name),
        kind: U::KIND.to_owned(),
        rulebook: work.rulebook.clone(),
        detail_digest: salted(&salt, &detail),
        outcome_digest: outcome_digest(&salt, answer)?,
        leaf: [0; 32],
    };
    row.leaf = leaf(&row);
    Ok(record::add_act(&mut work.tx, &row, &salt, &detail)?)
}

/// The digest of a text with its salt: without the salt, what was digested cannot be guessed and tried.
#[must_use]
pub fn salted(salt: &[u8], text: &str) -> Digest {
    Sha256::new().chain_update(salt).chain_update(text).finalize().into()
}

/// The salted digest of what came of an act. It can name installations, so it is salted like the details.
///
/// # Errors
/// If the answer cannot be written down.
pub fn outcome_digest<A: Serialize>(salt: &[u8], answer: &A) -> Result<Digest> {
    Ok(salted(salt, &serde_json::to_string(answer).map_err(ServiceError::defect)?))
}

/// The leaf of an audit row: SHA-256 over a zero byte, as RFC 6962 has it for leaves, and the row's fields, each with its
/// length before it, so that no two rows have the same bytes.
#[must_use]
pub fn leaf(row: &AuditRow) -> Digest {
    let mut hash = Sha256::new().chain_update([0]);
    let (seq, at) = (row.seq.to_be_bytes(), row.at.as_millisecond().to_be_bytes());
    let fields: [&[u8]; 7] = [
        &seq,
        &at,
        row.actor.as_bytes(),
        row.kind.as_bytes(),
        row.rulebook.as_bytes(),
        &row.detail_digest,
        &row.outcome_digest,
    ];
    for field in fields {
        let length = u64::try_from(field.len()).unwrap_or(u64::MAX);
        hash = hash.chain_update(length.to_be_bytes()).chain_update(field);
    }
    hash.finalize().into()
}

/// The SHA-256 of bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

/// Content from this size on is packed on two processors.
const LARGE: usize = 1 << 20;

/// The digest of content and what is kept of it. Large content is shared between two processors; a third of it takes as
/// long to pack as all of it to digest.
///
/// # Errors
/// If there is no memory for it.
pub fn digest_and_pack(content: &[u8]) -> Result<(Digest, Packed)> {
    if content.len() < LARGE {
        return Ok((sha256(content), Packed::of(content)?));
    }
    let (first, second) = content.split_at(content.len() / 3);
    std::thread::scope(|scope| {
        let second = scope.spawn(|| Packed::of(second));
        let (digest, first) = (sha256(content), Packed::of(first));
        let second = second.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok((digest, first?.followed_by(&second?)))
    })
}

/// A digest in hexadecimal.
#[must_use]
pub fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
