//! Who waits for whom at an installation with two Responsible Suppliers (MAM-1).

use crate::act::tell::tell;
use crate::act::work::{Reads, Work};
use crate::board::changed::Changed;
use crate::board::finish::{Ending, Settled};
use crate::books::calendar::{WeekCalendar, in_words, local_date, week_of};
use crate::books::terms::MamTerms;
use crate::error::Result;
use crate::facts::dossier::{Dossier, by_installation};
use crate::facts::s1sp::Facts;
use crate::words::count;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::judge::{ground, responsibility};
use sluice_rules::authorisation::missing::Missing;
use sluice_rules::authorisation::responsibility::Meter;
use sluice_rules::authorisation::settle::{Authorisation, Case, RowId};
use sluice_rules::authorisation::standby::{Allowance, PartyDay, StandbyTerms};
use sluice_rules::authorisation::state::State;
use sluice_rules::calendar::Milestone;
use sluice_rules::codes::RowCode;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_rules::point::{Mpan, Mprn};
use sluice_store::tables::convert::eui_number;
use sluice_store::tables::issued::Notice;
use sluice_store::tables::{authorisations, files, results, uses};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An authorisation that waits for one of another supplier.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The installation.
    pub chf: Eui64,
    /// Import MPAN, where it is that of whose row is missing.
    pub mpan: Option<Mpan>,
    /// MPRN, where it is that of whose row is missing.
    pub mprn: Option<Mprn>,
    /// Which row waits, and whose is missing.
    pub missing: Missing,
    /// Until when that one can send it.
    pub until: Timestamp,
    /// Why it would be refused now; none if it can be sent.
    pub reasons: Vec<RowCode>,
}

impl Waiting {
    /// The meter point of whose row is missing, in words; the CHF Device ID alone where none is known.
    #[must_use]
    pub fn home(&self) -> String {
        let points = [self.mpan.map(|mpan| format!("MPAN {mpan}")), self.mprn.map(|mprn| format!("MPRN {mprn}"))];
        match points.into_iter().flatten().collect::<Vec<_>>() {
            points if points.is_empty() => self.chf.to_string(),
            points => format!("{} ({})", self.chf, points.join(", ")),
        }
    }
}

/// MAM-1: what of a week at an S1SP waits for another supplier's row, as far as the reader may see it, in the order of the
/// installations. What can be sent no more is left out.
///
/// # Errors
/// If the database fails.
pub fn of_week<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    s1sp: S1sp,
    calendar: &WeekCalendar<'_>,
) -> Result<Vec<Waiting>> {
    let today = local_date(work.now);
    let mut waiting = Vec::new();
    let Ok(terms) = MamTerms::on(work.books, today) else { return Ok(waiting) };
    let keys = uses::waiting(&mut work.tx, &s1sp, calendar.monday, calendar.sunday())?;
    if keys.is_empty() {
        return Ok(waiting);
    }
    let mut room = Room {
        allowances: uses::allowances(&mut work.tx, &s1sp, calendar.monday, calendar.sunday())?,
        taken: BTreeMap::new(),
    };
    let mut facts = Facts::open(work, s1sp, terms)?;
    facts.load(work, keys)?;
    let mut untils: BTreeMap<Party, Option<Timestamp>> = BTreeMap::new();
    for file in facts.installations().into_iter().filter_map(|chf| facts.dossier(chf)) {
        for missing in file.case.missing().into_iter().filter(|missing| calendar.day(missing.date).is_some()) {
            let of = missing.of;
            let until = match untils.entry(of) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(place) => *place.insert(takes_until(work, of, s1sp, calendar)?),
            };
            // CAL-7: a day may be closed before its week.
            let until = until.and_then(|week| calendar.agrees_until(missing.date, &missing.named, week, work.now));
            let Some(until) = until else { continue };
            waiting.push(one(file, missing, until, &facts.terms, &mut room, today));
        }
    }
    Ok(waiting)
}

/// How many rows of each supplier a day still takes.
struct Room {
    allowances: HashMap<PartyDay, Allowance>,
    /// Rows that are counted already.
    taken: BTreeMap<PartyDay, u64>,
}

