//! Units that did not become a migration, and why.

pub(crate) mod places;

use crate::act::work::Look;
use crate::books::calendar::local_date;
use crate::error::Result;
use crate::read::reports::idle::places::{
    DCC, FAILED, HANDED_BACK, INCOMPLETE, LAPSED, NOT_ASKED, NOT_ATTEMPTED, NOT_AUTHORISED, REASONS, STOPPED, UNKNOWN,
    WITHDRAWN, attribute_reserve,
};
use crate::read::reports::idle::places::{DayFacts, FreeFacts, Use, attribute, attribute_free};
use crate::read::reports::outcomes::{Outcomes, grouped};
use crate::read::reports::parts::{Days, Entry, Parts, Readers, least, lower, monday, of, share};
use crate::read::reports::weeks::{base_versions, wanted};
use jiff::civil::Date;
use sluice_rules::authorisation::state::State;
use sluice_rules::calendar::days_of_week;
use sluice_rules::party::{Party, S1sp};
use sluice_store::tables::reports::days::{self, GivenUp};
use sluice_store::tables::reports::{Sight, dormant};
use sluice_store::tables::{results, schedules, weeks};
use sluice_wire::report::{Bar, Cell, Chart, Column, Form, Kind, Series, Table, Tone, Totals, grouped as number};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const ENTRY: Entry = Entry {
    name: "idle",
    title: "Units left idle, and why",
    about: &[
        "A unit is the right to have one installation migrated on one day. This report follows every unit of the weeks whose \
         result is firm: it became a migration, it is still open, or it was idle, each with one reason.",
        "A day's units are open until its schedule is locked or the day is over. Of an idle unit the first reason that \
         applies counts, in the order of the columns from 'Failed' on.",
    ],
    days: Days::Period,
    readers: Readers::Suppliers,
    make,
};

/// Whose units they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Whose {
    Supplier(Party),
    Nobody,
    Reserve,
}

type Key = (Date, S1sp, Whose);

/// Everything that is known of the days.
#[derive(Default)]
struct Facts {
    suppliers: BTreeMap<(S1sp, Date, Party), DayFacts>,
    free: BTreeMap<(S1sp, Date), FreeFacts>,
    dormant: BTreeMap<(S1sp, Date), Outcomes>,
    stopped: BTreeMap<(S1sp, Date), u64>,
    reserve: BTreeMap<(S1sp, Date), u64>,
}

fn make(work: &mut Look<'_>, sight: &Sight) -> Result<Parts> {
    let facts = load(work, sight)?;
    let mut found: BTreeMap<Key, Use> = BTreeMap::new();
    for ((s1sp, day, party), day_facts) in &facts.suppliers {
        found.entry((monday(*day), *s1sp, Whose::Supplier(*party))).or_default().add(&attribute(day_facts));
    }
    for ((s1sp, day), free) in &facts.free {
        found.entry((monday(*day), *s1sp, Whose::Nobody)).or_default().add(&attribute_free(free));
    }
    for ((s1sp, day), reserve) in &facts.reserve {
        let closed = facts.free.get(&(*s1sp, *day)).is_some_and(|free| free.closed);
        let outcomes = facts.dormant.get(&(*s1sp, *day)).copied().unwrap_or_default();
        let stopped = facts.stopped.get(&(*s1sp, *day)).copied().unwrap_or(0);
        let used = attribute_reserve(*reserve, outcomes, stopped, closed);
        found.entry((monday(*day), *s1sp, Whose::Reserve)).or_default().add(&used);
    }
    found.retain(|_, used| used.units + used.beyond > 0);
    let mut holders: BTreeMap<Whose, Use> = BTreeMap::new();
    let mut all = Use::default();
    for ((.., whose), used) in &found {
        holders.entry(*whose).or_default().add(used);
        all.add(used);
    }
    let tables = vec![reasons(&all), by_holder(&holders), table(&found)];
    Ok(Parts { verdict: verdict(&all), notes: notes(sight, &found), tables, main: "idle" })
}

/// The reasons of idle units, most first.
fn by_count(all: &Use) -> Vec<(&'static str, u64)> {
    let mut found: Vec<_> = REASONS.iter().zip(all.reasons).map(|(column, count)| (column.name, count)).collect();
    found.retain(|(_, count)| *count > 0);
    found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    found
}

