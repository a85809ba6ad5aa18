//! The report page: one HTML file with nothing from outside and no script.

mod chart;

use crate::failure::Failure;
use crate::offline::{Books, Computed, Programme};
use askama::Template;
use chart::{chart, is_scaled, sum};
use jiff::civil::Date;
use sluice_rules::calendar::monday_of;
use sluice_rules::party::{Party, S1sp};
use sluice_rules::scaling::{PoolResult, Sharing, write_derivation};
use sluice_wire::report::{Cell, Link, PATTERNS, STYLE, grouped, labels, width_class};
use std::collections::BTreeSet;

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    /// A remark on the whole page, such as that its data is invented.
    note: Option<String>,
    period: String,
    /// Pages that are beside it.
    links: Vec<Link>,
    style: &'static str,
    /// What the tones of charts are filled with.
    patterns: &'static str,
    /// The names of columns, for windows in which the rows of tables are cards.
    labels: String,
    summary: String,
    bundle: String,
    rulebooks: Vec<Rulebook>,
    program: &'static str,
    overview: Vec<Overview>,
    total: Overview,
    refused: Vec<(String, String, String)>,
    warnings: Vec<String>,
    sections: Vec<Section>,
}

struct Rulebook {
    id: String,
    words: String,
}

/// An S1SP in the overview.
struct Overview {
    s1sp: String,
    days: usize,
    capacity: String,
    asked: String,
    counted: String,
    allocated: String,
    share: String,
    scaled: usize,
}

/// An S1SP with all its days.
struct Section {
    s1sp: String,
    summary: String,
    /// The chart, drawn.
    chart: String,
    days: Vec<DayRow>,
    weeks: Vec<WeekTable>,
    derivations: Vec<DayDerivations>,
}

struct DayRow {
    day: String,
    /// Where its derivations are, if anybody asked.
    anchor: Option<String>,
    capacity: String,
    reserve: String,
    asked: String,
    counted: String,
    allocated: String,
    asking: usize,
    how: String,
}

/// What each party received on the days of a week.
struct WeekTable {
    id: String,
    /// The class by its width.
    width: &'static str,
    title: String,
    days: Vec<String>,
    rows: Vec<PartyRow>,
    /// Did the weekly ceiling take something from somebody?
    ceiling: bool,
}

struct PartyRow {
    party: String,
    cells: Vec<PartyCell>,
    total: String,
    closing: String,
}

/// A party's day: what it was given of what counted, and where that is derived, if it needs explaining.
struct PartyCell {
    text: String,
    anchor: Option<String>,
}

struct DayDerivations {
    anchor: String,
    title: String,
    facts: String,
    lines: Vec<(String, String)>,
}

/// What a page says beyond the result itself.
pub struct About<'a> {
    /// A remark on the whole page.
    pub note: Option<&'a str>,
    /// Pages that are beside it.
    pub links: &'a [Link],
    /// SHA-256 of the bundle from which the page can be recomputed.
    pub bundle: &'a str,
}

/// The page of a result.
///
/// # Errors
/// If it cannot be written: a defect.
pub fn report(programme: &Programme, computed: &Computed, books: &Books, about: &About<'_>) -> Result<String, Failure> {
    let sections = computed.pools.chunk_by(|left, right| left.s1sp == right.s1sp);
    let drawn = sections.clone().map(section).collect::<Result<Vec<_>, _>>()?;
    let page = Page {
        note: about.note.map(str::to_owned),
        links: about.links.to_vec(),
        style: STYLE,
        patterns: PATTERNS,
        labels: named(&drawn),
        bundle: about.bundle.to_owned(),
        period: period(&computed.pools),
        summary: summary(&computed.pools, "S1SP days (one S1SP on one day)"),
        rulebooks: rulebooks(computed, books),
        program: concat!("Sluice ", env!("CARGO_PKG_VERSION")),
        overview: sections.map(overview).collect(),
        total: Overview { s1sp: "Total".to_owned(), ..overview(&computed.pools) },
        refused: refused(programme),
        warnings: programme.warnings.clone(),
        sections: drawn,
    };
    page.render().map_err(Failure::internal)
}

const OVERVIEW: [&str; 8] =
    ["S1SP", "Days with capacity", "Capacity", "Asked", "Counted", "Allocated", "Of counted", "Days scaled"];
const DAYS: [&str; 8] = [
    "Day",
    "Capacity",
    "Kept for Dormant Meters",
    "Asked",
    "Counted",
    "Allocated",
    "Parties asking",
    "How it was shared",
];

