//! What a responsibility event does to the authorisations and units at one S1SP.

use crate::act::work::Work;
use crate::board::ground::lapse_unfounded;
use crate::board::open::Board;
use crate::books::calendar::local_date;
use crate::error::Result;
use crate::events::back;
use crate::events::effect::Effect;
use crate::events::lead;
use crate::events::units::PassingUnits;
use crate::facts::ahead::{Ahead, rows_since};
use crate::rows::asked::{self, AskedOf};
use crate::rows::closed::expire_closed;
use jiff::civil::Date;
use sluice_rules::authorisation::led::{Led, LedUnit};
use sluice_rules::authorisation::passing::{self, EventKind};
use sluice_rules::authorisation::settle::{self, Authorisation, Case, RowId};
use sluice_rules::authorisation::standby::Ledger;
use sluice_rules::authorisation::state::State;
use sluice_rules::codes::RowCode;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_store::tables::authorisations::StoredAuthorisation;
use sluice_store::tables::responsibility::{self, ResponsibilityEvent};
use sluice_store::tables::results::{self, AllocationRecord};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// MAM-11: rows and units follow a transfer; with an appointment rows are suspended, and units that none of them uses are
/// unallocated.
///
/// `waited` is what waited for whom before it; with it come the rows that were found before the act, if they were.
pub(crate) fn follow(
    work: &mut Work<'_>,
    s1sp: S1sp,
    event: &ResponsibilityEvent,
    (waited, ahead): (&AskedOf, Option<&Ahead>),
    effect: &mut Effect,
) -> Result<()> {
    // Rows of others are settled anew beside them: who was waited for, who leads and what is Active may be another.
    let mut cases = Arc::unwrap_or_clone(rows_since(work, ahead, s1sp, Date::MIN)?);
    let today = local_date(work.now);
    let terms = work.mam_terms()?;
    let mut board = Board::open(work, s1sp, terms)?;
    board.facts.load_rows_ahead(work, &cases, ahead)?;
    let mut passing = PassingUnits::before(work.engine, &board, event);
    lead::go_on(work, &mut board, event, &mut passing)?;
    for (chf, rows) in &mut cases {
        rows.retain(|stored| stored.row.party == event.from);
        match event.kind {
            EventKind::Transfer => pass(work, &mut board, event, (*chf, rows), effect, &mut passing)?,
            EventKind::Appointment => suspend(&mut board, *chf, rows, effect),
        }
    }
    // MAM-3: what has a place in line is there before what gets in line as new.
    let mut installations = board.facts.installations();
    if work.engine > 7 {
        installations.sort_by_key(|chf| board.facts.dossier(*chf).is_none_or(|file| !file.case.has_place()));
    }
    for chf in installations {
        if let Some((file, ledger)) = board.change(chf) {
            passing::pass_on(&mut file.case, &[], event.to, ledger);
        }
    }
    if event.kind == EventKind::Transfer {
        back::give_back(work, &mut board, event, &cases)?;
    }
    effect.units_passed += if work.engine > 3 { passing.allocation(&board, event).values().sum() } else { 0 };
    passing.pass_demand(work, &mut board, event)?;
    // MAM-8: what has lost its ground by it, since two registrations of a meter are not one party's any more.
    let live = board.facts.live_rows();
    lapse_unfounded(work, &mut board, &live, None)?;
    for (chf, _) in live {
        expire_closed(work, &mut board, chf, waited)?;
    }
    // STOP-1: what an order covers is stopped, whoever's it has become.
    board.apply_stops();
    pass_units(work, &mut board, event, today)?;
    let settled = board.settle(work)?;
    let changed = asked::finish_and_tell(work, settled, waited)?;
    let touched = changed.iter().filter(|change| change.touches_schedule());
    effect.add_schedules(s1sp, touched.map(|change| change.date()));
    if work.engine > 3 {
        effect.add_changed(event, cases.iter().flat_map(|(_, rows)| rows), &changed);
    }
    Ok(())
}

