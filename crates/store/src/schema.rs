//! The schema of Sluice: what is recorded, and what is derived from it.

use crate::indexes::{BY_SUPPLIER, POINTS};
use crate::migration::Migration;

/// Every step of the schema, oldest first.
pub const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "record, reference data, weeks, authorisations", sql: include_str!("schema.sql") },
    Migration { version: 2, name: "indexes of the inventory", sql: POINTS },
    Migration { version: 10, name: "facts without the files they came in", sql: FACTS },
    Migration { version: 20, name: "tokens", sql: include_str!("schema/20-tokens.sql") },
    Migration { version: 21, name: "proposals", sql: include_str!("schema/21-proposals.sql") },
    Migration { version: 30, name: "leaves that commit", sql: include_str!("schema/30-log.sql") },
    Migration { version: 40, name: "authorisations as they passed on", sql: include_str!("schema/40-passed-on.sql") },
    Migration { version: 55, name: "proposals compared by what they write", sql: FORMLESS },
    Migration { version: 80, name: "units and standby of what is stopped", sql: include_str!("schema/80-standby.sql") },
    Migration { version: 110, name: "proposals compared by what stands as well", sql: FORMLESS },
    Migration { version: 111, name: "days that a stop order took from Dormant installations", sql: LOST },
    Migration { version: 112, name: "User IDs under which nothing is taken", sql: ENDED_INTAKE },
    Migration { version: 113, name: "names of documents by party", sql: include_str!("schema/113-issued.sql") },
    Migration { version: 120, name: "what parties have beside a cut or a refill", sql: BESIDE },
    Migration { version: 130, name: "what was handed in", sql: HANDED_IN },
    Migration { version: 131, name: "keys of receipts", sql: RECEIPT_KEYS },
    Migration { version: 140, name: "what is set aside", sql: include_str!("schema/140-aside.sql") },
    Migration { version: 141, name: "keys of acts", sql: KEYS },
    Migration { version: 150, name: "by which act: imports, schedules, notices, signatures", sql: BY_ACTS },
    Migration { version: 170, name: "imports that two signed for", sql: BY_TWO },
    Migration { version: 171, name: "eligible installations that results were made from", sql: RESULT_ELIGIBLE },
    Migration { version: 180, name: "files in checking", sql: CLAIMS },
    Migration { version: 181, name: "files of a name found however many there are", sql: OF_NAME },
    Migration { version: 185, name: "inventories that are compared outside of the database", sql: STAGED },
    Migration { version: 190, name: "outages of intake", sql: OUTAGES },
    Migration { version: 191, name: "files whose content is not kept, facts of the intake", sql: UNKEPT },
    // Nothing changes in it: what waits is proposed again.
    Migration { version: 200, name: "proposals compared by what events and imports tell", sql: "" },
    Migration { version: 205, name: "demand that passed after a firm result", sql: PASSED_DEMAND },
    // Nor in it.
    Migration { version: 206, name: "proposals compared by what a first inventory writes", sql: "" },
    Migration { version: 210, name: "after which event demand passed", sql: include_str!("schema/210-passed.sql") },
    Migration { version: 211, name: "what came with the lead of an installation", sql: LED },
    Migration { version: 212, name: "results since which passings are noted", sql: NOTES_PASSINGS },
    Migration { version: 220, name: "what opened a file that is set aside", sql: ASIDE_OPENED },
    Migration { version: 230, name: "notices found by their installation", sql: NOTICE_BY_INSTALLATION },
    // Nor in this.
    Migration { version: 240, name: "proposals compared by what an undoing gives back", sql: "" },
    Migration { version: 300, name: "running counts", sql: include_str!("schema/300-counts.sql") },
    Migration {
        version: LONG_HISTORY,
        name: "what is asked of a long history",
        sql: include_str!("schema/301-long-history.sql"),
    },
    Migration { version: 310, name: "passwords that may come again", sql: include_str!("schema/310-passwords.sql") },
    Migration { version: 320, name: "what is done when answers are due", sql: include_str!("schema/320-answers.sql") },
    Migration { version: PASSING_DAYS, name: "days on which authorisations passed", sql: PASSING_DAYS_SQL },
    Migration { version: 340, name: "places of installations", sql: include_str!("schema/340-places.sql") },
    Migration { version: 360, name: "what installations wait for", sql: include_str!("schema/360-waits.sql") },
    Migration { version: 361, name: "what came in a period", sql: include_str!("schema/361-by-period.sql") },
    Migration { version: 370, name: "what the clock has left to do", sql: include_str!("schema/370-clock.sql") },
    Migration { version: 371, name: "places in line of what waits for none", sql: PLACES },
    Migration { version: 385, name: "authorisations found by their day", sql: include_str!("schema/385-by-day.sql") },
    Migration { version: 386, name: "what is open by its kind", sql: include_str!("schema/386-open.sql") },
    Migration { version: 387, name: "installations found by their suppliers", sql: BY_SUPPLIER },
    Migration { version: COUNTS, name: "exclusions by category", sql: include_str!("schema/388-exclusions.sql") },
    Migration { version: 400, name: "what a party handed in", sql: include_str!("schema/400-handed-in.sql") },
    Migration { version: 401, name: "requests that were done", sql: include_str!("schema/401-requests.sql") },
    Migration { version: 402, name: "what uses units", sql: include_str!("schema/402-uses.sql") },
];

