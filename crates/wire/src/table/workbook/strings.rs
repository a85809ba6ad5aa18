//! The shared texts of a workbook.

use super::guard::{broken, reference};
use super::package::Package;
use super::value::unescaped;
use crate::finding::FileFinding;
use crate::table::rows::{check_cell, check_growing};
use quick_xml::events::Event;
use sluice_rules::codes::FileCode;
use std::borrow::Cow;

/// All shared texts in one string; what an entry costs beyond its text is four bytes, however many a file claims.
#[derive(Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    /// The text with an index.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        self.text.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
    }
}

/// Reads the shared texts; phonetic guides are not part of a text.
pub(super) fn read(package: &mut Package<'_>, path: &str, columns: usize) -> Result<Strings, FileFinding> {
    let limits = *package.limits;
    // A text has at least one cell that uses it.
    let most = usize::try_from(limits.rows).unwrap_or(usize::MAX).saturating_mul(columns);
    let mut xml = package.part(path)?;
    let mut strings = Strings::default();
    let (mut start, mut in_text, mut in_guide) = (0, false, false);
    loop {
        match xml.next()? {
            Event::Start(element) => match element.local_name().as_ref() {
                "si" => start = strings.text.len(),
                "t" => in_text = !in_guide,
                "rPh" => in_guide = true,
                _ => {}
            },
            // One text can come in any number of pieces, with comments or quoted sections between them.
            Event::Text(text) if in_text => {
                strings.text.push_str(&text.xml10_content());
                check_growing(&strings.text[start..], &limits, 0)?;
            }
            Event::CData(text) if in_text => {
                strings.text.push_str(&text.xml10_content());
                check_growing(&strings.text[start..], &limits, 0)?;
            }
            Event::GeneralRef(entity) if in_text => strings.text.push(reference(&entity)?),
            Event::End(element) => match element.local_name().as_ref() {
                "t" => {
                    in_text = false;
                    check_cell(&strings.text[start..], &limits, 0)?;
                }
                "rPh" => in_guide = false,
                "si" => {
                    if !limits.reading.is_earlier()
                        && let Cow::Owned(text) = unescaped(&strings.text[start..])
                    {
                        strings.text.truncate(start);
                        strings.text.push_str(&text);
                    }
                    strings.ends.push(u32::try_from(strings.text.len()).unwrap_or(u32::MAX));
                }
                _ => {}
            },
            Event::Eof => return Ok(strings),
            _ => {}
        }
        if strings.text.len() > limits.texts {
            let message = format!("its shared texts are larger than {} MiB; send it as CSV", limits.texts >> 20);
            return Err(FileFinding::new(FileCode::FI09, message));
        }
        if strings.ends.len() > most {
            return Err(broken("it has more texts than a table can use"));
        }
    }
}
