//! A file is received: kept as it came, with its receipt, before anything is decided on its content (MAM-9).

use crate::act::actor::Actor;
use crate::act::digests::hexadecimal;
use crate::act::work::{Act, Reads, Work};
use crate::books::calendar::{WeekCalendar, in_words};
use crate::error::Result;
use crate::files::grace;
use crate::files::order::latest_of_name;
use crate::files::refuse::refuse_whole;
use crate::files::rulebook::{rulebook_of, rulebook_or_latest};
use crate::files::told::tell_refused;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use sluice_rules::codes::FileCode;
use sluice_rules::file::{FileKind, FileStatus};
use sluice_rules::party::Party;
use sluice_rules::party::PartyRole;
use sluice_store::View;
use sluice_store::tables::convert::parsed;
use sluice_store::tables::files::{self, FileRecord, NameKey};
use sluice_store::tables::log::Input;
use sluice_store::tables::parties;
use sluice_store::tables::passwords;
use sluice_store::tables::record::{self, Received};
use sluice_wire::FileFinding;
use sluice_wire::authorisation::check_stamp;
use sluice_wire::limits::{Limits, Reading};
use sluice_wire::name::FileName;

/// A file was received; its bytes are in the record already.
#[derive(Debug, Serialize, Deserialize)]
pub struct Receive {
    /// The number of the receipt.
    pub received: i64,
    /// The arrival that it was taken over from; nothing in acts of older programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrival: Option<String>,
    /// The SHA-256 of its content in hexadecimal, where that is not kept in the record, since it is refused by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unkept: Option<String>,
    /// Does its sender wait for what becomes of it, so that it is told no other way (MAM-9)?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub awaited: bool,
}

/// What the sender is told at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The number of the receipt; of the first one, if the same was received before.
    pub id: i64,
    /// Was it received before?
    pub repeat: bool,
    /// Why it is refused by its name alone: codes with their words. Its content is judged afterwards if there are none.
    pub refused: Vec<(String, String)>,
}

impl Act for Receive {
    const KIND: &'static str = "receive";
    type Answer = Receipt;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_party("handing in a file").map(drop)
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Receipt> {
        let received = record::received(&mut work.tx, self.received)?;
        let sender: Party = parsed(&received.sender)?;
        let receipt = self.receipt(work, &received, sender)?;
        if !self.awaited {
            tell_refused(work, sender, &received, &receipt.refused)?;
        }
        Ok(receipt)
    }

    fn inputs(&self) -> Vec<Input> {
        vec![Input::Received(self.received)]
    }
}

impl Receive {
    fn receipt(&self, work: &mut Work<'_>, received: &Received, sender: Party) -> Result<Receipt> {
        let (name, extension) = match FileName::parse_as(Reading::of_engine(work.engine), &received.name) {
            Ok(parsed) => parsed,
            Err(finding) => return refuse_name(work, received, sender, finding),
        };
        if name.kind == FileKind::Password {
            return password(work, received, sender, &name);
        }
        if let Some(first) = repeated(&mut work.tx, work.engine, (sender, &name), received)? {
            return Ok(Receipt { id: first, repeat: true, refused: Vec::new() });
        }
        let mut findings = findings(work, sender, &name, received)?;
        let mut file = blank(received, sender, &name, &extension);
        work.rulebook = rulebook(work, &name, received, &mut findings)?;
        file.rulebook.clone_from(&work.rulebook);
        // FI09: of what is larger than any file that is read nothing was kept.
        if received.known_by().is_none() {
            let book = work.books.get(&work.rulebook).or_else(|_| work.mam_rulebook())?;
            findings.push(Limits::of(book)?.over_size());
        }
        files::add(&mut work.tx, &file)?;
        let refused =
            if findings.is_empty() { Vec::new() } else { refuse_whole(work, file, received.at, &findings)?.findings };
        Ok(Receipt { id: self.received, repeat: false, refused })
    }
}

/// A file that is not received yet, as it will stand when it is, if nothing is known that speaks against it; nothing if its name or
/// its sender does, or the same was received before.
///
/// # Errors
/// If the database fails.
pub(crate) fn expected<'w>(work: &mut Work<'w, impl Reads<'w>>, received: &Received) -> Result<Option<FileRecord>> {
    let sender: Party = parsed(&received.sender)?;
    let Ok((name, extension)) = FileName::parse(&received.name) else { return Ok(None) };
    if name.kind == FileKind::Password
        || repeated(&mut work.tx, work.engine, (sender, &name), received)?.is_some()
        || !findings(work, sender, &name, received)?.is_empty()
    {
        return Ok(None);
    }
    let rulebook = rulebook_of(work.books, &name, received.at)?.ok();
    Ok(rulebook.map(|rulebook| FileRecord { rulebook, ..blank(received, sender, &name, &extension) }))
}

