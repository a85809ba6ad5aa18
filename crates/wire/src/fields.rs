//! The fields of a row that a supplier sends, with all codes that apply to it.

use crate::layout::Layout;
use crate::table::Record;
use crate::text::{date, shown};
use jiff::civil::Date;
use sluice_rules::codes::RowCode;

/// Reads the fields of one row and collects what is wrong with them.
pub(crate) struct Fields<'a> {
    pub(crate) record: &'a Record<'a>,
    pub(crate) findings: Vec<(RowCode, String)>,
    layout: &'static Layout,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(record: &'a Record<'a>, layout: &'static Layout) -> Self {
        Self { record, findings: Vec::new(), layout }
    }

    /// The name of a column.
    pub(crate) fn column(&self, place: usize) -> &'static str {
        self.layout.columns.get(place).copied().unwrap_or_default()
    }

    pub(crate) fn find(&mut self, code: RowCode, message: String) {
        self.findings.push((code, message));
    }

    /// The value of a field, if it is not empty; what cannot be read is a finding with the field's name.
    pub(crate) fn optional<T, E: std::fmt::Display>(
        &mut self,
        place: usize,
        code: RowCode,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.record.field(place);
        if text.is_empty() {
            return None;
        }
        match parse(text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.find(code, format!("{} '{}': {error}", self.column(place), shown(text)));
                None
            }
        }
    }

    /// MA105: a date in one of its two forms.
    pub(crate) fn date(&mut self, place: usize) -> Option<Date> {
        self.optional(place, RowCode::MA105, |text| date(text).ok_or("write the date as yyyy-mm-dd or dd/mm/yyyy"))
    }
}