fn verdict(all: &Use) -> String {
    let words: Vec<String> = by_count(all)
        .iter()
        .take(3)
        .map(|(name, count)| format!("{} ({})", lower_but_names(name), number(*count)))
        .collect();
    let most = if words.is_empty() { String::new() } else { format!(" Most often: {}.", words.join(", ")) };
    format!("{} units were idle; {} are still open.{most}", of(all.idle(), all.units), number(all.open))
}

/// A reason within a sentence.
fn lower_but_names(name: &str) -> String {
    if name.starts_with("DCC") { name.to_owned() } else { lower(name) }
}

/// All units by what became of them, the reasons of idle ones most first.
fn reasons(all: &Use) -> Table {
    let found = by_count(all);
    let row = |(name, count): &(&'static str, u64)| {
        let about = REASONS.iter().find(|column| column.name == *name).map_or("", |column| column.about);
        let shares = [(all.idle()), (all.units)].map(|whole| Cell::Share { part: *count, whole });
        [Cell::text(name), Cell::Number(*count)].into_iter().chain(shares).chain([Cell::text(about)]).collect()
    };
    Table {
        id: "reasons",
        title: "Why units were idle",
        about: "A row is one reason, all weeks and suppliers together.",
        columns: vec![
            Column::text("reason", "Reason", "The first that applies, in the order of the columns of the last table."),
            Column::number("units", "Units", "Idle units with this reason."),
            Column::of(Kind::Share, "share", "Of idle units", "Their share of all idle units."),
            Column::of(Kind::Share, "of_units", "Of all units", "Their share of all units."),
            Column::text("meaning", "What it means", "In short."),
        ],
        rows: found.iter().map(row).collect(),
        totals: Totals::Given(vec![
            Cell::text("Total"),
            Cell::Number(all.idle()),
            Cell::Share { part: all.idle(), whole: all.idle() },
            Cell::Share { part: all.idle(), whole: all.units },
            Cell::Empty,
        ]),
        empty: "No unit was idle.",
        charts: vec![Chart {
            title: found.first().map_or_else(String::new, |(name, count)| {
                format!("{name}: {} idle units, the most of all reasons", of(*count, all.idle()))
            }),
            measure: "Idle units by reason",
            unit: "units",
            form: Form::Stacked,
            series: vec![Series { name: "Idle", tone: Tone::Lost1 }],
            bars: found.iter().map(|(name, count)| Bar::new(*name, vec![*count])).collect(),
        }],
    }
}

const WHOSE: Column = Column::text(
    "whose",
    "Whose",
    "The supplier; '(nobody)' for capacity that no supplier has, '(Dormant reserve)' for what DCC plans itself.",
);

fn by_holder(holders: &BTreeMap<Whose, Use>) -> Table {
    let row = |(whose, used): (&Whose, &Use)| [vec![Cell::text(name(*whose))], cells(used)].concat();
    Table {
        id: "holders",
        title: "Units by supplier",
        about: "A row is the units of one supplier, all weeks and S1SPs together.",
        columns: [vec![WHOSE], columns()].concat(),
        rows: holders.iter().map(row).collect(),
        totals: Totals::Sums,
        empty: "No week in this period has a firm result, so there are no units yet.",
        charts: vec![chart(holders)],
    }
}

fn notes(sight: &Sight, found: &BTreeMap<Key, Use>) -> Vec<String> {
    if sight.sees_all() {
        let taken: u64 =
            found.iter().filter(|((.., whose), _)| *whose == Whose::Reserve).map(|(_, used)| used.beyond).sum();
        let words = "took places that suppliers had left (DMT-1). They stand under Beyond in the line \
                     of the Dormant reserve: so many idle units of the other lines were used after all.";
        return if taken > 0 {
            vec![format!("{} {words}", crate::words::count(taken, "Dormant installation"))]
        } else {
            Vec::new()
        };
    }
    vec![
        "You see your own units. What nobody has, and the Dormant reserve, are facts of the pool and DCC's (MSM-14)."
            .to_owned(),
    ]
}

