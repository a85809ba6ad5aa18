use super::*;
use crate::authorisation::fixture::{dual, elec, gas, july, other, single, split};

#[test]
fn mam_1_the_supplier_of_every_active_meter_is_required() {
    assert_eq!(split().required_on(july(26)), [elec(), gas()]);
    assert_eq!(dual().required_on(july(26)), [elec()], "each once");
    assert_eq!(single().required_on(july(26)), [elec()]);
}

#[test]
fn mam_1_of_a_mixed_installation_the_active_meters_supplier_is_required_and_the_other_is_told() {
    let home = split().dormant(Fuel::Gas);
    assert_eq!((home.required_on(july(26)), home.told_on(july(26))), (vec![elec()], vec![gas()]));
    let home = split().dormant(Fuel::Electricity);
    assert_eq!((home.required_on(july(26)), home.told_on(july(26))), (vec![gas()], vec![elec()]));
}

#[test]
fn mam_1_nobody_is_told_who_authorises_itself_or_is_told_already() {
    assert_eq!(split().told_on(july(26)), []);
    assert_eq!(dual().dormant(Fuel::Gas).told_on(july(26)), []);
    assert_eq!(dual().dormant(Fuel::Gas).dormant(Fuel::Electricity).told_on(july(26)), [elec()]);
}

#[test]
fn mam_1_nobody_is_required_for_a_dormant_installation() {
    let home = split().dormant(Fuel::Gas).dormant(Fuel::Electricity);
    assert_eq!((home.required_on(july(26)), home.lead_on(july(26))), (vec![], None));
    assert_eq!(home.type_on(july(26)), InstallationType::Dormant);
}

#[test]
fn mam_2_the_lead_supplier_is_the_import_supplier_if_its_meter_is_active_else_the_gas_supplier() {
    assert_eq!(split().lead_on(july(26)), Some(elec()));
    assert_eq!(split().dormant(Fuel::Gas).lead_on(july(26)), Some(elec()));
    assert_eq!(split().dormant(Fuel::Electricity).lead_on(july(26)), Some(gas()));
}

#[test]
fn mam_8_from_a_change_of_supplier_on_the_meter_is_dormant() {
    let home = split().changes(Fuel::Electricity, other(), july(27));
    assert_eq!(home.required_on(july(26)), [elec(), gas()]);
    assert_eq!(home.required_on(july(27)), [gas()]);
    assert_eq!(home.lead_on(july(27)), Some(gas()));
    // The new supplier is told, the old one is out of it.
    assert_eq!(home.told_on(july(27)), [other()]);
    assert!(home.concerns(other(), july(27)) && !home.concerns(elec(), july(27)));
    assert!(home.concerns(elec(), july(26)) && !home.concerns(other(), july(26)));
}

#[test]
fn mam_8_the_meter_is_active_again_when_the_inventory_names_the_new_supplier_and_says_so() {
    let mut home = split().changes(Fuel::Electricity, other(), july(27));
    home.electricity.supplier = Some(other());
    assert_eq!(home.required_on(july(27)), [other(), gas()]);
    let home = home.dormant(Fuel::Electricity);
    assert_eq!(home.required_on(july(27)), [gas()]);
}

#[test]
fn mam_8_a_registration_of_the_same_supplier_changes_nothing() {
    let home = split().changes(Fuel::Electricity, elec(), july(27));
    assert_eq!(home.required_on(july(28)), [elec(), gas()]);
    assert_eq!(home.electricity.change_before(elec(), july(26), july(28)), None);
}

#[test]
fn mam_8_the_latest_registration_that_holds_counts() {
    let home = split().changes(Fuel::Gas, other(), july(20)).changes(Fuel::Gas, gas(), july(24));
    let supplier = |day| home.gas.as_ref().and_then(|meter| meter.supplier_on(july(day)));
    assert_eq!([19, 20, 23, 24].map(supplier), [Some(gas()), Some(other()), Some(other()), Some(gas())]);
}

#[test]
fn mam_8_a_meter_of_a_supplier_that_no_party_is_has_none() {
    let mut home = single();
    home.electricity.registrations.push(Registration { from: july(27), party: None });
    assert_eq!((home.required_on(july(26)), home.required_on(july(27))), (vec![elec()], vec![]));
    let change = home.electricity.change_before(elec(), july(26), july(27));
    assert_eq!(change.map(|change| change.from), Some(july(27)));
}

#[test]
fn mam_8_a_change_counts_from_tomorrow_up_to_the_migration_date() {
    let home = split().changes(Fuel::Electricity, other(), july(26));
    let change = |today, date| home.electricity.change_before(elec(), july(today), july(date)).is_some();
    assert!(change(20, 26) && change(25, 30));
    assert!(!change(20, 25), "later than the migration date");
    assert!(!change(26, 30), "it has taken effect");
}

#[test]
fn out_3_an_excluded_gas_meter_counts_as_absent_from_its_date_on() {
    let home = split().gas_excluded(july(27));
    assert_eq!(home.required_on(july(26)), [elec(), gas()]);
    assert_eq!(home.required_on(july(27)), [elec()]);
    assert_eq!(home.type_on(july(27)), InstallationType::Active);
    let home = home.dormant(Fuel::Gas);
    assert_eq!((home.type_on(july(26)), home.type_on(july(27))), (InstallationType::Mixed, InstallationType::Active));
}

#[test]
fn mam_1_the_type_follows_from_the_meters() {
    assert_eq!(split().type_on(july(26)), InstallationType::Active);
    assert_eq!(single().type_on(july(26)), InstallationType::Active);
    assert_eq!(single().dormant(Fuel::Electricity).type_on(july(26)), InstallationType::Dormant);
    assert_eq!(split().dormant(Fuel::Electricity).type_on(july(26)), InstallationType::Mixed);
}
