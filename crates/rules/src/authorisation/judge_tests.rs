use super::*;
use crate::authorisation::fixture::{dual, elec, gas, july, other, single, split};
use crate::installation::Fuel;

const USER: Eui64 = Eui64(0x70B3_D51F_3000_A008);

/// A row of the electricity supplier that has no codes, sent on 12 July for 26 July; a test changes what it is about.
struct Row {
    sender: Party,
    s1sp: &'static str,
    request: Request,
    meters: Meters,
    proven: Vec<Proven>,
    exclusion: Option<Exclusion>,
    migrated: bool,
    failed: u64,
    retry_from: Option<Date>,
    stops: Vec<Stop>,
    holds: Vec<HoldEntry>,
    scheduled: Option<Date>,
    day: DayStatus,
}

fn mpan(twelve: u64) -> Option<Mpan> {
    Mpan::from_number(twelve * 10 + Mpan::check_digit(twelve))
}

fn row() -> Row {
    let request = Request {
        mpan: mpan(120_006_123_456),
        mprn: Mprn::from_number(9_876_543_210),
        date: july(26),
        withdraws: false,
        critical_supplier: USER,
    };
    Row {
        sender: elec(),
        s1sp: "CGI",
        request,
        meters: split(),
        proven: vec![Proven { added: july(1), removed: None }],
        exclusion: None,
        migrated: false,
        failed: 0,
        retry_from: None,
        stops: Vec::new(),
        holds: Vec::new(),
        scheduled: None,
        day: DayStatus::Open,
    }
}

impl Row {
    fn findings(&self) -> Vec<Finding> {
        let sender = Sender {
            party: self.sender,
            user_ids: &[USER],
            s1sp: self.s1sp.parse().unwrap(),
            today: july(12),
            attempts: 5,
            narrows: true,
        };
        let subject = Subject {
            s1sp: "CGI".parse().unwrap(),
            mpan: mpan(120_006_123_456).unwrap(),
            mprn: self.meters.gas.is_some().then(|| Mprn::from_number(9_876_543_210).unwrap()),
            meters: &self.meters,
            proven: &self.proven,
            exclusion: self.exclusion.as_ref(),
            migrated: self.migrated,
            failed: self.failed,
            retry_from: self.retry_from,
            stops: &self.stops,
            holds: &self.holds,
            scheduled: self.scheduled,
        };
        judge(&sender, &self.request, &subject, self.day)
    }

    /// The codes, in words.
    fn codes(&self) -> String {
        self.findings().iter().map(|(code, _)| code.code()).collect::<Vec<_>>().join(" ")
    }

    fn withdrawing(mut self) -> Self {
        self.request.withdraws = true;
        self
    }
}

fn codes(change: impl FnOnce(&mut Row)) -> String {
    let mut row = row();
    change(&mut row);
    row.codes()
}

#[test]
fn mam_4_a_clean_row_has_no_codes() {
    assert_eq!(codes(|_| ()), "");
    assert_eq!(row().withdrawing().codes(), "");
    assert_eq!(codes(|row| row.sender = gas()), "");
    assert_eq!(codes(|row| (row.meters, row.request.mprn) = (single(), None)), "");
}

#[test]
fn mam_4_a_row_has_all_codes_that_apply_in_order() {
    let all = |row: &mut Row| {
        (row.sender, row.meters) = (gas(), split().dormant(Fuel::Gas));
        row.s1sp = "OTHER";
        row.request.mpan = mpan(120_006_123_457);
        row.request.critical_supplier = Eui64(1);
        row.proven.clear();
        row.exclusion = Some(Exclusion { category: "NO WAN".to_owned(), from: july(1) });
        (row.migrated, row.failed, row.scheduled, row.day) = (true, 5, Some(july(13)), DayStatus::Closed);
    };
    assert_eq!(codes(all), "MA106 MA109 MA110 MA111 MA113 MA114 MA115 MA122 MA123 MA125");
    let mut row = row().withdrawing();
    all(&mut row);
    // A withdrawal frees a unit whatever has become of the installation.
    assert_eq!(row.codes(), "MA109 MA111 MA113 MA123");
}

