//! What waits, why, and since when.

use crate::act::work::Look;
use crate::books::calendar::local_date;
use crate::books::terms::MamTerms;
use crate::error::Result;
use crate::facts::who;
use crate::read::reports::parts::{Days, Entry, Parts, Readers, lower};
use jiff::Span;
use sluice_rules::codes::RowCode;
use sluice_rules::party::Party;
use sluice_rules::rulebook::Document;
use sluice_store::tables::attempts::{self, OutcomeCode};
use sluice_store::tables::reports::Sight;
use sluice_store::tables::reports::programme::{self, Waiting};
use sluice_wire::report::{Bar, Cell, Chart, Column, Form, Series, Table, Tone, Totals, grouped};
use std::collections::BTreeMap;

pub(crate) const ENTRY: Entry = Entry {
    name: "backlog",
    title: "Backlog by age and reason",
    about: &[
        "Installations that somebody asked for and that are neither migrated nor on their way: no row of theirs stands for \
         a day. Each has one reason, the worst where it has several, and an age.",
        "The age counts from the receipt of the oldest live row; where no row is live any more, from the day of the last attempt.",
    ],
    days: Days::Standing,
    readers: Readers::Suppliers,
    make,
};

/// The oldest age of each column but the last, in days.
const AGES: [i64; 4] = [7, 14, 28, 56];

/// Why an installation waits: its place in the order, in words, and in a few words for the chart.
type Reason = (u8, &'static str, &'static str);

fn make(work: &mut Look<'_>, sight: &Sight) -> Result<Parts> {
    let today = local_date(work.now);
    let attempts = match MamTerms::on(work.books, today) {
        Ok(terms) => terms.attempts,
        Err(_) => work.books.latest(Document::Mam)?.number("failed_attempts")?,
    };
    let codes = attempts::outcome_codes(&mut work.tx)?;
    let dates = AGES.map(|days| today.saturating_sub(Span::new().days(days + 1)));
    let all = programme::waiting(&mut work.tx, sight, today, attempts, &dates)?;
    let verdict = verdict(&all, &codes);
    Ok(Parts { verdict, notes: Vec::new(), tables: vec![by_reason(&all, &codes), by_supplier(&all)], main: "reasons" })
}

fn verdict(all: &[Waiting], codes: &[OutcomeCode]) -> String {
    let count = |waiting: &[&Waiting]| waiting.iter().map(|one| one.count).sum::<u64>();
    let everything: Vec<&Waiting> = all.iter().collect();
    let long: Vec<&Waiting> = all.iter().filter(|waiting| waiting.age >= 3).collect();
    let most = by_count(all, codes).into_iter().next();
    let most = most
        .map_or_else(String::new, |(reason, count)| format!(" Most often: {} ({}).", lower(reason.2), grouped(count)));
    format!(
        "{}, {} of them for more than 28 days.{most}",
        match count(&everything) {
            1 => "1 installation waits".to_owned(),
            all => format!("{} installations wait", grouped(all)),
        },
        grouped(count(&long))
    )
}

/// The reasons with their installations, most first.
fn by_count(all: &[Waiting], codes: &[OutcomeCode]) -> Vec<(Reason, u64)> {
    let mut sums: BTreeMap<Reason, u64> = BTreeMap::new();
    all.iter().for_each(|waiting| *sums.entry(reason(waiting, codes).0).or_default() += waiting.count);
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    sums
}

/// The reason, and who acts.
fn reason(waiting: &Waiting, codes: &[OutcomeCode]) -> (Reason, String) {
    let mut who = waiting.state.parse().map_or(who::NOBODY, who::on_state);
    let reason: Reason = match waiting.state.as_str() {
        "UNKNOWN" => (0, "Its outcome is due and not known (OUT-4)", "Outcome not known"),
        "STOPPED" => (1, "A stop order covers it (STOP-1)", "Stopped"),
        "SUSPENDED" => (2, "Its supplier failed, and its row is not adopted yet (MAM-11)", "Not adopted yet"),
        "DEFERRED" => (3, "It lost its unit and is first in line (MSM-12, STOP-1)", "First in line"),
        "HELD" => (4, "It waits for the other Responsible Supplier's row (MAM-1)", "Other supplier's row"),
        "STANDBY" => (5, "It waits for a unit (MAM-3)", "Waits for a unit"),
        _ if waiting.candidate => {
            who = who::on_code(RowCode::MA122);
            (6, "It failed too often: a decision on exclusion is due (OUT-2)", "Decision is due")
        }
        _ if waiting.held => {
            who = who::on_code(RowCode::MA126);
            (7, "It was not migrated, and one of its suppliers holds it (MAM-12)", "On hold")
        }
        _ if waiting.barred => {
            who = who::on_code(RowCode::MA127);
            (8, "It failed, and may be tried again later (MA127)", "Too early to retry")
        }
        "FAILED" => {
            who = who::on_failure(codes, &waiting.code, &waiting.stage);
            (9, "It failed, and may be tried again", "Failed, may be retried")
        }
        _ => (10, "It was not attempted, and may be authorised again", "Not attempted"),
    };
    (reason, who.to_owned())
}

