//! Saving what an act changed, and telling those whom it concerns.

use crate::act::work::{Work, digest_and_pack, hexadecimal};
use crate::board::desk::Desk;
use crate::error::{Result, ServiceError};
use crate::facts::found::CaseFile;
use crate::form;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use sluice_rules::authorisation::responsibility::{Meter, Meters};
use sluice_rules::authorisation::settle::{Authorisation, RowId};
use sluice_rules::authorisation::state::State;
use sluice_rules::codes::RowCode;
use sluice_rules::party::{Eui64, Party};
use sluice_rules::point::{Mpan, Mprn};
use sluice_store::tables::authorisations::{self, StateChange, StoredAuthorisation};
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::issued::{self, Notice};
use sluice_store::tables::record::{self, Packed};
use sluice_store::tables::responsibility::{self, Passing};
use sluice_wire::name::{FileName, Kind};
use sluice_wire::written::ResponseRow;
use std::collections::BTreeMap;

/// An authorisation that an act changed.
#[derive(Debug, Clone, Serialize)]
pub struct Changed {
    /// The installation.
    #[serde(with = "crate::words")]
    pub chf: Eui64,
    /// The file.
    pub file: i64,
    /// The row.
    pub row: u64,
    /// What it was.
    pub from: String,
    /// What it is.
    pub to: String,
    /// The meter points that are the sender's own; of others it learns nothing.
    #[serde(skip)]
    mpan: Option<Mpan>,
    #[serde(skip)]
    mprn: Option<Mprn>,
    /// The old and the new date, if it moves (MAM-7).
    #[serde(skip)]
    moves: Option<(Date, Date)>,
    /// From whom the row has passed to its party, if it has by this act (MAM-11).
    #[serde(skip)]
    passed: Option<Party>,
    #[serde(skip)]
    was: State,
    /// Did it use a unit before?
    #[serde(skip)]
    had_unit: bool,
    #[serde(skip)]
    stored: StoredAuthorisation,
}

impl Changed {
    /// The date of the authorisation.
    #[must_use]
    pub fn date(&self) -> Date {
        self.stored.row.date
    }

    /// Was it in a state before?
    #[must_use]
    pub fn was(&self, state: State) -> bool {
        self.was == state
    }

    /// Is it in a state now?
    #[must_use]
    pub fn is_now(&self, state: State) -> bool {
        self.stored.row.state == state
    }

    /// Can it still be migrated, or wait for it?
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.stored.row.state.is_live()
    }

    /// Is the schedule of its date another one with it?
    #[must_use]
    pub fn touches_schedule(&self) -> bool {
        self.was == State::Scheduled || self.stored.row.state == State::Scheduled
    }
}

impl Desk {
    /// Saves every change and new authorisation. Each file whose rows changed is answered again with those rows (MAR with a
    /// version), but for the file `own`, which this act answers itself. Gives the changes of rows that were there before.
    ///
    /// # Errors
    /// If the database fails.
    pub fn save(&mut self, work: &mut Work<'_>, own: Option<i64>) -> Result<Vec<Changed>> {
        let (mut changed, mut added, mut told) = (Vec::new(), Vec::new(), Vec::new());
        for chf in self.cases.that(|file| !file.kept.is_empty()) {
            let Some(file) = self.cases.get_mut(chf) else { continue };
            let befores: Vec<Authorisation> = file.kept.iter().map(|stored| stored.row).collect();
            for place in 0..file.kept.len() {
                let before = befores[place];
                let Some(row) = file.case.rows.iter().find(|row| row.id == before.id).copied() else { continue };
                let (mpan, mprn) = own_points(file, &row);
                let moves = moves(&befores, &file.case.rows, &row);
                // MAM-1: told again if it has become the Lead Supplier's since: then another meter is Dormant.
                let stood = place < file.loaded && (before.state, before.unit) == (State::Accepted, row.unit);
                if !stood {
                    told.extend(told_of(&file.case.meters, chf, &row, work.now));
                }
                let stored = &mut file.kept[place];
                (stored.row, stored.cause) = (row, self.cause.filter(|_| row.state == State::Lapsed));
                stored.codes = with_information(&stored.codes, row.differs);
                if place >= file.loaded {
                    added.push(stored.clone());
                } else if before != row {
                    let (from, to) = (before.state.to_string(), row.state.to_string());
                    let (file, row) = (row.id.file, row.id.row);
                    let passed = Some(before.party).filter(|party| *party != stored.row.party);
                    let (was, had_unit, stored) = (before.state, before.unit, stored.clone());
                    changed.push(Changed {
                        chf,
                        file,
                        row,
                        from,
                        to,
                        mpan,
                        mprn,
                        moves,
                        passed,
                        was,
                        had_unit,
                        stored,
                    });
                }
            }
            file.loaded = file.kept.len();
        }
        authorisations::add(&mut work.tx, &added)?;
        authorisations::update(&mut work.tx, changed.iter().map(|change| &change.stored))?;
        authorisations::add_changes(&mut work.tx, &steps(&changed, work.now))?;
        responsibility::add_passings(&mut work.tx, &passings(&changed, work.now))?;
        issued::tell(&mut work.tx, &told)?;
        answer_again(work, &changed, own)?;
        Ok(changed)
    }

