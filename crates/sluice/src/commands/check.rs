//! `sluice check`: the service's own checks, without its database.

use crate::cli::Check;
use crate::failure::{Done, Failure, Outcome};
use crate::offline::{Books, InputFile, Settings, files_in};
use crate::print::{print_json_line, print_line};
use crate::show::count;
use jiff::{Timestamp, Zoned, tz::TimeZone};
use serde_json::{Value, json};
use sluice_rules::codes::FileCode;
use sluice_rules::file::FileKind;
use sluice_rules::rulebook::{Document, Rulebook, in_effect};
use sluice_wire::authorisation::{check_stamp, read_authorisation};
use sluice_wire::demand::read_demand;
use sluice_wire::dormant::{Reasons, read_answers};
use sluice_wire::hold::read_holds;
use sluice_wire::limits::Limits;
use sluice_wire::name::FileName;
use sluice_wire::outcome::read_outcomes;
use sluice_wire::text::shown;
use sluice_wire::{FileFinding, Password, RowFinding};
use std::path::Path;

/// The verdict on a file: refused with its codes, or accepted with its refused rows.
struct Verdict {
    file: String,
    /// The rulebook by which it was judged (RB-2); none for a name that says nothing.
    rulebook: Option<String>,
    refused: Vec<FileFinding>,
    rows: Vec<RowFinding>,
    good: usize,
    /// What was read of a workbook although nobody who looks at it sees it.
    unseen: Option<String>,
}

/// The number of good rows, the refused ones and what nobody sees, or why the whole file is refused.
type Judged = Result<(usize, Vec<RowFinding>, Option<String>), Vec<FileFinding>>;

/// What all files of a run are checked with.
struct Checker {
    books: Books,
    password: Option<Password>,
    now: Zoned,
}

/// Refused rows that are listed on a terminal; a machine gets them all.
const ROWS_SHOWN: usize = 50;

/// Runs `sluice check`.
///
/// # Errors
/// If it could not do its work.
pub fn run(args: &Check) -> Outcome {
    let checker = Checker {
        books: Books::load()?,
        password: args.password_file.as_deref().map(read_password).transpose()?,
        now: Timestamp::now().to_zoned(TimeZone::UTC),
    };
    let (mut refused, mut unread) = (false, None);
    let files = files_in(&args.files)?;
    if files.is_empty() {
        return Err(Failure::Use("there is no file to check in what is named".to_owned()));
    }
    for path in &files {
        let verdict = match checker.check(path) {
            Ok(verdict) => verdict,
            // A file that is not there does not keep the others from being checked; it is told at the end.
            Err(failure @ Failure::Use(_)) => {
                unread.get_or_insert(failure);
                continue;
            }
            Err(failure) => return Err(failure),
        };
        refused |= !verdict.refused.is_empty() || !verdict.rows.is_empty();
        if args.json {
            // One object a file and a line, so that any number of files can be read as they come.
            print_json_line(&verdict.json())?;
        } else {
            verdict.print()?;
        }
    }
    unread.map_or(Ok(Done::unless(refused)), Err)
}

fn read_password(path: &Path) -> Result<Password, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::read(path, &error))?;
    Password::from_bytes(&bytes).map_err(|finding| Failure::Use(format!("{}: {}", path.display(), finding.message)))
}

impl Checker {
    fn check(&self, path: &Path) -> Result<Verdict, Failure> {
        path.metadata().map_err(|error| Failure::read(path, &error))?;
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (rulebook, judged) = match FileName::parse(&file) {
            Err(finding) => (None, Err(vec![finding])),
            Ok((name, extension)) => self.content(path, name, &extension)?,
        };
        Ok(match judged {
            Ok((good, rows, unseen)) => Verdict { file, rulebook, refused: Vec::new(), rows, good, unseen },
            Err(refused) => Verdict { file, rulebook, refused, rows: Vec::new(), good: 0, unseen: None },
        })
    }

