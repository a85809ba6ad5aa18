//! Dormant Meters: planned, noticed, answered, migrated in the days of a week (DMT-1 to DMT-5).

use crate::act::tell::tell;
use crate::act::work::{Reads, Work};
use crate::books::calendar::{WeekCalendar, local_date};
use crate::error::{Result, ServiceError};
use crate::facts::dossier::Dossier;
use crate::facts::s1sp::Facts;
use jiff::civil::Date;
use sluice_rules::authorisation::judge::ground;
use sluice_rules::authorisation::state::State;
use sluice_rules::codes::RowCode;
use sluice_rules::dormant::{ByDay, DormantEvent, DormantState, Waiting};
use sluice_rules::installation::InstallationType;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_rules::rulebook::Rulebook;
use sluice_rules::scaling::Capacity;
use sluice_store::tables::dormant::{self, AnswerRecord, DormantLineRecord, Noticed};
use sluice_store::tables::{schedules, weeks};
use std::collections::{BTreeMap, BTreeSet};

/// What stands with a line that left because its installation is Dormant no more.
pub(crate) const NOT_DORMANT: &str = "DMT-1";
/// What stands with a line that left because its supplier answered that it is Active.
pub(crate) const ANSWERED_ACTIVE: &str = "DMT-3";
/// What stands with a line that left because an objection was upheld.
pub(crate) const UPHELD: &str = "DMT-4";

/// The MAM rulebook of a moment, or the latest where none is in effect yet.
pub(crate) fn book<'a, T>(work: &Work<'a, T>) -> Result<&'a Rulebook> {
    work.mam_rulebook()
}

/// The codes that speak against the migration of a Dormant installation on a date, whoever its suppliers are; none if it can
/// be migrated.
pub(crate) fn against(file: &Dossier, s1sp: S1sp, date: Date, attempts: u64) -> BTreeSet<&'static str> {
    let mut codes: BTreeSet<&'static str> =
        ground(&file.subject(), date, attempts).into_iter().map(|(code, _)| code.code()).collect();
    if file.installation.s1sp != s1sp {
        codes.insert(RowCode::MA113.code());
    }
    // DMT-1: what is Active again is authorised by its supplier.
    if file.case.meters.type_on(date) != InstallationType::Dormant {
        codes.insert(NOT_DORMANT);
    }
    // MA125: what is in a schedule by an authorisation waits for its outcome.
    if file.case.rows.iter().any(|row| matches!(row.state, State::Scheduled | State::Unknown)) {
        codes.insert(RowCode::MA125.code());
    }
    codes
}

/// The suppliers of the meters of an installation that count on a date, each once.
pub(crate) fn suppliers_on(file: &Dossier, date: Date) -> BTreeSet<Party> {
    file.case.meters.each().filter(|meter| meter.counts_on(date)).filter_map(|meter| meter.supplier_on(date)).collect()
}

/// Why it left the week, for people.
pub(crate) fn in_words(codes: &str) -> String {
    let one = |code: &str| match code {
        NOT_DORMANT => "it is not Dormant any more".to_owned(),
        ANSWERED_ACTIVE => "a supplier answered that it is Active".to_owned(),
        UPHELD => "an objection to it was upheld".to_owned(),
        "MA119" => "its supplier changes, and the new one could not be told in time".to_owned(),
        code => code.parse::<RowCode>().map_or_else(|_| code.to_owned(), |known| known.meaning().to_owned()),
    };
    codes.split_ascii_whitespace().map(one).collect::<Vec<_>>().join("; ")
}

/// What the suppliers of each installation answered.
pub(crate) type Answered = BTreeMap<Eui64, BTreeMap<Party, AnswerRecord>>;

/// The answers of a week.
pub(crate) fn answered<'w>(work: &mut Work<'w, impl Reads<'w>>, s1sp: S1sp, week: Date) -> Result<Answered> {
    let mut answered = Answered::new();
    for answer in dormant::answers(&mut work.tx, &s1sp, week)? {
        answered.entry(answer.chf).or_default().insert(answer.party, answer);
    }
    Ok(answered)
}

