//! One act: one transaction with its audit row.

use crate::act::actor::Actor;
use crate::act::again::Key;
use crate::act::digests::{Subject, file_salt, input_digest, issued_digest, text_digest};
use crate::act::leaf::{ENGINE, PROGRAM, account_of, leaf};
use crate::act::prepared::{Prepared, last_act};
use crate::act::reading::ReadFile;
use crate::act::simulated::is_simulated;
use crate::basis::Basis;
use crate::books::calendar::{WeekCalendar, local_date};
use crate::books::rulebooks::Books;
use crate::books::terms::{MamTerms, mam};
use crate::error::{Result, ServiceError};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sluice_rules::rulebook::{Document, Rulebook};
use sluice_store::tables::aside;
use sluice_store::tables::log::{self, AuditRow, Committed, Format, Input};
use sluice_store::tables::{issued, record::Digest};
use sluice_store::{Store, Tx, View};
use std::any::Any;
use std::ops::DerefMut;
use std::sync::Arc;

/// Where the second signature of an act comes from (ACC-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Second {
    /// From whom the act names: on a simulated database, where everybody is who they say, of an act that was approved, and in a
    /// replay.
    Named,
    /// From nobody: one person acts, so what needs two is refused.
    Nobody,
    /// It is being found out whether the act needs one.
    Asked,
    /// It was found out that the act needs one, and there it ended.
    Needed,
    /// From whoever will approve what is proposed.
    ToCome,
}

/// What an act works with; as [`Look`], what a reading does.
pub struct Work<'a, T = Tx<'a>> {
    /// The transaction, or the view of who reads.
    pub tx: T,
    /// The rulebooks and the calendar.
    pub books: &'a Books,
    /// The number of the act; nothing while there is none, and in a replay of acts of which it was not kept with what they
    /// issued.
    pub seq: Option<i64>,
    /// The moment of the act.
    pub now: Timestamp,
    /// Who acts.
    pub by: Actor,
    /// The rulebook under which something was decided; empty where none decides. Noted where a rulebook is read.
    pub rulebook: String,
    /// The version of the rules that decides: the program's own, in a replay that of the act.
    pub engine: i64,
    /// Is only shown what would come of it? Then nothing is kept, and no second operator is needed.
    pub only_shown: bool,
    /// Where the signature of a second operator comes from (ACC-2).
    pub second: Second,
    /// Is a recorded act done again, for a replay?
    pub again: bool,
    /// By what the act is recognised that gets the next row in the log.
    pub key: Option<Key>,
    /// Boards that were opened and are not finished: what is changed on them is not kept yet.
    pub boards: u32,
    /// CAL-3: whatever arrived before this moment is taken over. No cut-off at or after it has passed.
    pub sealed: Timestamp,
    /// What was found out before the transaction, and holds in it.
    pub prepared: Option<Prepared>,
    /// The file that was read for it.
    pub read: Option<Arc<ReadFile>>,
}

/// What a reading works with: it sees what its scope may see, and can write nothing.
pub type Look<'a> = Work<'a, Box<View<'a>>>;

impl<'a, T> Work<'a, T> {
    /// With nothing but what there is for everything that is done: no number, nobody who signs, the rules of this program.
    pub(crate) fn of(tx: T, books: &'a Books, now: Timestamp, by: &Actor) -> Self {
        Self {
            tx,
            books,
            seq: None,
            now,
            by: by.clone(),
            rulebook: String::new(),
            engine: ENGINE,
            only_shown: false,
            second: Second::Nobody,
            again: false,
            key: None,
            boards: 0,
            sealed: now,
            prepared: None,
            read: None,
        }
    }

    /// RB-2: the terms of the MAM rulebook in effect; none where none is, since what needs none is done all the same.
    ///
    /// # Errors
    /// If a rulebook lacks one.
    pub fn mam_terms(&self) -> Result<MamTerms> {
        self.mam_terms_on(local_date(self.now))
    }

