use super::*;
use crate::authorisation::fixture::{Desk, dual, elec, gas, july, single, split};
use crate::installation::Fuel;

#[test]
fn mam_1_of_two_active_meters_both_suppliers_must_authorise_the_same_date() {
    let mut desk = Desk::new(split(), 5);
    desk.authorise(gas(), 26);
    assert_eq!(desk.shows(), "GAS 26 HELD");
    desk.authorise(elec(), 26);
    assert_eq!(desk.shows(), "GAS 26 ACCEPTED, ELEC 26 ACCEPTED*");
    let mut desk = Desk::new(split(), 5);
    desk.authorise(elec(), 26);
    assert_eq!(desk.shows(), "ELEC 26 HELD*");
    desk.authorise(gas(), 26);
    assert_eq!(desk.shows(), "ELEC 26 ACCEPTED*, GAS 26 ACCEPTED");
}

#[test]
fn mam_1_one_supplier_of_both_meters_authorises_once() {
    let mut desk = Desk::new(dual(), 5);
    desk.authorise(elec(), 26);
    assert_eq!(desk.shows(), "ELEC 26 ACCEPTED*");
}

#[test]
fn mam_1_a_mixed_installation_needs_the_active_meters_supplier_only() {
    let mut desk = Desk::new(split().dormant(Fuel::Gas), 5);
    desk.authorise(elec(), 26);
    assert_eq!(desk.shows(), "ELEC 26 ACCEPTED*");
    let mut desk = Desk::new(split().dormant(Fuel::Electricity), 5);
    desk.authorise(gas(), 26);
    assert_eq!(desk.shows(), "GAS 26 ACCEPTED*");
}

#[test]
fn mam_1_an_excluded_gas_meter_counts_as_absent() {
    let mut desk = Desk::new(split().gas_excluded(july(27)), 5);
    desk.authorise(elec(), 26);
    assert_eq!(desk.shows(), "ELEC 26 HELD*");
    desk.authorise(elec(), 27);
    assert_eq!(desk.shows(), "ELEC 26 MOVED, ELEC 27 ACCEPTED*");
}

#[test]
fn ma121_different_dates_both_stay_held() {
    let mut desk = Desk::new(split(), 5);
    desk.authorise(elec(), 26);
    desk.authorise(gas(), 27);
    assert_eq!(desk.shows(), "ELEC 26 HELD*?, GAS 27 HELD?");
    // The information goes when one of them comes over.
    desk.authorise(gas(), 26);
    assert_eq!(desk.shows(), "ELEC 26 ACCEPTED*, GAS 27 MOVED, GAS 26 ACCEPTED");
}

#[test]
fn ma121_is_not_said_while_the_other_supplier_is_silent_or_in_line_for_the_date() {
    let mut desk = Desk::new(split(), 0);
    desk.authorise(gas(), 26);
    assert_eq!(desk.shows(), "GAS 26 HELD");
    desk.authorise(elec(), 26);
    assert_eq!(desk.shows(), "GAS 26 HELD, ELEC 26 STANDBY");
}

#[test]
fn mam_1_what_is_still_held_at_the_cut_off_expires() {
    let mut desk = Desk::new(split(), 5);
    desk.authorise(elec(), 26);
    desk.authorise(gas(), 27);
    assert_eq!(desk.close(26), 1);
    assert_eq!(desk.shows(), "ELEC 26 EXPIRED, GAS 27 HELD");
    assert_eq!((desk.allowance(elec(), 26).used, desk.ledger.next_freed()), (0, Some((elec(), july(26)))));
}

#[test]
fn mam_1_what_only_waits_for_a_unit_does_not_expire_at_the_cut_off() {
    let mut desk = Desk::new(split(), 0);
    desk.authorise(elec(), 26);
    desk.authorise(gas(), 26);
    assert_eq!((desk.close(26), desk.shows().as_str()), (0, "ELEC 26 STANDBY, GAS 26 HELD"));
    let mut desk = Desk::new(single(), 1);
    desk.authorise(elec(), 26);
    assert_eq!((desk.close(26), desk.shows().as_str()), (0, "ELEC 26 ACCEPTED*"));
}

#[test]
fn mam_2_the_lead_suppliers_row_uses_a_unit_from_the_moment_it_is_held() {
    let mut desk = Desk::new(split(), 1);
    desk.authorise(elec(), 26);
    assert_eq!((desk.allowance(elec(), 26).used, desk.allowance(elec(), 27).used), (1, 0));
    desk.authorise(gas(), 26);
    assert_eq!((desk.allowance(elec(), 26).used, desk.allowance(gas(), 26).used), (1, 0));
}

