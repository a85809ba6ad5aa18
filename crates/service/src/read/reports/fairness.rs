//! The fairness card of a week: do the properties of scaling hold in its stored result, and what would other ways have
//! given?

use crate::act::work::Look;
use crate::error::{Result, ServiceError};
use crate::read::reports::parts::{Days, Entry, Parts, Readers, long, of};
use crate::read::reports::weeks::base_versions;
use crate::weeks::chain::is_without_result;
use jiff::civil::Date;
use sluice_rules::party::{Party, S1sp};
use sluice_rules::scaling::Capacity;
use sluice_rules::scaling::fairness::{Checked, Otherwise, StoredLine, StoredPool, check, is_scaled, otherwise};
use sluice_rules::scaling::stage::ResultStage;
use sluice_store::tables::reports::Sight;
use sluice_store::tables::results::{self, PoolRecord, ResultRecord};
use sluice_wire::report::{Bar, Cell, Chart, Column, Form, Kind, Series, Table, Tone, Totals};
use std::collections::BTreeMap;

pub(crate) const ENTRY: Entry = Entry {
    name: "fairness",
    title: "Fairness card",
    about: &[
        "Whether the result of a week keeps what the rules of scaling promise, checked from the stored result alone; how the \
         rounding balances moved; and, for information, what equal shares or shares in proportion to demand alone would \
         have given. It is the result as it was published as firm, before hand-backs, refills and cuts.",
        "Two promises are not checked here, since one result cannot show them: that past days never change, which \
         'sluice replay' shows, and what becomes of rounding over many weeks, of which the balances are the measure.",
    ],
    days: Days::Week,
    readers: Readers::Suppliers,
    make,
};

/// A week's result at an S1SP.
struct WeekResult {
    s1sp: S1sp,
    version: ResultRecord,
    pools: Vec<StoredPool>,
}

fn make(work: &mut Look<'_>, sight: &Sight) -> Result<Parts> {
    let (weeks, closed, refilled) = load(work, sight)?;
    let mut notes: Vec<String> = weeks.iter().map(|week| version_in_words(week.s1sp, &week.version)).collect();
    let alone = |s1sp: &S1sp| {
        format!(
            "{s1sp}: the week was overtaken, so it has a refill alone, which is not checked here (CAL-5); sluice week bundle makes it again."
        )
    };
    notes.extend(refilled.iter().map(alone));
    // CAL-5: what had been published of it holds no more.
    let without =
        |s1sp: &S1sp| format!("{s1sp}: the week was closed without a result, so nobody has units of it (CAL-5).");
    notes.extend(closed.iter().map(without));
    if !sight.sees_all() {
        let words = "You see your own lines. The properties of a pool, and what other ways would have given, need the lines of \
                     all parties, which DCC and observers see (MSM-14).";
        notes.push(words.to_owned());
        let verdict = own_verdict(&weeks, sight.from());
        return Ok(Parts { verdict, notes, tables: vec![days_table(&weeks, &BTreeMap::new(), false)], main: "days" });
    }
    let mut others: BTreeMap<(S1sp, Date), BTreeMap<Party, Otherwise>> = BTreeMap::new();
    for week in &weeks {
        for pool in &week.pools {
            others.insert((week.s1sp, pool.date), otherwise(pool).map_err(ServiceError::defect)?);
        }
    }
    let checked: Vec<(S1sp, Checked)> =
        weeks.iter().flat_map(|week| check(&week.pools).into_iter().map(|checked| (week.s1sp, checked))).collect();
    let tables = vec![properties_table(&checked), parties_table(&weeks, &others), days_table(&weeks, &others, true)];
    Ok(Parts { verdict: verdict(&checked, sight.from()), notes, tables, main: "properties" })
}

