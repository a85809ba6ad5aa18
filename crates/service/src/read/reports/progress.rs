//! How far the programme has come, by cohort and supplier, and how fast it goes.

use crate::act::work::Look;
use crate::books::calendar::local_date;
use crate::error::Result;
use crate::read::reports::parts::{Days, Entry, Parts, Readers, least, long, of};
use jiff::civil::Date;
use sluice_rules::calendar::WorkingDays;
use sluice_rules::installation::Cohort;
use sluice_rules::party::Party;
use sluice_store::tables::reports::Sight;
use sluice_store::tables::reports::programme::{self, GroupCount};
use sluice_wire::report::{Bar, Cell, Chart, Column, Form, Kind, Series, Table, Tone, Totals, grouped};
use std::collections::BTreeMap;

pub(crate) const ENTRY: Entry = Entry {
    name: "progress",
    title: "Progress to completion",
    about: &[
        "Where every installation of the inventory stands, by cohort and by the supplier that leads it; and how long the \
         rest would take at the rate of the last 20 Working Days.",
        "Each installation is in one place: migrated; in hand, with an authorisation or a Dormant plan that may lead to its \
         migration; excluded as a whole; or open. The rate is a measure, not a forecast: it knows nothing of coming weeks.",
    ],
    days: Days::Standing,
    readers: Readers::Suppliers,
    make,
};

/// The days over which the rate is measured.
const RATE_DAYS: u16 = 20;

fn make(work: &mut Look<'_>, sight: &Sight) -> Result<Parts> {
    let today = local_date(work.now);
    let working_days = &work.books.working_days;
    let since = working_days.before(today, RATE_DAYS)?;
    let groups = programme::progress(&mut work.tx, sight, today, since)?;
    let rate = Rate { today, working_days };
    let mut cohorts: BTreeMap<i64, GroupCount> = BTreeMap::new();
    let mut suppliers: BTreeMap<(i64, Party), GroupCount> = BTreeMap::new();
    let mut parties: BTreeMap<Party, GroupCount> = BTreeMap::new();
    for ((_, cohort, party), counts) in &groups {
        add(cohorts.entry(*cohort).or_default(), counts);
        add(suppliers.entry((*cohort, *party)).or_default(), counts);
        add(parties.entry(*party).or_default(), counts);
    }
    let note = format!(
        "The rate is the mean of the last {RATE_DAYS} Working Days, those without migrations included: it counts what was \
         migrated after {}.",
        long(since)
    );
    let mut all = GroupCount::default();
    cohorts.values().for_each(|counts| add(&mut all, counts));
    let total = |keys: usize| {
        let blank = std::iter::repeat_n(Cell::Empty, keys.saturating_sub(1));
        Totals::Given([Cell::text("Total")].into_iter().chain(blank).chain(figures(&all, &rate)).collect())
    };
    let tables = vec![
        by_cohort(&cohorts, &rate, total(1)),
        by_supplier(&parties, &rate, total(1)),
        by_both(&suppliers, &rate, total(2)),
    ];
    let notes = if groups.is_empty() { Vec::new() } else { vec![note] };
    Ok(Parts { verdict: verdict(&all, &rate), notes, tables, main: "cohorts" })
}

/// How far all have come, and when the rest would be done.
fn verdict(all: &GroupCount, rate: &Rate<'_>) -> String {
    let done = format!("{} installations are migrated", of(all.migrated, all.all));
    let rest = all.in_hand + open(all);
    let days = days_to_go(rest, all.lately).filter(|_| rest > 0);
    match days {
        None if rest == 0 => format!("{done}, and none is left to migrate."),
        None => format!(
            "{done}; none was in the last {RATE_DAYS} Working Days, so no rate says when the other {} would be.",
            grouped(rest)
        ),
        Some(days) => {
            let by = rate.after(days).map_or_else(String::new, |date| format!(", by {}", long(date)));
            format!(
                "{done}. At {} a Working Day, the mean of the last {RATE_DAYS}, the {} that are in hand or open would take {}{by}.",
                Rate::mean(all).shown(),
                grouped(rest),
                crate::words::count(usize::try_from(days).unwrap_or(usize::MAX), "Working Day")
            )
        }
    }
}

