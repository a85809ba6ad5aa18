//! The service: one database, the rulebooks, a clock that is given, and the passwords that are only remembered.

mod accounts;
mod ahead;
mod arrive;
pub mod aside;
mod became;
pub mod by_two;
mod checking;
pub mod intake;
mod machine_clock;
mod opening;
mod readings;
pub mod receipts;
mod restored;
mod server;
mod taking;
mod unkept;

use crate::act::actor::Actor;
use crate::act::digests::{hexadecimal, sha256};
use crate::act::perform::{Before, found_before, perform_on, perform_prepared, preview};
use crate::act::prepared::Prepared;
use crate::act::reading::{Ahead, ReadFile};
use crate::act::work::{Act, Look, Work, by_the_record};
use crate::books::calendar::local_date;
use crate::books::rulebooks::Books;
use crate::books::terms::mam;
use crate::dispatch::aside::can_be_judged;
use crate::dispatch::judge::Judge;
use crate::error::{Result, ServiceError};
use crate::files::password::Passwords;
use crate::files::turns::Turns;
use crate::files::unsealed::{Unsealed, is_closed};
use crate::files::verdict::{Verdict, refused_before};
use crate::imports::import::{AtHand, Import, Imported};
use crate::read::reports;
use crate::read::reports::parts::Asked;
use crate::record::replay::{Replayed, replay};
use crate::record::tree::{Head, head};
use crate::record::verify::{Verified, verify};
use crate::rows::lost::counts_from;
use jiff::Timestamp;
use sluice_rules::file::FileStatus;
use sluice_rules::reference::ReferenceKind;
use sluice_rules::rulebook::Document;
use sluice_store::tables::files::FileRecord;
use sluice_store::tables::{authorisations, counts, files, issued, record};
use sluice_store::{Scope, Store, Tx, Url};
use sluice_wire::report::Report;
use std::sync::Arc;
use std::time::Instant;

pub use crate::files::handed::{Barrier, Channel, Content, Handed, HandedIn, Own, Wish};

/// The service on one database.
pub struct Service {
    pub(crate) store: Store,
    pub(crate) books: Books,
    passwords: Passwords,
    stuck: Vec<String>,
    restored: Vec<String>,
    /// CAL-3: whatever arrived before this moment is taken over.
    sealed: Timestamp,
    /// Whose files it checks, beside other processes.
    turns: Turns,
    /// Until when it goes on with what waits, where others wait for it.
    until: Option<Instant>,
}

impl Service {
    /// The service on a database whose schema is up to date.
    ///
    /// # Errors
    /// If the program's own data cannot be read.
    pub fn new(store: Store) -> Result<Self> {
        Ok(Self::with_books(store, Books::load()?))
    }

    /// The same with rulebooks that somebody tries out.
    #[must_use]
    pub fn with_books(store: Store, books: Books) -> Self {
        Self {
            store,
            books,
            passwords: Passwords::default(),
            stuck: Vec::new(),
            restored: Vec::new(),
            sealed: Timestamp::MIN,
            turns: Turns::default(),
            until: None,
        }
    }

    /// What could not be done the last time that what is due was done, each in words with the reason: files that could not be
    /// judged, and acts of the clock that failed. They are set aside, and not named again before they are tried again.
    #[must_use]
    pub fn stuck(&self) -> &[String] {
        &self.stuck
    }

    /// The rulebooks and the calendar.
    #[must_use]
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// The database, for what looks at all of it from outside: the checks of made-up programmes.
    #[cfg(feature = "inspect")]
    pub fn store(&mut self) -> &mut Store {
        &mut self.store
    }

    /// Does an act at a moment.
    ///
    /// # Errors
    /// If it cannot be done; then nothing of it is kept.
    pub fn act<U: Act>(&mut self, now: Timestamp, by: &Actor, act: U) -> Result<U::Answer> {
        self.admit::<U>(now, by)?;
        if U::AFTER_ARRIVALS {
            self.take_over_until(now)?;
        }
        let before = |work: &mut Work<'_>| found_before(&act, work);
        let before: Before<'_> = if U::PREPARES { Some(&before) } else { None };
        let (store, books) = (&mut self.store, &self.books);
        let done = perform_prepared::<U, _>(store, books, (now, by), before, |_| Ok(Some(&act)))?;
        done.ok_or_else(|| ServiceError::defect("an act was not done"))
    }

