//! MAM-9: a verdict that comes while nobody waits for it is told to the file's sender by a notice.

use crate::act::tell::tell;
use crate::act::work::Work;
use crate::error::Result;
use crate::files::verdict::Verdict;
use sluice_rules::file::FileStatus;
use sluice_rules::party::Party;
use sluice_store::tables::record::Received;
use sluice_store::tables::{files, issued, record};
use sluice_wire::text::shown;

/// Tells the sender of a file its verdict, unless a response answers it, or what it gave way to was told already.
///
/// # Errors
/// If the database fails.
pub(crate) fn tell_verdict(work: &mut Work<'_>, received: &Received, verdict: &Verdict) -> Result<()> {
    // Before version 5 only demand was told of so, where it is judged.
    if work.engine < 5 || verdict.response.is_some() || verdict.status == FileStatus::Replaced {
        return Ok(());
    }
    let Some(file) = files::get(&mut work.tx, received.id)? else { return Ok(()) };
    let why = match (file.codes.as_str(), file.message.replace('\n', "; ")) {
        _ if file.status == FileStatus::Waiting => ": its password did not come yet".to_owned(),
        (_, message) if message.is_empty() => String::new(),
        ("", message) => format!(": {message}"),
        (codes, message) => format!(": {codes} {message}"),
    };
    let status = file.status.word().to_ascii_lowercase();
    tell_sender(work, file.sender, received, &format!("{status}{why}"))
}

/// Tells the sender of a file that it is refused by its name, unless a response answers it.
///
/// # Errors
/// If the database fails.
pub(crate) fn tell_refused(
    work: &mut Work<'_>,
    sender: Party,
    received: &Received,
    refused: &[(String, String)],
) -> Result<()> {
    if work.engine < 5 || refused.is_empty() || !issued::answering(&mut work.tx, received.id)?.is_empty() {
        return Ok(());
    }
    let words: Vec<String> = refused.iter().map(|(code, message)| format!("{code} {message}")).collect();
    tell_sender(work, sender, received, &format!("refused: {}", words.join("; ")))
}

/// MSM-14: how a party is told of a file of its own: by its name. Numbers count what everybody hands in; programs of before told them.
#[must_use]
pub(crate) fn named(engine: i64, id: i64, name: &str) -> String {
    if engine > 7 { shown(name).to_string() } else { format!("file {id}, {name},") }
}

/// The same where programs of before told the number alone.
///
/// # Errors
/// If the database fails.
pub(crate) fn called(work: &mut Work<'_>, id: i64) -> Result<String> {
    if work.engine < 8 {
        return Ok(format!("file {id}"));
    }
    Ok(shown(&record::received(&mut work.tx, id)?.name).to_string())
}

fn tell_sender(work: &mut Work<'_>, sender: Party, received: &Received, what: &str) -> Result<()> {
    let words = format!("{} is {what}", named(work.engine, received.id, &shown(&received.name)));
    tell(work, sender, "MAM-9", None, &words)
}
