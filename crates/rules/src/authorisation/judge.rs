//! The codes of a row that depend on the installation and the moment (MAM-4). Codes about its form come from reading it.

use super::bars::{HoldEntry, Stop, holder_on};
use super::responsibility::{Meter, Meters};
use crate::calendar::LONDON;
use crate::codes::RowCode;
use crate::installation::Fuel;
use crate::party::{Eui64, Party, S1sp};
use crate::point::{Mpan, Mprn};
use jiff::Timestamp;
use jiff::civil::Date;

/// What a row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// Import MPAN, if given.
    pub mpan: Option<Mpan>,
    /// MPRN, if given.
    pub mprn: Option<Mprn>,
    /// The migration date.
    pub date: Date,
    /// Does it take an authorisation back?
    pub withdraws: bool,
    /// The Notified Critical Supplier ID.
    pub critical_supplier: Eui64,
}

/// What is known of a day of one S1SP when a row names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayStatus {
    /// The week's authorisations are open.
    Open,
    /// The week is not open.
    Closed,
    /// The week was open until its cut-off, which has passed.
    Over(Timestamp),
    /// The week is open, since an outage has moved its cut-off, but the day was to be locked before that (CAL-7).
    Locked(Timestamp),
    /// The S1SP has no capacity on it.
    NoMigrationDay,
}

/// What is the same for all rows of a file.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// Who sent it.
    pub party: Party,
    /// The User IDs of the sender.
    pub user_ids: &'a [Eui64],
    /// The S1SP in the name.
    pub s1sp: S1sp,
    /// The local date of the moment for which responsibility is judged (MAM-8).
    pub today: Date,
    /// Failed attempts that make an installation a candidate for exclusion (OUT-2).
    pub attempts: u64,
    /// MAM-8: is a row taken for the one meter that its sender keeps? Programs of before refused it (MA119).
    pub narrows: bool,
}

/// A period in which a Device Model Combination is on the EPCL of an S1SP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proven {
    /// The date it was added.
    pub added: Date,
    /// The date it was removed, if it was.
    pub removed: Option<Date>,
}

impl Proven {
    /// Was it added on or before a date, and not removed by then?
    #[must_use]
    pub fn holds_on(&self, date: Date) -> bool {
        self.added <= date && self.removed.is_none_or(|removed| removed > date)
    }
}

/// An exclusion of the whole installation (EXC-1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// Its category.
    pub category: String,
    /// From which date it holds.
    pub from: Date,
}

/// What is known of the installation that a row names.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    /// The S1SP that serves it.
    pub s1sp: S1sp,
    /// The meter point of its electricity meter.
    pub mpan: Mpan,
    /// The meter point of its gas meter, if it has one.
    pub mprn: Option<Mprn>,
    /// Who is responsible for its meters.
    pub meters: &'a Meters,
    /// When its Device Model Combination was on the EPCL of its S1SP.
    pub proven: &'a [Proven],
    /// Its exclusion as a whole.
    pub exclusion: Option<&'a Exclusion>,
    /// Is it migrated?
    pub migrated: bool,
    /// Failed attempts since the last decision on them (OUT-2).
    pub failed: u64,
    /// The earliest date for another attempt after the last one that failed (OUT-2).
    pub retry_from: Option<Date>,
    /// Stop orders in force that may cover it.
    pub stops: &'a [Stop],
    /// Holds that suppliers set and cleared, oldest first.
    pub holds: &'a [HoldEntry],
    /// The date of a schedule that holds it and whose outcome is not known (OUT-4).
    pub scheduled: Option<Date>,
}

impl Subject<'_> {
    /// Since when its device models are on the EPCL without a break, if they are on a date (MA110).
    #[must_use]
    pub fn proven_since(&self, date: Date) -> Option<Date> {
        self.proven.iter().filter(|entry| entry.holds_on(date)).map(|entry| entry.added).min()
    }
}

/// A code with its words.
pub type Finding = (RowCode, String);

