//! The properties of authorisation. Each is held after every step of a random history, against the engine and against an
//! engine broken on purpose, which it must catch. The history that fails is shrunk and printed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use sluice_rules::authorisation::settle::{self, Authorisation};
use sluice_rules::authorisation::standby::{Allowance, Ledger};
use sluice_rules::authorisation::state::State;
use sluice_rules::party::Party;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use support::{Active, Op, World, day, next_supplier, party};

/// Where a history starts, and what happens.
#[derive(Debug, Clone)]
struct History {
    active: Vec<Active>,
    dates: usize,
    allocation: u64,
    ops: Vec<Op>,
}

impl History {
    fn start(&self) -> World {
        World::new(&self.active, self.dates, self.allocation)
    }
}

type Engine<'a> = &'a dyn Fn(&mut World, Op);
/// What must hold of the world before a step, the step, and the world after it.
type Property = fn(Engine<'_>, &World, Op, &World) -> Result<(), TestCaseError>;

fn engine(world: &mut World, op: Op) {
    world.play(op);
}

/// What becomes of an installation on its day.
const OUTCOMES: &[State] = &[State::Migrated, State::Failed, State::NotAttempted, State::Unknown];

fn ops() -> impl Strategy<Value = Op> {
    let (case, supplier, date) = (0..4_usize, 0..2_usize, 0..3_usize);
    let row = (case.clone(), supplier.clone(), date.clone());
    prop_oneof![
        8 => row.clone().prop_map(|(case, supplier, date)| Op::Authorise(case, supplier, date)),
        3 => row.prop_map(|(case, supplier, date)| Op::Withdraw(case, supplier, date)),
        3 => (supplier.clone(), date.clone()).prop_map(|(supplier, date)| Op::Promote(supplier, date)),
        2 => (supplier, date.clone(), 0..4_u64).prop_map(|(supplier, date, units)| Op::Allocate(supplier, date, units)),
        1 => (case.clone(), prop::sample::select(&Active::ALL[..])).prop_map(|(case, active)| Op::Import(case, active)),
        1 => (case.clone(), 0..4_usize).prop_map(|(case, place)| Op::Lapse(case, place)),
        1 => case.clone().prop_map(Op::Restore),
        1 => (case.clone(), prop::sample::select(vec![Op::Stop, Op::Lift, Op::Outlast])).prop_map(|(case, op)| op(case)),
        1 => (case.clone(), 0..2_usize).prop_map(|(case, supplier)| Op::Suspend(case, supplier)),
        1 => case.clone().prop_map(Op::Adopt),
        1 => (case, date.clone(), prop::sample::select(OUTCOMES)).prop_map(|(case, date, outcome)| {
            Op::Conclude(case, date, outcome)
        }),
        1 => date.clone().prop_map(Op::Close),
        1 => date.prop_map(Op::Lock),
    ]
}

fn histories() -> impl Strategy<Value = History> {
    let active = prop_oneof![3 => Just(Active::Both), 1 => Just(Active::Electricity), 1 => Just(Active::Gas)];
    let parts = (prop::collection::vec(active, 1..4), 1..4_usize, 0..4_u64, prop::collection::vec(ops(), 1..40));
    parts.prop_map(|(active, dates, allocation, ops)| History { active, dates, allocation, ops })
}

fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn run(engine: Engine<'_>, property: Property) -> Result<(), TestError<History>> {
    runner(1_000).run(&histories(), |history| {
        let mut world = history.start();
        for &op in &history.ops {
            let before = world.clone();
            engine(&mut world, op);
            property(engine, &before, op, &world)?;
        }
        Ok(())
    })
}

/// The engine has the property, and an engine broken in the given way is found out by it, not by stumbling over its own
/// result.
fn holds_and_catches(property: Property, broken: Engine<'_>) {
    run(&engine, property).expect("the engine has the property");
    let stumbles = |world: &mut World, op: Op| {
        let before = world.clone();
        if catch_unwind(AssertUnwindSafe(|| broken(world, op))).is_err() {
            *world = before;
        }
    };
    assert!(run(&stumbles, property).is_err(), "the broken engine was not found out");
}

/// An engine that goes on with other rows than the right one: each new row is given with the one it was, if it is not new.
/// What it does to units is booked, so that nothing else gives it away.
fn tampered(tamper: impl Fn(Op, Option<&Authorisation>, &mut Authorisation)) -> impl Fn(&mut World, Op) {
    move |world, op| {
        let before = world.clone();
        world.play(op);
        for row in world.cases.iter_mut().flat_map(|case| &mut case.rows) {
            tamper(op, before.rows().find(|old| old.id == row.id), row);
        }
        world.ledger = world.counted();
    }
}

fn stands(state: State) -> bool {
    matches!(state, State::Accepted | State::Scheduled)
}

#[test]
fn mam_2_the_ledger_agrees_with_the_rows() {
    fn property(_: Engine<'_>, _: &World, _: Op, world: &World) -> Result<(), TestCaseError> {
        let counted = world.counted();
        for &day in world.allocations.keys() {
            prop_assert_eq!(world.ledger.allowance(day), counted.allowance(day));
        }
        Ok(())
    }
    // Does not book what a withdrawal frees.
    holds_and_catches(property, &|world, op| {
        let ledger = world.ledger.clone();
        world.play(op);
        if matches!(op, Op::Withdraw(..)) {
            world.ledger = ledger;
        }
    });
}

#[test]
fn mam_2_units_in_use_never_exceed_the_allocation() {
    // A cut defers what is over it in the same step.
    fn property(_: Engine<'_>, _: &World, _: Op, world: &World) -> Result<(), TestCaseError> {
        for &day in world.allocations.keys() {
            let allowance = world.counted().allowance(day);
            prop_assert!(allowance.used <= allowance.allocation, "{day:?} {allowance:?}");
        }
        Ok(())
    }
    // Promotes without looking for a free unit.
    holds_and_catches(property, &|world, op| {
        if matches!(op, Op::Promote(..)) {
            let plenty = world.allocations.iter().map(|(&day, _)| {
                let allowance = world.ledger.allowance(day);
                (day, Allowance { allocation: 99, ..allowance })
            });
            world.ledger = Ledger::new(plenty.collect());
        }
        world.play(op);
        world.ledger = world.counted();
    });
}

#[test]
fn mam_2_only_the_lead_suppliers_row_uses_a_unit_or_waits_for_one() {
    fn property(_: Engine<'_>, _: &World, _: Op, world: &World) -> Result<(), TestCaseError> {
        for case in &world.cases {
            // MAM-11, STOP-1, OUT-4: what is suspended, stopped or waits for its outcome keeps its unit, whatever becomes of the
            // meters.
            let rows = case.rows.iter().filter(|row| row.state.is_open());
            for row in rows.filter(|row| row.unit || row.state.is_waiting()) {
                prop_assert_eq!(case.meters.lead_on(row.date), Some(row.party), "{:?}", row);
            }
        }
        Ok(())
    }
    // Takes a unit of whoever sends a row.
    let broken = tampered(|op, old, row| row.unit |= old.is_none() && matches!(op, Op::Authorise(_, 1, _)));
    holds_and_catches(property, &broken);
}

#[test]
fn mam_1_a_row_stands_only_with_all_others_and_a_unit() {
    fn property(_: Engine<'_>, _: &World, _: Op, world: &World) -> Result<(), TestCaseError> {
        for case in &world.cases {
            for row in case.rows.iter().filter(|row| stands(row.state)) {
                let required = case.meters.required_on(row.date);
                prop_assert!(required.contains(&row.party), "{row:?}");
                for (index, &party) in required.iter().enumerate() {
                    let unit = case.live(party, row.date).map(|other| other.unit);
                    prop_assert_eq!(unit, Some(index == 0), "{:?} of {} for {:?}", unit, party, row);
                }
            }
        }
        Ok(())
    }
    // Leaves the other supplier's row as it is when one is withdrawn.
    let broken = tampered(|op, old, row| {
        if let (Op::Withdraw(..), Some(State::Accepted), State::Held) = (op, old.map(|old| old.state), row.state) {
            row.state = State::Accepted;
        }
    });
    holds_and_catches(property, &broken);
}

#[test]
fn mam_7_an_installation_stands_for_one_date_at_a_time() {
    fn property(_: Engine<'_>, _: &World, _: Op, world: &World) -> Result<(), TestCaseError> {
        for case in &world.cases {
            let standing = || case.rows.iter().filter(|row| stands(row.state));
            let dates: BTreeSet<_> = standing().map(|row| row.date).collect();
            let parties: BTreeSet<Party> = standing().map(|row| row.party).collect();
            prop_assert!(dates.len() <= 1 && parties.len() == standing().count(), "{:?}", case.rows);
        }
        Ok(())
    }
    // Keeps the old date when the new one stands.
    let broken = tampered(|_, old, row| {
        if let (Some(old), State::Moved) = (old, row.state) {
            *row = *old;
        }
    });
    holds_and_catches(property, &broken);
}

#[test]
fn mam_11_units_are_neither_made_nor_lost_when_rows_pass() {
    fn property(_: Engine<'_>, before: &World, op: Op, world: &World) -> Result<(), TestCaseError> {
        if !matches!(op, Op::Adopt(_)) {
            return Ok(());
        }
        for date in (0..world.dates).map(day) {
            let of = |world: &World| {
                let days = world.allocations.iter().filter(|((_, day), _)| *day == date);
                days.map(|(_, units)| units).sum::<u64>()
            };
            prop_assert_eq!(of(before), of(world));
            let used = |world: &World| world.rows().filter(|row| row.date == date && row.unit).count();
            prop_assert!(used(world) <= used(before) + free_of(before, date), "{date}");
        }
        Ok(())
    }
    // Gives the gaining supplier a unit and takes none from the other.
    holds_and_catches(property, &|world, op| {
        world.play(op);
        if matches!(op, Op::Adopt(_)) {
            world
                .allocations
                .iter_mut()
                .filter(|((of, _), _)| *of == next_supplier())
                .for_each(|(_, units)| *units += 1);
            world.ledger = world.counted();
        }
    });
}

/// Units of a date that nothing uses.
fn free_of(world: &World, date: jiff::civil::Date) -> usize {
    let days = world.allocations.keys().filter(|(_, day)| *day == date);
    let free: u64 = days.map(|day| world.counted().allowance(*day).free()).sum();
    usize::try_from(free).unwrap()
}

#[test]
fn mam_11_what_is_suspended_changes_only_by_adoption_lock_cut_or_the_end_of_its_row() {
    fn property(_: Engine<'_>, before: &World, op: Op, world: &World) -> Result<(), TestCaseError> {
        let ends = matches!(op, Op::Adopt(_) | Op::Lock(_) | Op::Lapse(..));
        for old in before.rows().filter(|row| row.state == State::Suspended) {
            let row = world.rows().find(|row| row.id == old.id).copied();
            let cut = matches!(op, Op::Allocate(..));
            let stays = row.is_some_and(|row| row.state == State::Suspended && (row.unit == old.unit || cut));
            prop_assert!(ends || stays, "{op:?}: {old:?} {row:?}");
        }
        Ok(())
    }
    // An import ends what is suspended.
    let broken = |world: &mut World, op: Op| {
        world.play(op);
        if let Op::Import(index, _) = op {
            let index = index % world.cases.len();
            let suspended = world.cases[index].rows.iter().filter(|row| row.state == State::Suspended);
            let ids: Vec<_> = suspended.map(|row| row.id).collect();
            settle::lapse(&mut world.cases[index], &ids, &mut world.ledger);
        }
    };
    holds_and_catches(property, &broken);
}

#[test]
fn mam_1_the_cut_off_ends_only_what_lacks_a_row_that_nothing_brings() {
    fn property(_: Engine<'_>, before: &World, op: Op, world: &World) -> Result<(), TestCaseError> {
        if !matches!(op, Op::Close(_) | Op::Adopt(_)) {
            return Ok(());
        }
        for case in &world.cases {
            let ends = |row: &Authorisation| {
                row.state == State::Expired && before.rows().any(|old| old.id == row.id && old.state.is_live())
            };
            for row in case.rows.iter().filter(|row| ends(row)) {
                // STOP-1, MAM-11: what is stopped or suspended is there.
                let there = |other: &Authorisation| other.date == row.date && (other.state.is_live() || ends(other));
                let required = case.meters.required_on(row.date);
                let lacks = |party: &Party| !case.rows.iter().any(|other| other.party == *party && there(other));
                prop_assert!(required.iter().any(lacks), "{op:?}: {:?}", case.rows);
            }
        }
        Ok(())
    }
    // Ends what only waits for a unit beside it, or for the end of a stop.
    let broken = tampered(|op, old, row| {
        if let (Op::Close(_), Some(State::Held), State::Held) = (op, old.map(|old| old.state), row.state) {
            (row.state, row.unit) = (State::Expired, false);
        }
    });
    holds_and_catches(property, &broken);
}

#[test]
fn mam_6_what_has_ended_uses_no_unit() {
    fn property(_: Engine<'_>, _: &World, _: Op, world: &World) -> Result<(), TestCaseError> {
        for row in world.rows().filter(|row| !row.state.is_live()) {
            prop_assert!(!row.unit && !row.differs, "{row:?}");
        }
        Ok(())
    }
    // Forgets the unit of what is withdrawn.
    let broken = tampered(|op, old, row| row.unit |= matches!(op, Op::Withdraw(..)) && old.is_some_and(|old| old.unit));
    holds_and_catches(property, &broken);
}

#[test]
fn mam_5_every_step_is_legal_and_nothing_is_lost() {
    fn property(_: Engine<'_>, before: &World, op: Op, world: &World) -> Result<(), TestCaseError> {
        for old in before.rows() {
            let row = world.rows().find(|row| row.id == old.id);
            let row = row.ok_or_else(|| TestCaseError::fail(format!("{old:?} is lost")))?;
            // MAM-11: only an adoption gives a row to another supplier.
            let passes = matches!(op, Op::Adopt(_)) && row.party == next_supplier();
            prop_assert!(row.date == old.date && (row.party == old.party || passes), "{op:?}: {old:?} {row:?}");
            // MAM-11: two steps at once, of what is adopted after the cut-off and lacks another supplier.
            let late = matches!(op, Op::Adopt(_)) && (old.state, row.state) == (State::Suspended, State::Expired);
            let legal = row.state == old.state || old.state.may_become(row.state) || late;
            prop_assert!(legal, "{op:?}: {} to {}", old.state, row.state);
        }
        Ok(())
    }
    // Revives what was withdrawn when a unit comes free.
    let broken = tampered(|op, _, row| {
        if let (Op::Promote(..), State::Withdrawn) = (op, row.state) {
            row.state = State::Accepted;
        }
    });
    holds_and_catches(property, &broken);
}

#[test]
fn mam_3_no_unit_is_free_while_a_row_waits_that_can_have_it() {
    fn property(engine: Engine<'_>, _: &World, _: Op, world: &World) -> Result<(), TestCaseError> {
        let mut world = world.clone();
        // A promotion can free a unit of another date by a move.
        for supplier in [0, 1].repeat(4) {
            (0..world.dates).for_each(|date| engine(&mut world, Op::Promote(supplier, date)));
        }
        let days: Vec<_> = world.allocations.keys().copied().collect();
        for day in days {
            for place in world.line(day) {
                prop_assert!(!world.clone().promotes(place, day.1), "{place:?} can have a unit of {day:?}");
            }
        }
        Ok(())
    }
    // Looks only at those on standby and forgets those deferred.
    let broken = |world: &mut World, op: Op| match op {
        Op::Promote(supplier, date) => {
            let date = day(date % world.dates);
            for (index, id) in world.line((party(supplier), date)) {
                let deferred = |row: &Authorisation| row.id == id && row.state == State::Deferred;
                if !world.cases[index].rows.iter().any(deferred) {
                    world.promotes((index, id), date);
                }
            }
        }
        _ => world.play(op),
    };
    holds_and_catches(property, &broken);
}

#[test]
fn mam_3_a_row_is_refused_only_when_allocation_and_standby_are_used_up() {
    fn property(_: Engine<'_>, before: &World, op: Op, world: &World) -> Result<(), TestCaseError> {
        let Op::Authorise(index, supplier, date) = op else { return Ok(()) };
        let (index, party, date) = (index % before.cases.len(), party(supplier), day(date % before.dates));
        let case = &before.cases[index];
        if !before.takes(index, party, date) || case.live(party, date).is_some() {
            return Ok(());
        }
        let allowance = before.ledger.allowance((party, date));
        // Allocations are small here, so one may wait.
        let in_line = allowance.standby + allowance.deferred;
        let full = case.meters.lead_on(date) == Some(party)
            && allowance.standby > 0
            && allowance.used + in_line > allowance.allocation;
        let refused = world.cases[index].rows.len() == case.rows.len();
        prop_assert!(!refused || full, "{allowance:?}");
        Ok(())
    }
    // Has no standby.
    let broken = |world: &mut World, op: Op| {
        world.play(op);
        if matches!(op, Op::Authorise(..)) {
            world.cases.iter_mut().for_each(|case| case.rows.retain(|row| row.state != State::Standby));
            world.ledger = world.counted();
        }
    };
    holds_and_catches(property, &broken);
}

#[test]
fn mam_1_nothing_is_left_to_settle() {
    fn property(_: Engine<'_>, _: &World, _: Op, world: &World) -> Result<(), TestCaseError> {
        let mut again = world.clone();
        for case in &mut again.cases {
            settle::lapse(case, &[], &mut again.ledger);
        }
        let both = world.cases.iter().zip(&again.cases);
        for (left, right) in both {
            prop_assert_eq!(&left.rows, &right.rows);
        }
        Ok(())
    }
    // Leaves what is complete held.
    let broken = tampered(|op, old, row| {
        if let (Op::Authorise(..), Some(State::Held), State::Accepted) = (op, old.map(|old| old.state), row.state) {
            row.state = State::Held;
        }
    });
    holds_and_catches(property, &broken);
}