impl Room {
    /// MA117: the Lead Supplier needs a unit, or a place in line, for each of its rows: one more is counted if there is any.
    fn takes(&mut self, day: PartyDay, terms: StandbyTerms) -> bool {
        let allowance = self.allowances.get(&day).copied().unwrap_or_default();
        let taken = self.taken.entry(day).or_default();
        let takes = *taken < allowance.open() + allowance.standby_room(terms);
        *taken += u64::from(takes);
        takes
    }
}

fn one(file: &Dossier, missing: Missing, until: Timestamp, terms: &MamTerms, room: &mut Room, today: Date) -> Waiting {
    let (of, date, meters) = (missing.of, missing.date, &file.case.meters);
    let mut reasons = reasons_on(file, of, today, date, terms.attempts);
    let leads = meters.lead_on(date) == Some(of);
    // MAM-11: what is kept for it is nobody else's.
    let needs = leads && !file.case.has_kept((of, date));
    if needs && reasons.is_empty() && !room.takes((of, date), terms.standby) {
        reasons.push(RowCode::MA117);
    }
    let own = |meter: &Meter| meter.supplier_on(today) == Some(of) && meter.counts_on(date);
    Waiting {
        chf: file.installation.chf,
        mpan: Some(file.installation.mpan).filter(|_| own(&meters.electricity)),
        mprn: file.installation.mprn.filter(|_| meters.gas.as_ref().is_some_and(own)),
        missing,
        until,
        reasons,
    }
}

/// Why an installation cannot be authorised by a supplier for a date; no codes if it can.
#[must_use]
pub fn reasons_on(file: &Dossier, party: Party, today: Date, date: Date, attempts: u64) -> Vec<RowCode> {
    let mut findings = ground(&file.subject(), date, attempts);
    // No row is taken for a day that has come: who is not needed from tomorrow on (OUT-3) cannot authorise.
    let earliest = today.tomorrow().unwrap_or(today).max(date);
    findings.extend(responsibility(&file.case.meters, party, today, Some(earliest)));
    let mut reasons: Vec<RowCode> = findings.into_iter().map(|(code, _)| code).collect();
    // Until its outcome is known no other date is taken, whosever row is in the schedule; that day itself is locked.
    reasons.extend(file.subject().scheduled.map(|_| RowCode::MA125));
    reasons.sort_unstable();
    reasons.dedup();
    reasons
}

/// Until when rows of a party for a week are taken: the authorisation cut-off, or the end of its grace (CAL-3). Nothing if that
/// is over or the week is not firm.
///
/// # Errors
/// If the database fails.
pub fn takes_until<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    party: Party,
    s1sp: S1sp,
    calendar: &WeekCalendar<'_>,
) -> Result<Option<Timestamp>> {
    if !results::firm_weeks(&mut work.tx, &s1sp)?.contains(&calendar.monday) {
        return Ok(None);
    }
    let milestone = Milestone::AuthorisationCutoff;
    let cutoff = calendar.at(milestone);
    let grace = files::grace(&mut work.tx, &party, &s1sp, milestone.id(), calendar.monday)?;
    let until = grace.filter(|grace| !grace.used).map_or(cutoff, |grace| grace.until.max(cutoff));
    Ok(Some(until).filter(|until| work.now < *until))
}

/// The rows of a file that wait for another supplier's, with their installations.
pub(crate) fn of_file(facts: &Facts, file: i64) -> Vec<(Eui64, Missing)> {
    let of = |chf: Eui64| facts.dossier(chf).map(|dossier| dossier.case.missing()).unwrap_or_default();
    // Most rows of a large file stand, and of those nothing is missing.
    let may_wait = |row: &Authorisation| row.id.file == file && row.state != State::Accepted;
    let some_may = facts.that(|dossier| dossier.case.rows.iter().any(may_wait));
    let all = some_may.into_iter().flat_map(|chf| of(chf).into_iter().map(move |missing| (chf, missing)));
    all.filter(|(_, missing)| missing.row.file == file).collect()
}

/// Which rows wait for whose: installation, row, supplier.
pub(crate) type AskedOf = BTreeSet<(Eui64, RowId, Party)>;

/// MAM-1: the rows that wait for another supplier's, and for whose.
pub(crate) fn waiting(facts: &Facts) -> AskedOf {
    all(facts).into_iter().map(|(chf, missing)| (chf, missing.row, missing.of)).collect()
}

