//! The small tables: each is replaced whole, and only what differs is touched.

use crate::act::work::Work;
use crate::error::{Result, ServiceError};
use crate::imports::inventory::in_lines;
use crate::imports::shown::{self, Difference};
use crate::imports::stands::{codes_must_stay, must_leave_the_ground};
use crate::responsibility::heirs::in_order;
use sluice_rules::installation::Fuel;
use sluice_rules::outcome::Stage;
use sluice_rules::reference::{ImportDifference, ReferenceKind};
use sluice_store::tables::attempts;
use sluice_store::tables::convert::{date_number, eui_number, number};
use sluice_store::tables::imports::{self, OwnedValue, Replaced, Replacement, Rows};
use sluice_store::tables::installations::IMPORTED;
use sluice_store::tables::parties::{self, Dictionary};
use sluice_store::tables::responsibility;
use sluice_wire::limits::Reading;
use sluice_wire::reference_data::{
    DmcRow, EpclRow, ExclusionRow, OutcomeCodeRow, PartyRow, Point, RegistrationRow, RowErrors, TableErrors,
    read_combinations, read_epcl, read_exclusions, read_outcome_codes, read_parties, read_registrations, unfit,
};
use std::io::Cursor;

const PARTY: Replaced = Replaced {
    table: "party",
    keys: &["code"],
    others: &["name", "role", "s1sp", "operations_contact", "out_of_hours_contact"],
};
const USER_ID: Replaced = Replaced { table: "user_id", keys: &["user_id"], others: &["party", "place"] };
const MPID: Replaced = Replaced { table: "mpid", keys: &["id"], others: &["fuel", "mpid", "party"] };
const DMC: Replaced =
    Replaced { table: "dmc", keys: &["id"], others: &["code", "provider", "chf_model", "esme_model", "gsme_model"] };
const EPCL: Replaced = Replaced { table: "epcl", keys: &["s1sp", "dmc", "added"], others: &["removed"] };
const REGISTRATION: Replaced =
    Replaced { table: "registration", keys: &["point", "fuel", "effective"], others: &["mpid"] };
const EXCLUSION: Replaced =
    Replaced { table: "exclusion", keys: &["chf", "fuel", "origin"], others: &["category", "effective"] };
const OUTCOME_CODE: Replaced =
    Replaced { table: "outcome_code", keys: &["code", "stage"], others: &["who_acts", "attempt", "retry_after_days"] };

/// The table of a kind whose rows each belong to an S1SP, by themselves or by their installation.
pub(crate) const fn of_kind(kind: ReferenceKind) -> Option<Replaced> {
    match kind {
        ReferenceKind::Registrations => Some(REGISTRATION),
        ReferenceKind::Epcl => Some(EPCL),
        ReferenceKind::Exclusions => Some(EXCLUSION),
        _ => None,
    }
}

fn unusable(errors: TableErrors) -> ServiceError {
    match errors {
        TableErrors::Rows(errors) => ServiceError::Table(in_lines(&errors)),
        TableErrors::Whole(message) => ServiceError::Table(message),
    }
}

/// Brings the table of a kind to what a file says.
pub(crate) fn apply(
    work: &mut Work<'_>,
    kind: ReferenceKind,
    extension: &str,
    content: &mut Cursor<&[u8]>,
) -> Result<Difference> {
    let reading = Reading::of_engine(work.engine);
    match kind {
        ReferenceKind::Parties => apply_parties(work, &read_parties(extension, content, reading).map_err(unusable)?),
        ReferenceKind::Capacity => crate::imports::capacity::apply(work, extension, content),
        ReferenceKind::Dmc => {
            apply_combinations(work, &read_combinations(extension, content, reading).map_err(unusable)?)
        }
        ReferenceKind::OutcomeCodes => {
            let rows = outcome_codes(&read_outcome_codes(extension, content, reading).map_err(unusable)?);
            replace_codes(work, rows)
        }
        ReferenceKind::Inventory | ReferenceKind::Registrations | ReferenceKind::Epcl | ReferenceKind::Exclusions => {
            Err(ServiceError::defect("this table is compared first"))
        }
    }
}