    /// Reads at a moment, or at that of the last act if the clock was set back, with what its reader may see.
    ///
    /// # Errors
    /// If the reader has shown no token (ACC-1), and what the reading says.
    pub fn look<T>(&mut self, now: Timestamp, by: &Actor, read: impl FnOnce(&mut Look<'_>) -> Result<T>) -> Result<T> {
        self.must_be_known(by)?;
        let scope = by.scope(&mut self.store.view(Scope::Dcc)?)?;
        self.read(scope, now, by, read)
    }

    /// Reads everything, for the program itself: what is due, and what is public or is narrowed before it is given away.
    ///
    /// # Errors
    /// What the reading says.
    pub(crate) fn look_at_all<T>(
        &mut self,
        now: Timestamp,
        read: impl FnOnce(&mut Look<'_>) -> Result<T>,
    ) -> Result<T> {
        self.read(Scope::Dcc, now, &Actor::clock(), read)
    }

    fn read<T>(
        &mut self,
        scope: Scope,
        now: Timestamp,
        by: &Actor,
        read: impl FnOnce(&mut Look<'_>) -> Result<T>,
    ) -> Result<T> {
        let now = by_the_record(&mut self.store.view(Scope::Dcc)?, now)?;
        let look = Look::of(Box::new(self.store.view(scope)?), &self.books, now, by);
        read(&mut Look { only_shown: true, sealed: self.sealed, ..look })
    }

    /// REP-1: makes a report as its reader may see it.
    ///
    /// # Errors
    /// If there is no such report, it is not for the reader, its days are wrong, or the database fails.
    pub fn report(&mut self, now: Timestamp, by: &Actor, name: &str, asked: &Asked) -> Result<Report> {
        self.must_be_known(by)?;
        let public = self.look_at_all(now, |work| reports::public(work, name, asked))?;
        self.look(now, by, |work| reports::report(work, name, asked, &public))
    }

    /// Where the database is.
    #[must_use]
    pub fn url(&self) -> &Url {
        self.store.url()
    }

    /// Verifies the record, with heads of it that were kept.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn verify(&mut self, heads: &[Head]) -> Result<Verified> {
        verify(&mut self.store, heads)
    }

    /// The running counts that are not what counting from scratch gives (REP-1). It reads all there is.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn wrong_counts(&mut self) -> Result<Vec<counts::Wrong>> {
        Ok(counts::wrong(&mut self.store.view(Scope::Dcc)?)?)
    }

    /// The head of the log, to be kept.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn head(&mut self) -> Result<Head> {
        head(&mut self.store)
    }

    /// Makes everything derived again from the record, in a copy at an address, and compares.
    ///
    /// # Errors
    /// If the copy cannot be made, or the database fails.
    pub fn replay(&mut self, copy: &Url) -> Result<Replayed> {
        replay(&mut self.store, &self.books, copy)
    }

    /// Does what milestones and waiting files ask for up to a moment. Gives how many acts that took. What fails by a fault of
    /// the program's is set aside, and keeps nothing else waiting.
    ///
    /// # Errors
    /// If the database itself fails.
    pub fn catch_up(&mut self, now: Timestamp) -> Result<usize> {
        let book = mam(&self.books, local_date(now)).unwrap_or_else(|_| self.books.first(Document::Mam));
        self.passwords.forget_old(now, book)?;
        self.stuck.clear();
        self.must_fit_the_intake(now)?;
        let done = self.do_all_due(now);
        drop(self.give_back());
        done
    }

    fn do_all_due(&mut self, now: Timestamp) -> Result<usize> {
        let done = self.try_what_is_aside(now)? + self.work_off(now, None)?;
        let done = done + self.take_over_aside(now)?;
        self.note_arrivals_aside()?;
        Ok(done)
    }

    /// What would come of an act, done in a transaction that is not kept.
    ///
    /// # Errors
    /// If it could not be done.
    pub fn preview<U: Act>(&mut self, now: Timestamp, by: &Actor, act: U) -> Result<U::Answer> {
        self.must_be_known(by)?;
        preview::<U, _>(&mut self.store, &self.books, now, by, |_| Ok(&act))
    }

