use super::super::fixture::{Desk, dual, elec, gas, july, other, split};
use super::super::led::{Led, LedUnit};
use super::super::passing::{part_with, pass_on, pass_unit};
use super::super::settle::{self, defer};
use super::super::state::State;
use super::super::stopping;
use super::*;

/// The home of [`elec`] on the 5th, whose electricity meter is [`other`]'s since, with the unit. Others of that one wait as well.
fn passed(standby: u64) -> Desk {
    let mut desk = Desk::new(dual(), 1).with_others(other(), 5, 1, standby);
    desk.authorise(elec(), 5);
    lead(&mut desk, elec(), other());
    desk
}

/// The lead passes, and with it the unit of the row, or what is kept.
fn lead(desk: &mut Desk, from: Party, to: Party) {
    desk.case.meters.electricity.supplier = Some(to);
    let Some(before) = desk.case.rows.first().copied() else { return };
    go_on(&mut desk.case, before.id, to, &mut desk.ledger);
    pass_on(&mut desk.case, &[], to, &mut desk.ledger);
    if before.party == from && pass_unit(&desk.case, before, to, &mut desk.ledger) {
        note(&mut desk.case, before.id, Led { party: to, unit: LedUnit::Kept }, &mut desk.ledger);
    }
}

/// Whose lines are asked, since a unit came free.
fn freed(desk: &mut Desk) -> Vec<Party> {
    std::iter::from_fn(|| desk.ledger.next_freed()).map(|(party, _)| party).collect()
}

fn units(desk: &Desk, party: Party) -> [u64; 4] {
    let day = desk.allowance(party, 5);
    [day.allocation, day.used, day.kept, day.free()]
}

#[test]
fn mam_11_the_unit_that_comes_with_the_lead_is_kept_for_its_home() {
    let mut desk = passed(1);
    assert_eq!((desk.shows().as_str(), units(&desk, other())), ("ELEC 5 HELD", [2, 1, 1, 0]));
    assert_eq!(freed(&mut desk), [elec()]);
    assert!(desk.case.has_kept((other(), july(5))) && !desk.case.has_kept((other(), july(6))));
    // The line of others is not asked, and the home has exactly that unit.
    desk.authorise(other(), 5);
    assert_eq!(desk.shows(), "ELEC 5 ACCEPTED, OTHER 5 ACCEPTED*");
    assert_eq!(units(&desk, other()), [2, 2, 0, 0]);
    // What it gives back is there for those in line.
    desk.withdraw(other(), 5);
    assert_eq!((freed(&mut desk), units(&desk, other())), (vec![other()], [2, 1, 0, 1]));
}

#[test]
fn mam_11_what_is_kept_goes_on_with_the_lead_and_returns_with_it() {
    let mut desk = passed(1);
    lead(&mut desk, other(), gas());
    assert_eq!((units(&desk, other()), units(&desk, gas())), ([1, 1, 0, 0], [2, 0, 1, 1]));
    lead(&mut desk, gas(), elec());
    assert_eq!((desk.shows().as_str(), units(&desk, elec())), ("ELEC 5 ACCEPTED*", [1, 1, 0, 0]));
    assert_eq!((units(&desk, gas()), desk.case.rows[0].led), ([1, 0, 0, 1], None));
}

#[test]
fn mam_11_it_returns_beside_others_in_line_and_under_a_stop_order() {
    let mut desk = passed(0).with_others(elec(), 5, 0, 1);
    let ids = [desk.id(elec(), 5)];
    stopping::stop(&mut desk.case, &ids, |_| true, &mut desk.ledger);
    lead(&mut desk, other(), elec());
    assert_eq!((desk.shows().as_str(), units(&desk, elec())), ("ELEC 5 STOPPED*", [1, 1, 0, 0]));
    stopping::lift(&mut desk.case, &ids, &mut desk.ledger);
    assert_eq!(desk.shows(), "ELEC 5 ACCEPTED*");
}

