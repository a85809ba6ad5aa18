//! Rows that have lost their ground lapse (MAM-8, SCH-2).

use crate::act::tell::tell;
use crate::act::work::Work;
use crate::board::open::Board;
use crate::books::calendar::local_date;
use crate::error::Result;
use crate::facts::dossier::Dossier;
use jiff::civil::Date;
use sluice_rules::authorisation::judge::{change_of_supplier, ground};
use sluice_rules::authorisation::responsibility::{Meter, Meters};
use sluice_rules::authorisation::settle::{self, Authorisation, RowId};
use sluice_rules::authorisation::state::State;
use sluice_rules::codes::RowCode;
use sluice_rules::party::{Eui64, Party, S1sp};
use std::collections::{BTreeMap, BTreeSet};

/// MAM-8 and SCH-2: rows that have lost their ground lapse with their codes; of all dates, or of one. Gives how many.
///
/// # Errors
/// If the database fails.
pub(crate) fn lapse_unfounded(
    work: &mut Work<'_>,
    board: &mut Board,
    installations: &[(Eui64, Vec<Authorisation>)],
    only: Option<Date>,
) -> Result<u64> {
    let today = local_date(work.now);
    let (s1sp, attempts) = (board.facts.s1sp, board.facts.terms.attempts);
    let mut lapsed = 0;
    for (chf, rows) in installations {
        let rows: Vec<&Authorisation> = rows.iter().filter(|row| only.is_none_or(|date| row.date == date)).collect();
        let mut ended: Vec<(RowId, String)> = Vec::new();
        if let Some(file) = board.facts.dossier(*chf) {
            for row in rows {
                // OUT-1, MAM-11: what is under way or suspended has its own end: an adoption judges it again, and the lock of its day ends
                // it. Programs of before ended it where its home had left the inventory, for good also where that was a slip (REF-2).
                let waits = row.state == State::Suspended && (!file.gone || work.engine > 7);
                if board.facts.is_under_way(*chf, row) || waits {
                    continue;
                }
                let codes = lost_ground(file, row, s1sp, today, attempts);
                if !codes.is_empty() {
                    ended.push((row.id, codes));
                }
            }
        }
        let Some((file, ledger)) = board.change(*chf) else { continue };
        let ids: Vec<RowId> = ended.iter().map(|(id, _)| *id).collect();
        settle::lapse(&mut file.case, &ids, ledger);
        let told = if work.engine > 2 { Vec::new() } else { new_suppliers(file) };
        let concerned: Vec<(Party, String)> = match work.engine {
            ..=2 => Vec::new(),
            _ => {
                let meters = &file.case.meters;
                rows_of(file, &ended).flat_map(|row| concerned(meters, meters, row, false)).collect()
            }
        };
        for (party, words) in concerned {
            tell(work, party, "MAM-8", Some(*chf), &words)?;
        }
        lapsed += u64::try_from(ended.len()).unwrap_or(u64::MAX);
        for (id, codes) in &ended {
            board.explain(*chf, *id, codes);
            if codes.contains(RowCode::MA119.code()) {
                for party in &told {
                    let words = "an authorisation by the supplier before you has lapsed with the change of supplier";
                    tell(work, *party, "MAM-8", Some(*chf), words)?;
                }
            }
        }
    }
    Ok(lapsed)
}

/// Why a row has no ground any more, as codes separated by blanks; empty if it has.
pub(crate) fn lost_ground(file: &Dossier, row: &Authorisation, s1sp: S1sp, today: Date, attempts: u64) -> String {
    if file.gone {
        return RowCode::MA108.to_string();
    }
    let mut codes: BTreeSet<RowCode> =
        ground(&file.subject(), row.date, attempts).into_iter().map(|(code, _)| code).collect();
    // STOP-1: what a stop order covers is stopped; it has not lost its ground.
    codes.remove(&RowCode::MA124);
    if file.installation.s1sp != s1sp {
        codes.insert(RowCode::MA113);
    }
    let required = file.case.meters.required_on(row.date);
    if !required.contains(&row.party) {
        let comes = change_of_supplier(&file.case.meters, row.party, today.min(row.date), row.date).is_some();
        let came = file
            .case
            .meters
            .each()
            .any(|meter| meter.supplier == Some(row.party) && meter.supplier_on(row.date) != Some(row.party));
        codes.insert(match required.is_empty() {
            _ if comes || came => RowCode::MA119,
            true => RowCode::MA112,
            false => RowCode::MA111,
        });
    }
    codes.into_iter().map(RowCode::code).collect::<Vec<_>>().join(" ")
}

/// The rows of an installation that ended with MA119.
fn rows_of<'f>(file: &'f Dossier, ended: &'f [(RowId, String)]) -> impl Iterator<Item = &'f Authorisation> {
    let with_change =
        |row: &&Authorisation| ended.iter().any(|(id, codes)| *id == row.id && codes.contains(RowCode::MA119.code()));
    file.case.rows.iter().filter(with_change)
}

/// What who takes over a meter is told of an authorisation of the one before that has lapsed with it.
pub(crate) fn lapsed_before(date: Date) -> String {
    format!("an authorisation for {date} by the supplier before you has lapsed with the change of supplier")
}

/// MAM-8: whom a lapsed row concerns beside its sender, and what each is told: who takes over a meter of the sender's, and who
/// supplies the other one. The inventory named the sender in the meters as they were `before`.
///
/// By a registration the meter is Dormant then, and the other one's authorisation is all that it needs; where the inventory says that
/// it is Active, its new supplier has to authorise it too, and cannot once the date is `closed` (MAM-1).
pub(crate) fn concerned(
    before: &Meters,
    meters: &Meters,
    row: &Authorisation,
    closed: bool,
) -> BTreeMap<Party, String> {
    let date = row.date;
    let lapsed = format!("the other supplier's authorisation for {date} has lapsed with a change of supplier");
    let mut told = BTreeMap::new();
    for meter in meters.each() {
        let was_own = |own: &Meter| own.fuel == meter.fuel && own.supplier == Some(row.party);
        let words = match (before.each().any(was_own), meter.is_active_on(date)) {
            (true, _) => lapsed_before(date),
            (false, false) => lapsed.clone(),
            (false, true) if meters.required_on(date).len() < 2 => {
                format!("{lapsed}; for that date it needs yours alone")
            }
            (false, true) if closed => format!(
                "{lapsed}; for that date it needs the new supplier's too, which can come no more, so yours does not stand either (MA128)"
            ),
            (false, true) => format!("{lapsed}; for that date it needs the new supplier's as well as yours"),
        };
        if let Some(party) = meter.supplier_on(date).filter(|party| *party != row.party) {
            told.entry(party).or_insert(words);
        }
    }
    told
}

/// MAM-8: the suppliers that take over a meter of an installation.
fn new_suppliers(file: &Dossier) -> Vec<Party> {
    let later = file.case.meters.each().filter_map(|meter| {
        let last = meter.registrations.last()?;
        last.party.filter(|party| Some(*party) != meter.supplier)
    });
    let mut parties: Vec<Party> = later.collect();
    parties.dedup();
    parties
}