    /// The first file whose receipt is durable and whose verdict is not there yet: somebody is about to judge it, or stopped before. Or
    /// one that waits for a password that is remembered: it may have been received by another process than that (MAM-10).
    fn undecided(&mut self) -> Result<Option<FileRecord>> {
        let mut view = self.store.view(Scope::Dcc)?;
        let received = files::of_status(&mut view, FileStatus::Received)?.into_iter().next();
        if received.is_some() || self.passwords.is_empty() {
            return Ok(received);
        }
        let waiting = files::of_status(&mut view, FileStatus::Waiting)?;
        Ok(waiting.into_iter().find(|file| self.passwords.came(file).is_some()))
    }

    /// Judges a received file. A protected one is opened if its password is remembered, else it waits. One that cannot be
    /// judged by a fault of the program's is set aside (FI24).
    ///
    /// # Errors
    /// If the database itself fails; the file stays received, and is judged by the next [`Service::catch_up`]. If the cut-off of
    /// a file that was set aside has passed.
    pub fn judge(&mut self, now: Timestamp, file: i64) -> Result<Verdict> {
        self.judge_ahead(now, file, Ok(None), false)
    }

    /// The same of a file that may have been read already, and whose sender may wait for it.
    fn judge_ahead(&mut self, now: Timestamp, file: i64, ahead: Ahead, awaited: bool) -> Result<Verdict> {
        match self.judge_or_set_aside(now, file, ahead, awaited)? {
            Ok(Some(verdict)) => Ok(verdict),
            _ => self.verdict(file),
        }
    }

    /// Judges a file, or sets it aside; then it gives the reason. No verdict if another process has judged it.
    fn judge_or_set_aside(
        &mut self,
        now: Timestamp,
        file: i64,
        ahead: Ahead,
        awaited: bool,
    ) -> Result<std::result::Result<Option<Verdict>, String>> {
        let (held, mut unsealed) = (self.turns.holds.len(), None);
        let judged = self.contained(|service| service.try_to_judge(now, file, ahead?, (awaited, &mut unsealed)));
        self.let_go_of_others(now, held);
        match judged {
            Ok(verdict) => Ok(Ok(verdict)),
            Err(error @ ServiceError::Rule { rule: "FI24", .. }) => Err(error),
            Err(error) => self.set_aside_file(now, file, error, unsealed).map(Err),
        }
    }

