//! `sluice outbox`: what was issued to a party.

use crate::cli::database::Outbox;
use crate::failure::{Done, Failure, Outcome};
use crate::output::{make_folder, write_file, write_new};
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::{count, rfc3339};
use serde_json::json;
use sluice_service::books::calendar::in_words;
use sluice_store::tables::issued::{self, Notice};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Runs `sluice outbox`: writes the files that are not in the folder yet, or not whole.
///
/// # Errors
/// If a file cannot be read or written.
pub fn run(args: &Outbox) -> Outcome {
    let mut session = Session::open(&args.at)?;
    let reader = session.reader(Some(args.party))?;
    make_folder(&args.out)?;
    let mut files = Files::default();
    let (mut written, now) = (Ok(()), session.now);
    let notices = session.service.look(now, &reader, |work| {
        // An observer, who sees everything, looks for one party too.
        for file in issued::list(&mut work.tx)?.into_iter().filter(|file| file.party == args.party) {
            if let Some(bytes) = issued::content(&mut work.tx, file.id)?.filter(|_| written.is_ok()) {
                written = files.write(&args.out, file.name, &bytes);
            }
        }
        let notices = issued::notices(&mut work.tx)?;
        Ok(notices.into_iter().filter(|notice| notice.party == args.party).collect::<Vec<_>>())
    })?;
    written?;
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
        print_line(&format!("{}, {}: {chf}{}", in_words(notice.at), notice.rule, notice.words))?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
