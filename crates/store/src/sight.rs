//! Who sees what: one list for both databases. It is the filter of every reading that is not DCC's.

mod list;
mod parts;
mod seen;
mod text;

pub(crate) use list::{TABLES, Table};
pub(crate) use seen::Seen;
pub(crate) use text::Words;

use crate::scope::Scope;

/// Whose readings have the same filters; the party or S1SP is put in with [`Words`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Party,
    S1sp,
    Observer,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Party, Self::S1sp, Self::Observer];

    /// Nothing for DCC, which sees everything.
    pub(crate) const fn of(scope: &Scope) -> Option<Self> {
        match scope {
            Scope::Dcc => None,
            Scope::Party(_) => Some(Self::Party),
            Scope::S1sp(_) => Some(Self::S1sp),
            Scope::Observer => Some(Self::Observer),
        }
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Party => "party",
            Self::S1sp => "s1sp",
            Self::Observer => "observer",
        }
    }
}

/// What a kind of reader sees of a table. One that is not in the list is seen by DCC alone.
pub(crate) fn seen(table: &str, kind: Kind) -> Seen {
    match (TABLES.iter().find(|known| known.name == table), kind) {
        (Some(known), Kind::Party) => known.party,
        (Some(known), Kind::S1sp) => known.s1sp,
        (Some(known), Kind::Observer) => known.observer,
        (None, _) => Seen::Nothing,
    }
}

/// The query that gives what is seen of a table with these columns.
pub(crate) fn query(table: &str, columns: &[String], seen: Seen, words: &Words<'_>) -> String {
    let (rows, masks): (&str, &[(&str, &str)]) = match seen {
        Seen::Nothing => ("1 = 0", &[]),
        Seen::All => ("1 = 1", &[]),
        Seen::Rows(rows) => (rows, &[]),
        Seen::Masked { rows, masks } => (rows, masks),
    };
    let column = |name: &String| match masks.iter().find(|(masked, _)| masked == name) {
        Some((_, mask)) => format!("{} AS {name}", words.put_into(mask)),
        None => format!("t.{name}"),
    };
    let columns: Vec<String> = columns.iter().map(column).collect();
    let all = words.all;
    format!("SELECT {} FROM {all}.{table} AS t WHERE {}", columns.join(", "), words.put_into(rows))
}

#[cfg(test)]
#[path = "sight/tests.rs"]
mod tests;
