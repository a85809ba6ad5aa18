use super::*;
use crate::service::{ImportFile, Service};
use jiff::Timestamp;
use jiff::civil::date;
use sluice_rules::file::FileStatus;
use sluice_rules::reference::ReferenceKind;

#[test]
fn fi09_an_installation_is_not_named_by_more_rows_than_a_customer_needs() {
    let mpan = "1200000000002".parse().ok();
    let row = |row| HoldRow {
        row,
        named: Named { mpan, ..Named::default() },
        from: date(2021, 7, 26),
        to: None,
        weekdays: Weekdays::ALL,
        sets: row % 2 == 0,
    };
    let of = |rows: u64| Holds { rows: (0..rows).map(row).collect(), ..Holds::default() };
    assert!(not_too_many(&of(1_000)).is_ok());
    let finding = not_too_many(&of(1_001)).unwrap_err();
    assert_eq!(finding.code, FileCode::FI09);
    assert!(finding.message.contains("1001 of its rows name 1200000000002"), "{}", finding.message);
}

/// 10:00 on Monday 5 July 2021.
const AT: Timestamp = Timestamp::constant(1_625_475_600, 0);

/// A programme with its inventory.
fn programme(folder: &tempfile::TempDir) -> Service {
    let url = format!("sqlite:{}", folder.path().join("a.db").display()).parse().unwrap();
    let mut service = Service::create(&url, true).unwrap();
    let given = |name: &str| std::fs::read(format!("../../scenarios-base/programme/given/{name}.csv")).unwrap();
    for kind in [ReferenceKind::Parties, ReferenceKind::Capacity, ReferenceKind::Dmc, ReferenceKind::Inventory] {
        let (name, bytes) = (format!("{kind}.csv"), given(&kind.to_string()));
        let file = ImportFile { kind, name: &name, bytes, as_at: None, approve: Some("tom"), only_shown: false };
        service.import(AT, &Actor::console(), file).unwrap();
    }
    service
}

#[test]
fn fi09_no_more_entries_are_kept_for_an_installation_than_an_act_on_it_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = programme(&folder);
    let (party, chf) = ("AAA123".parse().unwrap(), "00-C0-00-00-00-00-00-00".parse().unwrap());
    let (from, to, weekdays) = (date(2021, 7, 26), Some(date(2021, 7, 27)), Weekdays::ALL);
    // What earlier files have left.
    let mut tx = service.store.decide().unwrap();
    for number in 0..SETS_OF_ONE - 2 {
        let entry = HoldEntry { party, from, to, weekdays, sets: number % 2 == 0 };
        bars::add_hold(&mut tx, chf, &entry, AT, None).unwrap();
    }
    tx.commit().unwrap();
    let by = Actor::supplier(party);
    let mut send = |second: u32, rows: &str| {
        let name = format!("HOLD_CGI_70-B3-D5-1F-30-00-A0-08_20210705_0900{second:02}.csv");
        let text = format!("CHF Device ID,Import MPAN,MPRN,From,To,Weekdays,Action\n{rows}");
        let verdict = service.hand_in(AT, &by, &name, text.as_bytes()).unwrap().verdict.unwrap();
        (verdict.status, verdict.findings.first().map(|(code, words)| format!("{code} {words}")).unwrap_or_default())
    };
    let row = |action: &str| format!("{chf},,,2021-08-02,2021-08-02,,{action}\n");
    assert_eq!(send(1, &row("SET")).0, FileStatus::Accepted);
    let (status, words) = send(2, &[row("SET"), row("SET")].concat());
    assert_eq!(status, FileStatus::Refused);
    assert!(
        words.starts_with("FI09 9999 entries of yours are kept for installation 00-C0-00-00-00-00-00-00"),
        "{words}"
    );
    // Another installation is another one, and what is set can be cleared.
    assert_eq!(send(3, &row("SET").replace("00-00,,,", "00-01,,,")).0, FileStatus::Accepted);
    assert_eq!(send(4, &row("SET")).0, FileStatus::Accepted);
    assert_eq!(send(5, &row("CLEAR")).0, FileStatus::Accepted);
    let hold = |sets| SetHold { chf: Some(chf), mpan: None, mprn: None, from, to, weekdays, sets };
    let error = service.act(AT, &by, hold(true)).unwrap_err().to_string();
    assert!(error.contains("more than 10000") && error.contains("MAM-12"), "{error}");
    service.act(AT, &by, hold(false)).unwrap();
}