#[test]
fn msm_14_a_stranger_is_told_nothing_of_the_installation() {
    let stranger = |row: &mut Row| {
        row.sender = other();
        row.s1sp = "OTHER";
        row.meters = split().dormant(Fuel::Gas).dormant(Fuel::Electricity);
        row.request.mpan = mpan(120_006_123_457);
        row.proven.clear();
        row.exclusion = Some(Exclusion { category: "NO WAN".to_owned(), from: july(1) });
        (row.migrated, row.failed, row.scheduled) = (true, 5, Some(july(13)));
    };
    assert_eq!(codes(stranger), "MA111");
    // What is wrong with the row itself is told all the same.
    let and_late = |row: &mut Row| {
        stranger(row);
        (row.day, row.request.critical_supplier) = (DayStatus::Closed, Eui64(1));
    };
    assert_eq!(codes(and_late), "MA106 MA111 MA123");
}

#[test]
fn ma101_each_meter_point_that_the_sender_is_responsible_for_must_be_given() {
    assert_eq!(codes(|row| (row.meters, row.request.mprn) = (dual(), None)), "MA101");
    assert_eq!(codes(|row| (row.meters, row.request.mpan) = (dual(), None)), "MA101");
    assert_eq!(codes(|row| row.request.mpan = None), "MA101");
    assert_eq!(codes(|row| (row.sender, row.request.mprn) = (gas(), None)), "MA101");
    // Also of a Dormant meter, and in a withdrawal.
    assert_eq!(codes(|row| (row.meters, row.request.mprn) = (dual().dormant(Fuel::Gas), None)), "MA101");
    assert_eq!(codes(|row| (row.request.mpan, row.request.withdraws) = (None, true)), "MA101");
}

#[test]
fn ma101_the_other_suppliers_meter_point_may_be_left_out() {
    assert_eq!(codes(|row| row.request.mprn = None), "");
    assert_eq!(codes(|row| (row.sender, row.request.mpan) = (gas(), None)), "");
}

#[test]
fn ma101_an_excluded_meter_counts_as_absent() {
    for (from, expected) in [(26, ""), (27, "MA101")] {
        assert_eq!(codes(|row| (row.meters, row.request.mprn) = (dual().gas_excluded(july(from)), None)), expected);
    }
}

#[test]
fn ma106_the_date_is_a_migration_day_of_an_open_week() {
    assert_eq!(codes(|row| row.day = DayStatus::Closed), "MA106");
    assert_eq!(codes(|row| row.day = DayStatus::NoMigrationDay), "MA106");
    let message = |day| Row { day, ..row() }.findings()[0].1.clone();
    assert_eq!(message(DayStatus::NoMigrationDay), "2021-07-26 is not a Migration Day of CGI");
    assert!(message(DayStatus::Closed).contains("no Migration Week that is open"));
    assert_eq!(Row { day: DayStatus::Closed, ..row() }.withdrawing().codes(), "");
}

#[test]
fn ma109_every_identifier_given_is_the_installations_own() {
    assert_eq!(codes(|row| row.request.mpan = mpan(120_006_123_457)), "MA109");
    assert_eq!(codes(|row| row.request.mprn = Mprn::from_number(1_234_567)), "MA109");
    assert_eq!(codes(|row| row.meters = single()), "MA109", "it has no gas meter");
    let both = |row: &mut Row| {
        (row.request.mpan, row.request.mprn) = (mpan(120_006_123_457), Mprn::from_number(1_234_567));
    };
    assert_eq!(codes(both), "MA109 MA109");
}

#[test]
fn ma110_an_epcl_entry_holds_on_the_migration_date() {
    for (added, removed, expected) in
        [(1, None, ""), (26, None, ""), (27, None, "MA110"), (1, Some(26), "MA110"), (1, Some(27), "")]
    {
        let proven = vec![Proven { added: july(added), removed: removed.map(july) }];
        assert_eq!(codes(|row| row.proven = proven), expected, "{added} {removed:?}");
    }
    assert_eq!(codes(|row| row.proven.clear()), "MA110");
    let again =
        [(1, Some(5)), (20, None)].map(|(added, removed)| Proven { added: july(added), removed: removed.map(july) });
    assert_eq!(codes(|row| row.proven = again.to_vec()), "");
}

