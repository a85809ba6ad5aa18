//! Where the bytes of a file come from, and what they are.

use crate::finding::FileFinding;
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
pub(crate) fn format(extension: &str, archives: bool, content: &mut dyn Content) -> Result<Format, FileFinding> {
    let refused = |message: String| Err(FileFinding::new(FileCode::FI02, message));
    let shape = shape(content).map_err(|error| unreadable(&error))?;
    let format = match extension {
        "csv" => Format::Csv,
        "xlsx" => Format::Workbook { macros: false },
        "xlsm" => Format::Workbook { macros: true },
        "zip" if archives => Format::Archive,
        other => {
            let supported = if archives { ".csv, .xlsx, .xlsm or .zip" } else { ".csv, .xlsx or .xlsm" };
            return refused(format!(
                "files of type .{} are not supported here; send {supported}",
                crate::text::shown(other)
            ));
        }
    };
    match (format, shape) {
        (_, Shape::Compound) => {
            refused("this is an old or a password-protected workbook; save it as .xlsx without a password".to_owned())
        }
        (Format::Csv, Shape::Container) => {
            refused("the name says CSV, the content is a workbook or an archive".to_owned())
        }
        (Format::Workbook { .. }, Shape::Text) => refused("the name says workbook, the content is not one".to_owned()),
        (Format::Archive, Shape::Text) => refused("the name says ZIP, the content is not one".to_owned()),
        _ => Ok(format),
    }
}

/// A file that breaks off or whose disk fails while it is read.
pub(crate) fn unreadable(error: &std::io::Error) -> FileFinding {
    FileFinding::new(FileCode::FI12, format!("it cannot be read to its end: {error}"))
}
