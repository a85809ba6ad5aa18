//! DMT-1: when the answers are due, what the Dormant reserve does not need joins the refill.

use crate::act::work::Work;
use crate::books::calendar::week_of;
use crate::dormant::roster::{Roster, book};
use crate::error::{Result, ServiceError};
use jiff::civil::Date;
use sluice_rules::codes::RowCode;
use sluice_rules::dormant::{ByDay, DormantEvent, DormantState, Line, Waiting, places, settle_reserve};
use sluice_rules::party::{Eui64, S1sp};
use sluice_rules::scaling::Capacity;
use sluice_store::tables::{dormant, weeks};

/// DMT-1: the answers of a week are due: installations on standby move up into places that came free, and what is left of the
/// reserve joins the refill. Gives how many units that is.
///
/// # Errors
/// If the database fails.
pub(crate) fn close_answers(work: &mut Work<'_>, s1sp: S1sp, week: Date) -> Result<u64> {
    let percent = book(work)?.number("dormant_reserve_percent")?;
    let mut roster = Roster::load(work, s1sp, week)?;
    roster.end_unsent();
    roster.rejudge(work, None, None)?;
    let days = roster.days()?;
    let places = days.map(|day| roster.capacity.get(&day).map_or(0, |capacity| places(*capacity, percent)));
    let needed = settle_reserve(&roster.holding(&days), &days, &places);
    for (chf, date) in &needed.moved {
        // CAL-7: it may have to be taken back, to where it was at first. Programs of before did not note it.
        if let Some(line) = roster.lines.get(chf).filter(|_| work.engine > 6) {
            dormant::add_moved_up(&mut work.tx, &s1sp, week, (*chf, line.date))?;
        }
        roster.move_up(work, *chf, *date)?;
    }
    roster.save(work)?;
    let mut freed = 0;
    for (day, needed) in days.into_iter().zip(needed.reserve) {
        let Some(capacity) = roster.capacity.get(&day).filter(|capacity| capacity.reserve() > needed) else { continue };
        // CAL-7: answers that are due again may find days locked, which keep what they have.
        if work.engine > 6 && (day <= roster.today || roster.locked.contains(&day)) {
            continue;
        }
        let less_by = capacity.reserve() - needed;
        if work.engine > 6 {
            let before = dormant::given_up(&mut work.tx, &s1sp, day, day)?.get(&day).copied().unwrap_or(0);
            dormant::set_given_up(&mut work.tx, &s1sp, day, before + less_by)?;
        }
        freed += less_by;
        let less = Capacity::new(capacity.total(), needed).map_err(ServiceError::defect)?;
        weeks::set_capacity(&mut work.tx, &s1sp, day, less)?;
    }
    Ok(freed)
}

/// DMT-1: how much reserve a day needs after the answers: a place for each installation that is planned for it and still in,
/// also while it is stopped.
///
/// # Errors
/// If the database fails.
pub(crate) fn needed_on(work: &mut Work<'_>, s1sp: S1sp, date: Date) -> Result<u64> {
    let mut lines = dormant::of_week(&mut work.tx, &s1sp, week_of(date)?)?;
    lines.retain(|line| line.line == Line::Planned && line.date == Some(date));
    lines.retain(|line| matches!(line.state, DormantState::Noticed | DormantState::Stopped));
    Ok(u64::try_from(lines.len()).unwrap_or(u64::MAX))
}

impl Roster<'_> {
    /// DMT-2: what nobody was told of is not migrated.
    fn end_unsent(&mut self) {
        let unsent = self.lines.values().filter(|line| line.state == DormantState::Planned);
        for chf in unsent.map(|line| line.chf).collect::<Vec<Eui64>>() {
            self.step(chf, DormantEvent::End);
        }
    }

    /// The lines that may fill the reserve. What is stopped keeps its place like one with an objection (DMT-4): it may be in
    /// again by its day.
    fn holding(&self, days: &ByDay<Date>) -> Vec<Waiting> {
        let left = self.days_left();
        let in_week =
            self.lines.values().filter(|line| matches!(line.state, DormantState::Noticed | DormantState::Stopped));
        let one = |line: &sluice_store::tables::dormant::DormantLineRecord| {
            let stopped = line.state == DormantState::Stopped;
            let fits = |day: Date| {
                let mut codes = self.against(line.chf, day);
                if stopped {
                    codes.remove(RowCode::MA124.code());
                }
                left.contains(&day) && codes.is_empty()
            };
            Waiting {
                chf: line.chf,
                line: line.line,
                date: line.date,
                place: line.place,
                objected: stopped || self.is_objected(line.chf),
                open_on: days.map(fits),
            }
        };
        in_week.map(one).collect()
    }

    /// One that stood by, or whose day cannot be kept, is planned for a day that has a place; its suppliers are told.
    fn move_up(&mut self, work: &mut Work<'_>, chf: Eui64, date: Date) -> Result<()> {
        let Some(line) = self.lines.get_mut(&chf) else { return Ok(()) };
        let was = match line.date {
            Some(date) => format!("it was planned for {date}"),
            None => "it stood by".to_owned(),
        };
        (line.line, line.date) = (Line::Planned, Some(date));
        self.changed.insert(chf);
        self.tell(work, chf, "DMT-1", &format!("{was}, and is now planned for {date}"))
    }
}
