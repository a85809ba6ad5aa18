#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::*;
use crate::show::table;
use serde_json::json;

/// A terminal's escapes, two kinds of line ends, and a turned direction of writing.
const STRANGE: &str = "a\u{1b}[2J\nb\r\u{9b}31m\u{2028}\u{202e}c";

#[test]
fn what_people_wrote_stays_in_its_line_and_cell() {
    let shown = "a\\u{1b}[2J\\u{a}b\\u{d}\\u{9b}31m\\u{2028}\\u{202e}c";
    assert_eq!(STRANGE.fit(), shown);
    assert_eq!(Lines::of([STRANGE, "d"]).and(&Lines::of(["e"])).fit(), format!("{shown}\nd\ne"));
    let table = table(&["What"], [vec![STRANGE.to_owned()]]).fit();
    assert_eq!(table.lines().last().map(str::trim), Some(shown), "{table}");
    assert_eq!(table.lines().count(), 3);
}

#[test]
fn json_says_the_same_and_has_nothing_unfit() {
    let value = json!({ "reason": STRANGE, "rows": [1, 2] });
    for text in [serde_json::to_string_pretty(&value).unwrap(), value.to_string()] {
        let fit = json_fit(&text);
        assert!(fit.chars().all(|character| character == '\n' || !is_unfit(character)), "{fit}");
        assert_eq!(serde_json::from_str::<Value>(&fit).unwrap(), value);
    }
}

#[test]
fn acc_1_a_token_in_a_wrong_place_is_not_repeated() {
    let token = format!("sluice_{}", "0123456789abcdef".repeat(5));
    for (words, told) in [
        (format!("unexpected argument '{token}' found"), "unexpected argument 'sluice_…' found"),
        (format!("cannot read {token}.txt, {}", &token[..30]), "cannot read sluice_….txt, sluice_…"),
        ("sluice_backup and sluice_".to_owned(), "sluice_backup and sluice_"),
        ("a database sluice_2021".to_owned(), "a database sluice_2021"),
    ] {
        assert_eq!(without_tokens(&words), told);
    }
}
