use super::super::fixture::{Desk, dual, elec, gas, july, other, single, split};
use super::super::standby::Allowance;
use super::super::stopping;
use super::*;
use crate::authorisation::responsibility::Meters;

impl Desk {
    fn ids_of(&self, party: Party) -> Vec<RowId> {
        self.case.rows.iter().filter(|row| row.party == party).map(|row| row.id).collect()
    }

    fn suspend(&mut self, party: Party) -> usize {
        let ids = self.ids_of(party);
        suspend(&mut self.case, &ids, &mut self.ledger).len()
    }

    /// The meters of one supplier are another's, and then its rows.
    fn pass(&mut self, from: Party, to: Party) -> usize {
        self.case.meters = named(self.case.meters.clone(), from, to);
        let ids = self.ids_of(from);
        pass_on(&mut self.case, &ids, to, &mut self.ledger).len()
    }

    /// Allocation and units in use of a day.
    fn units(&self, party: Party, day: i8) -> (u64, u64) {
        let Allowance { allocation, used, .. } = self.allowance(party, day);
        (allocation, used)
    }
}

/// The same home, where what is in the name of one party is in that of another.
fn named(mut meters: Meters, from: Party, to: Party) -> Meters {
    for meter in std::iter::once(&mut meters.electricity).chain(&mut meters.gas) {
        if meter.supplier == Some(from) {
            meter.supplier = Some(to);
        }
    }
    meters
}

#[test]
fn mam_11_a_row_takes_its_unit_with_it() {
    let mut desk = Desk::new(dual(), 3);
    desk.authorise(elec(), 5);
    assert_eq!(desk.pass(elec(), other()), 1);
    assert_eq!(desk.shows(), "OTHER 5 ACCEPTED*");
    assert_eq!((desk.units(elec(), 5), desk.units(other(), 5)), ((2, 0), (4, 1)));
}

#[test]
fn mam_11_the_unit_of_a_row_that_stays_goes_with_the_lead() {
    let mut desk = Desk::new(dual(), 3);
    desk.authorise(elec(), 5);
    let before = desk.case.rows[0];
    desk.case.meters.electricity.supplier = Some(other());
    pass_on(&mut desk.case, &[], other(), &mut desk.ledger);
    assert_eq!(desk.shows(), "ELEC 5 HELD");
    assert!(!pass_unit(&desk.case, before, gas(), &mut desk.ledger), "who does not lead needs none");
    assert!(pass_unit(&desk.case, before, other(), &mut desk.ledger));
    assert_eq!((desk.units(elec(), 5), desk.units(other(), 5)), ((2, 0), (4, 0)));
    desk.authorise(other(), 5);
    assert_eq!(desk.shows(), "ELEC 5 ACCEPTED, OTHER 5 ACCEPTED*");
    assert!(!pass_unit(&desk.case, before, other(), &mut desk.ledger), "once");
}

#[test]
fn mam_11_the_unit_goes_on_with_the_lead_and_comes_back_with_it() {
    let third: Party = "THIRD".parse().unwrap();
    let mut desk = Desk::new(dual(), 3);
    desk.authorise(elec(), 5);
    let before = desk.case.rows[0];
    desk.case.meters.electricity.supplier = Some(other());
    pass_on(&mut desk.case, &[], other(), &mut desk.ledger);
    assert!(pass_unit(&desk.case, before, other(), &mut desk.ledger));
    // It has not authorised it when the lead passes on, and when it returns.
    assert!(waits_for_lead(&desk.case, before.id, other()) && go_on(july(5), (other(), third), &mut desk.ledger));
    assert_eq!((desk.units(elec(), 5), desk.units(other(), 5), desk.units(third, 5).0), ((2, 0), (3, 0), 1));
    assert!(waits_for_lead(&desk.case, before.id, third) && go_on(july(5), (third, elec()), &mut desk.ledger));
    assert!(!go_on(july(5), (third, elec()), &mut desk.ledger), "there is no other");
    desk.case.meters.electricity.supplier = Some(elec());
    pass_on(&mut desk.case, &[], elec(), &mut desk.ledger);
    // What is not kept is for those in line, and it is the first.
    assert_eq!((desk.shows().as_str(), desk.promote(elec(), 5, false)), ("ELEC 5 DEFERRED", true));
    assert_eq!((desk.shows().as_str(), desk.units(elec(), 5)), ("ELEC 5 ACCEPTED*", (3, 1)));
    assert!(!waits_for_lead(&desk.case, before.id, third), "nothing waits any more");
}

