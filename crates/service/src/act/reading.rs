//! The content of a file is read before the act that judges it, outside of its transaction: it takes as long as a stranger makes it,
//! and keeps nobody waiting. The act says by what it wants it read, and takes nothing else.
//!
//! What is found out in the database is another thing (`act/prepared.rs`): it is found before the act asks for it, in a transaction of its
//! own, and is good only as long as what it was found out from stands.

use crate::act::contain::contained;
use crate::basis::Basis;
use crate::books::rulebooks::{Books, Settings};
use crate::error::{Result, ServiceError};
use sluice_rules::file::FileKind;
use sluice_rules::rulebook::Rulebook;
use sluice_store::tables::record;
use sluice_store::{Scope, Store};
use sluice_wire::FileFinding;
use sluice_wire::authorisation::{Authorisations, needs_password, read_authorisation};
use sluice_wire::demand::{DemandCommitment, read_demand};
use sluice_wire::dormant::{Answers, Reasons, read_answers};
use sluice_wire::hold::{Holds, read_holds};
use sluice_wire::limits::Limits;
use sluice_wire::outcome::{Outcomes, read_outcomes};
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a file says, or why it is refused whole.
pub type Understood<T, E = FileFinding> = std::result::Result<T, E>;

/// What the content of a file says.
enum Said {
    /// A Demand Commitment.
    Demand(Understood<DemandCommitment, Vec<FileFinding>>),
    /// Answers to a Dormant notice.
    Answers(Understood<Answers>),
    /// Holds.
    Holds(Understood<Holds>),
    /// Outcomes of a day.
    Outcomes(Understood<Outcomes>),
    /// Authorisations.
    Authorisations(Understood<Authorisations>),
    /// Nothing without a password (MAM-10).
    Closed,
}

/// A file that was read, and by what.
pub struct ReadFile {
    basis: Basis,
    said: Said,
}

impl ReadFile {
    /// Reads a file from its bytes, for so long and no longer where that is said. What a verdict says never depends on how long it
    /// took: there is none then.
    ///
    /// # Errors
    /// [`ServiceError::Budget`] if it takes longer; if files of its kind are not read, or its rulebook lacks something.
    pub fn of(books: &Books, basis: Basis, bytes: &[u8], patience: Option<Duration>) -> Result<Self> {
        let until = patience.and_then(|patience| Instant::now().checked_add(patience));
        let mut content = Timed { inner: Cursor::new(bytes), until };
        let said = said(books, &basis, &mut content)?;
        if content.is_over() {
            let seconds = patience.unwrap_or_default().as_secs();
            return Err(ServiceError::Budget(format!("its content could not be read in {seconds} s")));
        }
        Ok(Self { basis, said })
    }

    /// Reads a file from the record.
    ///
    /// # Errors
    /// As [`ReadFile::of`], and if the record does not have it.
    pub fn from_record(store: &mut Store, books: &Books, basis: Basis) -> Result<Self> {
        #[cfg(any(test, feature = "faults"))]
        crate::act::fault::meanwhile();
        let bytes = record::content(&mut store.view(Scope::Dcc)?, &basis.digest)?;
        Self::of(books, basis, &bytes, None)
    }

    /// Was it read by this?
    #[must_use]
    pub fn is_by(&self, basis: &Basis) -> bool {
        self.basis == *basis
    }

    /// What a Demand Commitment says.
    ///
    /// # Errors
    /// If it is of another kind.
    pub fn demand(&self) -> Result<&Understood<DemandCommitment, Vec<FileFinding>>> {
        if let Said::Demand(read) = &self.said { Ok(read) } else { Err(other()) }
    }

    /// What the answers to a Dormant notice say.
    ///
    /// # Errors
    /// If it is of another kind.
    pub fn answers(&self) -> Result<&Understood<Answers>> {
        if let Said::Answers(read) = &self.said { Ok(read) } else { Err(other()) }
    }

    /// What a file of holds says.
    ///
    /// # Errors
    /// If it is of another kind.
    pub fn holds(&self) -> Result<&Understood<Holds>> {
        if let Said::Holds(read) = &self.said { Ok(read) } else { Err(other()) }
    }

    /// What the outcomes of a day say.
    ///
    /// # Errors
    /// If it is of another kind.
    pub fn outcomes(&self) -> Result<&Understood<Outcomes>> {
        if let Said::Outcomes(read) = &self.said { Ok(read) } else { Err(other()) }
    }

    /// What an authorisation file says; nothing without its password (MAM-10).
    ///
    /// # Errors
    /// If it is of another kind.
    pub fn authorisations(&self) -> Result<Option<&Understood<Authorisations>>> {
        match &self.said {
            Said::Authorisations(read) => Ok(Some(read)),
            Said::Closed => Ok(None),
            _ => Err(other()),
        }
    }
}

fn other() -> ServiceError {
    ServiceError::defect("a file was read as one of another kind")
}