/// A transfer: rows of meters that pass become the gaining party's, but for those whose day is under way and those that the
/// party has sent for a meter that it keeps. Where the gaining party leads now and can still authorise, the unit is its own.
fn pass(
    work: &mut Work<'_>,
    board: &mut Board,
    event: &ResponsibilityEvent,
    (chf, rows): (Eui64, &[StoredAuthorisation]),
    effect: &mut Effect,
    passing: &mut PassingUnits,
) -> Result<()> {
    let open = open_days(work, board, rows)?;
    let (mut follow, back) = following(work, board, event, (chf, rows))?;
    let unlocked: Vec<Authorisation> =
        rows.iter().map(|stored| stored.row).filter(|row| !board.is_locked(row.date)).collect();
    let Some((file, ledger)) = board.change(chf) else { return Ok(()) };
    let parted = passing::part_with(&mut file.case, &back, event.to, ledger);
    follow.extend(back);
    let passed = passing::pass_on(&mut file.case, &follow, event.to, ledger);
    if work.engine > 7 {
        pass_beside_stops(&mut file.case, &unlocked, (event.to, &open), ledger);
    }
    let kept = if work.engine > 7 { LedUnit::Kept } else { LedUnit::Free };
    let mut came: BTreeMap<RowId, (Date, LedUnit)> = BTreeMap::new();
    for row in rows.iter().map(|stored| stored.row).filter(|row| open.contains(&row.date)) {
        if passing::pass_unit(&file.case, row, event.to, ledger) {
            came.insert(row.id, (row.date, kept));
        }
    }
    let stays = |row: &Authorisation| file.case.rows.iter().any(|now| now.id == row.id && now.state.is_open());
    let waits =
        |row: &Authorisation| stays(row) && open.contains(&row.date) && row.state.is_waiting() && !row.takes_own();
    let lacks =
        |date: Date| file.case.meters.lead_on(date) == Some(event.to) && file.case.live(event.to, date).is_none();
    for row in rows.iter().map(|stored| &stored.row).filter(|row| waits(row) && lacks(row.date)) {
        came.entry(row.id).or_insert((row.date, LedUnit::None));
    }
    let wanted: Vec<Authorisation> =
        rows.iter().map(|stored| stored.row).filter(|row| passed.contains(&row.id) || waits(row)).collect();
    let mut ended = Vec::new();
    for stored in rows {
        let now = file.case.rows.iter().find(|row| row.id == stored.row.id);
        let word = match now {
            Some(row) if passed.contains(&row.id) => {
                effect.units_passed += u64::from(stored.row.unit && work.engine < 4);
                "PASSED"
            }
            Some(row) if row.state == State::Lapsed => {
                ended.push(row.id);
                "LAPSED"
            }
            _ => "STAYS",
        };
        if work.engine < 4 {
            effect.count(word);
        }
    }
    for id in ended {
        board.explain(chf, id, RowCode::MA111.code());
    }
    passing.count(board, event, chf, wanted.iter());
    for (id, (date, unit)) in came {
        passing.note(board, (chf, id, date), Led { party: event.to, unit });
    }
    // The lead stays, and has the unit that came until it passes on or returns too.
    let left = |row: &Authorisation| parted.contains(&row.id) && !row.takes_own();
    for Authorisation { id, date, .. } in rows.iter().map(|stored| stored.row).filter(left) {
        let unit = if open.contains(&date) { kept } else { LedUnit::Free };
        passing.note(board, (chf, id, date), Led { party: event.from, unit });
    }
    Ok(())
}

/// The days of rows for which the gaining party can still authorise.
fn open_days(work: &mut Work<'_>, board: &mut Board, rows: &[StoredAuthorisation]) -> Result<BTreeSet<Date>> {
    let mut open = BTreeSet::new();
    for date in rows.iter().map(|stored| stored.row.date) {
        if work.engine > 3 && !board.is_closed(work, date)? {
            open.insert(date);
        }
    }
    Ok(open)
}

/// STOP-1: a stop order keeps no unit from the lead: stopped rows let go of it, and take it, for what passes with it. `rows` are those of
/// before, of days that are not locked.
fn pass_beside_stops(
    case: &mut Case,
    rows: &[Authorisation],
    (to, open): (Party, &BTreeSet<Date>),
    ledger: &mut Ledger,
) {
    for row in rows {
        passing::pass_to_stopped(case, *row, to, ledger);
        if open.contains(&row.date) {
            passing::leave_stopped(case, row.id, to, ledger);
        }
    }
}