/// REP-1: how many of the properties hold; which does not, is said first.
fn verdict(checked: &[(S1sp, Checked)], week: Date) -> String {
    let to_check = checked.iter().filter(|(_, one)| one.cases > 0).count();
    let broken: Vec<&(S1sp, Checked)> = checked.iter().filter(|(_, one)| one.broken > 0).collect();
    let hold = format!("{} of {to_check} properties hold in the week of {}", to_check - broken.len(), long(week));
    let missing = checked.len() - to_check;
    let rest = if missing == 0 { String::new() } else { format!("; {missing} had nothing to check") };
    match broken.first() {
        None => format!("{hold}{rest}."),
        Some((s1sp, one)) => {
            format!("Not fair by its rules: {hold}{rest}. First broken: {} at {s1sp} ({}).", one.property, one.rule)
        }
    }
}

/// What a supplier got of its own.
fn own_verdict(weeks: &[WeekResult], week: Date) -> String {
    let lines = || weeks.iter().flat_map(|week| &week.pools).flat_map(|pool| &pool.lines);
    let (got, counted) = (lines().map(|line| line.allocation).sum(), lines().map(|line| line.counted).sum());
    format!("You got {} units of your counted demand in the week of {}.", of(got, counted), long(week))
}

fn version_in_words(s1sp: S1sp, version: &ResultRecord) -> String {
    let stage = if version.firm_at.is_some() { "firm" } else { "provisional: it may still change" };
    format!("{s1sp}: version {} by {}, {stage}.", version.version, version.rulebook)
}

/// The results of the week, the S1SPs at which it was closed without one, and those at which it has a refill alone.
fn load(work: &mut Look<'_>, sight: &Sight) -> Result<(Vec<WeekResult>, Vec<S1sp>, Vec<S1sp>)> {
    let (mut weeks, mut closed, mut refilled) = (Vec::new(), Vec::new(), Vec::new());
    for ((monday, s1sp), version) in base_versions(work, sight)? {
        if is_without_result(work, s1sp, monday)? {
            closed.push(s1sp);
            continue;
        }
        // CAL-5: a week that was overtaken has no result to check, only a refill, which writes no balance.
        if version.stage == ResultStage::Refill {
            refilled.push(s1sp);
            continue;
        }
        let (from, to, number) = (sight.from(), sight.to(), version.version);
        let lines = results::lines(&mut work.tx, &s1sp, from, to, number)?;
        let pools = results::pools(&mut work.tx, &s1sp, from, to, number)?;
        let mut days: BTreeMap<Date, StoredPool> = BTreeMap::new();
        for pool in pools {
            let PoolRecord { date, total, reserve, dmin, public, .. } = pool;
            let capacity = Capacity::new(total, reserve).map_err(ServiceError::defect)?;
            let rulebook = version.rulebook.clone();
            days.insert(date, StoredPool { rulebook, s1sp, date, capacity, dmin, public, lines: Vec::new() });
        }
        for line in lines {
            // A party may see its line where the facts of the pool are hidden.
            let hidden = || StoredPool {
                rulebook: version.rulebook.clone(),
                s1sp,
                date: line.date,
                capacity: Capacity::none(),
                dmin: 0,
                public: false,
                lines: Vec::new(),
            };
            let pool = days.entry(line.date).or_insert_with(hidden);
            pool.lines.push(StoredLine {
                party: line.party,
                demand: line.demand,
                counted: line.counted,
                flat: line.flat,
                entitlement: line.entitlement,
                extra: line.extra,
                allocation: line.allocation,
                opening: line.opening,
                closing: line.closing,
                derivation: line.derivation,
            });
        }
        weeks.push(WeekResult { s1sp, version, pools: days.into_values().collect() });
    }
    Ok((weeks, closed, refilled))
}

