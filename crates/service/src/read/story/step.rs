//! What is so now, and what is next.

use crate::act::work::Look;
use crate::books::calendar::in_words;
use crate::error::Result;
use crate::facts::dossier::Dossier;
use crate::read::story::reader::Reader;
use jiff::civil::Date;
use sluice_store::tables::{outcomes, schedules};

/// What is so now, what is next, who acts, and what else bears on it.
pub(crate) struct Next {
    pub(crate) now: String,
    pub(crate) next: String,
    pub(crate) who: String,
    pub(crate) also: Vec<String>,
}

pub(crate) fn scheduled(work: &mut Look<'_>, file: &Dossier, reader: Reader, date: Date, due: &str) -> Result<Next> {
    let s1sp = file.installation.s1sp;
    let version = reader.version(",", schedules::version(&mut work.tx, &s1sp, date)?);
    let known = outcomes::of_installation(&mut work.tx, file.installation.chf)?;
    let started = known.into_iter().find(|(day, _)| *day == date).and_then(|(_, known)| known.started);
    let attempt = file.attempts.failed + 1;
    let now = match started {
        Some(at) => format!("{s1sp} began with it at {} (attempt {attempt}).", in_words(at)),
        None => format!("It is in the schedule of {date}{version}, as attempt {attempt}."),
    };
    let next = format!("{s1sp} migrates it and reports the outcome until {due}.");
    Ok(Next { now, next, who: format!("S1SP {s1sp}"), also: Vec::new() })
}
