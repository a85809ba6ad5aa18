//! The list: each table of the schema, what a supplier sees of it, and what an S1SP sees (MSM-14). DCC sees everything, an
//! observer everything that is neither secret nor yet to be published.
//!
//! Where a party needs a fact about what is another's, the row is given with the rest in other words, and the reason is here.

use super::parts::{
    AT_S1SP, AUTHORISATIONS, AUTHORISATIONS_AT_S1SP, DORMANT_LINES, DORMANT_LINES_AT_S1SP, IMPORTS, ISSUED, NO_NUMBER,
    NONE, OWN, PARTIES, PUBLIC_POOLS, PUBLISHED, PUBLISHED_DAYS, PUBLISHED_VERSIONS, STOPS, STOPS_AT_S1SP,
};
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

/// What an observer does not see whole. MSM-14: a line, a total, a result when it is published; demand and what is counted with it
/// when a result of it is.
pub(super) const OBSERVED: &[(&str, Seen)] = &[
    // The files of suppliers hold their demand; no reading of an observer needs what was received.
    ("content", Nothing),
    ("content_part", Nothing),
    // A reason may name what is not published.
    ("aside", Nothing),
    // A demand file is answered with totals.
    (
        "file",
        Masked {
            rows: "1 = 1",
            masks: &[("message", "CASE WHEN t.kind <> 'DC' OR {out t.date} THEN t.message ELSE '' END")],
        },
    ),
    ("demand", PUBLISHED_DAYS),
    ("forecast", PUBLISHED_DAYS),
    ("eligible_count", Rows("{out t.week}")),
    ("result", PUBLISHED),
    ("result_pool", PUBLISHED_VERSIONS),
    ("result_line", PUBLISHED_VERSIONS),
];

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
    // What the report of conduct tells of DCC's acts is read for DCC, and narrowed there.
    table("act", &["seq"], Nothing, Nothing),
    table("audit", &["seq"], Nothing, Nothing),
    table("input", &["act", "place"], Nothing, Nothing),
    // Who somebody is, how they show it and what waits for a signature is DCC's own.
    table("account_name", &["id"], Nothing, Nothing),
    table("account", &["name"], OWN, OWN),
    table("token", &["id"], Nothing, Nothing),
    table("proposal", &["id"], Nothing, Nothing),
    table("act_key", &["key"], Nothing, Nothing),
    // Why something could not be done may name what is another's.
    table("aside", &["id"], Nothing, Nothing),
    table("import", &["id"], IMPORTS, IMPORTS),
    table("party", &["code"], PARTIES, PARTIES),
    table("user_id", &["user_id"], OWN, OWN),
    table("mpid", &["id"], All, All),
    table("s1sp", &["id"], All, All),
    table("dmc", &["id"], All, All),
    table("epcl", &["s1sp", "dmc", "added"], All, All),
    // The other supplier of an installation, and whether its meter is Active, are needed for its migration (MAM-1); which
    // device it has is not. Who supplies no meter of it any more is not told who does.
    table(
        "installation",
        &["chf"],
        Masked {
            rows: "{supplies t} OR {told t.chf}",
            masks: &[
                ("esme", "CASE WHEN t.electricity_mpid {current} THEN t.esme ELSE 0 END"),
                (
                    "electricity_mpid",
                    "CASE WHEN t.electricity_mpid {mine} OR {supplies t} THEN t.electricity_mpid ELSE 0 END",
                ),
                (
                    "electricity_status",
                    "CASE WHEN t.electricity_mpid {current} OR {supplies t} THEN t.electricity_status ELSE 0 END",
                ),
                ("gsme", "CASE WHEN t.gsme IS NULL OR t.gas_mpid {current} THEN t.gsme ELSE 0 END"),
                (
                    "gas_mpid",
                    "CASE WHEN t.gas_mpid IS NULL OR t.gas_mpid {mine} OR {supplies t} THEN t.gas_mpid ELSE 0 END",
                ),
                (
                    "gas_status",
                    "CASE WHEN t.gas_status IS NULL OR t.gas_mpid {current} OR {supplies t} THEN t.gas_status ELSE 0 END",
                ),
            ],
        },
        Rows("t.s1sp = (SELECT n.id FROM {all}.s1sp n WHERE n.code = {s1sp})"),
    ),
    table("staged_installation", &["chf"], Nothing, Nothing),
    // Of an installation with two suppliers each needs to know from when the other is one. Who supplies no meter of it any more
    // reads since when, not who does, and nothing of changes to come.
    table(
        "registration",
        &["point", "fuel", "effective"],
        Masked {
            rows: "t.mpid {mine} \
                   OR t.fuel = 'ELECTRICITY' AND EXISTS (SELECT 1 FROM {all}.installation i WHERE i.mpan = t.point \
                     AND ({supplies i} OR t.effective <= {today} AND {told i.chf})) \
                   OR t.fuel = 'GAS' AND EXISTS (SELECT 1 FROM {all}.installation i WHERE i.mprn = t.point \
                     AND ({supplies i} OR t.effective <= {today} AND {told i.chf}))",
            masks: &[(
                "mpid",
                "CASE WHEN t.mpid {mine} \
                   OR t.fuel = 'ELECTRICITY' \
                     AND EXISTS (SELECT 1 FROM {all}.installation i WHERE i.mpan = t.point AND {supplies i}) \
                   OR t.fuel = 'GAS' AND EXISTS (SELECT 1 FROM {all}.installation i WHERE i.mprn = t.point AND {supplies i}) \
                 THEN t.mpid ELSE 0 END",
            )],
        },
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
    // Which days have capacity is known to all, and for them stands one. How much is told with the facts of the pool, where they
    // are not hidden; an S1SP carries out its own.
    table(
        "capacity",
        &["s1sp", "date"],
        Masked {
            rows: "1 = 1",
            masks: &[
                ("total", "CASE WHEN {public t} THEN t.total WHEN t.total > 0 THEN 1 ELSE 0 END"),
                ("reserve", "CASE WHEN {public t} THEN t.reserve ELSE 0 END"),
            ],
        },
        Masked {
            rows: "1 = 1",
            masks: &[
                ("total", "CASE WHEN t.s1sp = {s1sp} OR {public t} THEN t.total WHEN t.total > 0 THEN 1 ELSE 0 END"),
                ("reserve", "CASE WHEN t.s1sp = {s1sp} OR {public t} THEN t.reserve ELSE 0 END"),
            ],
        },
    ),
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
    // What was counted for a party that has passed to the reader since is the reader's now (MAM-11); no more of that line is.
    table(
        "result_line",
        &["s1sp", "date", "version", "party"],
        Masked {
            rows: "{published t} IS NOT NULL AND (t.party = {me} OR t.party IN {before} AND {made t} <= (SELECT max(e.done_at) \
                   FROM {all}.responsibility_event e WHERE e.from_party = t.party AND e.whole = 1 AND e.kind = 'TRANSFER'))",
            masks: &[
                ("demand", "CASE WHEN t.party = {me} THEN t.demand ELSE t.counted END"),
                ("flat", "CASE WHEN t.party = {me} THEN t.flat ELSE 0 END"),
                ("entitlement", "CASE WHEN t.party = {me} THEN t.entitlement ELSE '' END"),
                ("rank", "CASE WHEN t.party = {me} THEN t.rank END"),
                ("extra", "CASE WHEN t.party = {me} THEN t.extra ELSE 0 END"),
                ("allocation", "CASE WHEN t.party = {me} THEN t.allocation ELSE 0 END"),
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
    table("authorisation", &["chf", "file"], AUTHORISATIONS, AUTHORISATIONS_AT_S1SP),
    // How long what waits at an installation has waited is counted for its Lead Supplier, whoever sent it (the report of what
    // waits): the moment of arrival alone, not the file. What waits for a unit waits for one of that supplier.
    table(
        "arrival",
        &[],
        Masked { rows: "{leads t.chf}", masks: &[("file", "CASE WHEN {held t} THEN t.file ELSE 0 END")] },
        Nothing,
    ),
    // Of an authorisation that passed on, its former holder reads until then (MAM-11). What suspended it in that moment was still
    // its own.
    table(
        "state_change",
        &["id"],
        Rows(
            "{held t} OR EXISTS (SELECT 1 FROM {all}.passing p WHERE p.chf = t.chf AND p.file = t.file AND p.from_party = {me} \
               AND (t.at < p.at OR t.at = p.at AND t.became = 'SUSPENDED'))",
        ),
        Nothing,
    ),
    table(
        "passing",
        &["id"],
        Rows(
            "t.from_party = {me} OR {held t} OR EXISTS (SELECT 1 FROM {all}.passing p WHERE p.chf = t.chf AND p.file = t.file \
               AND p.from_party = {me} AND p.id > t.id)",
        ),
        Nothing,
    ),
    // Its own words are the sender's.
    table(
        "passed_on",
        &[],
        Masked {
            rows: "t.from_party = {me}",
            masks: &[("reference", "CASE WHEN {sent t} THEN t.reference ELSE '' END")],
        },
        Nothing,
    ),
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
        Masked {
            rows: "t.electricity_party = {me} OR t.gas_party = {me} OR {home t.chf}",
            masks: &[
                (
                    "electricity_party",
                    "CASE WHEN t.electricity_party IS NULL OR t.electricity_party = {me} THEN t.electricity_party ELSE '' END",
                ),
                ("gas_party", "CASE WHEN t.gas_party IS NULL OR t.gas_party = {me} THEN t.gas_party ELSE '' END"),
            ],
        },
        AT_S1SP,
    ),
    table(
        "outcome",
        &["s1sp", "date", "chf"],
        Masked { rows: "{home t.chf} OR {named t}", masks: &[("file", NO_NUMBER)] },
        AT_S1SP,
    ),
    table("passed_day", &["s1sp", "date", "deadline"], All, All),
    // Another supplier's hold keeps the installation from being migrated (MAM-12).
    table(
        "hold",
        &["id"],
        Masked {
            rows: "t.party = {me} OR {home t.chf}",
            masks: &[
                ("at", "CASE WHEN t.party = {me} THEN t.at ELSE 0 END"),
                ("file", "CASE WHEN t.party = {me} THEN t.file END"),
            ],
        },
        Masked { rows: "{served t.chf}", masks: &[("at", NONE), ("file", NO_NUMBER)] },
    ),
    table("stop_order", &["id"], STOPS, STOPS_AT_S1SP),
    table("stop_entry", &["stop_order", "chf"], Rows("{home t.chf}"), Rows("{served t.chf}")),
    table("stop_list", &["stop_order", "s1sp"], Nothing, AT_S1SP),
    table("escalation", &["id"], Nothing, AT_S1SP),
    table("countersignature", &["id"], Nothing, Nothing),
    // That the notices of a week went out in time is told to all (the report of conduct); when it was planned is not.
    table(
        "dormant_plan",
        &["s1sp", "week"],
        Masked { rows: "1 = 1", masks: &[("planned_at", NONE)] },
        Masked { rows: "1 = 1", masks: &[("planned_at", NONE)] },
    ),
    table("dormant_line", &["s1sp", "week", "chf"], DORMANT_LINES, DORMANT_LINES_AT_S1SP),
    // That the other supplier was told as well, and may object; when is told to each.
    table(
        "dormant_notice",
        &["s1sp", "week", "chf", "party"],
        Masked {
            rows: "t.party = {me} OR {noticed t}",
            masks: &[("at", "CASE WHEN t.party = {me} THEN t.at ELSE 0 END")],
        },
        Nothing,
    ),
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
    // That somebody says it is Active keeps an installation from being planned (DMT-3); who else says so is not told.
    table(
        "said_active",
        &[],
        Masked { rows: "{home t.chf}", masks: &[("party", "CASE WHEN t.party = {me} THEN t.party ELSE '' END")] },
        Masked { rows: "{served t.chf}", masks: &[("party", "''")] },
    ),
    // To whom market participant ids have passed decides on whose a meter is. What is to come is between the two parties; why,
    // when and by whom it was recorded is not told.
    table(
        "responsibility_event",
        &["id"],
        Masked {
            rows: "t.done_at IS NOT NULL OR t.from_party = {me} OR t.to_party = {me}",
            masks: &[
                ("recorded_at", "CASE WHEN t.from_party = {me} OR t.to_party = {me} THEN t.recorded_at ELSE 0 END"),
                ("reason", "''"),
                ("recorded_by", "''"),
            ],
        },
        Masked {
            rows: "t.done_at IS NOT NULL",
            masks: &[("recorded_at", NONE), ("reason", "''"), ("recorded_by", "''")],
        },
    ),
    table(
        "responsibility_mpid",
        &["event", "fuel", "mpid"],
        Rows(
            "EXISTS (SELECT 1 FROM {all}.responsibility_event e WHERE e.id = t.event \
               AND (e.done_at IS NOT NULL OR e.from_party = {me} OR e.to_party = {me}))",
        ),
        Rows("EXISTS (SELECT 1 FROM {all}.responsibility_event e WHERE e.id = t.event AND e.done_at IS NOT NULL)"),
    ),
    // The number of the act would tell how many others there were.
    table("issued", &["id"], ISSUED, ISSUED),
    table("notice", &["id"], OWN, OWN),
];
