//! The archive that a workbook is, and what may still be inflated of it.

use super::guard::{Budget, Xml, broken, spoiled};
use crate::archive::unpackable;
use crate::finding::FileFinding;
use crate::limits::Limits;
use crate::source::Content;
use crate::text::shown;
use std::borrow::Cow;
use zip::ZipArchive;

/// An opened workbook, and what may still be inflated of it.
pub(super) struct Package<'a> {
    pub(super) zip: ZipArchive<&'a mut dyn Content>,
    pub(super) budget: Budget,
    pub(super) limits: &'a Limits,
}

impl Package<'_> {
    /// A part as a stream of XML.
    pub(super) fn part(&mut self, path: &str) -> Result<Xml<'_>, FileFinding> {
        let path = path.trim_start_matches('/');
        let earlier = self.limits.reading.is_earlier();
        let fits = |name: &str| if earlier { name.eq_ignore_ascii_case(path) } else { is_part(name, path) };
        let name = self.zip.file_names().flatten().find(|name| fits(name)).map(Cow::into_owned);
        let Some(name) = name else {
            return Err(broken(&format!("its part {} is missing", shown(path))));
        };
        let index = self.zip.index_for_name(&name).unwrap_or(usize::MAX);
        let part = self.zip.by_index(index).map_err(|error| spoiled(&error, self.limits))?;
        if let Some(method) = unpackable(&part).filter(|_| !earlier) {
            let words = "which is not supported; open and save it in a spreadsheet program";
            return Err(broken(&format!("its part {} is packed by {method}, {words}", shown(path))));
        }
        let stated = part.size();
        // FI09: a member that says it is over the limit is not read at all, whether it says so truly or not.
        if stated > self.limits.inflated || part.compressed_size() > self.limits.inflated {
            return Err(self.limits.over_size());
        }
        Ok(Xml::new(part, stated, &self.budget))
    }
}

/// Is a member of the archive the part with a path? Some programs write names with backslashes, or from the root.
fn is_part(name: &str, path: &str) -> bool {
    let step = |byte: u8| if byte == b'\\' { b'/' } else { byte.to_ascii_lowercase() };
    let name = name.trim_start_matches(['/', '\\']);
    name.len() == path.len() && name.bytes().map(step).eq(path.bytes().map(step))
}
