//! Responses to authorisation files, and later versions of them (MAM-5).

use crate::act::digests::{digest_and_pack, hexadecimal};
use crate::act::tell::{next_version, send_packed};
use crate::act::work::Work;
use crate::board::changed::Changed;
use crate::board::wording::{difference_in_words, needs_in_words, state_in_words};
use crate::books::calendar::week_of;
use crate::error::{Result, ServiceError};
use crate::form;
use sluice_rules::authorisation::settle::{Authorisation, Case};
use sluice_rules::calendar::Milestone;
use sluice_rules::file::FileKind;
use sluice_rules::party::Party;
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::record::{self, Digest, Packed};
use sluice_wire::name::FileName;
use sluice_wire::written::ResponseRow;
use std::collections::BTreeMap;

/// MAM-5: a later version of the response to every file whose rows changed, with the rows that changed. MAM-11: rows that have
/// passed to another supplier are that one's to know, and their sender's no more.
pub(in crate::board) fn answer_again(work: &mut Work<'_>, changed: &[Changed], own: Option<i64>) -> Result<()> {
    let mut by_file: BTreeMap<(i64, Party), Vec<&Changed>> = BTreeMap::new();
    for change in changed.iter().filter(|change| Some(change.file) != own) {
        by_file.entry((change.file, change.stored.row.party)).or_default().push(change);
    }
    for ((id, party), mut changes) in by_file {
        changes.sort_by_key(|change| change.row);
        let Some(file) = files::get(&mut work.tx, id)? else { return Err(ServiceError::defect("a file is missing")) };
        let texts: Vec<_> = changes.iter().map(|change| Texts::of(change)).collect();
        let mut rows: Vec<_> = texts.iter().zip(&changes).map(|(texts, change)| texts.row(change)).collect();
        if party != file.sender {
            // The reference is the sender's own.
            rows.iter_mut().for_each(|row| row.reference = "");
        }
        respond_to(work, &file, party, &Response::of(&file, work.engine, rows)?)?;
    }
    Ok(())
}

/// What a held row waits for in words, where that is not just the other supplier's: both dates, where the two name different ones
/// (MA121), or what that one's still needs (MAM-1).
///
/// # Errors
/// If the database fails.
pub(crate) fn waits_for(work: &mut Work<'_>, case: &Case, row: &Authorisation) -> Result<Option<String>> {
    if !row.differs {
        return Ok(if work.engine > 3 { needs_in_words(case, row) } else { None });
    }
    if work.engine < 3 {
        return Ok(None);
    }
    let calendar = work.week(week_of(row.date)?)?;
    let cutoff = calendar.at(Milestone::AuthorisationCutoff);
    // CAL-7: a day may be closed before its week. Programs of before told the moment of the week.
    let missing = case.missing().into_iter().find(|missing| work.engine > 6 && missing.row == row.id);
    let until = missing.and_then(|missing| calendar.agrees_until(row.date, &missing.named, cutoff, work.now));
    Ok(difference_in_words(case, row, until.unwrap_or(cutoff)))
}

/// The texts of a row as it is answered again.
struct Texts {
    mpan: String,
    mprn: String,
    chf: String,
    date: String,
    message: String,
}

impl Texts {
    fn of(change: &Changed) -> Self {
        // The words of a row with information say it already.
        let row = &change.stored.row;
        let codes = if row.differs || row.narrowed { "" } else { &change.stored.codes };
        let words = format!("{}{}", state_in_words(row, codes), change.narrowing);
        Self {
            mpan: change.mpan.map(|mpan| mpan.to_string()).unwrap_or_default(),
            mprn: change.mprn.map(|mprn| mprn.to_string()).unwrap_or_default(),
            chf: change.chf.to_string(),
            date: change.stored.row.date.to_string(),
            message: match (change.moves, change.passed) {
                (Some((old, new)), _) => format!("moved from {old} to {new}"),
                (None, Some(from)) => format!("{words}; it passed to you from {from}"),
                (None, None) => change.waits_for.clone().unwrap_or(words),
            },
        }
    }

    fn row<'a>(&'a self, change: &'a Changed) -> ResponseRow<'a> {
        ResponseRow {
            row: Some(change.row),
            mpan: &self.mpan,
            mprn: &self.mprn,
            chf: &self.chf,
            date: &self.date,
            action: "AUTHORISE",
            reference: &change.stored.reference,
            verdict: change.to.word(),
            codes: &change.stored.codes,
            message: &self.message,
        }
    }
}

/// The content of a response to an authorisation file. It is made without the database, so it can be made while that is
/// busy.
pub struct Response {
    /// Its bytes.
    pub content: Vec<u8>,
    /// Their digest, in hexadecimal.
    pub digest: String,
    extension: &'static str,
    packed: (Digest, Packed),
}

impl Response {
    /// A response in the form in which the file was sent.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn of<'r>(file: &FileRecord, engine: i64, rows: impl IntoIterator<Item = ResponseRow<'r>>) -> Result<Self> {
        Self::new(form::like(&file.extension, engine, rows)?)
    }

    /// A response of content and its extension.
    ///
    /// # Errors
    /// If there is no memory for it.
    pub fn new((content, extension): (Vec<u8>, &'static str)) -> Result<Self> {
        let (digest, packed) = digest_and_pack(&content)?;
        Ok(Self { content, digest: hexadecimal(&digest), extension, packed: (digest, packed) })
    }
}

/// Issues a response to an authorisation file, from the second one on with a version. Gives its name.
///
/// # Errors
/// If the database fails.
pub fn respond(work: &mut Work<'_>, file: &FileRecord, response: &Response) -> Result<String> {
    respond_to(work, file, file.sender, response)
}

/// The same to the party whose rows it is about: its sender, or the one to which they have passed (MAM-11), each with versions of
/// its own.
fn respond_to(work: &mut Work<'_>, file: &FileRecord, party: Party, response: &Response) -> Result<String> {
    let received = record::received(&mut work.tx, file.id)?;
    let (name, _) = FileName::parse(&received.name).map_err(|finding| ServiceError::defect(finding.message))?;
    let mut name = name.of_kind(FileKind::AuthorisationResponse);
    name.version = Some(next_version(work, &party, &name)?).filter(|version| *version > 1);
    let name = format!("{name}.{}", response.extension);
    let (digest, packed) = &response.packed;
    send_packed(work, &party, &name, Some(file.id), (digest, packed))?;
    Ok(name)
}
