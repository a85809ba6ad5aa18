//! Planned against actual: each week at each S1SP from forecast to migration.

use crate::act::work::Look;
use crate::error::Result;
use crate::read::reports::outcomes::{Outcomes, grouped};
use crate::read::reports::parts::{Days, Entry, Parts, Readers, least, long, monday, of, week_label};
use crate::responsibility::heirs::{Heirs, moved};
use jiff::civil::Date;
use sluice_rules::calendar::days_of_week;
use sluice_rules::party::{Party, S1sp};
use sluice_store::Scope;
use sluice_store::tables::reports::Sight;
use sluice_store::tables::reports::days::{self, Units};
use sluice_store::tables::results::{self, ResultRecord};
use sluice_store::tables::weeks;
use sluice_wire::report::{
    Bar, Cell, Chart, Column, Form, Kind, Series, Table, Tone, Totals, grouped as grouped_number,
};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const ENTRY: Entry = Entry {
    name: "weeks",
    title: "Planned against actual",
    about: &[
        "How each week at each S1SP went from forecast to migration: what suppliers forecast and asked, what they were \
         allocated, what they authorised of it, what was scheduled, and what was migrated.",
        "A supplier's installations are those that use its units: those that it leads (MAM-2).",
    ],
    days: Days::Period,
    readers: Readers::Suppliers,
    make,
};

/// A week at an S1SP.
#[derive(Debug, Clone, Default)]
struct Week {
    capacity: Option<u64>,
    reserve: Option<u64>,
    /// What suppliers forecast and asked; nothing where it is not published to the reader.
    forecast: Option<u64>,
    demand: Option<u64>,
    counted: Option<u64>,
    allocation: Option<u64>,
    accepted: u64,
    dropped: u64,
    outcomes: Outcomes,
    dormant: Outcomes,
}

impl Week {
    /// What was authorised is scheduled, stands for a day that is not locked, or dropped out.
    fn authorised(&self) -> u64 {
        self.outcomes.scheduled() + self.accepted + self.dropped
    }

    /// Adds what was at another S1SP. What is not known there is not known of both.
    fn add(&mut self, other: &Self) {
        let both = |one: Option<u64>, other: Option<u64>| Some(one? + other?);
        self.capacity = both(self.capacity, other.capacity);
        self.reserve = both(self.reserve, other.reserve);
        self.counted = both(self.counted, other.counted);
        self.allocation = both(self.allocation, other.allocation);
        self.forecast = both(self.forecast, other.forecast);
        self.demand = both(self.demand, other.demand);
        self.accepted += other.accepted;
        self.dropped += other.dropped;
        self.outcomes.join(&other.outcomes);
        self.dormant.join(&other.dormant);
    }
}

type Key = (Date, S1sp);

/// The versions that the weeks' own lines stand in: the firm result, or else the latest one that the reader may see.
pub(crate) fn base_versions(work: &mut Look<'_>, sight: &Sight) -> Result<BTreeMap<Key, ResultRecord>> {
    let mut found = BTreeMap::new();
    for (s1sp, day) in days::known(&mut work.tx, sight)? {
        let key = (monday(day), s1sp);
        if found.contains_key(&key) {
            continue;
        }
        let versions = results::versions(&mut work.tx, &s1sp, key.0)?;
        if let Some(base) = results::base(&versions) {
            found.insert(key, base.clone());
        }
    }
    Ok(found)
}

