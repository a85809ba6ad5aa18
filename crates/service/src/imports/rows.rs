//! What imports and their undoing do to authorisations: rows lapse, and come back (MAM-8, REF-2).

use crate::act::tell::tell;
use crate::act::work::Work;
use crate::board::changed::Changed;
use crate::board::ground::{concerned, lost_ground};
use crate::board::open::Board;
use crate::books::calendar::local_date;
use crate::books::terms::MamTerms;
use crate::error::Result;
use crate::facts::s1sp::Facts;
use crate::imports::cases::by_s1sp;
use crate::imports::expired::{self, Expired, required};
use crate::rows::asked::{self, AskedOf};
use crate::rows::closed::lapse_closed;
use crate::schedule::issue::issue_all_again;
use crate::words::First;
use sluice_rules::authorisation::missing::Missing;
use sluice_rules::authorisation::responsibility::Meters;
use sluice_rules::authorisation::settle::{self, Authorisation, RowId};
use sluice_rules::authorisation::state::State;
use sluice_rules::codes::RowCode;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_rules::reference::ReferenceKind;
use sluice_store::tables::authorisations::{self, StoredAuthorisation};
use sluice_store::tables::convert::eui_number;
use sluice_store::tables::imports::ImportRecord;
use std::collections::BTreeMap;

/// How things stand at an S1SP before an import or its undoing changes anything.
#[derive(Debug, Default)]
pub(crate) struct Before {
    /// MAM-1: for whom rows of the installations that it touches wait.
    waited: AskedOf,
    /// MAM-1: the same with what is missing, as it was before the act.
    asked: Vec<(Eui64, Missing)>,
    /// MAM-8: the meters of those that have an authorisation.
    meters: BTreeMap<Eui64, Meters>,
}

/// MAM-1: what of the installations that an undoing touches waited for another supplier's row before it, by S1SP.
pub(crate) fn asked_before(before: &BTreeMap<S1sp, Before>) -> BTreeMap<S1sp, Vec<(Eui64, Missing)>> {
    before.iter().map(|(s1sp, before)| (*s1sp, before.asked.clone())).collect()
}

/// How things stand now, by S1SP: at the installations that an import or its undoing touches. What waits elsewhere does so afterwards
/// too.
///
/// # Errors
/// If the database fails.
pub(crate) fn known_before(work: &mut Work<'_>, touched: Option<&[i64]>) -> Result<BTreeMap<S1sp, Before>> {
    let keys = if work.engine > 3 { in_play(work, touched)? } else { Vec::new() };
    let mut before = BTreeMap::new();
    if keys.is_empty() {
        return Ok(before);
    }
    let Ok(terms) = MamTerms::on(work.books, local_date(work.now)) else { return Ok(before) };
    for (s1sp, cases) in by_s1sp(authorisations::live(&mut work.tx, &keys)?.into_values().flatten()) {
        let mut facts = Facts::open(work, s1sp, terms.clone())?;
        facts.load_rows(work, &cases)?;
        let asked = asked::all(&facts);
        let waited = asked.iter().map(|(chf, missing)| (*chf, missing.row, missing.of)).collect();
        let known = |chf: Eui64| Some((chf, facts.dossier(chf)?.case.meters.clone()));
        let meters = facts.installations().into_iter().filter(|_| work.engine > 4).filter_map(known).collect();
        before.insert(s1sp, Before { waited, asked, meters });
    }
    Ok(before)
}

/// The installations that an import touches, or all that are authorised.
fn in_play(work: &mut Work<'_>, touched: Option<&[i64]>) -> Result<Vec<i64>> {
    match touched {
        Some(touched) => Ok(touched.to_vec()),
        None => Ok(authorisations::installations_in_play(&mut work.tx)?),
    }
}