    /// The same on another date.
    ///
    /// # Errors
    /// As [`Work::mam_terms`].
    pub fn mam_terms_on(&self, date: Date) -> Result<MamTerms> {
        let effective = MamTerms::on(self.books, date);
        effective.or_else(|_| if self.engine > 2 { Ok(MamTerms::none()) } else { MamTerms::latest(self.books) })
    }

    /// The MAM rulebook in effect or, for what DCC does before there is one, the first on record.
    ///
    /// # Errors
    /// If a document has none.
    pub fn mam_rulebook(&self) -> Result<&'a Rulebook> {
        let (books, first) = (self.books, self.engine > 2);
        let before = || if first { Ok(books.first(Document::Mam)) } else { books.latest(Document::Mam) };
        mam(books, local_date(self.now)).or_else(|_| before())
    }

    /// The number of the act for rows that are told apart by it, since two acts may have one moment. Programs of before kept none.
    #[must_use]
    pub fn by_act(&self) -> Option<i64> {
        self.seq.filter(|_| self.engine > 3)
    }

    /// Is a recorded act done again, for a replay? What is refused since it was done is not refused to it.
    #[must_use]
    pub fn is_again(&self) -> bool {
        self.again
    }

    /// A file that was read by this, outside of the transaction.
    ///
    /// # Errors
    /// [`ServiceError::Unread`] if none was: who does the act reads it so, and does the act again.
    pub fn file(&self, basis: Basis) -> Result<Arc<ReadFile>> {
        let read = self.read.as_ref().filter(|read| read.is_by(&basis));
        read.cloned().ok_or_else(|| ServiceError::Unread(Box::new(basis)))
    }

    /// A reason, a question or an answer is for people, so it has at least one letter or digit.
    #[must_use]
    pub fn says_something(&self, text: &str) -> bool {
        self.is_again() || text.chars().any(char::is_alphanumeric)
    }

    /// A text that an act asks for must say something; `missing` says what is wanted.
    ///
    /// # Errors
    /// If it says nothing.
    pub fn must_say(&self, text: &str, rule: &'static str, missing: &str) -> Result<()> {
        if self.says_something(text) { Ok(()) } else { Err(ServiceError::rule(rule, missing)) }
    }
}

impl Work<'_> {
    /// CAL-3: the moment of the act is not before that of the clock as it is now, so that grace counts from when a verdict is given
    /// and not from when somebody began to wait for it. A clock that is given stays where it is.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) fn by_the_clock(&mut self) -> Result<()> {
        if !is_simulated(&mut self.tx)? {
            self.now = self.now.max(self.tx.clock()?);
        }
        Ok(())
    }

    /// Finds something out before the act that holds until there is a next one. The last one is asked for first, so that it is never later
    /// than what is found.
    ///
    /// # Errors
    /// What it says, or if the database fails.
    pub(crate) fn until_next_act<T: Any + Send + Sync>(
        &mut self,
        find: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<Option<Prepared>> {
        let after = last_act(&mut self.tx)?;
        Ok(Some(Prepared::UntilNextAct(after, Arc::new(find(self)?))))
    }

    /// What was found out so before the act, if it is of this kind.
    pub(crate) fn found<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.prepared.as_ref().and_then(Prepared::found)
    }
}

/// What can be read in, by acts and by readings alike.
pub trait Reads<'a>: DerefMut<Target = View<'a>> {}

impl<'a, T: DerefMut<Target = View<'a>>> Reads<'a> for T {}

