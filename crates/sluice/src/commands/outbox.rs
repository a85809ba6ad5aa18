//! `sluice outbox`: what was issued to a party.

use crate::cli::database::Outbox;
use crate::failure::{Done, Failure, Outcome};
use crate::output::{make_folder, write_file, write_new};
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::{count, folded, rfc3339};
use serde_json::json;
use sluice_rules::calendar::LONDON;
use sluice_rules::party::Party;
use sluice_service::books::calendar::in_words;
use sluice_store::tables::issued::{self, Notice};
use sluice_wire::text::{csv_line, push_harmless_csv};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The columns of a notice file.
const NOTICE_COLUMNS: [&str; 4] = ["Moment", "Rule", "CHF Device ID", "Notice"];

/// Runs `sluice outbox`: writes the files that are not in the folder yet, or not whole, and what the party was told into files
/// beside them. What is new in the folder is printed, newest last.
///
/// # Errors
/// If a file cannot be read or written.
pub fn run(args: &Outbox) -> Outcome {
    let mut session = Session::open_to_read(&args.at)?;
    let reader = session.reader(Some(args.party))?;
    make_folder(&args.out)?;
    let mut files = Files::default();
    let (mut written, now) = (Ok(()), session.now);
    let notices = session.service.look(now, &reader, |work| {
        // An observer, who sees more than its own, looks for one party too.
        for file in issued::to_party(&mut work.tx, &args.party, args.since)? {
            if let Some(bytes) = issued::content(&mut work.tx, file.id)?.filter(|_| written.is_ok()) {
                written = files.write(&args.out, file.name, &bytes);
            }
        }
        Ok(issued::notices_to(&mut work.tx, &args.party, args.since)?)
    })?;
    written?;
    let notices = files.write_notices(&args.out, args.party, notices)?;
    if args.at.json {
        print_json(&as_json(&files, &notices))?
    } else {
        tell(args, &files, &notices)?
    }
    Ok(Done::unless(!files.completed.is_empty() || !files.altered.is_empty()))
}

/// The names of the issued files by what was done with them; those that were there as issued are in none.
#[derive(Debug, Default)]
struct Files {
    /// They were not there.
    written: Vec<String>,
    /// They were there in part, as a copy leaves them that was broken off, and were written again.
    completed: Vec<String>,
    /// Something else is there. It may be somebody's work, so it stays.
    altered: Vec<String>,
}

impl Files {
    fn write(&mut self, folder: &Path, name: String, issued: &[u8]) -> Result<(), Failure> {
        let path = folder.join(&name);
        loop {
            match there(&path, issued)? {
                There::Same => {}
                There::Other => self.altered.push(name),
                There::Part => {
                    write_file(&path, issued, true)?;
                    self.completed.push(name);
                }
                There::Nothing if write_new(&path, issued)? => self.written.push(name),
                // Something appeared meanwhile, as when two runs write into one folder: it is compared.
                There::Nothing => continue,
            }
            return Ok(());
        }
    }
}

impl Files {
    /// Writes what a party was told in the order of time, a file for each second in which it was told anything, and gives what was
    /// not there yet. Of a file that somebody altered that cannot be said, so all in it is given.
    fn write_notices(&mut self, folder: &Path, party: Party, told: Vec<Notice>) -> Result<Vec<Notice>, Failure> {
        let mut new = Vec::new();
        let stamp = |notice: &Notice| notice.at.to_zoned(LONDON).strftime("%Y%m%d_%H%M%S").to_string();
        let mut seconds: BTreeMap<String, Vec<Notice>> = BTreeMap::new();
        for notice in told {
            seconds.entry(stamp(&notice)).or_default().push(notice);
        }
        for (second, mut notices) in seconds {
            let known = self.write_second(folder, format!("NOTICE_{party}_{second}.csv"), &notices)?;
            new.extend(notices.drain(known..));
        }
        // In October's repeated hour names are not in the order of time.
        new.sort_by_key(|notice| notice.at);
        Ok(new)
    }