/// The style that names the cells of every table by their columns.
fn named(sections: &[Section]) -> String {
    let mut style = labels("overview", &OVERVIEW) + &labels("refused", &["File", "Code", "What is wrong"]);
    for section in sections {
        style += &labels(&format!("days-{}", section.s1sp), &DAYS);
        for week in &section.weeks {
            let days = week.days.iter().map(String::as_str);
            let columns: Vec<&str> = ["Party"].into_iter().chain(days).chain(["Week", "Balance after it"]).collect();
            style += &labels(&week.id, &columns);
        }
    }
    style
}

fn long(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

fn period(pools: &[PoolResult]) -> String {
    let dates = pools.iter().map(|pool| pool.date);
    match (dates.clone().min(), dates.max()) {
        (Some(first), Some(last)) => format!("{} to {}", long(first), long(last)),
        _ => "no days".to_owned(),
    }
}

fn rulebooks(computed: &Computed, books: &Books) -> Vec<Rulebook> {
    let used: BTreeSet<&str> = computed.weeks.iter().map(|week| week.terms.rulebook.as_str()).collect();
    let book = |id: &&str| books.all.iter().find(|book| book.id == **id);
    let words = |id: &str| {
        let dmin: BTreeSet<u64> =
            computed.weeks.iter().filter(|week| week.terms.rulebook == id).map(|week| week.terms.dmin).collect();
        let dmin: Vec<String> = dmin.iter().map(ToString::to_string).collect();
        format!("DMIN {} installations a day", dmin.join(" and "))
    };
    used.iter()
        .filter_map(book)
        .map(|book| Rulebook {
            id: book.id.clone(),
            words: format!(
                "{} V{}, in effect from {}; {}",
                book.document,
                book.version,
                long(book.in_effect),
                words(&book.id)
            ),
        })
        .collect()
}

/// The result in one sentence; `unit` is what a pool is to its readers.
fn summary(pools: &[PoolResult], unit: &str) -> String {
    let open = pools.iter().filter(|pool| pool.capacity.available() > 0).count();
    let scaled = pools.iter().filter(is_scaled).count();
    let (counted, allocated) = (sum(pools, |pool| pool.total), sum(pools, PoolResult::allocated));
    let over = if scaled == 0 {
        format!("On none of the {open} {unit} with capacity was more asked for than there was")
    } else {
        format!("On {scaled} of the {open} {unit} with capacity more was asked for than there was")
    };
    let unmet = match counted - allocated {
        0 => "every installation that counted was allocated".to_owned(),
        unmet => format!("{} of {} installations that counted could not be met", grouped(unmet), grouped(counted)),
    };
    format!("{over}; {unmet}.")
}

/// All pools together, or those of an S1SP, by which it is named.
fn overview(pools: &[PoolResult]) -> Overview {
    let (counted, allocated) = (sum(pools, |pool| pool.total), sum(pools, PoolResult::allocated));
    Overview {
        s1sp: pools.first().map_or_else(String::new, |pool| pool.s1sp.to_string()),
        days: pools.iter().filter(|pool| pool.capacity.available() > 0).count(),
        capacity: grouped(sum(pools, |pool| pool.capacity.available())),
        asked: grouped(sum(pools, PoolResult::asked)),
        counted: grouped(counted),
        allocated: grouped(allocated),
        share: percent(allocated, counted),
        scaled: pools.iter().filter(is_scaled).count(),
    }
}

/// A share in percent with one decimal, rounded to the nearest.
fn percent(part: u64, whole: u64) -> String {
    let per_mille = (part * 2000 + whole).checked_div(whole * 2);
    per_mille.map_or_else(|| "–".to_owned(), |share| format!("{}.{} %", share / 10, share % 10))
}

fn refused(programme: &Programme) -> Vec<(String, String, String)> {
    let refused = programme.judged.refused.iter().flat_map(|refused| {
        let file = sluice_wire::text::shown(&refused.file);
        refused.findings.iter().map(move |finding| (file.clone(), finding.code.to_string(), finding.message.clone()))
    });
    refused.collect()
}

fn section(pools: &[PoolResult]) -> Result<Section, Failure> {
    let s1sp = pools[0].s1sp;
    let weeks: Vec<&[PoolResult]> =
        pools.chunk_by(|left, right| monday_of(left.date).ok() == monday_of(right.date).ok()).collect();
    let asked = |pool: &&PoolResult| pool.total > 0;
    Ok(Section {
        s1sp: s1sp.to_string(),
        summary: summary(pools, "days"),
        chart: chart(s1sp, pools, &weeks).html(&format!("chart-{s1sp}")).map_err(Failure::internal)?,
        days: pools.iter().map(day_row).collect(),
        weeks: weeks.iter().filter_map(|week| week_table(s1sp, week)).collect(),
        derivations: pools.iter().filter(asked).map(derivations).collect(),
    })
}

fn how(pool: &PoolResult) -> String {
    match &pool.sharing {
        _ if pool.capacity.available() == 0 => "no capacity".to_owned(),
        Sharing::Met if pool.total == 0 => "nothing asked".to_owned(),
        Sharing::Met => "all demand met".to_owned(),
        Sharing::ProRata { rest, unmet } => {
            format!("scaled: {} left after the flat parts, {} wanted", grouped(*rest), grouped(*unmet))
        }
        Sharing::Short { level, .. } => format!("scaled: flat parts do not fit, at most {level} each"),
    }
}

fn day_row(pool: &PoolResult) -> DayRow {
    DayRow {
        day: pool.date.strftime("%a %-d %b").to_string(),
        anchor: (pool.total > 0).then(|| anchor(pool)),
        capacity: grouped(pool.capacity.available()),
        reserve: grouped(pool.capacity.reserve()),
        asked: grouped(pool.asked()),
        counted: grouped(pool.total),
        allocated: grouped(pool.allocated()),
        asking: pool.lines.iter().filter(|line| line.demand > 0).count(),
        how: how(pool),
    }
}

fn week_table(s1sp: S1sp, pools: &[PoolResult]) -> Option<WeekTable> {
    let pools: Vec<&PoolResult> = pools.iter().filter(|pool| pool.total > 0).collect();
    let first = pools.first()?;
    let parties: BTreeSet<Party> = pools.iter().flat_map(|pool| pool.lines.iter().map(|line| line.party)).collect();
    let rows: Vec<PartyRow> = parties.into_iter().map(|party| party_row(party, &pools)).collect();
    let longest = rows.iter().flat_map(|row| &row.cells).map(|cell| cell.text.chars().count()).max().unwrap_or(0);
    Some(WeekTable {
        id: format!("week-{}", anchor(first)),
        width: width_class(&[&[11][..], &vec![longest.max(10); pools.len() + 1], &[9]].concat()),
        title: format!("{s1sp}, week of {}", monday_of(first.date).map_or_else(|_| String::new(), long)),
        days: pools.iter().map(|pool| pool.date.strftime("%a %-d %b").to_string()).collect(),
        rows,
        ceiling: pools.iter().flat_map(|pool| &pool.lines).any(|line| line.counted < line.demand),
    })
}

fn party_row(party: Party, pools: &[&PoolResult]) -> PartyRow {
    let lines: Vec<_> = pools.iter().filter_map(|pool| pool.line(party)).collect();
    let of = |got: u64, counted: u64, capped: bool| {
        format!("{} / {}{}", grouped(got), grouped(counted), if capped { " †" } else { "" })
    };
    let cell = |pool: &&PoolResult| match pool.line(party) {
        None => PartyCell { text: "–".to_owned(), anchor: None },
        Some(line) => PartyCell {
            text: of(line.allocation, line.counted, line.counted < line.demand),
            anchor: is_scaled(pool).then(|| format!("{}-{party}", anchor(pool))),
        },
    };
    let (got, counted) =
        lines.iter().fold((0, 0), |(got, counted), line| (got + line.allocation, counted + line.counted));
    PartyRow {
        party: party.to_string(),
        cells: pools.iter().map(cell).collect(),
        total: of(got, counted, lines.iter().any(|line| line.counted < line.demand)),
        closing: lines.last().map_or_else(String::new, |line| Cell::balance(line.closing).shown()),
    }
}

fn anchor(pool: &PoolResult) -> String {
    format!("{}-{}", pool.s1sp, pool.date)
}

fn derivations(pool: &PoolResult) -> DayDerivations {
    let lines = pool.lines.iter().map(|line| {
        let mut sentence = String::new();
        write_derivation(pool, line, &mut sentence);
        (line.party.to_string(), sentence)
    });
    DayDerivations {
        anchor: anchor(pool),
        title: format!("{} on {}", pool.s1sp, crate::show::day(pool.date)),
        facts: format!(
            "Net capacity {} ({} in all, {} kept for Dormant Meters), counted demand {}, allocated {}: {}.",
            grouped(pool.capacity.available()),
            grouped(pool.capacity.total()),
            grouped(pool.capacity.reserve()),
            grouped(pool.total),
            grouped(pool.allocated()),
            how(pool)
        ),
        lines: lines.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{grouped, percent};

    #[test]
    fn thousands_are_apart() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn shares_are_rounded_to_the_nearest() {
        assert_eq!(percent(18_197, 19_592), "92.9 %");
        assert_eq!(percent(0, 0), "–");
    }
}