/// Compares a file of registrations, the EPCL or exclusions with what stands.
pub(crate) fn compare(
    work: &mut Work<'_>,
    dictionary: &Dictionary,
    kind: ReferenceKind,
    extension: &str,
    content: &mut Cursor<&[u8]>,
) -> Result<(Difference, Replacement)> {
    let reading = Reading::of_engine(work.engine);
    let (of, after) = match kind {
        ReferenceKind::Registrations => {
            let rows = read_registrations(extension, content, reading).map_err(unusable)?;
            (REGISTRATION, registrations(dictionary, &rows)?)
        }
        ReferenceKind::Epcl => (EPCL, epcl(dictionary, &read_epcl(extension, content, reading).map_err(unusable)?)?),
        ReferenceKind::Exclusions => {
            (EXCLUSION, exclusions(&read_exclusions(extension, content, reading).map_err(unusable)?))
        }
        _ => return Err(ServiceError::defect("this table is not compared first")),
    };
    difference(work, of, after)
}

/// Compares nothing, as it was before the first import, with registrations, the EPCL or exclusions as they stand.
pub(crate) fn compare_nothing(work: &mut Work<'_>, kind: ReferenceKind) -> Result<(Difference, Replacement)> {
    let of = of_kind(kind).ok_or_else(|| ServiceError::defect("this table is not compared first"))?;
    difference(work, of, Rows::new())
}

/// Empties the table of another kind, as it was before its first import.
pub(crate) fn empty(work: &mut Work<'_>, kind: ReferenceKind) -> Result<Difference> {
    match kind {
        ReferenceKind::OutcomeCodes => replace_codes(work, Rows::new()),
        ReferenceKind::Dmc => apply_combinations(work, &[]),
        ReferenceKind::Parties => apply_parties(work, &[]),
        _ => Err(ServiceError::defect("this table is not emptied so")),
    }
}

/// What brings a table to a set of rows.
fn difference(work: &mut Work<'_>, of: Replaced, after: Rows) -> Result<(Difference, Replacement)> {
    let mut before = imports::rows(&mut work.tx, of)?;
    // EXC-1: what was decided here is not the import's to change.
    if of.table == EXCLUSION.table {
        before.retain(|key, _| key.get(2) == Some(&OwnedValue::text(IMPORTED)));
    }
    let first = shown::rows(work, of, &before, &after)?;
    let replacement = Replacement::of(of, &before, after);
    Ok((Difference { figures: replacement.figures, first }, replacement))
}

fn replace(work: &mut Work<'_>, of: Replaced, after: Rows) -> Result<Difference> {
    let (difference, replacement) = difference(work, of, after)?;
    replacement.write(&mut work.tx)?;
    Ok(difference)
}

fn replace_codes(work: &mut Work<'_>, rows: Rows) -> Result<Difference> {
    let before = attempts::outcome_codes(&mut work.tx)?;
    let difference = replace(work, OUTCOME_CODE, rows)?;
    codes_must_stay(work, &before)?;
    Ok(difference)
}

