//! A supplier of last resort adopts suspended authorisations in bulk (MAM-11).

use crate::act::actor::Actor;
use crate::act::tell::tell;
use crate::act::work::{Act, Look, Reads, Work};
use crate::board::ground::lost_ground;
use crate::board::open::Board;
use crate::books::calendar::{in_words, local_date};
use crate::books::terms::MamTerms;
use crate::error::{Result, ServiceError};
use crate::events::units::PassingUnits;
use crate::facts::dossier::by_installation;
use crate::facts::s1sp::Facts;
use crate::responsibility::intake::must_not_have_failed;
use crate::rows::asked;
use crate::rows::closed::expire_closed;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::authorisation::passing::{self, EventKind};
use sluice_rules::authorisation::settle::{self, Authorisation, RowId};
use sluice_rules::authorisation::state::State;
use sluice_rules::codes::RowCode;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_store::View;
use sluice_store::tables::authorisations::{self, StoredAuthorisation};
use sluice_store::tables::parties;
use sluice_store::tables::responsibility::{self, ResponsibilityEvent};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

/// The supplier that is appointed adopts suspended authorisations of the one that failed.
#[derive(Debug, Serialize, Deserialize)]
pub struct Adopt {
    /// The number of the event.
    pub event: i64,
    /// At one S1SP only.
    #[serde(with = "crate::words::optional")]
    pub s1sp: Option<S1sp>,
    /// For one date only.
    #[serde(with = "crate::words::optional")]
    pub date: Option<Date>,
    /// Are only the listed installations meant?
    pub only_listed: bool,
    /// The listed installations.
    #[serde(with = "crate::words::list")]
    pub listed: Vec<Wanted>,
}

/// An installation of a list, with the date of its authorisation where the list says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// The installation.
    pub chf: Eui64,
    /// The migration date.
    pub date: Option<Date>,
}

impl fmt::Display for Wanted {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}", self.chf)?;
        self.date.map_or(Ok(()), |date| write!(to, " {date}"))
    }
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let (chf, date) = text.split_once(' ').map_or((text, None), |(chf, date)| (chf, Some(date)));
        let date = date.map(|date| date.parse().map_err(|error| format!("'{date}' is no date: {error}")));
        Ok(Self { chf: chf.parse().map_err(|error| format!("'{chf}': {error}"))?, date: date.transpose()? })
    }
}

/// What became of suspended authorisations.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Adopted {
    /// The event.
    pub event: i64,
    /// Adopted authorisations, by their state now.
    pub adopted: BTreeMap<String, u64>,
    /// Units that came with them, by S1SP and day.
    pub units: Vec<crate::events::effect::DayUnits>,
    /// Authorisations that have lost their ground and lapsed, by their codes.
    pub lapsed: BTreeMap<String, u64>,
    /// Authorisations that are not needed beside one of the supplier's own, and lapsed.
    pub own: u64,
    /// Authorisations that another supplier may adopt, or nobody: it leads, or the meter is Dormant.
    pub others: u64,
    /// Authorisations of the failed party that are still suspended.
    pub left: u64,
    /// What was listed and is no suspended authorisation: no such installation, or none for that date.
    #[serde(with = "crate::words::list")]
    pub not_found: Vec<Wanted>,
}

impl Act for Adopt {
    const KIND: &'static str = "responsibility-adopt";
    type Answer = Adopted;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_party("adopting authorisations").map(drop)
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Adopted> {
        let party = work.by.must_be_party("adopting authorisations")?;
        must_not_have_failed(&mut work.tx, party)?;
        let event = appointing(&mut work.tx, self.event, party)?;
        must_be_adoptable(&event)?;
        let terms = MamTerms::on(work.books, local_date(work.now))?;
        work.rulebook.clone_from(&terms.rulebook);
        let mut adopted = Adopted { event: event.id, ..Adopted::default() };
        let mut missing: BTreeSet<Wanted> = self.listed.iter().copied().collect();
        let listed = missing.clone();
        for s1sp in parties::s1sps(&mut work.tx)? {
            if self.s1sp.is_some_and(|one| one != s1sp) {
                continue;
            }
            let mut rows = suspended(work, s1sp, event.from)?;
            rows.retain(|stored| self.date.is_none_or(|date| date == stored.row.date));
            let named = |stored: &StoredAuthorisation| {
                [None, Some(stored.row.date)].map(|date| Wanted { chf: stored.chf, date })
            };
            rows.retain(|stored| !self.only_listed || named(stored).iter().any(|named| listed.contains(named)));
            for wanted in rows.iter().flat_map(named) {
                missing.remove(&wanted);
            }
            adopt_at(work, s1sp, &event, terms.clone(), rows, &mut adopted)?;
        }
        for s1sp in parties::s1sps(&mut work.tx)? {
            adopted.left += u64::try_from(suspended(work, s1sp, event.from)?.len()).unwrap_or(u64::MAX);
        }
        adopted.not_found = missing.into_iter().collect();
        let count: u64 = adopted.adopted.values().sum();
        if count == 0 {
            return Ok(adopted);
        }
        let words =
            format!("authorisations of yours that {party} has adopted (responsibility event {}): {count}", event.id);
        tell(work, event.from, "MAM-11", None, &words)?;
        Ok(adopted)
    }
}