#[test]
fn ma111_only_the_supplier_of_an_active_meter_authorises() {
    assert_eq!(codes(|row| row.sender = other()), "MA111");
    assert_eq!(codes(|row| (row.sender, row.meters) = (gas(), split().dormant(Fuel::Gas))), "MA111");
    assert_eq!(codes(|row| row.meters = split().changes(Fuel::Electricity, other(), july(12))), "MA111");
    assert_eq!(Row { sender: other(), ..row() }.withdrawing().codes(), "MA111");
    // The new supplier's meter is Dormant until the inventory says otherwise.
    let gained = |row: &mut Row| {
        (row.sender, row.meters) = (other(), split().changes(Fuel::Electricity, other(), july(12)));
    };
    assert_eq!(codes(gained), "MA111");
}

#[test]
fn ma111_the_supplier_of_a_meter_that_is_excluded_by_then_does_not_authorise() {
    for (from, expected) in [(12, "MA111"), (26, "MA111"), (27, "")] {
        let excluded = |row: &mut Row| (row.sender, row.meters) = (gas(), split().gas_excluded(july(from)));
        assert_eq!(codes(excluded), expected, "{from}");
    }
    let withdrawn = Row { sender: gas(), meters: split().gas_excluded(july(26)), ..row() }.withdrawing();
    assert_eq!(withdrawn.codes(), "");
}

#[test]
fn ma112_hides_ma111() {
    let dormant = split().dormant(Fuel::Gas).dormant(Fuel::Electricity);
    assert_eq!(codes(|row| row.meters = dormant.clone()), "MA112");
    // A change of supplier that has taken effect makes the meter Dormant.
    let changed = |row: &mut Row| {
        row.sender = other();
        (row.meters, row.request.mprn) = (single().changes(Fuel::Electricity, other(), july(12)), None);
    };
    assert_eq!(codes(changed), "MA112");
}

#[test]
fn ma113_the_s1sp_of_the_file_serves_the_installation() {
    let row = Row { s1sp: "OTHER", ..row() };
    let findings = row.findings();
    assert_eq!(row.codes(), "MA113");
    assert!(findings[0].1.contains("another S1SP than OTHER"), "{findings:?}");
}

#[test]
fn ma114_an_exclusion_holds_from_its_date_and_is_named() {
    for (from, expected) in [(25, "MA114"), (26, "MA114"), (27, "")] {
        let row = Row { exclusion: Some(Exclusion { category: "NO WAN".to_owned(), from: july(from) }), ..row() };
        assert_eq!(row.codes(), expected, "{from}");
        assert!(row.findings().iter().all(|(_, message)| message.contains("NO WAN")));
    }
}

#[test]
fn ma115_migrated_once_is_migrated_for_good() {
    assert_eq!(codes(|row| row.migrated = true), "MA115");
    assert_eq!(Row { migrated: true, ..row() }.withdrawing().codes(), "");
}

#[test]
fn ma119_a_change_of_supplier_of_the_senders_active_meter_up_to_the_migration_date() {
    let changes = |fuel, from| move |row: &mut Row| row.meters = split().changes(fuel, other(), july(from));
    assert_eq!(codes(changes(Fuel::Electricity, 13)), "MA119");
    assert_eq!(codes(changes(Fuel::Electricity, 26)), "MA119");
    assert_eq!(codes(changes(Fuel::Electricity, 27)), "", "later");
    assert_eq!(codes(changes(Fuel::Gas, 26)), "", "the other supplier's meter");
    let mut withdrawal = row().withdrawing();
    changes(Fuel::Electricity, 26)(&mut withdrawal);
    assert_eq!(withdrawal.codes(), "");
}

#[test]
fn ma119_names_the_meter_and_the_day() {
    let row = Row { meters: split().changes(Fuel::Electricity, other(), july(20)), ..row() };
    let message = &row.findings()[0].1;
    assert!(message.contains("electricity meter on 2021-07-20"), "{message}");
}