    /// Notes the codes for which an authorisation changes, in the act's own words.
    pub fn explain(&mut self, chf: Eui64, id: RowId, codes: &str) {
        self.explain_where(chf, codes, |stored| stored.row.id == id);
    }

    /// The same for every authorisation of an installation for a day.
    pub fn explain_day(&mut self, chf: Eui64, date: Date, codes: &str) {
        self.explain_where(chf, codes, |stored| stored.row.date == date);
    }

    fn explain_where(&mut self, chf: Eui64, codes: &str, which: impl Fn(&StoredAuthorisation) -> bool) {
        let Some(file) = self.cases.get_mut(chf) else { return };
        for stored in file.kept.iter_mut().filter(|stored| which(stored)) {
            codes.clone_into(&mut stored.codes);
        }
    }
}

/// The steps from one state to another, for the history of the installations.
fn steps(changed: &[Changed], at: Timestamp) -> Vec<StateChange> {
    let step = |change: &Changed| StateChange {
        chf: change.chf,
        file: change.file,
        at,
        was: change.was,
        became: change.stored.row.state,
        date: change.stored.row.date,
        unit: change.had_unit || change.stored.row.unit,
        codes: change.stored.codes.clone(),
    };
    changed.iter().filter(|change| change.was != change.stored.row.state).map(step).collect()
}

/// MAM-11: the rows that passed to another supplier.
fn passings(changed: &[Changed], at: Timestamp) -> Vec<Passing> {
    let passing = |change: &Changed| {
        let (from, to) = (change.passed?, change.stored.row.party);
        Some(Passing { chf: change.chf, file: change.file, at, from, to })
    };
    changed.iter().filter_map(passing).collect()
}

/// MAM-7: the old and the new date of a row that is moved, or that takes the place of one.
fn moves(before: &[Authorisation], now: &[Authorisation], row: &Authorisation) -> Option<(Date, Date)> {
    let own = |other: &&Authorisation| other.party == row.party && other.date != row.date;
    match row.state {
        State::Moved => {
            now.iter().filter(own).find(|other| other.state == State::Accepted).map(|new| (row.date, new.date))
        }
        State::Accepted => {
            let moved = |old: &&Authorisation| now.iter().any(|now| now.id == old.id && now.state == State::Moved);
            before.iter().filter(own).filter(|old| old.state.is_live()).find(moved).map(|old| (old.date, row.date))
        }
        _ => None,
    }
}

/// MA121 is information: it stands as long as the two suppliers differ.
fn with_information(codes: &str, differs: bool) -> String {
    let mut codes: Vec<&str> = codes.split_ascii_whitespace().filter(|code| *code != RowCode::MA121.code()).collect();
    if differs {
        codes.push(RowCode::MA121.code());
    }
    codes.join(" ")
}

/// MAM-1: the supplier of a Dormant meter is told of an authorisation that stands.
fn told_of(meters: &Meters, chf: Eui64, row: &Authorisation, at: Timestamp) -> Vec<Notice> {
    if row.state != State::Accepted {
        return Vec::new();
    }
    let told = meters.told_on(row.date);
    if told.is_empty() {
        return Vec::new();
    }
    let words =
        format!("the installation is authorised for migration on {} by the supplier of its Active Meter", row.date);
    let notice = |party| Notice { party, at, rule: "MAM-1".to_owned(), chf: Some(chf), words: words.clone() };
    told.into_iter().map(notice).collect()
}

/// The meter points of an installation that the sender of a row is responsible for.
fn own_points(file: &CaseFile, row: &Authorisation) -> (Option<Mpan>, Option<Mprn>) {
    let (installation, meters) = (&file.installation, &file.case.meters);
    let own = |meter: &Meter| meter.supplier == Some(row.party) || meter.supplier_on(row.date) == Some(row.party);
    let mprn = installation.mprn.filter(|_| meters.gas.as_ref().is_some_and(own));
    (Some(installation.mpan).filter(|_| own(&meters.electricity)), mprn)
}

