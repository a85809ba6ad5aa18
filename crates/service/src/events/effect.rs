//! What a responsibility event touches and does, for the preview and the answer.

use crate::act::work::Work;
use crate::board::changed::Changed;
use crate::books::calendar::{Moment, local_date, week_of};
use crate::error::Result;
use crate::words::First;
use jiff::civil::Date;
use serde::Serialize;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::authorisation::state::State;
use sluice_rules::party::S1sp;
use sluice_store::tables::authorisations::StoredAuthorisation;
use sluice_store::tables::parties::{self, Dictionary};
use sluice_store::tables::responsibility::{self, ResponsibilityEvent};
use sluice_store::tables::{authorisations, follow, results, uses};
use std::collections::{BTreeMap, BTreeSet};

/// What a responsibility event touches and does.
#[derive(Debug, Clone, Serialize)]
pub struct Effect {
    /// The number of the event.
    pub event: i64,
    /// TRANSFER or APPOINTMENT.
    pub kind: String,
    /// From whom.
    pub from: String,
    /// To whom.
    pub to: String,
    /// The market participant ids that pass.
    pub mpids: Vec<String>,
    /// The moment from which it holds.
    pub effective: Moment,
    /// Is it done?
    pub done: bool,
    /// Does the party keep none?
    pub whole: bool,
    /// Installations in the name of these ids.
    pub installations: u64,
    /// Authorisations of the party that loses them, by their state before it.
    pub rows: BTreeMap<String, u64>,
    /// What becomes of them: PASSED, SUSPENDED, LAPSED, EXPIRED, HELD, STAYS.
    pub became: BTreeMap<String, u64>,
    /// The first authorisations whose state changes, whosever they are, in words: those that end before the others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// The units that they use.
    pub units: Vec<DayUnits>,
    /// Units that passed, with authorisations and with installations that the other party leads now.
    #[serde(skip_serializing_if = "crate::words::is_zero")]
    pub units_passed: u64,
    /// The party's demand and allocation of the weeks to come.
    pub weeks: Vec<WeekUnits>,
    /// Dormant installations of the ids that are planned.
    pub dormant: u64,
    /// How many of them leave their week or get another supplier's notice (DMT-5).
    pub dormant_changed: u64,
    /// The schedules that are issued again: S1SP and day.
    pub schedules: BTreeSet<(String, String)>,
}

/// What an event touches, as things stand before it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Touched {
    installations: u64,
    rows: BTreeMap<String, u64>,
    units: Vec<DayUnits>,
    weeks: Vec<WeekUnits>,
    dormant: u64,
}

/// Units in use on a day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DayUnits {
    /// The S1SP.
    #[serde(with = "crate::words")]
    pub s1sp: S1sp,
    /// The day.
    #[serde(with = "crate::words")]
    pub date: Date,
    /// Installations.
    pub units: u64,
}

/// A party's week, from today on; figures are installations.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WeekUnits {
    /// The S1SP.
    #[serde(with = "crate::words")]
    pub s1sp: S1sp,
    /// Its Monday.
    #[serde(with = "crate::words")]
    pub week: Date,
    /// Demand.
    pub demand: u64,
    /// Allocation.
    pub allocation: u64,
    /// Of the allocation what no authorisation uses, and what is kept for none (MAM-11).
    pub free: u64,
}