/// The event that gives a party something. MSM-14: of others' it is not even told that there is one.
fn appointing(view: &mut View<'_>, id: i64, party: Party) -> Result<ResponsibilityEvent> {
    let found = responsibility::all(view)?.into_iter().find(|event| event.id == id && event.to == party);
    found.ok_or_else(|| ServiceError::rule("MAM-11", format!("{party} was appointed by no responsibility event {id}")))
}

fn must_be_adoptable(event: &ResponsibilityEvent) -> Result<()> {
    let id = event.id;
    let refused = |message: String| Err(ServiceError::rule("MAM-11", message));
    if event.kind == EventKind::Transfer {
        return refused(format!("event {id} is a transfer; its authorisations passed with it"));
    }
    if event.cancelled_at.is_some() {
        return refused(format!("event {id} was cancelled; nothing is suspended by it"));
    }
    if event.done_at.is_none() {
        let at = in_words(event.effective);
        return refused(format!("event {id} holds from {at} on; until then nothing is suspended"));
    }
    Ok(())
}

/// The suspended authorisations of a party at an S1SP.
///
/// # Errors
/// If the database fails.
pub fn suspended<'w>(
    work: &mut Work<'w, impl Reads<'w>>,
    s1sp: S1sp,
    party: Party,
) -> Result<Vec<StoredAuthorisation>> {
    let mut rows = authorisations::of_party(&mut work.tx, &s1sp, &party)?;
    rows.retain(|stored| stored.row.state == State::Suspended);
    Ok(rows)
}

/// An authorisation that can be adopted.
#[derive(Debug, Clone, Serialize)]
pub struct Adoptable {
    /// The installation.
    #[serde(with = "crate::words")]
    pub chf: Eui64,
    /// The S1SP.
    #[serde(with = "crate::words")]
    pub s1sp: S1sp,
    /// The migration date.
    #[serde(with = "crate::words")]
    pub date: Date,
    /// Does it bring a unit with it?
    pub unit: bool,
}

/// The authorisations of an event that its gaining supplier can adopt, in the order of S1SP, date and installation.
///
/// # Errors
/// If it was not appointed by the event.
pub fn adoptable(work: &mut Look<'_>, id: i64, party: Party) -> Result<Vec<Adoptable>> {
    let event = appointing(&mut work.tx, id, party)?;
    must_be_adoptable(&event)?;
    let mut found = Vec::new();
    for s1sp in parties::s1sps(&mut work.tx)? {
        found.extend(adoptable_at(work, s1sp, &event)?);
    }
    Ok(found)
}

/// The same of an event that has been done, at one S1SP, in the order of date and installation.
///
/// # Errors
/// If no MAM rulebook is in effect, or the database fails.
pub(crate) fn adoptable_at(work: &mut Look<'_>, s1sp: S1sp, event: &ResponsibilityEvent) -> Result<Vec<Adoptable>> {
    let terms = MamTerms::on(work.books, local_date(work.now))?;
    let rows = suspended(work, s1sp, event.from)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut facts = Facts::open(work, s1sp, terms)?;
    facts.load(work, rows.iter().map(|stored| stored.chf))?;
    let passes = |chf: Eui64, row: Authorisation| {
        facts.dossier(chf).is_some_and(|file| passing::may_pass(&file.case, row, event.to))
    };
    let rows = rows.into_iter().filter(|stored| passes(stored.chf, stored.row));
    let mut found: Vec<Adoptable> =
        rows.map(|stored| Adoptable { chf: stored.chf, s1sp, date: stored.row.date, unit: stored.row.unit }).collect();
    found.sort_by_key(|row| (row.date, row.chf));
    Ok(found)
}

