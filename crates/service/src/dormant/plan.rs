//! DMT-1: the Dormant installations of a week are planned into its reserve.

use crate::act::actor::Actor;
use crate::act::prepared::Prepared;
use crate::act::work::{Act, Work};
use crate::books::calendar::{Moment, WeekCalendar, in_words, local_date};
use crate::dormant::roster::{ANSWERED_ACTIVE, against, book, must_have_capacity};
use crate::error::{Result, ServiceError};
use crate::rows::eligible::each_of;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::calendar::{Milestone, days_of_week};
use sluice_rules::dormant::{ByDay, Candidate, DormantState, Planned, places, plan};
use sluice_rules::installation::InstallationType;
use sluice_rules::party::{Eui64, S1sp};
use sluice_rules::reference::ReferenceKind;
use sluice_store::tables::dormant::{self, DormantLineRecord};
use sluice_store::tables::parties::Dictionary;
use sluice_store::tables::{imports, installations, weeks};
use std::collections::BTreeMap;
use std::sync::Arc;

/// DMT-1: the Dormant installations of a week are planned; a plan that stands and is not noticed is made anew.
#[derive(Debug, Serialize, Deserialize)]
pub struct PlanDormant {
    /// The S1SP.
    #[serde(with = "crate::words")]
    pub s1sp: S1sp,
    /// The week's Monday.
    #[serde(with = "crate::words")]
    pub week: Date,
}

/// The plan of a week in figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PlannedWeek {
    /// The Migration Days.
    pub days: Vec<PlannedDay>,
    /// Installations planned for a day.
    pub planned: u64,
    /// Installations on standby.
    pub standby: u64,
    /// Dormant installations that could be migrated in the week and found no place.
    pub left_over: u64,
    /// Dormant installations that another week has.
    pub taken: u64,
    /// Dormant installations that cannot be migrated in the week, by the codes that say why.
    pub barred: BTreeMap<String, u64>,
    /// Until when the suppliers must be told.
    pub notice_by: Moment,
}

/// The plan of a day in figures, in installations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedDay {
    /// The day.
    pub date: String,
    /// Its total capacity.
    pub total: u64,
    /// Its places for Dormant installations.
    pub places: u64,
    /// How many are planned.
    pub planned: u64,
}

impl Act for PlanDormant {
    const KIND: &'static str = "dormant-plan";
    type Answer = PlannedWeek;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("planning Dormant installations")
    }

    const PREPARES: bool = true;

    /// Looking at all Dormant installations of a large inventory takes long.
    fn prepare(&self, work: &mut Work<'_>) -> Result<Option<Prepared>> {
        let calendar = self.must_be_allowed(work)?;
        work.until_next_act(|work| draft_now(work, self.s1sp, &calendar))
    }

    fn run(&self, work: &mut Work<'_>) -> Result<PlannedWeek> {
        let calendar = self.must_be_allowed(work)?;
        let draft = draft(work, self.s1sp, &calendar)?;
        dormant::set_planned(&mut work.tx, &self.s1sp, self.week, work.now)?;
        dormant::replace_lines(&mut work.tx, &self.s1sp, self.week, &draft.lines)?;
        Ok(draft.figures.clone())
    }
}

impl PlanDormant {
    /// DMT-1: not before the reserve is published, and not after the suppliers were told.
    fn must_be_allowed<'w>(&self, work: &mut Work<'w>) -> Result<WeekCalendar<'w>> {
        let calendar = work.week(self.week)?;
        work.rulebook.clone_from(&book(work)?.id);
        let opens = calendar.at(Milestone::DemandOpens);
        if work.now < opens {
            let message = format!("the reserve of the week of {} is published at {}", self.week, in_words(opens));
            return Err(ServiceError::rule("DMT-1", format!("{message}; plan it then")));
        }
        must_be_before_notice(work, &calendar)?;
        if let Some(at) = dormant::plan(&mut work.tx, &self.s1sp, self.week)?.and_then(|plan| plan.noticed) {
            let message = format!("the suppliers of the week of {} were told at {}", self.week, in_words(at));
            return Err(ServiceError::rule("DMT-1", format!("{message}; a plan that was sent out stands")));
        }
        Ok(calendar)
    }
}

/// DMT-2: who is told too late cannot answer in time, so the week takes no Dormant installation any more.
pub(crate) fn must_be_before_notice<T>(work: &Work<'_, T>, calendar: &WeekCalendar<'_>) -> Result<()> {
    let by = calendar.at(Milestone::DmmsNotice);
    if work.now < by {
        return Ok(());
    }
    let message = format!(
        "Dormant notices of the week of {} were due at {}: it takes no Dormant installations any more",
        calendar.monday,
        in_words(by)
    );
    let way_out = "plan a later week (a milestone can be moved only while it lies ahead, CAL-4)";
    Err(ServiceError::rule("DMT-2", format!("{message}; {way_out}")))
}

/// The plan of a week as the data of a moment give it.
pub(crate) struct Draft {
    s1sp: S1sp,
    week: Date,
    figures: PlannedWeek,
    pub(crate) lines: Vec<DormantLineRecord>,
}