fn apply_parties(work: &mut Work<'_>, rows: &[PartyRow]) -> Result<Difference> {
    // Programs of before took what is wrong here, and what they took is done again as it was.
    // MSM-1: what is registered already stays as it is.
    let registered = parties::all(&mut work.tx)?;
    let is_known = |code: &str| {
        registered.iter().any(|one| one.code.as_str() == code || one.s1sp.is_some_and(|of| of.as_str() == code))
    };
    let wrong = unfit(rows, is_known);
    if wrong.total > 0 && !work.is_again() {
        return Err(ServiceError::Table(in_lines(&wrong)));
    }
    let text = |words: &str| OwnedValue::text(words);
    let mut parties_after = Rows::new();
    let mut ids = Rows::new();
    for row in rows {
        let s1sp = OwnedValue::opt_text(row.s1sp);
        let contacts = [text(&row.operations_contact), text(&row.out_of_hours_contact)];
        let others = [vec![text(&row.name), text(row.role.word()), s1sp], contacts.to_vec()].concat();
        parties_after.insert(vec![OwnedValue::text(row.party)], others);
        for (place, id) in (0..).zip(&row.user_ids) {
            ids.insert(
                vec![OwnedValue::Int(eui_number(*id))],
                vec![OwnedValue::text(row.party), OwnedValue::Int(place)],
            );
        }
        if let Some(s1sp) = &row.s1sp {
            parties::s1sp_number(&mut work.tx, s1sp)?;
        }
    }
    let mpids = mpids(work, rows)?;
    // What refers to parties goes first and comes last.
    let (ids_before, mpids_before) = (imports::rows(&mut work.tx, USER_ID)?, imports::rows(&mut work.tx, MPID)?);
    let parties_before = imports::rows(&mut work.tx, PARTY)?;
    must_leave_the_ground(work, (&parties_before, &parties_after), (&mpids_before, &mpids), (&ids_before, &ids))?;
    let kept = |before: &Rows, after: &Rows| {
        before
            .iter()
            .filter(|(key, row)| after.get(*key) == Some(*row))
            .map(|(key, row)| (key.clone(), row.clone()))
            .collect::<Rows>()
    };
    let (ids_kept, mpids_kept) = (kept(&ids_before, &ids), kept(&mpids_before, &mpids));
    bring(work, USER_ID, &ids_before, &ids_kept)?;
    bring(work, MPID, &mpids_before, &mpids_kept)?;
    let difference = replace_parties(work, &parties_after, (&ids_kept, &ids), (&mpids_kept, &mpids))?;
    let figures = match work.engine {
        ..=3 => as_one((ids_before != ids || mpids_before != mpids).then_some(1), difference),
        _ => [(&ids_before, &ids), (&mpids_before, &mpids)].into_iter().fold(difference, with_rows),
    };
    let mut first = shown::rows(work, PARTY, &parties_before, &parties_after)?;
    first.extend(shown::rows(work, USER_ID, &ids_before, &ids)?);
    first.extend(shown::rows(work, MPID, &mpids_before, &mpids)?);
    Ok(Difference { figures, first })
}

/// Programs before version 4 counted User IDs and ids as one change, where no party changed.
fn as_one(more: Option<u64>, parties: ImportDifference) -> ImportDifference {
    let same = parties.added + parties.changed + parties.gone == 0;
    ImportDifference { changed: parties.changed + more.filter(|_| same).unwrap_or(0), ..parties }
}

/// REF-2: a party's User IDs and ids are rows as well, and weigh as much.
fn with_rows(sum: ImportDifference, (before, after): (&Rows, &Rows)) -> ImportDifference {
    let others =
        |key: &&Vec<OwnedValue>| before.get(*key).is_some_and(|row| after.get(*key).is_some_and(|now| now != row));
    let only = |one: &Rows, other: &Rows| number_of(one.keys().filter(|key| !other.contains_key(*key)).count());
    ImportDifference {
        before: sum.before + number_of(before.len()),
        added: sum.added + only(after, before),
        changed: sum.changed + number_of(before.keys().filter(others).count()),
        gone: sum.gone + only(before, after),
        ..sum
    }
}

fn bring(work: &mut Work<'_>, of: Replaced, before: &Rows, after: &Rows) -> Result<()> {
    Ok(Replacement::of(of, before, after.clone()).write(&mut work.tx)?)
}