/// The Dormant installations of a week at an S1SP that are noticed, with everything that decides on them.
pub(crate) struct Roster<'a> {
    pub(crate) s1sp: S1sp,
    pub(crate) calendar: WeekCalendar<'a>,
    pub(crate) capacity: BTreeMap<Date, Capacity>,
    pub(crate) locked: BTreeSet<Date>,
    pub(crate) today: Date,
    pub(crate) lines: BTreeMap<Eui64, DormantLineRecord>,
    pub(crate) noticed: Noticed,
    pub(crate) answers: Answered,
    pub(crate) facts: Facts,
    pub(crate) changed: BTreeSet<Eui64>,
}

impl<'a> Roster<'a> {
    /// Loads a week, with the facts of all installations that can still be migrated.
    pub(crate) fn load(work: &mut Work<'a>, s1sp: S1sp, week: Date) -> Result<Self> {
        let mut roster = Self::with(work, s1sp, week, &BTreeSet::new())?;
        let open: Vec<Eui64> = roster.lines.values().filter(|line| line.state.is_open()).map(|line| line.chf).collect();
        roster.facts.load(work, open)?;
        Ok(roster)
    }

    /// Loads a week, with the facts of some installations.
    pub(crate) fn with(work: &mut Work<'a>, s1sp: S1sp, week: Date, some: &BTreeSet<Eui64>) -> Result<Self> {
        let today = local_date(work.now);
        let terms = work.mam_terms()?;
        let mut facts = Facts::open(work, s1sp, terms)?;
        let calendar = work.week(week)?;
        let lines = dormant::of_week(&mut work.tx, &s1sp, week)?;
        facts.load(work, some.iter().copied())?;
        let locked = schedules::locked_days(&mut work.tx, &s1sp, today)?.into_iter().collect();
        Ok(Self {
            s1sp,
            capacity: weeks::capacity(&mut work.tx, &s1sp, week, calendar.sunday())?,
            calendar,
            locked,
            today,
            lines: lines.into_iter().map(|line| (line.chf, line)).collect(),
            noticed: dormant::notices(&mut work.tx, &s1sp, week)?,
            answers: answered(work, s1sp, week)?,
            facts,
            changed: BTreeSet::new(),
        })
    }

    pub(crate) fn week(&self) -> Date {
        self.calendar.monday
    }

    /// The days of the week, Monday first.
    pub(crate) fn days(&self) -> Result<ByDay<Date>> {
        Ok(sluice_rules::calendar::days_of_week(self.week())?)
    }

    /// The Migration Days of the week that are not locked and not over.
    pub(crate) fn days_left(&self) -> Vec<Date> {
        let migrates = self.capacity.iter().filter(|(_, capacity)| capacity.total() > 0).map(|(date, _)| *date);
        migrates.filter(|date| *date >= self.today && !self.locked.contains(date)).collect()
    }

    /// The days on which a line may still be migrated: not before the one for which it is planned.
    pub(crate) fn days_for(&self, line: &DormantLineRecord) -> Vec<Date> {
        self.days_left().into_iter().filter(|day| line.date.is_none_or(|date| date <= *day)).collect()
    }

    /// The day of a line, if that is locked or over.
    pub(crate) fn day_gone(&self, line: &DormantLineRecord) -> Option<Date> {
        line.date.filter(|date| *date < self.today || self.locked.contains(date))
    }

