//! `sluice submit`: files handed in as a party would, with the verdict and the response.

mod file;

use crate::cli::database::Submit;
use crate::failure::{Done, Failure, Outcome};
use crate::output::{make_folder, write_file};
use crate::print::{complain, print_json, print_line};
use crate::session::Session;
use crate::show::rfc3339;
use file::File;
use jiff::Timestamp;
use serde_json::{Value, json};
use sluice_rules::codes::FileCode;
use sluice_rules::file::FileStatus;
use sluice_service::act::actor::Actor;
use sluice_service::books::calendar::in_words;
use sluice_service::error::ServiceError;
use sluice_service::files::receive::Receipt;
use sluice_service::files::verdict::{Ended, Verdict, refused_before};
use sluice_service::rows::waiting::password_until;
use sluice_service::service::{Handed, HandedIn, Wish};
use sluice_service::weeks::confirm::why_unconfirmed;
use sluice_service::weeks::demand::without_capacity;
use sluice_store::tables::intake::Arrival;
use sluice_store::tables::{files, issued, record};
use sluice_store::{StoreError, View};
use sluice_wire::name::{FileName, may_be_password};
use sluice_wire::text::shown;
use std::cell::OnceCell;
use std::path::{Path, PathBuf};

/// A file with what became of it.
struct Answered {
    path: PathBuf,
    name: String,
    /// The id of its arrival.
    arrival: String,
    receipt: Receipt,
    verdict: Option<Verdict>,
    /// The file that is told of: for a password the one that it opened.
    about: i64,
    password: bool,
    /// Is its file in the same command, for a password, and had that been received before?
    beside: Option<Received>,
    /// The response that was written when it was made.
    written: Option<PathBuf>,
    /// FI21: was it confirmed by this command, if that was asked for?
    confirmed: Option<bool>,
}

/// Was a file received now, or before? Then it is not judged again.
#[derive(Clone, Copy, PartialEq)]
enum Received {
    Now,
    Before,
}

impl Answered {
    fn came(&self) -> Received {
        if self.receipt.repeat { Received::Before } else { Received::Now }
    }

    /// FI07: what is said of a file that was refused before, where another stamp in its name makes it another file.
    fn new_stamp(&self, status: FileStatus) -> &'static str {
        let stamped = FileName::parse(&self.name).is_ok_and(|(name, _)| name.time.is_some());
        match status {
            FileStatus::Refused if self.receipt.repeat && stamped => {
                "; it is judged anew under a new stamp in its name (FI07)"
            }
            _ => "",
        }
    }
}

/// Runs `sluice submit`: each file has its moment and its receipt before any waits for its verdict.
///
/// # Errors
/// If a file cannot be read or a response not written, or the database fails; all that can be done is done before it is told.
pub fn run(args: &Submit) -> Outcome {
    let mut session = Session::open_to_hand_in(&args.at)?;
    let by = session.supplier(args.party)?;
    let mut failures = Failures::default();
    let files: Vec<OnceCell<File>> = args.files.iter().map(|_| OnceCell::new()).collect();
    let mut arrived = Vec::new();
    // CAL-3: each is kept when its own last byte was read, however long the next one takes.
    for (place, (path, file)) in (0..).zip(args.files.iter().zip(&files)) {
        let Some(read) = failures.note(File::read(&session, args, path)) else { continue };
        let file = file.get_or_init(|| read);
        let wish = Wish { judges: !args.no_wait, confirms: args.confirm, place };
        let own = session.service.arrive(session.now, &by, &file.name, file.content(), wish);
        let Some(own) = failures.note(own.map_err(Failure::from)) else { continue };
        failures.note(write_receipt(&mut session, args, &own.arrival));
        arrived.push((file, own));
    }
    let (mut answered, mut pending) = (Vec::new(), Vec::new());
    for (file, own) in arrived {
        match session.service.take(session.now, own) {
            Handed::Taken(handed) => answered.push(Answered::of(file, handed, args, &mut failures)),
            Handed::Pending(arrival, why) => pending.push(Pending { arrival, why }),
        }
    }
    session.tell_stuck();
    about_each(&mut answered);
    let mut refused = false;
    for file in &answered {
        let told = tell(&mut session, args, &by, file, &mut failures);
        refused |= failures.note(told).unwrap_or_default();
    }
    for one in &pending {
        refused |= one.tell(args)?;
    }
    match failures.worst() {
        None => Ok(Done::unless(refused)),
        // Status 2 says that nothing was changed.
        Some(Failure::Use(words)) if !answered.is_empty() || !pending.is_empty() => {
            complain(&format!("sluice: {words}"));
            Ok(Done::WithRefusals)
        }
        Some(failure) => Err(failure),
    }
}

