//! The report page: one HTML file with nothing from outside and no script.

mod chart;

use crate::failure::Failure;
use crate::offline::{Books, Computed, Programme};
use askama::Template;
use chart::{Chart, Column};
use jiff::civil::Date;
use sluice_rules::calendar::monday_of;
use sluice_rules::party::{Party, S1sp};
use sluice_rules::scaling::{PoolResult, Sharing, installations, write_derivation};
use std::collections::{BTreeMap, BTreeSet};

/// More days than this are drawn week by week.
const DAYS_DRAWN: usize = 35;

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    period: String,
    rulebooks: Vec<Rulebook>,
    program: &'static str,
    overview: Vec<Overview>,
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
    demand: String,
    allocated: String,
    share: String,
    scaled: usize,
}

/// An S1SP with all its days.
struct Section {
    s1sp: String,
    chart: Chart,
    by_week: bool,
    days: Vec<DayRow>,
    weeks: Vec<WeekTable>,
    derivations: Vec<DayDerivations>,
}

struct DayRow {
    day: String,
    capacity: String,
    reserve: String,
    demand: String,
    allocated: String,
    asking: usize,
    how: String,
}

/// What each party received on the days of a week.
struct WeekTable {
    title: String,
    days: Vec<(String, String)>,
    rows: Vec<PartyRow>,
}

struct PartyRow {
    party: String,
    cells: Vec<String>,
    total: String,
    closing: String,
}

struct DayDerivations {
    anchor: String,
    title: String,
    facts: String,
    lines: Vec<(String, String)>,
}

/// The page of a result.
///
/// # Errors
/// If it cannot be written: a defect.
pub fn report(programme: &Programme, computed: &Computed, books: &Books) -> Result<String, Failure> {
    let sections = computed.pools.chunk_by(|left, right| left.s1sp == right.s1sp);
    let page = Page {
        period: period(&computed.pools),
        rulebooks: rulebooks(computed, books),
        program: concat!("Sluice ", env!("CARGO_PKG_VERSION")),
        overview: sections.clone().map(overview).collect(),
        refused: refused(programme),
        warnings: programme.warnings.clone(),
        sections: sections.map(section).collect(),
    };
    page.render().map_err(Failure::internal)
}

/// A number with its thousands apart, as people read it.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
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

fn sum(pools: &[PoolResult], value: impl Fn(&PoolResult) -> u64) -> u64 {
    pools.iter().map(value).sum()
}

fn overview(pools: &[PoolResult]) -> Overview {
    let (demand, allocated) = (sum(pools, |pool| pool.total), sum(pools, PoolResult::allocated));
    Overview {
        s1sp: pools[0].s1sp.to_string(),
        days: pools.iter().filter(|pool| pool.capacity.total() > 0).count(),
        capacity: grouped(sum(pools, |pool| pool.capacity.available())),
        demand: grouped(demand),
        allocated: grouped(allocated),
        share: (allocated * 100).checked_div(demand).map_or_else(|| "–".to_owned(), |percent| format!("{percent} %")),
        scaled: pools.iter().filter(|pool| !matches!(pool.sharing, Sharing::Met)).count(),
    }
}

fn refused(programme: &Programme) -> Vec<(String, String, String)> {
    let refused = programme.judged.refused.iter().flat_map(|refused| {
        let file = sluice_wire::text::shown(&refused.file);
        refused.findings.iter().map(move |finding| (file.clone(), finding.code.to_string(), finding.message.clone()))
    });
    refused.collect()
}

fn section(pools: &[PoolResult]) -> Section {
    let s1sp = pools[0].s1sp;
    let by_week = pools.len() > DAYS_DRAWN;
    let weeks: Vec<&[PoolResult]> =
        pools.chunk_by(|left, right| monday_of(left.date).ok() == monday_of(right.date).ok()).collect();
    let columns = if by_week {
        weeks.iter().map(|week| column(week, "%-d %b")).collect()
    } else {
        pools.iter().map(|pool| column(std::slice::from_ref(pool), "%a %-d %b")).collect()
    };
    let asked = |pool: &&PoolResult| pool.total > 0;
    Section {
        s1sp: s1sp.to_string(),
        chart: Chart::new(s1sp.as_str(), columns),
        by_week,
        days: pools.iter().map(day_row).collect(),
        weeks: weeks.iter().filter_map(|week| week_table(s1sp, week)).collect(),
        derivations: pools.iter().filter(asked).map(derivations).collect(),
    }
}

/// A column of the chart: a day or a week.
fn column(pools: &[PoolResult], format: &str) -> Column {
    Column {
        label: pools[0].date.strftime(format).to_string(),
        capacity: sum(pools, |pool| pool.capacity.available()),
        demand: sum(pools, |pool| pool.total),
        allocated: sum(pools, PoolResult::allocated),
    }
}

fn how(pool: &PoolResult) -> String {
    match &pool.sharing {
        Sharing::Met if pool.total == 0 => "nothing asked".to_owned(),
        Sharing::Met => "all demand met".to_owned(),
        Sharing::ProRata { rest, unmet } => {
            format!("scaled: after the flat parts {} for {} unmet", grouped(*rest), grouped(*unmet))
        }
        Sharing::Short { level, .. } if pool.capacity.available() == 0 => format!("no capacity (level {level})"),
        Sharing::Short { level, .. } => format!("scaled: flat part short, level {level}"),
    }
}

fn day_row(pool: &PoolResult) -> DayRow {
    DayRow {
        day: pool.date.strftime("%a %-d %b %Y").to_string(),
        capacity: grouped(pool.capacity.available()),
        reserve: grouped(pool.capacity.reserve()),
        demand: grouped(pool.total),
        allocated: grouped(pool.allocated()),
        asking: pool.lines.iter().filter(|line| line.demand > 0).count(),
        how: how(pool),
    }
}

fn week_table(s1sp: S1sp, pools: &[PoolResult]) -> Option<WeekTable> {
    let pools: Vec<&PoolResult> = pools.iter().filter(|pool| pool.total > 0).collect();
    let first = pools.first()?;
    let mut rows: BTreeMap<Party, PartyRow> = BTreeMap::new();
    let parties: BTreeSet<Party> = pools.iter().flat_map(|pool| pool.lines.iter().map(|line| line.party)).collect();
    for party in parties {
        let lines: Vec<_> = pools.iter().map(|pool| pool.line(party)).collect();
        let total =
            |value: fn(&sluice_rules::scaling::Line) -> u64| lines.iter().flatten().map(|line| value(line)).sum();
        let of = |got: u64, asked: u64| format!("{} / {}", grouped(got), grouped(asked));
        let cell = |line: &Option<&sluice_rules::scaling::Line>| {
            line.map_or_else(|| "–".to_owned(), |line| of(line.allocation, line.demand))
        };
        let closing = lines.iter().flatten().last().map_or_else(String::new, |line| installations(line.closing));
        let row = PartyRow {
            party: party.to_string(),
            cells: lines.iter().map(cell).collect(),
            total: of(total(|line| line.allocation), total(|line| line.demand)),
            closing,
        };
        rows.insert(party, row);
    }
    Some(WeekTable {
        title: format!("{s1sp}, week of {}", monday_of(first.date).map_or_else(|_| String::new(), long)),
        days: pools.iter().map(|pool| (pool.date.strftime("%a %-d %b").to_string(), anchor(pool))).collect(),
        rows: rows.into_values().collect(),
    })
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
            "Capacity {} ({} in all, {} kept for Dormant Meters), demand {}, allocated {}: {}.",
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
    use super::grouped;

    #[test]
    fn thousands_are_apart() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
