//! The list: each table of the schema, what a supplier sees of it, what an S1SP sees, and what an observer sees (MSM-14). DCC sees
//! everything; an observer what is approved, and of lines, totals and results what is published, with the demand behind them.
//!
//! Where a party needs a fact about what is another's, the row is given with the rest in other words, and the reason is here.

use super::parts::{
    ACTS_OBSERVED, APPROVED, AT_S1SP, AUTHORISATIONS, AUTHORISATIONS_AT_S1SP, DORMANT_LINES, DORMANT_LINES_AT_S1SP,
    FILES_OBSERVED, IMPORTS, ISSUED, LOCKS, NO_NUMBER, NONE, NOTICED_LINES, NOTICED_PLANS, NOTICES_OBSERVED, OWN,
    PARTIES, PASSWORDS, PUBLIC_POOLS, PUBLISHED, PUBLISHED_DAYS, PUBLISHED_DEMAND, PUBLISHED_VERSIONS,
    RECEIVED_OBSERVED, STOPS, STOPS_AT_S1SP,
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
    /// What an observer sees.
    pub(crate) observer: Seen,
}

const fn table(name: &'static str, key: &'static [&'static str], party: Seen, s1sp: Seen, observer: Seen) -> Table {
    Table { name, key, party, s1sp, observer }
}

/// Each table of the schema, in its order.
pub(crate) const TABLES: &[Table] = &[
    table("schema_version", &["version"], Nothing, Nothing, Nothing),
    table("setting", &["name"], Nothing, Nothing, Nothing),
    // What is issued has its own bytes; no reading of a party needs what was received.
    table("content", &["digest"], Nothing, Nothing, Nothing),
    table("content_part", &["digest", "place"], Nothing, Nothing, Nothing),
    // A row that passed to another supplier is told of with the name of the file that it came in (MAM-11).
    table(
        "received",
        &["id"],
        Masked {
            rows: "t.sender = {me} OR t.id IN (SELECT p.file FROM {all}.passing p WHERE p.from_party = {me} OR p.to_party = {me})",
            masks: &[
                ("digest", "CASE WHEN t.sender = {me} THEN t.digest END"),
                ("unkept", "CASE WHEN t.sender = {me} THEN t.unkept END"),
                ("size", "CASE WHEN t.sender = {me} THEN t.size ELSE 0 END"),
            ],
        },
        Rows("t.sender = {me}"),
        RECEIVED_OBSERVED,
    ),
    // What the report of conduct tells of DCC's acts is read for DCC, and narrowed there.
    table("act", &["seq"], Nothing, Nothing, ACTS_OBSERVED),
    table("audit", &["seq"], Nothing, Nothing, All),
    table("input", &["act", "place"], Nothing, Nothing, Nothing),
    // Who somebody is, how they show it and what waits for a signature is DCC's own.
    table("account_name", &["id"], Nothing, Nothing, All),
    table("account", &["name"], OWN, OWN, All),
    table("token", &["id"], Nothing, Nothing, All),
    table("proposal", &["id"], Nothing, Nothing, APPROVED),
    table("act_key", &["key"], Nothing, Nothing, Nothing),
    // Why something could not be done may name what is another's.
    table("aside", &["id"], Nothing, Nothing, Nothing),
    table("password", &["id"], PASSWORDS, PASSWORDS, All),
    table("import", &["id"], IMPORTS, IMPORTS, All),
    table("party", &["code"], PARTIES, PARTIES, All),
    table("user_id", &["user_id"], OWN, OWN, All),
    table("ended_intake", &["user_id"], OWN, OWN, All),
    table("mpid", &["id"], All, All, All),
    table("s1sp", &["id"], All, All, All),
    table("dmc", &["id"], All, All, All),
    table("epcl", &["s1sp", "dmc", "added"], All, All, All),
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
        All,
    ),
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
        All,
    ),
    table("exclusion", &["chf", "fuel", "origin"], Rows("{home t.chf}"), Rows("{served t.chf}"), All),
    table("outcome_code", &["code", "stage"], All, All, All),
    table("attempt", &["chf"], Rows("{home t.chf}"), Rows("{served t.chf}"), All),
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
        All,
    ),
    table("file", &["id"], Rows("t.sender = {me}"), Rows("t.sender = {me}"), FILES_OBSERVED),
    table("misnamed", &["id"], Rows("t.sender = {me}"), Rows("t.sender = {me}"), All),
    table("grace", &["sender", "s1sp", "milestone", "week"], Rows("t.sender = {me}"), Rows("t.sender = {me}"), All),
    table("moved_milestone", &["week", "milestone"], All, All, All),
    // CAL-7: told to all.
    table("outage", &["id"], All, All, All),
    table("passed_milestone", &["s1sp", "week", "milestone"], All, All, All),
    table("demand", &["s1sp", "date", "party", "user_id"], OWN, Nothing, PUBLISHED_DEMAND),
    table("forecast", &["s1sp", "date", "party"], OWN, Nothing, PUBLISHED_DAYS),
    table("eligible_count", &["s1sp", "week", "party"], OWN, Nothing, Rows("{out t.week}")),
    // Published is published to all, whatever they carry out or take part in.
    table("result", &["s1sp", "week", "version"], PUBLISHED, PUBLISHED, PUBLISHED),
    table("result_pool", &["s1sp", "date", "version"], PUBLIC_POOLS, PUBLIC_POOLS, PUBLISHED_VERSIONS),
    // What was counted for a party that has passed to the reader since is the reader's now (MAM-11); no more of that line is.
    table(
        "result_line",
        &["s1sp", "date", "version", "party"],
        Masked {
            rows: "{published t} IS NOT NULL AND (t.party = {me} OR EXISTS (SELECT 1 FROM {before} b WHERE b.party = t.party \
                   AND b.day <= t.date AND b.since <= {by then t} AND b.until > {by then t}))",
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
                ("beside", "CASE WHEN t.party = {me} THEN t.beside END"),
            ],
        },
        Nothing,
        PUBLISHED_VERSIONS,
    ),
    // What a bundle is made of, which has everybody's demand.
    table(
        "result_eligible",
        &["s1sp", "week", "version", "party"],
        Nothing,
        Nothing,
        Rows(
            "EXISTS (SELECT 1 FROM {all}.result r WHERE r.s1sp = t.s1sp AND r.week = t.week AND r.version = t.version \
               AND r.published_at IS NOT NULL)",
        ),
    ),
    table("allocation", &["s1sp", "date", "party"], OWN, Nothing, All),
    // As what was counted: of a party that has passed to the reader since it is the reader's (MAM-11).
    table(
        "passed_demand",
        &["s1sp", "date", "party", "event"],
        Rows(
            "t.party = {me} OR EXISTS (SELECT 1 FROM {before} b WHERE b.party = t.party AND b.day <= t.date \
               AND b.since <= {by note t} AND b.until > {by note t})",
        ),
        Nothing,
        All,
    ),
    // How things were before, for DCC's own work.
    table("moved_up", &["s1sp", "week", "chf"], Nothing, Nothing, Nothing),
    table("given_up", &["s1sp", "date"], Nothing, Nothing, Nothing),
    table("balance", &["s1sp", "party"], OWN, Nothing, All),
    table("question", &["id"], OWN, Nothing, All),
    table("authorisation", &["chf", "file"], AUTHORISATIONS, AUTHORISATIONS_AT_S1SP, All),
    // How long what waits at an installation has waited is counted for its Lead Supplier, whoever sent it (the report of what
    // waits): the moment of arrival alone, not the file. What waits for a unit waits for one of that supplier.
    table(
        "arrival",
        &[],
        Masked { rows: "{leads t.chf}", masks: &[("file", "CASE WHEN {held t} THEN t.file ELSE 0 END")] },
        Nothing,
        All,
    ),
    // What a party uses and waits for, and what is kept of its units for installations that it leads (MAM-11), are its own. Of
    // another's row at a meter of its own it is told that it waits (MAM-1).
    table("row_use", &[], OWN, Nothing, All),
    table("row_led", &[], Rows("t.led = {me}"), Nothing, All),
    table("row_waiting", &[], Rows("t.party = {me} OR {asks t.chf}"), Nothing, All),
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
        All,
    ),
    table(
        "passing",
        &["id"],
        Rows(
            "t.from_party = {me} OR {held t} OR EXISTS (SELECT 1 FROM {all}.passing p WHERE p.chf = t.chf AND p.file = t.file \
               AND p.from_party = {me} AND p.id > t.id)",
        ),
        Nothing,
        All,
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
        All,
    ),
    // In which files an installation was named is found by it; who reads a file reads what it says.
    table("answered", &["chf", "file"], Rows("{sent t}"), Rows("{sent t}"), All),
    table(
        "answer",
        &["file", "verdict", "codes"],
        Rows("EXISTS (SELECT 1 FROM {all}.file f WHERE f.id = t.file AND f.sender = {me})"),
        Rows("EXISTS (SELECT 1 FROM {all}.file f WHERE f.id = t.file AND f.sender = {me})"),
        All,
    ),
    // That a day is locked, and when, is known to all; why old reference data were let pass is not.
    table("schedule", &["s1sp", "date", "version"], LOCKS, LOCKS, All),
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
        All,
    ),
    table(
        "outcome",
        &["s1sp", "date", "chf"],
        Masked { rows: "{home t.chf} OR {named t}", masks: &[("file", NO_NUMBER)] },
        AT_S1SP,
        All,
    ),
    // What is counted of lines and rows, as those are seen: a supplier its own, an S1SP what is in its schedules, and by file what was
    // sent.
    table(
        "day_count",
        &["s1sp", "what", "date", "party", "outcome", "stage", "code"],
        OWN,
        Rows("t.s1sp = {s1sp} AND t.what IN ('ACTIVE', 'DORMANT')"),
        All,
    ),
    table("file_count", &["file", "party", "state", "codes"], OWN, Nothing, All),
    // A supplier counts what it leads, however another one's row of it waits; an observer knows a Dormant plan when its suppliers do.
    table(
        "place_count",
        &["place", "day", "s1sp", "cohort", "lead"],
        Rows("t.lead {current}"),
        Nothing,
        Masked {
            rows: "1 = 1",
            masks: &[(
                "place",
                "CASE WHEN t.place <> 'PLANNED' THEN t.place WHEN t.day = 0 THEN 'OPEN' ELSE 'EXCLUDED' END",
            )],
        },
    ),
    // For which days rows stand is told by those rows.
    table("clock_left", &["what", "date", "s1sp"], Nothing, Nothing, All),
    table(
        "wait_count",
        &["s1sp", "lead", "state", "since", "stage", "code", "failed", "retry_from", "excluded", "planned", "home"],
        Rows("t.lead {current}"),
        Nothing,
        Masked { rows: "1 = 1", masks: &[("planned", NONE)] },
    ),
    // As exclusions of its meters are seen.
    table(
        "exclusion_count",
        &["s1sp", "category", "fuel", "origin", "day", "electricity_mpid", "gas_mpid"],
        Rows("t.electricity_mpid {current} OR t.gas_mpid {current}"),
        Nothing,
        All,
    ),
    // For the cut-off of demand alone.
    table(
        "open_count",
        &[
            "s1sp",
            "home",
            "dmc",
            "electricity_mpid",
            "electricity_status",
            "gas_mpid",
            "gas_status",
            "failed",
            "retry_from",
            "excluded",
        ],
        Nothing,
        Nothing,
        Nothing,
    ),
    table("passed_day", &["s1sp", "date", "deadline"], All, All, All),
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
        All,
    ),
    table("stop_order", &["id"], STOPS, STOPS_AT_S1SP, All),
    table("stop_entry", &["stop_order", "chf"], Rows("{home t.chf}"), Rows("{served t.chf}"), All),
    table("stop_list", &["stop_order", "s1sp"], Nothing, AT_S1SP, All),
    table("escalation", &["id"], Nothing, AT_S1SP, All),
    table("countersignature", &["id"], Nothing, Nothing, All),
    // That the notices of a week went out in time is told to all (the report of conduct); when it was planned is not.
    table(
        "dormant_plan",
        &["s1sp", "week"],
        Masked { rows: "1 = 1", masks: &[("planned_at", NONE)] },
        Masked { rows: "1 = 1", masks: &[("planned_at", NONE)] },
        NOTICED_PLANS,
    ),
    table("dormant_line", &["s1sp", "week", "chf"], DORMANT_LINES, DORMANT_LINES_AT_S1SP, NOTICED_LINES),
    // That the other supplier was told as well, and may object; when is told to each.
    table(
        "dormant_notice",
        &["s1sp", "week", "chf", "party"],
        Masked {
            rows: "t.party = {me} OR {noticed t}",
            masks: &[("at", "CASE WHEN t.party = {me} THEN t.at ELSE 0 END")],
        },
        Nothing,
        All,
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
        All,
    ),
    // That somebody says it is Active keeps an installation from being planned (DMT-3); who else says so is not told.
    table(
        "said_active",
        &[],
        Masked { rows: "{home t.chf}", masks: &[("party", "CASE WHEN t.party = {me} THEN t.party ELSE '' END")] },
        Masked { rows: "{served t.chf}", masks: &[("party", "''")] },
        All,
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
        All,
    ),
    table(
        "responsibility_mpid",
        &["event", "fuel", "mpid"],
        Rows(
            "EXISTS (SELECT 1 FROM {all}.responsibility_event e WHERE e.id = t.event \
               AND (e.done_at IS NOT NULL OR e.from_party = {me} OR e.to_party = {me}))",
        ),
        Rows("EXISTS (SELECT 1 FROM {all}.responsibility_event e WHERE e.id = t.event AND e.done_at IS NOT NULL)"),
        All,
    ),
    // The number of the act would tell how many others there were.
    table("issued", &["id"], ISSUED, ISSUED, All),
    table("notice", &["id"], ISSUED, ISSUED, NOTICES_OBSERVED),
];
