//! Parties: the companies of the programme.

use super::cells::{Cells, EUI, MPID, Once, RowErrors, S1SP, TableErrors, repeated, table};
use crate::layout::PARTIES;
use crate::limits::Reading;
use crate::source::Content;
use sluice_rules::installation::{Fuel, Mpid};
use sluice_rules::party::{Eui64, Party, PartyRole, RESERVED, S1sp};
use std::collections::HashMap;

/// A row of the parties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyRow {
    /// Its line in the table, from 1.
    pub line: u64,
    /// The party.
    pub party: Party,
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: PartyRole,
    /// Its User IDs, in the order of the table; at least one.
    pub user_ids: Vec<Eui64>,
    /// The market participant ids under which it supplies electricity.
    pub electricity_mpids: Vec<Mpid>,
    /// The market participant ids under which it supplies gas.
    pub gas_mpids: Vec<Mpid>,
    /// The S1SP whose schedules it executes; exactly for the role S1SP.
    pub s1sp: Option<S1sp>,
    /// How its operations are reached.
    pub operations_contact: String,
    /// How it is reached outside office hours.
    pub out_of_hours_contact: String,
}

/// Reads the parties. A party, a User ID and an MPID stand only once.
///
/// # Errors
/// All rows that are wrong, or why the whole file cannot be used.
pub fn read_parties(
    extension: &str,
    content: &mut dyn Content,
    reading: Reading,
) -> Result<Vec<PartyRow>, TableErrors> {
    let (mut parties, mut user_ids, mut mpids) = (Once::new(), Once::new(), Once::new());
    table(extension, content, reading, &PARTIES, |cells| {
        let row = row(cells)?;
        parties.check(cells, row.party, || format!("the party {}", row.party));
        for id in &row.user_ids {
            user_ids.check(cells, *id, || format!("the User ID {id}"));
        }
        let both = [(Fuel::Electricity, &row.electricity_mpids), (Fuel::Gas, &row.gas_mpids)];
        for (fuel, ids) in both {
            for id in ids {
                mpids.check(cells, (fuel, *id), || format!("the MPID {id} for {fuel}"));
            }
        }
        Some(row)
    })
}

/// The rows of parties that can be read and not be registered: those that have a word of the program's for a code (MSM-1), and those
/// that are an S1SP which another is already (MSM-14): whoever is an S1SP reads what it is sent.
#[must_use]
pub fn unfit(rows: &[PartyRow], is_known: impl Fn(&str) -> bool) -> RowErrors {
    let (mut first, mut errors) = (HashMap::new(), RowErrors::default());
    for row in rows {
        let codes = [("party", Some(row.party.as_str())), ("S1SP", row.s1sp.as_ref().map(S1sp::as_str))];
        for (whose, code) in codes {
            let meant = RESERVED.iter().filter(|(reserved, _)| Some(*reserved) == code && !is_known(reserved));
            meant.for_each(|(code, means)| {
                errors.add(row.line, || {
                    format!("{whose} {code}: the program writes {code} for {means}; choose another code for it (MSM-1)")
                });
            });
        }
        let Some(s1sp) = row.s1sp else { continue };
        let line = *first.entry(s1sp).or_insert(row.line);
        if line != row.line {
            errors.add(row.line, || {
                format!("{}; one party is an S1SP (MSM-14)", repeated(&format!("the S1SP {s1sp}"), line, row.line))
            });
        }
    }
    errors
}

fn row(cells: &mut Cells<'_>) -> Option<PartyRow> {
    let party = cells.get(0, "a party: 1 to 16 letters and digits", |text| text.parse().ok());
    let name = cells.text(1);
    let role = cells.get(2, "SUPPLIER, S1SP or OBSERVER", |text| text.parse().ok());
    let user_ids = cells.list(3, EUI);
    if cells.is_empty(3) {
        cells.wrong(|| "User IDs must not be empty".to_owned());
    }
    let (electricity, gas) = (cells.list(4, MPID), cells.list(5, MPID));
    if role.is_some_and(|role| role != PartyRole::Supplier) && !(cells.is_empty(4) && cells.is_empty(5)) {
        cells.wrong(|| "only a SUPPLIER has MPIDs".to_owned());
    }
    let s1sp = match role {
        Some(PartyRole::S1sp) => cells.s1sp(6).map(Some),
        Some(_) if !cells.is_empty(6) => {
            cells.wrong(|| "only the role S1SP has an S1SP".to_owned());
            None
        }
        _ => cells.optional(6, S1SP, |text| text.parse().ok()),
    };
    let contact = |column| cells.record.field(column).to_owned();
    Some(PartyRow {
        line: cells.line(),
        operations_contact: contact(7),
        out_of_hours_contact: contact(8),
        party: party?,
        name: name?,
        role: role?,
        user_ids: user_ids?,
        electricity_mpids: electricity?,
        gas_mpids: gas?,
        s1sp: s1sp?,
    })
}