/// MAM-8: authorisations whose ground an import, or its undoing, took away lapse, with the import as their cause, and what needs
/// another supplier now is held. Gives those that stood and are changed.
pub(crate) fn lapse(
    work: &mut Work<'_>,
    import: Option<i64>,
    touched: Option<&[i64]>,
    before: &mut BTreeMap<S1sp, Before>,
) -> Result<Vec<Changed>> {
    let keys = in_play(work, touched)?;
    let mut lapsed = Vec::new();
    if keys.is_empty() {
        return Ok(lapsed);
    }
    let terms = MamTerms::on(work.books, local_date(work.now))?;
    for (s1sp, cases) in by_s1sp(authorisations::live(&mut work.tx, &keys)?.into_values().flatten()) {
        let mut board = Board::open(work, s1sp, terms.clone())?;
        board.cause = import;
        board.facts.load_rows(work, &cases)?;
        let before = before.entry(s1sp).or_default();
        let rows: Vec<(Eui64, Vec<Authorisation>)> =
            cases.iter().map(|(chf, rows)| (*chf, rows.iter().map(|stored| stored.row).collect())).collect();
        crate::board::ground::lapse_unfounded(work, &mut board, &rows, None)?;
        lapse_late(work, &mut board)?;
        tell_who_gains(work, &mut board, before)?;
        let changed = conclude(work, board, touched, before)?;
        // REF-2: whatever an import does to rows that stood counts, not only what it ends.
        lapsed.extend(changed.into_iter().filter(stood));
    }
    Ok(lapsed)
}

/// MAM-1: what waits since an import for a row that can come no more, after the cut-off, ends with it.
fn lapse_late(work: &mut Work<'_>, board: &mut Board) -> Result<()> {
    if work.engine > 4 {
        for (chf, _) in board.facts.live_rows() {
            lapse_closed(work, board, chf)?;
        }
    }
    Ok(())
}

/// Keeps the changes of an import. For whom rows wait since is told once (MAM-1).
fn conclude(work: &mut Work<'_>, board: Board, touched: Option<&[i64]>, before: &mut Before) -> Result<Vec<Changed>> {
    let settled = board.settle(work)?;
    let waiting = asked::waiting(settled.facts());
    if let Some(touched) = touched {
        before.waited.extend(asked::waited_beside(settled.facts(), touched));
    }
    let changed = asked::finish_and_tell(work, settled, &before.waited)?;
    before.waited.extend(waiting);
    Ok(changed)
}

/// The same of what comes back. Programs of before left to what follows whom it makes wait.
fn conclude_return(
    work: &mut Work<'_>,
    mut board: Board,
    touched: Option<&[i64]>,
    before: &mut Before,
) -> Result<Vec<Changed>> {
    if work.engine < 5 {
        return board.finish(work);
    }
    lapse_late(work, &mut board)?;
    conclude(work, board, touched, before)
}

/// MAM-8: a row lapses also since an inventory names another supplier at once, with no registration before it. Who gains a meter by
/// it is told as with a registration, and who supplies the other one. MA111 says so of it beside MA112: it comes back with its supplier.
fn tell_who_gains(work: &mut Work<'_>, board: &mut Board, before: &Before) -> Result<()> {
    let by_registration = RowCode::MA119.code();
    for (chf, meters) in &before.meters {
        let Some(file) = board.facts.dossier(*chf) else { continue };
        let now = file.case.meters.clone();
        let ended = |row: &Authorisation| row.state == State::Lapsed && now.lost_since(meters, row.party, row.date);
        let ended: Vec<(Authorisation, String)> = file
            .kept
            .iter()
            .filter(|kept| !kept.codes.contains(by_registration))
            .filter_map(|kept| Some((*file.case.rows.iter().find(|row| row.id == kept.row.id)?, kept.codes.clone())))
            .filter(|(row, _)| ended(row))
            .collect();
        for (row, codes) in ended {
            if codes.contains(RowCode::MA112.code()) {
                board.explain(*chf, row.id, &format!("{} {codes}", RowCode::MA111));
            }
            let closed = board.is_closed(work, row.date)?;
            for (party, words) in concerned(meters, &now, &row, closed) {
                tell(work, party, "MAM-8", Some(*chf), &words)?;
            }
        }
    }
    Ok(())
}

/// REF-2: the first of them in words.
pub(crate) fn in_words(changed: &[Changed]) -> Vec<String> {
    let mut first = First::of("authorisations changed or ended");
    changed.iter().for_each(|change| first.add(|| change.in_words()));
    first.lines()
}

fn stood(change: &Changed) -> bool {
    change.was(State::Accepted) || change.was(State::Scheduled)
}

