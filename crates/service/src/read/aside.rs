//! What is set aside, as operators read it (FI24).

use crate::act::work::Look;
use crate::error::{Result, ServiceError};
use crate::files::aside::overtaken;
use jiff::civil::Date;
use serde_json::Value;
use sluice_rules::file::FileKind;
use sluice_rules::party::S1sp;
use sluice_store::tables::aside::{self, Aside};
use sluice_store::tables::{files, record};

/// Something that is set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// How it stands; not tried again if a cut-off has overtaken it.
    pub aside: Aside,
    /// What it is, in words.
    pub what: String,
    /// The S1SP that it is about, if it is about one.
    pub s1sp: Option<S1sp>,
    /// The Monday of the week that it is about, if it is about one.
    pub week: Option<Date>,
    /// The commands by which it is mended.
    pub commands: Vec<String>,
}

/// Everything that is set aside, in the order in which it was.
///
/// # Errors
/// If the reader is not DCC's, or the database fails.
pub fn list(work: &mut Look<'_>) -> Result<Vec<Listed>> {
    if !work.by.is_dcc() {
        let words = format!("what is set aside is for DCC; '{}' is told of its own files", work.by.name());
        return Err(ServiceError::rule("FI24", words));
    }
    let all = aside::all(&mut work.tx)?;
    all.into_iter().map(|aside| listed(work, aside)).collect()
}

fn listed(work: &mut Look<'_>, mut aside: Aside) -> Result<Listed> {
    let retry = format!("sluice retry {}", aside.id);
    let Some(id) = aside.file else {
        let details: Value = serde_json::from_str(&aside.details).unwrap_or_default();
        let of = |name: &str| details.get(name).and_then(Value::as_str);
        let (s1sp, week) = (of("s1sp").and_then(|word| word.parse().ok()), of("week").or_else(|| of("date")));
        let week = week.and_then(|word| word.parse().ok()).and_then(|date| crate::books::calendar::week_of(date).ok());
        let what = format!("act of the clock {}{}", aside.kind, in_words(&details));
        return Ok(Listed { aside, what, s1sp, week, commands: vec![retry] });
    };
    let Some(file) = files::get(&mut work.tx, id)? else {
        return Err(ServiceError::defect(format!("file {id} is set aside and is not there")));
    };
    let name = record::received(&mut work.tx, id)?.name;
    let is_of_a_week = matches!(file.kind, FileKind::DemandCommitment | FileKind::DormantAnswer);
    let mut what = format!("file {id} of {}, {name}", file.sender);
    let mut commands = vec![retry];
    if let Some((milestone, _)) = overtaken(work, &file)? {
        aside.next = None;
        what = format!("{what}, overtaken by '{}'", milestone.title());
        commands.clear();
        if file.kind == FileKind::DemandCommitment {
            commands.push(format!("sluice week take-file {id} --reason REASON"));
        }
    }
    Ok(Listed { aside, what, s1sp: Some(file.s1sp), week: is_of_a_week.then_some(file.date), commands })
}

/// The details of an act: " of s1sp CGI, week 2021-07-26".
fn in_words(details: &Value) -> String {
    let Some(fields) = details.as_object().filter(|fields| !fields.is_empty()) else { return String::new() };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let words: Vec<String> = fields.iter().map(|(name, value)| format!("{name} {}", text(value))).collect();
    format!(" of {}", words.join(", "))
}
