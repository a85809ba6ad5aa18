//! XML through hard limits.

use crate::finding::FileFinding;
use crate::limits::Limits;
use quick_xml::events::{BytesRef, BytesStart, Event};
use sluice_rules::codes::FileCode;
use std::cell::Cell;
use std::io::{BufReader, Error, Read};
use std::rc::Rc;

/// The longest tag or text that is held in memory, in bytes: a full cell with every character written as an entity.
const MAX_TOKEN: usize = 512 << 10;

/// Elements in elements; the parts that are read need fewer than ten.
const MAX_DEPTH: usize = 64;

/// Bytes that may still be inflated, over all parts, and whether a limit was passed.
#[derive(Clone)]
pub(super) struct Budget(Rc<Left>);

struct Left {
    limits: Limits,
    bytes: Cell<u64>,
    breach: Cell<Option<Breach>>,
}

#[derive(Clone, Copy)]
enum Breach {
    Size,
    Token,
    Stated,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        Self(Rc::new(Left { limits: *limits, bytes: Cell::new(limits.inflated), breach: Cell::new(None) }))
    }

    fn breach(&self, breach: Breach) -> Error {
        self.0.breach.set(Some(breach));
        Error::other("over a limit")
    }

    /// FI09 if a limit was passed, else FI15. The words of the reader of XML help nobody who made a workbook with a program.
    fn finding(&self, error: &quick_xml::Error) -> FileFinding {
        match self.0.breach.get() {
            Some(Breach::Size) => self.0.limits.over_size(),
            Some(Breach::Token) => {
                let message = format!("it has a cell of more than {} characters", self.0.limits.cell);
                FileFinding::new(FileCode::FI09, message)
            }
            Some(Breach::Stated) => broken("a part is not as long as the archive says"),
            None => spoiled(error, &self.0.limits),
        }
    }
}

/// FI15: a part of a workbook cannot be read as what it is.
pub(super) fn spoiled(error: &dyn std::fmt::Display, limits: &Limits) -> FileFinding {
    if limits.reading.says_all() {
        return broken("it is damaged, or was not written by a spreadsheet program; open and save it in one");
    }
    broken(&error.to_string())
}

/// Counts what is inflated, and stops at a text or tag too long to be held.
struct Guard<R> {
    inner: R,
    budget: Budget,
    run: usize,
    /// What the archive says is still to come, in bytes.
    stated: u64,
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.inner.read(buffer)?;
        let bytes = &buffer[..length];
        let read = u64::try_from(length).unwrap_or(u64::MAX);
        let left = self.budget.0.bytes.get().checked_sub(read);
        self.budget.0.bytes.set(left.ok_or_else(|| self.budget.breach(Breach::Size))?);
        self.stated = match self.stated.checked_sub(read) {
            Some(stated) if length > 0 || stated == 0 || buffer.is_empty() => stated,
            _ => return Err(self.budget.breach(Breach::Stated)),
        };
        // The buffer is much smaller than the limit, so only what runs over from one read to the next can pass it.
        self.run = match memchr::memrchr2(b'<', b'>', bytes) {
            Some(last) => length - last,
            None => self.run + length,
        };
        if self.run > MAX_TOKEN { Err(self.budget.breach(Breach::Token)) } else { Ok(length) }
    }
}

/// A stream of XML events of one part.
pub(super) struct Xml<'a> {
    reader: quick_xml::Reader<BufReader<Guard<Box<dyn Read + 'a>>>>,
    buffer: Vec<u8>,
    depth: usize,
    budget: Budget,
}

impl<'a> Xml<'a> {
    pub(super) fn new(part: impl Read + 'a, stated: u64, budget: &Budget) -> Self {
        let part: Box<dyn Read + 'a> = Box::new(part);
        let guard = Guard { inner: part, budget: budget.clone(), run: 0, stated };
        let mut reader = quick_xml::Reader::from_reader(BufReader::with_capacity(32 << 10, guard));
        reader.config_mut().expand_empty_elements = true;
        Self { reader, buffer: Vec::new(), depth: 0, budget: budget.clone() }
    }

    /// The next event; empty elements come as a start and an end.
    pub(super) fn next(&mut self) -> Result<Event<'_>, FileFinding> {
        self.buffer.clear();
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(error) => return Err(self.budget.finding(&error)),
        };
        match &event {
            // Entities are how a small document becomes a large one, or another file; workbooks have none.
            Event::DocType(_) => return Err(broken("it declares a document type or entities")),
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.depth > MAX_DEPTH {
            return Err(broken("its elements are nested too deep"));
        }
        Ok(event)
    }
}

/// FI15: what was sent is no workbook that can be read.
pub(super) fn broken(message: &str) -> FileFinding {
    FileFinding::new(FileCode::FI15, format!("the workbook cannot be used: {message}"))
}

/// The longest attribute that is kept, in bytes; names, paths and formats are far shorter.
const MAX_ATTRIBUTE: usize = 4 << 10;

/// An attribute by its local name; one that is too long to mean anything is not there.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name && attribute.value.len() <= MAX_ATTRIBUTE)
        .map(|attribute| quick_xml::escape::unescape(&attribute.value).unwrap_or_default().into_owned())
}

/// The character that a reference stands for: a number or one of XML's five names.
pub(super) fn reference(reference: &BytesRef<'_>) -> Result<char, FileFinding> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Ok(character);
    }
    match reference.clone().into_inner().as_ref() {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(broken("it refers to an entity")),
    }
}
