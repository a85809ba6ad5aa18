//! A proposed authorisation file for a week (MAM-13).

use crate::act::actor::{Actor, must_supply};
use crate::act::work::Look;
use crate::books::calendar::{WeekCalendar, in_words, local_date};
use crate::books::terms::MamTerms;
use crate::error::{Result, ServiceError};
use crate::responsibility::intake;
use crate::rows::asked::takes_until;
use crate::rows::eligible::{Asked, EligibleFacts, EligibleLine, list_for};
use jiff::civil::Date;
use serde::Serialize;
use sluice_rules::authorisation::standby::Allowance;
use sluice_rules::calendar::Milestone;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_store::tables::{results, uses, weeks};
use sluice_wire::authorisation::Action;
use sluice_wire::written::ProposedRow;

/// A row of a proposed authorisation file.
#[derive(Debug, Clone)]
pub struct Proposed {
    file: EligibleFacts,
    date: Date,
    critical_supplier: Eui64,
    /// Would it wait for a unit?
    standby: bool,
    /// MAM-1: the other supplier whose row waits for it, and until when.
    asked: Option<Asked>,
    note: String,
}

impl Proposed {
    fn new(line: &EligibleLine, date: Date, critical_supplier: Eui64, standby: bool) -> Self {
        let asked = line.asked.iter().find(|asked| asked.date == date).copied();
        let waits = asked.map(|asked| format!("{} waits for it until {}", asked.by, asked.until()));
        let note: Vec<String> = standby.then(|| "standby".to_owned()).into_iter().chain(waits).collect();
        Self { file: line.file, date, critical_supplier, standby, asked, note: note.join("; ") }
    }

    /// As a row of the file. Its reference says that it would wait for a unit, and who waits for it.
    #[must_use]
    pub fn row(&self) -> ProposedRow<'_> {
        ProposedRow {
            mpan: self.file.mpan,
            mprn: self.file.mprn,
            chf: self.file.chf,
            date: self.date,
            action: Action::Authorise,
            critical_supplier: self.critical_supplier,
            priority: None,
            reference: &self.note,
        }
    }
}

/// A proposed authorisation file.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// Its rows: units first, then what waits in line.
    pub rows: Vec<Proposed>,
    /// The Migration Days of the week.
    pub days: Vec<ProposedDay>,
    /// Installations that are left out, since the supplier and another one name different dates for them (MA121).
    pub differing: usize,
    /// Installations that are left out, since the supplier has an authorisation of them.
    pub authorised: usize,
}

/// What is proposed for a day, in rows.
#[derive(Debug, Clone, Serialize)]
pub struct ProposedDay {
    /// The day.
    #[serde(with = "crate::words")]
    pub date: Date,
    /// Rows that have a unit, or need none.
    pub asked: usize,
    /// Rows that would wait for a unit.
    pub standby: usize,
    /// Of both, those that another supplier's row waits for (MAM-1).
    pub awaited: usize,
}