fn properties_table(checked: &[(S1sp, Checked)]) -> Table {
    let row = |s1sp: S1sp, checked: &Checked| {
        let holds = match (checked.cases, checked.broken) {
            (0, _) => "nothing to check",
            (_, 0) => "YES",
            _ => "NO",
        };
        vec![
            Cell::text(checked.property),
            Cell::text(s1sp),
            Cell::text(checked.rule),
            Cell::text(holds),
            Cell::Number(checked.cases),
            Cell::Number(checked.broken),
            checked.first.as_ref().map_or(Cell::Empty, Cell::text),
        ]
    };
    let rows = checked.iter().map(|(s1sp, checked)| row(*s1sp, checked));
    Table {
        id: "properties",
        title: "What must hold",
        about: "A row is one property at one S1SP.",
        columns: vec![
            Column::text("property", "Property", "What the rules of scaling promise."),
            Column::text("s1sp", "S1SP", "The S1SP."),
            Column::text("rule", "Rule", "The rule that it comes from."),
            Column::text("holds", "Holds", "YES, or NO if one case breaks it."),
            Column::number("cases", "Cases", "In how many pools, lines or pairs of lines it was checked."),
            Column::number("broken", "Broken", "In how many it does not hold."),
            Column::text("first", "First case", "The first of these."),
        ],
        rows: rows.collect(),
        totals: Totals::None,
        empty: EMPTY,
        charts: Vec::new(),
    }
}

const EMPTY: &str = "The week has no result.";

/// A party's week.
#[derive(Default)]
struct PartyWeek {
    counted: u64,
    allocation: u64,
    other: Otherwise,
    opening: Option<i64>,
    closing: i64,
    furthest: i64,
}

type Others = BTreeMap<(S1sp, Date), BTreeMap<Party, Otherwise>>;

impl PartyWeek {
    fn add(&mut self, line: &StoredLine, other: Otherwise) {
        self.counted += line.counted;
        self.allocation += line.allocation;
        self.other.equal += other.equal;
        self.other.pro_rata += other.pro_rata;
        self.opening.get_or_insert(line.opening);
        self.closing = line.closing;
        let balances = [self.furthest, line.opening, line.closing];
        self.furthest = balances.into_iter().max_by_key(|nano| nano.unsigned_abs()).unwrap_or(0);
    }
}

fn by_party(weeks: &[WeekResult], others: &Others) -> BTreeMap<(S1sp, Party), PartyWeek> {
    let mut parties: BTreeMap<(S1sp, Party), PartyWeek> = BTreeMap::new();
    for week in weeks {
        for pool in &week.pools {
            for line in &pool.lines {
                let other = others.get(&(week.s1sp, pool.date)).and_then(|day| day.get(&line.party));
                parties.entry((week.s1sp, line.party)).or_default().add(line, other.copied().unwrap_or_default());
            }
        }
    }
    parties
}

const PARTY_COLUMNS: [Column; 10] = [
    Column::text("party", "Party", "The supplier."),
    Column::text("s1sp", "S1SP", "The S1SP."),
    Column::number("counted", "Counted demand", "Its demand of the week, as far as it counts (MSM-2a)."),
    Column::number("allocation", "Allocation", "What the result gave it."),
    Column::of(Kind::Share, "share", "Of counted", "Allocation of counted demand."),
    Column::number("equal", "By equal shares", "If each day's capacity were shared equally, to each up to its demand."),
    Column::number(
        "pro_rata",
        "By pro rata alone",
        "If each day's capacity were shared in proportion to demand, without a flat part.",
    ),
    Column::of(
        Kind::Decimal,
        "opening",
        "Opening balance",
        "Its rounding balance (MSM-8) before the week, in installations; what is above 0 is owed to it.",
    ),
    Column::of(Kind::Decimal, "closing", "Closing balance", "The same after the week."),
    Column::of(Kind::Decimal, "furthest", "Furthest balance", "The balance of the week that is furthest from 0."),
];

fn parties_table(weeks: &[WeekResult], others: &Others) -> Table {
    let parties = by_party(weeks, others);
    let row = |((s1sp, party), week): (&(S1sp, Party), &PartyWeek)| {
        vec![
            Cell::text(party),
            Cell::text(s1sp),
            Cell::Number(week.counted),
            Cell::Number(week.allocation),
            Cell::Share { part: week.allocation, whole: week.counted },
            Cell::Number(week.other.equal),
            Cell::Number(week.other.pro_rata),
            Cell::balance(week.opening.unwrap_or(0)),
            Cell::balance(week.closing),
            Cell::balance(week.furthest),
        ]
    };
    Table {
        id: "parties",
        title: "The week by party",
        about: "A row is one party's week at one S1SP. Equal shares and pro rata are for information: no rule uses them.",
        columns: PARTY_COLUMNS.to_vec(),
        rows: parties.iter().map(row).collect(),
        totals: Totals::Sums,
        empty: EMPTY,
        charts: vec![chart(&parties)],
    }
}