/// RB-2: the rulebook by which a file is judged; empty with FI23 where none governs it.
fn rulebook(work: &Work<'_>, name: &FileName, received: &Received, findings: &mut Vec<FileFinding>) -> Result<String> {
    if work.engine < 3 {
        return rulebook_or_latest(work.books, name, received.at);
    }
    // A week that cannot be placed is found already (FI05).
    if findings.iter().any(|finding| finding.code == FileCode::FI05) && name.kind == FileKind::DemandCommitment {
        return Ok(String::new());
    }
    Ok(rulebook_of(work.books, name, received.at)?.unwrap_or_else(|finding| {
        findings.push(finding);
        String::new()
    }))
}

/// MAM-10: a password that comes for a file that is there and has no verdict keeps its moment, should it be lost.
fn note_password(work: &mut Work<'_>, received: &Received, sender: Party, name: &FileName) -> Result<()> {
    for file in undecided(&mut work.tx, sender, name)? {
        if record::received(&mut work.tx, file.id)?.at <= received.at {
            passwords::add(&mut work.tx, received.id, file.id, received.at)?;
            break;
        }
    }
    Ok(())
}

/// The files without a verdict that the password of a name opens.
fn undecided(view: &mut View<'_>, sender: Party, password: &FileName) -> Result<Vec<FileRecord>> {
    let of = FileName { kind: FileKind::Authorisation, ..*password };
    let mut found = files::open_of_name(view, &key(&sender, &of))?;
    found.retain(|file| matches!(file.status, FileStatus::Received | FileStatus::Waiting | FileStatus::Aside));
    Ok(found)
}

/// MAM-10: is there a file without a verdict that the password of a name opens?
///
/// # Errors
/// If the database fails.
pub(crate) fn opens_something(view: &mut View<'_>, sender: Party, name: &str) -> Result<bool> {
    let Ok((name, _)) = FileName::parse(name) else { return Ok(false) };
    Ok(!undecided(view, sender, &name)?.is_empty())
}

/// MAM-10: of a password only the receipt is kept; it may be sent as often as it takes.
fn password(work: &mut Work<'_>, received: &Received, sender: Party, name: &FileName) -> Result<Receipt> {
    let mut findings = findings(work, sender, name, received)?;
    if let Some(first) = findings.first() {
        let code = first.code.to_string();
        files::add_misnamed(&mut work.tx, received.id, &sender, &code, &first.message, work.now)?;
        let until = grace::grant(work, &blank(received, sender, name, ""), received.at, &findings)?;
        findings = grace::with_grace(work, &findings, until);
    } else if work.engine > 6 {
        note_password(work, received, sender, name)?;
    }
    let refused = findings.into_iter().map(|finding| (finding.code.to_string(), finding.message)).collect();
    Ok(Receipt { id: received.id, repeat: false, refused })
}

fn blank(received: &Received, sender: Party, name: &FileName, extension: &str) -> FileRecord {
    FileRecord {
        id: received.id,
        kind: name.kind,
        sender,
        user_id: name.user_id,
        s1sp: name.s1sp,
        date: name.date,
        time: name.time,
        extension: extension.to_owned(),
        status: FileStatus::Received,
        rulebook: String::new(),
        codes: String::new(),
        message: String::new(),
        verdict_at: None,
        opened: None,
    }
}

/// MAM-9: is a file refused by its name or sender, whatever is in it? Then its content is not kept in the record.
///
/// # Errors
/// If the database fails.
pub(crate) fn is_refused_unread(work: &mut Work<'_>, sender: Party, received: &Received) -> Result<bool> {
    let Ok((name, _)) = FileName::parse(&received.name) else { return Ok(true) };
    if name.kind == FileKind::Password || repeated(&mut work.tx, work.engine, (sender, &name), received)?.is_some() {
        return Ok(false);
    }
    Ok(!findings(work, sender, &name, received)?.is_empty())
}

/// A name that says nothing: what was received is kept, and the refusal with it.
fn refuse_name(work: &mut Work<'_>, received: &Received, sender: Party, finding: FileFinding) -> Result<Receipt> {
    let code = finding.code.to_string();
    let until = grace::grant_nameless(work, sender, received)?;
    let told = grace::with_grace(work, &[finding], until);
    let message = told.into_iter().map(|finding| finding.message).collect::<String>();
    files::add_misnamed(&mut work.tx, received.id, &sender, &code, &message, work.now)?;
    Ok(Receipt { id: received.id, repeat: false, refused: vec![(code, message)] })
}

/// MSM-2, DMT-3 and FI07: the receipt of an identical file that stands: for demand and for answers to Dormant notices the
/// latest version, for a stamped name the first file.
///
/// # Errors
/// If the database fails.
pub(crate) fn repeated(
    tx: &mut View<'_>,
    engine: i64,
    (sender, name): (Party, &FileName),
    received: &Received,
) -> Result<Option<i64>> {
    // MAM-10: a password is asked for again after a restart, and nothing says whether it is the same.
    if name.kind == FileKind::Password {
        return Ok(None);
    }
    let key = key(&sender, name);
    let candidate = match name.kind {
        // DMT-3: like demand, a later file of the name replaces what it says anew.
        FileKind::DemandCommitment | FileKind::DormantAnswer => latest_of_name(tx, engine, &key)?,
        _ => files::first_of_name(tx, &key)?,
    };
    let Some(candidate) = candidate else { return Ok(None) };
    let before = record::received(tx, candidate.id)?;
    let same = received.known_by().is_some() && before.known_by() == received.known_by();
    Ok(same.then_some(candidate.id))
}

