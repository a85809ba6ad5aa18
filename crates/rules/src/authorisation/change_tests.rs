//! What happens to authorisations that are there: withdrawal, move, change of supplier, cut, lock, undo.

use super::fixture::{Desk, dual, elec, gas, july, other, single, split};
use super::responsibility::{Meter, Meters};
use super::settle::{Authorised, lapse};
use crate::installation::Fuel;

#[test]
fn mam_6_either_supplier_withdraws_and_the_other_row_returns_to_held() {
    for (party, expected, used) in
        [(elec(), "ELEC 26 WITHDRAWN, GAS 26 HELD", 0), (gas(), "ELEC 26 HELD*, GAS 26 WITHDRAWN", 1)]
    {
        let mut desk = Desk::new(split(), 1);
        desk.authorise(elec(), 26);
        desk.authorise(gas(), 26);
        assert!(desk.withdraw(party, 26));
        assert_eq!((desk.shows().as_str(), desk.allowance(elec(), 26).used), (expected, used));
    }
}

#[test]
fn mam_6_a_withdrawal_frees_the_unit() {
    let mut desk = Desk::new(single(), 1);
    desk.authorise(elec(), 26);
    assert_eq!(desk.ledger.next_freed(), None);
    assert!(desk.withdraw(elec(), 26));
    assert_eq!((desk.allowance(elec(), 26).free(), desk.ledger.next_freed()), (1, Some((elec(), july(26)))));
}

#[test]
fn mam_6_what_waits_can_be_withdrawn_and_sent_again() {
    let mut desk = Desk::new(single(), 0);
    desk.authorise(elec(), 26);
    assert!(desk.withdraw(elec(), 26));
    desk.authorise(elec(), 26);
    assert_eq!(desk.shows(), "ELEC 26 WITHDRAWN, ELEC 26 STANDBY");
}

#[test]
fn ma118_there_is_nothing_to_withdraw() {
    let mut desk = Desk::new(split(), 1);
    assert!(!desk.withdraw(elec(), 26), "nothing was sent");
    desk.authorise(elec(), 26);
    assert!(!desk.withdraw(elec(), 27), "another date");
    assert!(!desk.withdraw(gas(), 26), "another supplier");
    assert!(desk.withdraw(elec(), 26));
    assert!(!desk.withdraw(elec(), 26), "withdrawn before");
}

#[test]
fn ma118_a_locked_schedule_is_too_late() {
    let mut desk = Desk::new(single(), 1);
    desk.authorise(elec(), 26);
    assert!(desk.lock(26));
    assert!(!desk.withdraw(elec(), 26));
    assert_eq!(desk.shows(), "ELEC 26 SCHEDULED*");
}

#[test]
fn mam_5_the_same_again_changes_nothing() {
    let mut desk = Desk::new(single(), 1);
    desk.authorise(elec(), 26);
    assert_eq!(desk.authorise(elec(), 26), Authorised::NoChange);
    assert_eq!(desk.shows(), "ELEC 26 ACCEPTED*");
}

#[test]
fn mam_7_another_date_moves_it_and_frees_the_old_one() {
    let mut desk = Desk::new(single(), 1);
    desk.authorise(elec(), 26);
    desk.authorise(elec(), 27);
    assert_eq!(desk.shows(), "ELEC 26 MOVED, ELEC 27 ACCEPTED*");
    assert_eq!((desk.allowance(elec(), 26).used, desk.ledger.next_freed()), (0, Some((elec(), july(26)))));
}

#[test]
fn mam_7_the_old_date_is_kept_until_both_rows_of_the_new_one_match() {
    let mut desk = Desk::new(split(), 1);
    desk.authorise(elec(), 26);
    desk.authorise(gas(), 26);
    desk.authorise(gas(), 27);
    assert_eq!(desk.shows(), "ELEC 26 ACCEPTED*, GAS 26 ACCEPTED, GAS 27 HELD?");
    desk.authorise(elec(), 27);
    assert_eq!(desk.shows(), "ELEC 26 MOVED, GAS 26 MOVED, GAS 27 ACCEPTED, ELEC 27 ACCEPTED*");
}

#[test]
fn mam_7_the_old_date_is_kept_until_a_unit_is_there() {
    let mut desk = Desk::new(single(), 1).with_others(elec(), 27, 1, 0);
    desk.authorise(elec(), 26);
    desk.authorise(elec(), 27);
    assert_eq!(desk.shows(), "ELEC 26 ACCEPTED*, ELEC 27 STANDBY");
    desk.other_leaves(elec(), 27);
    assert!(desk.promote(elec(), 27, false));
    assert_eq!(desk.shows(), "ELEC 26 MOVED, ELEC 27 ACCEPTED*");
}

