//! What the days do to the authorisations of an installation: stop orders and outcomes.

use super::fixture::{Desk, dual, elec, gas, july, other, single, split};
use super::settle::{self, RowId};
use super::state::State;
use super::stopping;
use crate::installation::Fuel;

impl Desk {
    fn all_ids(&self) -> Vec<RowId> {
        self.case.rows.iter().map(|row| row.id).collect()
    }

    fn stop(&mut self) {
        let ids = self.all_ids();
        stopping::stop(&mut self.case, &ids, |_| true, &mut self.ledger);
    }

    fn lift(&mut self) {
        let ids = self.all_ids();
        stopping::lift(&mut self.case, &ids, &mut self.ledger);
    }

    fn conclude(&mut self, day: i8, outcome: State) -> bool {
        settle::conclude(&mut self.case, july(day), outcome, &mut self.ledger)
    }
}

#[test]
fn stop_1_a_stopped_row_keeps_its_unit_and_stands_again_as_it_stood_when_the_order_is_lifted() {
    let mut desk = Desk::new(split(), 1);
    desk.authorise(elec(), 26);
    desk.authorise(gas(), 26);
    desk.stop();
    assert_eq!(desk.shows(), "ELEC 26 STOPPED*, GAS 26 STOPPED");
    assert_eq!(desk.allowance(elec(), 26).free(), 0);
    desk.lift();
    assert_eq!(desk.shows(), "ELEC 26 ACCEPTED*, GAS 26 ACCEPTED");
}

#[test]
fn stop_1_at_the_lock_a_stopped_row_is_deferred_and_standby_ends() {
    let mut desk = Desk::new(split(), 1);
    desk.authorise(elec(), 26);
    desk.authorise(gas(), 26);
    desk.stop();
    let ids = desk.all_ids();
    stopping::outlast_stop(&mut desk.case, &ids, &mut desk.ledger);
    assert_eq!(desk.shows(), "ELEC 26 DEFERRED, GAS 26 HELD");
    assert_eq!(desk.allowance(elec(), 26).free(), 1);
    let mut desk = Desk::new(single(), 1).with_others(elec(), 26, 1, 0);
    desk.authorise(elec(), 26);
    desk.stop();
    stopping::outlast_stop(&mut desk.case, &ids, &mut desk.ledger);
    assert_eq!(desk.shows(), "ELEC 26 STANDBY");
    assert!(!desk.lock(26));
    assert_eq!(desk.shows(), "ELEC 26 EXPIRED");
}

#[test]
fn stop_1_standby_is_standby_again_and_a_unit_that_a_cut_took_is_first_in_line() {
    let mut desk = Desk::new(single(), 1).with_others(elec(), 26, 1, 0);
    desk.authorise(elec(), 26);
    desk.stop();
    desk.lift();
    assert_eq!(desk.shows(), "ELEC 26 STANDBY");
    let mut desk = Desk::new(single(), 1);
    desk.authorise(elec(), 26);
    desk.stop();
    desk.defer(elec(), 26);
    assert_eq!((desk.shows(), desk.allowance(elec(), 26).free()), ("ELEC 26 STOPPED".to_owned(), 1));
    desk.lift();
    assert_eq!(desk.shows(), "ELEC 26 DEFERRED");
}

/// MAM-3, REF-2: it was held in between, when its supplier led no more.
#[test]
fn stop_1_what_waited_on_standby_and_was_held_waits_on_standby_again_when_it_is_given_back() {
    let leads = || split().dormant(Fuel::Electricity);
    let mut desk = Desk::new(leads(), 1).with_others(gas(), 26, 1, 0);
    desk.authorise(gas(), 26);
    assert_eq!(desk.shows(), "GAS 26 STANDBY");
    desk.import(split());
    assert_eq!(desk.shows(), "GAS 26 HELD");
    desk.import(split().changes(Fuel::Gas, other(), july(26)));
    assert_eq!(desk.shows(), "GAS 26 LAPSED");
    desk.case.meters = leads();
    desk.restore();
    assert_eq!(desk.shows(), "GAS 26 STANDBY");
}