impl<'a, T: Reads<'a>> Work<'a, T> {
    /// The deadlines of a week.
    ///
    /// # Errors
    /// As [`WeekCalendar::load`].
    pub fn week(&mut self, monday: Date) -> Result<WeekCalendar<'a>> {
        // RB-2: by what is known at the moment of the act.
        let known = (self.engine > 2).then(|| local_date(self.now));
        let calendar = WeekCalendar::load(&mut self.tx, self.books, monday, known)?;
        self.decided_under(&calendar.rulebook.id);
        Ok(calendar)
    }

    /// RB-2: notes the rulebook that an act reads. Its row in the log names the first that it read, unless the act itself says
    /// by which it decides.
    pub fn decided_under(&mut self, rulebook: &str) {
        if self.rulebook.is_empty() {
            rulebook.clone_into(&mut self.rulebook);
        }
    }
}

/// An act that can be asked for, recorded and done again.
pub trait Act: Serialize + DeserializeOwned {
    /// Its word in the audit log.
    const KIND: &'static str;
    /// What comes of it; its digest is recorded.
    type Answer: Serialize;
    /// May whoever holds a database do it without a token, while those who could sign for it are too few (ACC-1)?
    const BY_HOLDER: bool = false;
    /// Is it done though the clock of the machine was set (CAL-3)?
    const BY_ANY_CLOCK: bool = false;
    /// Does it depend on files, so that all that arrived before it must be taken over (CAL-3)?
    const AFTER_ARRIVALS: bool = false;

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

    /// Is there something about it that is found out before its transaction, since it takes long?
    const PREPARES: bool = false;

    /// Finds that out, in a transaction in which nothing but the stage can be written. What is not prepared is found out by the act
    /// itself, as in a replay.
    ///
    /// # Errors
    /// If it cannot be done as everything stands.
    fn prepare(&self, _: &mut Work<'_>) -> Result<Option<Prepared>> {
        Ok(None)
    }

    /// The files that it takes over; the log commits to them.
    fn inputs(&self) -> Vec<Input> {
        Vec::new()
    }
}

/// An act as it was recorded.
#[derive(Debug, Deserialize)]
pub struct Recorded<U> {
    /// Who.
    #[serde(deserialize_with = "crate::act::actor::recorded")]
    pub by: Actor,
    /// By which key it is recognised, in hexadecimal; acts of earlier programs have none.
    #[serde(default)]
    pub key: Option<String>,
    /// What, in full.
    pub act: U,
}

/// An act as it is recorded.
#[derive(Serialize)]
struct Recording<'a, U> {
    by: &'a Actor,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    act: &'a U,
}

/// Under what an act is set aside: its kind, and its details as they would be recorded.
///
/// # Errors
/// If they cannot be written down.
pub(crate) fn key<A: Act>(act: &A) -> Result<(&'static str, String)> {
    Ok((A::KIND, serde_json::to_string(act).map_err(ServiceError::defect)?))
}

/// What the clock has done is set aside no more.
///
/// # Errors
/// If the database fails.
pub(crate) fn is_done<A: Act>(work: &mut Work<'_>, act: &A) -> Result<()> {
    if work.by.is_clock() {
        let (kind, details) = key(act)?;
        aside::end(&mut work.tx, kind, &details)?;
    }
    Ok(())
}

/// A moment as the record has it: it never goes back, whatever the machine's clock does.
///
/// # Errors
/// If the database fails.
pub(crate) fn by_the_record(view: &mut View<'_>, now: Timestamp) -> Result<Timestamp> {
    Ok(not_before(log::last(view)?, now))
}

fn not_before(last: Option<(i64, Timestamp)>, now: Timestamp) -> Timestamp {
    last.map_or(now, |(_, last)| now.max(last))
}

/// Begins an act: a transaction, its number and its moment.
pub(crate) fn begin<'a>(store: &'a mut Store, books: &'a Books, now: Timestamp, by: &Actor) -> Result<Work<'a>> {
    begun(store.decide()?, books, now, by)
}

/// The same of what is only shown, and gives way to acts that wait.
pub(crate) fn begin_to_show<'a>(
    store: &'a mut Store,
    books: &'a Books,
    now: Timestamp,
    by: &Actor,
) -> Result<Work<'a>> {
    begun(store.try_out()?, books, now, by)
}