#[test]
fn mam_7_an_old_date_that_waits_is_kept_too() {
    let mut desk = Desk::new(single(), 1).with_others(elec(), 26, 1, 0).with_others(elec(), 27, 1, 0);
    desk.authorise(elec(), 26);
    desk.authorise(elec(), 27);
    // The old one gets a unit first. The new one is still wanted.
    desk.other_leaves(elec(), 26);
    assert!(desk.promote(elec(), 26, false));
    assert_eq!(desk.shows(), "ELEC 26 ACCEPTED*, ELEC 27 STANDBY");
    desk.other_leaves(elec(), 27);
    assert!(desk.promote(elec(), 27, false));
    assert_eq!(desk.shows(), "ELEC 26 MOVED, ELEC 27 ACCEPTED*");
}

#[test]
fn mam_7_a_move_that_is_withdrawn_leaves_the_old_date() {
    let mut desk = Desk::new(split(), 1);
    desk.authorise(elec(), 26);
    desk.authorise(elec(), 27);
    desk.withdraw(elec(), 27);
    desk.authorise(gas(), 26);
    assert_eq!(desk.shows(), "ELEC 26 ACCEPTED*, ELEC 27 WITHDRAWN, GAS 26 ACCEPTED");
}

#[test]
fn out_4_nothing_else_stands_while_it_is_in_the_schedule_of_a_date() {
    let mut desk = Desk::new(single(), 1).with_others(elec(), 27, 1, 0);
    desk.authorise(elec(), 26);
    desk.authorise(elec(), 27);
    assert!(desk.lock(26));
    desk.other_leaves(elec(), 27);
    assert!(!desk.promote(elec(), 27, false));
    assert_eq!(desk.shows(), "ELEC 26 SCHEDULED*, ELEC 27 STANDBY");
}

#[test]
fn mam_8_rows_from_a_change_of_supplier_on_lapse_and_the_others_stay() {
    for (effective, expected, lapsed) in [
        (26, "ELEC 26 LAPSED, GAS 26 ACCEPTED*, ELEC 28 LAPSED", 2),
        (27, "ELEC 26 ACCEPTED*, GAS 26 ACCEPTED, ELEC 28 LAPSED", 1),
        (28, "ELEC 26 ACCEPTED*, GAS 26 ACCEPTED, ELEC 28 LAPSED", 1),
        (29, "ELEC 26 ACCEPTED*, GAS 26 ACCEPTED, ELEC 28 HELD*?", 0),
    ] {
        let mut desk = Desk::new(split(), 1);
        desk.authorise(elec(), 26);
        desk.authorise(gas(), 26);
        desk.authorise(elec(), 28);
        assert_eq!(desk.import(split().changes(Fuel::Electricity, other(), july(effective))), lapsed);
        assert_eq!(desk.shows(), expected, "{effective}");
        assert_eq!(desk.allowance(elec(), 28).used, u64::from(effective == 29));
    }
}

#[test]
fn mam_8_a_held_row_of_the_supplier_that_stays_stands_when_the_other_meter_is_dormant_by_then() {
    let mut desk = Desk::new(split(), 1);
    desk.authorise(elec(), 26);
    assert_eq!(desk.import(split().changes(Fuel::Gas, other(), july(26))), 0);
    assert_eq!(desk.shows(), "ELEC 26 ACCEPTED*");
}

/// MAM-7: for the later date the gas meter's row is enough once the electricity meter has gone by then, so it moves there, and what
/// was to be done with it on the earlier date waits again.
#[test]
fn mam_8_who_was_to_move_with_a_row_that_moves_alone_waits_again() {
    for (once, first) in [(false, "ELEC 26 HELD*?"), (true, "ELEC 26 ACCEPTED*")] {
        let mut desk = Desk::new(split(), 1);
        desk.case.once = once;
        desk.authorise(elec(), 26);
        desk.authorise(gas(), 26);
        desk.authorise(gas(), 29);
        assert_eq!(desk.import(split().changes(Fuel::Electricity, other(), july(28))), 0);
        assert_eq!(desk.shows(), format!("{first}, GAS 26 MOVED, GAS 29 ACCEPTED*"));
    }
}

