//! MAM-11 and STOP-1: while meters pass between two suppliers to and fro, stop orders come and go. Units are neither made nor lost, who
//! leads has the unit, and nothing is otherwise in the end than it would be without the orders.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sluice_rules::authorisation::kept;
use sluice_rules::authorisation::led::{Led, LedUnit};
use sluice_rules::authorisation::passing;
use sluice_rules::authorisation::settle::{self, Authorisation, Case, RowId};
use sluice_rules::authorisation::standby::{Allowance, Ledger};
use sluice_rules::authorisation::state::State;
use sluice_rules::authorisation::stopping;
use sluice_rules::party::Party;
use support::{Active, TERMS, day, party};

/// What happens to homes; numbers are taken modulo how many there are.
#[derive(Debug, Clone, Copy)]
enum Op {
    Authorise(usize, usize),
    Stop(usize),
    Lift(usize),
    /// The electricity meters of all homes pass to the other supplier.
    Pass,
}

/// Homes whose electricity meters are one supplier's, with its day and the other's.
#[derive(Debug, Clone)]
struct Street {
    homes: Vec<Case>,
    stopped: Vec<bool>,
    /// Are there stop orders, or is what they do left out?
    orders: bool,
    /// Has the second supplier a unit for each home as well, and each sends what it likes?
    both: bool,
    ledger: Ledger,
    /// Who sent each row.
    senders: Vec<(RowId, Party)>,
}

impl Street {
    /// Of some homes both meters are the first supplier's, of the others the gas meter is the second's. The first has a unit for each.
    fn new(dual: &[bool], orders: bool) -> Self {
        let home = |dual: &bool| {
            let mut meters = Active::Both.meters();
            meters.gas.as_mut().unwrap().supplier = Some(party(usize::from(!dual)));
            Case { meters, rows: Vec::new(), under_way: Vec::new(), once: false, forgets: false }
        };
        let allocation = u64::try_from(dual.len()).unwrap();
        let allowance = Allowance { allocation, ..Allowance::default() };
        let days = [((party(0), day(0)), allowance), ((party(1), day(0)), Allowance::default())];
        Self {
            homes: dual.iter().map(home).collect(),
            stopped: vec![false; dual.len()],
            orders,
            both: false,
            ledger: Ledger::new(days.into_iter().collect()),
            senders: Vec::new(),
        }
    }

    /// The same where the second supplier has units of its own.
    fn with_both(dual: &[bool]) -> Self {
        let mut street = Self::new(dual, true);
        street.ledger.allot([((party(1), day(0)), u64::try_from(dual.len()).unwrap())]);
        Self { both: true, ..street }
    }

    fn lead(&self) -> Party {
        self.homes[0].meters.lead_on(day(0)).unwrap()
    }

    fn allowances(&self) -> [Allowance; 2] {
        [0, 1].map(|index| self.ledger.allowance((party(index), day(0))))
    }

    fn play(&mut self, op: Op) {
        let count = self.homes.len();
        match op {
            Op::Authorise(home, supplier) => self.authorise(home % count, party(supplier)),
            Op::Stop(home) => self.stopped[home % count] = true,
            Op::Lift(home) => self.stopped[home % count] = false,
            Op::Pass => self.pass(),
        }
        self.apply_stops();
    }

    /// MA124: nothing new is accepted of what is stopped. Nothing waits in line here: who leads is first and has a unit, which is that of
    /// no other home, or sends nothing.
    fn authorise(&mut self, home: usize, party: Party) {
        let lead = self.lead();
        let open = self.homes[home].has_kept((party, day(0))) || self.ledger.allowance((party, day(0))).open() > 0;
        let lacks = if lead == party { !open } else { self.homes[home].live(lead, day(0)).is_none() };
        let needed = self.homes[home].meters.required_on(day(0)).contains(&party);
        if needed && (self.both || !lacks) && !self.stopped[home] {
            let id = RowId { file: i64::try_from(self.senders.len()).unwrap(), row: 2 };
            self.senders.push((id, party));
            settle::authorise(&mut self.homes[home], id, party, day(0), TERMS, &mut self.ledger);
        }
    }

    fn waits_for_lead(&self, home: &Case) -> bool {
        home.rows.iter().any(|row| row.state.is_live()) && home.live(self.lead(), day(0)).is_none()
    }

    fn apply_stops(&mut self) {
        for (case, stopped) in self.homes.iter_mut().zip(&self.stopped).filter(|_| self.orders) {
            let ids: Vec<RowId> = case.rows.iter().map(|row| row.id).collect();
            if *stopped {
                stopping::stop(case, &ids, |_| true, &mut self.ledger);
            } else {
                stopping::lift(case, &ids, &mut self.ledger);
            }
        }
    }

