//! CSV: RFC 4180 with a comma, UTF-8 with or without byte-order mark, LF or CRLF.

use super::{MAX_COLUMNS, Row, Sink, check_cell, too_wide};
use crate::finding::FileFinding;
use crate::limits::Limits;
use crate::source::unreadable;
use csv_core::ReadRecordResult;
use sluice_rules::codes::FileCode;
use std::io::Read;

const CHUNK: usize = 64 << 10;

/// The longest record that is held in memory, in bytes.
const MAX_RECORD: usize = 2 << 20;

/// Streams the records of a CSV file into the sink.
pub(super) fn read(content: &mut dyn Read, limits: &Limits, sink: &mut Sink<'_, '_>) -> Result<(), FileFinding> {
    let mut chunk = vec![0; CHUNK];
    let mut reader = Records::new(limits);
    let mut inflated = 0;
    loop {
        let length = content.read(&mut chunk).map_err(|error| unreadable(&error))?;
        inflated += u64::try_from(length).unwrap_or(u64::MAX);
        // FI09: what a file inflates to is bounded; for plain text that is its size.
        if inflated > limits.inflated {
            return Err(limits.over_size());
        }
        let bytes = &chunk[..length];
        if bytes.starts_with(b"PK\x03\x04") && inflated == u64::try_from(length).unwrap_or(u64::MAX) {
            return Err(FileFinding::new(FileCode::FI02, "the name says CSV, the content is a workbook or an archive"));
        }
        if memchr::memchr(0, bytes).is_some() {
            return Err(FileFinding::new(FileCode::FI13, "it holds a NUL byte; send UTF-8 text"));
        }
        reader.feed(bytes, sink)?;
        if length == 0 {
            return Ok(());
        }
    }
}

/// Splits bytes into records; the state between two chunks.
struct Records<'a> {
    limits: &'a Limits,
    splitter: csv_core::Reader,
    output: Vec<u8>,
    written: usize,
    ends: Vec<usize>,
    ended: usize,
    row: Row,
    position: Position,
}

impl<'a> Records<'a> {
    fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            splitter: csv_core::Reader::new(),
            output: vec![0; CHUNK],
            written: 0,
            ends: vec![0; MAX_COLUMNS],
            ended: 0,
            row: Row::default(),
            position: Position::default(),
        }
    }

    /// Takes the next bytes; none at the end of the file.
    fn feed(&mut self, mut bytes: &[u8], sink: &mut Sink<'_, '_>) -> Result<(), FileFinding> {
        loop {
            let (result, read, written, ended) =
                self.splitter.read_record(bytes, &mut self.output[self.written..], &mut self.ends[self.ended..]);
            self.position.pass(&bytes[..read]);
            bytes = &bytes[read..];
            self.written += written;
            self.ended += ended;
            match result {
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return Ok(()),
                ReadRecordResult::OutputFull => self.grow()?,
                ReadRecordResult::OutputEndsFull => return Err(too_wide(self.position.record_line())),
                ReadRecordResult::Record => self.record(bytes.is_empty() && read == 0, sink)?,
            }
        }
    }

    fn grow(&mut self) -> Result<(), FileFinding> {
        // FI09: a cell that long is over the limit, whatever follows; what is not read costs nothing.
        if self.output.len() >= MAX_RECORD {
            let line = self.position.record_line();
            let message = format!("row {line} is longer than any row of {} characters a cell", self.limits.cell);
            return Err(FileFinding::new(FileCode::FI09, message));
        }
        self.output.resize(self.output.len() * 2, 0);
        Ok(())
    }

    fn record(&mut self, at_end: bool, sink: &mut Sink<'_, '_>) -> Result<(), FileFinding> {
        let line = self.position.record_line();
        // FI14: a quote that is never closed swallows every row that follows it.
        if at_end && self.position.quotes % 2 == 1 {
            let message =
                format!("a quote that opens in row {line} is never closed, so its columns cannot be told apart");
            return Err(FileFinding::new(FileCode::FI14, message));
        }
        let text = std::str::from_utf8(&self.output[..self.written]).map_err(|_| not_utf8(line))?;
        let ends = &self.ends[..self.ended];
        if !ends.iter().all(|&end| text.is_char_boundary(end)) {
            return Err(not_utf8(line));
        }
        self.row.fill(line, text, ends);
        // No cell is longer than its record.
        if text.len() > self.limits.cell {
            (0..ends.len()).try_for_each(|place| check_cell(self.row.raw(place), self.limits, line))?;
        }
        (self.written, self.ended) = (0, 0);
        self.position.next_record();
        // FI14: fewer fields than the header leave open which ones are missing.
        if let Some(header) = &sink.header
            && self.row.ends.len() < header.width
            && !self.row.is_blank()
        {
            let message = format!("row {line} has {} fields, the header has {}", self.row.ends.len(), header.width);
            return Err(FileFinding::new(FileCode::FI14, message));
        }
        sink.row(&self.row)
    }
}

fn not_utf8(line: u64) -> FileFinding {
    FileFinding::new(FileCode::FI13, format!("row {line} is not UTF-8 text; save the file as 'CSV UTF-8'"))
}

/// Where in the file the record being read begins, as a person counts lines.
#[derive(Default)]
struct Position {
    /// Line breaks passed.
    breaks: u64,
    /// Line breaks before the first byte of the record.
    start: u64,
    /// Has the record begun?
    begun: bool,
    /// Quotes in the record.
    quotes: u64,
}

impl Position {
    fn pass(&mut self, mut bytes: &[u8]) {
        if !self.begun {
            let blank = bytes.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
            self.count_breaks(&bytes[..blank]);
            bytes = &bytes[blank..];
            self.start = self.breaks;
            self.begun = !bytes.is_empty();
        }
        self.count_breaks(bytes);
        self.quotes += u64::try_from(memchr::memchr_iter(b'"', bytes).count()).unwrap_or(u64::MAX);
    }

    fn count_breaks(&mut self, bytes: &[u8]) {
        self.breaks += u64::try_from(memchr::memchr_iter(b'\n', bytes).count()).unwrap_or(u64::MAX);
    }

    fn record_line(&self) -> u64 {
        self.start + 1
    }

    fn next_record(&mut self) {
        (self.begun, self.quotes) = (false, 0);
    }
}
