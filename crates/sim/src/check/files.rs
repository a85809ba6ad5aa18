//! Files: nothing that was handed in is lost, every row has its answer, and the demand is what the files say.

use super::found::{Found, home};
use crate::look::{File, Look};
use std::collections::{BTreeMap, BTreeSet};

/// What is in a file, as the simulation wrote it.
#[derive(Debug, Clone)]
pub enum Content {
    /// The demand of the days, with the dates.
    Demand(Vec<(i64, i64)>),
    /// Rows that are answered each, by their line numbers.
    Rows(Vec<i64>),
    /// A password: nothing of it is kept.
    Password,
    /// Something else.
    Other,
}

/// A file as it was handed in.
#[derive(Debug, Clone)]
pub struct Sending {
    /// By whom.
    pub party: String,
    /// Under which name.
    pub name: String,
    /// The SHA-256 of its bytes.
    pub digest: Vec<u8>,
    /// What is in it.
    pub content: Content,
    /// The receipt of the first one, if it is a repeat.
    pub repeats: Option<i64>,
}

/// Everything that was handed in, by receipt.
#[derive(Debug, Clone, Default)]
pub struct Sent(pub BTreeMap<i64, Sending>);

/// Checks the files.
pub(super) fn check(look: &Look, sent: &Sent, found: &mut Found) {
    let rows = answered(look, found);
    for (id, sending) in &sent.0 {
        receipt(look, *id, sending, found);
        if let (Content::Rows(written), Some(file)) = (&sending.content, look.files.get(id)) {
            let answered = rows.get(id).cloned().unwrap_or_default();
            // Answers to a Dormant notice are replaced by the next ones.
            let taken = matches!(file.status.as_str(), "ACCEPTED" | "REPLACED");
            let wanted: BTreeSet<i64> = if taken { written.iter().copied().collect() } else { BTreeSet::new() };
            found.unless(answered == wanted, || {
                format!("file {id} ({}) has rows {wanted:?}, answered are {answered:?}", sending.name)
            });
        }
    }
    for id in look.received.keys() {
        found.unless(sent.0.contains_key(id) || look.imports.contains(id), || format!("receipt {id} is of nothing"));
    }
    demand(look, sent, found);
}

/// The rows of each file that have an answer or made an authorisation; no row has two.
fn answered(look: &Look, found: &mut Found) -> BTreeMap<i64, BTreeSet<i64>> {
    let mut rows: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    for (file, row) in look.answers.keys() {
        rows.entry(*file).or_default().insert(*row);
    }
    for ((chf, file), auth) in &look.auths {
        found.unless(rows.entry(*file).or_default().insert(auth.row), || {
            format!("row {} of file {file} is answered twice, once as {} of {}", auth.row, auth.state, home(*chf))
        });
    }
    rows
}

/// MAM-9: a receipt with name, sender and digest, and a verdict: of its content, of its name, or the first receipt again.
fn receipt(look: &Look, id: i64, sending: &Sending, found: &mut Found) {
    let say = |words: &str| format!("file {id} ({} of {}) {words}", sending.name, sending.party);
    let Some(received) = look.received.get(&id) else { return found.add(say("was lost")) };
    found.unless((&received.name, &received.sender) == (&sending.name, &sending.party), || say("is kept as another"));
    let password = matches!(sending.content, Content::Password);
    let kept = if password { None } else { Some(&sending.digest) };
    found.unless(received.digest.as_ref() == kept, || say("is kept with other content"));
    let (named, repeats) = (look.files.get(&id), sending.repeats);
    let answers = [named.is_some(), look.misnamed.contains(&id), repeats.is_some()];
    let count = answers.iter().filter(|answer| **answer).count();
    found.unless(count == 1 || (password && count == 0), || say(&format!("is answered {count} times: {answers:?}")));
    if let Some(file) = named {
        found.unless(!matches!(file.status.as_str(), "RECEIVED" | "ASIDE"), || say("has no verdict"));
        let coded = file.status != "REFUSED" || !file.codes.is_empty();
        found.unless(coded, || say("is refused without a code"));
        found.unless(file.sender == sending.party, || say(&format!("is of {}", file.sender)));
    }
    if let Some(first) = repeats {
        let before = look.received.get(&first);
        found.unless(before.is_some_and(|before| before.digest == received.digest), || {
            say(&format!("is said to repeat {first}, which is another"))
        });
    }
}

/// MSM-2: the demand that stands is that of the one accepted file of each User ID, S1SP and week, and no other.
fn demand(look: &Look, sent: &Sent, found: &mut Found) {
    let mut wanted = BTreeMap::new();
    let mut ids = BTreeSet::new();
    let taken = |file: &File| file.kind == "DC" && file.status == "ACCEPTED";
    for (id, file) in look.files.iter().filter(|(_, file)| taken(file)) {
        let Some(user_id) = file.user_id else { continue };
        found.unless(ids.insert((&file.s1sp, file.date, user_id)), || {
            format!("two demand files of one User ID stand for {} in the week of {}", file.s1sp, file.date)
        });
        let Some(Content::Demand(days)) = sent.0.get(id).map(|sending| &sending.content) else {
            found.add(format!("file {id} is taken as demand, and is none"));
            continue;
        };
        for (date, units) in days {
            wanted.insert(((file.s1sp.clone(), *date), file.sender.clone(), user_id), *units);
        }
    }
    // MAM-11: what passes from one party to another is no party's file any more.
    let passed: BTreeSet<&String> =
        look.events.iter().filter(|event| event.done).flat_map(|event| [&event.from, &event.to]).collect();
    wanted.retain(|(_, party, _), _| !passed.contains(party));
    let mut standing = look.demand.clone();
    standing.retain(|(_, party, _), _| !passed.contains(party));
    found.unless(wanted == standing, || {
        let other = wanted.iter().find(|(key, units)| standing.get(key) != Some(units));
        let counts = (wanted.len(), standing.len());
        format!("the demand that stands is not that of the files: {other:?} of {counts:?}")
    });
}