fn key<'a>(sender: &'a Party, name: &'a FileName) -> NameKey<'a> {
    let FileName { kind, user_id, s1sp, date, time, .. } = name;
    NameKey { kind: *kind, sender, user_id: *user_id, s1sp, date: *date, time: *time }
}

/// Everything that speaks against a file by its name and sender.
fn findings<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    sender: Party,
    name: &FileName,
    received: &Received,
) -> Result<Vec<FileFinding>> {
    // MAM-11: nothing is taken of a party that failed.
    if let Some(finding) = crate::responsibility::intake::refusal(&mut work.tx, sender, work.engine)? {
        return Ok(vec![finding]);
    }
    let mut findings = Vec::new();
    let mut find = |code, message: String| findings.push(FileFinding::new(code, message));
    // FI02: what DCC writes is not sent to it.
    if !FileKind::TAKEN.contains(&name.kind) {
        let taken: Vec<&str> = FileKind::TAKEN.iter().map(|kind| kind.word()).collect();
        let (last, others) = taken.split_last().unwrap_or((&"", &[]));
        let kind = name.kind.word();
        let message = format!("{kind} files are not taken here; send {} and {last} files", others.join(", "));
        find(FileCode::FI02, message);
    }
    // FI03: an S1SP is known by its party.
    let known = parties::s1sps(&mut work.tx)?;
    if !known.contains(&name.s1sp) {
        let list: Vec<&str> = known.iter().map(|s1sp| s1sp.as_str()).collect();
        find(FileCode::FI03, format!("S1SP {} is not known; there are {}", name.s1sp, list.join(", ")));
    }
    // FI04: the name must be the sender's own.
    if name.party.is_some_and(|party| party != sender) {
        find(FileCode::FI04, format!("the name says another party than {sender}, who sent it"));
    }
    // FI04: outcomes are their S1SP's to report, and every other file is a supplier's.
    let registered = parties::find(&mut work.tx, &sender)?;
    let supplies = registered.as_ref().is_none_or(|party| party.role == PartyRole::Supplier);
    let own_s1sp = registered.and_then(|party| party.s1sp);
    if name.kind == FileKind::Outcomes && own_s1sp != Some(name.s1sp) {
        find(FileCode::FI04, format!("outcomes of {} are reported by that S1SP, not by {sender}", name.s1sp));
    } else if name.kind != FileKind::Outcomes && FileKind::TAKEN.contains(&name.kind) && !supplies {
        find(FileCode::FI04, format!("{} files are sent by suppliers, and {sender} is none", name.kind.word()));
    }
    let user_ids = parties::user_ids(&mut work.tx, &sender)?;
    if let Some(id) = name.user_id.filter(|id| !user_ids.contains(id)) {
        find(FileCode::FI04, format!("User ID {id} is not registered to {sender}"));
    }
    // REF-3: under a stolen User ID nothing is taken, whoever sends it.
    let ended = parties::ended_intake(&mut work.tx)?;
    if let Some(ended) = ended.iter().find(|ended| Some(ended.user_id) == name.user_id && ended.party == sender) {
        let (id, at, reason) = (ended.user_id, in_words(ended.at), &ended.reason);
        let message =
            format!("intake under User ID {id} was ended at {at}: {reason}; use another one of yours (REF-3)");
        find(FileCode::FI04, message);
    }
    if matches!(name.kind, FileKind::DemandCommitment | FileKind::DormantAnswer) {
        // FI05: a week that no calendar of ours can place.
        if let Err(error) = WeekCalendar::of(work.books, name.date) {
            findings
                .push(FileFinding::new(FileCode::FI05, format!("the week of {} cannot be placed: {error}", name.date)));
        }
    } else {
        // FI05: a stamp from the future would bar every file until then.
        let now = received.at.to_zoned(TimeZone::UTC);
        findings.extend(check_stamp(name, &now).err());
    }
    // FI07: a stamp names one content for good.
    let stamped = matches!(name.kind, FileKind::Authorisation | FileKind::Hold | FileKind::Outcomes);
    if stamped && files::first_of_name(&mut work.tx, &key(&sender, name))?.is_some() {
        let digest = received.known_by().map(|digest| hexadecimal(&digest[..8])).unwrap_or_default();
        let message = format!(
            "a file of this name was received with other content (this one begins {digest}); send it with a new stamp"
        );
        findings.push(FileFinding::new(FileCode::FI07, message));
    }
    Ok(findings)
}
