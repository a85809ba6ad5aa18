//! What happens when: three weeks that overlap, as one list in the order of time.

use super::programme::WEEKS;
use super::stage::{Stage, at};
use crate::failure::Failure;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

/// Something that happens in the demonstration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Suppliers send their demand.
    Demand,
    /// FI21: a slip of the pen is held; MSM-2: the same file twice is one.
    Slip,
    /// CAL-3: a file refused in the last hour is corrected within grace.
    Correct,
    /// FI16: a file comes after the cut-off.
    Late,
    /// DMT-1, DMT-2: Dormant installations are planned and noticed.
    Dormant,
    /// DMT-3: suppliers answer, and one objects.
    Answers,
    /// DMT-4: the objection is decided.
    Decide,
    /// The week is scaled and published as provisional.
    Scale,
    /// MSM-11: a query is raised and answered.
    Query,
    /// The result is firm.
    Firm,
    /// MSM-13: units are given back.
    HandBack,
    /// Suppliers send what was proposed to them.
    Authorise,
    /// MAM-10: a protected file, then its password.
    Protected,
    /// MAM-1: suppliers of the other meter complete what is held.
    Partners,
    /// MAM-6: homes are taken back.
    Withdraw,
    /// MSM-13: what is free is shared again.
    Refill,
    /// MAM-8: customers change their supplier.
    ChangeOfSupplier,
    /// MSM-12: the capacity of a day falls.
    Cut,
    /// The authorisation cut-off has passed.
    Closed,
    /// A day is judged again and locked on the evening before; the number is the day of the week, Monday 0.
    Lock(u8),
    /// The S1SPs begin a day.
    Begin(u8),
    /// The S1SPs report what became of a day.
    Report(u8),
    /// OUT-4: outcomes that were missing come late.
    LateOutcomes(u8),
    /// STOP-1: a device model is stopped on a day.
    Stop,
    /// It goes on.
    Lift,
    /// MAM-12: a customer must not be without supply tomorrow.
    Hold,
    /// MAM-11: a supplier fails, and another is appointed in its place.
    Fail,
    /// It adopts a part of the authorisations.
    Adopt,
}

/// One entry of the script: when, in which week's story, what.
pub type Entry = (Timestamp, Date, Step);

/// What happens in every week: days from its Monday, hour, minute.
const EVERY_WEEK: [(i64, i8, i8, Step); 10] = [
    (-48, 10, 0, Step::Demand),
    (-30, 11, 0, Step::Dormant),
    (-21, 18, 0, Step::Scale),
    (-16, 11, 0, Step::Answers),
    (-14, 10, 0, Step::Firm),
    (-13, 9, 0, Step::Authorise),
    (-11, 14, 0, Step::Partners),
    (-10, 17, 30, Step::Refill),
    (-5, 18, 0, Step::Closed),
    (-14, 9, 0, Step::Decide),
];

/// What happens in one of the weeks only.
const ONCE: [(usize, i64, i8, i8, Step); 16] = [
    (0, -26, 11, 0, Step::Slip),
    (0, -21, 16, 40, Step::Correct),
    (1, -21, 17, 30, Step::Late),
    (0, -19, 9, 0, Step::Query),
    (0, -14, 11, 0, Step::HandBack),
    (1, -12, 15, 0, Step::Protected),
    (0, -10, 10, 0, Step::Withdraw),
    (0, -7, 10, 0, Step::ChangeOfSupplier),
    (0, -6, 9, 0, Step::Cut),
    (0, 3, 14, 0, Step::LateOutcomes(2)),
    (1, 1, 10, 30, Step::Stop),
    (1, 2, 9, 0, Step::Lift),
    (1, 3, 18, 30, Step::Hold),
    (2, -7, 9, 0, Step::Fail),
    (2, -6, 15, 0, Step::Adopt),
    (2, 3, 14, 0, Step::LateOutcomes(2)),
];

/// The script, in the order of time.
///
/// # Errors
/// If a moment does not exist: a defect.
pub fn script() -> Result<Vec<Entry>, Failure> {
    let mut script = Vec::new();
    for (place, week) in WEEKS.into_iter().enumerate() {
        let once = ONCE
            .iter()
            .filter(|(of, ..)| *of == place)
            .map(|&(_, days, hour, minute, step)| (days, hour, minute, step));
        for (days, hour, minute, step) in EVERY_WEEK.into_iter().chain(once) {
            script.push((moment(week, days, hour, minute)?, week, step));
        }
        for day in 0..5 {
            // The Working Day before a Monday is the Friday before it.
            let evening = if day == 0 { -3 } else { i64::from(day) - 1 };
            script.push((moment(week, evening, 18, 0)?, week, Step::Lock(day)));
            script.push((moment(week, i64::from(day), 9, 0)?, week, Step::Begin(day)));
            script.push((moment(week, i64::from(day), 18, 15)?, week, Step::Report(day)));
        }
    }
    script.sort_by_key(|(at, week, _)| (*at, *week));
    Ok(script)
}

fn moment(week: Date, days: i64, hour: i8, minute: i8) -> Result<Timestamp, Failure> {
    at(week.saturating_add(days.days()), hour, minute)
}

/// Plays the script; the story of a week is printed when the outcomes of its last day are due.
///
/// # Errors
/// If the database or the folder fails.
pub fn play(stage: &mut Stage) -> Result<(), Failure> {
    let mut weeks = WEEKS.into_iter().peekable();
    for (at, week, step) in script()? {
        while let Some(over) = weeks.next_if(|week| over(*week).is_ok_and(|over| over <= at)) {
            stage.wait_until(self::over(over)?)?;
            stage.tell_week(over)?;
        }
        stage.wait_until(at)?;
        self::step(stage, week, step)?;
    }
    for week in weeks {
        stage.wait_until(over(week)?)?;
        stage.tell_week(week)?;
    }
    Ok(())
}

/// Plays a step.
fn step(stage: &mut Stage, week: Date, step: Step) -> Result<(), Failure> {
    match step {
        Step::Demand => stage.demand(week),
        Step::Slip => stage.slip(week),
        Step::Correct => stage.correct_in_grace(week),
        Step::Late => stage.late(week),
        Step::Dormant => stage.plan_dormant(week),
        Step::Answers => stage.answer_notices(week),
        Step::Decide => stage.decide_objections(week),
        Step::Scale => stage.scale(week),
        Step::Query => stage.query(week),
        Step::Firm => stage.firm(week),
        Step::HandBack => stage.hand_back(week),
        Step::Authorise => stage.authorise(week),
        Step::Protected => stage.protected(week),
        Step::Partners => stage.partners(week),
        Step::Withdraw => stage.withdraw(week),
        Step::Refill => stage.refill(week),
        Step::ChangeOfSupplier => stage.change_of_supplier(week),
        Step::Cut => stage.cut(week),
        Step::Closed => stage.closed(week),
        Step::Lock(day) => stage.lock(week, usize::from(day)),
        Step::Begin(day) => stage.begin(week, usize::from(day)),
        Step::Report(day) => stage.report(week, usize::from(day)),
        Step::LateOutcomes(day) => stage.late_outcomes(week, usize::from(day)),
        Step::Stop => stage.stop(week),
        Step::Lift => stage.lift(week),
        Step::Hold => stage.hold(week),
        Step::Fail => stage.fail(week),
        Step::Adopt => stage.adopt(week),
    }
}

/// When the outcomes of the last day of a week are due: on the next Working Day.
fn over(week: Date) -> Result<Timestamp, Failure> {
    moment(week, 7, 12, 0)
}
