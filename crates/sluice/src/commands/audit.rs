//! `sluice audit`.

use crate::cli::database::{AuditAction, Database};
use crate::failure::{Done, Failure, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use serde_json::json;
use sluice_service::act::count_again::CountAgain;
use sluice_service::record::tree::Head;
use sluice_service::record::verify::Verified;
use sluice_store::tables::counts::Wrong;

/// Runs `sluice audit`.
///
/// # Errors
/// If the database fails.
pub fn run(action: AuditAction) -> Outcome {
    match action {
        AuditAction::Head { at } => print_head(&at),
        AuditAction::Verify { head, at } => print_verified(&at, &head),
        AuditAction::Counts { anew, by, at } => print_counts(&at, anew, by.as_deref()),
    }
}

/// Of so many wrong counts each is named.
const NAMED: usize = 20;

/// REP-1: says which running counts do not agree with what they count, and counts everything from scratch if that is wanted.
fn print_counts(at: &Database, anew: bool, by: Option<&str>) -> Outcome {
    let (mut session, caught_up) = if anew { (Session::open(at)?, Ok(())) } else { Session::open_to_check(at)? };
    let wrong = session.service.wrong_counts()?;
    if wrong.is_empty() {
        caught_up?;
    }
    let mend = anew && !wrong.is_empty();
    if mend {
        let by = session.named(by)?;
        session.service.act(session.now, &by, CountAgain {})?;
        let left = session.service.wrong_counts()?;
        if let Some(Wrong { table, of, .. }) = left.first() {
            return Err(Failure::Internal(format!("{table} does not agree, counted again: {of}; this is a defect")));
        }
    }
    if at.json {
        let lines: Vec<_> = wrong
            .iter()
            .map(|Wrong { table, of, kept, found }| json!({ "table": table, "of": of, "kept": kept, "found": found }))
            .collect();
        print_json(&json!({ "wrong": lines, "counted_again": mend }))?;
    } else {
        tell_counts(&wrong, mend)?;
    }
    Ok(Done::unless(!wrong.is_empty() && !mend))
}

fn tell_counts(wrong: &[Wrong], mended: bool) -> Result<(), Failure> {
    if wrong.is_empty() {
        return print_line("Every running count is what counting from scratch gives.");
    }
    let number = |count: Option<i64>| count.map_or_else(|| "nothing".to_owned(), |count| count.to_string());
    for Wrong { table, of, kept, found } in wrong.iter().take(NAMED) {
        print_line(&format!("{table}: {of}: kept {}, there is {}", number(*kept), number(*found)))?;
    }
    if wrong.len() > NAMED {
        print_line(&format!("and {} more", wrong.len() - NAMED))?;
    }
    let what =
        if wrong.len() == 1 { "1 running count does".to_owned() } else { format!("{} running counts do", wrong.len()) };
    print_line(&if mended {
        format!("{what} not agree; everything has been counted from scratch, and agrees now.")
    } else {
        format!("{what} not agree. To count everything from scratch: sluice audit counts --anew")
    })
}

fn print_head(at: &Database) -> Outcome {
    let mut session = Session::open_as_holder(at)?;
    let head = session.service.head()?;
    let text = head.to_string();
    if at.json {
        let root = text.split_once(':').map(|(_, root)| root);
        print_json(&json!({ "rows": head.size, "root": root, "head": text }))?;
    } else {
        print_line(&text)?;
    }
    Ok(Done::Clean)
}

fn print_verified(at: &Database, heads: &[Head]) -> Outcome {
    let (mut session, caught_up) = Session::open_to_check(at)?;
    let verified = session.service.verify(heads)?;
    if verified.bad.is_none() {
        caught_up?;
    }
    let Verified { rows, erased, nameless, contents, issued, bad } = &verified;
    if at.json {
        print_json(&json!({
            "rows": rows, "erased": erased, "nameless": nameless, "contents": contents, "issued": issued, "bad": bad,
        }))?;
    } else if let Some(bad) = bad {
        print_line(bad)?;
    } else {
        tell(&verified, heads)?;
    }
    Ok(Done::unless(bad.is_some()))
}

/// Says what was found right.
fn tell(verified: &Verified, heads: &[Head]) -> Result<(), Failure> {
    let Verified { rows, erased, nameless, contents, issued, .. } = verified;
    print_line(&format!("{rows} rows of the record: no gap, every leaf as it was written."))?;
    print_line(&format!("{contents} contents and {issued} issued files are what their digests say."))?;
    if *erased > 0 {
        let rows = if *erased == 1 { "row" } else { "rows" };
        print_line(&format!("The details of {erased} {rows} are erased."))?;
    }
    if *nameless > 0 {
        let names = if *nameless == 1 { "name of 1 account is" } else { "names of {} accounts are" };
        print_line(&format!("The {} erased.", names.replace("{}", &nameless.to_string())))?;
    }
    if let Some(last) = heads.iter().max() {
        print_line(&format!("The log begins with the {} rows of the head that was kept.", last.size))?;
    }
    Ok(())
}