/// The same of an S1SP, as things stand.
///
/// # Errors
/// If the database fails.
pub(crate) fn waiting_at(work: &mut Work<'_>, s1sp: S1sp) -> Result<AskedOf> {
    let rows = authorisations::from_day(&mut work.tx, &s1sp, Date::MIN)?;
    let terms = work.mam_terms()?;
    let mut facts = Facts::open(work, s1sp, terms)?;
    facts.load_rows(work, &by_installation(rows))?;
    Ok(waiting(&facts))
}

/// MAM-1: the same of the other installations, but for some sorted ones, as they were when they were loaded: rows of them may have been
/// given a unit since.
pub(crate) fn waited_beside(facts: &Facts, but: &[i64]) -> AskedOf {
    let others = facts.each().filter(|file| but.binary_search(&eui_number(file.installation.chf)).is_err());
    let before =
        |file: &Dossier| Case { rows: file.kept.iter().map(|stored| stored.row).collect(), ..file.case.clone() };
    let missing = others.flat_map(|file| before(file).missing().into_iter().map(|one| (file.installation.chf, one)));
    missing.map(|(chf, missing)| (chf, missing.row, missing.of)).collect()
}

/// MAM-1: what waits for another supplier's row, with its installation.
pub(crate) fn all(facts: &Facts) -> Vec<(Eui64, Missing)> {
    let files = facts.installations().into_iter().filter_map(|chf| Some((chf, facts.dossier(chf)?)));
    files.flat_map(|(chf, file)| file.case.missing().into_iter().map(move |missing| (chf, missing))).collect()
}

/// Keeps the changes of an act that makes rows wait for another supplier's which did not before (`waited`), or that holds them: that
/// one is told at once (MAM-1). Programs before version 4 told nobody.
///
/// # Errors
/// If the database fails.
pub(crate) fn finish_and_tell(work: &mut Work<'_>, settled: Settled, waited: &AskedOf) -> Result<Vec<Changed>> {
    let s1sp = settled.facts().s1sp;
    let missing = if work.engine > 3 { all(settled.facts()) } else { Vec::new() };
    let changed = settled.finish(work, Ending::default())?;
    let held: BTreeSet<(i64, u64)> = changed
        .iter()
        .filter(|one| one.is_now(State::Held) && !one.was(State::Held))
        .map(|one| (one.file, one.row))
        .collect();
    let mut new: BTreeMap<Party, Vec<(Eui64, Missing)>> = BTreeMap::new();
    for (chf, missing) in missing {
        let (row, of) = (missing.row, missing.of);
        if held.contains(&(row.file, row.row)) || !waited.contains(&(chf, row, of)) {
            new.entry(missing.by).or_default().push((chf, missing));
        }
    }
    for (by, rows) in new {
        tell_others(work, s1sp, by, &rows)?;
    }
    Ok(changed)
}

/// MAM-1: the other suppliers are told of the rows of a file that wait for theirs: for which dates and until when, in one notice
/// each. Who can send nothing any more is told nothing.
///
/// # Errors
/// If the database fails.
pub(crate) fn tell_others(work: &mut Work<'_>, s1sp: S1sp, by: Party, rows: &[(Eui64, Missing)]) -> Result<()> {
    let others: BTreeSet<Party> = rows.iter().map(|(_, missing)| missing.of).collect();
    for of in others {
        let mut days: BTreeMap<Date, Vec<&(Eui64, Missing)>> = BTreeMap::new();
        for row in rows.iter().filter(|(_, missing)| missing.of == of) {
            days.entry(row.1.date).or_default().push(row);
        }
        let (mut homes, mut words) = (Vec::new(), BTreeMap::<Timestamp, Vec<String>>::new());
        for (date, rows) in days {
            let calendar = work.week(week_of(date)?)?;
            let Some(week) = takes_until(work, of, s1sp, &calendar)? else { continue };
            // CAL-7: a day may be closed before its week. Programs of before told the moment of the week.
            let until = |missing: &Missing| match work.engine {
                ..=6 => Some(week),
                _ => calendar.agrees_until(date, &missing.named, week, work.now),
            };
            let mut by_moment = BTreeMap::<Timestamp, Vec<_>>::new();
            for row in rows {
                until(&row.1).into_iter().for_each(|until| by_moment.entry(until).or_default().push(row));
            }
            for (until, rows) in by_moment {
                words.entry(until).or_default().push(format!("for {date} {}", named(&rows)));
                homes.extend(rows.into_iter().map(|row| (row, until)));
            }
        }
        match homes.as_slice() {
            [] => {}
            [((chf, missing), until)] => tell(work, of, "MAM-1", Some(*chf), &of_one(missing, *until))?,
            _ => {
                let number = count(homes.len(), "installation");
                let words =
                    words.into_iter().map(|(until, days)| format!("until {}: {}", in_words(until), days.join("; ")));
                let words = words.collect::<Vec<_>>().join("; ");
                let words =
                    format!("{by}{HAS_AUTHORISED}{number} that need you too, or they expire; authorise them {words}");
                tell(work, of, "MAM-1", None, &words)?;
            }
        }
    }
    Ok(())
}