#[test]
fn mam_11_a_row_in_line_takes_its_place_and_no_unit() {
    let mut desk = Desk::new(single(), 1).with_others(elec(), 5, 1, 0);
    desk.authorise(elec(), 5);
    assert_eq!(desk.shows(), "ELEC 5 STANDBY");
    assert_eq!(desk.pass(elec(), other()), 1);
    assert_eq!(desk.shows(), "OTHER 5 STANDBY");
    assert_eq!((desk.units(elec(), 5), desk.allowance(elec(), 5).standby), ((1, 1), 0));
    assert_eq!((desk.units(other(), 5), desk.allowance(other(), 5).standby), ((1, 0), 1));
    assert_eq!(desk.ledger.next_freed(), Some((other(), july(5))));
}

#[test]
fn mam_11_what_is_scheduled_stays_in_the_schedule() {
    let mut desk = Desk::new(split(), 1);
    desk.authorise(elec(), 5);
    desk.authorise(gas(), 5);
    assert!(desk.lock(5));
    assert_eq!(desk.pass(gas(), other()), 1);
    assert_eq!(desk.shows(), "ELEC 5 SCHEDULED*, OTHER 5 SCHEDULED");
}

#[test]
fn mam_11_two_suppliers_that_become_one_need_one_row() {
    let mut desk = Desk::new(split(), 1);
    desk.authorise(elec(), 5);
    desk.authorise(gas(), 5);
    assert_eq!(desk.pass(elec(), gas()), 0);
    assert_eq!(desk.shows(), "ELEC 5 LAPSED, GAS 5 ACCEPTED*");
    assert_eq!((desk.units(elec(), 5), desk.units(gas(), 5)), ((0, 0), (2, 1)));
    // The other way round the Lead Supplier's row stays as it is.
    let mut desk = Desk::new(split(), 1);
    desk.authorise(elec(), 5);
    desk.authorise(gas(), 5);
    assert_eq!(desk.pass(gas(), elec()), 0);
    assert_eq!(desk.shows(), "ELEC 5 ACCEPTED*, GAS 5 LAPSED");
}

#[test]
fn mam_11_suspended_rows_keep_their_units_and_hold_the_other_supplier() {
    let mut desk = Desk::new(split(), 1);
    desk.authorise(elec(), 5);
    desk.authorise(gas(), 5);
    assert_eq!(desk.suspend(elec()), 1);
    assert_eq!((desk.shows().as_str(), desk.units(elec(), 5)), ("ELEC 5 SUSPENDED*, GAS 5 HELD", (1, 1)));
    // MAM-1: at the cut-off the other one does not expire, since the first may still be adopted.
    assert_eq!(desk.close(5), 0);
    assert_eq!(desk.pass(elec(), other()), 1);
    assert_eq!(desk.shows(), "OTHER 5 ACCEPTED*, GAS 5 ACCEPTED");
    assert_eq!((desk.units(elec(), 5), desk.units(other(), 5)), ((0, 0), (2, 1)));
}

#[test]
fn mam_11_what_is_not_adopted_by_the_lock_lapses() {
    let mut desk = Desk::new(split(), 1);
    desk.authorise(elec(), 5);
    desk.authorise(gas(), 5);
    desk.suspend(elec());
    assert_eq!(lapse_suspended(&mut desk.case, july(6), &mut desk.ledger), []);
    assert_eq!(lapse_suspended(&mut desk.case, july(5), &mut desk.ledger).len(), 1);
    desk.lock(5);
    assert_eq!(desk.shows(), "ELEC 5 LAPSED, GAS 5 EXPIRED");
    assert_eq!(desk.ledger.release((elec(), july(5))), 1);
    assert_eq!(desk.units(elec(), 5), (0, 0));
    assert_eq!(desk.ledger.release((elec(), july(5))), 0);
}