#[test]
fn mam_11_what_waits_no_more_has_nothing_kept() {
    let mut desk = passed(1);
    desk.withdraw(elec(), 5);
    assert_eq!((freed(&mut desk), units(&desk, other())), (vec![elec(), other()], [2, 1, 0, 1]));
    // Another supplier leads by an import.
    let mut desk = passed(1);
    desk.import(dual());
    assert_eq!((desk.shows().as_str(), units(&desk, other())), ("ELEC 5 DEFERRED", [2, 1, 0, 1]));
    // Its last moment to be authorised is over.
    let mut desk = passed(1);
    close(&mut desk.case, july(6), &mut desk.ledger);
    assert_eq!(units(&desk, other()), [2, 1, 1, 0]);
    close(&mut desk.case, july(5), &mut desk.ledger);
    assert_eq!((units(&desk, other()), desk.case.rows[0].led.unwrap().unit), ([2, 1, 0, 1], LedUnit::Free));
    let id = desk.id(elec(), 5);
    forget(&mut desk.case, id, &mut desk.ledger);
    assert_eq!((units(&desk, other()), desk.case.rows[0].led), ([2, 1, 0, 1], None));
}

#[test]
fn msm_12_a_cut_takes_what_is_kept_and_the_home_is_first_in_line_where_its_supplier_leads_again() {
    let mut desk = passed(0);
    let id = desk.id(elec(), 5);
    cut_away(&mut desk.case, id, &mut desk.ledger);
    desk.ledger.allot([((other(), july(5)), 1)]);
    assert_eq!((units(&desk, other()), desk.case.has_kept((other(), july(5)))), ([1, 1, 0, 0], false));
    lead(&mut desk, other(), elec());
    assert_eq!(desk.shows(), "ELEC 5 DEFERRED");
}

/// The row of [`elec`] in a state, which loses the lead and has it again.
fn there_and_back(ready: impl Fn(&mut Desk), between: impl Fn(&mut Desk)) -> String {
    let mut desk = Desk::new(dual(), 1).with_others(elec(), 5, 1, 0);
    ready(&mut desk);
    lead(&mut desk, elec(), other());
    between(&mut desk);
    lead(&mut desk, other(), elec());
    desk.shows()
}

fn deferred(desk: &mut Desk) {
    desk.other_leaves(elec(), 5);
    desk.authorise(elec(), 5);
    desk.defer(elec(), 5);
    // A unit is free, and it is in line for it: nobody is given anything outside of the line.
    assert_eq!(desk.shows(), "ELEC 5 DEFERRED");
}

fn stopped(desk: &mut Desk) {
    let ids = [desk.id(elec(), 5)];
    stopping::stop(&mut desk.case, &ids, |_| true, &mut desk.ledger);
}

fn lifted(desk: &mut Desk) {
    let ids = [desk.case.rows[0].id];
    stopping::lift(&mut desk.case, &ids, &mut desk.ledger);
}

#[test]
fn msm_12_what_waits_keeps_its_place_while_another_leads() {
    let standby = |desk: &mut Desk| assert_eq!(desk.authorise(elec(), 5), settle::Authorised::New(desk.id(elec(), 5)));
    assert_eq!(there_and_back(standby, |_| ()), "ELEC 5 STANDBY");
    assert_eq!(there_and_back(deferred, |_| ()), "ELEC 5 DEFERRED");
    let stop = |desk: &mut Desk| {
        stopped(desk);
        lifted(desk);
    };
    assert_eq!(there_and_back(standby, stop), "ELEC 5 STANDBY");
    assert_eq!(there_and_back(deferred, stop), "ELEC 5 DEFERRED");
    // Programs of before kept the place of standby alone.
    let forgets = |desk: &mut Desk| {
        desk.case.forgets = true;
        deferred(desk);
        desk.ledger.allot([((elec(), july(5)), 0)]);
    };
    assert_eq!(there_and_back(forgets, |_| ()), "ELEC 5 STANDBY");
}