#[test]
fn mam_2_the_other_supplier_needs_no_allocation() {
    let mut desk = Desk::new(split(), 1).with_others(gas(), 26, 1, 1);
    desk.authorise(gas(), 26);
    desk.authorise(elec(), 26);
    assert_eq!(desk.shows(), "GAS 26 ACCEPTED, ELEC 26 ACCEPTED*");
}

#[test]
fn mam_2_a_completing_row_without_a_unit_is_standby_and_the_other_stays_held() {
    let mut desk = Desk::new(split(), 1).with_others(elec(), 26, 1, 0);
    desk.authorise(gas(), 26);
    desk.authorise(elec(), 26);
    assert_eq!(desk.shows(), "GAS 26 HELD, ELEC 26 STANDBY");
}

#[test]
fn ma117_a_completing_row_beyond_standby_is_refused_and_the_other_stays_held() {
    let mut desk = Desk::new(split(), 1).with_others(elec(), 26, 1, 1);
    desk.authorise(gas(), 26);
    assert_eq!(desk.authorise(elec(), 26), Authorised::UsedUp);
    assert_eq!(desk.shows(), "GAS 26 HELD");
}

#[test]
fn ma117_needs_both_allocation_and_standby_to_be_used_up() {
    for (allocation, used, standby, expected) in [
        (20, 19, 0, "ELEC 26 ACCEPTED*"),
        (20, 20, 0, "ELEC 26 STANDBY"),
        (20, 20, 1, "ELEC 26 STANDBY"),
        (20, 20, 2, ""),
        (0, 0, 0, "ELEC 26 STANDBY"),
        (0, 0, 1, ""),
    ] {
        let mut desk = Desk::new(single(), allocation).with_others(elec(), 26, used, standby);
        let refused = desk.authorise(elec(), 26) == Authorised::UsedUp;
        assert_eq!((desk.shows().as_str(), refused), (expected, expected.is_empty()), "{used} {standby}");
    }
}

#[test]
fn ma117_an_installation_that_stands_keeps_its_old_date() {
    let mut desk = Desk::new(single(), 1).with_others(elec(), 27, 1, 1);
    desk.authorise(elec(), 26);
    assert_eq!(desk.authorise(elec(), 27), Authorised::UsedUp);
    assert_eq!(desk.shows(), "ELEC 26 ACCEPTED*");
}

#[test]
fn mam_2_a_supplier_that_becomes_lead_takes_a_unit_or_waits_for_one() {
    for (others, expected) in [(0, "GAS 26 ACCEPTED*"), (1, "GAS 26 STANDBY")] {
        let mut desk = Desk::new(split(), 1).with_others(gas(), 26, others, 0);
        desk.authorise(elec(), 26);
        desk.authorise(gas(), 26);
        desk.import(split().dormant(Fuel::Electricity));
        assert_eq!(desk.shows(), format!("ELEC 26 LAPSED, {expected}"));
        // And back: what leads no more gives its unit back and waits for none.
        desk.import(split());
        assert_eq!(desk.shows(), "ELEC 26 LAPSED, GAS 26 HELD");
        assert_eq!(desk.allowance(gas(), 26).used, others);
    }
}

#[test]
fn mam_2_a_scheduled_row_that_comes_to_lead_without_a_unit_is_first_in_line() {
    let mut desk = Desk::new(split(), 1).with_others(gas(), 26, 1, 0);
    desk.authorise(elec(), 26);
    desk.authorise(gas(), 26);
    desk.lock(26);
    desk.import(split().dormant(Fuel::Electricity));
    assert_eq!(desk.shows(), "ELEC 26 LAPSED, GAS 26 DEFERRED");
}

#[test]
fn mam_3_a_standby_row_is_promoted_when_a_unit_is_free() {
    let mut desk = Desk::new(single(), 1).with_others(elec(), 26, 1, 0);
    desk.authorise(elec(), 26);
    assert!(!desk.promote(elec(), 26, false), "no unit is free");
    desk.other_leaves(elec(), 26);
    assert_eq!(desk.ledger.next_freed(), Some((elec(), july(26))));
    assert!(desk.promote(elec(), 26, true));
    assert_eq!(desk.shows(), "ELEC 26 ACCEPTED*");
    assert!(!desk.promote(elec(), 26, true), "it waits no more");
}

#[test]
fn mam_3_a_promoted_row_is_held_while_the_other_suppliers_is_missing() {
    let mut desk = Desk::new(split(), 1).with_others(elec(), 26, 1, 0);
    desk.authorise(elec(), 26);
    desk.other_leaves(elec(), 26);
    // After the authorisation cut-off the other supplier's cannot come any more.
    assert!(!desk.promote(elec(), 26, true));
    assert!(desk.promote(elec(), 26, false));
    assert_eq!(desk.shows(), "ELEC 26 HELD*");
}