/// MAM-8: a change of supplier that was cancelled before the lock gives back what lapsed with it, first in line, and what has expired
/// since for want of it. Gives how many.
pub(crate) fn return_cancelled(
    work: &mut Work<'_>,
    import: Option<i64>,
    touched: Option<&[i64]>,
    before: &mut BTreeMap<S1sp, Before>,
) -> Result<u64> {
    if work.engine < 3 {
        return Ok(0);
    }
    let today = local_date(work.now);
    let mut lapsed = authorisations::lapsed_by_change(&mut work.tx, today, touched)?;
    if work.engine > 4 {
        // So does one that the inventory alone had named.
        let by_inventory = authorisations::lapsed_by_imports(&mut work.tx, today, touched)?.into_iter();
        let by_status = |stored: &StoredAuthorisation| {
            stored.codes.contains(RowCode::MA112.code()) && !stored.codes.contains(RowCode::MA111.code())
        };
        lapsed.extend(by_inventory.filter(|stored| !by_status(stored)));
    }
    let mut returned = 0;
    for (s1sp, cases) in by_s1sp(lapsed.into_iter()) {
        let terms = MamTerms::on(work.books, today)?;
        let mut board = Board::open(work, s1sp, terms)?;
        board.cause = import;
        board.facts.load(work, cases.iter().map(|(chf, _)| *chf))?;
        let attempts = board.facts.terms.attempts;
        for (chf, mut rows) in cases {
            let locked = |stored: &StoredAuthorisation| stored.row.date <= today || board.is_locked(stored.row.date);
            rows.retain(|stored| !locked(stored));
            rows.extend(expired::beside(work, chf, &rows)?);
            let Some(file) = board.facts.dossier(chf) else { continue };
            rows.retain(|stored| lost_ground(file, &stored.row, s1sp, today, attempts).is_empty());
            let ids: Vec<RowId> = rows.iter().map(|stored| stored.row.id).collect();
            board.add_ended(work, chf, &rows)?;
            ids.iter().for_each(|id| board.explain(chf, *id, ""));
            if let Some((file, ledger)) = board.change(chf) {
                settle::return_deferred(&mut file.case, &ids, ledger);
            }
        }
        let changed = conclude_return(work, board, touched, before.entry(s1sp).or_default())?;
        let back = |change: &&Changed| change.was(State::Lapsed) || change.was(State::Expired) && change.is_live();
        returned += changed.iter().filter(back).count();
    }
    Ok(u64::try_from(returned).unwrap_or(u64::MAX))
}

/// The installations that undoing an import touches: those that are others by it, and those whose authorisations it ended.
///
/// # Errors
/// If the database fails.
pub(crate) fn with_ended(work: &mut Work<'_>, touched: Option<Vec<i64>>, import: i64) -> Result<Option<Vec<i64>>> {
    let Some(mut keys) = touched else { return Ok(None) };
    let ended = ended_by(work, import)?;
    keys.extend(ended.iter().map(|stored| eui_number(stored.chf)));
    keys.sort_unstable();
    keys.dedup();
    Ok(Some(keys))
}

/// REF-2: the rows that an import ended, and, of days that lie ahead, what has ended since by the undoing of later ones: these are
/// undone by now, so that the import alone still speaks against it.
fn ended_by(work: &mut Work<'_>, import: i64) -> Result<Vec<StoredAuthorisation>> {
    let today = local_date(work.now);
    let mut ended = authorisations::lapsed_by(&mut work.tx, import, work.engine > 4)?;
    ended.retain(|stored| stored.cause == Some(import) || stored.row.date > today);
    Ok(ended)
}

