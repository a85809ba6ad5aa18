//! Saving what an act has changed on a board, and telling those whom it concerns.

use crate::act::work::Work;
use crate::board::answer::{answer_again, waits_for};
use crate::board::changed::{Changed, passings, steps};
use crate::board::open::Board;
use crate::board::wording::{in_words, narrowing_in_words, with_information};
use crate::error::Result;
use crate::facts::dossier::Dossier;
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::authorisation::responsibility::{Meter, Meters};
use sluice_rules::authorisation::settle::Authorisation;
use sluice_rules::authorisation::state::State;
use sluice_rules::installation::Fuel;
use sluice_rules::party::{Eui64, Party};
use sluice_rules::point::{Mpan, Mprn};
use sluice_store::tables::authorisations;
use sluice_store::tables::issued::{self, Notice};
use sluice_store::tables::responsibility;
use sluice_store::tables::state_changes;

impl Board {
    /// Saves every change and new authorisation. Each file whose rows changed is answered again with those rows (MAR with a
    /// version), but for the file `own`, which this act answers itself. Gives the changes of rows that were there before.
    ///
    /// # Errors
    /// If the database fails.
    pub(in crate::board) fn save(&mut self, work: &mut Work<'_>, own: Option<i64>) -> Result<Vec<Changed>> {
        let (mut changed, mut added, mut noted, mut told) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for chf in self.facts.that(|file| !file.kept.is_empty()) {
            let Some(file) = self.facts.dossier_mut(chf) else { continue };
            let befores: Vec<Authorisation> = file.kept.iter().map(|stored| stored.row).collect();
            for place in 0..file.kept.len() {
                let before = befores[place];
                let Some(mut row) = file.case.rows.iter().find(|row| row.id == before.id).copied() else { continue };
                let keeps_place = self.engine > 5 || (self.engine > 2 && row.state != State::Expired);
                row.place = row.place.filter(|_| keeps_place);
                let (mpan, mprn) = own_points(file, &row);
                let waits_for = waits_for(work, &file.case, &row)?;
                let moves = moves(&befores, &file.case.rows, &row);
                // MAM-1: told again if it has become the Lead Supplier's since: then another meter is Dormant.
                let stood = place < file.loaded && (before.state, before.unit) == (State::Accepted, row.unit);
                if !stood {
                    told.extend(told_of(&file.case.meters, chf, &row, work.now));
                } else if row.narrowed && !before.narrowed {
                    told.extend(told_of_narrowing(&file.case.meters, chf, &row, work.now));
                }
                let stored = &mut file.kept[place];
                (stored.row, stored.cause) = (row, self.cause.filter(|_| row.state == State::Lapsed));
                stored.codes = with_information(&stored.codes, &row);
                if place >= file.loaded {
                    added.push((chf, place));
                } else if before != row && (Authorisation { led: row.led, place: row.place, ..before }) == row {
                    // MAM-11: a unit is kept for it, or no more; that is nobody's to know but who has the unit.
                    noted.push(stored.clone());
                } else if before != row {
                    changed.push(Changed {
                        chf,
                        file: row.id.file,
                        row: row.id.row,
                        from: before.state,
                        to: row.state,
                        mpan,
                        mprn,
                        moves,
                        narrowing: narrowing_in_words(&file.case.meters, &row),
                        waits_for,
                        passed: Some(before.party).filter(|party| *party != row.party),
                        narrowed: (before.narrowed != row.narrowed).then_some(row.narrowed),
                        had_unit: before.unit,
                        stored: stored.clone(),
                    });
                }
            }
            file.loaded = file.kept.len();
        }
        let at = |(chf, place): &(Eui64, usize)| self.facts.dossier(*chf).map(|file| &file.kept[*place]);
        authorisations::add(&mut work.tx, added.iter().filter_map(at))?;
        authorisations::update(&mut work.tx, changed.iter().map(|change| &change.stored).chain(&noted))?;
        state_changes::add_changes(&mut work.tx, &steps(&changed, work.now, work.engine))?;
        responsibility::add_passings(&mut work.tx, &passings(&changed, work.now))?;
        let act = work.by_act();
        issued::tell(&mut work.tx, act, &told)?;
        answer_again(work, &changed, own)?;
        Ok(changed)
    }
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

/// How a notice of an authorisation by the supplier of the Active Meter begins.
pub(crate) const AUTHORISED: &str = "the installation is authorised for migration on ";

/// MAM-1: the supplier of a Dormant meter is told of an authorisation that stands.
pub(crate) fn told_of(meters: &Meters, chf: Eui64, row: &Authorisation, at: Timestamp) -> Vec<Notice> {
    if row.state != State::Accepted {
        return Vec::new();
    }
    let told = meters.told_on(row.date);
    if told.is_empty() {
        return Vec::new();
    }
    let words = format!("{AUTHORISED}{} by the supplier of its Active Meter", row.date);
    let notice = |party| Notice { party, at, rule: "MAM-1".to_owned(), chf: Some(chf), words: words.clone() };
    told.into_iter().map(notice).collect()
}

/// MAM-8: who takes over one meter of two is told that the authorisation of the other one stands, and how to stop it.
fn told_of_narrowing(meters: &Meters, chf: Eui64, row: &Authorisation, at: Timestamp) -> Option<Notice> {
    let (party, words) = narrowing_told(meters, row)?;
    Some(Notice { party, at, rule: "MAM-8".to_owned(), chf: Some(chf), words })
}

/// Who that is, and what it is told.
pub(crate) fn narrowing_told(meters: &Meters, row: &Authorisation) -> Option<(Party, String)> {
    let lost = meters.lost_beside(row.party, row.date)?;
    Some((lost.supplier_on(row.date)?, narrowing_words(lost.fuel, row.date)))
}

/// What the supplier is told that has the meter of a fuel by a date.
pub(crate) fn narrowing_words(fuel: Fuel, date: Date) -> String {
    let (own, other) = in_words(fuel);
    format!(
        "you have its {own} meter by {date}, when it is to be migrated by the authorisation of the supplier of the {other} meter, which counts for that one alone; yours is Dormant then, and a hold of yours stops it"
    )
}

/// The meter points of an installation that the sender of a row is responsible for.
fn own_points(file: &Dossier, row: &Authorisation) -> (Option<Mpan>, Option<Mprn>) {
    let (installation, meters) = (&file.installation, &file.case.meters);
    // MAM-8: a row that was narrowed names the one meter for which it still stands.
    let was_own = |meter: &Meter| meter.supplier == Some(row.party) && !row.narrowed;
    let own = |meter: &Meter| was_own(meter) || meter.supplier_on(row.date) == Some(row.party);
    let mprn = installation.mprn.filter(|_| meters.gas.as_ref().is_some_and(own));
    (Some(installation.mpan).filter(|_| own(&meters.electricity)), mprn)
}