/// A password tells of the file that it opened, unless that one is told of itself.
fn about_each(answered: &mut [Answered]) {
    let own: Vec<i64> = answered.iter().map(|file| file.receipt.id).collect();
    for file in answered.iter_mut().filter(|file| own.contains(&file.about)) {
        file.about = file.receipt.id;
    }
    let stem = |name: &str| name.to_ascii_uppercase().split('.').next().unwrap_or_default().replacen("PASSWORD", "", 1);
    let files: Vec<(String, Received)> =
        answered.iter().filter(|file| !file.password).map(|file| (stem(&file.name), file.came())).collect();
    for password in answered.iter_mut().filter(|file| file.password) {
        let name = stem(&password.name);
        password.beside = files.iter().find(|(stem, _)| *stem == name).map(|(_, came)| *came);
    }
}

/// What could not be done, which keeps nothing else from being done.
#[derive(Default)]
struct Failures(Vec<Failure>);

impl Failures {
    fn note<T>(&mut self, done: Result<T, Failure>) -> Option<T> {
        done.map_err(|failure| self.0.push(failure)).ok()
    }

    /// Tells of all but the one with which the command ends: the first of the worst.
    fn worst(mut self) -> Option<Failure> {
        let worst = self.0.iter().map(Failure::status).max()?;
        let place = self.0.iter().position(|failure| failure.status() == worst)?;
        let ends = self.0.remove(place);
        self.0.iter().for_each(|failure| complain(&format!("sluice: {failure}")));
        Some(ends)
    }
}

impl Answered {
    /// What became of a file. A response that was made just now is written beside it.
    fn of(file: &File, handed: HandedIn, args: &Submit, failures: &mut Failures) -> Self {
        let HandedIn { arrival, receipt, confirmed, mut verdict, judged: about } = handed;
        let written = verdict.as_mut().and_then(|verdict| failures.note(write_made(&file.path, verdict)).flatten());
        // Who does not wait is told only what is so already.
        let confirmed = confirmed.filter(|by_it| args.confirm && (*by_it || !args.no_wait));
        let (path, name, password) = (file.path.clone(), file.name.clone(), may_be_password(&file.name));
        Self { path, name, arrival, receipt, verdict, about, password, beside: None, written, confirmed }
    }
}

/// A file that arrived and is not taken over yet: it has its moment, and its verdict comes with a later command of anybody.
struct Pending {
    arrival: Arrival,
    why: ServiceError,
}

