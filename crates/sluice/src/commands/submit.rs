//! `sluice submit`: files handed in as a party would, with the verdict and the response.

mod answered;
mod file;
mod state;

use crate::cli::database::Submit;
use crate::failure::{Done, Failure, Outcome};
use crate::output::{make_folder, write_file};
use crate::print::{complain, print_json, print_line};
use crate::session::Session;
use crate::show::rfc3339;
use answered::{Answered, Received};
use file::File;
use serde_json::json;
use sluice_service::act::actor::Actor;
use sluice_service::books::calendar::in_words;
use sluice_service::error::ServiceError;
use sluice_service::files::verdict::Verdict;
use sluice_service::service::{Handed, HandedIn, Wish};
use sluice_store::StoreError;
use sluice_store::tables::intake::Arrival;
use sluice_store::tables::issued;
use sluice_wire::name::may_be_password;
use sluice_wire::text::shown;
use state::{State, short};
use std::cell::OnceCell;
use std::path::{Path, PathBuf};

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
        let wish = Wish { judges: !args.no_wait, confirms: args.confirm, place, ..Wish::default() };
        let own = session.service.arrive(session.now, &by, &file.name, file.content(), wish);
        // Of several files some may be received and others not, so each is named.
        let not_received = |error| Failure::from(error).about(format_args!("{} is not received", shown(&file.name)));
        let Some(own) = failures.note(own.map_err(not_received)) else { continue };
        failures.note(write_receipt(&mut session, args, &own.arrival));
        arrived.push((file, own));
    }
    let (mut answered, mut pending) = (Vec::new(), Vec::<Pending>::new());
    for (file, own) in arrived {
        // Whoever keeps the first waiting would keep each of the others waiting as long; only a password cannot wait.
        let is_busy = pending.iter().any(|first| matches!(first.why, ServiceError::Store(StoreError::Locked)));
        if is_busy && !may_be_password(&file.name) {
            pending.push(Pending { arrival: own.arrival, why: StoreError::Locked.into() });
            continue;
        }
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
        let received = |failure: Failure| {
            let what = format_args!(
                "{} is received, receipt {}, and no more can be told of it now",
                shown(&file.name),
                file.receipt.id
            );
            failure.about(what)
        };
        let told = told.map_err(received);
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
    if args.receipts.is_some()
        && let Some(first) = session.service.arrival(&file.arrival)?
    {
        failures.note(write_receipt(session, args, &first));
        tell_receipt(args, &first.id)?;
    }
    Ok(state.refused)
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
