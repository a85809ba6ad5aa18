//! The schema of Sluice: what is recorded, and what is derived from it.

use crate::migrations::Migration;

/// Every step of the schema, oldest first.
pub const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "record, reference data, weeks, authorisations", sql: include_str!("schema.sql") },
    Migration { version: 2, name: "indexes of the inventory", sql: INSTALLATION_INDEXES },
    Migration { version: 30, name: "leaves that commit", sql: include_str!("schema/30-log.sql") },
];

/// The indexes of the inventory. A first load is faster without them; they are made after it.
pub const INSTALLATION_INDEXES: &str = "\
CREATE UNIQUE INDEX installation_mpan ON installation (mpan);
CREATE UNIQUE INDEX installation_mprn ON installation (mprn);
";

/// The tables of the record, those that refer to others first: only added to, never derived.
pub const RECORD: &[&str] =
    &["audit", "act", "input", "account_name", "received", "content_part", "content", "setting", "schema_version"];

/// The tables of secrets: neither recorded nor derived, and in no comparison.
pub const SECRET: &[&str] = &[];

/// What is compared of a derived table, where that is not every column as it stands.
#[derive(Debug, Clone, Copy)]
pub struct Compared {
    /// The table.
    pub table: &'static str,
    /// Its columns that are compared. Digests of what stands beside them follow from it, and rows from before have none.
    pub columns: &'static str,
    /// Are the last two columns the size of content and its packed bytes? Then the content is compared: another version of
    /// the packing library may pack it otherwise.
    pub packed: bool,
}

/// The tables of which not every column is compared as it stands.
pub const COMPARED: &[Compared] = &[
    Compared { table: "issued", columns: "id, party, name, at, file, act, size, bytes", packed: true },
    Compared { table: "answer", columns: "file, verdict, codes, rows, packed", packed: false },
];

/// The derived tables with the columns of their keys, in an order in which they can be emptied: those that refer to others
/// first.
pub const DERIVED: &[(&str, &str)] = &[
    ("notice", "id"),
    ("issued", "id"),
    ("responsibility_mpid", "event, fuel, mpid"),
    ("responsibility_event", "id"),
    ("dormant_answer", "s1sp, week, chf, party"),
    ("dormant_notice", "s1sp, week, chf, party"),
    ("dormant_line", "s1sp, week, chf"),
    ("dormant_plan", "s1sp, week"),
    ("countersignature", "id"),
    ("escalation", "id"),
    ("stop_list", "stop_order, s1sp"),
    ("stop_entry", "stop_order, chf"),
    ("stop_order", "id"),
    ("hold", "id"),
    ("passed_day", "s1sp, date, deadline"),
    ("outcome", "s1sp, date, chf"),
    ("state_change", "id"),
    ("passing", "id"),
    ("schedule_line", "s1sp, date, version, chf"),
    ("schedule", "s1sp, date, version"),
    ("answer", "file, verdict, codes"),
    ("authorisation", "chf, file"),
    ("question", "id"),
    ("balance", "s1sp, party"),
    ("allocation", "s1sp, date, party"),
    ("result_line", "s1sp, date, version, party"),
    ("result_pool", "s1sp, date, version"),
    ("result", "s1sp, week, version"),
    ("eligible_count", "s1sp, week, party"),
    ("forecast", "s1sp, date, party"),
    ("demand", "s1sp, date, party, user_id"),
    ("passed_milestone", "s1sp, week, milestone"),
    ("moved_milestone", "week, milestone"),
    ("grace", "sender, s1sp, milestone, week"),
    ("misnamed", "id"),
    ("file", "id"),
    ("capacity", "s1sp, date"),
    ("attempt", "chf"),
    ("outcome_code", "code, stage"),
    ("exclusion", "chf, fuel, origin"),
    ("registration", "point, fuel, effective"),
    ("installation", "chf"),
    ("staged_installation", "chf"),
    ("epcl", "s1sp, dmc, added"),
    ("dmc", "id"),
    ("mpid", "id"),
    ("user_id", "user_id"),
    ("s1sp", "id"),
    ("party", "code"),
    ("import", "id"),
    ("account", "name"),
];
