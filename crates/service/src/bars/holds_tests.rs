use super::*;
use jiff::civil::date;

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
