//! The files that a party handed in, as their sender sees them: known by their arrivals, since numbers would tell of rivals (MSM-14).

use crate::act::work::Look;
use crate::books::calendar::week_of;
use crate::error::Result;
use crate::files::verdict::refused_before;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::file::FileStatus;
use sluice_rules::party::Party;
use sluice_store::tables::intake::{self, Arrival};
use sluice_store::tables::record::{Received, hexadecimal};
use sluice_store::tables::{authorisations, files, issued, record};

/// A file that a party handed in.
#[derive(Debug, Clone)]
pub struct HandedInFile {
    /// The id of its arrival.
    pub id: String,
    /// The party.
    pub party: String,
    /// Its name as it was sent.
    pub name: String,
    /// Its size in bytes; 0 for what may be a password.
    pub size: u64,
    /// The SHA-256 of its content in hexadecimal; nothing for what may be a password (MAM-10).
    pub sha256: Option<String>,
    /// The moment of its last byte.
    pub arrived_at: Timestamp,
    /// PENDING before it is taken over, REMEMBERED for a password, REPEATED for the same once more, else the status of the file.
    pub state: String,
    /// When it had its verdict.
    pub verdict_at: Option<Timestamp>,
    /// What kind of file its name says that it is.
    pub kind: Option<String>,
    /// The S1SP in its name.
    pub s1sp: Option<String>,
    /// The Migration Week of the date in its name.
    pub week: Option<Date>,
    /// Codes with their words, of the file and of its first refused rows.
    pub findings: Vec<(String, String)>,
    /// How often each verdict or state of a row stands.
    pub rows: Vec<(String, u64)>,
    /// The names of the responses to it, oldest first.
    pub responses: Vec<String>,
}

/// The state of what was not taken over yet.
pub const PENDING: &str = "PENDING";

/// The state of a password, which this process or another remembered.
pub const REMEMBERED: &str = "REMEMBERED";

/// The state of what had been handed in before.
pub const REPEATED: &str = "REPEATED";

/// What waits to be taken over.
#[must_use]
pub fn pending(of: &Arrival) -> HandedInFile {
    let digest = of.digest.as_ref().map(|digest| hexadecimal(digest));
    let told = bare(of.id.clone(), of.party.to_string(), of.name.clone(), of.at);
    HandedInFile { size: of.size, sha256: digest, ..told }
}

fn bare(id: String, party: String, name: String, arrived_at: Timestamp) -> HandedInFile {
    HandedInFile {
        id,
        party,
        name,
        size: 0,
        sha256: None,
        arrived_at,
        state: PENDING.to_owned(),
        verdict_at: None,
        kind: None,
        s1sp: None,
        week: None,
        findings: Vec::new(),
        rows: Vec::new(),
        responses: Vec::new(),
    }
}

/// What became of an arrival that was taken over; nothing if there is none of this id, or it is another party's. It is asked for with
/// DCC's sight, since the record is nobody else's.
///
/// # Errors
/// If the database fails.
pub fn taken(work: &mut Look<'_>, party: Option<Party>, arrival: &str) -> Result<Option<HandedInFile>> {
    let Some(number) = intake::of_arrival(&mut work.tx, arrival)? else { return Ok(None) };
    let received = record::received(&mut work.tx, number)?;
    if party.is_some_and(|party| received.sender != party.as_str()) {
        return Ok(None);
    }
    of_received(work, arrival, &received).map(Some)
}

fn of_received(work: &mut Look<'_>, arrival: &str, received: &Received) -> Result<HandedInFile> {
    let digest = received.known_by().map(|digest| hexadecimal(digest));
    let (id, party, name) = (arrival.to_owned(), received.sender.clone(), received.name.clone());
    let mut told = HandedInFile { size: received.size, sha256: digest, ..bare(id, party, name, received.at) };
    told.state = FileStatus::Received.to_string();
    if let Some((code, words)) = files::misnamed(&mut work.tx, received.id)? {
        told.state = FileStatus::Refused.to_string();
        told.findings = vec![(code, words)];
        return Ok(told);
    }
    let Some(file) = files::get(&mut work.tx, received.id)? else {
        // A password has no verdict of its own, nor has the same content once more.
        told.state = if received.known_by().is_none() { REMEMBERED } else { REPEATED }.to_owned();
        return Ok(told);
    };
    told.state = file.status.to_string();
    told.verdict_at = file.verdict_at;
    told.kind = Some(file.kind.to_string());
    told.s1sp = Some(file.s1sp.to_string());
    told.week = week_of(file.date).ok();
    told.rows = authorisations::summary(&mut work.tx, file.id)?;
    if !file.codes.is_empty() {
        told.findings = vec![(file.codes, file.message)];
    } else if file.verdict_at.is_some() {
        told.findings = refused_before(&mut work.tx, file.id)?;
    }
    let mut answers = issued::answering(&mut work.tx, file.id)?;
    // MAM-11: what went to another party is no answer to the sender.
    answers.retain(|issued| issued.party == file.sender);
    told.responses = answers.into_iter().map(|issued| issued.name).collect();
    Ok(told)
}