/// Gives authorisations back that an import ended, or that have expired since they lacked another supplier's by it. Gives how many
/// are back, and how many that stood are changed by it.
pub(crate) fn restore(
    work: &mut Work<'_>,
    import: &ImportRecord,
    (touched, expired): (Option<&[i64]>, Vec<Expired>),
    before: &mut BTreeMap<S1sp, Before>,
) -> Result<(u64, u64)> {
    let id = Some(import.id);
    let mut ended = ended_by(work, import.id)?;
    let mut with_it = Required::new();
    for Expired { stored, required } in expired {
        with_it.insert((stored.chf, stored.row.id), required);
        ended.push(stored);
    }
    if ended.is_empty() {
        return Ok((0, 0));
    }
    let terms = MamTerms::on(work.books, local_date(work.now))?;
    let (mut restored, mut moved) = (0, 0);
    for (s1sp, cases) in by_s1sp(ended.into_iter()) {
        let mut board = Board::open(work, s1sp, terms.clone())?;
        board.facts.load(work, cases.iter().map(|(chf, _)| *chf))?;
        board.cause = id.filter(|_| work.engine > 4);
        for (chf, mut rows) in cases {
            rows.retain(|stored| stored.cause == id || !board.is_locked(stored.row.date));
            board.add_ended(work, chf, &rows)?;
            let ids = returning(work, &board, (import, chf), (&rows, &with_it))?;
            ids.iter().for_each(|id| board.explain(chf, *id, ""));
            if let Some((file, ledger)) = board.change(chf) {
                settle::restore(&mut file.case, &ids, ledger);
            }
            // Something else may speak against it by now.
            let back: Vec<Authorisation> = match board.facts.dossier(chf) {
                Some(file) => file.case.rows.iter().filter(|row| ids.contains(&row.id)).copied().collect(),
                None => continue,
            };
            let back: Vec<Authorisation> = back.into_iter().filter(|row| row.state.is_live()).collect();
            crate::board::ground::lapse_unfounded(work, &mut board, &[(chf, back)], None)?;
        }
        let changed = conclude_return(work, board, touched, before.entry(s1sp).or_default())?;
        for change in &changed {
            let ended = change.was(State::Lapsed) || change.was(State::Expired);
            restored += u64::from(ended && change.is_live());
            moved += u64::from(stood(change));
        }
    }
    Ok((restored, moved))
}

/// Whose authorisations the dates of rows that expired needed with the import.
type Required = BTreeMap<(Eui64, RowId), Vec<Party>>;

/// REF-2: those of the rows of an installation that return. What expired does where the import ended a row beside it or made its date
/// need others, and nothing else keeps what it needs away; where its day is over its supplier is told that it does not.
fn returning(
    work: &mut Work<'_>,
    board: &Board,
    (import, chf): (&ImportRecord, Eui64),
    (rows, required_with_it): (&[StoredAuthorisation], &Required),
) -> Result<Vec<RowId>> {
    let Some(file) = board.facts.dossier(chf) else { return Ok(Vec::new()) };
    let (today, attempts) = (board.facts.today, board.facts.terms.attempts);
    let expired = |row: &Authorisation| row.state == State::Expired;
    let founded = |row: &&Authorisation| lost_ground(file, row, board.facts.s1sp, today, attempts).is_empty();
    let rows: Vec<Authorisation> = rows.iter().map(|stored| stored.row).collect();
    let ids: Vec<RowId> = rows.iter().filter(founded).map(|row| row.id).collect();
    let by_it = |row: &Authorisation| {
        let beside = rows.iter().any(|other| other.date == row.date && !expired(other));
        beside || required_with_it.get(&(chf, row.id)) != Some(&required(file, row.date))
    };
    let (mut returning, mut late) = (Vec::new(), Vec::new());
    for &row in &rows {
        match expired(&row) {
            false => returning.push(row.id),
            true if !by_it(&row) => {}
            true if !ids.contains(&row.id) || !file.case.returns(row, &ids) => {}
            true if row.date > today => returning.push(row.id),
            true => late.push(row),
        }
    }
    let ImportRecord { id, kind, .. } = import;
    for Authorisation { party, date, .. } in late {
        let words = format!(
            "the import of {kind} is undone (number {id}), but your authorisation for {date}, which has expired since, does not come back: that day is not ahead any more"
        );
        tell(work, party, "REF-2", Some(chf), &words)?;
    }
    Ok(returning)
}

/// SCH-1: who supplies a meter may be another in the schedules of locked days.
pub(crate) fn schedules_follow(work: &mut Work<'_>, kind: ReferenceKind, touched: Option<&[i64]>) -> Result<()> {
    let names = matches!(kind, ReferenceKind::Registrations | ReferenceKind::Inventory | ReferenceKind::Parties);
    if names && work.engine > 3 { issue_all_again(work, touched) } else { Ok(()) }
}