#[test]
fn mam_8_of_two_dates_that_come_to_stand_so_the_later_wish_counts() {
    for (first, second) in [(26, 27), (27, 26)] {
        let mut desk = Desk::new(split(), 1);
        desk.authorise(elec(), first);
        desk.authorise(elec(), second);
        desk.import(split().dormant(Fuel::Gas));
        assert_eq!(desk.shows(), format!("ELEC {first} MOVED, ELEC {second} ACCEPTED*"));
    }
}

#[test]
fn mam_8_a_supplier_that_keeps_one_of_its_meters_keeps_its_row() {
    let mut desk = Desk::new(dual(), 1);
    desk.authorise(elec(), 26);
    assert_eq!(desk.import(dual().changes(Fuel::Gas, other(), july(26))), 0);
    assert_eq!(desk.shows(), "ELEC 26 ACCEPTED*");
}

#[test]
fn mam_8_a_meter_that_becomes_active_needs_its_suppliers_row() {
    let mut desk = Desk::new(split().dormant(Fuel::Gas), 1);
    desk.authorise(elec(), 26);
    assert_eq!(desk.import(split()), 0);
    assert_eq!(desk.shows(), "ELEC 26 HELD*");
}

#[test]
fn msm_12_a_deferred_row_gives_its_unit_up_and_the_other_is_held() {
    let mut desk = Desk::new(split(), 1);
    desk.authorise(elec(), 26);
    desk.authorise(gas(), 26);
    desk.defer(gas(), 26);
    assert_eq!(desk.shows(), "ELEC 26 ACCEPTED*, GAS 26 ACCEPTED", "it uses no unit");
    desk.defer(elec(), 26);
    assert_eq!(desk.shows(), "ELEC 26 DEFERRED, GAS 26 HELD");
    let allowance = desk.allowance(elec(), 26);
    assert_eq!((allowance.used, allowance.deferred, allowance.standby), (0, 1, 0));
}

#[test]
fn msm_12_a_deferred_row_needs_no_new_file() {
    for scheduled in [false, true] {
        let mut desk = Desk::new(single(), 1);
        desk.authorise(elec(), 26);
        assert_eq!(scheduled && desk.lock(26), scheduled);
        desk.defer(elec(), 26);
        assert_eq!(desk.shows(), "ELEC 26 DEFERRED");
        assert_eq!(desk.authorise(elec(), 26), Authorised::NoChange);
        assert!(desk.promote(elec(), 26, true));
        assert_eq!(desk.shows(), "ELEC 26 ACCEPTED*");
    }
}

#[test]
fn sch_1_what_stands_is_scheduled() {
    let mut desk = Desk::new(split(), 1);
    desk.authorise(elec(), 26);
    desk.authorise(gas(), 26);
    assert!(!desk.lock(27));
    assert!(desk.lock(26));
    assert_eq!(desk.shows(), "ELEC 26 SCHEDULED*, GAS 26 SCHEDULED");
    assert!(desk.lock(26), "a new version of the same");
}

#[test]
fn sch_1_a_row_that_loses_its_partner_leaves_the_schedule() {
    let mut desk = Desk::new(split(), 1);
    desk.authorise(elec(), 26);
    desk.authorise(gas(), 26);
    desk.lock(26);
    let id = desk.id(gas(), 26);
    lapse(&mut desk.case, &[id], &mut desk.ledger);
    assert_eq!(desk.shows(), "ELEC 26 HELD*, GAS 26 LAPSED");
    assert!(!desk.lock(26));
}

#[test]
fn sch_2_what_still_waits_at_the_lock_expires() {
    let mut desk = Desk::new(split(), 0);
    desk.authorise(elec(), 26);
    desk.authorise(gas(), 26);
    assert!(!desk.lock(26));
    assert_eq!(desk.shows(), "ELEC 26 EXPIRED, GAS 26 EXPIRED");
    assert_eq!(desk.allowance(elec(), 26).standby, 0);
}

#[test]
fn sch_2_what_is_deferred_stays_first_in_line_after_the_lock() {
    let mut desk = Desk::new(single(), 1);
    desk.authorise(elec(), 26);
    desk.defer(elec(), 26);
    assert!(!desk.lock(26));
    assert_eq!(desk.shows(), "ELEC 26 DEFERRED");
}

#[test]
fn sch_2_a_loser_drops_out_and_frees_its_unit() {
    let mut desk = Desk::new(single(), 1);
    desk.authorise(elec(), 26);
    let id = desk.id(elec(), 26);
    lapse(&mut desk.case, &[id], &mut desk.ledger);
    assert_eq!((desk.shows().as_str(), desk.allowance(elec(), 26).free()), ("ELEC 26 LAPSED", 1));
    // What has ended stays as it is.
    lapse(&mut desk.case, &[id], &mut desk.ledger);
    assert_eq!(desk.shows(), "ELEC 26 LAPSED");
}

