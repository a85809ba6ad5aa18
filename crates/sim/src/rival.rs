//! MSM-14: a rival's files come in one of two ways that decide the same, and everybody else must read the same.

use sluice_rules::party::{Eui64, Party};
use sluice_wire::name::FileName;

/// How a rival's files come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// As suppliers send them; what it sends beside them is under a User ID that is nobody's.
    Plain,
    /// In another form, under names that are written otherwise; and before other parties' files come files of the rival's under
    /// their very names.
    Otherwise,
}

/// A supplier whose files come in one of two ways.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rival {
    pub(crate) party: Party,
    pub(crate) way: Way,
}

impl Rival {
    /// A file of its own as it comes: the same table, perhaps from another program.
    pub(crate) fn form(self, name: &str, bytes: &[u8]) -> (String, Vec<u8>) {
        let plain = || (name.to_owned(), bytes.to_vec());
        let Ok(text) = std::str::from_utf8(bytes) else { return plain() };
        let is_table = text.lines().next().is_some_and(|header| header.contains(',')) && !text.contains(['"', '\r']);
        if self.way == Way::Plain || !is_table || !name.ends_with(".csv") || FileName::parse(name).is_err() {
            return plain();
        }
        let backwards = |line: &str| line.split(',').rev().collect::<Vec<_>>().join(",");
        let lines: Vec<String> = text.split('\n').map(backwards).collect();
        (name.to_lowercase().replacen('_', "-", 1), format!("\u{feff}{}", lines.join("\r\n")).into_bytes())
    }

    /// What it sends right before a file of another party: a file that is refused whole, for whose sender it is. Both ways it is
    /// of the same kind, S1SP and date, so that it is granted the same (CAL-3).
    pub(crate) fn before(self, name: &str) -> Option<(String, Vec<u8>)> {
        let (parsed, _) = FileName::parse(name).ok()?;
        parsed.user_id.filter(|_| !name.to_uppercase().starts_with("MAPASSWORD"))?;
        match self.way {
            Way::Plain => {
                let party = parsed.party.map(|_| self.party);
                let nobodys = FileName { party, user_id: Some(Eui64(u64::MAX)), ..parsed };
                Some((format!("{nobodys}.csv"), b"no table".to_vec()))
            }
            Way::Otherwise => Some((name.to_owned(), b"another one\nthat is no table either".to_vec())),
        }
    }
}

/// What parties could read: each by its reader and name.
pub type Documents = std::collections::BTreeMap<String, String>;
