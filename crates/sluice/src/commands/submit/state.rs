//! Where a file that was handed in stands, in words and as JSON.

use super::answered::{Answered, Received};
use crate::failure::Failure;
use crate::print::print_line;
use crate::session::Session;
use crate::show::rfc3339;
use jiff::Timestamp;
use serde_json::{Value, json};
use sluice_rules::codes::{FileCode, RowCode};
use sluice_rules::file::FileStatus;
use sluice_service::act::actor::Actor;
use sluice_service::books::calendar::in_words;
use sluice_service::error::ServiceError;
use sluice_service::files::verdict::{Ended, refused_before};
use sluice_service::rows::waiting::password_until;
use sluice_service::weeks::confirm::why_unconfirmed;
use sluice_service::weeks::demand::without_capacity;
use sluice_store::View;
use sluice_store::tables::{answers, authorisations, files, issued, record};
use sluice_wire::text::shown;
use std::collections::BTreeSet;
use std::path::Path;

/// The beginning of the id of an arrival, which people read; no two are likely to have the same.
pub(super) fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// Refused rows that are shown of a file whose response has them all.
const SHOWN: usize = 5;

/// Where a file stands when all of a command were handed in: a protected one may have got its password meanwhile.
pub(super) struct State {
    status: FileStatus,
    rulebook: String,
    codes: Vec<(String, String)>,
    rows: Vec<(String, u64)>,
    /// The first refused rows of a file whose response says more of each.
    first_refused: Vec<(u64, String)>,
    received_at: Timestamp,
    /// What a file of holds ended.
    ended: Ended,
    pub(super) refused: bool,
    /// What its sender should know of a file that was taken.
    note: Option<String>,
}

impl State {
    pub(super) fn load(session: &mut Session, by: &Actor, file: &Answered) -> Result<Self, Failure> {
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
            _ => authorisations::summary(tx, file.about)?,
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
        let bad_rows = rows.iter().any(|(verdict, _)| verdict == "REFUSED");
        // What was judged before is told again; of an authorisation file its response says it all.
        let is_answered = !issued::answering(tx, file.about)?.is_empty();
        let mut first_refused = Vec::new();
        if is_answered && bad_rows {
            first_refused = answers::refused(tx, file.about, SHOWN)?;
        } else if codes.is_empty() {
            codes = refused_before(tx, file.about)?;
        }
        let refused = bad_rows
            || matches!(status, FileStatus::Refused | FileStatus::Held | FileStatus::Lapsed | FileStatus::Aside)
            || !codes.is_empty();
        let ended = file.verdict.as_ref().map_or_else(Ended::default, |verdict| verdict.ended);
        let received_at = received.at;
        Ok(Self { status, rulebook, codes, rows, first_refused, received_at, ended, refused, note: None })
    }
}

impl State {
    pub(super) fn json(&self, file: &Answered, response: Option<&Path>) -> Value {
        let row = |(row, codes): &(u64, String)| json!({ "row": row, "codes": codes.split(' ').collect::<Vec<_>>() });
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
            "refused_rows": self.first_refused.iter().map(row).collect::<Vec<_>>(),
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

    pub(super) fn print(&self, file: &Answered, response: Option<&Path>) -> Result<(), Failure> {
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
        self.print_refused()?;
        self.print_help()?;
        let again = if file.receipt.repeat { ", received before: this is the first receipt again" } else { "" };
        crate::commands::hold::print_ended(&self.ended, "  ")?;
        let (id, arrival, at) = (file.receipt.id, short(&file.arrival), in_words(self.received_at));
        let stamp = file.new_stamp(self.status);
        print_line(&format!("  receipt {id} ({arrival}) at {at}{again}{stamp}"))?;
        match response {
            Some(path) => print_line(&format!("  answer: {}", path.display())),
            None => Ok(()),
        }
    }

    /// The first refused rows of a file with a response, and where the others are.
    fn print_refused(&self) -> Result<(), Failure> {
        for (row, codes) in &self.first_refused {
            for code in codes.split(' ').filter_map(|code| code.parse::<RowCode>().ok()) {
                print_line(&format!("    row {row}: {code} {}", code.meaning()))?;
            }
        }
        let all = self.rows.iter().find(|(verdict, _)| verdict == "REFUSED").map_or(0, |(_, rows)| *rows);
        let shown = u64::try_from(self.first_refused.len()).unwrap_or(u64::MAX);
        if shown == 0 || all <= shown {
            return Ok(());
        }
        print_line(&format!("    and {} more: the answer has each refused row, and says more of it", all - shown))
    }

    /// Where it says what the codes mean, and what to do about them.
    fn print_help(&self) -> Result<(), Failure> {
        let of_file = self.codes.iter().map(|(code, _)| code.as_str());
        let of_rows = self.first_refused.iter().flat_map(|(_, codes)| codes.split(' '));
        let codes: BTreeSet<&str> = of_file.chain(of_rows).filter(|code| !code.is_empty()).collect();
        if codes.is_empty() {
            return Ok(());
        }
        print_line(&format!("  what to do: sluice rule {}", codes.into_iter().collect::<Vec<_>>().join(" ")))
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