/// MAM-4: all state codes that apply to a row of an installation that exists, in ascending order. The two that depend on
/// other rows (MA117, MA118) come from [`super::settle`].
#[must_use]
pub fn judge(sender: &Sender<'_>, request: &Request, subject: &Subject<'_>, day: DayStatus) -> Vec<Finding> {
    let mut findings = Vec::new();
    // MA123: the ID under which the sender wants to be notified must be its own.
    if !sender.user_ids.contains(&request.critical_supplier) {
        let message = format!("{} is not one of your registered User IDs", request.critical_supplier);
        findings.push((RowCode::MA123, message));
    }
    if !request.withdraws {
        date(sender, request, day, &mut findings);
    }
    if [sender.today, request.date.max(sender.today)].iter().any(|date| subject.meters.concerns(sender.party, *date)) {
        identifiers(sender, request, subject, &mut findings);
        let date_asked = Some(request.date).filter(|_| !request.withdraws);
        findings.extend(responsibility(subject.meters, sender.party, sender.today, date_asked));
        if !sender.narrows && date_asked.is_some_and(|date| subject.meters.requires(sender.party, date)) {
            findings.extend(change_of_supplier(subject.meters, sender.party, sender.today, request.date));
        }
        // A withdrawal frees a unit whatever has become of the installation.
        if !request.withdraws {
            findings.extend(ground(subject, request.date, sender.attempts));
            scheduled(request, subject, &mut findings);
        }
    } else {
        // MSM-14: whoever has no meter of it is told that, and nothing else of the installation.
        findings.push((RowCode::MA111, NOT_YOURS.to_owned()));
    }
    findings.sort_by_key(|(code, _)| *code);
    findings
}

fn identifiers(sender: &Sender<'_>, request: &Request, subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    // MA109: every identifier that is given must be the installation's own.
    if request.mpan.is_some_and(|mpan| mpan != subject.mpan) {
        findings.push((
            RowCode::MA109,
            "the Import MPAN belongs to another installation than the CHF Device ID".to_owned(),
        ));
    }
    if request.mprn.is_some_and(|mprn| Some(mprn) != subject.mprn) {
        findings.push((RowCode::MA109, "the MPRN belongs to another installation than the CHF Device ID".to_owned()));
    }
    // MA101: each meter point that the sender is responsible for must be given, unless it counts as absent (OUT-3), or is
    // another supplier's by the date (MAM-8).
    let until = request.date.max(sender.today);
    let stays = |meter: &Meter| !sender.narrows || meter.supplier_on(until) == Some(sender.party);
    let own = |meter: &&Meter| {
        meter.supplier_on(sender.today) == Some(sender.party) && meter.counts_on(request.date) && stays(meter)
    };
    for meter in subject.meters.each().filter(own) {
        let missing = match meter.fuel {
            Fuel::Electricity => request.mpan.is_none().then_some("Import MPAN"),
            Fuel::Gas => request.mprn.is_none().then_some("MPRN"),
        };
        if let Some(column) = missing {
            let message = format!("{column} must not be empty: you are responsible for that meter too");
            findings.push((RowCode::MA101, message));
        }
    }
    // MA113: the S1SP in the file's name must serve the installation.
    if subject.s1sp != sender.s1sp {
        let message =
            format!("another S1SP than {} serves this installation; send it in a file for that S1SP", sender.s1sp);
        findings.push((RowCode::MA113, message));
    }
}

/// MA111 in words.
const NOT_YOURS: &str = "you are not the Responsible Supplier of an Active Meter of this installation";

/// MA111, MA112, MA119: what speaks against a migration on `date` that `sender` asks for on `today`. A withdrawal has no `date`
/// to answer for.
#[must_use]
pub fn responsibility(meters: &Meters, sender: Party, today: Date, date: Option<Date>) -> Vec<Finding> {
    let mut findings = Vec::new();
    // MA119: the sender will not be responsible for any Active Meter any more when it is migrated (MAM-8).
    let change = date.and_then(|date| change_of_supplier(meters, sender, today, date));
    // A meter that is excluded by then is not migrated (OUT-3).
    let stays = date.is_none_or(|date| meters.requires(sender, date));
    if meters.lead_on(today).is_none() {
        // MA112 hides MA111: of a Dormant installation nobody is Responsible Supplier of an Active Meter.
        let message = "no meter of it is Active; Dormant installations are planned by DCC and need no authorisation";
        findings.push((RowCode::MA112, message.to_owned()));
    } else if !meters.requires(sender, today) || (!stays && change.is_none()) {
        // MA111: only the Responsible Supplier of an Active Meter authorises.
        findings.push((RowCode::MA111, NOT_YOURS.to_owned()));
    }
    findings.extend(change.filter(|_| !stays));
    findings
}