/// Parties are changed in place: their User IDs and ids refer to them.
fn replace_parties(
    work: &mut Work<'_>,
    after: &Rows,
    (ids_kept, ids): (&Rows, &Rows),
    (mpids_kept, mpids): (&Rows, &Rows),
) -> Result<ImportDifference> {
    let before = imports::rows(&mut work.tx, PARTY)?;
    let mut difference = ImportDifference { before: number_of(before.len()), ..ImportDifference::default() };
    for (key, others) in after {
        let values: Vec<_> = key.iter().chain(others).map(OwnedValue::value).collect();
        match before.get(key) {
            Some(same) if same == others => continue,
            Some(_) => difference.changed += 1,
            None => difference.added += 1,
        }
        imports::set_party(&mut work.tx, &values)?;
    }
    bring(work, USER_ID, ids_kept, ids)?;
    bring(work, MPID, mpids_kept, mpids)?;
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        imports::remove_party(&mut work.tx, key[0].value())?;
        difference.gone += 1;
    }
    Ok(difference)
}

fn number_of(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// The market participant ids of all parties; one that is known keeps its number, which the inventory holds.
fn mpids(work: &mut Work<'_>, rows: &[PartyRow]) -> Result<Rows> {
    let dictionary = Dictionary::load(&mut work.tx)?;
    let mut next = dictionary.mpids.keys().max().copied().unwrap_or(0);
    let mut after = Rows::new();
    for row in rows {
        let electricity = row.electricity_mpids.iter().map(|mpid| (Fuel::Electricity, *mpid));
        for (fuel, mpid) in electricity.chain(row.gas_mpids.iter().map(|mpid| (Fuel::Gas, *mpid))) {
            let id = dictionary.mpid_numbers.get(&(fuel, mpid)).copied().unwrap_or_else(|| {
                next += 1;
                next
            });
            let values = vec![OwnedValue::text(fuel), OwnedValue::text(mpid), OwnedValue::text(row.party)];
            after.insert(vec![OwnedValue::Int(id)], values);
        }
    }
    must_have_holders(work, rows)?;
    for (id, (fuel, mpid, party)) in &dictionary.mpids {
        if !after.contains_key(&vec![OwnedValue::Int(*id)]) && imports::uses_mpid(&mut work.tx, *id)? {
            let message = format!("{fuel} MPID {mpid} of {party} is gone, but meters are registered to it");
            return Err(ServiceError::Table(message));
        }
    }
    Ok(after)
}

/// MAM-11: an id that the file still has in an old party's name is that of the one to which it passed, which must be there.
fn must_have_holders(work: &mut Work<'_>, rows: &[PartyRow]) -> Result<()> {
    let mut events = responsibility::all(&mut work.tx)?;
    events.retain(|event| event.done_at.is_some());
    in_order(&mut events, work.engine);
    for row in rows {
        let electricity = row.electricity_mpids.iter().map(|mpid| (Fuel::Electricity, *mpid));
        for (fuel, mpid) in electricity.chain(row.gas_mpids.iter().map(|mpid| (Fuel::Gas, *mpid))) {
            let passes = events.iter().filter(|event| event.mpids.contains(&(fuel, mpid)));
            let holder = passes.fold(row.party, |party, event| if event.from == party { event.to } else { party });
            if !rows.iter().any(|row| row.party == holder) {
                let message = format!("party {holder} is gone, but {fuel} MPID {mpid} has passed to it (MAM-11)");
                return Err(ServiceError::Table(message));
            }
        }
    }
    Ok(())
}

fn apply_combinations(work: &mut Work<'_>, rows: &[DmcRow]) -> Result<Difference> {
    let dictionary = Dictionary::load(&mut work.tx)?;
    let mut next = dictionary.dmcs.keys().max().copied().unwrap_or(0);
    let mut after = Rows::new();
    for row in rows {
        let id = dictionary.dmc_numbers.get(row.dmc.as_str()).copied().unwrap_or_else(|| {
            next += 1;
            next
        });
        let values = vec![
            OwnedValue::text(row.dmc.as_str()),
            OwnedValue::text(&row.provider),
            OwnedValue::text(&row.chf),
            OwnedValue::text(&row.esme),
            OwnedValue::opt_text(row.gsme.as_ref()),
        ];
        after.insert(vec![OwnedValue::Int(id)], values);
    }
    for (id, code) in &dictionary.dmcs {
        if !after.contains_key(&vec![OwnedValue::Int(*id)]) && imports::uses_dmc(&mut work.tx, *id)? {
            return Err(ServiceError::Table(format!("{code} is gone, but installations in the inventory have it")));
        }
    }
    replace(work, DMC, after)
}

/// Collects what the database knows to be wrong in rows.
fn checked<'a, T: 'a>(
    rows: impl Iterator<Item = (u64, &'a T)>,
    mut check: impl FnMut(&T) -> std::result::Result<(), String>,
) -> Result<()> {
    let mut errors = RowErrors::default();
    for (line, row) in rows {
        if let Err(message) = check(row) {
            errors.add(line, || message);
        }
    }
    if errors.total == 0 { Ok(()) } else { Err(ServiceError::Table(in_lines(&errors))) }
}

fn registrations(dictionary: &Dictionary, rows: &[RegistrationRow]) -> Result<Rows> {
    let mut after = Rows::new();
    checked(rows.iter().map(|row| (row.line, row)), |row| {
        let id = dictionary.mpid_numbers.get(&(row.fuel, row.mpid));
        let id = id.ok_or_else(|| format!("{} MPID {} belongs to no party", row.fuel, row.mpid))?;
        let point = match row.point {
            Point::Mpan(mpan) => mpan.number(),
            Point::Mprn(mprn) => mprn.number(),
        };
        let key =
            vec![OwnedValue::Int(number(point)), OwnedValue::text(row.fuel), OwnedValue::Int(date_number(row.from))];
        after.insert(key, vec![OwnedValue::Int(*id)]);
        Ok(())
    })?;
    Ok(after)
}

fn epcl(dictionary: &Dictionary, rows: &[EpclRow]) -> Result<Rows> {
    let mut after = Rows::new();
    checked(rows.iter().map(|row| (row.line, row)), |row| {
        if !dictionary.s1sp_numbers.contains_key(&row.s1sp) {
            return Err(format!("S1SP {} is not known", row.s1sp));
        }
        let dmc = dictionary.dmc_numbers.get(row.dmc.as_str());
        let dmc = dmc.ok_or_else(|| format!("Device Model Combination {} is not known", row.dmc))?;
        let key = vec![OwnedValue::text(row.s1sp), OwnedValue::Int(*dmc), OwnedValue::Int(date_number(row.added))];
        let removed = row.removed.map_or(OwnedValue::Null, |date| OwnedValue::Int(date_number(date)));
        after.insert(key, vec![removed]);
        Ok(())
    })?;
    Ok(after)
}

/// One exclusion an installation and meter: the earliest, since what is excluded once is excluded.
fn exclusions(rows: &[ExclusionRow]) -> Rows {
    let mut rows: Vec<&ExclusionRow> = rows.iter().collect();
    rows.sort_by_key(|row| row.from);
    let mut after = Rows::new();
    for row in rows {
        let fuel = row.fuel.map_or("", Fuel::word);
        let key = vec![OwnedValue::Int(eui_number(row.chf)), OwnedValue::text(fuel), OwnedValue::text(IMPORTED)];
        let values = vec![OwnedValue::text(&row.category), OwnedValue::Int(date_number(row.from))];
        after.entry(key).or_insert(values);
    }
    after
}

fn outcome_codes(rows: &[OutcomeCodeRow]) -> Rows {
    let row = |row: &OutcomeCodeRow| {
        let values = vec![
            OwnedValue::text(row.who_acts.word()),
            OwnedValue::Int(i64::from(row.attempt)),
            OwnedValue::Int(i64::from(row.retry_after_days)),
        ];
        let stage = row.stage.map_or("", Stage::word);
        (vec![OwnedValue::text(&row.code), OwnedValue::text(stage)], values)
    };
    rows.iter().map(row).collect()
}