/// Beside standby: what was first in line (1), and what has never waited (2). A unit that came with the lead (`led_unit`) is as any
/// other (1), or kept for its installation (2).
const PLACES: &str = "\
ALTER TABLE authorisation ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
CREATE INDEX authorisation_kept ON authorisation (s1sp, date, led) WHERE led_unit = 2;
";

/// The step after which it is noted in which files each installation was named.
pub(crate) const LONG_HISTORY: i64 = 301;

/// The last step that makes or changes running counts, which are then counted from scratch.
pub(crate) const COUNTS: i64 = 388;

/// The date in Great Britain on which an authorisation passed, yyyymmdd: whose it was on a day is asked of each day that is counted.
const PASSING_DAYS_SQL: &str = "ALTER TABLE passing ADD COLUMN day INTEGER NOT NULL DEFAULT 0;\n";

/// The step after which it is noted on which day each authorisation passed, and days are counted by it.
pub(crate) const PASSING_DAYS: i64 = 330;

/// An import looks for what was told of each installation that it changes.
const NOTICE_BY_INSTALLATION: &str = "CREATE INDEX notice_by_installation ON notice (chf) WHERE chf IS NOT NULL;\n";

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

/// The tables of the intake, as statements of one database or of both. Live: who is about to hand something in, and from which moment
/// on it may come. Why: the reason for which an arrival could not be taken over. Place: which of the files of its command it is, since
/// they can have one moment. Confirm: its sender confirms with it what would be held (FI21).
macro_rules! intake {
    ($only:literal) => {
        concat!(
            $only,
            "CREATE TABLE intake_arrival (
  id TEXT NOT NULL PRIMARY KEY,
  party TEXT NOT NULL,
  actor TEXT NOT NULL,
  channel TEXT NOT NULL,
  name TEXT NOT NULL,
  size INTEGER NOT NULL,
  digest BLOB,
  at INTEGER NOT NULL,
  taken INTEGER,
  why TEXT,
  place INTEGER NOT NULL,
  confirm INTEGER NOT NULL
) STRICT;\n",
            $only,
            "CREATE INDEX intake_waiting ON intake_arrival (at, place, id) WHERE taken IS NULL;\n",
            $only,
            "CREATE INDEX intake_taken ON intake_arrival (taken) WHERE taken IS NOT NULL;\n",
            $only,
            "CREATE INDEX intake_by_name ON intake_arrival (party, name, at);\n",
            $only,
            "CREATE INDEX intake_by_party ON intake_arrival (party, at);\n",
            $only,
            "CREATE TABLE intake_part (
  arrival TEXT NOT NULL REFERENCES intake_arrival (id),
  place INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (arrival, place)
) STRICT;\n",
            $only,
            "CREATE TABLE intake_live (
  id TEXT NOT NULL PRIMARY KEY,
  watermark INTEGER NOT NULL,
  beat INTEGER NOT NULL
) STRICT;\n"
        )
    };
}

