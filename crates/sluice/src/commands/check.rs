//! `sluice check`: the service's own checks, without its database.

use super::print_line;
use crate::cli::Check;
use crate::failure::{Done, Failure, Outcome};
use crate::offline::{Books, InputFile, Settings};
use crate::show::count;
use jiff::{Timestamp, Zoned, tz::TimeZone};
use serde_json::{Value, json};
use sluice_rules::rulebook::{Document, Rulebook};
use sluice_wire::authorisation::{check_stamp, read_authorisation};
use sluice_wire::demand::read_demand;
use sluice_wire::dormant::{Reasons, read_answers};
use sluice_wire::limits::Limits;
use sluice_wire::name::{FileName, Kind};
use sluice_wire::text::shown;
use sluice_wire::{FileFinding, Password, RowFinding};
use std::path::Path;

/// The verdict on a file: refused with its codes, or accepted with its refused rows.
struct Verdict {
    file: String,
    refused: Vec<FileFinding>,
    rows: Vec<RowFinding>,
    good: usize,
}

/// The number of good rows and the refused ones, or why the whole file is refused.
type Judged = Result<(usize, Vec<RowFinding>), Vec<FileFinding>>;

/// What all files of a run are checked with.
struct Checker {
    books: Books,
    password: Option<Password>,
    now: Zoned,
}

/// Refused rows that are listed on a terminal; a machine gets them all.
const ROWS_SHOWN: usize = 50;

pub fn run(args: &Check) -> Outcome {
    let checker = Checker {
        books: Books::load()?,
        password: args.password_file.as_deref().map(read_password).transpose()?,
        now: Timestamp::now().to_zoned(TimeZone::UTC),
    };
    let mut any = false;
    for path in &args.files {
        let verdict = checker.check(path)?;
        any |= !verdict.refused.is_empty() || !verdict.rows.is_empty();
        if args.json {
            // One object a file and a line, so that any number of files can be read as they come.
            print_line(&verdict.json().to_string())?;
        } else {
            verdict.print()?;
        }
    }
    Ok(Done::unless(any))
}

fn read_password(path: &Path) -> Result<Password, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::read(path, &error))?;
    Password::from_file(&text).map_err(|finding| Failure::Use(format!("{}: {}", path.display(), finding.message)))
}

impl Checker {
    fn check(&self, path: &Path) -> Result<Verdict, Failure> {
        let metadata = std::fs::metadata(path).map_err(|error| Failure::read(path, &error))?;
        if metadata.is_dir() {
            return Err(Failure::Use(format!("{} is a folder; name the files in it", path.display())));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let verdict = |result: Judged| match result {
            Ok((good, rows)) => Verdict { file: name.clone(), refused: Vec::new(), rows, good },
            Err(refused) => Verdict { file: name.clone(), refused, rows: Vec::new(), good: 0 },
        };
        match FileName::parse(&name) {
            Err(finding) => Ok(verdict(Err(vec![finding]))),
            Ok((parsed, extension)) => Ok(verdict(self.content(path, parsed, &extension)?)),
        }
    }

    fn content(&self, path: &Path, name: FileName, extension: &str) -> Result<Judged, Failure> {
        let file = InputFile::open(path)?;
        let Some(mut stream) = file.stream()? else { return Ok(Err(Vec::new())) };
        match name.kind {
            Kind::DemandCommitment => {
                let (limits, demand_limit) = self.books.intake(name.date, &Settings::default())?;
                Ok(read_demand(name, extension, &mut *stream, &limits, demand_limit).map(|_| (7, Vec::new())))
            }
            Kind::Authorisation => {
                if let Err(finding) = check_stamp(&name, &self.now) {
                    return Ok(Err(vec![finding]));
                }
                let limits = self.mam_limits()?;
                let read = read_authorisation(extension, &mut *stream, &limits, self.password.as_ref());
                Ok(read.map(|file| (file.rows.len(), file.refused)).map_err(|finding| vec![finding]))
            }
            Kind::DormantAnswer => {
                let list = |name| self.mam()?.list(name).map_err(Failure::internal);
                let reasons = Reasons { known: list("objection_reasons")?, with_statement: list("statement_reasons")? };
                let read = read_answers(extension, &mut *stream, &self.mam_limits()?, reasons);
                Ok(read.map(|file| (file.rows.len(), file.refused)).map_err(|finding| vec![finding]))
            }
            other => {
                let message = format!("{} files are not sent by suppliers for checking", other.word());
                Err(Failure::Use(format!("{}: {message}; check DC, MA and DMMSR files", shown(&file.name))))
            }
        }
    }

    fn mam(&self) -> Result<&Rulebook, Failure> {
        self.books.latest(Document::Mam)
    }

    fn mam_limits(&self) -> Result<Limits, Failure> {
        Limits::of(self.mam()?).map_err(Failure::internal)
    }
}

impl Verdict {
    fn json(&self) -> Value {
        let codes: Vec<&str> = self.refused.iter().map(|finding| finding.code.code()).collect();
        let messages: Vec<&str> = self.refused.iter().map(|finding| finding.message.as_str()).collect();
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| json!({ "row": row.row, "codes": row.codes(), "message": row.message() }))
            .collect();
        let verdict = if self.refused.is_empty() { "accepted" } else { "refused" };
        json!({
            "file": self.file, "verdict": verdict, "codes": codes, "message": messages.join("; "), "rows": rows,
        })
    }

    fn print(&self) -> Result<(), Failure> {
        let file = shown(&self.file);
        if !self.refused.is_empty() {
            print_line(&format!("{file}: refused"))?;
            for finding in &self.refused {
                print_line(&format!("  {} {}", finding.code, finding.message))?;
            }
            return Ok(());
        }
        let good = count(self.good, "good row");
        if self.rows.is_empty() {
            return print_line(&format!("{file}: accepted, {good}"));
        }
        print_line(&format!("{file}: accepted, {good}, {}", count(self.rows.len(), "refused row")))?;
        for row in self.rows.iter().take(ROWS_SHOWN) {
            print_line(&format!("  row {}: {} {}", row.row, row.codes().join(" "), row.message()))?;
        }
        match self.rows.len().checked_sub(ROWS_SHOWN) {
            Some(more) if more > 0 => print_line(&format!("  and {more} more; --json lists them all")),
            _ => Ok(()),
        }
    }
}
