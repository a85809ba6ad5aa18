//! Daily outcomes by supplier (OUT-1, OUT-2).

use crate::act::work::Look;
use crate::error::Result;
use crate::read::reports::parts::{Days, Entry, Parts, Readers, monday, week_label};
use jiff::civil::Date;
use sluice_rules::party::{Party, S1sp};
use sluice_store::tables::attempts::{self, OutcomeCode};
use sluice_store::tables::reports::Sight;
use sluice_store::tables::reports::days::{self, FailureCount, OutcomeCount};
use sluice_wire::report::{Cell, Chart, Column, Kind, Table};
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
    Ok(Parts { notes, tables: vec![daily(&counts), suppliers(&counts), by_code(&failures, &codes)] })
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
        Column::text(
            "party",
            "Supplier",
            "Whose unit it used (the Lead Supplier, MAM-2); of a Dormant installation, who supplies it.",
        ),
        Column::text("kind", "Kind", "AUTHORISED by suppliers, or DORMANT and planned by DCC."),
    ];
    Table {
        id: "days",
        title: "Outcomes by day and supplier",
        about: "A row is one day, S1SP, supplier and kind.",
        columns: [keys, FIGURES.to_vec()].concat(),
        rows: groups.iter().map(row).collect(),
        totals: true,
        empty: "Nothing is scheduled for these days.",
        charts: vec![chart(counts)],
    }
}

/// More days than this are drawn week by week.
const DAYS_DRAWN: usize = 21;

const SERIES: [&str; 6] = ["Migrated", "Failed", "Not attempted", "Unknown", "Under way", "Not reported yet"];

fn series(of: &Outcomes) -> Vec<u64> {
    vec![of.migrated, of.failed, of.not_attempted, of.unknown, of.started, of.pending]
}

fn chart(counts: &[OutcomeCount]) -> Chart {
    let days = grouped(counts, |count| Some(count.date));
    let bars = if days.len() > DAYS_DRAWN {
        let weeks = grouped(counts, |count| Some(monday(count.date)));
        weeks.iter().map(|(week, of)| (week_label(*week), series(of))).collect()
    } else {
        days.iter().map(|(day, of)| (day.strftime("%a %-d %b %Y").to_string(), series(of))).collect()
    };
    let title = "Outcomes of the scheduled installations over time".to_owned();
    Chart { title, unit: "installations", stacked: true, series: SERIES.to_vec(), bars }
}

fn suppliers(counts: &[OutcomeCount]) -> Table {
    let groups = grouped(counts, |count| Some((count.party, count.dormant)));
    let row = |((of, dormant), outcomes): (&(Option<Party>, bool), &Outcomes)| {
        [vec![party(*of), kind(*dormant)], figures(outcomes)].concat()
    };
    let keys = vec![Column::text("party", "Supplier", "As above."), Column::text("kind", "Kind", "As above.")];
    let named = |((of, dormant), outcomes): (&(Option<Party>, bool), &Outcomes)| {
        let name = of.map_or_else(|| "no supplier".to_owned(), |party| party.to_string());
        (if *dormant { format!("{name}, Dormant") } else { name }, series(outcomes))
    };
    Table {
        id: "suppliers",
        title: "Outcomes by supplier",
        about: "The same figures, all days and S1SPs together.",
        columns: [keys, FIGURES.to_vec()].concat(),
        rows: groups.iter().map(row).collect(),
        totals: true,
        empty: "Nothing is scheduled for these days.",
        charts: vec![Chart {
            title: "Outcomes of the scheduled installations by supplier".to_owned(),
            unit: "installations",
            stacked: true,
            series: SERIES.to_vec(),
            bars: groups.iter().map(named).collect(),
        }],
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
            Column::number("failed", "Failed", "Installations: together as many as failed above."),
            Column::number("attempts", "Count as attempts", "Of them, those that count towards exclusion (OUT-2)."),
        ],
        rows: failures.iter().map(row).collect(),
        totals: true,
        empty: "No failure was reported.",
        charts: Vec::new(),
    }
}
