//! Parts of the list that are longer, or stand there more than once.

use super::seen::Seen::{self, Masked, Rows};

/// What carries the code of the S1SP.
pub(super) const AT_S1SP: Seen = Rows("t.s1sp = {s1sp}");

/// What carries the party that reads.
pub(super) const OWN: Seen = Rows("t.party = {me}");

/// When a password came is for who sent it.
pub(super) const PASSWORDS: Seen = Rows("t.file IN (SELECT r.id FROM {all}.received r WHERE r.sender = {me})");

/// A registered party is known to all; how to reach its people is not.
pub(super) const PARTIES: Seen = Masked {
    rows: "1 = 1",
    masks: &[
        ("operations_contact", "CASE WHEN t.code = {me} THEN t.operations_contact ELSE '' END"),
        ("out_of_hours_contact", "CASE WHEN t.code = {me} THEN t.out_of_hours_contact ELSE '' END"),
    ],
};

/// A number that is not told.
pub(super) const NONE: &str = "CAST(0 AS BIGINT)";

/// How old the reference data are decides what is judged; how large they are tells of others.
pub(super) const IMPORTS: Seen = Masked {
    rows: "1 = 1",
    masks: &[
        ("received", NONE),
        ("before_rows", NONE),
        ("added", NONE),
        ("changed", NONE),
        ("gone", NONE),
        ("accepted_rows", NONE),
        ("act", NO_NUMBER),
        ("undone_by", NO_NUMBER),
        ("by_two", NONE),
    ],
};

/// What is told of no time.
pub(super) const NO_NUMBER: &str = "CAST(NULL AS BIGINT)";

/// A stop order bears on what may be migrated while it is in force; a list only on what it names (STOP-1). Why one supplier's
/// meters stand still is that one's; who of DCC imposed it is for DCC and observers.
pub(super) const STOPS: Seen = Masked {
    rows: "t.lifted_at IS NULL \
           AND (t.scope <> 'LIST' OR EXISTS (SELECT 1 FROM {all}.stop_entry e WHERE e.stop_order = t.id AND {home e.chf}))",
    masks: &[
        ("reason", "CASE WHEN t.scope <> 'SUPPLIER' OR t.value = {me} THEN t.reason ELSE '' END"),
        ("imposed_by", "''"),
    ],
};

/// An S1SP is told of each order that can concern it, with a stop list; what it has since come to serve, an order in force may
/// cover as well.
pub(super) const STOPS_AT_S1SP: Seen = Masked {
    rows: "EXISTS (SELECT 1 FROM {all}.stop_list l WHERE l.stop_order = t.id AND l.s1sp = {s1sp}) \
           OR t.lifted_at IS NULL AND t.scope IN ('DMC', 'MODEL', 'SUPPLIER')",
    masks: &[("imposed_by", "''"), ("lifted_by", "CASE WHEN t.lifted_by IS NULL THEN NULL ELSE '' END")],
};

pub(super) const PUBLISHED: Seen = Rows("t.published_at IS NOT NULL");

/// What belongs to a version of a result.
pub(super) const PUBLISHED_VERSIONS: Seen = Rows("{published t} IS NOT NULL");

/// What belongs to a day of which a result is published.
pub(super) const PUBLISHED_DAYS: Seen = Rows(
    "EXISTS (SELECT 1 FROM {all}.result_pool p WHERE p.s1sp = t.s1sp AND p.date = t.date AND {published p} IS NOT NULL)",
);