#[test]
fn stop_1_what_waited_for_a_unit_is_stopped_too_and_a_withdrawal_is_still_taken() {
    let mut desk = Desk::new(single(), 1).with_others(elec(), 26, 1, 0);
    desk.authorise(elec(), 26);
    desk.stop();
    assert_eq!(desk.shows(), "ELEC 26 STOPPED");
    assert!(desk.withdraw(elec(), 26));
    assert_eq!(desk.shows(), "ELEC 26 WITHDRAWN");
}

#[test]
fn stop_1_the_cut_off_and_the_lock_leave_what_is_stopped() {
    let mut desk = Desk::new(single(), 1);
    desk.authorise(elec(), 26);
    desk.stop();
    assert_eq!((desk.close(26), desk.lock(26)), (0, false));
    assert_eq!(desk.shows(), "ELEC 26 STOPPED*");
}

#[test]
fn out_1_an_outcome_ends_the_rows_of_both_suppliers() {
    for (outcome, word) in [(State::Migrated, "MIGRATED"), (State::NotAttempted, "NOT_ATTEMPTED")] {
        let mut desk = Desk::new(split(), 1);
        desk.authorise(elec(), 26);
        desk.authorise(gas(), 26);
        desk.lock(26);
        assert!(desk.conclude(26, outcome));
        assert_eq!(desk.shows(), format!("ELEC 26 {word}, GAS 26 {word}"));
        assert!(!desk.conclude(26, State::Failed), "its outcome is known");
    }
}

#[test]
fn out_4_an_unknown_outcome_keeps_its_unit_until_it_is_settled() {
    let mut desk = Desk::new(single(), 1);
    desk.authorise(elec(), 26);
    desk.lock(26);
    assert!(desk.conclude(26, State::Unknown));
    assert_eq!((desk.shows(), desk.allowance(elec(), 26).free()), ("ELEC 26 UNKNOWN*".to_owned(), 0));
    // MAM-8, MSM-12: nothing but an outcome changes it.
    assert_eq!(desk.import(single().dormant(crate::installation::Fuel::Electricity)), 0);
    desk.defer(elec(), 26);
    desk.stop();
    assert_eq!(desk.shows(), "ELEC 26 UNKNOWN*");
    assert!(desk.conclude(26, State::Failed));
    assert_eq!(desk.shows(), "ELEC 26 FAILED");
}

#[test]
fn out_4_what_waited_beside_a_schedule_can_have_a_free_unit_once_the_outcome_is_known() {
    let mut desk = Desk::new(single(), 1).with_others(elec(), 27, 1, 0);
    desk.authorise(elec(), 26);
    desk.authorise(elec(), 27);
    assert!(desk.lock(26));
    desk.other_leaves(elec(), 27);
    assert_eq!(desk.ledger.next_freed(), Some((elec(), july(27))));
    assert!(!desk.promote(elec(), 27, false), "the schedule of the 26th bars it");
    assert_eq!(desk.ledger.next_freed(), None);
    assert!(desk.conclude(26, State::Failed));
    let freed: Vec<_> = std::iter::from_fn(|| desk.ledger.next_freed()).collect();
    assert!(freed.contains(&(elec(), july(27))), "{freed:?}");
    assert!(desk.promote(elec(), 27, false));
}

#[test]
fn out_1_what_is_under_way_follows_no_change_of_its_suppliers() {
    for (under_way, expected) in [(Vec::new(), "HELD"), (vec![july(26)], "SCHEDULED")] {
        let mut desk = Desk::new(dual(), 1);
        desk.authorise(elec(), 26);
        desk.lock(26);
        desk.case.under_way = under_way;
        desk.case.meters = split();
        settle::lapse(&mut desk.case, &[], &mut desk.ledger);
        assert_eq!(desk.shows(), format!("ELEC 26 {expected}*"));
    }
}