pub(crate) fn add(sum: &mut GroupCount, other: &GroupCount) {
    sum.all += other.all;
    sum.migrated += other.migrated;
    sum.in_hand += other.in_hand;
    sum.excluded += other.excluded;
    sum.lately += other.lately;
}

/// What is neither migrated nor in hand nor excluded.
pub(crate) fn open(counts: &GroupCount) -> u64 {
    counts.all.saturating_sub(counts.migrated + counts.in_hand + counts.excluded)
}

/// How long the rest would take.
struct Rate<'a> {
    today: Date,
    working_days: &'a WorkingDays,
}

/// REP-1: the Working Days that the rest takes at the rate of the last ones, rounded up; nothing where nothing was migrated.
pub(crate) fn days_to_go(rest: u64, lately: u64) -> Option<u64> {
    (rest * u64::from(RATE_DAYS)).checked_add(lately.saturating_sub(1))?.checked_div(lately)
}

impl Rate<'_> {
    fn cells(&self, counts: &GroupCount) -> Vec<Cell> {
        let rest = counts.in_hand + open(counts);
        let days = if rest == 0 { None } else { days_to_go(rest, counts.lately) };
        let done = days.and_then(|days| self.after(days));
        vec![Self::mean(counts), Cell::opt(days), Cell::opt_date(done)]
    }

    /// In tenths, rounded to the nearest: ten of each over 20 days is half of it.
    fn mean(counts: &GroupCount) -> Cell {
        Cell::Decimal { value: i64::try_from(counts.lately.div_ceil(2)).unwrap_or(i64::MAX), places: 1 }
    }

    /// The Working Day so many after today; nothing beyond the bank holidays on record.
    fn after(&self, days: u64) -> Option<Date> {
        let mut date = self.today;
        for _ in 0..days {
            date = self.working_days.next(date).ok()?;
        }
        Some(date)
    }
}

const FIGURES: [Column; 9] = [
    Column::number("installations", "Installations", "All of the inventory: the sum of the next four."),
    Column::number("migrated", "Migrated", "Reported as MIGRATED, on any day."),
    Column::number(
        "in_hand",
        "In hand",
        "Not migrated, with a row or a Dormant plan that may still lead to a migration.",
    ),
    Column::number("excluded", "Excluded", "Excluded as a whole today (EXC-1), and neither migrated nor in hand."),
    Column::number("open", "Open", "Neither migrated nor in hand nor excluded: to be authorised or planned."),
    Column::of(Kind::Share, "share", "Migrated share", "Migrated of all."),
    Column::of(Kind::Decimal, "rate", "Rate a Working Day", "Migrated a Working Day: the mean of the last 20."),
    Column::of(
        Kind::Number,
        "days_to_go",
        "Working Days to go",
        "What is in hand and open, at that rate; empty where there is no rate.",
    ),
    Column::of(
        Kind::Date,
        "done",
        "Done by",
        "The Working Day on which it would be done; empty where that lies beyond the bank holidays on record.",
    ),
];

fn figures(counts: &GroupCount, rate: &Rate<'_>) -> Vec<Cell> {
    let numbers = [counts.all, counts.migrated, counts.in_hand, counts.excluded, open(counts)].map(Cell::Number);
    let share = Cell::Share { part: counts.migrated, whole: counts.all };
    numbers.into_iter().chain([share]).chain(rate.cells(counts)).collect()
}

const SERIES: [Series; 4] = [
    Series { name: "Migrated", tone: Tone::Migrated },
    Series { name: "In hand", tone: Tone::Scheduled },
    Series { name: "Open", tone: Tone::Open },
    Series { name: "Excluded", tone: Tone::Lost2 },
];