/// MAM-13: a proposed authorisation file for a week: first what other suppliers' rows wait for (MAM-1), then filled up to the allocation
/// and its standby of each day, never attempted installations first, then by the oldest failed attempt, then by CHF Device ID. Read as
/// [`list`] is.
///
/// # Errors
/// If the party is no supplier, its proposal is not for the reader, the week is not firm or the database fails.
pub fn propose(work: &mut Look<'_>, reader: &Actor, party: Party, s1sp: S1sp, week: Date) -> Result<Proposal> {
    must_supply(&mut work.tx, party, "MAM-13", "a proposed authorisation file")?;
    reader.must_read_for(party, "the proposed authorisation file")?;
    intake::must_not_have_failed(&mut work.tx, party)?;
    let calendar = work.week(week)?;
    if !results::firm_weeks(&mut work.tx, &s1sp)?.contains(&week) {
        let message = format!("the week of {week} at {s1sp} is not firm yet; there is no allocation to fill");
        return Err(ServiceError::rule("MAM-13", message));
    }
    if takes_until(work, party, s1sp, &calendar)?.is_none() {
        let cutoff = in_words(calendar.at(Milestone::AuthorisationCutoff));
        let message = format!("authorisation of the week of {week} closed at {cutoff}; propose for a later week");
        return Err(ServiceError::rule("MAM-13", message));
    }
    let critical_supplier = intake::open_id(&mut work.tx, party)?.ok_or_else(|| {
        ServiceError::Use(format!("{party} has no registered User ID under which its files are taken"))
    })?;
    let today = local_date(work.now);
    let terms = MamTerms::on(work.books, today)?;
    let mut days = room(work, party, s1sp, &calendar, &terms)?;
    let dates: Vec<Date> = days.iter().map(|(date, ..)| *date).collect();
    let lines = list_for(work, party, s1sp, calendar.sunday(), &dates)?;
    let mut rows = awaited(&lines, &mut days, critical_supplier);
    // What another supplier has named a date for is proposed for that one or not at all.
    let mut candidates: Vec<&EligibleLine> =
        lines.iter().filter(|line| line.leads && !line.authorised && !line.is_asked_for()).collect();
    candidates.sort_by_key(|line| (line.attempts > 0, line.last_failed, line.file.chf));
    // The allocations of all days first: nobody waits in line on one day while another has units left.
    let units = days.iter().map(|(date, open, _)| (*date, *open, false));
    for (date, mut room, standby) in units.chain(days.iter().map(|(date, _, standby)| (*date, *standby, true))) {
        candidates.retain(|line| {
            if room == 0 || !line.open_on.contains(&date) {
                return true;
            }
            room -= 1;
            rows.push(Proposed::new(line, date, critical_supplier, standby));
            false
        });
    }
    // MAM-3: of a day the file has first what gets a unit.
    rows.sort_by_key(|row| row.standby);
    let of_day = |date: Date| {
        let of =
            |wanted: &dyn Fn(&&Proposed) -> bool| rows.iter().filter(|row| row.date == date).filter(wanted).count();
        let (asked, standby) = (of(&|row| !row.standby), of(&|row| row.standby));
        ProposedDay { date, asked, standby, awaited: of(&|row| row.asked.is_some()) }
    };
    let days = dates.iter().map(|date| of_day(*date)).collect();
    let differing = lines.iter().filter(|line| line.is_authorised() && line.is_asked_for()).count();
    let authorised = lines.iter().filter(|line| line.is_authorised()).count();
    Ok(Proposal { rows, days, differing, authorised })
}

/// MAM-1: the rows that other suppliers' rows wait for. The Lead Supplier's takes a unit or a place in line of its day (MAM-2), or that
/// which is kept for it (MAM-11).
/// Where the supplier names another date itself the two have to agree (MA121), so nothing is proposed.
fn awaited(lines: &[EligibleLine], days: &mut [(Date, u64, u64)], critical_supplier: Eui64) -> Vec<Proposed> {
    let mut rows = Vec::new();
    for line in lines.iter().filter(|line| !line.is_authorised()) {
        for asked in line.asked.iter().filter(|asked| line.open_on.contains(&asked.date)) {
            let Some((date, open, standby)) = days.iter_mut().find(|(date, ..)| *date == asked.date) else { continue };
            let waits = line.leads && !asked.kept && *open == 0;
            match line.leads && !asked.kept {
                true if *open > 0 => *open -= 1,
                true if *standby > 0 => *standby -= 1,
                true => continue,
                false => {}
            }
            rows.push(Proposed::new(line, *date, critical_supplier, waits));
            break;
        }
    }
    rows
}

/// The Migration Days of a week, each with how many more rows of a party can have a unit, and how many more can wait.
fn room(
    work: &mut Look<'_>,
    party: Party,
    s1sp: S1sp,
    calendar: &WeekCalendar<'_>,
    terms: &MamTerms,
) -> Result<Vec<(Date, u64, u64)>> {
    let (from, to) = (calendar.monday, calendar.sunday());
    let allowances = uses::allowances(&mut work.tx, &s1sp, from, to)?;
    let capacity = weeks::capacity(&mut work.tx, &s1sp, from, to)?;
    // CAL-7: a day may be closed before its week.
    let open = |date: Date| calendar.closes_with_its_lock(date).is_none_or(|lock| work.now < lock);
    let days = capacity.iter().filter(|(date, capacity)| capacity.total() > 0 && open(**date)).map(|(&date, _)| {
        let allowance: Allowance = allowances.get(&(party, date)).copied().unwrap_or_default();
        // MAM-3: as many as would be taken.
        (date, allowance.open(), allowance.standby_room(terms.standby))
    });
    Ok(days.collect())
}