/// The plan of a week as the data of this moment give it: found out before the act, or now.
pub(crate) fn draft(work: &mut Work<'_>, s1sp: S1sp, calendar: &WeekCalendar<'_>) -> Result<Arc<Draft>> {
    let found = work.found::<Draft>();
    match found.filter(|draft| (draft.s1sp, draft.week) == (s1sp, calendar.monday)) {
        Some(draft) => Ok(draft),
        None => draft_now(work, s1sp, calendar).map(Arc::new),
    }
}

/// The same, found out now.
pub(crate) fn draft_now(work: &mut Work<'_>, s1sp: S1sp, calendar: &WeekCalendar<'_>) -> Result<Draft> {
    let week = calendar.monday;
    let capacity = weeks::capacity(&mut work.tx, &s1sp, week, calendar.sunday())?;
    must_have_capacity(&capacity, s1sp, week)?;
    let (percent, standby) = {
        let book = book(work)?;
        (book.number("dormant_reserve_percent")?, book.number("dormant_standby_percent")?)
    };
    let days: ByDay<Date> = days_of_week(week)?;
    let places = days.map(|day| capacity.get(&day).map_or(0, |capacity| places(*capacity, percent)));
    let migrates = days.map(|day| capacity.get(&day).is_some_and(|capacity| capacity.total() > 0));
    let notice_by = Moment::new(Some(calendar.at(Milestone::DmmsNotice)), work.engine);
    let mut figures = PlannedWeek { notice_by, ..PlannedWeek::default() };
    let candidates = candidates(work, s1sp, &days, &migrates, &mut figures)?;
    let found = candidates.len();
    let plan = plan(candidates, &days, &places, standby);
    let lines: Vec<DormantLineRecord> = (1..).zip(&plan).map(|(place, line)| record(week, place, line)).collect();
    let planned_on = |day: Date| plan.iter().filter(|line| line.date == Some(day)).count();
    for (place, &day) in days.iter().enumerate().filter(|(place, _)| migrates[*place]) {
        let total = capacity.get(&day).map_or(0, |capacity| capacity.total());
        let (date, planned) = (day.to_string(), count(planned_on(day)));
        figures.days.push(PlannedDay { date, total, places: places[place], planned });
    }
    figures.planned = count(plan.iter().filter(|line| line.date.is_some()).count());
    figures.standby = count(plan.len()) - figures.planned;
    figures.left_over = count(found - plan.len());
    Ok(Draft { s1sp, week, figures, lines })
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn record(week: Date, place: u64, planned: &Planned) -> DormantLineRecord {
    DormantLineRecord {
        chf: planned.chf,
        week,
        line: planned.line(),
        place,
        date: planned.date,
        state: DormantState::Planned,
        was: None,
        codes: String::new(),
        cause: None,
        lost: None,
    }
}

/// DMT-1: the Dormant installations that can be migrated on a day of the week and that no other week has.
fn candidates(
    work: &mut Work<'_>,
    s1sp: S1sp,
    days: &ByDay<Date>,
    migrates: &ByDay<bool>,
    figures: &mut PlannedWeek,
) -> Result<Vec<Candidate>> {
    let today = local_date(work.now);
    let terms = work.mam_terms()?;
    let taken = dormant::taken(&mut work.tx, &s1sp, days[0], crate::books::calendar::week_of(today)?)?;
    // DMT-3: what is said to be Active waits for an inventory that was made after that.
    let inventory = imports::as_at(&mut work.tx, ReferenceKind::Inventory)?.unwrap_or(Timestamp::MIN);
    let active = dormant::said_active(&mut work.tx, inventory)?;
    let mut candidates: Vec<Candidate> = Vec::new();
    let dictionary = Dictionary::load(&mut work.tx)?;
    let homes = installations::may_be_dormant(&mut work.tx, &dictionary, &s1sp)?;
    each_of(work, s1sp, &terms, &homes, &mut |file| {
        let dormant = days.map(|day| file.case.meters.type_on(day) == InstallationType::Dormant);
        let chf: Eui64 = file.installation.chf;
        if !dormant.contains(&true) {
            return;
        }
        if taken.contains(&chf) {
            figures.taken += 1;
            return;
        }
        // An authorisation that is still live goes before the plan.
        let authorised = file.case.rows.iter().any(|row| row.state.is_live());
        let mut reasons = std::collections::BTreeSet::new();
        let mut open_on = [false; 7];
        for (place, &day) in days.iter().enumerate().filter(|(place, _)| migrates[*place]) {
            let codes = against(file, s1sp, day, terms.attempts);
            open_on[place] = codes.is_empty() && !authorised && !active.contains(&chf);
            reasons.extend(codes);
        }
        if open_on.contains(&true) {
            let attempts = &file.attempts;
            candidates.push(Candidate { chf, failed: attempts.failed, last_failed: attempts.last_failed, open_on });
        } else if dormant == [true; 7] && file.attempts.migrated.is_none() {
            let reasons: Vec<&str> = reasons.into_iter().collect();
            let why = match () {
                () if authorised => "authorised".to_owned(),
                () if reasons.is_empty() => ANSWERED_ACTIVE.to_owned(),
                () => reasons.join(" "),
            };
            *figures.barred.entry(why).or_default() += 1;
        }
    })?;
    Ok(candidates)
}