/// Begins in a transaction what looks like an act.
pub(crate) fn begun<'a>(mut tx: Tx<'a>, books: &'a Books, now: Timestamp, by: &Actor) -> Result<Work<'a>> {
    let last = log::last(&mut tx)?;
    // What is kept of a moment is its milliseconds; a replay has no more.
    let now = Timestamp::from_millisecond(not_before(last, now).as_millisecond()).map_err(ServiceError::defect)?;
    by.must_still_act(&mut tx, now)?;
    let seq = Some(last.map_or(0, |(seq, _)| seq) + 1);
    let second = if is_simulated(&mut tx)? { Second::Named } else { Second::Nobody };
    Ok(Work { seq, second, ..Work::of(tx, books, now, by) })
}

/// Adds the row of an act to the log: who, what, when, under which rulebook and by which program, with digests of its
/// details, of what it took over, of what came of it and of what it issued.
pub(crate) fn audit<U: Act>(work: &mut Work<'_>, act: &U, answer: &U::Answer) -> Result<()> {
    let seq = work.seq.ok_or_else(|| ServiceError::defect("an act has no number"))?;
    if work.boards > 0 {
        return Err(ServiceError::defect("an act has opened a board and not finished it"));
    }
    let inputs = act.inputs();
    let key = work.key.take();
    let recording = Recording { by: &work.by, key: key.map(|key| key.in_words()), act };
    let detail = serde_json::to_string(&recording).map_err(ServiceError::defect)?;
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(ServiceError::defect)?;
    let format = Format::Committed(committed(work, seq, &inputs, &salt)?);
    let mut row = AuditRow {
        seq,
        at: work.now,
        kind: U::KIND.to_owned(),
        rulebook: work.rulebook.clone(),
        detail_digest: text_digest(&format, &salt, Subject::Details, &detail),
        outcome_digest: outcome_digest(&format, &salt, answer)?,
        format,
        leaf: [0; 32],
    };
    row.leaf = leaf(&row);
    log::add(&mut work.tx, &row, &salt, &detail)?;
    if let Some(key) = key {
        log::add_key(&mut work.tx, key.bytes(), seq)?;
    }
    if let Some(request) = work.by.request() {
        request.keep(&mut work.tx, work.now, answer)?;
    }
    // A transaction may have two: what was proposed, and that it was approved (ACC-2).
    work.seq = Some(seq + 1);
    Ok(())
}

/// What the row of an act says of its account, its program and its files.
fn committed(work: &mut Work<'_>, seq: i64, inputs: &[Input], salt: &[u8]) -> Result<Committed> {
    let (account, salt) = (account_of(&mut work.tx, &work.by)?, file_salt(salt));
    log::add_inputs(&mut work.tx, seq, inputs)?;
    let taken = if inputs.is_empty() { Vec::new() } else { log::inputs(&mut work.tx, seq - 1, seq)? };
    let missing = |id| ServiceError::defect(format!("received file {id} is missing"));
    let input_digest = input_digest(&salt, taken.iter().map(|(_, taken)| taken)).map_err(missing)?;
    let issued = issued::issued_by(&mut work.tx, seq - 1, seq)?;
    let issued_digest = issued_digest(&salt, issued.iter());
    Ok(Committed { account, engine: work.engine, program: PROGRAM.to_owned(), input_digest, issued_digest })
}

/// The salted digest of what came of an act, in the format of its row. It can name installations, so it is salted like the
/// details.
///
/// # Errors
/// If the answer cannot be written down.
pub fn outcome_digest<A: Serialize>(format: &Format, salt: &[u8], answer: &A) -> Result<Digest> {
    let answer = serde_json::to_string(answer).map_err(ServiceError::defect)?;
    Ok(text_digest(format, salt, Subject::Outcome, &answer))
}
