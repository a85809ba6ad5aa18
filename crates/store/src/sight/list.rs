//! The list: each table of the schema, what a supplier sees of it, and what an S1SP sees (MSM-14). DCC sees everything, an
//! observer everything that is not secret.
//!
//! Where a party needs a fact about what is another's, the row is given with the rest in other words, and the reason is here.

use super::seen::Seen::{self, All, Masked, Nothing, Rows};

/// A table or view of the schema.
#[derive(Debug)]
pub(crate) struct Table {
    /// Its name.
    pub(crate) name: &'static str,
    /// The columns of its key; none for a view.
    pub(crate) key: &'static [&'static str],
    /// What a supplier sees.
    pub(crate) party: Seen,
    /// What an S1SP sees.
    pub(crate) s1sp: Seen,
}

const fn table(name: &'static str, key: &'static [&'static str], party: Seen, s1sp: Seen) -> Table {
    Table { name, key, party, s1sp }
}

/// What carries the code of the S1SP.
const AT_S1SP: Seen = Rows("t.s1sp = {s1sp}");

/// What carries the party that reads.
const OWN: Seen = Rows("t.party = {me}");

/// A registered party is known to all; how to reach its people is not.
const PARTIES: Seen = Masked {
    rows: "1 = 1",
    masks: &[
        ("operations_contact", "CASE WHEN t.code = {me} THEN t.operations_contact ELSE '' END"),
        ("out_of_hours_contact", "CASE WHEN t.code = {me} THEN t.out_of_hours_contact ELSE '' END"),
    ],
};

/// A number that is not told.
const NONE: &str = "CAST(0 AS BIGINT)";

/// How old the reference data are decides what is judged; how large they are tells of others.
const IMPORTS: Seen = Masked {
    rows: "1 = 1",
    masks: &[
        ("received", NONE),
        ("before_rows", NONE),
        ("added", NONE),
        ("changed", NONE),
        ("gone", NONE),
        ("accepted_rows", NONE),
    ],
};

/// Of what DCC did, what the conduct report shows to all: milestones and capacities that were changed; and decisions on
/// exclusions of which the party was told in the same moment. Who did it is not shown.
const ACTS: Seen = Rows(
    "EXISTS (SELECT 1 FROM {all}.audit a WHERE a.seq = t.seq AND (a.kind IN ('move-milestone', 'cut') \
       OR a.kind IN ('exclusion-decision', 'exclusion-lift', 'dormant-decide') \
         AND EXISTS (SELECT 1 FROM {all}.notice n WHERE n.party = {me} AND n.at = a.at)))",
);

const AUDIT: Seen = Masked {
    rows: "t.kind IN ('move-milestone', 'cut') OR t.kind IN ('exclusion-decision', 'exclusion-lift', 'dormant-decide') \
           AND EXISTS (SELECT 1 FROM {all}.notice n WHERE n.party = {me} AND n.at = t.at)",
    masks: &[("actor", "''"), ("account", "CASE WHEN 1 = 0 THEN t.account END")],
};

/// Every stop order bears on what may be migrated (STOP-1). Who of DCC imposed it is for DCC and observers.
const STOPS: Seen = Masked {
    rows: "1 = 1",
    masks: &[("imposed_by", "''"), ("lifted_by", "CASE WHEN t.lifted_by IS NULL THEN NULL ELSE '' END")],
};

/// A result is published or not; of a pool its facts may be hidden all the same. The week of a day is the last that began
/// with this version.
macro_rules! published {
    () => {
        "(SELECT r.published_at FROM {all}.result r WHERE r.s1sp = t.s1sp AND r.version = t.version AND r.week <= t.date \
          ORDER BY r.week DESC LIMIT 1) IS NOT NULL"
    };
}

const PUBLISHED: Seen = Rows("t.published_at IS NOT NULL");

const PUBLIC_POOLS: Seen = Rows(concat!("t.public = 1 AND ", published!()));

/// Each table of the schema, in its order.
pub(crate) const TABLES: &[Table] = &[
    table("schema_version", &["version"], Nothing, Nothing),
    table("setting", &["name"], Nothing, Nothing),
    // What is issued has its own bytes; no reading of a party needs what was received.
    table("content", &["digest"], Nothing, Nothing),
    table("content_part", &["digest", "place"], Nothing, Nothing),
    // A row that passed to another supplier is told of with the name of the file that it came in (MAM-11).
    table(
        "received",
        &["id"],
        Masked {
            rows: "t.sender = {me} OR t.id IN (SELECT p.file FROM {all}.passing p WHERE p.from_party = {me} OR p.to_party = {me})",
            masks: &[
                ("digest", "CASE WHEN t.sender = {me} THEN t.digest END"),
                ("size", "CASE WHEN t.sender = {me} THEN t.size ELSE 0 END"),
            ],
        },
        Rows("t.sender = {me}"),
    ),
    table("act", &["seq"], ACTS, ACTS),
    table("audit", &["seq"], AUDIT, AUDIT),
    table("input", &["act", "place"], Nothing, Nothing),
    // Who somebody is, how they show it and what waits for a signature is DCC's own.
    table("account_name", &["id"], Nothing, Nothing),
    table("account", &["name"], OWN, OWN),
    table("token", &["id"], Nothing, Nothing),
    table("proposal", &["id"], Nothing, Nothing),
    table("import", &["id"], IMPORTS, IMPORTS),
    table("party", &["code"], PARTIES, PARTIES),
    table("user_id", &["user_id"], OWN, OWN),
    table("mpid", &["id"], All, All),
    table("s1sp", &["id"], All, All),
    table("dmc", &["id"], All, All),
    table("epcl", &["s1sp", "dmc", "added"], All, All),
    // The other supplier of an installation is needed for its migration (MAM-1), so all of the row is seen.
    table(
        "installation",
        &["chf"],
        Rows("{supplied t} OR {told t.chf}"),
        Rows("t.s1sp = (SELECT n.id FROM {all}.s1sp n WHERE n.code = {s1sp})"),
    ),
    table("staged_installation", &["chf"], Nothing, Nothing),
    // Of an installation with two suppliers each needs to know from when the other is one.
    table(
        "registration",
        &["point", "fuel", "effective"],
        Rows(
            "t.mpid IN {mine} \
             OR t.fuel = 'ELECTRICITY' AND EXISTS (SELECT 1 FROM {all}.installation i WHERE i.mpan = t.point AND ({supplied i} OR {told i.chf})) \
             OR t.fuel = 'GAS' AND EXISTS (SELECT 1 FROM {all}.installation i WHERE i.mprn = t.point AND ({supplied i} OR {told i.chf}))",
        ),
        Rows(
            "t.fuel = 'ELECTRICITY' AND EXISTS (SELECT 1 FROM {all}.installation i WHERE i.mpan = t.point \
               AND i.s1sp = (SELECT n.id FROM {all}.s1sp n WHERE n.code = {s1sp})) \
             OR t.fuel = 'GAS' AND EXISTS (SELECT 1 FROM {all}.installation i WHERE i.mprn = t.point \
               AND i.s1sp = (SELECT n.id FROM {all}.s1sp n WHERE n.code = {s1sp}))",
        ),
    ),
    table("exclusion", &["chf", "fuel", "origin"], Rows("{home t.chf}"), Rows("{served t.chf}")),
    table("outcome_code", &["code", "stage"], All, All),
    table("attempt", &["chf"], Rows("{home t.chf}"), Rows("{served t.chf}")),
    // Which days have capacity is known to all. How much is told with the facts of the pool, where they are not hidden.
    table("capacity", &["s1sp", "date"], All, All),
    table("file", &["id"], Rows("t.sender = {me}"), Rows("t.sender = {me}")),
    table("misnamed", &["id"], Rows("t.sender = {me}"), Rows("t.sender = {me}")),
    table("grace", &["sender", "s1sp", "milestone", "week"], Rows("t.sender = {me}"), Rows("t.sender = {me}")),
    table("moved_milestone", &["week", "milestone"], All, All),
    table("passed_milestone", &["s1sp", "week", "milestone"], All, All),
    table("demand", &["s1sp", "date", "party", "user_id"], OWN, Nothing),
    table("forecast", &["s1sp", "date", "party"], OWN, Nothing),
    table("eligible_count", &["s1sp", "week", "party"], OWN, Nothing),
    // Published is published to all, whatever they carry out or take part in.
    table("result", &["s1sp", "week", "version"], PUBLISHED, PUBLISHED),
    table("result_pool", &["s1sp", "date", "version"], PUBLIC_POOLS, PUBLIC_POOLS),
    // What was counted for a party that has passed to the reader is the reader's now (MAM-11); no more of that line is.
    table(
        "result_line",
        &["s1sp", "date", "version", "party"],
        Masked {
            rows: concat!("t.party IN {before} AND ", published!()),
            masks: &[
                ("entitlement", "CASE WHEN t.party = {me} THEN t.entitlement ELSE '' END"),
                ("opening", "CASE WHEN t.party = {me} THEN t.opening ELSE 0 END"),
                ("closing", "CASE WHEN t.party = {me} THEN t.closing ELSE 0 END"),
                ("derivation", "CASE WHEN t.party = {me} THEN t.derivation ELSE '' END"),
            ],
        },
        Nothing,
    ),
    table("allocation", &["s1sp", "date", "party"], OWN, Nothing),
    table("balance", &["s1sp", "party"], OWN, Nothing),
    table("question", &["id"], OWN, Nothing),
    // How another supplier's authorisation of the same installation stands decides on the reader's own (MAM-1). What it was
    // called, and why it stands so, is the other's.
    table(
        "authorisation",
        &["chf", "file"],
        Masked {
            rows: "t.party = {me} OR {home t.chf}",
            masks: &[
                ("reference", "CASE WHEN t.party = {me} OR {passed t} THEN t.reference ELSE '' END"),
                ("codes", "CASE WHEN t.party = {me} OR {passed t} THEN t.codes ELSE '' END"),
            ],
        },
        Masked { rows: "t.s1sp = {s1sp}", masks: &[("reference", "''"), ("codes", "''")] },
    ),
    // How long what waits at an installation has waited is counted for its Lead Supplier, whoever sent it (the report of what
    // waits): the moment of arrival alone, not the file.
    table("arrival", &[], Rows("{home t.chf}"), Nothing),
    table("state_change", &["id"], Rows("{held t}"), Nothing),
    table("passing", &["id"], Rows("{passed t}"), Nothing),
    table(
        "answer",
        &["file", "verdict", "codes"],
        Rows("EXISTS (SELECT 1 FROM {all}.file f WHERE f.id = t.file AND f.sender = {me})"),
        Rows("EXISTS (SELECT 1 FROM {all}.file f WHERE f.id = t.file AND f.sender = {me})"),
    ),
    // That a day is locked, and when, is known to all; why old reference data were let pass is not.
    table(
        "schedule",
        &["s1sp", "date", "version"],
        Masked { rows: "1 = 1", masks: &[("waiver", "NULL")] },
        Masked { rows: "1 = 1", masks: &[("waiver", "NULL")] },
    ),
    table(
        "schedule_line",
        &["s1sp", "date", "version", "chf"],
        Rows("t.electricity_party = {me} OR t.gas_party = {me} OR {home t.chf}"),
        AT_S1SP,
    ),
    table("outcome", &["s1sp", "date", "chf"], Rows("{home t.chf}"), AT_S1SP),
    table("passed_day", &["s1sp", "date", "deadline"], All, All),
    // Another supplier's hold keeps the installation from being migrated (MAM-12).
    table("hold", &["id"], Rows("t.party = {me} OR {home t.chf}"), Rows("{served t.chf}")),
    table("stop_order", &["id"], STOPS, STOPS),
    table("stop_entry", &["stop_order", "chf"], Rows("{home t.chf}"), Rows("{served t.chf}")),
    table("stop_list", &["stop_order", "s1sp"], Nothing, AT_S1SP),
    table("escalation", &["id"], Nothing, AT_S1SP),
    table("countersignature", &["id"], Nothing, Nothing),
    // That the notices of a week went out in time is told to all (the report of conduct).
    table("dormant_plan", &["s1sp", "week"], All, All),
    // That a plan has an installation keeps it from other weeks. Where it stands in the plan, and for which day, is told with
    // the notice (DMT-2); an S1SP learns of it with the schedule (SCH-1).
    table(
        "dormant_line",
        &["s1sp", "week", "chf"],
        Masked {
            rows: "{home t.chf}",
            masks: &[
                (
                    "date",
                    "CASE WHEN t.state IN ('SCHEDULED', 'MIGRATED', 'FAILED', 'NOT_ATTEMPTED', 'UNKNOWN') \
                       OR EXISTS (SELECT 1 FROM {all}.dormant_notice n WHERE n.s1sp = t.s1sp AND n.week = t.week \
                         AND n.chf = t.chf AND n.party = {me}) THEN t.date END",
                ),
                (
                    "place",
                    "CASE WHEN EXISTS (SELECT 1 FROM {all}.dormant_notice n WHERE n.s1sp = t.s1sp AND n.week = t.week \
                       AND n.chf = t.chf AND n.party = {me}) THEN t.place ELSE 0 END",
                ),
            ],
        },
        Rows("t.s1sp = {s1sp} AND t.state NOT IN ('PLANNED', 'NOTICED')"),
    ),
    // That the other supplier was told as well, and may object.
    table("dormant_notice", &["s1sp", "week", "chf", "party"], Rows("t.party = {me} OR {home t.chf}"), Nothing),
    // Who of DCC decided is for DCC and observers.
    table(
        "dormant_answer",
        &["s1sp", "week", "chf", "party"],
        Masked {
            rows: "t.party = {me}",
            masks: &[("decided_by", "CASE WHEN t.decided_by IS NULL THEN NULL ELSE '' END")],
        },
        Nothing,
    ),
    // That somebody says it is Active keeps an installation from being planned (DMT-3).
    table("said_active", &[], Rows("{home t.chf}"), Rows("{served t.chf}")),
    // To whom market participant ids have passed decides on whose a meter is; why, and who recorded it, is for DCC.
    table(
        "responsibility_event",
        &["id"],
        Masked { rows: "1 = 1", masks: &[("reason", "''"), ("recorded_by", "''")] },
        Masked { rows: "1 = 1", masks: &[("reason", "''"), ("recorded_by", "''")] },
    ),
    table("responsibility_mpid", &["event", "fuel", "mpid"], All, All),
    table("issued", &["id"], OWN, OWN),
    table("notice", &["id"], OWN, OWN),
];