fn make(work: &mut Look<'_>, sight: &Sight) -> Result<Parts> {
    let mut found: BTreeMap<Key, Week> = BTreeMap::new();
    // MSM-14: what observers cannot see before a result is published is not 0.
    let published = base_versions(work, sight)?;
    let sees_demand = work.tx.scope() != &Scope::Observer;
    for (s1sp, day) in days::known(&mut work.tx, sight)? {
        let key = (monday(day), s1sp);
        let asked = Some(0).filter(|_| sees_demand || published.contains_key(&key));
        found.entry(key).or_insert_with(|| Week { forecast: asked, demand: asked, ..Week::default() });
    }
    let add = |found: &mut BTreeMap<Key, Week>, units: Vec<Units>, change: fn(&mut Week, u64)| {
        for (s1sp, day, _, units) in units {
            change(found.entry((monday(day), s1sp)).or_default(), units);
        }
    };
    add(&mut found, days::forecast(&mut work.tx, sight)?, |week, units| {
        week.forecast = Some(week.forecast.unwrap_or(0) + units)
    });
    add(&mut found, days::demand(&mut work.tx, sight)?, |week, units| {
        week.demand = Some(week.demand.unwrap_or(0) + units)
    });
    add(&mut found, days::accepted(&mut work.tx, sight)?, |week, units| week.accepted += units);
    add(&mut found, days::dropped(&mut work.tx, sight)?, |week, units| week.dropped += units);
    let counts = days::outcomes(&mut work.tx, sight)?;
    for dormant in [false, true] {
        let key = |count: &days::OutcomeCount| (count.dormant == dormant).then(|| (monday(count.date), count.s1sp));
        for (key, outcomes) in grouped(&counts, key) {
            let week = found.entry(key).or_default();
            if dormant { week.dormant = outcomes } else { week.outcomes = outcomes }
        }
    }
    results_of(work, sight, &mut found)?;
    capacities(work, sight, &mut found)?;
    let mut closed = BTreeSet::new();
    for s1sp in sight.s1sps() {
        closed.extend(weeks::closed(&mut work.tx, s1sp)?.into_iter().map(|monday| (monday, *s1sp)));
    }
    let notes = notes(sight, &found, &closed);
    let weeks = by_week(&found);
    Ok(Parts { verdict: verdict(&weeks), notes, tables: vec![weeks_table(&weeks), table(&found)], main: "weeks" })
}

/// All S1SPs of a week together.
fn by_week(found: &BTreeMap<Key, Week>) -> BTreeMap<Date, Week> {
    let mut weeks: BTreeMap<Date, Week> = BTreeMap::new();
    for ((monday, _), week) in found {
        weeks.entry(*monday).and_modify(|sum| sum.add(week)).or_insert_with(|| week.clone());
    }
    weeks
}

/// The weeks in which something is allocated and scheduled: of them it can be said how much became a migration.
fn carried_out(weeks: &BTreeMap<Date, Week>) -> impl Iterator<Item = (Date, u64, u64)> {
    weeks
        .iter()
        .filter(|(_, week)| week.outcomes.scheduled() > 0)
        .filter_map(|(monday, week)| Some((*monday, week.outcomes.migrated, week.allocation?)))
}

fn verdict(weeks: &BTreeMap<Date, Week>) -> String {
    let (mut count, mut migrated, mut allocated) = (0, 0, 0);
    for (_, part, whole) in carried_out(weeks) {
        count += 1;
        migrated += part;
        allocated += whole;
    }
    if count == 0 {
        let asked: Vec<u64> = weeks.values().filter_map(|week| week.demand).collect();
        let demand = grouped_number(asked.iter().sum());
        return match weeks.len() - asked.len() {
            0 => format!("{demand} installations are asked for; nothing is scheduled yet."),
            _ if asked.is_empty() => "What is asked for is not published yet; nothing is scheduled.".to_owned(),
            _ => format!("{demand} installations are asked for, as far as it is published; nothing is scheduled yet."),
        };
    }
    let weeks_of = crate::words::count(count, "week");
    let dormant: u64 = weeks.values().map(|week| week.dormant.migrated).sum();
    let beside = match dormant {
        0 => String::new(),
        1 => ", and 1 Dormant one beside them".to_owned(),
        _ => format!(", and {} Dormant ones beside them", grouped_number(dormant)),
    };
    format!("{} allocated installations were migrated in {weeks_of}{beside}.", of(migrated, allocated))
}