#[test]
fn mam_11_a_cut_takes_the_unit_of_what_is_suspended() {
    let mut desk = Desk::new(single(), 1);
    desk.authorise(elec(), 5);
    desk.suspend(elec());
    desk.defer(elec(), 5);
    assert_eq!((desk.shows().as_str(), desk.units(elec(), 5)), ("ELEC 5 SUSPENDED", (1, 0)));
    // Adopted, it is first in line for what the other still has.
    desk.pass(elec(), other());
    assert_eq!(desk.shows(), "OTHER 5 DEFERRED");
    assert!(desk.promote(other(), 5, false));
    assert_eq!(desk.shows(), "OTHER 5 ACCEPTED*");
    assert_eq!((desk.units(elec(), 5), desk.units(other(), 5)), ((1, 0), (1, 1)));
}

#[test]
fn mam_11_what_was_stopped_keeps_its_unit_while_it_is_suspended() {
    let mut desk = Desk::new(single(), 1);
    desk.authorise(elec(), 5);
    let ids = desk.ids_of(elec());
    stopping::stop(&mut desk.case, &ids, |_| true, &mut desk.ledger);
    assert_eq!(desk.suspend(elec()), 1);
    assert_eq!((desk.shows().as_str(), desk.units(elec(), 5)), ("ELEC 5 SUSPENDED*", (1, 1)));
}

#[test]
fn mam_11_what_waits_for_its_outcome_stays() {
    let mut desk = Desk::new(single(), 1);
    desk.authorise(elec(), 5);
    desk.lock(5);
    settle::conclude(&mut desk.case, july(5), State::Unknown, &mut desk.ledger);
    assert_eq!((desk.suspend(elec()), desk.pass(elec(), other())), (0, 0));
    assert_eq!(desk.shows(), "ELEC 5 UNKNOWN*");
}

#[test]
fn mam_7_what_the_gaining_supplier_has_for_another_date_stays() {
    let mut desk = Desk::new(single(), 1);
    desk.authorise(elec(), 5);
    desk.suspend(elec());
    desk.case.meters = named(single(), elec(), other());
    desk.authorise(other(), 6);
    assert_eq!(desk.pass(elec(), other()), 0);
    assert_eq!(desk.shows(), "ELEC 5 LAPSED, OTHER 6 ACCEPTED*");
    assert_eq!(desk.units(elec(), 5), (1, 0));
}

#[test]
fn mam_11_a_row_of_its_own_that_waits_takes_the_unit() {
    let mut desk = Desk::new(single(), 1).with_others(other(), 5, 1, 0);
    desk.authorise(elec(), 5);
    desk.suspend(elec());
    desk.case.meters = named(single(), elec(), other());
    desk.authorise(other(), 5);
    assert_eq!(desk.shows(), "ELEC 5 SUSPENDED*, OTHER 5 STANDBY");
    desk.pass(elec(), other());
    assert_eq!(desk.shows(), "ELEC 5 LAPSED, OTHER 5 ACCEPTED*");
    assert_eq!((desk.units(elec(), 5), desk.units(other(), 5)), ((0, 0), (2, 2)));
}

#[test]
fn mam_11_a_row_with_a_unit_passes_to_the_lead_supplier_only() {
    let mut desk = Desk::new(dual(), 1);
    desk.authorise(elec(), 5);
    desk.suspend(elec());
    // Electricity goes to one supplier, gas to another.
    desk.case.meters = named(split(), elec(), other());
    let ids = desk.ids_of(elec());
    assert_eq!(pass_on(&mut desk.case, &ids, gas(), &mut desk.ledger), []);
    assert_eq!(pass_on(&mut desk.case, &ids, other(), &mut desk.ledger), ids);
    assert_eq!(desk.shows(), "OTHER 5 HELD*");
}

#[test]
fn mam_11_free_units_pass_to_those_in_line() {
    let mut desk = Desk::new(single(), 2).with_others(elec(), 5, 1, 0);
    desk.ledger.hand_over_free((elec(), july(5)), (other(), july(5)));
    assert_eq!((desk.units(elec(), 5), desk.units(other(), 5)), ((1, 1), (3, 0)));
    assert_eq!(desk.ledger.next_freed(), Some((other(), july(5))));
    desk.ledger.hand_over_free((elec(), july(5)), (other(), july(5)));
    assert_eq!(desk.ledger.next_freed(), None);
    assert_eq!(desk.ledger.days_of(elec()).len(), 31);
}