#[test]
fn ref_2_what_an_undone_import_took_returns() {
    let mut desk = Desk::new(split(), 1);
    desk.authorise(elec(), 26);
    desk.authorise(gas(), 26);
    desk.import(split().dormant(Fuel::Gas).dormant(Fuel::Electricity));
    assert_eq!(desk.shows(), "ELEC 26 LAPSED, GAS 26 LAPSED");
    desk.restore();
    assert_eq!(desk.shows(), "ELEC 26 LAPSED, GAS 26 LAPSED", "its ground is still missing");
    desk.case.meters = split();
    desk.restore();
    assert_eq!(desk.shows(), "ELEC 26 ACCEPTED*, GAS 26 ACCEPTED");
}

#[test]
fn ref_2_what_expired_since_an_undone_import_returns_with_what_it_waited_for() {
    // The electricity meter is another's by the import, so the gas supplier's row waits for a third one until the cut-off.
    let mut desk = Desk::new(split(), 1);
    desk.authorise(elec(), 26);
    desk.authorise(gas(), 26);
    desk.import(Meters { electricity: Meter { supplier: Some(other()), ..split().electricity }, ..split() });
    assert_eq!(desk.close(26), 1);
    assert_eq!(desk.shows(), "ELEC 26 LAPSED, GAS 26 EXPIRED");
    desk.case.meters = split();
    desk.restore();
    assert_eq!(desk.shows(), "ELEC 26 ACCEPTED*, GAS 26 ACCEPTED");
}

#[test]
fn ref_2_what_expired_for_a_row_that_never_came_stays_so() {
    let mut desk = Desk::new(split(), 1);
    desk.authorise(elec(), 26);
    desk.authorise(gas(), 26);
    desk.authorise(elec(), 27);
    assert!(desk.withdraw(gas(), 26));
    assert_eq!([desk.close(26), desk.close(27)], [1, 1]);
    desk.restore();
    assert_eq!(desk.shows(), "ELEC 26 EXPIRED, GAS 26 WITHDRAWN, ELEC 27 EXPIRED");
}

#[test]
fn ref_2_what_expired_on_standby_returns_to_it() {
    let mut desk = Desk::new(split(), 1).with_others(elec(), 26, 1, 0);
    desk.authorise(elec(), 26);
    assert_eq!(desk.shows(), "ELEC 26 STANDBY");
    assert_eq!(desk.close(26), 1);
    desk.case.meters = split().dormant(Fuel::Gas);
    desk.restore();
    assert_eq!(desk.shows(), "ELEC 26 STANDBY");
}

#[test]
fn ref_2_what_returns_without_a_unit_is_first_in_line() {
    let mut desk = Desk::new(single(), 1);
    desk.authorise(elec(), 26);
    desk.import(single().dormant(Fuel::Electricity));
    desk.case.meters = single();
    let mut desk = desk.with_others(elec(), 26, 1, 0);
    desk.restore();
    assert_eq!(desk.shows(), "ELEC 26 DEFERRED");
}

#[test]
fn ref_2_what_was_sent_since_then_stays() {
    for (day, expected) in [(26, "ELEC 26 LAPSED, ELEC 26 ACCEPTED*"), (27, "ELEC 26 LAPSED, ELEC 27 ACCEPTED*")] {
        let mut desk = Desk::new(single(), 1);
        desk.authorise(elec(), 26);
        desk.import(single().dormant(Fuel::Electricity));
        desk.case.meters = single();
        desk.authorise(elec(), day);
        desk.restore();
        assert_eq!(desk.shows(), expected);
    }
}

#[test]
fn out_4_what_leaves_a_schedule_lets_an_earlier_date_stand_at_once() {
    let mut desk = Desk::new(split(), 1).with_others(gas(), 28, 1, 0);
    desk.authorise(elec(), 28);
    desk.authorise(gas(), 28);
    assert!(desk.lock(28));
    desk.authorise(elec(), 27);
    desk.authorise(gas(), 27);
    assert_eq!(desk.shows(), "ELEC 28 SCHEDULED*, GAS 28 SCHEDULED, ELEC 27 HELD*, GAS 27 HELD");
    // From the 28th on the gas supplier leads, and has no unit.
    desk.import(split().changes(Fuel::Electricity, other(), july(28)));
    assert_eq!(desk.shows(), "ELEC 28 LAPSED, GAS 28 MOVED, ELEC 27 ACCEPTED*, GAS 27 ACCEPTED");
}
