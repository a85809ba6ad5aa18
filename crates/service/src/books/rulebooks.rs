//! The rulebooks and the calendar that the program carries, and which of them governs what.

use crate::error::ServiceError;
use jiff::civil::Date;
use sluice_rules::calendar::{DayOffsets, Milestone, Offset, WorkingDays, instant};
use sluice_rules::reference::ExclusionCategory;
use sluice_rules::rulebook::{Document, Rulebook, RulebookError, Value};
use sluice_rules::scaling::week::Terms;
use sluice_wire::limits::{Limits, Reading};
use sluice_wire::rulebooks;

/// What the operator set for all weeks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// A rulebook for all weeks.
    pub rulebook: Option<String>,
    /// DMIN in place of the rulebook's.
    pub dmin: Option<u64>,
    /// How files are read: of what an older program did, as it read them.
    pub reading: Reading,
}

/// The rulebooks and the calendar that the program carries.
pub struct Books {
    /// Every rulebook.
    pub all: Vec<Rulebook>,
    /// The Working Days.
    pub working_days: WorkingDays,
    /// The categories of exclusions (EXC-1).
    pub categories: Vec<ExclusionCategory>,
}

impl Books {
    /// Reads the data that the program carries.
    ///
    /// # Errors
    /// If it cannot be read: a defect of the build.
    pub fn load() -> Result<Self, ServiceError> {
        Ok(Self {
            all: rulebooks::rulebooks().map_err(ServiceError::defect)?,
            working_days: rulebooks::working_days().map_err(ServiceError::defect)?,
            categories: rulebooks::exclusion_categories().map_err(ServiceError::defect)?,
        })
    }

    /// A rulebook by its id.
    ///
    /// # Errors
    /// If there is none; the message lists those there are.
    pub fn get(&self, id: &str) -> Result<&Rulebook, ServiceError> {
        let ids = || self.all.iter().map(|book| book.id.as_str()).collect::<Vec<_>>().join(", ");
        let found = self.all.iter().find(|book| book.id.eq_ignore_ascii_case(id));
        found.ok_or_else(|| ServiceError::Use(format!("there is no rulebook {id}; there are {}", ids())))
    }

    /// The MSM rulebook chosen for all weeks, if one is.
    ///
    /// # Errors
    /// If it does not exist or is of another document.
    pub fn chosen(&self, id: Option<&str>) -> Result<Option<&Rulebook>, ServiceError> {
        let Some(id) = id else { return Ok(None) };
        let book = self.get(id)?;
        if book.document != Document::Msm {
            return Err(ServiceError::Use(format!(
                "{id} is a rulebook of the MAM; a week is governed by one of the MSM, such as msm-5.0"
            )));
        }
        Ok(Some(book))
    }

    /// RB-2: the MSM rulebook in effect at a week's demand cut-off, as that rulebook itself places it; the latest of
    /// those, or none.
    ///
    /// # Errors
    /// If the cut-off lies outside the calendar.
    pub fn at_cutoff(&self, monday: Date) -> Result<Option<&Rulebook>, ServiceError> {
        self.governing_among(monday, |_| true)
    }

    /// RB-2: the MSM rulebook that governs a week by what is known on a date: of those published by then.
    ///
    /// # Errors
    /// As [`Books::at_cutoff`].
    pub fn known(&self, monday: Date, date: Date) -> Result<Option<&Rulebook>, ServiceError> {
        self.governing_among(monday, |book| book.is_known(date))
    }

    /// RB-2: the MSM rulebook in effect at a week's demand cut-off, or on a date before that.
    ///
    /// # Errors
    /// As [`Books::at_cutoff`].
    pub fn in_effect(&self, monday: Date, date: Date) -> Result<Option<&Rulebook>, ServiceError> {
        self.governing_among(monday, |book| book.in_effect <= date)
    }

    fn governing_among(
        &self,
        monday: Date,
        counts: impl Fn(&Rulebook) -> bool,
    ) -> Result<Option<&Rulebook>, ServiceError> {
        let mut found: Option<&Rulebook> = None;
        for book in self.all.iter().filter(|book| book.document == Document::Msm && counts(book)) {
            let later = found.is_none_or(|other| other.in_effect < book.in_effect);
            if later && book.in_effect <= self.cutoff(book, monday)? {
                found = Some(book);
            }
        }
        Ok(found)
    }

    /// The date of a week's demand cut-off by a rulebook.
    fn cutoff(&self, book: &Rulebook, monday: Date) -> Result<Date, ServiceError> {
        let offset = book.offsets().map_err(ServiceError::defect)?.of(Milestone::DemandCutoff);
        let offset = offset.ok_or_else(|| ServiceError::defect("a rulebook has no demand cut-off"))?;
        let cutoff = instant(&self.working_days, monday, offset).map_err(|error| {
            ServiceError::Use(format!(
                "the week of {monday} cannot be placed: {error}; choose a rulebook with --rulebook"
            ))
        })?;
        Ok(cutoff.date())
    }

    /// The earliest MSM rulebook on record.
    pub fn earliest(&self) -> &Rulebook {
        self.first(Document::Msm)
    }

    /// The earliest rulebook of a document on record.
    pub fn first(&self, document: Document) -> &Rulebook {
        let books = self.all.iter().filter(|book| book.document == document);
        books.min_by_key(|book| book.in_effect).unwrap_or(&self.all[0])
    }