type Ages = [u64; AGES.len() + 1];

fn add<K: Ord>(sums: &mut BTreeMap<K, Ages>, key: K, waiting: &Waiting) {
    let place = usize::try_from(waiting.age).unwrap_or(AGES.len()).min(AGES.len());
    sums.entry(key).or_default()[place] += waiting.count;
}

const FIGURES: [Column; 6] = [
    Column::number("days_7", "Up to 7 days", "Installations of that age."),
    Column::number("days_14", "8 to 14", "Days."),
    Column::number("days_28", "15 to 28", "Days."),
    Column::number("days_56", "29 to 56", "Days."),
    Column::number("older", "Older", "More than 56 days."),
    Column::number("all", "All", "The sum of the ages."),
];

const SERIES: [Series; 5] = [
    Series { name: "Up to 7 days", tone: Tone::Open },
    Series { name: "8 to 14", tone: Tone::Lost3 },
    Series { name: "15 to 28", tone: Tone::Lost2 },
    Series { name: "29 to 56", tone: Tone::Lost1 },
    Series { name: "Older", tone: Tone::Heavy },
];

fn figures(ages: &Ages) -> Vec<Cell> {
    ages.iter().copied().chain([ages.iter().sum()]).map(Cell::Number).collect()
}

fn by_reason(all: &[Waiting], codes: &[OutcomeCode]) -> Table {
    let mut sums: BTreeMap<(Reason, String), Ages> = BTreeMap::new();
    all.iter().for_each(|waiting| add(&mut sums, reason(waiting, codes), waiting));
    let row = |(((_, words, _), who), ages): (&(Reason, String), &Ages)| {
        let who = if who == who::NOBODY { "nobody: it waits" } else { who };
        [vec![Cell::text(words), Cell::text(who)], figures(ages)].concat()
    };
    let keys = vec![
        Column::text("reason", "Reason", "Why it waits."),
        Column::text(
            "who_acts",
            "Who acts",
            "Who can end the waiting; of a failure by the table of outcome codes, the supplier where no table says so.",
        ),
    ];
    let mut bars: BTreeMap<Reason, Vec<u64>> = BTreeMap::new();
    for ((reason, _), ages) in &sums {
        let bar = bars.entry(*reason).or_insert_with(|| vec![0; SERIES.len()]);
        bar.iter_mut().zip(ages).for_each(|(sum, age)| *sum += age);
    }
    let bars = bars.into_iter().map(|((.., short), ages)| Bar::new(short, ages)).collect();
    let title = match by_count(all, codes).first() {
        Some(((.., short), count)) => format!("{short}: {}, the most of all reasons", grouped(*count)),
        None => String::new(),
    };
    Table {
        id: "reasons",
        title: "By reason",
        about: "A row is one reason and who acts on it.",
        columns: [keys, FIGURES.to_vec()].concat(),
        rows: sums.iter().map(row).collect(),
        totals: Totals::Sums,
        empty: "Nothing waits.",
        charts: vec![Chart {
            title,
            measure: "Waiting installations by reason and age",
            unit: "installations",
            form: Form::Stacked,
            series: SERIES.to_vec(),
            bars,
        }],
    }
}

fn by_supplier(all: &[Waiting]) -> Table {
    let mut sums: BTreeMap<Option<Party>, Ages> = BTreeMap::new();
    all.iter().for_each(|waiting| add(&mut sums, waiting.party, waiting));
    let row = |(party, ages): (&Option<Party>, &Ages)| {
        [vec![party.map_or_else(|| Cell::text("(none)"), Cell::text)], figures(ages)].concat()
    };
    Table {
        id: "suppliers",
        title: "By supplier",
        about: "The same installations by the supplier that leads them.",
        columns: [vec![Column::text("party", "Supplier", "The Lead Supplier (MAM-2).")], FIGURES.to_vec()].concat(),
        rows: sums.iter().map(row).collect(),
        totals: Totals::Sums,
        empty: "Nothing waits.",
        charts: Vec::new(),
    }
}