/// Which file of a party is in checking, by which process.
macro_rules! claims {
    ($only:literal) => {
        concat!(
            $only,
            "CREATE TABLE intake_claim (
  party TEXT NOT NULL PRIMARY KEY,
  arrival TEXT NOT NULL,
  process TEXT NOT NULL,
  beat INTEGER NOT NULL
) STRICT;\n"
        )
    };
}

/// The tables of the intake in a file of its own, as the first programs made it, and what was added since.
pub(crate) const INTAKE_FILE: &str = intake!("");
pub(crate) const INTAKE_CLAIMS: &str = claims!("");

const CLAIMS: &str = claims!("-- only postgresql\n");

/// Strangers choose how many files of a name there are.
const OF_NAME: &str = "\
DROP INDEX file_by_name;
CREATE INDEX file_by_name ON file (kind, s1sp, date, user_id, time, sender, id);
CREATE INDEX file_open ON file (kind, s1sp, date, user_id, time, sender)
  WHERE status <> 'REFUSED' AND status <> 'LAPSED' AND status <> 'REPLACED';
CREATE INDEX file_accepted ON file (kind, s1sp, user_id, date, time, id) WHERE status = 'ACCEPTED';
";

/// The tables of the intake: neither record nor derived, and on SQLite not in the database but in a file of their own beside it. They
/// are in no replay, and empty in copies.
pub const INTAKE: &[&str] = &["intake_arrival", "intake_part", "intake_live", "intake_claim", "intake_fact"];

/// What is known of the intake as a whole, by name.
macro_rules! facts {
    ($create:literal) => {
        concat!($create, " intake_fact (\n  name TEXT NOT NULL PRIMARY KEY,\n  value TEXT NOT NULL\n) STRICT;\n")
    };
}

/// The same in a file that an earlier program made.
pub(crate) const INTAKE_FACTS: &str = facts!("CREATE TABLE IF NOT EXISTS");

/// Content that is not kept: its digest alone stands in the record.
const UNKEPT: &str =
    concat!("ALTER TABLE received ADD COLUMN unkept BLOB;\n", facts!("-- only postgresql\nCREATE TABLE"));

/// Which arrival a received file was taken over from; none of those from before.
const HANDED_IN: &str = concat!(
    "ALTER TABLE received ADD COLUMN arrival TEXT;\n",
    "CREATE UNIQUE INDEX received_by_arrival ON received (arrival);\n",
    intake!("-- only postgresql\n")
);

/// The tables of the record, those that refer to others first: only added to, never derived.
pub const RECORD: &[&str] = &[
    "act_key",
    "audit",
    "act",
    "input",
    "account_name",
    "received",
    "content_part",
    "content",
    "setting",
    "schema_version",
];

/// What is compared of a derived table, where that is not every column as it stands.
#[derive(Debug, Clone, Copy)]
pub struct Compared {
    /// The table.
    pub table: &'static str,
    /// Its columns that are compared. Digests of what stands beside them, or would be written, follow from it, and rows from before
    /// have none.
    pub columns: &'static str,
    /// Are the last two columns the size of content and its packed bytes? Then the content is compared: another version of
    /// the packing library may pack it otherwise.
    pub packed: bool,
}

/// The tables of which not every column is compared as it stands.
pub const COMPARED: &[Compared] = &[
    Compared { table: "issued", columns: "id, party, name, at, file, act, size, bytes", packed: true },
    // What an act would write has another form with every column that is new; that it was compared with what it wrote is in the
    // record, as the approval.
    Compared {
        table: "proposal",
        columns: "id, kind, details, title, figures, maker, made_at, expires_at, state, decided_by, decided_at, why",
        packed: false,
    },
    Compared { table: "answer", columns: "file, verdict, codes, rows, packed", packed: false },
];