/// MSM-14: demand as the last published result of its day has it. What was taken since comes to something in no published result yet, so
/// in its place stands the demand of the line that is published, once for all User IDs of the party; what it came to before stands, with
/// what has passed since (MAM-11).
pub(super) const PUBLISHED_DEMAND: Seen = Masked {
    rows: "CASE WHEN {settled t} THEN EXISTS (SELECT 1 FROM {all}.result_pool p WHERE p.s1sp = t.s1sp AND p.date = t.date \
           AND {published p} IS NOT NULL) ELSE {line t} IS NOT NULL END",
    masks: &[
        (
            "units",
            "CASE WHEN {settled t} THEN t.units WHEN t.user_id = (SELECT min(o.user_id) FROM {all}.demand o WHERE o.s1sp = t.s1sp \
             AND o.date = t.date AND o.party = t.party) THEN {line t} ELSE 0 END",
        ),
        ("file", "CASE WHEN {settled t} THEN t.file ELSE 0 END"),
    ],
};

/// Of a pool whose result is published its facts may be hidden all the same.
pub(super) const PUBLIC_POOLS: Seen = Rows("t.public = 1 AND {published t} IS NOT NULL");

/// That a day is locked, and when.
pub(super) const LOCKS: Seen = Masked { rows: "1 = 1", masks: &[("waiver", "NULL"), ("act", NO_NUMBER)] };

/// What is issued or told to a party.
pub(super) const ISSUED: Seen = Masked { rows: "t.party = {me}", masks: &[("act", NO_NUMBER)] };

/// Another supplier's authorisation of the same installation: that it waits for the reader's decides on that one (MAM-1), and
/// that it stands, and what came of it, is what becomes of the installation. How it waits for a unit, how it ended before that,
/// its place in its file, what it was called and why it stands so are the other's. Who is appointed in the place of a party is
/// told which units it would bring (MAM-11).
pub(super) const AUTHORISATIONS: Seen = Masked {
    rows: "t.party = {me} OR {asks t.chf} OR {done t} AND ({home t.chf} OR {named t}) OR {scheduled t} AND {home t.chf}",
    masks: &[
        ("row", "CASE WHEN t.party = {me} OR {appointed t} THEN t.row ELSE 0 END"),
        ("priority", "CASE WHEN t.party = {me} THEN t.priority ELSE 0 END"),
        (
            "state",
            "CASE WHEN t.party = {me} THEN t.state WHEN t.state IN ('STANDBY', 'DEFERRED') THEN 'HELD' \
             WHEN t.state IN ('MOVED', 'WITHDRAWN', 'EXPIRED') THEN 'LAPSED' ELSE t.state END",
        ),
        ("unit", "CASE WHEN t.party = {me} OR {appointed t} THEN t.unit ELSE 0 END"),
        ("differs", "CASE WHEN t.party = {me} THEN t.differs ELSE 0 END"),
        // Of one that has passed the sender's words stay the sender's.
        ("reference", "CASE WHEN t.party = {me} AND {sent t} THEN t.reference ELSE '' END"),
        ("codes", "CASE WHEN t.party = {me} THEN t.codes ELSE '' END"),
        ("cause", "CASE WHEN t.party = {me} THEN t.cause END"),
        ("standby", "CASE WHEN t.party = {me} THEN t.standby ELSE 0 END"),
        ("place", "CASE WHEN t.party = {me} THEN t.place ELSE 0 END"),
        // MAM-11: which of its units are kept for the installation.
        ("led", "CASE WHEN t.led = {me} THEN t.led END"),
        ("led_unit", "CASE WHEN t.led = {me} THEN t.led_unit ELSE 0 END"),
    ],
};

/// An S1SP learns of a date when it stands, and what was in a schedule (SCH-1).
pub(super) const AUTHORISATIONS_AT_S1SP: Seen = Masked {
    rows: "t.s1sp = {s1sp} AND ({done t} OR {scheduled t})",
    masks: &[
        ("row", NONE),
        ("priority", NONE),
        ("state", "CASE WHEN {done t} THEN t.state ELSE 'LAPSED' END"),
        ("unit", NONE),
        ("differs", NONE),
        ("reference", "''"),
        ("codes", "''"),
        ("cause", NO_NUMBER),
        ("standby", NONE),
        ("place", NONE),
        ("led", "CASE WHEN 1 = 0 THEN t.led END"),
        ("led_unit", NONE),
    ],
};

