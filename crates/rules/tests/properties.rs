//! The properties of scaling, each held against the engine and against an engine broken on purpose, which it must
//! catch. The case that fails is shrunk and printed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use jiff::civil::{Date, date};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestError, TestRunner};
use sluice_rules::party::{Party, S1sp};
use sluice_rules::scaling::week::{Balances, Day, Terms, scale_week};
use sluice_rules::scaling::{Capacity, Claim, Line, NANO, Pool, PoolResult, Sharing, scale};
use std::cell::Cell;

/// A pool as proptest makes it; claims in the order of the input.
#[derive(Debug, Clone)]
struct Case {
    capacity: u64,
    dmin: u64,
    claims: Vec<(u8, u64, i64)>,
}

impl Case {
    fn total(&self) -> u64 {
        self.claims.iter().map(|claim| claim.1).sum()
    }
}

type Engine<'a> = &'a dyn Fn(&Case) -> PoolResult;
type Property = fn(Engine<'_>, &Case) -> Result<(), TestCaseError>;

fn s1sp() -> S1sp {
    "CGI".parse().unwrap()
}

fn party(index: u8) -> Party {
    format!("P{index:03}").parse().unwrap()
}

fn engine(case: &Case) -> PoolResult {
    let claims = case.claims.iter().map(|&(index, demand, opening)| Claim {
        party: party(index),
        demand,
        counted: demand,
        flat_limit: case.dmin,
        opening,
    });
    let capacity = Capacity::new(case.capacity, 0).unwrap();
    let day = date(2021, 7, 12);
    scale(&Pool::new("msm-5.0", s1sp(), day, capacity, case.dmin, claims.collect()).unwrap())
}

/// Small numbers make ties and borders, large ones make wide products; capacity is near demand as often as not.
fn cases() -> impl Strategy<Value = Case> {
    let units = prop_oneof![0..12_u64, 0..500_u64, 0..1_000_000_u64];
    let balance = prop_oneof![Just(0), -3 * NANO..3 * NANO];
    let claims = prop::collection::vec((units, balance), 1..9);
    let dmin = prop_oneof![Just(0_u64), Just(100), 0..20_u64];
    (claims, dmin, 0..=110_u64, any::<u8>()).prop_map(|(claims, dmin, percent, turn)| {
        let count = u8::try_from(claims.len()).unwrap();
        let numbered = claims.into_iter().zip(0_u8..);
        let mut claims: Vec<_> =
            numbered.map(|((demand, opening), index)| ((index + turn % count) % count, demand, opening)).collect();
        // Equal demands and balances are where fairness shows.
        if turn % 3 == 0 {
            let first = claims[0];
            claims.iter_mut().step_by(2).for_each(|claim| (claim.1, claim.2) = (first.1, first.2));
        }
        let total: u64 = claims.iter().map(|claim| claim.1).sum();
        Case { capacity: total * percent / 100, dmin, claims }
    })
}

fn run(engine: Engine<'_>, property: Property) -> Result<(), TestError<Case>> {
    let config = Config { cases: 2_000, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    )
    .run(&cases(), |case| property(engine, &case))
}

/// The engine has the property, and an engine broken in the given way is found out by it.
fn holds_and_catches(property: Property, broken: Engine<'_>) {
    run(&engine, property).expect("the engine has the property");
    assert!(run(broken, property).is_err(), "the broken engine was not found out");
}

/// An engine whose lines are tampered with before they are given out.
fn tampered(tamper: impl Fn(&Case, &mut Vec<Line>)) -> impl Fn(&Case) -> PoolResult {
    move |case| {
        let mut result = engine(case);
        tamper(case, &mut result.lines);
        result
    }
}

/// Moves a unit from the line with the most to the line with the least.
fn move_a_unit(lines: &mut [Line]) {
    let by_allocation = |index: &usize| lines[*index].allocation;
    let most = (0..lines.len()).max_by_key(by_allocation).unwrap();
    let least = (0..lines.len()).min_by_key(by_allocation).unwrap();
    if lines[most].allocation > 0 && most != least {
        lines[most].allocation -= 1;
        lines[least].allocation += 1;
    }
}

#[test]
fn msm_6_the_sum_is_the_smaller_of_capacity_and_demand() {
    fn property(engine: Engine<'_>, case: &Case) -> Result<(), TestCaseError> {
        prop_assert_eq!(engine(case).allocated(), case.capacity.min(case.total()));
        Ok(())
    }
    holds_and_catches(
        property,
        &tampered(|_, lines| {
            // Forgets a unit left over.
            if let Some(line) = lines.iter_mut().find(|line| line.extra) {
                line.allocation -= 1;
            }
        }),
    );
}

#[test]
fn msm_4_nobody_gets_more_than_it_asked() {
    fn property(engine: Engine<'_>, case: &Case) -> Result<(), TestCaseError> {
        for line in engine(case).lines {
            prop_assert!(line.allocation <= line.demand, "{line:?}");
        }
        Ok(())
    }
    holds_and_catches(property, &tampered(|_, lines| move_a_unit(lines)));
}

#[test]
fn msm_5_no_unit_is_idle_while_a_demand_is_unmet() {
    fn property(engine: Engine<'_>, case: &Case) -> Result<(), TestCaseError> {
        let result = engine(case);
        let idle = case.capacity - result.allocated().min(case.capacity);
        let unmet = result.lines.iter().any(|line| line.allocation < line.demand);
        prop_assert!(idle == 0 || !unmet, "{idle} idle");
        Ok(())
    }
    holds_and_catches(
        property,
        &tampered(|_, lines| {
            // Pure DMIN: never shares the rest.
            lines.iter_mut().for_each(|line| line.allocation = line.flat);
        }),
    );
}

#[test]
fn msm_6_equal_demands_and_balances_differ_by_at_most_one() {
    fn property(engine: Engine<'_>, case: &Case) -> Result<(), TestCaseError> {
        let lines = engine(case).lines;
        for (left, right) in pairs(&lines) {
            if left.demand == right.demand && left.opening == right.opening {
                prop_assert!(left.allocation.abs_diff(right.allocation) <= 1, "{left:?} {right:?}");
            }
        }
        Ok(())
    }
    // Gives one party every unit left over.
    holds_and_catches(
        property,
        &tampered(|_, lines| {
            let extras = lines.iter().filter(|line| line.extra).count();
            lines.iter_mut().filter(|line| line.extra).for_each(|line| line.allocation -= 1);
            if let Some(line) = lines.iter_mut().find(|line| line.extra) {
                line.allocation += u64::try_from(extras).unwrap();
            }
        }),
    );
}

#[test]
fn msm_6_at_equal_balance_a_larger_demand_never_gets_less() {
    fn property(engine: Engine<'_>, case: &Case) -> Result<(), TestCaseError> {
        let result = engine(case);
        let short = matches!(result.sharing, Sharing::Short { .. });
        for (left, right) in pairs(&result.lines) {
            let (small, large) = if left.demand <= right.demand { (left, right) } else { (right, left) };
            if small.opening != large.opening {
                continue;
            }
            let tie = small.entitlement.nano() == large.entitlement.nano();
            let slack = u64::from(short || tie);
            prop_assert!(small.allocation <= large.allocation + slack, "{small:?} {large:?}");
        }
        Ok(())
    }
    // Rounds for the smallest first.
    holds_and_catches(
        property,
        &tampered(|_, lines| {
            let extras = lines.iter().filter(|line| line.extra).count();
            lines.iter_mut().filter(|line| line.extra).for_each(|line| line.allocation -= 1);
            lines.sort_by_key(|line| line.demand);
            lines.iter_mut().filter(|line| line.rounding.is_some()).take(extras).for_each(|line| line.allocation += 1);
            lines.sort_by_key(|line| line.party);
        }),
    );
}

#[test]
fn msm_7_the_order_of_the_input_does_not_matter() {
    fn property(engine: Engine<'_>, case: &Case) -> Result<(), TestCaseError> {
        let mut turned = case.clone();
        turned.claims.reverse();
        prop_assert_eq!(engine(case), engine(&turned));
        Ok(())
    }
    // Breaks ties by the place in the input.
    holds_and_catches(
        property,
        &tampered(|case, lines| {
            let first = party(case.claims[0].0);
            let taken = lines.iter().position(|line| line.extra && line.party != first);
            let given = lines.iter().position(|line| line.party == first && line.rounding.is_some() && !line.extra);
            if let (Some(taken), Some(given)) = (taken, given) {
                lines[taken].allocation -= 1;
                lines[given].allocation += 1;
            }
        }),
    );
}

#[test]
fn msm_6_each_award_is_the_floor_or_the_ceiling_of_its_entitlement() {
    fn property(engine: Engine<'_>, case: &Case) -> Result<(), TestCaseError> {
        let result = engine(case);
        let short = matches!(result.sharing, Sharing::Short { .. });
        for line in result.lines {
            let flat = if short { 0 } else { line.flat };
            let floor = flat + line.entitlement.whole;
            let ceiling = floor + u64::from(!line.entitlement.is_whole());
            prop_assert!(line.allocation == floor || line.allocation == ceiling, "{line:?}");
        }
        Ok(())
    }
    holds_and_catches(property, &tampered(|_, lines| move_a_unit(lines)));
}

#[test]
fn msm_10_the_same_input_gives_the_same_result() {
    fn property(engine: Engine<'_>, case: &Case) -> Result<(), TestCaseError> {
        prop_assert_eq!(engine(case), engine(case));
        Ok(())
    }
    let calls = Cell::new(0_usize);
    holds_and_catches(
        property,
        &tampered(|_, lines| {
            // Draws lots of its own, another time each run.
            calls.set(calls.get() + 1);
            if calls.get().is_multiple_of(2) {
                move_a_unit(lines);
            }
        }),
    );
}

fn pairs(lines: &[Line]) -> impl Iterator<Item = (&Line, &Line)> {
    lines.iter().enumerate().flat_map(|(index, left)| lines[index + 1..].iter().map(move |right| (left, right)))
}

// Properties of days in a row.

type Chain<'a> = &'a dyn Fn(&[Day], &mut Balances) -> Vec<PoolResult>;
type ChainProperty = fn(Chain<'_>, &[Day], usize) -> Result<(), TestCaseError>;

fn chain(days: &[Day], balances: &mut Balances) -> Vec<PoolResult> {
    let terms = Terms { rulebook: "msm-5.0".to_owned(), dmin: 3, ceiling_percent: 110 };
    scale_week(s1sp(), days, &terms, None, balances).unwrap()
}

fn weeks() -> impl Strategy<Value = Vec<Day>> {
    let day = (prop::collection::vec(0..40_u64, 5), 0..100_u64);
    prop::collection::vec(day, 2..8).prop_map(|days| {
        let day = |((demand, capacity), day): ((Vec<u64>, u64), i8)| Day {
            date: Date::new(2021, 7, day).unwrap(),
            capacity: Capacity::new(capacity, 0).unwrap(),
            demand: demand.into_iter().zip(0..).map(|(units, index)| (party(index), units)).collect(),
        };
        days.into_iter().zip(12_i8..).map(day).collect()
    })
}

fn run_chain(chain: Chain<'_>, property: ChainProperty) -> Result<(), TestError<(Vec<Day>, prop::sample::Index)>> {
    let config = Config { cases: 1_000, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    )
    .run(&(weeks(), any::<prop::sample::Index>()), |(days, index)| {
        property(chain, &days, index.index(days.len() - 1) + 1)
    })
}

#[test]
fn msm_8_incremental_equals_from_scratch() {
    fn property(chain: Chain<'_>, days: &[Day], cut: usize) -> Result<(), TestCaseError> {
        let (mut whole, mut parts) = (Balances::default(), Balances::default());
        let at_once = chain(days, &mut whole);
        let mut in_parts = chain(&days[..cut], &mut parts);
        in_parts.extend(chain(&days[cut..], &mut parts));
        prop_assert_eq!(at_once, in_parts);
        prop_assert_eq!(whole, parts);
        Ok(())
    }
    run_chain(&chain, property).expect("the engine has the property");
    // Starts every run with fresh balances.
    let forgetful = |days: &[Day], balances: &mut Balances| {
        balances.clear();
        chain(days, balances)
    };
    assert!(run_chain(&forgetful, property).is_err(), "the broken engine was not found out");
}

#[test]
fn msm_8_past_days_never_change() {
    fn property(chain: Chain<'_>, days: &[Day], cut: usize) -> Result<(), TestCaseError> {
        let before = chain(&days[..cut], &mut Balances::default());
        let with_more = chain(days, &mut Balances::default());
        prop_assert_eq!(&before[..], &with_more[..cut]);
        Ok(())
    }
    run_chain(&chain, property).expect("the engine has the property");
    // Shares out the balances that only the last day brings.
    let clairvoyant = |days: &[Day], balances: &mut Balances| {
        chain(days, balances);
        chain(days, balances)
    };
    assert!(run_chain(&clairvoyant, property).is_err(), "the broken engine was not found out");
}