/// What each of some groups has migrated of its own; the one that is furthest back stands in the title.
fn chart(what: &str, groups: &[(String, &GroupCount)]) -> Chart {
    let back = least(groups.iter().map(|(name, counts)| ((name, *counts), counts.migrated, counts.all)));
    let bar = |(name, counts): &(String, &GroupCount)| {
        let values = vec![counts.migrated, counts.in_hand, open(counts), counts.excluded];
        Bar { figure: Some(of(counts.migrated, counts.all)), ..Bar::new(name, values) }
    };
    Chart {
        title: match back {
            Some(((name, counts), _)) => {
                format!("{name} is furthest back: {} are migrated", of(counts.migrated, counts.all))
            }
            None => format!("How far the {what} has come"),
        },
        measure: "Share of the installations of each",
        unit: "share",
        form: Form::Shares,
        series: SERIES.to_vec(),
        bars: groups.iter().map(bar).collect(),
    }
}

fn cohort(place: i64) -> &'static str {
    usize::try_from(place).ok().and_then(|place| Cohort::ALL.get(place)).map_or("unknown", |cohort| cohort.word())
}

fn by_cohort(cohorts: &BTreeMap<i64, GroupCount>, rate: &Rate<'_>, totals: Totals) -> Table {
    let row = |(place, counts): (&i64, &GroupCount)| [vec![Cell::text(cohort(*place))], figures(counts, rate)].concat();
    let groups: Vec<_> = cohorts.iter().map(|(place, counts)| (cohort(*place).to_owned(), counts)).collect();
    Table {
        id: "cohorts",
        title: "By cohort",
        about: "A row is one cohort.",
        columns: [vec![Column::text("cohort", "Cohort", "The group of devices.")], FIGURES.to_vec()].concat(),
        rows: cohorts.iter().map(row).collect(),
        totals,
        empty: "There is no inventory yet.",
        charts: vec![chart("cohort", &groups)],
    }
}

const SUPPLIER: Column = Column::text(
    "party",
    "Supplier",
    "The Lead Supplier: of the electricity meter, or of the gas meter where that alone is Active.",
);

fn by_supplier(parties: &BTreeMap<Party, GroupCount>, rate: &Rate<'_>, totals: Totals) -> Table {
    let row = |(party, counts): (&Party, &GroupCount)| [vec![Cell::text(party)], figures(counts, rate)].concat();
    let groups: Vec<_> = parties.iter().map(|(party, counts)| (party.to_string(), counts)).collect();
    Table {
        id: "parties",
        title: "By supplier",
        about: "A row is one supplier, all cohorts together.",
        columns: [vec![SUPPLIER], FIGURES.to_vec()].concat(),
        rows: parties.iter().map(row).collect(),
        totals,
        empty: "There is no inventory yet.",
        charts: vec![chart("supplier", &groups)],
    }
}

fn by_both(suppliers: &BTreeMap<(i64, Party), GroupCount>, rate: &Rate<'_>, totals: Totals) -> Table {
    let row = |((place, party), counts): (&(i64, Party), &GroupCount)| {
        [vec![Cell::text(party), Cell::text(cohort(*place))], figures(counts, rate)].concat()
    };
    let mut sorted: Vec<_> = suppliers.iter().collect();
    sorted.sort_by_key(|((place, party), _)| (*party, *place));
    let keys = vec![SUPPLIER, Column::text("cohort", "Cohort", "The group of devices.")];
    Table {
        id: "suppliers",
        title: "By supplier and cohort",
        about: "A row is one supplier's installations of one cohort.",
        columns: [keys, FIGURES.to_vec()].concat(),
        rows: sorted.into_iter().map(row).collect(),
        totals,
        empty: "There is no inventory yet.",
        charts: Vec::new(),
    }
}