    /// The codes that speak against a line on a date; DMT-5: a supplier that was not noticed is one of them.
    pub(crate) fn against(&self, chf: Eui64, date: Date) -> BTreeSet<&'static str> {
        let Some(file) = self.facts.dossier(chf) else { return BTreeSet::from([RowCode::MA108.code()]) };
        let mut codes = against(file, self.s1sp, date, self.facts.terms.attempts);
        let noticed = self.noticed.get(&chf);
        let told = |party| noticed.is_some_and(|noticed| noticed.contains(party));
        // What is Active again has no notice to wait for.
        if !codes.contains(NOT_DORMANT) && !suppliers_on(file, date).iter().all(told) {
            codes.insert(RowCode::MA119.code());
        }
        codes
    }

    /// DMT-4: is there an objection on which nothing is decided?
    pub(crate) fn is_objected(&self, chf: Eui64) -> bool {
        self.answers.get(&chf).is_some_and(|answers| answers.values().any(AnswerRecord::is_open))
    }

    /// The lines that are noticed, as the rules fill days with them.
    pub(crate) fn waiting(&self) -> Result<Vec<Waiting>> {
        let days = self.days()?;
        let noticed = self.lines.values().filter(|line| line.state == DormantState::Noticed);
        let waiting = noticed.map(|line| {
            let left = self.days_left();
            Waiting {
                chf: line.chf,
                line: line.line,
                date: line.date,
                place: line.place,
                objected: self.is_objected(line.chf),
                open_on: days.map(|day| left.contains(&day) && self.against(line.chf, day).is_empty()),
            }
        });
        Ok(waiting.collect())
    }

    /// Something happens to a line; says if it can.
    pub(crate) fn step(&mut self, chf: Eui64, event: DormantEvent) -> bool {
        let Some(line) = self.lines.get_mut(&chf) else { return false };
        let Some(next) = line.state.after(event) else { return false };
        match event {
            DormantEvent::Leave => line.was = Some(line.state),
            DormantEvent::Return { .. } | DormantEvent::Lift => {
                (line.was, line.cause) = (None, None);
                line.codes.clear();
            }
            _ => {}
        }
        line.state = next;
        self.changed.insert(chf);
        true
    }

    /// DMT-1: has another week taken the installation since it left this one? Then it does not come back.
    pub(crate) fn is_elsewhere(&self, work: &mut Work<'_>, chf: Eui64) -> Result<bool> {
        let this_week = crate::books::calendar::week_of(self.today)?;
        let live = |line: &DormantLineRecord| match line.state {
            DormantState::Planned | DormantState::Noticed | DormantState::Stopped => line.week >= this_week,
            DormantState::Scheduled | DormantState::Unknown => true,
            _ => false,
        };
        let lines = dormant::of_installation(&mut work.tx, chf)?;
        Ok(lines.iter().any(|(s1sp, line)| (*s1sp, line.week) != (self.s1sp, self.week()) && live(line)))
    }

    /// A line leaves the week, and everyone who was told of it is told.
    pub(crate) fn leave(&mut self, work: &mut Work<'_>, chf: Eui64, codes: &str, cause: Option<i64>) -> Result<()> {
        if !self.step(chf, DormantEvent::Leave) {
            return Ok(());
        }
        if let Some(line) = self.lines.get_mut(&chf) {
            codes.clone_into(&mut line.codes);
            line.cause = cause;
        }
        let rule = match codes {
            UPHELD => "DMT-4",
            ANSWERED_ACTIVE => "DMT-3",
            codes if codes.contains(RowCode::MA119.code()) => "DMT-5",
            _ => "DMT-1",
        };
        let words = format!("it leaves the Dormant migrations of the week of {}: {}", self.week(), in_words(codes));
        self.tell(work, chf, rule, &words)
    }

    /// Tells everyone who was told of an installation, and who has become its supplier since.
    pub(crate) fn tell(&self, work: &mut Work<'_>, chf: Eui64, rule: &str, words: &str) -> Result<()> {
        let mut whom = self.noticed.get(&chf).cloned().unwrap_or_default();
        if let Some(file) = self.facts.dossier(chf) {
            whom.extend(suppliers_on(file, self.calendar.sunday()));
        }
        whom.into_iter().try_for_each(|party| tell(work, party, rule, Some(chf), words))
    }

    /// Saves what changed. The schedules of days that changed are issued by who calls.
    pub(crate) fn save(&self, work: &mut Work<'_>) -> Result<()> {
        let lines = self.changed.iter().filter_map(|chf| self.lines.get(chf));
        Ok(dormant::update(&mut work.tx, &self.s1sp, lines)?)
    }
}

/// A week must have capacity before its Dormant installations are planned.
pub(crate) fn must_have_capacity(capacity: &BTreeMap<Date, Capacity>, s1sp: S1sp, week: Date) -> Result<()> {
    if capacity.values().all(|capacity| capacity.total() == 0) {
        let message = format!("{s1sp} has no capacity in the week of {week}; import it first");
        return Err(ServiceError::Use(message));
    }
    Ok(())
}