    /// The rulebook of a document that came into effect last.
    ///
    /// # Errors
    /// If there is none.
    pub fn latest(&self, document: Document) -> Result<&Rulebook, ServiceError> {
        let books = self.all.iter().filter(|book| book.document == document);
        books.max_by_key(|book| book.in_effect).ok_or_else(|| ServiceError::defect("a document has no rulebook"))
    }

    /// The rulebook that governs a week, with the operator's settings.
    ///
    /// # Errors
    /// If none is in effect, or the chosen one does not exist.
    pub fn governing(&self, monday: Date, settings: &Settings) -> Result<&Rulebook, ServiceError> {
        if let Some(book) = self.chosen(settings.rulebook.as_deref())? {
            return Ok(book);
        }
        let earliest = self.earliest();
        let missing = |date| {
            let (document, example) = (Document::Msm, earliest.id.clone());
            ServiceError::wrong(RulebookError::NoneInEffect { document, date, example })
        };
        self.at_cutoff(monday)?.map_or_else(|| Err(missing(self.cutoff(earliest, monday)?)), Ok)
    }

    /// What scaling takes from the rulebook that governs a week.
    ///
    /// # Errors
    /// As [`Books::governing`].
    pub fn terms(&self, monday: Date, settings: &Settings) -> Result<Terms, ServiceError> {
        let book = self.governing(monday, settings)?;
        let number = |name| book.number(name).map_err(ServiceError::defect);
        Ok(Terms {
            rulebook: book.id.clone(),
            dmin: settings.dmin.map_or_else(|| number("dmin"), Ok)?,
            ceiling_percent: number("ceiling_percent")?,
        })
    }

    /// The rulebook by which a week's demand files are judged, with its limits and its largest demand of a day: the
    /// week's or, where none is in effect, the latest one.
    ///
    /// # Errors
    /// If the rulebook lacks them.
    pub fn intake(&self, monday: Date, settings: &Settings) -> Result<(&Rulebook, Limits, u64), ServiceError> {
        let book = self.governing(monday, settings).or_else(|_| self.latest(Document::Msm))?;
        let limits = Limits { reading: settings.reading, ..Limits::of(book).map_err(ServiceError::defect)? };
        Ok((book, limits, book.number("demand_limit").map_err(ServiceError::defect)?))
    }

    /// The deadlines that every day has, of a rulebook.
    ///
    /// # Errors
    /// If the rulebook lacks one.
    pub fn day_offsets(book: &Rulebook) -> Result<DayOffsets, ServiceError> {
        let offset = |name: &str| -> Result<Offset, ServiceError> {
            let found = book.parameters.iter().find(|parameter| parameter.name == name);
            match found.map(|parameter| &parameter.value) {
                Some(Value::Offset(offset)) => Ok(*offset),
                _ => Err(ServiceError::Internal(format!("rulebook {} has no {name}", book.id))),
            }
        };
        Ok(DayOffsets {
            withdrawal: offset("withdrawal_cutoff")?,
            lock: offset("schedule_lock")?,
            outcomes: offset("outcomes_due")?.at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn rb_2_the_cut_off_decides_not_the_week() {
        let books = Books::load().unwrap();
        let id = |monday| books.governing(monday, &Settings::default()).map(|book| book.id.clone());
        // The week of 12 July 2021 was cut off on 21 June, before V5.0 took effect on 2 July.
        assert_eq!(id(date(2021, 7, 12)).unwrap(), "msm-4.0");
        assert_eq!(id(date(2021, 7, 19)).unwrap(), "msm-4.0");
        assert_eq!(id(date(2021, 7, 26)).unwrap(), "msm-5.0");
        let message = id(date(2019, 1, 21)).unwrap_err().to_string();
        assert!(message.contains("--rulebook msm-4.0"), "{message}");
    }

    #[test]
    fn rb_2_what_is_known_and_what_is_in_effect() {
        let books = Books::load().unwrap();
        let (week, early) = (date(2021, 7, 26), date(2021, 1, 18));
        let id = |found: Result<Option<&Rulebook>, ServiceError>| found.unwrap().map(|book| book.id.clone());
        let known = |week, on| id(books.known(week, on));
        // V5.0 was published on 17 June 2021 and took effect on 2 July.
        assert_eq!(known(week, date(2021, 6, 16)).as_deref(), Some("msm-4.0"));
        assert_eq!(known(week, date(2021, 6, 17)).as_deref(), Some("msm-5.0"));
        assert_eq!(known(date(2021, 7, 19), date(2021, 7, 19)).as_deref(), Some("msm-4.0"));
        assert_eq!(known(week, date(2020, 12, 10)), None);
        assert_eq!(known(early, date(2021, 7, 26)), None);
        assert_eq!(id(books.in_effect(week, date(2021, 7, 1))).as_deref(), Some("msm-4.0"));
        assert_eq!(id(books.in_effect(week, date(2021, 7, 2))).as_deref(), Some("msm-5.0"));
    }

    #[test]
    fn rb_2_a_chosen_rulebook_governs_every_week() {
        let books = Books::load().unwrap();
        let settings = Settings { rulebook: Some("msm-5.0".to_owned()), dmin: Some(7), ..Settings::default() };
        let terms = books.terms(date(2019, 1, 21), &settings).unwrap();
        assert_eq!((terms.rulebook.as_str(), terms.dmin), ("msm-5.0", 7));
        assert!(books.chosen(Some("mam-5.0")).is_err());
        assert!(books.chosen(Some("msm-9.9")).is_err());
    }
}
