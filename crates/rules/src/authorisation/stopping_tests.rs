use super::super::fixture::{Desk, dual, elec, july, other};
use super::super::passing;
use super::super::settle;
use super::super::standby::Allowance;
use super::*;

/// The row of [`elec`] on the 5th, which is stopped or suspended and then loses its unit to a cut.
fn cut_while(state: State) -> Desk {
    let mut desk = Desk::new(dual(), 1);
    desk.authorise(elec(), 5);
    let ids = [desk.id(elec(), 5)];
    match state {
        State::Suspended => drop(passing::suspend(&mut desk.case, &ids, &mut desk.ledger)),
        _ => drop(stop(&mut desk.case, &ids, |_| true, &mut desk.ledger)),
    }
    allot(&mut desk, 0);
    settle::defer(&mut desk.case, ids[0], &mut desk.ledger);
    assert_eq!(desk.shows(), format!("ELEC 5 {state}"));
    desk
}

fn allot(desk: &mut Desk, units: u64) {
    desk.ledger.allot([((elec(), july(5)), units)]);
}

fn keeps(desk: &mut Desk) -> bool {
    let id = desk.id(elec(), 5);
    keep_unit(&mut desk.case, id, &mut desk.ledger)
}

#[test]
fn msm_12_what_is_stopped_has_its_unit_again_by_a_rise_and_stands_after_the_stop() {
    let mut desk = cut_while(State::Stopped);
    assert!(!keeps(&mut desk));
    allot(&mut desk, 1);
    assert!(keeps(&mut desk) && !keeps(&mut desk));
    assert_eq!(desk.allowance(elec(), 5), Allowance { allocation: 1, used: 1, ..Allowance::default() });
    let ids = [desk.id(elec(), 5)];
    lift(&mut desk.case, &ids, &mut desk.ledger);
    assert_eq!(desk.shows(), "ELEC 5 ACCEPTED*");
}

#[test]
fn msm_12_what_is_suspended_has_it_for_who_adopts_it() {
    let mut desk = cut_while(State::Suspended);
    desk.case.meters.electricity.supplier = Some(other());
    desk.case.meters.gas.as_mut().unwrap().supplier = Some(other());
    allot(&mut desk, 1);
    assert!(keeps(&mut desk));
    let ids = [desk.id(elec(), 5)];
    passing::pass_on(&mut desk.case, &ids, other(), &mut desk.ledger);
    assert_eq!((desk.shows().as_str(), desk.allowance(other(), 5).used), ("OTHER 5 ACCEPTED*", 1));
}

#[test]
fn msm_12_nothing_is_kept_for_what_was_in_no_line_or_has_no_use_for_it() {
    // It waited on standby.
    let mut desk = Desk::new(dual(), 0);
    desk.authorise(elec(), 5);
    let ids = [desk.id(elec(), 5)];
    stop(&mut desk.case, &ids, |_| true, &mut desk.ledger);
    allot(&mut desk, 1);
    assert!(!keeps(&mut desk));
    // Another supplier leads, and the row is not its to adopt.
    let mut desk = cut_while(State::Stopped);
    desk.case.meters.electricity.supplier = Some(other());
    allot(&mut desk, 1);
    assert!(!keeps(&mut desk));
    // It stands.
    let mut desk = Desk::new(dual(), 1);
    desk.authorise(elec(), 5);
    assert!(!keeps(&mut desk));
}