impl Pending {
    /// Says whether something of it is lost: a password, which nothing keeps.
    fn tell(&self, args: &Submit) -> Result<bool, Failure> {
        let Arrival { id, name, at, .. } = &self.arrival;
        let lost = may_be_password(name);
        if args.at.json {
            let status = if lost { "forgotten" } else { "pending" };
            print_json(&json!({ "file": name, "arrival": id, "received": rfc3339(*at), "status": status }))?;
            return Ok(lost);
        }
        if lost {
            print_line(&format!("{}: its turn did not come, and a password is not kept (MAM-10)", shown(name)))?;
            print_line(
                "  hand it in again: where its file came before it, it counts from the same moment until an hour after you are told that it must come",
            )?;
            return Ok(lost);
        }
        print_line(&format!("{}: received, verdict pending", shown(name)))?;
        print_line(&format!("  receipt {} at {}", short(id), in_words(*at)))?;
        self.signed(args)?;
        // Of what else there is DCC is told, not its sender: it may be about another party.
        let why = match &self.why {
            ServiceError::Store(StoreError::Full(_) | StoreError::Disk(_)) => {
                "the disk of the database is full or fails"
            }
            ServiceError::Store(StoreError::Clock { .. }) => "the clock of DCC's machine is being put right",
            ServiceError::Store(error) if error.passes() => "another process is at work on the database",
            _ => "it could not be judged yet, by no fault of the file; DCC sees why",
        };
        let confirmed = if self.arrival.confirm { ", and with its confirmation" } else { "" };
        print_line(&format!(
            "  {why}: the next command of anybody goes on with it{confirmed}. Hand the same file in again to see its verdict."
        ))?;
        Ok(lost)
    }

    fn signed(&self, args: &Submit) -> Result<(), Failure> {
        tell_receipt(args, &self.arrival.id)
    }
}

/// Writes the signed receipt of an arrival, where that is asked for.
fn write_receipt(session: &mut Session, args: &Submit, arrival: &Arrival) -> Result<(), Failure> {
    let Some(folder) = &args.receipts else { return Ok(()) };
    let receipt = serde_json::to_string_pretty(&session.service.receipt(arrival)?).map_err(Failure::internal)?;
    make_folder(folder)?;
    write_file(&receipt_at(folder, &arrival.id), format!("{receipt}\n").as_bytes(), true)
}

fn receipt_at(folder: &Path, arrival: &str) -> PathBuf {
    folder.join(format!("RECEIPT_{arrival}.json"))
}

/// Tells where the signed receipt of an arrival is, if it was written.
fn tell_receipt(args: &Submit, arrival: &str) -> Result<(), Failure> {
    let path = args.receipts.as_ref().map(|folder| receipt_at(folder, arrival));
    match path.filter(|path| path.exists() && !args.at.json) {
        Some(path) => print_line(&format!("  signed: {}", path.display())),
        None => Ok(()),
    }
}

/// The beginning of the id of an arrival, which people read; no two are likely to have the same.
fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// Shows what became of a file, and writes its response beside it. Says whether anything of it was refused or held for
/// confirmation.
fn tell(
    session: &mut Session,
    args: &Submit,
    by: &Actor,
    file: &Answered,
    failures: &mut Failures,
) -> Result<bool, Failure> {
    let state = State::load(session, by, file)?;
    let response = failures.note(write_response(session, by, file)).flatten();
    if args.at.json {
        print_json(&state.json(file, response.as_deref()))?;
    } else {
        state.print(file, response.as_deref())?;
    }
    // Of what was received before the first receipt is told.
    if let Some(first) = session.service.arrival(&file.arrival)? {
        failures.note(write_receipt(session, args, &first));
        tell_receipt(args, &first.id)?;
    }
    Ok(state.refused)
}

/// Where a file stands when all of a command were handed in: a protected one may have got its password meanwhile.
struct State {
    status: FileStatus,
    rulebook: String,
    codes: Vec<(String, String)>,
    rows: Vec<(String, u64)>,
    received_at: Timestamp,
    /// What a file of holds ended.
    ended: Ended,
    refused: bool,
    /// What its sender should know of a file that was taken.
    note: Option<String>,
}

