//! What DCC sent and told one party, in one order: documents and notices (MSM-14).

use crate::act::work::Look;
use crate::error::{Result, ServiceError};
use crate::people::veil::Veil;
use jiff::Timestamp;
use sluice_rules::party::{Eui64, Party};
use sluice_store::tables::{inbox, issued};
use sluice_wire::text::shown;

/// Something that a party was sent or told.
#[derive(Debug, Clone)]
pub struct Item {
    /// What it is known by.
    pub id: String,
    /// When it was issued.
    pub at: Timestamp,
    /// What it is.
    pub what: What,
}

/// A document or a notice.
#[derive(Debug, Clone)]
pub enum What {
    /// A file.
    Document {
        /// Its name.
        name: String,
    },
    /// Something in words.
    Notice {
        /// Under which rule.
        rule: String,
        /// The installation that it is about.
        chf: Option<Eui64>,
        /// What is told.
        words: String,
    },
}

/// A page of it.
#[derive(Debug, Clone)]
pub struct Page {
    /// Oldest first.
    pub items: Vec<Item>,
    /// Where the next page begins, also when it is empty yet.
    pub next: String,
    /// Is there more already?
    pub more: bool,
}

/// How the ids of documents begin, and those of notices.
const DOCUMENT: char = 'd';
const NOTICE: char = 'n';

/// What a party was sent and told after a place, at most so many; from the first on without a place.
///
/// # Errors
/// If the place is none that was given, or the database fails.
pub fn page(work: &mut Look<'_>, veil: &Veil, of: Party, after: Option<&str>, most: u16) -> Result<Page> {
    let (mut document, mut notice) = after.map_or(Ok((0, 0)), |after| place(work, veil, of, after))?;
    let limit = i64::from(most) + 1;
    let documents = inbox::documents(&mut work.tx, &of, document, limit)?;
    let notices = inbox::notices(&mut work.tx, &of, notice, limit)?;
    let documents = documents.into_iter().map(|one| (one.at, DOCUMENT, one.id, What::Document { name: one.name }));
    let notices = notices
        .into_iter()
        .map(|(id, one)| (one.at, NOTICE, id, What::Notice { rule: one.rule, chf: one.chf, words: one.words }));
    let (mut documents, mut notices) = (documents.peekable(), notices.peekable());
    let mut items = Vec::new();
    while items.len() < usize::from(most) {
        // Each keeps the order of its numbers, also where a clock went back.
        let is_document = match (documents.peek(), notices.peek()) {
            (Some(document), Some(notice)) => document.0 <= notice.0,
            (document, _) => document.is_some(),
        };
        let Some((at, kind, id, what)) = (if is_document { documents.next() } else { notices.next() }) else { break };
        if is_document {
            document = id
        } else {
            notice = id
        }
        items.push(Item { id: format!("{kind}{}", veil.over(id)), at, what });
    }
    let more = documents.peek().is_some() || notices.peek().is_some();
    Ok(Page { items, next: format!("{}{}", veil.over(document), veil.over(notice)), more })
}

/// The last document and the last notice before a place, which were the party's own.
fn place(work: &mut Look<'_>, veil: &Veil, of: Party, text: &str) -> Result<(i64, i64)> {
    let halves = text.split_at_checked(16).and_then(|(one, other)| veil.behind(one).zip(veil.behind(other)));
    let none = || {
        ServiceError::Use(format!(
            "after: '{}' is no place in the inbox; begin without one, or with a 'next' that was given",
            shown(text)
        ))
    };
    let (document, notice) = halves.filter(|(one, other)| *one >= 0 && *other >= 0).ok_or_else(none)?;
    let has_document =
        document == 0 || inbox::documents(&mut work.tx, &of, document - 1, 1)?.iter().any(|one| one.id == document);
    let has_notice =
        notice == 0 || inbox::notices(&mut work.tx, &of, notice - 1, 1)?.iter().any(|(id, _)| *id == notice);
    if has_document && has_notice { Ok((document, notice)) } else { Err(none()) }
}

/// A document of the inbox of a party, by its id: its name and its content; nothing if it has none of this id.
///
/// # Errors
/// If the database fails.
pub fn document(work: &mut Look<'_>, veil: &Veil, of: Party, id: &str) -> Result<Option<(String, Vec<u8>)>> {
    let Some(number) = id.strip_prefix(DOCUMENT).and_then(|told| veil.behind(told)) else { return Ok(None) };
    let found = inbox::documents(&mut work.tx, &of, number.saturating_sub(1), 1)?;
    let Some(one) = found.into_iter().find(|one| one.id == number) else { return Ok(None) };
    Ok(issued::content(&mut work.tx, number)?.map(|bytes| (one.name, bytes)))
}
