//! Exclusions by category (EXC-1).

use crate::act::work::Look;
use crate::books::calendar::local_date;
use crate::error::Result;
use crate::read::reports::parts::{Days, Entry, Parts, Readers};
use sluice_rules::party::S1sp;
use sluice_rules::reference::ExclusionCategory;
use sluice_store::tables::reports::Sight;
use sluice_store::tables::reports::programme::{self, ExclusionCount};
use sluice_wire::report::{Bar, Cell, Chart, Column, Form, Kind, Series, Table, Tone, Totals, grouped};
use std::collections::BTreeMap;

pub(crate) const ENTRY: Entry = Entry {
    name: "exclusions",
    title: "Exclusions",
    about: &[
        "What is kept from being migrated, by category, meter and origin. An exclusion of one meter leaves the other one to be \
         migrated alone (OUT-3). An installation with exclusions of two origins is in both their lines.",
    ],
    days: Days::Standing,
    readers: Readers::Suppliers,
    make,
};

fn make(work: &mut Look<'_>, sight: &Sight) -> Result<Parts> {
    let counts = programme::exclusions(&mut work.tx, sight, local_date(work.now))?;
    let note = sight
        .party()
        .map(|party| format!("You see installations of which {party} supplies a meter, by the inventory."));
    let tables = vec![table(&counts, &work.books.categories)];
    Ok(Parts { verdict: verdict(&counts), notes: note.into_iter().collect(), tables, main: "exclusions" })
}

fn verdict(counts: &[(S1sp, ExclusionCount)]) -> String {
    let in_force: u64 = counts.iter().map(|(_, count)| count.in_force).sum();
    let later: u64 = counts.iter().map(|(_, count)| count.count - count.in_force).sum();
    let most = most(counts).map_or_else(String::new, |(category, count)| {
        format!(" Most are of the category {category} ({}).", grouped(count))
    });
    format!("{} exclusions are in force, {} hold from a later day on.{most}", grouped(in_force), grouped(later))
}

/// The category with the most exclusions.
fn most(counts: &[(S1sp, ExclusionCount)]) -> Option<(&str, u64)> {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    counts.iter().for_each(|(_, count)| *sums.entry(&count.category).or_default() += count.count);
    sums.into_iter().max_by_key(|(category, count)| (*count, std::cmp::Reverse(*category)))
}

fn table(counts: &[(S1sp, ExclusionCount)], categories: &[ExclusionCategory]) -> Table {
    let meaning = |name: &str| {
        let known = categories.iter().find(|category| category.name.eq_ignore_ascii_case(name));
        known.map_or_else(|| "a word of the imported table".to_owned(), |category| category.meaning.clone())
    };
    let row = |(s1sp, count): &(S1sp, ExclusionCount)| {
        vec![
            Cell::text(&count.category),
            Cell::text(s1sp),
            Cell::text(if count.fuel.is_empty() { "installation" } else { &count.fuel }),
            Cell::text(&count.origin),
            Cell::Number(count.count),
            Cell::Number(count.in_force),
            Cell::Number(count.count - count.in_force),
            Cell::Date(count.first),
            Cell::Date(count.last),
            Cell::Text(meaning(&count.category)),
        ]
    };
    let mut bars: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for (_, count) in counts {
        let place = usize::from(!count.fuel.is_empty());
        bars.entry(&count.category).or_insert_with(|| vec![0; 2])[place] += count.count;
    }
    Table {
        id: "exclusions",
        title: "Exclusions by category",
        about: "A row is one category, S1SP, meter and origin.",
        columns: vec![
            Column::text("category", "Category", "The category; the dated list of them is rulebook data."),
            Column::text("s1sp", "S1SP", "The S1SP of the installation."),
            Column::text("what", "What", "The installation, or one meter of it."),
            Column::text("origin", "Origin", "IMPORT, or the rule by which it was decided here."),
            Column::number("exclusions", "Exclusions", "How many: the sum of the next two."),
            Column::number("in_force", "In force", "Those that hold today."),
            Column::number("later", "Later", "Those that hold from a later date on."),
            Column::of(Kind::Date, "first", "First from", "The earliest date from which one holds."),
            Column::of(Kind::Date, "last", "Last from", "The latest such date."),
            Column::text("meaning", "What it means", "By the list of categories."),
        ],
        rows: counts.iter().map(row).collect(),
        totals: Totals::Sums,
        empty: "Nothing is excluded.",
        charts: vec![Chart {
            title: most(counts).map_or_else(String::new, |(category, count)| {
                format!("Most are of the category {category}: {}", grouped(count))
            }),
            measure: "Exclusions by category, in force or to come",
            unit: "exclusions",
            form: Form::Stacked,
            series: vec![
                Series { name: "Whole installations", tone: Tone::Lost1 },
                Series { name: "Single meters", tone: Tone::Lost3 },
            ],
            bars: bars.into_iter().map(|(category, counts)| Bar::new(category, counts)).collect(),
        }],
    }
}
