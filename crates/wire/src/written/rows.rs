//! The rows of the tables that DCC writes.

use super::line::{self, WriteRow};
use crate::authorisation::{Action, EchoRow};
use crate::layout::{
    AUTHORISATION, AUTHORISATION_RESPONSE, ELIGIBLE_LIST, Layout, NOTICE, RESPONSE, SCHEDULE, STOP_LIST,
};
use crate::sheet::Cell;
use jiff::Zoned;
use jiff::civil::Date;
use sluice_rules::dormant::Line;
use sluice_rules::installation::InstallationType;
use sluice_rules::party::{Eui64, Party};
use sluice_rules::point::{Mpan, Mprn};

/// A row of an authorisation response (MAR): what the supplier wrote, and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseRow<'a> {
    /// The line number that a person sees in the authorisation file; none for what is not of one row.
    pub row: Option<u64>,
    /// Import MPAN, as the supplier wrote it.
    pub mpan: &'a str,
    /// MPRN, as the supplier wrote it.
    pub mprn: &'a str,
    /// CHF Device ID, as the supplier wrote it.
    pub chf: &'a str,
    /// Migration date, as the supplier wrote it.
    pub date: &'a str,
    /// Action, as the supplier wrote it.
    pub action: &'a str,
    /// The supplier's own words.
    pub reference: &'a str,
    /// The verdict.
    pub verdict: &'a str,
    /// The codes, separated by a blank.
    pub codes: &'a str,
    /// The codes in words.
    pub message: &'a str,
}

impl<'a> ResponseRow<'a> {
    /// The answer to a row of a file.
    #[must_use]
    pub fn to(echo: EchoRow<'a>, verdict: &'a str, codes: &'a str, message: &'a str) -> Self {
        let EchoRow { row, mpan, mprn, chf, date, action, reference } = echo;
        Self { row: Some(row), mpan, mprn, chf, date, action, reference, verdict, codes, message }
    }
}

impl WriteRow for ResponseRow<'_> {
    const LAYOUT: Layout = AUTHORISATION_RESPONSE;

    fn cells(&self, line: &mut line::Line<'_>) {
        line.number(self.row);
        let echo = [self.mpan, self.mprn, self.chf, self.date, self.action, self.reference];
        for text in echo.into_iter().chain([self.verdict, self.codes, self.message]) {
            line.text(text);
        }
    }
}

/// A row of a Demand Response (DR) from a stored result. Quantities are installations, balances nano-installations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemandResponseRow<'a> {
    /// The day.
    pub date: Date,
    /// PROVISIONAL, FIRM, REFILL or CUT.
    pub stage: &'a str,
    /// Demand as sent.
    pub demand: u64,
    /// Counted demand.
    pub counted: u64,
    /// The flat part of the allocation.
    pub flat: u64,
    /// The allocation.
    pub allocation: u64,
    /// Opening balance.
    pub opening: i64,
    /// Closing balance.
    pub closing: i64,
    /// The sentence that explains it.
    pub derivation: &'a str,
}

impl WriteRow for DemandResponseRow<'_> {
    const LAYOUT: Layout = RESPONSE;

    fn cells(&self, line: &mut line::Line<'_>) {
        line.date(Some(self.date));
        line.text(self.stage);
        let pro_rata = self.allocation.saturating_sub(self.flat);
        let unmet = self.counted.saturating_sub(self.allocation);
        for units in [self.demand, self.counted, self.flat, pro_rata, self.allocation, unmet] {
            line.number(Some(units));
        }
        for balance in [self.opening, self.closing] {
            line.signed(balance);
        }
        line.text(self.derivation);
    }
}

/// A row of an eligible list (ELIG; MAM-13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EligibleRow<'a> {
    /// The installation.
    pub chf: Eui64,
    /// Import MPAN, where it is the supplier's.
    pub mpan: Option<Mpan>,
    /// MPRN, where it is the supplier's.
    pub mprn: Option<Mprn>,
    /// Its Device Model Combination.
    pub dmc: &'a str,
    /// Its type.
    pub kind: InstallationType,
    /// May it be authorised?
    pub eligible: bool,
    /// The codes that say why not, separated by a blank.
    pub reasons: &'a str,
    /// Who has to act, separated by a blank.
    pub who_acts: &'a str,
    /// Failed attempts so far.
    pub attempts: u64,
    /// The supplier's own words.
    pub reference: &'a str,
    /// MAM-1: the other suppliers whose authorisation waits for the supplier's, separated by a blank.
    pub asked_by: &'a str,
    /// For which dates.
    pub asked_for: &'a str,
    /// Until when the supplier can answer, in local time.
    pub asked_until: &'a str,
    /// MAM-7: the date of the supplier's own authorisation; a row for another one moves it.
    pub authorised_for: Option<Date>,
}

