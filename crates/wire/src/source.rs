//! Where the bytes of a file come from, and what they are.

use crate::finding::FileFinding;
use crate::limits::Reading;
use sluice_rules::codes::FileCode;
use std::io::{Read, Seek, SeekFrom};

/// The bytes of a file: on disk or in memory.
pub trait Content: Read + Seek {}

impl<T: Read + Seek> Content for T {}

/// What the bytes say they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A ZIP container: a workbook or an archive.
    Container,
    /// A compound file: an old or an encrypted workbook.
    Compound,
    /// Anything else is taken for text.
    Text,
}

/// What a file is to be read as, by its extension and its content together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Comma-separated text.
    Csv,
    /// `.xlsx` or `.xlsm`.
    Workbook {
        /// May it carry macros? They are never run.
        macros: bool,
    },
    /// A ZIP with one protected member.
    Archive,
}

/// The shape of the first bytes.
pub(crate) fn shape(content: &mut dyn Content) -> std::io::Result<Shape> {
    let mut head = [0; 8];
    content.seek(SeekFrom::Start(0))?;
    let mut length = 0;
    while length < head.len() {
        match content.read(&mut head[length..])? {
            0 => break,
            read => length += read,
        }
    }
    content.seek(SeekFrom::Start(0))?;
    Ok(match &head[..length] {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Shape::Container,
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Shape::Compound,
        _ => Shape::Text,
    })
}

/// FI02: the extension must be supported for the kind of file, and the content must agree with it.
pub(crate) fn format(
    extension: &str,
    archives: bool,
    reading: Reading,
    content: &mut dyn Content,
) -> Result<Format, FileFinding> {
    let refused = |message: String| Err(FileFinding::new(FileCode::FI02, message));
    let shape = shape(content).map_err(|error| unreadable(&error))?;
    let format = match extension {
        "csv" => Format::Csv,
        "xlsx" => Format::Workbook { macros: false },
        "xlsm" => Format::Workbook { macros: true },
        "zip" if archives => Format::Archive,
        other => {
            let supported = if archives { ".csv, .xlsx, .xlsm or .zip" } else { ".csv, .xlsx or .xlsm" };
            let hint = reading.hint(|| hint_of_type(other));
            return refused(format!(
                "files of type .{} are not supported here; send {supported}{hint}",
                crate::text::shown(other)
            ));
        }
    };
    let hint = reading.hint(|| hint_of_content(content, shape, format));
    match (format, shape) {
        (_, Shape::Compound) => {
            refused("this is an old or a password-protected workbook; save it as .xlsx without a password".to_owned())
        }
        (Format::Csv, Shape::Container) => {
            refused(format!("the name says CSV, the content is a workbook or an archive{hint}"))
        }
        (Format::Workbook { .. }, Shape::Text) => {
            refused(format!("the name says workbook, the content is not one{hint}"))
        }
        (Format::Archive, Shape::Text) => refused(format!("the name says ZIP, the content is not one{hint}")),
        _ => Ok(format),
    }
}

/// What to do with a file of a type that is not taken.
fn hint_of_type(extension: &str) -> Option<String> {
    let words = match extension {
        "xls" | "xlsb" | "ods" | "fods" | "numbers" => "; save it as .xlsx",
        "txt" | "tsv" => "; save it as 'CSV UTF-8 (comma delimited)'",
        "zip" => "; send the file in it",
        _ => return None,
    };
    Some(words.to_owned())
}

/// What a file is that is not what its name says.
fn hint_of_content(content: &mut dyn Content, shape: Shape, format: Format) -> Option<String> {
    if shape == Shape::Container {
        return Some("; give it the extension of what it is".to_owned());
    }
    const HEAD: u64 = 16;
    let mut head = Vec::new();
    content.take(HEAD).read_to_end(&mut head).ok()?;
    content.rewind().ok()?;
    let words = match head.as_slice() {
        [] => "; it is empty",
        [b'R', b'a', b'r', b'!', ..] => "; it is a RAR archive: pack it as ZIP with AES-256",
        [b'7', b'z', 0xbc, 0xaf, ..] => "; it is a 7z archive: choose the archive format ZIP, with AES-256",
        [0x1f, 0x8b, ..] => "; it is packed by gzip: pack it as ZIP with AES-256",
        [b'%', b'P', b'D', b'F', ..] => "; it is a PDF",
        [b'<', ..] => "; it is a web page or XML: open it in a spreadsheet program and save it as .xlsx",
        _ if format == Format::Archive => "; it is not a ZIP file: pack the authorisation file with a ZIP program",
        _ => "; save it as .xlsx, or name it .csv if it is text",
    };
    Some(words.to_owned())
}

/// A file whose disk fails while it is read.
pub(crate) fn unreadable(error: &std::io::Error) -> FileFinding {
    FileFinding::new(FileCode::FI12, format!("it cannot be read to its end: {error}"))
}

/// FI12: text that breaks off while it is read: it may be unpacked meanwhile, whose own words help nobody who packed it.
pub(crate) fn breaks_off(error: &std::io::Error, reading: Reading) -> FileFinding {
    if !reading.says_all() {
        return unreadable(error);
    }
    let words = "it cannot be read to its end, since it is cut short or damaged: make it again";
    FileFinding::new(FileCode::FI12, words)
}