/// A file that was read before it is judged; nothing of one that is not read. What failed in reading it is why it is set aside.
pub type Ahead = Result<Option<Arc<ReadFile>>>;

/// How often a file is read again since who judges it wants it by something else than it was read by.
const AGAIN: usize = 3;

/// Does something that may want a file read: then it is read while no transaction is open, and it is done again.
///
/// # Errors
/// What it says.
pub(crate) fn reading<T>(
    store: &mut Store,
    books: &Books,
    mut read: Option<Arc<ReadFile>>,
    mut attempt: impl FnMut(&mut Store, Option<Arc<ReadFile>>) -> Result<T>,
) -> Result<T> {
    for _ in 0..AGAIN {
        match attempt(store, read.take()) {
            Err(ServiceError::Unread(basis)) => {
                let again = contained(|| ReadFile::from_record(store, books, *basis));
                read = Some(Arc::new(again?));
            }
            done => return done,
        }
    }
    attempt(store, read)
}

/// Content that is read until a moment; then it breaks off.
struct Timed<'b> {
    inner: Cursor<&'b [u8]>,
    until: Option<Instant>,
}

impl Timed<'_> {
    fn is_over(&self) -> bool {
        self.until.is_some_and(|until| until <= Instant::now())
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.is_over() { Err(std::io::Error::other("it takes too long")) } else { self.inner.read(buffer) }
    }
}

impl Seek for Timed<'_> {
    fn seek(&mut self, place: SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(place)
    }
}

fn said(books: &Books, basis: &Basis, content: &mut Timed<'_>) -> Result<Said> {
    let book = book(books, basis)?;
    let limits = Limits::of(book)?.of_engine(basis.engine);
    let extension = &*basis.extension;
    Ok(match basis.name.kind {
        FileKind::DemandCommitment => {
            Said::Demand(read_demand(basis.name, extension, content, &limits, book.number("demand_limit")?))
        }
        FileKind::DormantAnswer => {
            let (known, with_statement) = (book.list("objection_reasons")?, book.list("statement_reasons")?);
            let reasons = Reasons { known, with_statement, blank_is_none: basis.engine > 1 };
            Said::Answers(read_answers(extension, content, &limits, reasons))
        }
        FileKind::Hold => Said::Holds(read_holds(extension, content, &limits)),
        FileKind::Outcomes => Said::Outcomes(read_outcomes(extension, content, &limits)),
        FileKind::Authorisation => match needs_password(extension, content, &limits) {
            Ok(true) => Said::Closed,
            Ok(false) => Said::Authorisations(read_authorisation(extension, content, &limits, None)),
            Err(finding) => Said::Authorisations(Err(finding)),
        },
        other => return Err(ServiceError::defect(format!("{other} files are not judged"))),
    })
}

/// RB-2: the rulebook that was known at the receipt of a file, also when it is read again.
fn book<'b>(books: &'b Books, basis: &Basis) -> Result<&'b Rulebook> {
    if basis.name.kind == FileKind::DemandCommitment && basis.engine < 3 {
        return Ok(books.intake(basis.name.date, &Settings::default())?.0);
    }
    books.get(&basis.rulebook)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Service;
    use jiff::civil::date;
    use sluice_wire::name::FileName;

    #[test]
    fn fi24_a_file_is_read_again_only_so_often_as_somebody_wants_it_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("a.db").display()).parse().unwrap();
        let mut service = Service::create(&url, true).unwrap();
        let (digest, packed) = crate::act::digests::digest_and_pack(b"Migration Date,Demand\n").unwrap();
        let mut tx = service.store.decide().unwrap();
        record::keep(&mut tx, &digest, &packed).unwrap();
        tx.commit().unwrap();
        let kind = FileKind::DemandCommitment;
        let (s1sp, date) = ("CGI".parse().unwrap(), date(2021, 7, 26));
        let name = FileName { kind, party: None, user_id: None, s1sp, date, time: None, version: None };
        let by = |rulebook: &str| Basis {
            name,
            extension: "csv".to_owned(),
            rulebook: rulebook.to_owned(),
            engine: 4,
            digest,
        };
        let mut tries = 0;
        let mut wants = |books: [&str; 2], most: usize| {
            tries = 0;
            reading(&mut service.store, &service.books, None, |_, read| {
                tries += 1;
                let wanted = by(books[tries % 2]);
                read.filter(|read| tries > most || read.is_by(&wanted)).ok_or(ServiceError::Unread(Box::new(wanted)))
            })
            .map(|_| tries)
        };
        assert_eq!(wants(["msm-5.0", "msm-5.0"], usize::MAX).unwrap(), 2);
        assert_eq!(wants(["msm-5.0", "msm-4.0"], 2).unwrap(), 3);
        assert!(matches!(wants(["msm-5.0", "msm-4.0"], usize::MAX), Err(ServiceError::Unread(_))));
        assert_eq!(tries, 1 + AGAIN);
    }
}
