//! The rulebooks and the bank holidays that the program carries.

use crate::reference::read_bank_holidays;
use jiff::civil::{Date, Time};
use serde::Deserialize;
use sluice_rules::calendar::{Offset, WorkingDays};
use sluice_rules::reference::ExclusionCategory;
use sluice_rules::rulebook::{Document, Parameter, Rulebook, Standing, Value};
use std::io::Cursor;

/// Each rulebook's id with its data file. A file is never edited once decisions were made under it (RB-4).
pub const SOURCES: &[(&str, &str)] = &[
    ("msm-4.0", include_str!("../../../rulebooks/msm-4.0.toml")),
    ("msm-5.0", include_str!("../../../rulebooks/msm-5.0.toml")),
    ("mam-4.0", include_str!("../../../rulebooks/mam-4.0.toml")),
    ("mam-5.0", include_str!("../../../rulebooks/mam-5.0.toml")),
];

/// Parameters of rules that came after the rulebooks, for those that do not name them.
const LATER: &str = include_str!("../../../rulebooks/later-parameters.toml");

const BANK_HOLIDAYS: &str = include_str!("../../../rulebooks/bank-holidays.csv");

const EXCLUSION_CATEGORIES: &str = include_str!("../../../rulebooks/exclusion-categories.toml");