fn load(work: &mut Look<'_>, sight: &Sight) -> Result<Facts> {
    let today = local_date(work.now);
    let locked: BTreeSet<(S1sp, Date)> =
        schedules::locked(&mut work.tx)?.into_iter().map(|(s1sp, day, ..)| (s1sp, day)).collect();
    let is_closed = |s1sp: S1sp, day: Date| day < today || locked.contains(&(s1sp, day));
    let mut facts = Facts { stopped: dormant::stopped(&mut work.tx, sight)?, ..Facts::default() };
    let mut firm = BTreeSet::new();
    for ((week, s1sp), version) in base_versions(work, sight)? {
        if version.firm_at.is_none() {
            continue;
        }
        firm.insert((week, s1sp));
        load_week(work, sight, (week, s1sp), &version, &mut facts)?;
    }
    let counts = days::outcomes(&mut work.tx, sight)?;
    let authorised =
        |count: &days::OutcomeCount| Some((count.s1sp, count.date, count.party?)).filter(|_| !count.dormant);
    for ((s1sp, day, party), outcomes) in grouped(&counts, authorised) {
        if firm.contains(&(monday(day), s1sp)) {
            facts.suppliers.entry((s1sp, day, party)).or_default().outcomes = outcomes;
        }
    }
    facts.dormant = grouped(&counts, |count| count.dormant.then_some((count.s1sp, count.date)));
    for (s1sp, day, party, units) in days::in_use(&mut work.tx, sight)? {
        if firm.contains(&(monday(day), s1sp)) {
            facts.suppliers.entry((s1sp, day, party)).or_default().in_use = units;
        }
    }
    for given in days::given_up(&mut work.tx, sight)? {
        if firm.contains(&(monday(given.date), given.s1sp)) {
            count_given_up(facts.suppliers.entry((given.s1sp, given.date, given.party)).or_default(), &given);
        }
    }
    for ((s1sp, day, _), supplier) in &mut facts.suppliers {
        supplier.locked = locked.contains(&(*s1sp, *day));
        supplier.closed = is_closed(*s1sp, *day);
    }
    for ((s1sp, day), free) in &mut facts.free {
        free.closed = is_closed(*s1sp, *day);
    }
    Ok(facts)
}

/// The allocations of a firm week, and to DCC and observers what nobody has of it.
fn load_week(
    work: &mut Look<'_>,
    sight: &Sight,
    (week, s1sp): (Date, S1sp),
    version: &results::ResultRecord,
    facts: &mut Facts,
) -> Result<()> {
    let (first, last) = (week, days_of_week(week)?[6]);
    let allocations = results::allocations(&mut work.tx, &s1sp, first, last)?;
    for record in allocations.iter().filter(|record| sight.covers(s1sp, record.date)) {
        facts.suppliers.entry((s1sp, record.date, record.party)).or_default().units = record.units;
    }
    if !sight.sees_all() {
        return Ok(());
    }
    let wanted = wanted(work, (week, s1sp), version)?;
    for (day, capacity) in weeks::capacity(&mut work.tx, &s1sp, first, last)? {
        if !sight.covers(s1sp, day) {
            continue;
        }
        let of_day: Vec<_> = allocations.iter().filter(|record| record.date == day).collect();
        let held: u64 = of_day.iter().map(|record| record.units).sum();
        let unmet = |((_, party), counted): (&(Date, Party), &u64)| {
            let record = of_day.iter().find(|record| record.party == *party);
            let gave = record.is_some_and(|record| record.handed_back > 0);
            if gave { 0 } else { counted.saturating_sub(record.map_or(0, |record| record.units)) }
        };
        let free = FreeFacts {
            free: capacity.available().saturating_sub(held),
            handed_back: of_day.iter().map(|record| record.handed_back).sum(),
            unmet: wanted.iter().filter(|((date, _), _)| *date == day).map(unmet).sum(),
            closed: false,
        };
        facts.free.insert((s1sp, day), free);
        facts.reserve.insert((s1sp, day), capacity.reserve());
    }
    Ok(())
}

fn count_given_up(facts: &mut DayFacts, given: &GivenUp) {
    match given.became {
        State::Deferred => facts.deferred += given.count,
        State::Stopped => facts.stopped += given.count,
        State::Lapsed => facts.lapsed += given.count,
        State::Expired => facts.expired += given.count,
        _ => facts.withdrawn += given.count,
    }
}

