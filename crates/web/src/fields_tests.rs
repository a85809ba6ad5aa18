//! What is wrong is told in words for people.

use super::{of_body, of_query};
use serde::Deserialize;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Said {
    reason: String,
    units: Option<u16>,
    #[serde(default)]
    firm: bool,
    #[serde(default)]
    form: Form,
    #[serde(default)]
    chfs: Vec<String>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Form {
    #[default]
    Json,
    Csv,
}

#[test]
fn a_body_is_told_what_is_wrong_by_its_field() {
    let object = "an object is wanted, in braces, such as {\"name\": \"value\"}; where nothing is to be said it is {}";
    for (body, words) in [
        ("[1]", object),
        (" \"x\"", object),
        ("1", object),
        ("null", object),
        ("", "nothing was sent; where nothing is to be said it is {}"),
        ("{", "the JSON ends before its end, at line 1, column 1"),
        ("{\"reason\" 1}", "what stands at line 1, column 11 is no JSON"),
        ("{}", "'reason' is missing; say it"),
        (r#"{"reason":1}"#, "at 'reason', the number 1 was read; a text is wanted"),
        (r#"{"reason":["x"]}"#, "at 'reason', a list was read; a text is wanted"),
        (r#"{"reason":null}"#, "at 'reason', null was read; a text is wanted"),
        (
            r#"{"reason":"x","units":"many"}"#,
            "at 'units', the text 'many' was read; a whole number that is not negative, and not too large, is wanted",
        ),
        (
            r#"{"reason":"x","units":-1}"#,
            "at 'units', the number -1 was read; a whole number that is not negative, and not too large, is wanted",
        ),
        (r#"{"reason":"x","firm":"yes"}"#, "at 'firm', the text 'yes' was read; true or false is wanted"),
        (r#"{"reason":"x","why":1}"#, "'why' is not known; it takes reason, units, firm, form, chfs"),
        (r#"{"reason":"x","reason":"y"}"#, "'reason' is said twice; say it once"),
        (r#"{"reason":"x","chfs":{"a":1}}"#, "at 'chfs', an object was read; a list is wanted"),
        (r#"{"reason":"x","chfs":[1]}"#, "at 'chfs', the number 1 was read; a text is wanted"),
    ] {
        assert_eq!(of_body::<Said>(body.as_bytes()).unwrap_err(), words, "{body}");
    }
}

#[test]
fn a_query_is_told_what_is_wrong_by_its_field() {
    let asked = |pairs: &[(&str, &str)]| {
        of_query::<Said>(pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
    };
    for (pairs, words) in [
        (&[][..], "'reason' is missing; say it"),
        (&[("reason", "x"), ("a", "1")], "'a' is not known; it takes reason, units, firm, form, chfs"),
        (&[("reason", "x"), ("firm", "yes")], "at 'firm', the text 'yes' was read; true or false is wanted"),
        (&[("reason", "x"), ("form", "pdf")], "at 'form', 'pdf' was read; one of json, csv is wanted"),
        (&[("reason", "x"), ("reason", "y")], "'reason' is said twice; say it once"),
        (
            &[("reason", "x"), ("units", "70000")],
            "at 'units', the text '70000' was read; a whole number that is not negative, and not too large, is wanted",
        ),
    ] {
        assert_eq!(asked(pairs).unwrap_err(), words, "{pairs:?}");
    }
    let said = asked(&[("reason", "x"), ("units", "3"), ("firm", "true"), ("form", "csv")]).unwrap();
    assert_eq!(said, Said { reason: "x".into(), units: Some(3), firm: true, form: Form::Csv, chfs: Vec::new() });
}

#[test]
fn a_body_that_is_right_is_read() {
    let said: Said = of_body(br#"{"reason":"1 \u00e9","units":3,"firm":true,"chfs":["a","b"]}"#).unwrap();
    let chfs = vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(said, Said { reason: "1 é".into(), units: Some(3), firm: true, form: Form::Json, chfs });
    let said: Said = of_body(br#"{"reason":"x","units":null}"#).unwrap();
    assert_eq!(said.units, None);
}
