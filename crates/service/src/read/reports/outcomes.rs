//! Daily outcomes by supplier (OUT-1, OUT-2).

use crate::act::work::Look;
use crate::error::Result;
use crate::read::reports::parts::{Days, Entry, Parts, Readers, least, monday, of, share, week_label};
use jiff::civil::Date;
use sluice_rules::party::{Party, S1sp};
use sluice_store::tables::attempts::{self, OutcomeCode};
use sluice_store::tables::reports::Sight;
use sluice_store::tables::reports::days::{self, FailureCount, OutcomeCount};
use sluice_wire::report::{Bar, Cell, Chart, Column, Form, Kind, Series, Table, Tone, Totals, grouped as number};
use std::collections::BTreeMap;

pub(crate) const ENTRY: Entry = Entry {
    name: "outcomes",
    title: "Daily outcomes by supplier",
    about: &[
        "What became of every installation in the latest schedule of each day, by the supplier whose unit it used. \
         Installations that DCC planned as Dormant stand in lines of their own, under the supplier of their meters.",
    ],
    days: Days::Period,
    readers: Readers::Everyone,
    make,
};

/// What became of the installations of a schedule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Outcomes {
    pub migrated: u64,
    pub failed: u64,
    pub attempts: u64,
    pub not_attempted: u64,
    pub unknown: u64,
    pub started: u64,
    pub pending: u64,
}

impl Outcomes {
    pub(crate) fn add(&mut self, count: &OutcomeCount) {
        let of = match count.outcome.as_str() {
            "MIGRATED" => &mut self.migrated,
            "FAILED" => &mut self.failed,
            "NOT_ATTEMPTED" => &mut self.not_attempted,
            "UNKNOWN" => &mut self.unknown,
            "STARTED" => &mut self.started,
            _ => &mut self.pending,
        };
        *of += count.count;
        self.attempts += count.attempts;
    }

    pub(crate) fn scheduled(&self) -> u64 {
        self.migrated + self.failed + self.not_attempted + self.unknown + self.open()
    }

    /// Adds those of another schedule.
    pub(crate) fn join(&mut self, other: &Self) {
        self.migrated += other.migrated;
        self.failed += other.failed;
        self.attempts += other.attempts;
        self.not_attempted += other.not_attempted;
        self.unknown += other.unknown;
        self.started += other.started;
        self.pending += other.pending;
    }

    /// Without an outcome yet, and not late.
    pub(crate) fn open(&self) -> u64 {
        self.started + self.pending
    }
}

/// Outcomes by a key.
pub(crate) fn grouped<K: Ord>(
    counts: &[OutcomeCount],
    key: impl Fn(&OutcomeCount) -> Option<K>,
) -> BTreeMap<K, Outcomes> {
    let mut groups: BTreeMap<K, Outcomes> = BTreeMap::new();
    for count in counts {
        if let Some(key) = key(count) {
            groups.entry(key).or_default().add(count);
        }
    }
    groups
}

fn make(work: &mut Look<'_>, sight: &Sight) -> Result<Parts> {
    let counts = days::outcomes(&mut work.tx, sight)?;
    let failures = days::failures(&mut work.tx, sight)?;
    let codes = attempts::outcome_codes(&mut work.tx)?;
    let mut notes = Vec::new();
    let late: u64 = counts.iter().filter(|count| count.outcome == "UNKNOWN").map(|count| count.count).sum();
    if late > 0 {
        let words = if late == 1 { "1 outcome was".to_owned() } else { format!("{late} outcomes were") };
        notes.push(format!("{words} due and did not come (OUT-4); a late one still changes these figures."));
    }
    let tables = vec![suppliers(&counts), by_code(&failures, &codes), daily(&counts)];
    Ok(Parts { verdict: verdict(&counts), notes, tables, main: "days" })
}

fn verdict(counts: &[OutcomeCount]) -> String {
    let all = grouped(counts, |_| Some(())).remove(&()).unwrap_or_default();
    let mut words = format!(
        "{} scheduled installations were migrated; {} failed, so that {} of those attempted succeeded.",
        of(all.migrated, all.scheduled()),
        number(all.failed),
        share(all.migrated, all.migrated + all.failed)
    );
    if all.not_attempted + all.unknown > 0 {
        let rest = format!(" Not attempted: {}; nothing known of {}.", number(all.not_attempted), number(all.unknown));
        words.push_str(&rest);
    }
    words
}