/// The digests of proposals from before are made otherwise, so this program cannot compare them. Since then every upgrade takes them
/// away ([`Store::migrate`](crate::Store::migrate)).
const FORMLESS: &str = "\
-- only sqlite
UPDATE proposal SET digest = x'';
-- only postgresql
UPDATE proposal SET digest = '';
";

/// The day of which a stop order that was lifted had taken a Dormant installation (STOP-1). What proposals write has another form
/// with it.
const LOST: &str = "\
ALTER TABLE dormant_line ADD COLUMN lost INTEGER;
-- only sqlite
UPDATE proposal SET digest = x'';
-- only postgresql
UPDATE proposal SET digest = '';
";

/// User IDs under which nothing is taken any more, with the party that had one (REF-3).
const ENDED_INTAKE: &str = "\
CREATE TABLE ended_intake (
  user_id INTEGER NOT NULL PRIMARY KEY,
  party TEXT NOT NULL,
  at INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT;
";

/// By which act something came, since two acts may have one moment; nothing where an earlier program did it.
const BY_ACTS: &str = "\
ALTER TABLE import ADD COLUMN act INTEGER;
ALTER TABLE import ADD COLUMN undone_by INTEGER;
ALTER TABLE schedule ADD COLUMN act INTEGER;
ALTER TABLE notice ADD COLUMN act INTEGER;
ALTER TABLE countersignature ADD COLUMN act INTEGER;
";

/// What cuts and refills are made of, so that they can be made again (MSM-9). What proposals write has another form with it.
const BESIDE: &str = "\
ALTER TABLE result_pool ADD COLUMN again TEXT;
ALTER TABLE result_line ADD COLUMN beside INTEGER;
-- only sqlite
UPDATE proposal SET digest = x'';
-- only postgresql
UPDATE proposal SET digest = '';
";

/// Imports that needed two people, so that they are not taken back by one (REF-2).
const BY_TWO: &str = "\
ALTER TABLE import ADD COLUMN by_two INTEGER NOT NULL DEFAULT 0;
";

/// The eligible installations with which a version of a result was counted (MSM-2a): those of its week pass on with a transfer of
/// everything (MAM-11), and what is published can be made again all the same.
const RESULT_ELIGIBLE: &str = "\
CREATE TABLE result_eligible (
  s1sp TEXT NOT NULL,
  week INTEGER NOT NULL,
  version INTEGER NOT NULL,
  party TEXT NOT NULL,
  units INTEGER NOT NULL,
  PRIMARY KEY (s1sp, week, version, party)
) STRICT;
";

/// An inventory is compared with the one that stands in tables that only a connection has. What proposals write has another form
/// with it.
const STAGED: &str = "\
DROP TABLE staged_installation;
";

/// Times in which nothing could be handed in, and the milestones that they moved (CAL-7); nothing where operators moved them.
const OUTAGES: &str = "\
CREATE TABLE outage (
  id INTEGER NOT NULL PRIMARY KEY,
  begins INTEGER NOT NULL,
  ends INTEGER NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
ALTER TABLE moved_milestone ADD COLUMN outage INTEGER;
";

/// By how much the demand of a party for a day is more or less than its firm result counted, since rows have passed with it (MAM-11).
const PASSED_DEMAND: &str = "\
CREATE TABLE passed_demand (
  s1sp TEXT NOT NULL,
  date INTEGER NOT NULL,
  party TEXT NOT NULL,
  units INTEGER NOT NULL,
  PRIMARY KEY (s1sp, date, party)
) STRICT;
";

/// What came of opening a protected file that was then set aside, and when its password came: a password is not kept (MAM-10, FI24).
const ASIDE_OPENED: &str = "\
ALTER TABLE aside ADD COLUMN opening TEXT;
ALTER TABLE aside ADD COLUMN password_at INTEGER;
";

/// Of an authorisation that stays with its sender: to whom what it took has gone with the lead (MAM-11), a unit of allocation and one of
/// demand, or of demand alone.
const LED: &str = "\
ALTER TABLE authorisation ADD COLUMN led TEXT;
ALTER TABLE authorisation ADD COLUMN led_unit INTEGER NOT NULL DEFAULT 0;
";