#[test]
fn mam_8_a_row_counts_for_the_one_meter_that_its_sender_keeps() {
    let changed = || dual().changes(Fuel::Electricity, other(), july(26));
    let for_gas = |meters| Row { meters, ..row() };
    assert_eq!(for_gas(changed()).codes(), "", "named or not, it is not needed");
    assert_eq!(codes(|row| (row.meters, row.request.mpan) = (changed(), None)), "");
    assert_eq!(codes(|row| (row.meters, row.request.mprn) = (changed(), None)), "MA101", "but the one that is kept is");
    let later = dual().changes(Fuel::Electricity, other(), july(27));
    assert_eq!(
        codes(|row| (row.meters, row.request.mpan) = (later, None)),
        "MA101",
        "so is one that is kept until then"
    );
    assert_eq!(codes(|row| row.meters = changed().changes(Fuel::Gas, other(), july(20))), "MA119", "both are lost");
}

#[test]
fn ma119_of_two_meters_the_other_one_is_enough() {
    // Of a Dormant meter it says nothing.
    let dormant = dual().dormant(Fuel::Gas).changes(Fuel::Gas, other(), july(26));
    assert_eq!(codes(|row| row.meters = dormant), "");
}

#[test]
fn ma122_five_failed_attempts() {
    assert_eq!(codes(|row| row.failed = 4), "");
    assert_eq!(codes(|row| row.failed = 5), "MA122");
    assert_eq!(Row { failed: 5, ..row() }.withdrawing().codes(), "");
}

#[test]
fn ma123_the_notified_critical_supplier_id_is_the_senders_own() {
    assert_eq!(codes(|row| row.request.critical_supplier = Eui64(1)), "MA123");
}

#[test]
fn ma124_a_stop_order_covers_it() {
    let stop = |supplier| Stop { id: 3, supplier, reason: "hubs restart".to_owned() };
    assert_eq!(codes(|row| row.stops = vec![stop(None)]), "MA124");
    assert_eq!(codes(|row| row.stops = vec![stop(Some(other()))]), "", "it is about another supplier");
    assert_eq!(codes(|row| row.stops = vec![stop(Some(other())), stop(Some(gas()))]), "MA124");
    let message = |supplier| Row { stops: vec![stop(supplier)], ..row() }.findings()[0].1.clone();
    assert_eq!(message(None), "stop order 3 covers it: hubs restart");
    assert_eq!(message(Some(gas())), "stop order 3 covers it", "its reason is for its supplier (MSM-14)");
}

#[test]
fn ma126_it_is_on_hold_on_that_date() {
    let hold = |from| HoldEntry {
        party: gas(),
        from: july(from),
        to: Some(july(26)),
        weekdays: crate::authorisation::bars::Weekdays::ALL,
        sets: true,
    };
    assert_eq!(codes(|row| row.holds = vec![hold(20)]), "MA126", "the other fuel's supplier holds it");
    assert_eq!(codes(|row| row.holds = vec![hold(20), HoldEntry { sets: false, ..hold(26) }]), "");
}

#[test]
fn ma127_it_is_too_early_for_another_attempt() {
    assert_eq!(codes(|row| row.retry_from = Some(july(27))), "MA127");
    assert_eq!(codes(|row| row.retry_from = Some(july(26))), "");
}

#[test]
fn ma125_what_is_in_a_schedule_waits_for_its_outcome() {
    assert_eq!(codes(|row| row.scheduled = Some(july(13))), "MA125");
    assert_eq!(codes(|row| row.scheduled = Some(july(27))), "MA125");
    assert_eq!(codes(|row| row.scheduled = Some(july(26))), "", "the same date");
    assert_eq!(Row { scheduled: Some(july(13)), ..row() }.withdrawing().codes(), "");
}

#[test]
fn sch_2_the_ground_is_judged_whoever_asks() {
    let row = Row { sender: other(), day: DayStatus::Closed, migrated: true, ..row() };
    let subject = Subject {
        s1sp: "CGI".parse().unwrap(),
        mpan: row.request.mpan.unwrap(),
        mprn: None,
        meters: &row.meters,
        proven: &[],
        exclusion: None,
        migrated: row.migrated,
        failed: 2,
        retry_from: None,
        stops: &[],
        holds: &[],
        scheduled: None,
    };
    let codes = |attempts| ground(&subject, july(26), attempts).into_iter().map(|(code, _)| code).collect::<Vec<_>>();
    assert_eq!(codes(3), [RowCode::MA110, RowCode::MA115]);
    assert_eq!(codes(2), [RowCode::MA110, RowCode::MA115, RowCode::MA122]);
}