#[test]
fn msm_12_what_is_stopped_before_or_lapses_keeps_its_place_too() {
    let mut desk = Desk::new(dual(), 1).with_others(elec(), 5, 1, 0);
    deferred(&mut desk);
    stopped(&mut desk);
    lead(&mut desk, elec(), other());
    lifted(&mut desk);
    lead(&mut desk, other(), elec());
    assert_eq!(desk.shows(), "ELEC 5 DEFERRED");
    lead(&mut desk, elec(), other());
    let ids = [desk.case.rows[0].id];
    settle::lapse(&mut desk.case, &ids, &mut desk.ledger);
    lead(&mut desk, other(), elec());
    settle::return_deferred(&mut desk.case, &ids, &mut desk.ledger);
    assert_eq!(desk.shows(), "ELEC 5 DEFERRED");
}

#[test]
fn mam_2_what_has_never_waited_gets_in_line_as_new() {
    let mut desk = Desk::new(dual(), 1).with_others(elec(), 5, 1, 0);
    lead(&mut desk, elec(), other());
    desk.authorise(elec(), 5);
    assert_eq!(desk.shows(), "ELEC 5 HELD");
    stopped(&mut desk);
    lead(&mut desk, other(), elec());
    lifted(&mut desk);
    assert_eq!(desk.shows(), "ELEC 5 STANDBY");
}

#[test]
fn msm_12_what_a_cut_takes_from_a_suspended_row_makes_it_first_in_line() {
    let mut desk = Desk::new(dual(), 1);
    desk.authorise(elec(), 5);
    let id = desk.id(elec(), 5);
    super::super::passing::suspend(&mut desk.case, &[id], &mut desk.ledger);
    defer(&mut desk.case, id, &mut desk.ledger);
    desk.ledger.allot([((other(), july(5)), 0)]);
    for meter in std::iter::once(&mut desk.case.meters.electricity).chain(&mut desk.case.meters.gas) {
        meter.supplier = Some(other());
    }
    pass_on(&mut desk.case, &[id], other(), &mut desk.ledger);
    assert_eq!((desk.shows().as_str(), desk.case.rows[0].state), ("OTHER 5 DEFERRED", State::Deferred));
}

/// Nobody has authorised the home of which the lead passes to and fro but [`elec`], which supplies its gas and does not lead.
fn held(allocation: u64) -> Desk {
    let mut desk = Desk::new(dual(), allocation);
    desk.case.meters.electricity.supplier = Some(other());
    desk.authorise(elec(), 5);
    assert_eq!(desk.shows(), "ELEC 5 HELD");
    desk
}

fn row_of_own(desk: &Desk) -> bool {
    desk.case.rows[0].takes_own()
}

#[test]
fn mam_11_a_unit_that_did_not_come_with_the_lead_stays_with_who_led() {
    let mut desk = held(3);
    let before = desk.case.rows.clone();
    for _ in 0..2 {
        lead(&mut desk, other(), elec());
        assert_eq!((desk.shows().as_str(), units(&desk, elec())), ("ELEC 5 ACCEPTED*", [3, 1, 0, 2]));
        assert!(row_of_own(&desk));
        lead(&mut desk, elec(), other());
        assert_eq!((units(&desk, elec()), units(&desk, other())), ([3, 0, 0, 3], [3, 0, 0, 3]));
        assert_eq!(desk.case.rows, before, "all is as it was");
    }
    // The same where the lead goes on to a third one.
    lead(&mut desk, other(), elec());
    lead(&mut desk, elec(), gas());
    assert_eq!((units(&desk, elec()), units(&desk, gas())), ([3, 0, 0, 3], [3, 0, 0, 3]));
}

#[test]
fn mam_11_so_does_one_that_it_waited_for() {
    let mut desk = held(1).with_others(elec(), 5, 1, 0);
    let before = desk.case.rows.clone();
    lead(&mut desk, other(), elec());
    assert_eq!((desk.shows().as_str(), row_of_own(&desk)), ("ELEC 5 STANDBY", true));
    lead(&mut desk, elec(), other());
    assert_eq!(desk.case.rows, before);
    lead(&mut desk, other(), elec());
    desk.other_leaves(elec(), 5);
    assert!(desk.promote(elec(), 5, false));
    desk.defer(elec(), 5);
    assert!(desk.promote(elec(), 5, false));
    assert_eq!(desk.shows(), "ELEC 5 ACCEPTED*");
    lead(&mut desk, elec(), other());
    assert_eq!((desk.case.rows.clone(), units(&desk, elec())), (before, [1, 0, 0, 1]));
}

