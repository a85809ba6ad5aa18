//! The schema of Sluice: what is recorded, and what is derived from it.

use crate::indexes::INSTALLATION_INDEXES;
use crate::migrations::Migration;

/// Every step of the schema, oldest first.
pub const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "record, reference data, weeks, authorisations", sql: include_str!("schema.sql") },
    Migration { version: 2, name: "indexes of the inventory", sql: INSTALLATION_INDEXES },
    Migration { version: 10, name: "facts without the files they came in", sql: FACTS },
];

/// When each authorisation came, and when a supplier said that an installation is Active, without the file that it came in:
/// other suppliers of the installation may see the one and not the other.
const FACTS: &str = "\
CREATE VIEW said_active (chf, party, at) AS
  SELECT a.chf, a.party, f.verdict_at FROM dormant_line l
  JOIN dormant_answer a ON a.s1sp = l.s1sp AND a.week = l.week AND a.chf = l.chf JOIN file f ON f.id = a.file
  WHERE a.answer = 'ACTIVE';
CREATE VIEW arrival (chf, file, s1sp, state, at) AS
  SELECT a.chf, a.file, a.s1sp, a.state, r.at FROM authorisation a JOIN received r ON r.id = a.file;
";

/// The tables of the record: only added to, never derived.
pub const RECORD: &[&str] = &["setting", "content", "content_part", "received", "act", "audit", "schema_version"];

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