/// MAM-11: of the rows of an installation those that follow its meters, and those that go back with one beside a meter that the party keeps.
fn following(
    work: &mut Work<'_>,
    board: &Board,
    event: &ResponsibilityEvent,
    (chf, rows): (Eui64, &[StoredAuthorisation]),
) -> Result<(Vec<RowId>, Vec<RowId>)> {
    let Some(file) = board.facts.dossier(chf) else { return Ok((Vec::new(), Vec::new())) };
    let keeps = |date| file.case.meters.required_on(date).contains(&event.from);
    let movable = rows.iter().filter(|stored| !board.facts.is_under_way(chf, &stored.row));
    let (kept, follow): (Vec<_>, Vec<_>) = movable.partition(|stored| keeps(stored.row.date));
    let ids = |rows: &[&StoredAuthorisation]| rows.iter().map(|stored| stored.row.id).collect::<Vec<RowId>>();
    let back = came_from(work, chf, &ids(&kept), event)?;
    Ok((ids(&follow), back))
}

/// MAM-11: of the rows of an installation of which the party keeps a meter those that it has never sent: they came from the very party to
/// which meters now return, and return with them. Programs before version 7 left them where they were.
fn came_from(work: &mut Work<'_>, chf: Eui64, ids: &[RowId], event: &ResponsibilityEvent) -> Result<Vec<RowId>> {
    if work.engine < 7 || ids.is_empty() {
        return Ok(Vec::new());
    }
    let passings = responsibility::passings(&mut work.tx, chf)?;
    let returns = |id: &&RowId| {
        let mut of_row = passings.iter().filter(|passing| passing.file == id.file);
        let first = of_row.next();
        let last = of_row.next_back().or(first);
        let sender = first.map(|first| first.from);
        sender != Some(event.from) && last.is_some_and(|last| (last.from, last.to) == (event.to, event.from))
    };
    Ok(ids.iter().filter(returns).copied().collect())
}

/// An appointment: rows are suspended, but for those whose day is under way. On a day that is locked nothing can be adopted,
/// so they lapse at once.
fn suspend(board: &mut Board, chf: Eui64, rows: &[StoredAuthorisation], effect: &mut Effect) {
    let (mut ended, mut waiting) = (Vec::new(), Vec::new());
    for stored in rows {
        let gone = board.facts.dossier(chf).is_none_or(|file| file.gone);
        match (board.facts.is_under_way(chf, &stored.row), gone || board.is_locked(stored.row.date)) {
            (true, _) => effect.count("STAYS"),
            (false, true) => ended.push(stored.row),
            (false, false) => waiting.push(stored.row.id),
        }
    }
    let Some((file, ledger)) = board.change(chf) else { return };
    for _ in passing::suspend(&mut file.case, &waiting, ledger) {
        effect.count("SUSPENDED");
    }
    let ids: Vec<RowId> = ended.iter().map(|row| row.id).collect();
    settle::lapse(&mut file.case, &ids, ledger);
    for id in waiting {
        board.explain(chf, id, "");
    }
    for id in ids {
        effect.count("LAPSED");
        board.explain(chf, id, RowCode::MA111.code());
    }
}

/// Units of the days to come that no row uses: they follow a transfer of everything, and are unallocated after an
/// appointment.
fn pass_units(work: &mut Work<'_>, board: &mut Board, event: &ResponsibilityEvent, today: Date) -> Result<()> {
    let to_come = board.ledger.days_of(event.from).into_iter().filter(|date| *date >= today);
    match event.kind {
        EventKind::Transfer if event.whole => {
            for date in to_come {
                board.ledger.hand_over_free((event.from, date), (event.to, date));
            }
            pass_handed_back(work, board.facts.s1sp, event, today)
        }
        EventKind::Transfer => Ok(()),
        EventKind::Appointment => {
            for date in to_come {
                board.ledger.release((event.from, date));
            }
            Ok(())
        }
    }
}

/// MSM-13: who gave back on a day takes no part in its refill, also under the name of the other.
fn pass_handed_back(work: &mut Work<'_>, s1sp: S1sp, event: &ResponsibilityEvent, today: Date) -> Result<()> {
    let held = results::allocations(&mut work.tx, &s1sp, today, Date::MAX)?;
    for given in held.iter().filter(|record| record.party == event.from && record.handed_back > 0) {
        let other = held.iter().find(|record| (record.party, record.date) == (event.to, given.date)).copied();
        let mut other =
            other.unwrap_or(AllocationRecord { date: given.date, party: event.to, units: 0, handed_back: 0 });
        other.handed_back += given.handed_back;
        results::set_allocation(&mut work.tx, &s1sp, &other)?;
        results::set_allocation(&mut work.tx, &s1sp, &AllocationRecord { handed_back: 0, ..*given })?;
    }
    Ok(())
}
