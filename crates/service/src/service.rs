//! The service: one database, the rulebooks, a clock that is given, and the passwords that are only remembered.

mod accounts;
pub mod aside;
pub mod by_two;

use crate::act::actor::{Actor, registered};
use crate::act::contain::contained;
use crate::act::digests::{digest_and_pack, hexadecimal, sha256};
use crate::act::leaf::ENGINE;
use crate::act::work::{Act, Look, Second, by_the_record, perform, perform_if, preview};
use crate::books::calendar::local_date;
use crate::books::rulebooks::Books;
use crate::books::terms::mam;
use crate::dispatch::aside::can_be_judged;
use crate::dispatch::judge::Judge;
use crate::error::{Result, ServiceError};
use crate::files::ahead::ReadAhead;
use crate::files::password::{Opened, Passwords, key_of};
use crate::files::receive::{Receipt, Receive};
use crate::files::verdict::{Opening, Verdict, refused_before};
use crate::imports::import::{AtHand, Import, Imported};
use crate::read::reports;
use crate::read::reports::parts::Asked;
use crate::record::replay::{Replayed, replay};
use crate::record::tree::{Head, head};
use crate::record::verify::{Verified, verify};
use jiff::Timestamp;
use sluice_rules::file::{FileKind, FileStatus};
use sluice_rules::party::Party;
use sluice_rules::reference::ReferenceKind;
use sluice_rules::rulebook::Document;
use sluice_store::tables::{authorisations, files, issued, record};
use sluice_store::{Scope, Store, Tx, Url};
use sluice_wire::name::FileName;
use sluice_wire::report::Report;
use std::sync::Arc;

/// The service on one database.
pub struct Service {
    pub(crate) store: Store,
    pub(crate) books: Books,
    passwords: Passwords,
    stuck: Vec<String>,
}