fn adopt_at(
    work: &mut Work<'_>,
    s1sp: S1sp,
    event: &ResponsibilityEvent,
    terms: MamTerms,
    rows: Vec<StoredAuthorisation>,
    adopted: &mut Adopted,
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut board = Board::open(work, s1sp, terms)?;
    let cases = by_installation(rows);
    board.facts.load_rows(work, &cases)?;
    let waited = asked::waiting(&board.facts);
    let mut passing = PassingUnits::before(work.engine, &board, event);
    let mut passed: Vec<(Eui64, RowId)> = Vec::new();
    let mut units: BTreeMap<Date, u64> = BTreeMap::new();
    for (chf, rows) in &cases {
        let rows: Vec<Authorisation> = rows.iter().map(|stored| stored.row).collect();
        let ids = adopt_one(work, &mut board, event, *chf, &rows, adopted);
        passing.count(&board, event, *chf, rows.iter().filter(|row| ids.contains(&row.id)));
        for id in ids {
            passed.push((*chf, id));
            if let Some(row) = rows.iter().find(|row| row.id == id && row.unit) {
                *units.entry(row.date).or_default() += 1;
            }
        }
        expire_closed(work, &mut board, *chf, &waited)?;
    }
    passing.pass_demand(work, &mut board, event)?;
    // STOP-1: what an order covers is stopped, whoever's it is.
    board.apply_stops();
    // What lapsed frees its unit for nobody of the party that failed.
    let today = local_date(work.now);
    for date in board.ledger.days_of(event.from).into_iter().filter(|date| *date >= today) {
        board.ledger.release((event.from, date));
    }
    let settled = board.settle(work)?;
    for (chf, id) in passed {
        let row = settled.facts().dossier(chf).and_then(|file| file.case.rows.iter().find(|row| row.id == id));
        if let Some(row) = row {
            *adopted.adopted.entry(row.state.to_string()).or_default() += 1;
        }
    }
    adopted.units.extend(units.into_iter().map(|(date, units)| crate::events::effect::DayUnits { s1sp, date, units }));
    asked::finish_and_tell(work, settled, &waited).map(drop)
}

/// The suspended rows of one installation: judged again as the gaining supplier's, and adopted if nothing speaks against
/// them. Gives those that passed.
fn adopt_one(
    work: &Work<'_>,
    board: &mut Board,
    event: &ResponsibilityEvent,
    chf: Eui64,
    rows: &[Authorisation],
    adopted: &mut Adopted,
) -> Vec<RowId> {
    let (s1sp, attempts, today) = (board.facts.s1sp, board.facts.terms.attempts, local_date(work.now));
    let (mut ended, mut wanted) = (Vec::new(), Vec::new());
    let Some(file) = board.facts.dossier(chf) else { return Vec::new() };
    for row in rows {
        if !file.gone && !passing::may_pass(&file.case, *row, event.to) {
            adopted.others += 1;
            continue;
        }
        let codes = lost_ground(file, &Authorisation { party: event.to, ..*row }, s1sp, today, attempts);
        if codes.is_empty() { wanted.push(*row) } else { ended.push((*row, codes)) }
    }
    let ids = |rows: &[Authorisation]| rows.iter().map(|row| row.id).collect::<Vec<RowId>>();
    let lost: Vec<Authorisation> = ended.iter().map(|(row, _)| *row).collect();
    let Some((file, ledger)) = board.change(chf) else { return Vec::new() };
    settle::lapse(&mut file.case, &ids(&lost), ledger);
    let passed = passing::pass_on(&mut file.case, &ids(&wanted), event.to, ledger);
    adopted.own += u64::try_from(wanted.len() - passed.len()).unwrap_or(u64::MAX);
    for row in wanted.iter().filter(|row| !passed.contains(&row.id)) {
        board.explain(chf, row.id, RowCode::MA111.code());
    }
    for (row, codes) in ended {
        board.explain(chf, row.id, &codes);
        *adopted.lapsed.entry(codes).or_default() += 1;
    }
    passed
}