/// That a plan has an installation keeps it from other weeks, and a schedule tells of it. Where it stands in the plan, for which
/// day, and why it left is told with the notice (DMT-2).
pub(super) const DORMANT_LINES: Seen = Masked {
    rows: "{home t.chf} OR {noticed t}",
    masks: &[
        ("line", "CASE WHEN {noticed t} THEN t.line ELSE 'PLANNED' END"),
        ("place", "CASE WHEN {noticed t} THEN t.place ELSE 0 END"),
        (
            "date",
            "CASE WHEN t.state IN ('SCHEDULED', 'MIGRATED', 'FAILED', 'NOT_ATTEMPTED', 'UNKNOWN') OR {noticed t} \
             OR {scheduled t} THEN t.date END",
        ),
        ("was", "CASE WHEN {noticed t} THEN t.was END"),
        ("codes", "CASE WHEN {noticed t} THEN t.codes ELSE '' END"),
        ("cause", "CASE WHEN {noticed t} THEN t.cause END"),
        ("lost", "CASE WHEN {noticed t} THEN t.lost END"),
    ],
};

/// An S1SP learns of a Dormant migration with the schedule (SCH-1).
pub(super) const DORMANT_LINES_AT_S1SP: Seen = Masked {
    rows: "t.s1sp = {s1sp} AND ({done t} OR {scheduled t})",
    masks: &[
        ("place", NONE),
        ("state", "CASE WHEN {done t} THEN t.state ELSE 'OUT' END"),
        ("was", "CASE WHEN 1 = 0 THEN t.was END"),
        ("codes", "''"),
        ("cause", NO_NUMBER),
        ("lost", NO_NUMBER),
    ],
};

/// MSM-14: of acts an observer reads that they were done, and by the report of conduct what DCC answers for. Their details hold what
/// waits for a signature.
pub(super) const ACTS_OBSERVED: Seen =
    Masked { rows: "1 = 1", masks: &[("detail", "''"), ("salt", "CASE WHEN 1 = 0 THEN t.salt END")] };

/// What waits for a signature, and what never got one, is neither decided nor published, so it is DCC's own.
pub(super) const APPROVED: Seen = Rows("t.state = 'APPROVED'");

/// MSM-14, DMT-2: what is planned for Dormant installations is published with its notices, and a draft until then.
pub(super) const NOTICED_PLANS: Seen = Rows("t.noticed_at IS NOT NULL");

/// The lines of such a plan.
pub(super) const NOTICED_LINES: Seen = Rows(
    "EXISTS (SELECT 1 FROM {all}.dormant_plan n WHERE n.s1sp = t.s1sp AND n.week = t.week AND n.noticed_at IS NOT NULL)",
);

/// That a party has sent a file. What stands in it could be found by its digest.
pub(super) const RECEIVED_OBSERVED: Seen = Masked {
    rows: "1 = 1",
    masks: &[
        ("digest", "CASE WHEN t.sender = 'DCC' THEN t.digest END"),
        ("unkept", "CASE WHEN 1 = 0 THEN t.unkept END"),
        ("size", "CASE WHEN t.sender = 'DCC' THEN t.size ELSE 0 END"),
    ],
};

/// A demand file is answered with totals.
pub(super) const FILES_OBSERVED: Seen = Masked {
    rows: "1 = 1",
    masks: &[("message", "CASE WHEN t.kind <> 'DC' OR {out t.date} THEN t.message ELSE '' END")],
};

/// What parties were told of installations follows from what is decided. The rest is theirs, with the totals of their demand in it, but
/// for what observers were told.
pub(super) const NOTICES_OBSERVED: Seen =
    Rows("t.chf IS NOT NULL OR EXISTS (SELECT 1 FROM {all}.party p WHERE p.code = t.party AND p.role = 'OBSERVER')");
