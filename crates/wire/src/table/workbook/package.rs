//! The archive that a workbook is, and what may still be inflated of it.

use super::guard::{Budget, Xml, broken};
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
        let name = self.zip.file_names().flatten().find(|name| name.eq_ignore_ascii_case(path)).map(Cow::into_owned);
        let Some(name) = name else {
            return Err(broken(&format!("its part {} is missing", shown(path))));
        };
        let index = self.zip.index_for_name(&name).unwrap_or(usize::MAX);
        let part = self.zip.by_index(index).map_err(|error| broken(&error.to_string()))?;
        let stated = part.size();
        // FI09: a member that says it is over the limit is not read at all, whether it says so truly or not.
        if stated > self.limits.inflated || part.compressed_size() > self.limits.inflated {
            return Err(self.limits.over_size());
        }
        Ok(Xml::new(part, stated, &self.budget))
    }
}