/// Data that the program carries and cannot read: a defect of its build.
#[derive(Debug, thiserror::Error)]
#[error("the data file {file} cannot be used: {message}")]
pub struct DataError {
    file: String,
    message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRulebook {
    id: String,
    document: String,
    version: String,
    published: Option<String>,
    in_effect: String,
    attachments: Vec<String>,
    parameter: Vec<RawParameter>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawParameter {
    name: String,
    rule: String,
    value: RawValue,
    #[serde(default)]
    unit: String,
    standing: String,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLater {
    #[serde(default)]
    msm: Vec<RawParameter>,
    #[serde(default)]
    mam: Vec<RawParameter>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawValue {
    Number(u64),
    Text(String),
    List(Vec<String>),
    Offset { working_days: u16, at: String },
}

/// RB-1: all rulebooks, in the order of [`SOURCES`].
///
/// # Errors
/// If a data file cannot be read.
pub fn rulebooks() -> Result<Vec<Rulebook>, DataError> {
    SOURCES.iter().map(|(id, text)| with_later(rulebook(id, text)?)).collect()
}

/// Adds the parameters that came after a rulebook, where it does not name them itself.
fn with_later(mut rulebook: Rulebook) -> Result<Rulebook, DataError> {
    let failed = |message: String| DataError { file: "later-parameters.toml".to_owned(), message };
    let raw: RawLater = toml::from_str(LATER).map_err(|error| failed(error.to_string()))?;
    let later = match rulebook.document {
        Document::Msm => raw.msm,
        Document::Mam => raw.mam,
    };
    for raw in later {
        if rulebook.parameters.iter().all(|known| known.name != raw.name) {
            rulebook.parameters.push(parameter(raw).map_err(failed)?);
        }
    }
    Ok(rulebook)
}

fn rulebook(id: &str, text: &str) -> Result<Rulebook, DataError> {
    let failed = |message: String| DataError { file: format!("{id}.toml"), message };
    let raw: RawRulebook = toml::from_str(text).map_err(|error| failed(error.to_string()))?;
    let date = |text: &str| text.parse::<Date>().map_err(|error| failed(error.to_string()));
    if raw.id != id {
        return Err(failed(format!("it says its id is {}", raw.id)));
    }
    let parameters = raw.parameter.into_iter().map(|raw| parameter(raw).map_err(&failed));
    Ok(Rulebook {
        document: match raw.document.as_str() {
            "MSM" => Document::Msm,
            "MAM" => Document::Mam,
            other => return Err(failed(format!("document {other} is unknown"))),
        },
        published: raw.published.as_deref().map(date).transpose()?,
        in_effect: date(&raw.in_effect)?,
        parameters: parameters.collect::<Result<_, _>>()?,
        id: raw.id,
        version: raw.version,
        attachments: raw.attachments,
    })
}

fn parameter(raw: RawParameter) -> Result<Parameter, String> {
    let value = match raw.value {
        RawValue::Number(number) => Value::Number(number),
        RawValue::Text(text) => Value::Text(text),
        RawValue::List(items) => Value::List(items),
        RawValue::Offset { working_days, at } => {
            let at = at.parse::<Time>().map_err(|error| format!("{}: {error}", raw.name))?;
            Value::Offset(Offset { working_days, at })
        }
    };
    let standing = standing(&raw.standing).map_err(|error| format!("{}: {error}", raw.name))?;
    Ok(Parameter { name: raw.name, rule: raw.rule, value, unit: raw.unit, standing, source: raw.source })
}

fn standing(letter: &str) -> Result<Standing, String> {
    match letter {
        "S" => Ok(Standing::Stated),
        "D" => Ok(Standing::Derived),
        "R" => Ok(Standing::Ours),
        other => Err(format!("standing {other} is unknown")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCategories {
    category: Vec<RawCategory>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCategory {
    name: String,
    in_effect: String,
    standing: String,
    source: String,
    meaning: String,
}

/// EXC-1: the categories of exclusions, each with the date from which it can be decided.
///
/// # Errors
/// If the data file cannot be read.
pub fn exclusion_categories() -> Result<Vec<ExclusionCategory>, DataError> {
    let failed = |message: String| DataError { file: "exclusion-categories.toml".to_owned(), message };
    let raw: RawCategories = toml::from_str(EXCLUSION_CATEGORIES).map_err(|error| failed(error.to_string()))?;
    let category = |raw: RawCategory| {
        let RawCategory { name, in_effect, standing: letter, source, meaning } = raw;
        let from = in_effect.parse().map_err(|error: jiff::Error| failed(error.to_string()))?;
        Ok(ExclusionCategory { name, from, standing: standing(&letter).map_err(failed)?, source, meaning })
    };
    raw.category.into_iter().map(category).collect()
}

/// The Working Days of England and Wales.
///
/// # Errors
/// If the data file cannot be read.
pub fn working_days() -> Result<WorkingDays, DataError> {
    let failed = |message: String| DataError { file: "bank-holidays.csv".to_owned(), message };
    let holidays = read_bank_holidays(&mut Cursor::new(BANK_HOLIDAYS)).map_err(|error| failed(error.to_string()))?;
    Ok(WorkingDays::new(holidays))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use sluice_rules::calendar::Milestone;

    #[test]
    fn rb_1_every_rulebook_has_what_its_rules_need() {
        let rulebooks = rulebooks().unwrap();
        for rulebook in &rulebooks {
            Limits::of(rulebook).unwrap();
            assert!(rulebook.parameters.iter().all(|parameter| !parameter.source.is_empty()));
        }
        for rulebook in rulebooks.iter().filter(|rulebook| rulebook.document == Document::Msm) {
            assert_eq!(rulebook.number("dmin"), Ok(100));
            let offsets = rulebook.offsets().unwrap();
            assert_eq!(offsets.of(Milestone::DemandCutoff).unwrap().to_string(), "WD-15 17:00");
        }
    }

    #[test]
    fn exc_1_the_categories_have_a_date_and_a_source() {
        let categories = exclusion_categories().unwrap();
        let on = |name, month, day| {
            sluice_rules::reference::category_on(&categories, name, jiff::civil::date(2021, month, day)).is_some()
        };
        assert!(on("gas_han", 7, 26) && on("OTHER", 7, 26) && on("NO_WAN", 11, 1));
        assert!(!on("NO_WAN", 10, 31) && !on("NOBODY_KNOWS", 11, 1));
        assert!(categories.iter().all(|category| !category.source.is_empty() && !category.meaning.is_empty()));
    }

    #[test]
    fn the_moved_and_one_off_bank_holidays_are_on_record() {
        let days = working_days().unwrap();
        for (year, month, day) in [(2020, 5, 8), (2022, 6, 2), (2022, 6, 3), (2022, 9, 19), (2023, 5, 8)] {
            let date = jiff::civil::date(year, month, day);
            assert!(days.holiday(date).is_some(), "{date}");
        }
        for (year, month, day) in [(2020, 5, 4), (2022, 5, 30)] {
            assert!(days.is_working_day(jiff::civil::date(year, month, day)).unwrap());
        }
    }
}