    /// Judges a file, unless another process has. It is opened and read, and what its password opens packed, while no transaction is
    /// open.
    fn try_to_judge(
        &mut self,
        now: Timestamp,
        file: i64,
        ahead: Option<Arc<ReadFile>>,
        (awaited, opened): (bool, &mut Option<Unsealed>),
    ) -> Result<Option<Verdict>> {
        let by = self.sender(file)?;
        // If it fails from here on, what was opened is not lost.
        *opened = self.try_open(now, file)?;
        let opened = opened.as_ref();
        let confirmed = self.is_confirmed(file)?;
        let read = self.read_to_judge(now, file, opened, ahead)?;
        let judged = perform_on::<Judge, Judge>(&mut self.store, &self.books, (now, &by), read, |work| {
            work.by_the_clock()?;
            let tx = &mut work.tx;
            let status = files::get(tx, file)?.map(|file| file.status);
            // Another process may have judged it since it was received.
            let open = match status {
                Some(FileStatus::Waiting) => opened.is_some(),
                status => status.is_some_and(can_be_judged),
            };
            if !open {
                return Ok(None);
            }
            opened.map_or(Ok(()), |opened| opened.keep(tx))?;
            let waited = status == Some(FileStatus::Waiting);
            let counts = |came, work: &mut Work<'_>| {
                let closed = waited && is_closed(work, file, came)?;
                counts_from(work, file, came, closed)
            };
            let password_at = opened.map(|opened| counts(opened.came, work)).transpose()?;
            let opening = opened.map(|opened| opened.opening.clone());
            Ok(Some(Judge { file, opening, password_at, confirmed, awaited }))
        })?;
        let served = opened.is_some();
        if served && let Some(file) = files::get(&mut self.store.view(Scope::Dcc)?, file)? {
            self.passwords.served(&file);
        }
        Ok(judged)
    }

    /// The verdict on a file that was judged before.
    fn verdict(&mut self, id: i64) -> Result<Verdict> {
        let mut tx = self.store.view(Scope::Dcc)?;
        let found = files::get(&mut tx, id)?;
        let file = found.ok_or_else(|| ServiceError::defect("a file to be judged is missing"))?;
        let findings = if file.codes.is_empty() { Vec::new() } else { vec![(file.codes, file.message)] };
        let rows = authorisations::summary(&mut tx, id)?;
        let mut verdict = Verdict { rows, ..Verdict::new(file.status, findings) };
        // MAM-11: what went to another party is no answer to the sender.
        let mut answers = issued::answering(&mut tx, id)?;
        answers.retain(|issued| issued.party == file.sender);
        if let Some(last) = answers.pop() {
            verdict.response_digest = hexadecimal(&sha256(&issued::content(&mut tx, last.id)?.unwrap_or_default()));
            verdict.response = Some(last.name);
        } else if verdict.findings.is_empty() {
            verdict.findings = refused_before(&mut tx, id)?;
        }
        Ok(verdict)
    }

    fn sender(&mut self, file: i64) -> Result<Actor> {
        let received = record::received(&mut self.store.view(Scope::Dcc)?, file)?;
        let party = received.sender.parse().map_err(ServiceError::defect)?;
        Ok(Actor::supplier(party))
    }

    /// Imports a table of reference data, or only shows what it would change.
    ///
    /// # Errors
    /// If its rows are wrong, or a second operator is missing; then nothing is kept.
    pub fn import(&mut self, now: Timestamp, by: &Actor, import: ImportFile<'_>) -> Result<Imported> {
        self.admit::<Import>(now, by)?;
        let now = Timestamp::from_millisecond(now.as_millisecond()).map_err(ServiceError::defect)?;
        let only_shown = import.only_shown;
        let import = AtDoor::of(import, now);
        let (store, books) = (&mut self.store, &self.books);
        if only_shown {
            return preview::<Import, Import>(store, books, now, by, |tx| import.act(tx));
        }
        let before = |work: &mut Work<'_>| import.prepare(work);
        let prepare = |work: &mut Work<'_>| import.act(&mut work.tx).map(Some);
        let done = perform_prepared::<Import, Import>(store, books, (now, by), Some(&before), prepare)?;
        done.ok_or_else(|| ServiceError::defect("an act was not done"))
    }
}

/// The import of a file that is at hand, made anew in each transaction that it is tried in.
struct AtDoor {
    kind: ReferenceKind,
    file: Arc<AtHand>,
    as_at: Timestamp,
    approve: Option<String>,
}

impl AtDoor {
    fn of(import: ImportFile<'_>, now: Timestamp) -> Self {
        let ImportFile { kind, name, bytes, as_at, approve, .. } = import;
        let file = Arc::new(AtHand::new(name.to_owned(), bytes));
        Self { kind, file, as_at: as_at.unwrap_or(now), approve: approve.map(str::to_owned) }
    }

    /// What it changes, found out before its transaction.
    fn prepare(&self, work: &mut Work<'_>) -> Result<Option<Prepared>> {
        found_before(&self.act(&mut work.tx)?, work)
    }

    fn act(&self, tx: &mut Tx<'_>) -> Result<Import> {
        let Self { kind, as_at, .. } = *self;
        let (received, at_hand) = (record::next_received(tx)?, Some(Arc::clone(&self.file)));
        Ok(Import { kind, received, as_at, approve: self.approve.clone(), with_earlier: true, at_hand })
    }
}

/// A table of reference data.
#[derive(Debug, Clone)]
pub struct ImportFile<'a> {
    /// What it is.
    pub kind: ReferenceKind,
    /// The file's name; its extension says what it is read as.
    pub name: &'a str,
    /// Its content.
    pub bytes: Vec<u8>,
    /// The moment that it describes; the moment of import where none is given (REF-1).
    pub as_at: Option<Timestamp>,
    /// The second operator.
    pub approve: Option<&'a str>,
    /// Is only the difference asked for?
    pub only_shown: bool,
}

#[cfg(test)]
#[path = "service/door_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "service/prepared_tests.rs"]
mod prepared_tests;

#[cfg(test)]
#[path = "service/prepared_acts_tests.rs"]
mod prepared_acts_tests;