/// The counted demand of all parties by a version, each party's with who has its demand now (MAM-11), as the allocations are.
pub(crate) fn counted(
    work: &mut Look<'_>,
    (week, s1sp): Key,
    version: &ResultRecord,
) -> Result<BTreeMap<(Date, Party), u64>> {
    let heirs = Heirs::since(work, Some(version.made_at))?;
    let mut counted = BTreeMap::new();
    let days = (week, days_of_week(week)?[6]);
    for (day, party, units) in days::counted(&mut work.tx, &s1sp, days, version.version)? {
        *counted.entry((day, heirs.holder(party, day, 0))).or_default() += units;
    }
    // What a party reads of a line that has passed to it is what was counted, not the demand, so it cannot be set against this.
    let hides = !version.notes_passings && heirs.any_whole() && matches!(work.tx.scope(), Scope::Party(_));
    if version.firm_at.is_none() || hides {
        return Ok(counted);
    }
    // MAM-11: what passed is noted beside it, and only of a program of before found by the lines.
    let lines = match version.notes_passings {
        true => Vec::new(),
        false => results::lines(&mut work.tx, &s1sp, days.0, days.1, version.version)?,
    };
    let whose = |party, date, after| Some(heirs.holder(party, date, after));
    for (day, units) in moved(work, (&s1sp, days), version, &lines, whose)? {
        let counted = counted.entry(day).or_default();
        *counted = counted.saturating_add_signed(units);
    }
    Ok(counted)
}

/// The counted demand that a refill could still serve, not that of a supplier that failed (MSM-13).
pub(crate) fn wanted(work: &mut Look<'_>, week: Key, version: &ResultRecord) -> Result<BTreeMap<(Date, Party), u64>> {
    let heirs = Heirs::since(work, version.firm_at)?;
    let mut wanted = counted(work, week, version)?;
    wanted.retain(|(_, party), _| !heirs.has_failed(*party));
    Ok(wanted)
}

/// Counted demand by the weeks' results, and the allocations as they are now.
fn results_of(work: &mut Look<'_>, sight: &Sight, found: &mut BTreeMap<Key, Week>) -> Result<()> {
    for ((week, s1sp), version) in base_versions(work, sight)? {
        let (first, last) = (week, days_of_week(week)?[6]);
        let counted = counted(work, (week, s1sp), &version)?;
        let own = counted.iter().filter(|((day, party), _)| sight.covers(s1sp, *day) && sight.is_own(*party));
        let entry = found.entry((week, s1sp)).or_default();
        entry.counted = Some(own.map(|(_, units)| units).sum());
        if version.firm_at.is_some() {
            let allocations = results::allocations(&mut work.tx, &s1sp, first, last)?;
            entry.allocation = Some(
                allocations.iter().filter(|record| sight.covers(s1sp, record.date)).map(|record| record.units).sum(),
            );
        }
    }
    Ok(())
}

/// MSM-14: the capacity of a week, where the reader may see that of each of its days.
fn capacities(work: &mut Look<'_>, sight: &Sight, found: &mut BTreeMap<Key, Week>) -> Result<()> {
    let base = base_versions(work, sight)?;
    for ((week, s1sp), entry) in found.iter_mut() {
        let (first, last) = (*week, days_of_week(*week)?[6]);
        let capacity = weeks::capacity(&mut work.tx, s1sp, first, last)?;
        let days = capacity.iter().filter(|(day, _)| sight.covers(*s1sp, **day));
        if !sight.sees_all() {
            let version = base.get(&(*week, *s1sp)).map_or(0, |version| version.version);
            let public = results::pools(&mut work.tx, s1sp, first, last, version)?;
            let public: BTreeSet<Date> = public.iter().map(|pool| pool.date).collect();
            if days.clone().any(|(day, capacity)| capacity.total() > 0 && !public.contains(day)) {
                continue;
            }
        }
        entry.capacity = Some(days.clone().map(|(_, capacity)| capacity.available()).sum());
        entry.reserve = Some(days.map(|(_, capacity)| capacity.reserve()).sum());
    }
    Ok(())
}

