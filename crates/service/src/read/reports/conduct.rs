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
use sluice_wire::report::{Bar, Cell, Chart, Column, Form, Kind, Series, Table, Tone, Totals};
use std::collections::BTreeMap;

pub(crate) const ENTRY: Entry = Entry {
    name: "conduct",
    title: "DCC's own conduct",
    about: &[
        "Where DCC missed a deadline of its own, moved a milestone, closed a week without a result, changed a capacity after \
         the firm result, took a file that had been refused, undid an import, ended or opened intake under a User ID, waived the age of reference data, stopped migrations, or left a signature open. \
         What S1SPs failed to do, and was escalated, stands apart.",
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
            None => {
                "You see, without names, what is for everyone: missed and moved milestones, closed weeks, and that \
                     capacities changed; and the responsibility events and exclusions that you had a notice of."
                    .to_owned()
            }
        };
        notes.push(words);
    }
    let untold = crate::read::reports::conduct::events::untold(work)?;
    if untold > 0 {
        let acts = crate::words::count(untold, "act");
        notes.push(format!("{acts} may be missing here and in the counts: the details are erased from the record."));
    }
    let (of_s1sps, of_dcc): (Vec<_>, Vec<_>) = events.into_iter().partition(ConductEvent::is_of_s1sp);
    let mut tables = vec![summary(&of_dcc, &of_s1sps), list(&of_dcc, &DCC)];
    let mut verdict = verdict(&of_dcc);
    // MSM-14: what an S1SP failed to do is not told to suppliers.
    if sight.party().is_none() {
        verdict.push_str(&match of_s1sps.len() {
            0 => " No failure of an S1SP was escalated.".to_owned(),
            failures => format!(" Apart from that, S1SPs failed in {}.", crate::words::count(failures, "matter")),
        });
        tables.push(list(&of_s1sps, &S1SPS));
    }
    Ok(Parts { verdict, notes, tables, main: "events" })
}

/// How DCC kept to its deadlines, and what it decided beside the rules' own course.
fn verdict(of_dcc: &[ConductEvent]) -> String {
    let missed = of_dcc.iter().filter(|event| event.what.is_missed()).count();
    let done = of_dcc.len() - missed;
    let late = match missed {
        0 => "DCC missed none of its own deadlines".to_owned(),
        _ => format!("DCC missed {} of its own", crate::words::count(missed, "deadline")),
    };
    format!("{late}. It took {} outside the usual course.", crate::words::count(done, "decision"))
}

/// A table of events.
struct Listed {
    /// With how late it was, and by whom?
    of_dcc: bool,
    id: &'static str,
    title: &'static str,
    about: &'static str,
    empty: &'static str,
}

const DCC: Listed = Listed {
    of_dcc: true,
    id: "events",
    title: "What DCC missed or decided",
    about: "A row is one event, oldest first.",
    empty: "Nothing of this kind happened.",
};

const S1SPS: Listed = Listed {
    of_dcc: false,
    id: "s1sps",
    title: "What S1SPs failed to do",
    about: "A row is one failure of an S1SP that was escalated, oldest first. They are no conduct of DCC's.",
    empty: "No failure of an S1SP was escalated.",
};

fn list(events: &[ConductEvent], listed: &Listed) -> Table {
    let row = |event: &ConductEvent| {
        let of_dcc = [Cell::text(&event.late), Cell::text(&event.by)];
        let first = [
            Cell::Moment(event.at),
            Cell::text(event.what.words()),
            event.s1sp.map_or(Cell::Empty, Cell::text),
            Cell::opt_date(event.day),
            Cell::text(&event.words),
        ];
        let of_dcc = of_dcc.into_iter().filter(|_| listed.of_dcc);
        first.into_iter().chain(of_dcc).chain([Cell::text(&event.rule)]).collect()
    };
    let of_dcc = [
        Column::text(
            "late",
            "How late",
            "How long after its deadline it was done, or how long it is missed by now; empty where it cannot come any more.",
        ),
        Column::text("by", "By", "Who did it; for DCC and observers only."),
    ];
    Table {
        id: listed.id,
        title: listed.title,
        about: listed.about,
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
        ]
        .into_iter()
        .chain(of_dcc.into_iter().filter(|_| listed.of_dcc))
        .chain([Column::text("rule", "Rule", "The rule that it is about.")])
        .collect(),
        rows: events.iter().map(row).collect(),
        totals: Totals::None,
        empty: listed.empty,
        charts: Vec::new(),
    }
}

fn summary(of_dcc: &[ConductEvent], of_s1sps: &[ConductEvent]) -> Table {
    let mut sums: BTreeMap<(&str, What), u64> = BTreeMap::new();
    of_dcc.iter().for_each(|event| *sums.entry(("DCC", event.what)).or_default() += 1);
    of_s1sps.iter().for_each(|event| *sums.entry(("S1SPs", event.what)).or_default() += 1);
    let row = |((whose, what), count): (&(&str, What), &u64)| {
        vec![Cell::text(what.words()), Cell::text(whose), Cell::Number(*count)]
    };
    let own = || sums.iter().filter(|((whose, _), _)| *whose == "DCC");
    let missed = of_dcc.iter().filter(|event| event.what.is_missed()).count();
    Table {
        id: "kinds",
        title: "By kind",
        about: "A row is one kind of event, with how many there are.",
        columns: vec![
            Column::text("kind", "Kind", "What kind of event it is."),
            Column::text("whose", "Whose", "DCC's own, or a failure of S1SPs."),
            Column::number("events", "Events", "How many."),
        ],
        rows: sums.iter().map(row).collect(),
        totals: Totals::Sums,
        empty: "Nothing of this kind happened.",
        charts: vec![Chart {
            title: format!(
                "{} by DCC, {} outside the usual course",
                crate::words::count(missed, "missed deadline"),
                crate::words::count(of_dcc.len() - missed, "decision")
            ),
            measure: "Events of DCC's own conduct by kind",
            unit: "events",
            form: Form::Stacked,
            series: vec![Series { name: "Events", tone: Tone::Lost1 }],
            bars: own().map(|((_, what), count)| Bar::new(what.words(), vec![*count])).collect(),
        }],
    }
}