/// What stands between who has authorised and what, in what is told of it.
const HAS_AUTHORISED: &str = " has authorised ";

/// MAM-1 and MA121: what is told of one installation to whose row is missing: both dates, until when, and a way out.
pub(crate) fn of_one(missing: &Missing, until: Timestamp) -> String {
    let (Missing { by, date, .. }, until) = (missing, in_words(until));
    match dates(&missing.named) {
        named if named.is_empty() => {
            format!("{by}{HAS_AUTHORISED}it for {date}; authorise it for that date too until {until}, or it expires")
        }
        named => format!(
            "{by}{HAS_AUTHORISED}it for {date} and you for {named}; authorise it for {date}, or {by} does for {named}, until {until}, \
             or both expire (MA121)"
        ),
    }
}

/// MAM-1: does a notice ask a party for its authorisation?
pub(crate) fn asks(notice: &Notice) -> bool {
    let by = notice.words.split_once(HAS_AUTHORISED).map(|(by, _)| by.parse::<Party>());
    notice.rule == "MAM-1" && by.is_some_and(|by| by.is_ok())
}

/// The date for which a notice asks a party for its authorisation of one installation.
pub(crate) fn asked_date(notice: &Notice) -> Option<Date> {
    let (_, rest) = notice.words.split_once(HAS_AUTHORISED)?;
    rest.strip_prefix("it for ")?.get(..10)?.parse().ok()
}

/// The installations for which a notice asks a party: the one that it is about, or those that it names.
pub(crate) fn asked_homes(notice: &Notice) -> Vec<Eui64> {
    match notice.chf {
        Some(chf) => vec![chf],
        None => notice.words.split([' ', ',', ';']).filter_map(|word| word.parse().ok()).collect(),
    }
}

/// Does a notice that asks for an authorisation of some installations ask for one that is missing of one of them?
pub(crate) fn asks_for(notice: &Notice, missing: &Missing) -> bool {
    let by = format!("{}{HAS_AUTHORISED}", missing.by);
    let own = notice.party == missing.of && notice.words.starts_with(&by);
    own && asked_date(notice).is_none_or(|date| date == missing.date)
}

/// A notice names at most so many installations of a day; the eligible list has them all.
pub(crate) const NAMED: usize = 10;

/// How it says that there are others.
const MORE: &str = " more in your eligible list";

/// Does a notice ask for more installations than it names?
pub(crate) fn has_more(notice: &Notice) -> bool {
    notice.words.contains(MORE)
}

fn named(rows: &[&(Eui64, Missing)]) -> String {
    let name = |(chf, missing): &(Eui64, Missing)| match dates(&missing.named) {
        named if named.is_empty() => chf.to_string(),
        named => format!("{chf} (you name {named}: MA121)"),
    };
    let mut homes: Vec<String> = rows.iter().take(NAMED).map(|row| name(row)).collect();
    if rows.len() > NAMED {
        homes.push(format!("and {}{MORE}", rows.len() - NAMED));
    }
    homes.join(", ")
}

/// Dates in words.
pub(crate) fn dates(dates: &[Date]) -> String {
    dates.iter().map(Date::to_string).collect::<Vec<_>>().join(" and ")
}
