//! CSV: RFC 4180 with a comma, UTF-8 with or without byte-order mark, LF or CRLF.

use super::rows::{MAX_COLUMNS, Row, Sink, check_cell, too_wide};
use crate::finding::FileFinding;
use crate::limits::Limits;
use crate::source::breaks_off;
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
        let length = fill(content, &mut chunk).map_err(|error| breaks_off(&error, limits.reading))?;
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
            let hint = limits.reading.hint(|| utf_16(bytes).then(|| UTF_16.to_owned()));
            return Err(FileFinding::new(FileCode::FI13, format!("it holds a NUL byte; send UTF-8 text{hint}")));
        }
        reader.feed(bytes, sink)?;
        if length == 0 {
            return Ok(());
        }
    }
}

/// What text in UTF-16 is called where it comes from.
const UTF_16: &str = ": this is UTF-16, which spreadsheet programs call 'Unicode Text'; save it as 'CSV UTF-8'";

/// Are bytes text in UTF-16? It begins with its mark, or every other byte of its Latin letters is none.
fn utf_16(bytes: &[u8]) -> bool {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [first, second, third, fourth, ..] => {
            let zero = [first, second, third, fourth].map(|byte| *byte == 0);
            zero == [false, true, false, true] || zero == [true, false, true, false]
        }
        _ => false,
    }
}

/// Reads some bytes: enough for a byte-order mark, unless the file ends before.
fn fill(content: &mut dyn Read, chunk: &mut [u8]) -> std::io::Result<usize> {
    let mut length = 0;
    while length < 4 {
        match content.read(&mut chunk[length..])? {
            0 => break,
            read => length += read,
        }
    }
    Ok(length)
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
        if bytes.is_empty() {
            return self.pick_apart(bytes, sink);
        }
        while !bytes.is_empty() {
            let at_start = !self.position.begun && self.written == 0 && self.ended == 0;
            let plain = if at_start && sink.header.is_some() { plain_lines(bytes) } else { "" };
            self.plain(plain, sink)?;
            bytes = &bytes[plain.len()..];
            if plain.is_empty() {
                let (line, rest) = bytes.split_at(memchr::memchr(b'\n', bytes).map_or(bytes.len(), |end| end + 1));
                self.pick_apart(line, sink)?;
                bytes = rest;
            }
        }
        Ok(())
    }

    /// Takes whole lines without quotes: nothing is hidden in them, so they are cut at their commas.
    fn plain(&mut self, lines: &str, sink: &mut Sink<'_, '_>) -> Result<(), FileFinding> {
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', lines.as_bytes()) {
            let line = &lines[start..end];
            let line = line.strip_suffix('\r').unwrap_or(line);
            self.position.breaks += 1;
            start = end + 1;
            if line.is_empty() {
                continue;
            }
            self.row.split(self.position.breaks, line);
            if self.row.ends.len() > MAX_COLUMNS {
                return Err(too_wide(self.row.number));
            }
            self.hand_on(sink)?;
        }
        Ok(())
    }

    /// Takes bytes with quotes, or of which the beginning or the end is not known yet.
    fn pick_apart(&mut self, mut bytes: &[u8], sink: &mut Sink<'_, '_>) -> Result<(), FileFinding> {
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
        (self.written, self.ended) = (0, 0);
        self.position.next_record();
        self.hand_on(sink)
    }

    /// Hands on the row that was read.
    fn hand_on(&mut self, sink: &mut Sink<'_, '_>) -> Result<(), FileFinding> {
        let line = self.row.number;
        // No cell is longer than its record.
        if self.row.text.len() > self.limits.cell {
            (0..self.row.ends.len()).try_for_each(|place| check_cell(self.row.raw(place), self.limits, line))?;
        }
        // FI14: fewer fields than the header leave open which ones are missing.
        if let Some(header) = &sink.header
            && self.row.ends.len() < header.width
            && !self.row.is_blank()
        {
            let hint = self.limits.reading.hint(|| {
                Some("; where a column is empty nothing stands between its commas, but the commas stay".to_owned())
            });
            let (fields, width) = (self.row.ends.len(), header.width);
            let message = format!("row {line} has {fields} fields, the header has {width}{hint}");
            return Err(FileFinding::new(FileCode::FI14, message));
        }
        sink.row(&self.row)
    }
}

/// The whole lines at the beginning of some bytes that are text without quotes and whose carriage returns all belong to
/// line breaks.
fn plain_lines(bytes: &[u8]) -> &str {
    let whole = |bytes: &[u8]| memchr::memrchr(b'\n', bytes).map_or(0, |last| last + 1);
    let end = memchr::memchr(b'"', bytes).unwrap_or(bytes.len());
    let mut returns = memchr::memchr_iter(b'\r', &bytes[..end]);
    let end = returns.find(|&place| bytes.get(place + 1) != Some(&b'\n')).unwrap_or(end);
    let lines = &bytes[..whole(&bytes[..end])];
    let lines = match std::str::from_utf8(lines) {
        Ok(lines) => return lines,
        Err(error) => &lines[..whole(&lines[..error.valid_up_to()])],
    };
    std::str::from_utf8(lines).unwrap_or_default()
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