/// What each party got at all S1SPs together, beside what other ways would have given.
fn chart(parties: &BTreeMap<(S1sp, Party), PartyWeek>) -> Chart {
    let mut sums: BTreeMap<Party, [u64; 3]> = BTreeMap::new();
    for ((_, party), week) in parties {
        let figures = [week.allocation, week.other.equal, week.other.pro_rata];
        sums.entry(*party).or_default().iter_mut().zip(figures).for_each(|(sum, figure)| *sum += figure);
    }
    let more = sums.values().filter(|[got, _, pro_rata]| got > pro_rata).count();
    let less = sums.values().filter(|[got, _, pro_rata]| got < pro_rata).count();
    Chart {
        title: format!("{more} parties got more, and {less} less, than shares by demand alone would have given"),
        measure: "Installations of the week, all S1SPs together; only the allocation is a rule's",
        unit: "installations",
        form: Form::Grouped,
        series: vec![
            Series { name: "Allocation", tone: Tone::Allocated },
            Series { name: "By equal shares", tone: Tone::Lost2 },
            Series { name: "By pro rata alone", tone: Tone::Lost3 },
        ],
        bars: sums.into_iter().map(|(party, figures)| Bar::new(party.to_string(), figures.to_vec())).collect(),
    }
}

const DAY_COLUMNS: [Column; 9] = [
    Column::of(Kind::Date, "date", "Day", "The Migration Day."),
    Column::text("s1sp", "S1SP", "The S1SP."),
    Column::text("party", "Party", "The supplier."),
    Column::number("demand", "Demand", "As it was sent."),
    Column::number("counted", "Counted demand", "What of it counts (MSM-2a)."),
    Column::number("allocation", "Allocation", "What the result gave."),
    Column::text(
        "entitlement",
        "Entitlement",
        "The exact share beyond the flat part; of a short pool the whole share (MSM-4, MSM-5).",
    ),
    Column::of(Kind::Decimal, "opening", "Opening balance", "Before the day, in installations."),
    Column::of(Kind::Decimal, "closing", "Closing balance", "After the day."),
];

/// What needs the lines of all parties: those who do not see them have no such columns.
const OTHER_COLUMNS: [Column; 3] = [
    Column::text("scaled", "Scaled", "Was more asked for than there was capacity?"),
    Column::number("equal", "By equal shares", "For information, as above."),
    Column::number("pro_rata", "By pro rata alone", "For information, as above."),
];

fn days_table(weeks: &[WeekResult], others: &Others, all: bool) -> Table {
    let mut rows = Vec::new();
    for (week, pool) in weeks.iter().flat_map(|week| week.pools.iter().map(move |pool| (week, pool))) {
        for line in pool.lines.iter().filter(|line| line.demand > 0) {
            let mut row = vec![
                Cell::Date(pool.date),
                Cell::text(week.s1sp),
                Cell::text(line.party),
                Cell::Number(line.demand),
                Cell::Number(line.counted),
                Cell::Number(line.allocation),
                Cell::text(&line.entitlement),
                Cell::balance(line.opening),
                Cell::balance(line.closing),
            ];
            if let Some(other) = others.get(&(week.s1sp, pool.date)).and_then(|day| day.get(&line.party)) {
                let scaled = if is_scaled(pool) { "YES" } else { "NO" };
                row.extend([Cell::text(scaled), Cell::Number(other.equal), Cell::Number(other.pro_rata)]);
            }
            rows.push(row);
        }
    }
    let more = OTHER_COLUMNS.into_iter().filter(|_| all);
    Table {
        id: "days",
        title: "Every day and party",
        about: "A row is one party on one day on which it asked for something.",
        columns: DAY_COLUMNS.into_iter().chain(more).collect(),
        rows,
        totals: Totals::Sums,
        empty: EMPTY,
        charts: Vec::new(),
    }
}
