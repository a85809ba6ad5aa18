//! The words in braces of the list, in SQL.

/// What the braces stand for.
///
/// - `{me}`: the party that reads; of an S1SP the party that it is.
/// - `{s1sp}`: the S1SP that reads.
/// - `{all}`: the schema whose tables have all rows.
/// - `{mine}`: the numbers of the market participant ids that are or were the party's (MAM-11).
/// - `{home X}`: is the installation with the CHF Device ID X one of the party's: does or did it supply a meter of it, or was it
///   told of it?
/// - `{supplied h}`: does or did it supply a meter of the row `h` of installations?
/// - `{held X}`: is or was the authorisation in the row X the party's?
/// - `{served X}`: does the S1SP serve the installation X?
/// - `{before}`: the party and those whose demand has passed to it as a whole (MAM-11).
#[derive(Debug)]
pub(crate) struct Words<'a> {
    pub(crate) me: &'a str,
    pub(crate) s1sp: &'a str,
    pub(crate) all: &'a str,
}

/// Longest first: each stands for words that come later.
const PHRASES: &[(&str, &str)] = &[
    ("home", "(EXISTS (SELECT 1 FROM {all}.installation h WHERE h.chf = {X} AND {supplied h}) OR {told {X}})"),
    (
        "told",
        "(EXISTS (SELECT 1 FROM {all}.authorisation f WHERE f.chf = {X} AND f.party = {me}) \
          OR EXISTS (SELECT 1 FROM {all}.passing f WHERE f.chf = {X} AND (f.from_party = {me} OR f.to_party = {me})) \
          OR EXISTS (SELECT 1 FROM {all}.dormant_line f JOIN {all}.dormant_notice n ON n.s1sp = f.s1sp AND n.week = f.week \
            AND n.chf = f.chf AND n.party = {me} WHERE f.chf = {X}))",
    ),
    (
        "supplied",
        "({X}.electricity_mpid IN {mine} OR {X}.gas_mpid IN {mine} \
          OR EXISTS (SELECT 1 FROM {all}.registration r WHERE r.point = {X}.mpan AND r.fuel = 'ELECTRICITY' AND r.mpid IN {mine}) \
          OR EXISTS (SELECT 1 FROM {all}.registration r WHERE r.point = {X}.mprn AND r.fuel = 'GAS' AND r.mpid IN {mine}))",
    ),
    (
        "mine",
        "(SELECT m.id FROM {all}.mpid m WHERE m.party = {me} OR EXISTS (SELECT 1 FROM {all}.responsibility_mpid rm \
          JOIN {all}.responsibility_event re ON re.id = rm.event WHERE rm.fuel = m.fuel AND rm.mpid = m.mpid \
          AND re.done_at IS NOT NULL AND (re.to_party = {me} OR re.from_party = {me})))",
    ),
    (
        "held",
        "(EXISTS (SELECT 1 FROM {all}.authorisation a WHERE a.chf = {X}.chf AND a.file = {X}.file AND a.party = {me}) \
          OR {passed {X}})",
    ),
    (
        "passed",
        "EXISTS (SELECT 1 FROM {all}.passing p WHERE p.chf = {X}.chf AND p.file = {X}.file \
          AND (p.from_party = {me} OR p.to_party = {me}))",
    ),
    (
        "served",
        "EXISTS (SELECT 1 FROM {all}.installation h WHERE h.chf = {X} \
          AND h.s1sp = (SELECT n.id FROM {all}.s1sp n WHERE n.code = {s1sp}))",
    ),
    (
        "before",
        "(WITH RECURSIVE earlier(party) AS (SELECT {me} UNION SELECT re.from_party FROM earlier \
          JOIN {all}.responsibility_event re ON re.to_party = earlier.party WHERE re.done_at IS NOT NULL AND re.whole = 1) \
          SELECT earlier.party FROM earlier)",
    ),
];

impl Words<'_> {
    /// SQL of the list with its words put in.
    pub(crate) fn put_into(&self, sql: &str) -> String {
        let mut text = sql.to_owned();
        for (name, phrase) in PHRASES {
            text = phrased(&text, name, phrase);
        }
        text.replace("{me}", self.me).replace("{s1sp}", self.s1sp).replace("{all}", self.all)
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