/// MA119: a change of supplier of an Active Meter of `supplier` that takes effect after `today` and no later than `date`.
#[must_use]
pub fn change_of_supplier(meters: &Meters, supplier: Party, today: Date, date: Date) -> Option<Finding> {
    let own = meters.each().filter(|meter| meter.is_active_on(today) && meter.supplier_on(today) == Some(supplier));
    let change = own.filter_map(|meter| Some((meter.fuel, meter.change_before(supplier, today, date)?))).next()?;
    let message = format!(
        "another supplier takes over the {} meter on {}, not later than the migration date",
        change.0.word().to_ascii_lowercase(),
        change.1.from
    );
    Some((RowCode::MA119, message))
}

fn in_words(at: Timestamp) -> impl std::fmt::Display {
    at.to_zoned(LONDON).strftime("%H:%M on %A %-d %B %Y (UK time)")
}

fn date(sender: &Sender<'_>, request: &Request, day: DayStatus, findings: &mut Vec<Finding>) {
    // MA106: a Migration Day of the S1SP in a week that is open.
    let message = match day {
        DayStatus::Open => return,
        DayStatus::Closed => {
            format!("{} is in no Migration Week that is open for authorisation at {}", request.date, sender.s1sp)
        }
        DayStatus::Over(at) => {
            format!("{}: authorisation of its week closed at {} at {}", request.date, in_words(at), sender.s1sp)
        }
        DayStatus::Locked(at) => format!(
            "{}: its schedule at {} was to be locked from {} on, before the cut-off of its week, which an outage has moved; name a later day of the week",
            request.date,
            sender.s1sp,
            in_words(at)
        ),
        DayStatus::NoMigrationDay => format!("{} is not a Migration Day of {}", request.date, sender.s1sp),
    };
    findings.push((RowCode::MA106, message));
}

/// The codes that say why an installation cannot be migrated on a date, whoever asks. They are judged again at the lock
/// (SCH-2), and an installation with one of them is not eligible (MAM-13).
#[must_use]
pub fn ground(subject: &Subject<'_>, date: Date, attempts: u64) -> Vec<Finding> {
    let mut findings = Vec::new();
    // MA110: an EPCL entry added on or before the migration date, and not removed by then.
    if subject.proven_since(date).is_none() {
        let message = "its device models match no EPCL entry added on or before the migration date";
        findings.push((RowCode::MA110, message.to_owned()));
    }
    // MA114: an exclusion that holds on the date.
    let exclusion = subject.exclusion.filter(|exclusion| exclusion.from <= date);
    if let Some(exclusion) = exclusion {
        let message = format!("it is excluded from {} on: {}", exclusion.from, exclusion.category);
        findings.push((RowCode::MA114, message));
    }
    // MA115: migrated once, migrated for good.
    if subject.migrated {
        findings.push((RowCode::MA115, "it is migrated already".to_owned()));
    }
    // MA122: no further attempt before DCC has decided on its exclusion.
    if subject.failed >= attempts {
        let first = if exclusion.is_none() { "; DCC decides on its exclusion first" } else { "" };
        findings.push((RowCode::MA122, format!("{} attempts failed{first}", subject.failed)));
    }
    // MA124: a stop order covers it.
    if let Some(stop) = subject.stops.iter().find(|stop| stop.covers(subject.meters, date)) {
        // Why the meters of one supplier stand still is not for every reader of the code (MSM-14).
        let why = if stop.supplier.is_none() { format!(": {}", stop.reason) } else { String::new() };
        let message = format!("stop order {} covers it{why}", stop.id);
        findings.push((RowCode::MA124, message));
    }
    // MA126: a supplier of one of its meters holds it; it gives no reason.
    if holder_on(subject.holds, subject.meters, date).is_some() {
        findings.push((RowCode::MA126, format!("it is on hold on {date}")));
    }
    // MA127: the table of outcome codes says when it may be tried again.
    if let Some(from) = subject.retry_from.filter(|from| date < *from) {
        findings.push((RowCode::MA127, format!("after its last failed attempt it can be tried again from {from} on")));
    }
    findings
}

fn scheduled(request: &Request, subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    // MA125: what is in a locked schedule waits for its outcome.
    if let Some(date) = subject.scheduled.filter(|date| *date != request.date) {
        let message = format!("it is in the locked schedule of {date}, whose outcome is not known yet");
        findings.push((RowCode::MA125, message));
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
