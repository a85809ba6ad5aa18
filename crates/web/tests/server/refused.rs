//! Requests with a fault: each is told what is wrong, where, and what to do.

use super::client::{Answer, raw};
use super::place::Place;
use serde_json::json;

fn details(answer: &Answer) -> String {
    answer.problem()["detail"].as_str().unwrap().to_owned()
}

/// Every operation that takes a body.
fn takes_a_body() -> Vec<String> {
    let described = serde_json::to_value(sluice_web::api::openapi()).unwrap();
    let paths = described["paths"].as_object().unwrap().iter();
    let json = |item: &serde_json::Value| item["post"]["requestBody"]["content"].get("application/json").is_some();
    paths.filter(|(_, item)| json(item)).map(|(path, _)| path.trim_start_matches("/api/v1").to_owned()).collect()
}

/// An address of an operation, with something in the place of each of its parameters.
fn filled(path: &str) -> String {
    [("{monday}", "2021-07-26"), ("{date}", "2021-07-26"), ("{s1sp}", "CGI"), ("{id}", "1")]
        .iter()
        .fold(path.to_owned(), |path, (name, value)| path.replace(name, value))
}

#[test]
fn a_body_that_is_no_object_is_refused_by_every_operation() {
    let paths = takes_a_body();
    assert!(paths.len() > 10);
    for place in Place::all() {
        let operator = place.client("operator");
        for path in &paths {
            for body in [json!([]), json!([1]), json!("x"), json!(1), json!(null)] {
                let answer = operator.post(&filled(path), &body);
                assert_eq!(answer.status, 400, "{path} {body}: {}", answer.text());
                assert!(details(&answer).contains("an object is wanted"), "{path} {body}: {}", answer.text());
            }
        }
    }
}

#[test]
fn a_field_is_told_in_words_for_people() {
    for place in Place::all() {
        let operator = place.client("operator");
        let answer = operator.post("/weeks/2021-07-26/CGI/close", &json!({}));
        assert_eq!(details(&answer), "in the body, 'reason' is missing; say it");
        let answer = operator.get("/files?party=AAA123&limit=many");
        let words = "in the query, at 'limit', the text 'many' was read; a whole number that is not negative, and not too large, is wanted";
        assert_eq!(details(&answer), words);
    }
}

#[test]
fn a_file_without_an_end_is_not_kept() {
    for place in Place::all() {
        let token = &place.tokens["alpha"];
        for version in ["1.0", "1.1"] {
            let head = format!(
                "POST /api/v1/files HTTP/{version}\r\nHost: s\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
                 Content-Disposition: attachment; filename=\"x.csv\"\r\n\r\nbytes"
            );
            let answer = raw(place.address, head.as_bytes()).unwrap();
            assert_eq!(answer.status, 411, "{}", answer.text());
            assert!(details(&answer).contains("Content-Length"));
        }
        assert_eq!(place.client("alpha").get("/files").json()["files"], json!([]));
    }
}

#[test]
fn a_header_that_comes_twice_is_named() {
    for place in Place::all() {
        let token = &place.tokens["operator"];
        let post = |headers: &str| {
            let head = format!(
                "POST /api/v1/weeks/2021-07-26/CGI/scale HTTP/1.1\r\nHost: s\r\nConnection: close\r\nContent-Length: 2\r\n\
                 Authorization: Bearer {token}\r\nContent-Type: application/json\r\n{headers}\r\n{{}}"
            );
            raw(place.address, head.as_bytes()).unwrap()
        };
        for (headers, name) in [
            (format!("Authorization: Bearer {token}\r\n"), "authorization"),
            ("Idempotency-Key: a\r\nIdempotency-Key: b\r\n".to_owned(), "idempotency-key"),
            ("Content-Type: application/json\r\n".to_owned(), "content-type"),
        ] {
            let answer = post(&headers);
            assert_eq!(answer.status, 400, "{name}: {}", answer.text());
            assert_eq!(details(&answer), format!("the header {name} came twice; send it once"));
        }
        assert_eq!(post("Content-Length: 3\r\n").status, 400);
        assert_eq!(post("Idempotency-Key: a\r\n").status, 409, "once it is read");
    }
}

#[test]
fn a_place_in_a_list_that_was_not_given_is_refused_by_its_name() {
    for place in Place::all() {
        let alpha = place.client("alpha");
        let receipt = alpha.hand_in("x.csv", b"x").json();
        let id = receipt["receipt"]["id"].as_str().unwrap();
        alpha.judged(id);
        let next = alpha.get("/inbox").json()["next"].as_str().unwrap().to_owned();
        // One that was given, and the same with another last digit.
        for (path, given, name) in [("/files?cursor=", id, "cursor"), ("/inbox?after=", next.as_str(), "after")] {
            assert_eq!(alpha.get(&format!("{path}{given}")).status, 200, "{path}");
            let (rest, last) = given.split_at(given.len() - 1);
            let other = if last == "0" { "1" } else { "0" };
            for damaged in [format!("{rest}{other}"), rest.to_owned(), "x".to_owned(), String::new()] {
                let answer = alpha.get(&format!("{path}{damaged}"));
                assert_eq!(answer.status, 400, "{path}{damaged}: {}", answer.text());
                assert!(details(&answer).starts_with(&format!("{name}: ")), "{}", answer.text());
            }
        }
    }
}

#[test]
fn a_code_is_told_in_words_and_what_is_none_by_what_there_is() {
    for place in Place::all() {
        let alpha = place.client("alpha");
        let told = alpha.get("/rules/fi07").json();
        assert!(told["words"].as_str().unwrap().starts_with("FI07 "), "{told}");
        let none = alpha.get("/rules/STOP-9");
        assert_eq!(none.status, 404);
        assert_eq!(details(&none), "there is no rule or code STOP-9; STOP goes from STOP-1 to STOP-1");
    }
}
