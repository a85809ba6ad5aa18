//! The words in braces of the list, in SQL.

/// What the braces stand for. X is the CHF Device ID of an installation, h a row of installations, t a row of the table.
///
/// - `{me}`: the party that reads; of an S1SP the party that it is.
/// - `{s1sp}`: the S1SP that reads.
/// - `{all}`: the schema whose tables have all rows.
/// - `{today}`: the date of the last act. What has begun since is known when something is done: to be told of a day longer than
///   one supplies a meter is possible, to be told too little is not.
/// - `X {current}`: is X the number of a market participant id that is the party's (MAM-11)? `X {mine}`: of one that is or was?
/// - `{supplies h}`: does it supply a meter of it, or is it registered for one from a later date on? `{home X}`: the same.
/// - `{asks X}`: does it supply a meter of it that counts beside the other one? `{leads X}`: does it lead it, by the inventory?
/// - `{told X}`: had it an authorisation of it, or was it told of its Dormant migration?
/// - `{held t}`: is the authorisation that the row is about the party's?
/// - `{noticed t}`: was it told of the Dormant migration in the week?
/// - `{sent t}`: did it send the file of the row?
/// - `{appointed t}`: may it adopt the authorisation (MAM-11)?
/// - `{done t}`: does the state say that its migration stands, or what became of it?
/// - `{scheduled t}`: was the installation in a schedule of its day? `{named t}`: and the party as a supplier of it?
/// - `{published t}`, `{made t}`: when the result of a pool or line was published and made.
/// - `{settled t}`: was nothing of the party taken for its day since a result of it was published? `{line t}`: its demand by the last one.
/// - `{out X}`: is a result of the week X at the S1SP of the row published?
/// - `{public t}`: are the facts of the pool of a day public?
/// - `{whole e}`: has an event passed everything of a party, its demand too (MAM-11)?
/// - `{before}`: what has come to the party with such events: what was counted for `party`, of days from `day` on, when of all of them
///   `since` or more, and fewer than `until`, were done. What is counted later, or had gone elsewhere, did not come with them.
/// - `{by then t}`: how many were done when the result of a line was made. `{by note t}`: … when passed units were noted.
/// - `{day X}`: the date in Great Britain of a moment, yyyymmdd.
/// - `{turn e}`: from when a responsibility event was due, which orders those that were done at one moment.
/// - `{served X}`: does the S1SP serve it?
#[derive(Debug)]
pub(crate) struct Words<'a> {
    pub(crate) me: &'a str,
    pub(crate) s1sp: &'a str,
    pub(crate) all: &'a str,
    pub(crate) today: &'a str,
    /// The date of the moment `{X}`.
    pub(crate) day: &'a str,
    /// `IN` the numbers of the ids that are the party's, and of those that are or were, with `{ids now}` and `{ids ever}` for the
    /// queries that give them. They are asked for with every row, so each database is told in its own way to find them once.
    pub(crate) current: &'a str,
    pub(crate) mine: &'a str,
}