impl State {
    fn load(session: &mut Session, by: &Actor, file: &Answered) -> Result<Self, Failure> {
        Ok(session.service.look(session.now, by, |work| {
            let note = match password_until(work, file.about)? {
                Some(until) => Some(format!(
                    "it is refused if its password does not come until {}, or before the cut-off of what it names (MAM-10)",
                    in_words(until)
                )),
                None if file.confirmed == Some(false) => match why_unconfirmed(work, file.about)? {
                    Some(why) => Some(why),
                    None => without_capacity(work, file.about)?,
                },
                None => without_capacity(work, file.about)?,
            };
            Ok(Self { note, ..Self::read(&mut work.tx, file)? })
        })?)
    }

    fn read(tx: &mut View<'_>, file: &Answered) -> Result<Self, ServiceError> {
        let received = record::received(tx, file.receipt.id)?;
        let stored = files::get(tx, file.receipt.id)?;
        let rows = match &file.verdict {
            Some(verdict) if !verdict.rows.is_empty() => verdict.rows.clone(),
            _ => sluice_store::tables::authorisations::summary(tx, file.about)?,
        };
        let mut codes = file.receipt.refused.clone();
        let (status, rulebook) = match &stored {
            Some(stored) => (stored.status, stored.rulebook.clone()),
            None if !codes.is_empty() => (FileStatus::Refused, String::new()),
            // MAM-10: of a password only the receipt is kept. What it opened, or that it could not be read, is told here.
            None if file.password => {
                let refused = file.verdict.as_ref().is_some_and(|verdict| verdict.status == FileStatus::Refused);
                (if refused { FileStatus::Refused } else { FileStatus::Accepted }, String::new())
            }
            None => (FileStatus::Received, String::new()),
        };
        if let Some(verdict) = file.verdict.as_ref().filter(|_| codes.is_empty()) {
            codes.clone_from(&verdict.findings);
        }
        if let Some(stored) = stored.filter(|stored| codes.is_empty() && !stored.codes.is_empty()) {
            codes.push((stored.codes, stored.message));
        }
        // What was judged before is told again; of an authorisation file its response says it.
        if codes.is_empty() && issued::answering(tx, file.about)?.is_empty() {
            codes = refused_before(tx, file.about)?;
        }
        let bad_rows = rows.iter().any(|(verdict, _)| verdict == "REFUSED");
        let refused = bad_rows
            || matches!(status, FileStatus::Refused | FileStatus::Held | FileStatus::Lapsed | FileStatus::Aside)
            || !codes.is_empty();
        let ended = file.verdict.as_ref().map_or_else(Ended::default, |verdict| verdict.ended);
        Ok(Self { status, rulebook, codes, rows, received_at: received.at, ended, refused, note: None })
    }
}

impl State {
    fn json(&self, file: &Answered, response: Option<&Path>) -> Value {
        let findings = |(code, message): &(String, String)| json!({ "code": code, "message": message });
        let mut told = json!({
            "file": file.name,
            "receipt": file.receipt.id,
            "arrival": file.arrival,
            "received": rfc3339(self.received_at),
            "repeat": file.receipt.repeat,
            "status": self.status.word().to_ascii_lowercase(),
            "rulebook": self.rulebook,
            "codes": self.codes.iter().map(findings).collect::<Vec<_>>(),
            "rows": self.rows.iter().map(|(verdict, rows)| json!({ "verdict": verdict, "rows": rows })).collect::<Vec<_>>(),
            "ended": self.ended.rows,
            "dormant": self.ended.dormant,
            "waiting": self.ended.waiting,
            "confirmed": file.confirmed,
            "response": response.map(|path| path.display().to_string()),
        });
        if let Some(unseen) = file.verdict.as_ref().and_then(|verdict| verdict.unseen.as_ref()) {
            told["unseen"] = json!(unseen);
        }
        if let Some(note) = &self.note {
            told["note"] = json!(note);
        }
        told
    }