    /// As the service does it.
    fn pass(&mut self) {
        let from = self.lead();
        let to = if from == party(0) { party(1) } else { party(0) };
        for case in &mut self.homes {
            case.meters.electricity.supplier = Some(to);
            for id in case.rows.iter().map(|row| row.id).collect::<Vec<RowId>>() {
                kept::go_on(case, id, to, &mut self.ledger);
            }
            let before: Vec<Authorisation> = case.rows.iter().filter(|row| row.party == from).copied().collect();
            let keeps = case.meters.required_on(day(0)).contains(&from);
            // What it has never sent returns beside a meter that it keeps.
            let ids: Vec<RowId> =
                before.iter().map(|row| row.id).filter(|id| !keeps || !self.senders.contains(&(*id, from))).collect();
            passing::pass_on(case, &ids, to, &mut self.ledger);
            for row in before {
                passing::pass_to_stopped(case, row, to, &mut self.ledger);
                passing::leave_stopped(case, row.id, to, &mut self.ledger);
                if passing::pass_unit(case, row, to, &mut self.ledger) {
                    kept::note(case, row.id, Led { party: to, unit: LedUnit::Kept }, &mut self.ledger);
                }
            }
            if passing::waits_on(case, to).is_some() {
                let lapsed = case.rows.iter().filter(|row| row.party == to && row.state == State::Lapsed);
                let last: Vec<RowId> = lapsed.map(|row| row.id).max().into_iter().collect();
                settle::restore(case, &last, &mut self.ledger);
            }
        }
    }
}

fn histories() -> impl Strategy<Value = (Vec<bool>, Vec<Op>)> {
    let op = prop_oneof![
        4 => (0..4_usize, 0..2_usize).prop_map(|(home, supplier)| Op::Authorise(home, supplier)),
        2 => (0..4_usize).prop_map(Op::Stop),
        2 => (0..4_usize).prop_map(Op::Lift),
        3 => Just(Op::Pass),
    ];
    (prop::collection::vec(any::<bool>(), 1..4), prop::collection::vec(op, 1..24))
}

/// The property holds after every step of a street with orders and of the same without them.
fn holds(property: impl Fn(&Street, &Street) -> Result<(), TestCaseError>) {
    let config = Config { cases: 2_000, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome = runner.run(&histories(), |(dual, ops)| {
        let [mut street, mut free] = [true, false].map(|orders| Street::new(&dual, orders));
        for op in ops {
            street.play(op);
            free.play(op);
            property(&street, &free)?;
        }
        let lifts = (0..dual.len()).map(Op::Lift);
        lifts.for_each(|lift| street.play(lift));
        let plain = |row: Authorisation| Authorisation { place: None, ..row };
        let rows = |street: &Street| -> Vec<Authorisation> {
            street.homes.iter().flat_map(|home| home.rows.clone()).map(plain).collect()
        };
        prop_assert_eq!(rows(&street), rows(&free), "as without orders");
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn stop_1_units_follow_the_lead_as_without_an_order() {
    holds(|street, free| {
        let allocations = |street: &Street| street.allowances().map(|allowance| allowance.allocation);
        let homes = u64::try_from(street.homes.len()).unwrap();
        prop_assert_eq!(allocations(street).iter().sum::<u64>(), homes, "none is made or lost");
        prop_assert_eq!(allocations(street), allocations(free));
        prop_assert_eq!(street.allowances().map(|allowance| allowance.used), free.allowances().map(|day| day.used));
        Ok(())
    });
}

#[test]
fn mam_11_who_leads_a_stopped_home_has_its_unit() {
    holds(|street, _| {
        let lead = street.lead();
        for row in street.homes.iter().flat_map(|home| &home.rows).filter(|row| row.state.is_live()) {
            prop_assert_eq!(row.unit, row.party == lead, "{:?}", row);
        }
        let waiting = street.homes.iter().filter(|home| street.waits_for_lead(home)).count();
        let kept = street.homes.iter().filter(|home| home.has_kept((lead, day(0)))).count();
        prop_assert_eq!(street.ledger.allowance((lead, day(0))).kept, u64::try_from(waiting).unwrap());
        prop_assert_eq!(kept, waiting, "each has its own");
        Ok(())
    });
}

#[test]
fn mam_11_after_there_and_back_everybody_has_what_it_had() {
    let config = Config { cases: 2_000, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome = runner.run(&histories(), |(dual, ops)| {
        let mut street = Street::with_both(&dual);
        for op in ops {
            street.play(op);
            let mut back = street.clone();
            (0..2).for_each(|_| back.play(Op::Pass));
            // STOP-1: what came to lead while it was stopped has its unit once the order is lifted.
            let lifted = |mut street: Street| {
                (0..street.homes.len()).map(Op::Lift).for_each(|lift| street.play(lift));
                street.allowances()
            };
            prop_assert_eq!(lifted(back), lifted(street.clone()), "{:?}", street);
        }
        Ok(())
    });
    outcome.unwrap();
}