    fn content(&self, path: &Path, name: FileName, extension: &str) -> Result<(Option<String>, Judged), Failure> {
        let file = InputFile::open(path)?;
        let Some(mut stream) = file.stream()? else { return Ok((None, Err(Vec::new()))) };
        if name.kind == FileKind::DemandCommitment {
            let (book, limits, largest) = self.books.intake(name.date, &Settings::default())?;
            let read = read_demand(name, extension, &mut *stream, &limits, largest);
            return Ok((Some(book.id.clone()), read.map(|demand| (7, Vec::new(), demand.unseen))));
        }
        let book = self.mam()?;
        let limits = Limits::of(book).map_err(Failure::internal)?;
        let whole = |finding: FileFinding| vec![finding];
        let judged = match name.kind {
            FileKind::Authorisation => check_stamp(&name, &self.now)
                .and_then(|()| read_authorisation(extension, &mut *stream, &limits, self.password.as_ref()))
                .map(|file| {
                    let refused = file.refused();
                    (file.rows.len() - refused.len(), refused, file.unseen)
                })
                .map_err(whole),
            FileKind::DormantAnswer => {
                let list = |name| book.list(name).map_err(Failure::internal);
                let (known, with_statement) = (list("objection_reasons")?, list("statement_reasons")?);
                let reasons = Reasons { known, with_statement, blank_is_none: true };
                let read = read_answers(extension, &mut *stream, &limits, reasons);
                read.map(|file| (file.rows.len(), file.refused, file.unseen)).map_err(whole)
            }
            FileKind::Password => check_stamp(&name, &self.now)
                .and_then(|()| sluice_wire::read_password(extension, &mut *stream))
                .map(|_| (1, Vec::new(), None))
                .map_err(whole),
            FileKind::Hold => check_stamp(&name, &self.now)
                .and_then(|()| read_holds(extension, &mut *stream, &limits))
                .map(|file| (file.rows.len(), file.refused, file.unseen))
                .map_err(whole),
            FileKind::Outcomes => check_stamp(&name, &self.now)
                .and_then(|()| read_outcomes(extension, &mut *stream, &limits))
                .map(|file| (file.rows.len(), file.refused, file.unseen))
                .map_err(whole),
            other => Err(vec![unchecked(other)]),
        };
        Ok((Some(book.id.clone()), judged))
    }

    /// RB-2: the MAM rulebook in effect now, when the file would be received.
    fn mam(&self) -> Result<&Rulebook, Failure> {
        in_effect(&self.books.all, Document::Mam, self.now.date())
            .ok_or_else(|| Failure::internal("no MAM rulebook is in effect; is the clock of this machine right?"))
    }
}

/// FI02: files that DCC writes are not sent to it.
fn unchecked(kind: FileKind) -> FileFinding {
    let message =
        format!("{} files are not checked here; check DC, MA, MAPASSWORD, HOLD, DMMSR and OUTCOME files", kind.word());
    FileFinding::new(FileCode::FI02, message)
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
        let mut told = json!({
            "file": self.file, "rulebook": self.rulebook, "verdict": verdict, "codes": codes, "message": messages.join("; "), "rows": rows,
        });
        if let Some(unseen) = &self.unseen {
            told["unseen"] = json!(unseen);
        }
        told
    }

    fn print(&self) -> Result<(), Failure> {
        let rulebook = self.rulebook.as_ref().map_or_else(String::new, |id| format!(" ({id})"));
        let file = shown(&self.file);
        if !self.refused.is_empty() {
            print_line(&format!("{file}: refused{rulebook}"))?;
            for finding in &self.refused {
                print_line(&format!("  {} {}", finding.code, finding.message))?;
            }
            return Ok(());
        }
        let good = count(self.good, "good row");
        let refused = match self.rows.len() {
            0 => String::new(),
            rows => format!(", {}", count(rows, "refused row")),
        };
        print_line(&format!("{file}: accepted{rulebook}, {good}{refused}"))?;
        if let Some(unseen) = &self.unseen {
            print_line(&format!("  note: {unseen}"))?;
        }
        for row in self.rows.iter().take(ROWS_SHOWN) {
            print_line(&format!("  row {}: {} {}", row.row, row.codes().join(" "), row.message()))?;
        }
        match self.rows.len().checked_sub(ROWS_SHOWN) {
            Some(more) if more > 0 => print_line(&format!("  and {more} more; --json lists them all")),
            _ => Ok(()),
        }
    }
}