fn columns() -> Vec<Column> {
    let mut columns = vec![
        Column::number(
            "units",
            "Units",
            "The allocation as it is now; of nobody, the capacity that is left; of the reserve, the reserve.",
        ),
        Column::number(
            "beyond",
            "Beyond",
            "Installations that were under way when a cut took their units; of the reserve, Dormant installations that took places that suppliers had left (DMT-1).",
        ),
        Column::number("migrated", "Migrated", "Units that became a migration."),
        Column::number(
            "open",
            "Still open",
            "In the schedule without an outcome yet, or of a day that is not locked and not over.",
        ),
        Column::number("idle", "Idle", "Units + Beyond − Migrated − Still open: the sum of the reasons that follow."),
        Column::of(Kind::Share, "idle_share", "Idle share", "Idle of Units."),
    ];
    columns.extend(REASONS);
    columns
}

fn cells(used: &Use) -> Vec<Cell> {
    let numbers = [used.units, used.beyond, used.migrated, used.open, used.idle()].map(Cell::Number);
    let share = Cell::Share { part: used.idle(), whole: used.units };
    numbers.into_iter().chain([share]).chain(used.reasons.map(Cell::Number)).collect()
}

fn table(found: &BTreeMap<Key, Use>) -> Table {
    let row = |((week, s1sp, whose), used): (&Key, &Use)| {
        [vec![Cell::Date(*week), Cell::text(s1sp), Cell::text(name(*whose))], cells(used)].concat()
    };
    let keys = vec![
        Column::of(Kind::Date, "week", "Week", "The Monday of the Migration Week."),
        Column::text("s1sp", "S1SP", "The S1SP."),
        WHOSE,
    ];
    Table {
        id: "idle",
        title: "Units by week and supplier",
        about: "A row is the units of one supplier in one week at one S1SP.",
        columns: [keys, columns()].concat(),
        rows: found.iter().map(row).collect(),
        totals: Totals::Sums,
        empty: "No week in this period has a firm result, so there are no units yet.",
        charts: Vec::new(),
    }
}

fn name(whose: Whose) -> String {
    match whose {
        Whose::Supplier(party) => party.to_string(),
        Whose::Nobody => "(nobody)".to_owned(),
        Whose::Reserve => "(Dormant reserve)".to_owned(),
    }
}

fn chart(holders: &BTreeMap<Whose, Use>) -> Chart {
    let bar = |(whose, used): (&Whose, &Use)| {
        let of = |places: &[usize]| places.iter().map(|place| used.reasons[*place]).sum();
        let supplier = of(&[LAPSED, INCOMPLETE, WITHDRAWN, NOT_AUTHORISED]);
        let service = of(&[NOT_ATTEMPTED, UNKNOWN, DCC, STOPPED]);
        let unwanted = of(&[HANDED_BACK, NOT_ASKED]);
        Bar {
            figure: Some(format!("{} of {} idle", number(used.idle()), number(used.units))),
            ..Bar::new(name(*whose), vec![used.migrated, used.open, of(&[FAILED]), service, supplier, unwanted])
        }
    };
    let own = holders.iter().filter(|(whose, _)| matches!(whose, Whose::Supplier(_)));
    let back = least(own.map(|(whose, used)| (*whose, used.units.saturating_sub(used.idle()), used.units)));
    Chart {
        title: match back.and_then(|(whose, _)| Some((whose, holders.get(&whose)?))) {
            Some((whose, used)) => {
                format!("{} left the largest share of its units idle: {}", name(whose), share(used.idle(), used.units))
            }
            None => "What became of the units".to_owned(),
        },
        measure: "Share of the units by what became of them, all weeks together; at the end, idle of all",
        unit: "share",
        form: Form::Shares,
        series: vec![
            Series { name: "Migrated", tone: Tone::Migrated },
            Series { name: "Still open", tone: Tone::Open },
            Series { name: "Failed", tone: Tone::Failed },
            Series { name: "Idle by DCC or the S1SP", tone: Tone::Heavy },
            Series { name: "Lapsed, incomplete, withdrawn or not authorised", tone: Tone::Lost2 },
            Series { name: "Handed back or not asked", tone: Tone::Lost3 },
        ],
        bars: holders.iter().map(bar).collect(),
    }
}