impl WriteRow for EligibleRow<'_> {
    const LAYOUT: Layout = ELIGIBLE_LIST;

    fn cells(&self, line: &mut line::Line<'_>) {
        line.shown(Some(self.chf));
        line.shown(self.mpan);
        line.shown(self.mprn);
        line.text(self.dmc);
        line.text(self.kind.word());
        line.text(if self.eligible { "YES" } else { "NO" });
        line.text(self.reasons);
        line.text(self.who_acts);
        line.number(Some(self.attempts));
        line.text(self.reference);
        line.text(self.asked_by);
        line.text(self.asked_for);
        line.text(self.asked_until);
        line.date(self.authorised_for);
    }
}

/// A row of the schedule of a day (SCHED).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScheduleRow {
    /// The installation.
    pub chf: Eui64,
    /// Import MPAN, if its electricity meter takes part.
    pub mpan: Option<Mpan>,
    /// MPRN, if its gas meter takes part.
    pub mprn: Option<Mprn>,
    /// Its type.
    pub kind: InstallationType,
    /// The Responsible Supplier of the electricity meter.
    pub electricity: Option<Party>,
    /// The Responsible Supplier of the gas meter.
    pub gas: Option<Party>,
    /// Which attempt this is, from 1.
    pub attempt: u64,
}

impl WriteRow for ScheduleRow {
    const LAYOUT: Layout = SCHEDULE;

    fn cells(&self, line: &mut line::Line<'_>) {
        line.shown(Some(self.chf));
        line.shown(self.mpan);
        line.shown(self.mprn);
        line.text(self.kind.word());
        line.shown(self.electricity);
        line.shown(self.gas);
        line.number(Some(self.attempt));
    }
}

/// A row of a stop list (STOPLIST).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopRow(pub ScheduleRow);

impl WriteRow for StopRow {
    const LAYOUT: Layout = STOP_LIST;

    fn cells(&self, line: &mut line::Line<'_>) {
        self.0.cells(line);
    }
}

/// A row of a Dormant notice (DMMS).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRow<'a> {
    /// The installation.
    pub chf: Eui64,
    /// Import MPAN, where it is the supplier's.
    pub mpan: Option<Mpan>,
    /// MPRN, where it is the supplier's.
    pub mprn: Option<Mprn>,
    /// Its Device Model Combination.
    pub dmc: &'a str,
    /// Planned or standby.
    pub line: Line,
    /// The migration date of a planned one.
    pub date: Option<Date>,
    /// When answers are due, local time.
    pub respond_by: &'a Zoned,
}

impl WriteRow for NoticeRow<'_> {
    const LAYOUT: Layout = NOTICE;

    fn cells(&self, line: &mut line::Line<'_>) {
        line.shown(Some(self.chf));
        line.shown(self.mpan);
        line.shown(self.mprn);
        line.text(self.dmc);
        line.text(self.line.word());
        line.date(self.date);
        line.shown(Some(self.respond_by.strftime("%F %H:%M")));
    }
}

/// A row of a proposed authorisation file, which the supplier may edit and send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProposedRow<'a> {
    /// Import MPAN, where it is the supplier's.
    pub mpan: Option<Mpan>,
    /// MPRN, where it is the supplier's.
    pub mprn: Option<Mprn>,
    /// The installation.
    pub chf: Eui64,
    /// The migration date.
    pub date: Date,
    /// What is asked for.
    pub action: Action,
    /// One of the supplier's User IDs.
    pub critical_supplier: Eui64,
    /// 1 (first) to 9999, if it has one.
    pub priority: Option<u16>,
    /// The supplier's own words.
    pub reference: &'a str,
}

impl ProposedRow<'_> {
    /// Its cells in a template that can be edited.
    pub(crate) fn template_cells(&self) -> Vec<Cell> {
        let text = |text: Option<String>| text.map_or(Cell::Empty, Cell::Text);
        vec![
            text(self.mpan.map(|mpan| mpan.to_string())),
            text(self.mprn.map(|mprn| mprn.to_string())),
            Cell::Text(self.chf.to_string()),
            Cell::Date(self.date),
            Cell::Text(self.action.word().to_owned()),
            Cell::Text(self.critical_supplier.to_string()),
            self.priority.map_or(Cell::Empty, |priority| Cell::Number(i64::from(priority))),
            text((!self.reference.is_empty()).then(|| self.reference.to_owned())),
        ]
    }
}

impl WriteRow for ProposedRow<'_> {
    const LAYOUT: Layout = AUTHORISATION;

    fn cells(&self, line: &mut line::Line<'_>) {
        line.shown(self.mpan);
        line.shown(self.mprn);
        line.shown(Some(self.chf));
        line.date(Some(self.date));
        line.text(self.action.word());
        line.shown(Some(self.critical_supplier));
        line.number(self.priority.map(u64::from));
        line.text(self.reference);
    }
}