/// A file that was handed in: its receipt, and its verdict if there is one already.
#[derive(Debug, Clone)]
pub struct HandedIn {
    /// The receipt.
    pub receipt: Receipt,
    /// The verdict; none for a repeat and for what was refused by its name.
    pub verdict: Option<Verdict>,
    /// The file that the verdict is on: for a password the one that it opened, else the file itself.
    pub judged: i64,
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
        Self { store, books, passwords: Passwords::default(), stuck: Vec::new() }
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
        let done = perform_if::<U, _>(&mut self.store, &self.books, now, by, |_| Ok(Some(&act)))?;
        done.ok_or_else(|| ServiceError::defect("an act was not done"))
    }

    /// Reads at a moment, with what its reader may see.
    ///
    /// # Errors
    /// If the reader has shown no token (ACC-1), and what the reading says.
    pub fn look<T>(&mut self, now: Timestamp, by: &Actor, read: impl FnOnce(&mut Look<'_>) -> Result<T>) -> Result<T> {
        self.must_be_known(by)?;
        let scope = {
            let mut view = self.store.view(Scope::Dcc)?;
            by.scope(&mut view)?
        };
        let tx = Box::new(self.store.view(scope)?);
        read(&mut Look {
            tx,
            seq: None,
            books: &self.books,
            now,
            by: by.clone(),
            rulebook: String::new(),
            engine: ENGINE,
            only_shown: true,
            second: Second::Nobody,
            key: None,
            boards: 0,
        })
    }

    /// REP-1: makes a report as its reader may see it.
    ///
    /// # Errors
    /// If there is no such report, it is not for the reader, its days are wrong, or the database fails.
    pub fn report(&mut self, now: Timestamp, by: &Actor, name: &str, asked: &Asked) -> Result<Report> {
        let public = self.look(now, &Actor::console(), |work| reports::public(work, name, asked))?;
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
        Ok(self.judge_waiting(now)? + self.try_what_is_aside(now)? + self.do_what_is_due(now)?)
    }

    /// What would come of an act, done in a transaction that is not kept.
    ///
    /// # Errors
    /// If it could not be done.
    pub fn preview<U: Act>(&mut self, now: Timestamp, by: &Actor, act: U) -> Result<U::Answer> {
        self.must_be_known(by)?;
        preview(&mut self.store, &self.books, now, by, |_| Ok(act))
    }

    /// Judges files whose receipt is durable and whose verdict is not there yet, as after a stop between the two.
    fn judge_waiting(&mut self, now: Timestamp) -> Result<usize> {
        let mut tx = self.store.view(Scope::Dcc)?;
        let received = files::of_status(&mut tx, FileStatus::Received)?;
        drop(tx);
        for file in &received {
            self.judge(now, file.id)?;
        }
        Ok(received.len())
    }

    /// Takes a file as somebody hands it in for a party: its receipt is durable when this returns. The verdict comes from
    /// [`Service::judge`].
    ///
    /// # Errors
    /// If the party is not registered, or the database fails; then nothing is kept and it can be handed in again.
    pub fn receive(&mut self, now: Timestamp, by: &Actor, name: &str, bytes: &[u8]) -> Result<Receipt> {
        self.admit::<Receive>(now, by)?;
        receive(&mut self.store, &self.books, now, by, name, bytes)
    }

    /// Takes a file and judges it.
    ///
    /// # Errors
    /// As [`Service::receive`].
    pub fn hand_in(&mut self, now: Timestamp, by: &Actor, name: &str, bytes: &[u8]) -> Result<HandedIn> {
        self.admit::<Receive>(now, by)?;
        let party = by.must_be_party("handing in a file")?;
        let (store, books) = (&mut self.store, &self.books);
        let (receipt, ahead) = std::thread::scope(|scope| {
            // Where reading it fails it is read once more to be judged, and fails there.
            let ahead = scope.spawn(|| contained(|| Ok(ReadAhead::of(books, now, name, bytes))).ok().flatten());
            let receipt = receive(store, books, now, by, name, bytes);
            (receipt, ahead.join().ok().flatten())
        });
        let receipt = receipt?;
        if receipt.repeat || !receipt.refused.is_empty() {
            return Ok(HandedIn { judged: receipt.id, receipt, verdict: None });
        }
        if let Ok((parsed, extension)) = FileName::parse(name)
            && parsed.kind == FileKind::Password
        {
            let (judged, verdict) = match self.password(now, party, &parsed, &extension, bytes)? {
                Some((file, verdict)) => (file.unwrap_or(receipt.id), Some(verdict)),
                None => (receipt.id, None),
            };
            return Ok(HandedIn { receipt, verdict, judged });
        }
        let verdict = Some(self.judge_ahead(now, receipt.id, ahead)?);
        Ok(HandedIn { judged: receipt.id, receipt, verdict })
    }

    /// Judges a received file. A protected one is opened if its password is remembered, else it waits. One that cannot be
    /// judged by a fault of the program's is set aside (FI24).
    ///
    /// # Errors
    /// If the database itself fails; the file stays received, and is judged by the next [`Service::catch_up`]. If the cut-off of
    /// a file that was set aside has passed.
    pub fn judge(&mut self, now: Timestamp, file: i64) -> Result<Verdict> {
        self.judge_ahead(now, file, None)
    }

    /// The same of a file that may have been read already.
    fn judge_ahead(&mut self, now: Timestamp, file: i64, ahead: Option<ReadAhead>) -> Result<Verdict> {
        match self.judge_or_set_aside(now, file, ahead)? {
            Ok(Some(verdict)) => Ok(verdict),
            _ => self.verdict(file),
        }
    }

    /// Judges a file, or sets it aside; then it gives the reason. No verdict if another process has judged it.
    fn judge_or_set_aside(
        &mut self,
        now: Timestamp,
        file: i64,
        ahead: Option<ReadAhead>,
    ) -> Result<std::result::Result<Option<Verdict>, String>> {
        match self.contained(|service| service.try_to_judge(now, file, ahead)) {
            Ok(verdict) => Ok(Ok(verdict)),
            Err(error @ ServiceError::Rule { rule: "FI24", .. }) => Err(error),
            Err(error) => self.set_aside_file(now, file, error).map(Err),
        }
    }

    /// Judges a file, unless another process has.
    fn try_to_judge(&mut self, now: Timestamp, file: i64, ahead: Option<ReadAhead>) -> Result<Option<Verdict>> {
        let by = self.sender(file)?;
        let opened = self.try_open(file)?;
        let served = opened.is_some();
        let ahead = ahead.map(Arc::new);
        let judged = perform_if::<Judge, Judge>(&mut self.store, &self.books, now, &by, |work| {
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
            Ok(Some(Judge { file, opening: keep_opened(tx, opened.as_ref())?, ahead: ahead.clone() }))
        })?;
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

    fn try_open(&mut self, file: i64) -> Result<Option<Opened>> {
        let mut tx = self.store.view(Scope::Dcc)?;
        self.passwords.open(&mut tx, &self.books, file)
    }

    /// MAM-10: a password came: the file that waits for it is opened and judged, or it is remembered for the file. Gives
    /// the file with its verdict; the verdict alone where the password itself cannot be read.
    fn password(
        &mut self,
        now: Timestamp,
        party: Party,
        name: &FileName,
        extension: &str,
        bytes: &[u8],
    ) -> Result<Option<(Option<i64>, Verdict)>> {
        let password = sluice_wire::read_password(extension, &mut std::io::Cursor::new(bytes));
        let password = match password {
            Ok(password) => password,
            Err(finding) => {
                let findings = vec![(finding.code.to_string(), finding.message)];
                return Ok(Some((None, Verdict::new(FileStatus::Refused, findings))));
            }
        };
        self.passwords.remember(key_of(party, name), password, now);
        let mut tx = self.store.view(Scope::Dcc)?;
        let waiting = files::of_status(&mut tx, FileStatus::Waiting)?;
        drop(tx);
        let same = |file: &&files::FileRecord| {
            let FileName { user_id, s1sp, date, time, .. } = *name;
            (file.sender, file.user_id, file.s1sp, file.date, file.time) == (party, user_id, s1sp, date, time)
        };
        let Some(file) = waiting.iter().find(same) else { return Ok(None) };
        Ok(Some((Some(file.id), self.judge(now, file.id)?)))
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
        let prepare = |tx: &mut Tx<'_>| import.act(tx);
        if !only_shown {
            return perform(&mut self.store, &self.books, now, by, prepare);
        }
        preview(&mut self.store, &self.books, now, by, prepare)
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

    fn act(&self, tx: &mut Tx<'_>) -> Result<Import> {
        let Self { kind, as_at, .. } = *self;
        let (received, at_hand) = (record::next_received(tx)?, Some(Arc::clone(&self.file)));
        Ok(Import { kind, received, as_at, approve: self.approve.clone(), with_earlier: true, at_hand })
    }
}

/// Keeps a file as it came, with its receipt.
fn receive(store: &mut Store, books: &Books, now: Timestamp, by: &Actor, name: &str, bytes: &[u8]) -> Result<Receipt> {
    let party = by.must_be_party("handing in a file")?;
    let is_password = FileName::parse(name).is_ok_and(|(name, _)| name.kind == FileKind::Password);
    perform(store, books, now, by, |tx| {
        registered(tx, party)?;
        // MAM-10: of a password file only name, time and sender are kept.
        let kept = if is_password { None } else { Some(digest_and_pack(bytes)?) };
        if let Some((digest, packed)) = &kept {
            record::keep(tx, digest, packed)?;
        }
        let digest = kept.map(|(digest, _)| digest);
        let now = by_the_record(tx, now)?;
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let size = if is_password { 0 } else { size };
        let id = record::add_received(tx, name, party.as_str(), now, digest.as_ref(), size)?;
        Ok(Receive { received: id })
    })
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

/// MAM-10: the opened member is kept with its own digest; a replay uses it.
fn keep_opened(tx: &mut Tx<'_>, opened: Option<&Opened>) -> Result<Option<Opening>> {
    Ok(match opened {
        None => None,
        Some(Err((code, message))) => Some(Opening::Failed { code: code.clone(), message: message.clone() }),
        Some(Ok((bytes, extension))) => {
            let (digest, packed) = digest_and_pack(bytes)?;
            record::keep(tx, &digest, &packed)?;
            Some(Opening::Opened { digest, extension: extension.clone() })
        }
    })
}

#[cfg(test)]
#[path = "service/door_tests.rs"]
mod tests;