fn notes(sight: &Sight, found: &BTreeMap<Key, Week>, closed: &BTreeSet<Key>) -> Vec<String> {
    let mut notes = Vec::new();
    let without = found.iter().filter(|(_, week)| week.allocation.is_none()).map(|(key, _)| key);
    let (closed, open): (Vec<&Key>, Vec<&Key>) = without.partition(|key| closed.contains(key));
    let weeks = |number: usize, one: &str, many: &str| match number {
        1 => format!("1 week at an S1SP {one}"),
        _ => format!("{number} weeks at an S1SP {many}"),
    };
    if !open.is_empty() {
        let weeks = weeks(open.len(), "has", "have");
        notes.push(format!("{weeks} no firm result yet, so nothing is allocated there."));
    }
    // CAL-5: none will come.
    if !closed.is_empty() {
        let weeks = weeks(closed.len(), "was", "were");
        notes.push(format!("{weeks} closed without a result (CAL-5), so nobody has anything of it."));
    }
    if found.values().any(|week| week.demand.is_none()) {
        let words =
            "Forecast and demand are left out where no result is published: observers see them with it (MSM-14).";
        notes.push(words.to_owned());
    }
    if !sight.sees_all() && found.values().any(|week| week.capacity.is_none()) {
        let words = "Capacities are left out where the facts of a pool are hidden: fewer than 4 suppliers ask, or one has \
                     more than 80 % of the demand (MSM-14).";
        notes.push(words.to_owned());
    }
    notes
}

const WEEK: Column = Column::of(Kind::Date, "week", "Week", "The Monday of the Migration Week.");

fn columns() -> Vec<Column> {
    vec![
        Column::number(
            "capacity",
            "Net capacity",
            "What is shared among suppliers: total capacity without the Dormant reserve, as it is now.",
        ),
        Column::number("forecast", "Forecast", "The demand that stood when the forecast was taken (MSM-15)."),
        Column::number("demand", "Demand", "The demand that stands, as sent."),
        Column::number(
            "counted",
            "Counted demand",
            "What of it counts after the weekly ceiling (MSM-2a); empty before there is a result.",
        ),
        Column::number(
            "allocation",
            "Allocation",
            "What suppliers have now, after hand-backs, refills and cuts; empty before the firm result.",
        ),
        Column::number(
            "authorised",
            "Authorised",
            "Installations whose authorisation for a day of the week stood at some time, and was not withdrawn or moved: \
             those scheduled, those accepted for a day that is not locked, and those that dropped out.",
        ),
        Column::number(
            "dropped",
            "Dropped out",
            "Of them, those that no longer stand: lapsed, stopped, suspended, deferred or expired.",
        ),
        Column::number("scheduled", "Scheduled", "Authorised installations in the latest schedules."),
        Column::number("migrated", "Migrated", "Of them, those reported as MIGRATED."),
        Column::of(
            Kind::Share,
            "used",
            "Migrated of allocation",
            "How much of what was allocated became a migration; of weeks in which something is scheduled.",
        ),
        Column::number(
            "reserve",
            "Dormant reserve",
            "The part of the total capacity that DCC plans for Dormant installations itself.",
        ),
        Column::number("dormant_scheduled", "Dormant scheduled", "Dormant installations in the latest schedules."),
        Column::number("dormant_migrated", "Dormant migrated", "Of them, those reported as MIGRATED."),
    ]
}

/// How much of its allocation a week used; nothing before anything is scheduled.
fn used(week: &Week) -> Cell {
    let whole = week.allocation.filter(|_| week.outcomes.scheduled() > 0);
    whole.map_or(Cell::Empty, |whole| Cell::Share { part: week.outcomes.migrated, whole })
}