    fn print(&self, file: &Answered, response: Option<&Path>) -> Result<(), Failure> {
        let by = if self.rulebook.is_empty() { String::new() } else { format!(" ({})", self.rulebook) };
        let name = shown(&file.name);
        let confirmed = match (file.confirmed, self.status) {
            (Some(true), _) => " and confirmed",
            (Some(false), FileStatus::Accepted) => "; it was not held, so there was nothing to confirm",
            (Some(false), FileStatus::Refused) if self.codes.iter().any(|(code, _)| code == FileCode::FI16.code()) => {
                "; it comes too late to be confirmed"
            }
            _ => "",
        };
        print_line(&format!("{name}: {}{confirmed}{by}", self.words(file)))?;
        for (code, message) in &self.codes {
            print_line(&format!("  {code} {message}"))?;
        }
        if let Some(unseen) = file.verdict.as_ref().and_then(|verdict| verdict.unseen.as_ref()) {
            print_line(&format!("  note: {unseen}"))?;
        }
        if let Some(note) = &self.note {
            print_line(&format!("  note: {note}"))?;
        }
        if !self.rows.is_empty() {
            let rows = self.rows.iter().map(|(verdict, rows)| format!("{rows} {}", verdict.to_ascii_lowercase()));
            print_line(&format!("  rows: {}", rows.collect::<Vec<_>>().join(", ")))?;
        }
        let again = if file.receipt.repeat { ", received before: this is the first receipt again" } else { "" };
        super::hold::print_ended(&self.ended, "  ")?;
        let (id, arrival, at) = (file.receipt.id, short(&file.arrival), in_words(self.received_at));
        let stamp = file.new_stamp(self.status);
        print_line(&format!("  receipt {id} ({arrival}) at {at}{again}{stamp}"))?;
        match response {
            Some(path) => print_line(&format!("  answer: {}", path.display())),
            None => Ok(()),
        }
    }

    fn words(&self, file: &Answered) -> String {
        match self.status {
            FileStatus::Waiting => "waits for its password; send the MAPASSWORD file".to_owned(),
            FileStatus::Held => "held for confirmation".to_owned(),
            FileStatus::Aside => "set aside".to_owned(),
            FileStatus::Accepted if file.password => match &file.verdict {
                Some(_) => "taken, and used for the file that waited for it".to_owned(),
                None if file.beside == Some(Received::Now) => "taken, for the file beside it".to_owned(),
                None if file.beside == Some(Received::Before) => "taken, but its file was received before and is not judged \
                                                                   again: send both with a new stamp in their names (MAM-10)"
                    .to_owned(),
                None => "taken, but no file waits for it, and it is forgotten when this command ends: send it together with \
                         its file, or after it (MAM-10)"
                    .to_owned(),
            },
            FileStatus::Received => "received; the verdict comes with the next command".to_owned(),
            other => other.word().to_ascii_lowercase(),
        }
    }
}

/// Writes a response that was made just now beside its file, so that it need not be read again, nor held until the last file
/// is judged.
fn write_made(file: &Path, verdict: &mut Verdict) -> Result<Option<PathBuf>, Failure> {
    let Some((name, content)) = verdict.response.as_ref().zip(verdict.content.take()) else { return Ok(None) };
    let path = file.with_file_name(name);
    write_file(&path, &content, true)?;
    Ok(Some(path))
}

/// Writes the latest response to a file beside it: a later file may have changed what the first one said.
fn write_response(session: &mut Session, by: &Actor, file: &Answered) -> Result<Option<PathBuf>, Failure> {
    let now = session.now;
    let answers = session.service.look(now, by, |work| Ok(issued::answering(&mut work.tx, file.about)?))?;
    let Some(last) = answers.last() else { return Ok(None) };
    let path = file.path.with_file_name(&last.name);
    if file.written.as_ref() == Some(&path) {
        return Ok(Some(path));
    }
    let content = session.service.look(now, by, |work| Ok(issued::content(&mut work.tx, last.id)?))?;
    let Some(bytes) = content else { return Ok(None) };
    write_file(&path, &bytes, true)?;
    Ok(Some(path))
}