impl Touched {
    /// What an event touches now.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) fn by(work: &mut Work<'_>, event: &ResponsibilityEvent) -> Result<Self> {
        let dictionary = Dictionary::load(&mut work.tx)?;
        let numbers = event.mpids.iter().filter_map(|mpid| dictionary.mpid_numbers.get(mpid));
        let mut numbers: Vec<i64> = numbers.copied().collect();
        numbers.sort_unstable();
        let mut touched = Self {
            installations: responsibility::installations(&mut work.tx, &numbers)?,
            dormant: u64::try_from(responsibility::dormant(&mut work.tx, &numbers)?.len()).unwrap_or(u64::MAX),
            ..Self::default()
        };
        for s1sp in parties::s1sps(&mut work.tx)? {
            touched.add_units(work, s1sp, event)?;
        }
        touched.add_weeks(work, event)?;
        Ok(touched)
    }

    fn add_units(&mut self, work: &mut Work<'_>, s1sp: S1sp, event: &ResponsibilityEvent) -> Result<()> {
        let mut units: BTreeMap<Date, u64> = BTreeMap::new();
        for stored in authorisations::of_party(&mut work.tx, &s1sp, &event.from)? {
            *self.rows.entry(stored.row.state.to_string()).or_default() += 1;
            if stored.row.unit {
                *units.entry(stored.row.date).or_default() += 1;
            }
        }
        self.units.extend(units.into_iter().map(|(date, units)| DayUnits { s1sp, date, units }));
        Ok(())
    }

    fn add_weeks(&mut self, work: &mut Work<'_>, event: &ResponsibilityEvent) -> Result<()> {
        let today = local_date(work.now);
        let mut weeks: BTreeMap<(S1sp, Date), (u64, u64, u64)> = BTreeMap::new();
        for (s1sp, date, units) in follow::demand(&mut work.tx, &event.from, today)? {
            weeks.entry((s1sp, week_of(date)?)).or_default().0 += units;
        }
        for s1sp in parties::s1sps(&mut work.tx)? {
            let used = uses::allowances(&mut work.tx, &s1sp, today, Date::MAX)?;
            for record in results::allocations(&mut work.tx, &s1sp, today, Date::MAX)? {
                if record.party == event.from && record.units > 0 {
                    let week = weeks.entry((s1sp, week_of(record.date)?)).or_default();
                    week.1 += record.units;
                    week.2 += used.get(&(record.party, record.date)).map_or(0, |allowance| allowance.free());
                }
            }
        }
        let week = |((s1sp, week), (demand, allocation, free))| WeekUnits { s1sp, week, demand, allocation, free };
        self.weeks = weeks.into_iter().map(week).collect();
        Ok(())
    }
}

impl Effect {
    /// Before an event is done.
    pub(crate) fn before(engine: i64, event: &ResponsibilityEvent, touched: Touched) -> Self {
        let Touched { installations, rows, units, weeks, dormant } = touched;
        Self {
            event: event.id,
            kind: event.kind.to_string(),
            from: event.from.to_string(),
            to: event.to.to_string(),
            mpids: event.mpids.iter().map(|(_, mpid)| mpid.to_string()).collect(),
            effective: Moment::new(Some(event.effective), engine),
            done: false,
            whole: event.whole,
            installations,
            rows,
            became: BTreeMap::new(),
            changed: Vec::new(),
            units,
            units_passed: 0,
            weeks,
            dormant,
            dormant_changed: 0,
            schedules: BTreeSet::new(),
        }
    }

    /// Adds days whose schedule is issued again.
    pub(crate) fn add_schedules(&mut self, s1sp: S1sp, days: impl IntoIterator<Item = Date>) {
        self.schedules.extend(days.into_iter().map(|date| (s1sp.to_string(), date.to_string())));
    }

    /// Adds what became of the authorisations at an S1SP: of those of the losing party (`rows`, as they were) in figures, of all
    /// whose state is another one the first in words.
    pub(crate) fn add_changed<'r>(
        &mut self,
        event: &ResponsibilityEvent,
        rows: impl IntoIterator<Item = &'r StoredAuthorisation>,
        changed: &[Changed],
    ) {
        let places: BTreeMap<(i64, u64), &Changed> =
            changed.iter().map(|change| ((change.file, change.row), change)).collect();
        for row in rows.into_iter().filter(|_| event.kind == EventKind::Transfer).map(|stored| stored.row) {
            self.count(match places.get(&(row.id.file, row.id.row)) {
                Some(change) if !change.is_live() => change.to.word(),
                Some(change) if change.passed.is_some() => "PASSED",
                Some(change) if change.is_now(State::Held) && !change.was(State::Held) => "HELD",
                _ => "STAYS",
            });
        }
        let (mut ended, mut others) = (First::of("that end"), First::of("in another state"));
        for change in changed.iter().filter(|change| change.from != change.to) {
            if change.is_live() { &mut others } else { &mut ended }.add(|| change.in_words());
        }
        self.changed.extend([ended, others].into_iter().flat_map(First::lines));
    }

    /// Counts what became of an authorisation.
    pub(crate) fn count(&mut self, word: &str) {
        *self.became.entry(word.to_owned()).or_default() += 1;
    }
}