/// Is it noted what passes since a result became firm (MAM-11)? Programs that did so made what was firm a version of its own, published
/// in that moment.
const NOTES_PASSINGS: &str = "\
ALTER TABLE result ADD COLUMN notes_passings INTEGER NOT NULL DEFAULT 0;
UPDATE result SET notes_passings = 1 WHERE firm_at = published_at;
";

/// By what an act is recognised that was done, when the answer to its commit was lost.
const KEYS: &str = "\
CREATE TABLE act_key (
  key BLOB NOT NULL PRIMARY KEY,
  seq INTEGER NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;
";

/// The tables of secrets: neither record nor derived. They are in no replay, and no digest is taken of them; what the record
/// says of them is that they changed, never to what. A schema that is a copy never has their rows. A file that is one is copied
/// page by page, and has them, readable by its owner only, until [`Store::forget`](crate::Store::forget) takes them out before
/// anybody works with it.
pub const SECRET: &[&str] = &["token_secret", "receipt_key", "request_done"];

/// The keys by which receipts are signed; the newest is in use, the others still verify.
const RECEIPT_KEYS: &str = "\
CREATE TABLE receipt_key (
  id INTEGER NOT NULL PRIMARY KEY,
  public BLOB NOT NULL UNIQUE,
  seed BLOB NOT NULL
) STRICT;
";

/// The derived tables with the columns of their keys, in an order in which they can be emptied: those that refer to others
/// first.
pub const DERIVED: &[(&str, &str)] = &[
    ("day_count", "s1sp, what, date, party, outcome, stage, code"),
    ("file_count", "file, party, state, codes"),
    ("exclusion_count", "s1sp, category, fuel, origin, day, electricity_mpid, gas_mpid"),
    ("place_count", "place, day, s1sp, cohort, lead"),
    ("clock_left", "what, date, s1sp"),
    (
        "open_count",
        "s1sp, home, dmc, electricity_mpid, electricity_status, gas_mpid, gas_status, failed, retry_from, excluded",
    ),
    ("wait_count", "s1sp, lead, state, since, stage, code, failed, retry_from, excluded, planned, home"),
    ("aside", "id"),
    ("password", "id"),
    ("notice", "id"),
    ("issued", "id"),
    ("responsibility_mpid", "event, fuel, mpid"),
    ("responsibility_event", "id"),
    ("dormant_answer", "s1sp, week, chf, party"),
    ("dormant_notice", "s1sp, week, chf, party"),
    ("dormant_line", "s1sp, week, chf"),
    ("moved_up", "s1sp, week, chf"),
    ("given_up", "s1sp, date"),
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
    ("answered", "chf, file"),
    ("answer", "file, verdict, codes"),
    ("authorisation", "chf, file"),
    ("question", "id"),
    ("balance", "s1sp, party"),
    ("allocation", "s1sp, date, party"),
    ("passed_demand", "s1sp, date, party, event"),
    ("result_line", "s1sp, date, version, party"),
    ("result_pool", "s1sp, date, version"),
    ("result_eligible", "s1sp, week, version, party"),
    ("result", "s1sp, week, version"),
    ("eligible_count", "s1sp, week, party"),
    ("forecast", "s1sp, date, party"),
    ("demand", "s1sp, date, party, user_id"),
    ("passed_milestone", "s1sp, week, milestone"),
    ("moved_milestone", "week, milestone"),
    ("outage", "id"),
    ("grace", "sender, s1sp, milestone, week"),
    ("misnamed", "id"),
    ("file", "id"),
    ("capacity", "s1sp, date"),
    ("attempt", "chf"),
    ("outcome_code", "code, stage"),
    ("exclusion", "chf, fuel, origin"),
    ("registration", "point, fuel, effective"),
    ("installation", "chf"),
    ("epcl", "s1sp, dmc, added"),
    ("dmc", "id"),
    ("mpid", "id"),
    ("ended_intake", "user_id"),
    ("user_id", "user_id"),
    ("s1sp", "id"),
    ("party", "code"),
    ("import", "id"),
    ("proposal", "id"),
    ("token", "id"),
    ("account", "name"),
];
