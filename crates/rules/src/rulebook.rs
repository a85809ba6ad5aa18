//! Rulebooks: the parameters of the rules as versioned data, each with its standing and source.

use crate::calendar::{Milestone, Offset, Offsets};
use jiff::civil::Date;
use std::fmt;

/// How far a statement is backed by what is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// `[S]`: stated by a public source, which is named.
    Stated,
    /// `[D]`: derived by us from a public source.
    Derived,
    /// `[R]`: our rule; the published pages do not say.
    Ours,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Stated => "[S]",
            Self::Derived => "[D]",
            Self::Ours => "[R]",
        })
    }
}

/// The document that a rulebook serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// Migration Scaling Methodology.
    Msm,
    /// Migration Authorisation Mechanism.
    Mam,
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Msm => "MSM",
            Self::Mam => "MAM",
        })
    }
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A whole number in the parameter's unit.
    Number(u64),
    /// A word, such as the version of a template.
    Text(String),
    /// A list of words.
    List(Vec<String>),
    /// The place of a milestone in the Working Day calendar.
    Offset(Offset),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
            Self::List(items) => f.write_str(&items.join(", ")),
            Self::Offset(offset) => write!(f, "{offset}"),
        }
    }
}

/// One parameter of a rulebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, unique in the rulebook.
    pub name: String,
    /// The rule it belongs to.
    pub rule: String,
    /// Its value.
    pub value: Value,
    /// Its unit; empty where there is none.
    pub unit: String,
    /// How far it is backed.
    pub standing: Standing,
    /// Where it is published, or why we chose it.
    pub source: String,
}

/// RB-1: a versioned set of parameters, with the dates of the document version it serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rulebook {
    /// Its id, such as `msm-5.0`; results and lots carry it.
    pub id: String,
    /// The document.
    pub document: Document,
    /// The document's version.
    pub version: String,
    /// When that version was published, if known.
    pub published: Option<Date>,
    /// From which date it is in effect.
    pub in_effect: Date,
    /// The files published with it.
    pub attachments: Vec<String>,
    /// Its parameters, in the order of the data file.
    pub parameters: Vec<Parameter>,
}

/// A rulebook's data that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RulebookError {
    /// A parameter that a rule needs is not there, or is of another kind.
    #[error("rulebook {rulebook} has no usable parameter {name}")]
    Parameter {
        /// The rulebook's id.
        rulebook: String,
        /// The parameter's name.
        name: String,
    },
    /// RB-2: nothing is in effect on the date that decides.
    #[error(
        "no {document} rulebook is in effect on {date}; choose one with --rulebook, for example --rulebook {example}"
    )]
    NoneInEffect {
        /// The document.
        document: Document,
        /// The date on which one was needed.
        date: Date,
        /// A rulebook that exists.
        example: String,
    },
}

impl Rulebook {
    /// RB-2: is it known on a date? From its publication on; where that is not on record, from when it is in effect.
    #[must_use]
    pub fn is_known(&self, date: Date) -> bool {
        self.published.unwrap_or(self.in_effect) <= date
    }

    /// A whole number.
    ///
    /// # Errors
    /// If the rulebook has no such parameter or it is no number.
    pub fn number(&self, name: &str) -> Result<u64, RulebookError> {
        match self.parameter(name)?.value {
            Value::Number(number) => Ok(number),
            _ => Err(self.missing(name)),
        }
    }

    /// A list of words.
    ///
    /// # Errors
    /// If the rulebook has no such parameter or it is no list.
    pub fn list(&self, name: &str) -> Result<&[String], RulebookError> {
        match &self.parameter(name)?.value {
            Value::List(items) => Ok(items),
            _ => Err(self.missing(name)),
        }
    }

    /// The offsets of the milestones.
    ///
    /// # Errors
    /// If the offset of a milestone is not among the parameters.
    pub fn offsets(&self) -> Result<Offsets, RulebookError> {
        let mut offsets = Vec::with_capacity(Milestone::ALL.len());
        for &milestone in Milestone::ALL {
            let Value::Offset(offset) = self.parameter(milestone.id())?.value else {
                return Err(self.missing(milestone.id()));
            };
            offsets.push((milestone, offset));
        }
        Ok(Offsets(offsets))
    }

    fn parameter(&self, name: &str) -> Result<&Parameter, RulebookError> {
        self.parameters.iter().find(|parameter| parameter.name == name).ok_or_else(|| self.missing(name))
    }

    fn missing(&self, name: &str) -> RulebookError {
        RulebookError::Parameter { rulebook: self.id.clone(), name: name.to_owned() }
    }
}

/// RB-2: the rulebook of a document in effect on a date: the one that came into effect last, not later than that date.
#[must_use]
pub fn in_effect(rulebooks: &[Rulebook], document: Document, date: Date) -> Option<&Rulebook> {
    rulebooks
        .iter()
        .filter(|rulebook| rulebook.document == document && rulebook.in_effect <= date)
        .max_by_key(|rulebook| rulebook.in_effect)
}

/// One line of the comparison of two rulebooks (RB-3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterDifference {
    /// The parameter, or the fact about the rulebook.
    pub name: String,
    /// What the first has; nothing if it has no such parameter.
    pub first: Option<String>,
    /// What the second has.
    pub second: Option<String>,
}

/// RB-3: what differs between two rulebooks, fact by fact and parameter by parameter, standing and source included.
#[must_use]
pub fn differences(first: &Rulebook, second: &Rulebook) -> Vec<ParameterDifference> {
    let (left, right) = (facts(first), facts(second));
    let mut lines = Vec::new();
    for (name, value) in &left {
        let other = right.iter().find(|(other, _)| other == name).map(|(_, value)| value);
        if other != Some(value) {
            lines.push(ParameterDifference { name: name.clone(), first: Some(value.clone()), second: other.cloned() });
        }
    }
    for (name, value) in &right {
        if !left.iter().any(|(other, _)| other == name) {
            lines.push(ParameterDifference { name: name.clone(), first: None, second: Some(value.clone()) });
        }
    }
    lines
}

fn facts(rulebook: &Rulebook) -> Vec<(String, String)> {
    let published = rulebook.published.map_or_else(|| "not known".to_owned(), |date| date.to_string());
    let mut facts = vec![
        ("document".to_owned(), rulebook.document.to_string()),
        ("version".to_owned(), rulebook.version.clone()),
        ("published".to_owned(), published),
        ("in effect".to_owned(), rulebook.in_effect.to_string()),
        ("attachments".to_owned(), rulebook.attachments.join(", ")),
    ];
    for parameter in &rulebook.parameters {
        let Parameter { name, value, unit, standing, source, .. } = parameter;
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        facts.push((name.clone(), format!("{value}{unit} {standing} {source}")));
    }
    facts
}

#[cfg(test)]
#[path = "rulebook_tests.rs"]
mod tests;
