use super::*;
use jiff::Timestamp;
use jiff::civil::date;

fn home(number: u64) -> Eui64 {
    Eui64(0x00C0_0000_0000_0000 + number)
}

fn missing(number: u64, by: &str) -> (Eui64, Missing) {
    let row = RowId { file: 1, row: number };
    let (by, of) = (by.parse().unwrap(), "CCC789".parse().unwrap());
    (home(number), Missing { row, by, date: date(2021, 7, 26), of, named: Vec::new() })
}

/// What CCC789 is told of twelve installations that AAA123 has authorised: ten are named.
fn notice() -> Notice {
    let named: Vec<String> = (0..10).map(|number| home(number).to_string()).collect();
    let words = format!(
        "AAA123 has authorised 12 installations that need you too, or they expire; authorise them until noon: for 2021-07-26 {}, and 2 \
         more in your eligible list",
        named.join(", ")
    );
    Notice { party: "CCC789".parse().unwrap(), at: Timestamp::UNIX_EPOCH, rule: "MAM-1".to_owned(), chf: None, words }
}

#[test]
fn ref_2_a_notice_of_many_is_judged_by_all_that_it_asks_for() {
    let ended: Vec<_> = (0..11).map(|number| missing(number, "AAA123")).collect();
    let waiting = [missing(11, "AAA123")];
    // The twelfth, which is not named, still waits.
    let homes = holds_of(&notice(), [&waiting, &ended], true).unwrap();
    assert_eq!(homes, (0..11).map(home).collect());
    assert_eq!(holds_of(&notice(), [&waiting, &ended], false), None, "as programs of before had it");
    assert_eq!(holds_of(&notice(), [&[], &ended], true), None, "none waits any more");
    // What waits for it by another one, or did not wait before, is none of it.
    let others = [missing(3, "BBB456")];
    assert_eq!(holds_of(&notice(), [&others, &ended], true), None);
    assert_eq!(holds_of(&notice(), [&waiting, &others], true), Some(BTreeSet::new()));
}