#[test]
fn mam_11_so_does_that_of_a_row_that_returns_to_its_sender() {
    // The gas meter passes, beside which the other leads.
    let mut desk = Desk::new(split(), 2);
    desk.authorise(gas(), 5);
    let before = desk.case.rows.clone();
    let ids = [before[0].id];
    let gas_to = |desk: &mut Desk, to: Party| desk.case.meters.gas.as_mut().unwrap().supplier = Some(to);
    gas_to(&mut desk, elec());
    pass_on(&mut desk.case, &ids, elec(), &mut desk.ledger);
    assert_eq!((desk.shows().as_str(), units(&desk, elec())), ("ELEC 5 ACCEPTED*", [2, 1, 0, 1]));
    assert!(row_of_own(&desk));
    gas_to(&mut desk, gas());
    assert_eq!(part_with(&mut desk.case, &ids, gas(), &mut desk.ledger), ids);
    pass_on(&mut desk.case, &ids, gas(), &mut desk.ledger);
    assert_eq!(
        (desk.shows().as_str(), units(&desk, elec()), units(&desk, gas())),
        ("GAS 5 HELD", [2, 0, 0, 2], [2, 0, 0, 2])
    );
    assert_eq!((desk.case.rows[0].led, desk.case.rows[0].has_place()), (None, false));
}

#[test]
fn mam_11_a_stopped_row_takes_and_gives_back_the_same() {
    let mut desk = held(2);
    let before = desk.case.rows.clone();
    stopped(&mut desk);
    lead(&mut desk, other(), elec());
    lifted(&mut desk);
    assert_eq!((desk.shows().as_str(), row_of_own(&desk)), ("ELEC 5 ACCEPTED*", true));
    stopped(&mut desk);
    let row = desk.case.rows[0];
    lead(&mut desk, elec(), other());
    super::super::passing::leave_stopped(&mut desk.case, row.id, other(), &mut desk.ledger);
    assert!(!pass_unit(&desk.case, row, other(), &mut desk.ledger));
    lifted(&mut desk);
    assert_eq!(
        (desk.case.rows.clone(), units(&desk, elec()), units(&desk, other())),
        (before, [2, 0, 0, 2], [2, 0, 0, 2])
    );
}

#[test]
fn mam_11_what_programs_of_before_had_given_goes_with_the_lead() {
    let mut desk = held(3);
    desk.case.forgets = true;
    lead(&mut desk, other(), elec());
    lead(&mut desk, elec(), other());
    assert_eq!((units(&desk, elec()), units(&desk, other())), ([2, 0, 0, 2], [4, 0, 1, 3]));
}

#[test]
fn ref_2_what_an_import_let_go_is_kept_again_where_its_unit_is_free() {
    let mut desk = passed(1);
    // Another supplier leads by an import: the unit is there for those in line. Then that is undone, or corrected.
    desk.import(split());
    assert_eq!(units(&desk, other()), [2, 1, 0, 1]);
    let mut right = dual();
    right.electricity.supplier = Some(other());
    desk.import(right.clone());
    assert_eq!(units(&desk, other()), [2, 1, 1, 0]);
    desk.authorise(other(), 5);
    // What its supplier gives back itself is nobody's in particular, whatever is imported since.
    desk.withdraw(other(), 5);
    desk.import(split());
    desk.import(right.clone());
    assert_eq!(units(&desk, other()), [2, 1, 0, 1]);
    // Somebody has got it meanwhile; or the date is closed.
    let mut desk = passed(1);
    desk.import(split());
    let mut later = desk.with_others(other(), 5, 1, 0);
    later.import(right.clone());
    assert_eq!(units(&later, other()), [2, 2, 0, 0]);
    let mut desk = passed(1);
    desk.import(split());
    close(&mut desk.case, july(5), &mut desk.ledger);
    desk.import(right);
    assert_eq!(units(&desk, other()), [2, 1, 0, 1]);
}
