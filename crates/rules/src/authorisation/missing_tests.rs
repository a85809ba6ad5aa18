use super::super::fixture::{Desk, dual, elec, gas, july, other, split};
use crate::installation::Fuel;

/// Whose row is missing, for which day, beside whose, and which days are named instead.
fn shows(desk: &Desk) -> Vec<String> {
    let missing = desk.case.missing();
    let days = |days: &[jiff::civil::Date]| days.iter().map(|day| day.day().to_string()).collect::<Vec<_>>().join(",");
    missing.iter().map(|one| format!("{} {} for {}: {}", one.of, one.date.day(), one.by, days(&one.named))).collect()
}

#[test]
fn mam_1_the_other_suppliers_row_is_missing_until_it_is_there() {
    let mut desk = Desk::new(split(), 4);
    assert_eq!(shows(&desk), Vec::<String>::new());
    desk.authorise(elec(), 26);
    assert_eq!(shows(&desk), ["GAS 26 for ELEC: "]);
    desk.authorise(gas(), 26);
    assert_eq!(shows(&desk), Vec::<String>::new());
}

#[test]
fn mam_1_the_lead_suppliers_row_is_missing_too() {
    let mut desk = Desk::new(split(), 4);
    desk.authorise(gas(), 26);
    assert_eq!(shows(&desk), ["ELEC 26 for GAS: "]);
}

#[test]
fn ma121_each_is_told_which_dates_the_other_names() {
    let mut desk = Desk::new(split(), 4);
    desk.authorise(elec(), 26);
    desk.authorise(gas(), 27);
    assert_eq!(shows(&desk), ["GAS 26 for ELEC: 27", "ELEC 27 for GAS: 26"]);
}

#[test]
fn mam_1_a_row_on_standby_waits_for_the_other_supplier_as_well() {
    let mut desk = Desk::new(split(), 4).with_others(elec(), 26, 4, 0);
    desk.authorise(elec(), 26);
    assert_eq!(desk.shows(), "ELEC 26 STANDBY");
    assert_eq!(shows(&desk), ["GAS 26 for ELEC: "]);
    desk.authorise(gas(), 26);
    assert_eq!(shows(&desk), Vec::<String>::new());
}

#[test]
fn mam_1_one_supplier_alone_waits_for_nobody() {
    let mut desk = Desk::new(dual(), 4).with_others(elec(), 26, 4, 0);
    desk.authorise(elec(), 26);
    assert_eq!(desk.shows(), "ELEC 26 STANDBY");
    assert_eq!(shows(&desk), Vec::<String>::new());
}

#[test]
fn mam_8_what_a_change_of_supplier_makes_needless_is_not_missing() {
    let mut desk = Desk::new(split().changes(Fuel::Gas, other(), july(26)), 4);
    desk.authorise(elec(), 26);
    assert_eq!(shows(&desk), Vec::<String>::new());
}