const FIGURES: [Column; 8] = [
    Column::number(
        "scheduled",
        "Scheduled",
        "Installations in the latest version of the day's schedule: the sum of the next six.",
    ),
    Column::number("migrated", "Migrated", "Reported as MIGRATED."),
    Column::number("failed", "Failed", "Reported as FAILED."),
    Column::number("not_attempted", "Not attempted", "Reported as NOT_ATTEMPTED: the S1SP did not begin."),
    Column::number("unknown", "Unknown", "No outcome came by the time that it was due (OUT-4)."),
    Column::number("started", "Under way", "Reported as STARTED, with no outcome yet."),
    Column::number("pending", "Not reported yet", "Nothing was reported, and it is not late."),
    Column::of(
        Kind::Share,
        "success",
        "Success rate",
        "Migrated of those that were attempted: of migrated and failed.",
    ),
];

fn figures(of: &Outcomes) -> Vec<Cell> {
    let numbers = [of.scheduled(), of.migrated, of.failed, of.not_attempted, of.unknown, of.started, of.pending]
        .map(Cell::Number);
    let share = Cell::Share { part: of.migrated, whole: of.migrated + of.failed };
    numbers.into_iter().chain([share]).collect()
}

fn party(party: Option<Party>) -> Cell {
    party.map_or(Cell::Empty, Cell::text)
}

fn kind(dormant: bool) -> Cell {
    Cell::text(if dormant { "DORMANT" } else { "AUTHORISED" })
}

const SUPPLIER: Column = Column::text(
    "party",
    "Supplier",
    "Whose unit it used (the Lead Supplier, MAM-2); of a Dormant installation, who supplies it.",
);
const KIND: Column = Column::text("kind", "Kind", "AUTHORISED by suppliers, or DORMANT and planned by DCC.");

fn daily(counts: &[OutcomeCount]) -> Table {
    type Key = (Date, S1sp, Option<Party>, bool);
    let groups = grouped(counts, |count| Some::<Key>((count.date, count.s1sp, count.party, count.dormant)));
    let row = |((day, s1sp, of, dormant), outcomes): (&Key, &Outcomes)| {
        let key = vec![Cell::Date(*day), Cell::text(s1sp), party(*of), kind(*dormant)];
        [key, figures(outcomes)].concat()
    };
    let keys = vec![
        Column::of(Kind::Date, "date", "Day", "The Migration Day."),
        Column::text("s1sp", "S1SP", "The S1SP that carries the schedule out."),
        SUPPLIER,
        KIND,
    ];
    Table {
        id: "days",
        title: "Outcomes by day and supplier",
        about: "A row is one day, S1SP, supplier and kind.",
        columns: [keys, FIGURES.to_vec()].concat(),
        rows: groups.iter().map(row).collect(),
        totals: Totals::Sums,
        empty: "Nothing is scheduled for these days.",
        charts: vec![chart(counts)],
    }
}

/// More days than this are drawn week by week.
const DAYS_DRAWN: usize = 21;

const SERIES: [Series; 6] = [
    Series { name: "Migrated", tone: Tone::Migrated },
    Series { name: "Failed", tone: Tone::Failed },
    Series { name: "Not attempted", tone: Tone::Lost2 },
    Series { name: "Unknown", tone: Tone::Lost1 },
    Series { name: "Under way", tone: Tone::Scheduled },
    Series { name: "Not reported yet", tone: Tone::Open },
];

fn series(of: &Outcomes) -> Vec<u64> {
    vec![of.migrated, of.failed, of.not_attempted, of.unknown, of.started, of.pending]
}

/// What became of the scheduled installations of some groups.
fn drawn(title: String, named: &[(String, &Outcomes)], form: Form) -> Chart {
    let bar = |(name, outcomes): &(String, &Outcomes)| Bar {
        figure: Some(format!("{} of {}", number(outcomes.migrated), number(outcomes.scheduled()))),
        ..Bar::new(name, series(outcomes))
    };
    Chart {
        title,
        measure: "Scheduled installations by what became of them; at the end, migrated of scheduled",
        unit: if form == Form::Shares { "share" } else { "installations" },
        form,
        series: SERIES.to_vec(),
        bars: named.iter().map(bar).collect(),
    }
}