fn cells(week: &Week) -> Vec<Cell> {
    let (outcomes, dormant) = (&week.outcomes, &week.dormant);
    let number = Cell::Number;
    vec![
        Cell::opt(week.capacity),
        Cell::opt(week.forecast),
        Cell::opt(week.demand),
        Cell::opt(week.counted),
        Cell::opt(week.allocation),
        number(week.authorised()),
        number(week.dropped),
        number(outcomes.scheduled()),
        number(outcomes.migrated),
        used(week),
        Cell::opt(week.reserve),
        number(dormant.scheduled()),
        number(dormant.migrated),
    ]
}

fn weeks_table(weeks: &BTreeMap<Date, Week>) -> Table {
    let row = |(monday, week): (&Date, &Week)| [vec![Cell::Date(*monday)], cells(week)].concat();
    Table {
        id: "together",
        title: "Weeks",
        about: "A row is one week, all S1SPs together.",
        columns: [vec![WEEK], columns()].concat(),
        rows: weeks.iter().map(row).collect(),
        totals: Totals::Sums,
        empty: "No week in this period has capacity or demand.",
        charts: vec![chart(weeks)],
    }
}

fn table(found: &BTreeMap<Key, Week>) -> Table {
    let row =
        |((monday, s1sp), week): (&Key, &Week)| [vec![Cell::Date(*monday), Cell::text(s1sp)], cells(week)].concat();
    let keys = vec![WEEK, Column::text("s1sp", "S1SP", "The S1SP.")];
    Table {
        id: "weeks",
        title: "Weeks by S1SP",
        about: "A row is one week at one S1SP.",
        columns: [keys, columns()].concat(),
        rows: found.iter().map(row).collect(),
        totals: Totals::Sums,
        empty: "No week in this period has capacity or demand.",
        charts: Vec::new(),
    }
}

/// So many weeks are drawn.
const WEEKS_DRAWN: usize = 6;

const SERIES: [Series; 6] = [
    Series { name: "Forecast", tone: Tone::Open },
    Series { name: "Demand", tone: Tone::Demand },
    Series { name: "Allocation", tone: Tone::Allocated },
    Series { name: "Authorised", tone: Tone::Authorised },
    Series { name: "Scheduled", tone: Tone::Scheduled },
    Series { name: "Migrated", tone: Tone::Migrated },
];

/// Each week in which something is allocated, the latest ones where these are many.
fn chart(weeks: &BTreeMap<Date, Week>) -> Chart {
    let firm: Vec<(&Date, &Week)> = weeks.iter().filter(|(_, week)| week.allocation.is_some()).collect();
    let bar = |(monday, week): &(&Date, &Week)| {
        let Week { forecast, demand, outcomes, .. } = week;
        let allocation = week.allocation.unwrap_or(0);
        // Each week here has a firm result, so everybody sees both.
        let (forecast, demand) = (forecast.unwrap_or(0), demand.unwrap_or(0));
        let values = vec![forecast, demand, allocation, week.authorised(), outcomes.scheduled(), outcomes.migrated];
        Bar { capacity: week.capacity, ..Bar::new(week_label(**monday), values) }
    };
    let back = least(carried_out(weeks));
    Chart {
        title: match back {
            Some((week, share)) => {
                format!("The week of {} used least of its allocation: {share} was migrated", long(week))
            }
            None => "From forecast to migration".to_owned(),
        },
        measure: match firm.len() {
            0..=WEEKS_DRAWN => "Installations of each week, all S1SPs together",
            _ => "Installations of each of the latest six weeks, all S1SPs together",
        },
        unit: "installations",
        form: Form::Grouped,
        series: SERIES.to_vec(),
        bars: firm.iter().skip(firm.len().saturating_sub(WEEKS_DRAWN)).map(bar).collect(),
    }
}
