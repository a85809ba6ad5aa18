//! How DCC itself kept to the rules: missed milestones, overrides, waivers, stops.

mod acts;
mod decisions;
pub(crate) mod event;
pub(crate) mod events;

use crate::act::work::Look;
use crate::error::Result;
use crate::read::reports::conduct::event::{ConductEvent, What};
use crate::read::reports::parts::{Days, Entry, Parts, Readers};
use sluice_store::tables::reports::Sight;
use sluice_wire::report::{Cell, Chart, Column, Kind, Table};
use std::collections::BTreeMap;

pub(crate) const ENTRY: Entry = Entry {
    name: "conduct",
    title: "DCC's own conduct",
    about: &[
        "Where DCC missed a deadline of its own, moved a milestone, changed a capacity after the firm result, took a file that \
         had been refused, undid an import, waived the age of reference data, stopped migrations, or left a signature open; \
         and what was escalated.",
        "An event counts to the day or week that it is about; without one, to the day on which it happened.",
    ],
    days: Days::Period,
    readers: Readers::Everyone,
    make,
};

fn make(work: &mut Look<'_>, sight: &Sight) -> Result<Parts> {
    let events = crate::read::reports::conduct::events::load(work, sight)?;
    let mut notes = Vec::new();
    if !sight.sees_all() {
        let words = match sight.provider() {
            Some(s1sp) => format!("You see, without names, what is for everyone, and what {s1sp} was told of."),
            None => "You see, without names, what is for everyone: missed and moved milestones, and that capacities \
                     changed; and the responsibility events and exclusions that you had a notice of."
                .to_owned(),
        };
        notes.push(words);
    }
    let untold = crate::read::reports::conduct::events::untold(work)?;
    if untold > 0 {
        let acts = crate::words::count(untold, "act");
        notes.push(format!("{acts} may be missing here and in the counts: the details are erased from the record."));
    }
    Ok(Parts { notes, tables: vec![list(&events), summary(&events)] })
}

fn list(events: &[ConductEvent]) -> Table {
    let row = |event: &ConductEvent| {
        vec![
            Cell::Moment(event.at),
            Cell::text(event.what.words()),
            event.s1sp.map_or(Cell::Empty, Cell::text),
            Cell::opt_date(event.day),
            Cell::text(&event.words),
            Cell::text(&event.late),
            Cell::text(&event.by),
            Cell::text(&event.rule),
        ]
    };
    Table {
        id: "events",
        title: "Events",
        about: "A row is one event, oldest first.",
        columns: vec![
            Column::of(
                Kind::Moment,
                "at",
                "When",
                "When it happened; of a deadline that is still missed, when it was due.",
            ),
            Column::text("kind", "Kind", "What kind of event it is."),
            Column::text("s1sp", "S1SP", "The S1SP; empty where it is about all."),
            Column::of(Kind::Date, "day", "About", "The day, or the Monday of the week, that it is about."),
            Column::text("what", "What happened", "In words; reasons are the operators' own."),
            Column::text(
                "late",
                "How late",
                "How long after its deadline it was done, or how long it is missed by now; empty where it cannot come any more.",
            ),
            Column::text("by", "By", "Who did it; for DCC and observers only."),
            Column::text("rule", "Rule", "The rule that it is about."),
        ],
        rows: events.iter().map(row).collect(),
        totals: false,
        empty: "Nothing of this kind happened.",
        charts: Vec::new(),
    }
}

fn summary(events: &[ConductEvent]) -> Table {
    let mut sums: BTreeMap<What, u64> = BTreeMap::new();
    events.iter().for_each(|event| *sums.entry(event.what).or_default() += 1);
    let row = |(what, count): (&What, &u64)| vec![Cell::text(what.words()), Cell::Number(*count)];
    Table {
        id: "kinds",
        title: "By kind",
        about: "The same events, counted.",
        columns: vec![
            Column::text("kind", "Kind", "What kind of event it is."),
            Column::number("events", "Events", "How many."),
        ],
        rows: sums.iter().map(row).collect(),
        totals: true,
        empty: "Nothing of this kind happened.",
        charts: vec![Chart {
            title: "Events by kind".to_owned(),
            unit: "events",
            stacked: true,
            series: vec!["Events"],
            bars: sums.iter().map(|(what, count)| (what.words().to_owned(), vec![*count])).collect(),
        }],
    }
}
