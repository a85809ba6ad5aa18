//! The fields of a row that a supplier sends, with all codes that apply to it.

use crate::hints;
use crate::layout::Layout;
use crate::limits::Reading;
use crate::table::Record;
use crate::text::shown;
use jiff::civil::Date;
use sluice_rules::codes::RowCode;
use sluice_rules::party::Eui64;
use sluice_rules::point::{Mpan, Mprn};

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
        self.optional_with(place, code, parse, |_, _| None)
    }

    /// The same, with what can be said of a text that cannot be read.
    fn optional_with<T, E: std::fmt::Display>(
        &mut self,
        place: usize,
        code: RowCode,
        parse: impl Fn(&str) -> Result<T, E>,
        hint: impl FnOnce(&str, Reading) -> Option<String>,
    ) -> Option<T> {
        let text = self.record.field(place);
        if text.is_empty() {
            return None;
        }
        match parse(text) {
            Ok(value) => Some(value),
            Err(error) => {
                // What was written is told, and what is wrong with that; its rounding, where that alone is.
                let written = self.record.written(place);
                let (text, error) = parse(written).err().map_or((text, error), |error| (written, error));
                let reading = self.record.reading();
                let hint = reading.hint(|| hint(text, reading));
                self.find(code, format!("{} '{}': {error}{hint}", self.column(place), shown(written)));
                None
            }
        }
    }

    /// MA105: a date in one of its two forms.
    pub(crate) fn date(&mut self, place: usize) -> Option<Date> {
        let record = self.record;
        let read = |text: &str| record.date(text).ok_or("write the date as yyyy-mm-dd or dd/mm/yyyy");
        self.optional_with(place, RowCode::MA105, read, hints::of_date)
    }

    /// MA102: an MPAN, if one is given.
    pub(crate) fn mpan(&mut self, place: usize) -> Option<Mpan> {
        self.optional_with(place, RowCode::MA102, str::parse, hints::of_mpan)
    }

    /// MA103: an MPRN, if one is given.
    pub(crate) fn mprn(&mut self, place: usize) -> Option<Mprn> {
        self.optional_with(place, RowCode::MA103, str::parse, hints::of_mprn)
    }

    /// MA104: a Device ID or a User ID, if one is given.
    pub(crate) fn eui64(&mut self, place: usize) -> Option<Eui64> {
        self.optional_with(place, RowCode::MA104, str::parse, hints::of_eui64)
    }
}