/// MAM-5: a later version of the response to every file whose rows changed, with the rows that changed. MAM-11: rows that have
/// passed to another supplier are that one's to know, and their sender's no more.
fn answer_again(work: &mut Work<'_>, changed: &[Changed], own: Option<i64>) -> Result<()> {
    let mut by_file: BTreeMap<(i64, Party), Vec<&Changed>> = BTreeMap::new();
    for change in changed.iter().filter(|change| Some(change.file) != own) {
        by_file.entry((change.file, change.stored.row.party)).or_default().push(change);
    }
    for ((id, party), mut changes) in by_file {
        changes.sort_by_key(|change| change.row);
        let Some(file) = files::get(&mut work.tx, id)? else { return Err(ServiceError::defect("a file is missing")) };
        let texts: Vec<_> = changes.iter().map(|change| Texts::of(change)).collect();
        let mut rows: Vec<_> = texts.iter().zip(&changes).map(|(texts, change)| texts.row(change)).collect();
        if party != file.sender {
            // The reference is the sender's own.
            rows.iter_mut().for_each(|row| row.reference = "");
        }
        respond_to(work, &file, party, &Response::of(&file, rows)?)?;
    }
    Ok(())
}

/// The texts of a row as it is answered again.
struct Texts {
    mpan: String,
    mprn: String,
    chf: String,
    date: String,
    message: String,
}

impl Texts {
    fn of(change: &Changed) -> Self {
        // The words of a row with MA121 say it already.
        let codes = if change.stored.row.differs { "" } else { &change.stored.codes };
        Self {
            mpan: change.mpan.map(|mpan| mpan.to_string()).unwrap_or_default(),
            mprn: change.mprn.map(|mprn| mprn.to_string()).unwrap_or_default(),
            chf: change.chf.to_string(),
            date: change.stored.row.date.to_string(),
            message: match (change.moves, change.passed) {
                (Some((old, new)), _) => format!("moved from {old} to {new}"),
                (None, Some(from)) => {
                    let words = crate::board::wording::state_in_words(&change.stored.row, codes);
                    format!("{words}; it passed to you from {from}")
                }
                (None, None) => crate::board::wording::state_in_words(&change.stored.row, codes),
            },
        }
    }

    fn row<'a>(&'a self, change: &'a Changed) -> ResponseRow<'a> {
        ResponseRow {
            row: Some(change.row),
            mpan: &self.mpan,
            mprn: &self.mprn,
            chf: &self.chf,
            date: &self.date,
            action: "AUTHORISE",
            reference: &change.stored.reference,
            verdict: &change.to,
            codes: &change.stored.codes,
            message: &self.message,
        }
    }
}

/// The content of a response to an authorisation file. It is made without the database, so it can be made while that is
/// busy.
pub struct Response {
    /// Its bytes.
    pub content: Vec<u8>,
    /// Their digest, in hexadecimal.
    pub digest: String,
    extension: &'static str,
    packed: Packed,
}

impl Response {
    /// A response in the form in which the file was sent.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn of<'r>(file: &FileRecord, rows: impl IntoIterator<Item = ResponseRow<'r>>) -> Result<Self> {
        Self::new(form::like(&file.extension, rows)?)
    }

    /// A response of content and its extension.
    ///
    /// # Errors
    /// If there is no memory for it.
    pub fn new((content, extension): (Vec<u8>, &'static str)) -> Result<Self> {
        let (digest, packed) = digest_and_pack(&content)?;
        Ok(Self { content, digest: hexadecimal(&digest), extension, packed })
    }
}

/// Issues a response to an authorisation file, from the second one on with a version. Gives its name.
///
/// # Errors
/// If the database fails.
pub fn respond(work: &mut Work<'_>, file: &FileRecord, response: &Response) -> Result<String> {
    respond_to(work, file, file.sender, response)
}

/// The same to the party whose rows it is about: its sender, or the one to which they have passed (MAM-11). Versions are
/// counted over both.
fn respond_to(work: &mut Work<'_>, file: &FileRecord, party: Party, response: &Response) -> Result<String> {
    let received = record::received(&mut work.tx, file.id)?;
    let (name, _) = FileName::parse(&received.name).map_err(|finding| ServiceError::defect(finding.message))?;
    let mut name = name.of_kind(Kind::AuthorisationResponse);
    let earlier = issued::of_prefix(&mut work.tx, &name.to_string())?;
    if earlier > 0 {
        name.version = Some(u32::try_from(earlier + 1).unwrap_or(u32::MAX));
    }
    let name = format!("{name}.{}", response.extension);
    issued::issue_packed(&mut work.tx, &party, &name, work.now, Some(file.id), &response.packed)?;
    Ok(name)
}

/// Tells a party something about an installation.
///
/// # Errors
/// If the database fails.
pub fn tell(work: &mut Work<'_>, party: Party, rule: &str, chf: Option<Eui64>, words: &str) -> Result<()> {
    let notice = Notice { party, at: work.now, rule: rule.to_owned(), chf, words: words.to_owned() };
    Ok(issued::tell(&mut work.tx, &[notice])?)
}