/// Each stands for words that come later.
const PHRASES: &[(&str, &str)] = &[
    ("home", "EXISTS (SELECT 1 FROM {all}.installation h WHERE h.chf = {X} AND {supplies h})"),
    (
        "supplies",
        "({X}.electricity_mpid {current} OR {X}.gas_mpid {current} \
          OR EXISTS (SELECT 1 FROM {all}.registration r WHERE r.point = {X}.mpan AND r.fuel = 'ELECTRICITY' \
            AND r.mpid {current} AND NOT {over r}) \
          OR EXISTS (SELECT 1 FROM {all}.registration r WHERE r.point = {X}.mprn AND r.fuel = 'GAS' \
            AND r.mpid {current} AND NOT {over r}))",
    ),
    (
        "over",
        "EXISTS (SELECT 1 FROM {all}.registration l WHERE l.point = {X}.point AND l.fuel = {X}.fuel \
          AND l.effective > {X}.effective AND l.effective <= {today})",
    ),
    (
        "asks",
        "EXISTS (SELECT 1 FROM {all}.installation h WHERE h.chf = {X} AND (h.gas_status = 1 AND h.gas_mpid {current} \
          OR (h.electricity_status = 1 OR COALESCE(h.gas_status, 0) = 0) AND h.electricity_mpid {current}))",
    ),
    (
        "leads",
        "EXISTS (SELECT 1 FROM {all}.installation h WHERE h.chf = {X} AND CASE WHEN h.electricity_status = 0 \
          AND h.gas_status = 1 THEN h.gas_mpid ELSE h.electricity_mpid END {current})",
    ),
    (
        "told",
        "(EXISTS (SELECT 1 FROM {all}.authorisation f WHERE f.chf = {X} AND f.party = {me}) \
          OR EXISTS (SELECT 1 FROM {all}.passing f WHERE f.chf = {X} AND (f.from_party = {me} OR f.to_party = {me})) \
          OR EXISTS (SELECT 1 FROM {all}.dormant_line f JOIN {all}.dormant_notice n ON n.s1sp = f.s1sp AND n.week = f.week \
            AND n.chf = f.chf AND n.party = {me} WHERE f.chf = {X}))",
    ),
    (
        "held",
        "EXISTS (SELECT 1 FROM {all}.authorisation a WHERE a.chf = {X}.chf AND a.file = {X}.file AND a.party = {me})",
    ),
    // Asked of the file of each row: a list of all that were sent would be longer with every week.
    ("sent", "EXISTS (SELECT 1 FROM {all}.file f WHERE f.id = {X}.file AND f.sender = {me})"),
    (
        "appointed",
        "({X}.state = 'SUSPENDED' AND EXISTS (SELECT 1 FROM {all}.responsibility_event e WHERE e.from_party = {X}.party \
          AND e.to_party = {me} AND e.kind = 'APPOINTMENT' AND e.done_at IS NOT NULL))",
    ),
    ("done", "{X}.state IN ('ACCEPTED', 'SCHEDULED', 'UNKNOWN', 'MIGRATED', 'FAILED', 'NOT_ATTEMPTED')"),
    // The versions first: a line is found by its whole key.
    (
        "scheduled",
        "EXISTS (SELECT 1 FROM {all}.schedule v CROSS JOIN {all}.schedule_line l WHERE v.s1sp = {X}.s1sp AND v.date = {X}.date \
          AND l.s1sp = v.s1sp AND l.date = v.date AND l.version = v.version AND l.chf = {X}.chf)",
    ),
    (
        "named",
        "EXISTS (SELECT 1 FROM {all}.schedule v CROSS JOIN {all}.schedule_line l WHERE v.s1sp = {X}.s1sp AND v.date = {X}.date \
          AND l.s1sp = v.s1sp AND l.date = v.date AND l.version = v.version AND l.chf = {X}.chf \
          AND (l.electricity_party = {me} OR l.gas_party = {me}))",
    ),
    (
        "public",
        "EXISTS (SELECT 1 FROM {all}.result_pool p WHERE p.s1sp = {X}.s1sp AND p.date = {X}.date AND p.public = 1 \
          AND {published p} IS NOT NULL)",
    ),
    // Nothing of the party was taken for the day since its last result was published, or in that moment.
    (
        "settled",
        "(COALESCE((SELECT max(f.verdict_at) FROM {all}.demand d JOIN {all}.file f ON f.id = d.file WHERE d.s1sp = {X}.s1sp \
          AND d.date = {X}.date AND d.party = {X}.party), -1) < COALESCE((SELECT max({published p}) FROM {all}.result_pool p \
          WHERE p.s1sp = {X}.s1sp AND p.date = {X}.date), 0))",
    ),
    (
        "line",
        "(SELECT l.demand FROM {all}.result_line l WHERE l.s1sp = {X}.s1sp AND l.date = {X}.date AND l.party = {X}.party \
          AND {published l} IS NOT NULL ORDER BY l.version DESC LIMIT 1)",
    ),
    // The week of a day is the last that began with this version.
    (
        "published",
        "(SELECT r.published_at FROM {all}.result r WHERE r.s1sp = {X}.s1sp AND r.version = {X}.version AND r.week <= {X}.date \
          ORDER BY r.week DESC LIMIT 1)",
    ),
    (
        "out",
        "EXISTS (SELECT 1 FROM {all}.result r WHERE r.s1sp = t.s1sp AND r.week = {X} AND r.published_at IS NOT NULL)",
    ),
    (
        "noticed",
        "EXISTS (SELECT 1 FROM {all}.dormant_notice n WHERE n.s1sp = {X}.s1sp AND n.week = {X}.week AND n.chf = {X}.chf \
          AND n.party = {me})",
    ),
    (
        "served",
        "EXISTS (SELECT 1 FROM {all}.installation h WHERE h.chf = {X} \
          AND h.s1sp = (SELECT n.id FROM {all}.s1sp n WHERE n.code = {s1sp}))",
    ),
    // MAM-11: of those that a party was in, the first that is done after something is counted for it takes that along. So they are
    // followed backwards from those that came to the reader, to the last before each by which the party had passed everything once.
    (
        "before",
        "(WITH RECURSIVE whole AS (SELECT e.from_party, e.to_party, {day e.done_at} AS day, \
            row_number() OVER (ORDER BY e.done_at, {turn e}, e.id) AS place \
            FROM {all}.responsibility_event e WHERE {whole e}), \
          step AS (SELECT from_party, to_party, day, place, \
            COALESCE(lag(place) OVER (PARTITION BY from_party ORDER BY place), 0) AS since FROM whole), \
          earlier(party, since, until, day) AS (SELECT from_party, since, place, day FROM step WHERE to_party = {me} \
            UNION SELECT s.from_party, s.since, s.place, l.day FROM earlier l JOIN step s ON s.to_party = l.party \
            AND s.place > l.since AND s.place < l.until) \
          SELECT party, since, until, day FROM earlier)",
    ),
    ("by then", "(SELECT count(*) FROM {all}.responsibility_event e WHERE {whole e} AND e.done_at < {made {X}})"),
    // What a program before version 5 noted names no event: it goes with all that has passed since the week became firm.
    (
        "by note",
        "(SELECT count(*) FROM {all}.responsibility_event e LEFT JOIN {all}.responsibility_event n ON n.id = {X}.event \
          WHERE {whole e} AND CASE WHEN n.id IS NULL THEN e.done_at < (SELECT r.firm_at FROM {all}.result r \
          WHERE r.s1sp = {X}.s1sp AND r.week <= {X}.date AND r.firm_at IS NOT NULL ORDER BY r.week DESC, r.version LIMIT 1) \
          ELSE (e.done_at, {turn e}, e.id) <= (n.done_at, {turn n}, n.id) END)",
    ),
    ("whole", "{X}.whole = 1 AND {X}.kind = 'TRANSFER' AND {X}.done_at IS NOT NULL"),
    (
        "made",
        "(SELECT r.made_at FROM {all}.result r WHERE r.s1sp = {X}.s1sp AND r.version = {X}.version AND r.week <= {X}.date \
          ORDER BY r.week DESC LIMIT 1)",
    ),
];