    /// Writes the notices of a second into their file, which grows where one act follows another in it. Gives how many were there
    /// already.
    fn write_second(&mut self, folder: &Path, name: String, notices: &[Notice]) -> Result<usize, Failure> {
        let path = folder.join(&name);
        // Where the text of each notice ends.
        let (mut text, mut ends) = (csv_line(NOTICE_COLUMNS), Vec::with_capacity(notices.len()));
        for Notice { at, rule, chf, words, .. } in notices {
            let at = at.to_zoned(LONDON).strftime("%FT%T%:z").to_string();
            let chf = chf.map(|chf| chf.to_string()).unwrap_or_default();
            for (cell, end) in [(&*at, ','), (rule, ','), (&chf, ','), (words, '\n')] {
                push_harmless_csv(&mut text, cell);
                text.push(end);
            }
            ends.push(text.len());
        }
        let known = match there(&path, text.as_bytes())? {
            There::Same => return Ok(notices.len()),
            There::Nothing => 0,
            There::Other => {
                self.altered.push(name);
                return Ok(0);
            }
            There::Part => {
                let there = fs::metadata(&path).map_err(|error| Failure::read(&path, &error))?.len();
                ends.iter().filter(|end| u64::try_from(**end).is_ok_and(|end| end <= there)).count()
            }
        };
        write_file(&path, text.as_bytes(), true)?;
        if known == 0 {
            self.written.push(name);
        }
        Ok(known)
    }
}

/// What is where an issued file belongs.
enum There {
    Nothing,
    Same,
    /// The beginning of it, if any, and nothing else.
    Part,
    Other,
}

fn there(path: &Path, issued: &[u8]) -> Result<There, Failure> {
    let read = |error| Failure::read(path, &error);
    match fs::metadata(path) {
        // A link to nothing has the name.
        Err(error) if error.kind() == ErrorKind::NotFound && !path.is_symlink() => return Ok(There::Nothing),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(There::Other),
        Err(error) => return Err(read(error)),
        // A folder, or a larger file: it need not be read.
        Ok(found) if !found.is_file() || usize::try_from(found.len()).is_ok_and(|size| size > issued.len()) => {
            return Ok(There::Other);
        }
        Ok(_) => {}
    }
    let found = fs::read(path).map_err(read)?;
    Ok(match issued.strip_prefix(found.as_slice()) {
        Some([]) => There::Same,
        Some(_) => There::Part,
        None => There::Other,
    })
}

fn as_json(files: &Files, notices: &[Notice]) -> serde_json::Value {
    let notices = notices.iter().map(|notice| {
        json!({ "at": rfc3339(notice.at), "rule": notice.rule, "chf": notice.chf.map(|chf| chf.to_string()), "words": notice.words })
    });
    let Files { written, completed, altered } = files;
    json!({ "written": written, "completed": completed, "altered": altered, "notices": notices.collect::<Vec<_>>() })
}

fn tell(args: &Outbox, files: &Files, notices: &[Notice]) -> Result<(), Failure> {
    let out = args.out.display();
    print_line(&format!("{} written to {out}", count(files.written.len(), "new file")))?;
    files.written.iter().try_for_each(|name| print_line(&format!("  {name}")))?;
    if !files.completed.is_empty() {
        print_line(&format!("{} not whole, written again:", count(files.completed.len(), "file")))?;
        files.completed.iter().try_for_each(|name| print_line(&format!("  {name}")))?;
    }
    if !files.altered.is_empty() {
        let number = count(files.altered.len(), "file");
        print_line(&format!(
            "{number} not as issued, left as found; move away what you need of it, and run this again:"
        ))?;
        files.altered.iter().try_for_each(|name| print_line(&format!("  {name}")))?;
    }
    for notice in notices {
        let chf = notice.chf.map(|chf| format!("{chf}: ")).unwrap_or_default();
        print_line(&folded("", &format!("{}, {}: {chf}{}", in_words(notice.at), notice.rule, notice.words)))?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