fn chart(counts: &[OutcomeCount]) -> Chart {
    let days = grouped(counts, |count| Some(count.date));
    let weeks = grouped(counts, |count| Some(monday(count.date)));
    let named: Vec<(String, &Outcomes)> = if days.len() > DAYS_DRAWN {
        weeks.iter().map(|(week, of)| (week_label(*week), of)).collect()
    } else {
        days.iter().map(|(day, of)| (day.strftime("%a %-d %b %Y").to_string(), of)).collect()
    };
    let back = least(named.iter().map(|(name, of)| (name, of.migrated, of.migrated + of.failed)));
    let title = match back {
        Some((name, share)) => format!("{name} has the lowest success rate: {share}"),
        None => "What became of the scheduled installations".to_owned(),
    };
    drawn(title, &named, Form::Stacked)
}

/// Both kinds of a supplier together; the title names who had most failures.
fn chart_of_suppliers(counts: &[OutcomeCount]) -> Chart {
    let parties = grouped(counts, |count| Some(count.party));
    let name = |party: &Option<Party>| party.map_or_else(|| "No supplier".to_owned(), |party| party.to_string());
    let named: Vec<(String, &Outcomes)> = parties.iter().map(|(party, of)| (name(party), of)).collect();
    let most = named.iter().filter(|(_, of)| of.failed > 0).max_by_key(|(_, of)| of.failed);
    let title = match most {
        Some((name, outcomes)) => {
            let failed = of(outcomes.failed, outcomes.migrated + outcomes.failed);
            format!("{name} had most failures: {failed} of those attempted")
        }
        None => "No failure was reported".to_owned(),
    };
    drawn(title, &named, Form::Shares)
}

fn suppliers(counts: &[OutcomeCount]) -> Table {
    let groups = grouped(counts, |count| Some((count.party, count.dormant)));
    let row = |((of, dormant), outcomes): (&(Option<Party>, bool), &Outcomes)| {
        [vec![party(*of), kind(*dormant)], figures(outcomes)].concat()
    };
    let keys = vec![SUPPLIER, KIND];
    Table {
        id: "suppliers",
        title: "Outcomes by supplier",
        about: "A row is one supplier and kind, all days and S1SPs together.",
        columns: [keys, FIGURES.to_vec()].concat(),
        rows: groups.iter().map(row).collect(),
        totals: Totals::Sums,
        empty: "Nothing is scheduled for these days.",
        charts: vec![chart_of_suppliers(counts)],
    }
}

/// Who acts on a failure, by the table of outcome codes; empty where it says nothing.
fn who_acts(codes: &[OutcomeCode], code: &str, stage: &str) -> String {
    OutcomeCode::of(codes, code, stage).map_or_else(String::new, |known| known.who_acts.to_string())
}

fn by_code(failures: &[FailureCount], codes: &[OutcomeCode]) -> Table {
    let row = |failure: &FailureCount| {
        vec![
            Cell::text(if failure.code.is_empty() { "(none given)" } else { &failure.code }),
            Cell::text(&failure.stage),
            Cell::text(failure.s1sp),
            Cell::Text(who_acts(codes, &failure.code, &failure.stage)),
            Cell::Number(failure.count),
            Cell::Number(failure.attempts),
        ]
    };
    Table {
        id: "failures",
        title: "Failures by code and stage",
        about: "Why installations failed, as the S1SP reported it.",
        columns: vec![
            Column::text("code", "Code", "The S1SP's code."),
            Column::text("stage", "Stage", "VALIDATION, DEVICE_TEST or COMMISSIONING."),
            Column::text("s1sp", "S1SP", "Who reported it."),
            Column::text("who_acts", "Who acts", "By the table of outcome codes; empty where no table says so."),
            Column::number("failed", "Failed", "Installations: together as many as failed in the other tables."),
            Column::number("attempts", "Count as attempts", "Of them, those that count towards exclusion (OUT-2)."),
        ],
        rows: failures.iter().map(row).collect(),
        totals: Totals::Sums,
        empty: "No failure was reported.",
        charts: Vec::new(),
    }
}