/// The numbers of the party's market participant ids, and what they need.
const IDS: &[(&str, &str)] = &[
    // Of the events about an id and the party the last one decides, as long as the parties file has followed none of them.
    (
        "ids now",
        "SELECT m.id FROM {all}.mpid m WHERE COALESCE((SELECT CASE WHEN e.to_party = {me} AND (m.party = {me} OR EXISTS \
          (SELECT 1 FROM {all}.responsibility_mpid i JOIN {all}.responsibility_event f ON f.id = i.event WHERE i.fuel = m.fuel \
          AND i.mpid = m.mpid AND f.done_at IS NOT NULL AND f.from_party = m.party)) THEN 1 ELSE 0 END \
          FROM {all}.responsibility_mpid i JOIN {all}.responsibility_event e ON e.id = i.event WHERE i.fuel = m.fuel \
          AND i.mpid = m.mpid AND e.done_at IS NOT NULL AND (e.to_party = {me} OR e.from_party = {me}) \
          ORDER BY e.done_at DESC, {turn e} DESC, e.id DESC LIMIT 1), CASE WHEN m.party = {me} THEN 1 ELSE 0 END) = 1",
    ),
    (
        "ids ever",
        "SELECT m.id FROM {all}.mpid m WHERE m.party = {me} OR EXISTS (SELECT 1 FROM {all}.responsibility_mpid rm \
          JOIN {all}.responsibility_event re ON re.id = rm.event WHERE rm.fuel = m.fuel AND rm.mpid = m.mpid \
          AND re.done_at IS NOT NULL AND (re.to_party = {me} OR re.from_party = {me}))",
    ),
    ("turn", "CASE WHEN {X}.effective > {X}.recorded_at THEN {X}.effective ELSE {X}.recorded_at END"),
];

impl Words<'_> {
    /// SQL of the list with its words put in.
    pub(crate) fn put_into(&self, sql: &str) -> String {
        let mut text = sql.to_owned();
        for (name, phrase) in PHRASES {
            text = phrased(&text, name, phrase);
        }
        text = text.replace("{current}", self.current).replace("{mine}", self.mine);
        for (name, phrase) in IDS {
            text = phrased(&text, name, phrase);
        }
        phrased(&text, "day", self.day)
            .replace("{me}", self.me)
            .replace("{s1sp}", self.s1sp)
            .replace("{today}", self.today)
            .replace("{all}", self.all)
    }
}

/// Puts a phrase in place of `{name}` or `{name X}`.
fn phrased(sql: &str, name: &str, phrase: &str) -> String {
    let mut text = String::with_capacity(sql.len());
    let opening = format!("{{{name}");
    let mut parts = sql.split(&opening);
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (about, rest) = part.split_once('}').unwrap_or((part, ""));
        text.push_str(&phrase.replace("{X}", about.trim_start()));
        text.push_str(rest);
    }
    text
}
