//! Every operation of the API for everybody: who gets what. An operation that is in no row fails the test.

use super::place::{CALLERS, DEMAND, OF_ALPHA, Place};
use std::collections::BTreeSet;

/// What a caller may get.
const SIGNED_IN: [u16; 9] = [401, 200, 200, 200, 200, 200, 200, 401, 401];

/// What is for operators, and cannot be done yet.
const OPERATORS: [u16; 9] = [401, 403, 403, 403, 409, 403, 403, 401, 401];

/// The same where there is nothing yet to do it with.
const NOTHING_YET: [u16; 9] = [401, 403, 403, 403, 400, 403, 403, 401, 401];

/// What is for operators, and is done.
const DONE: [u16; 9] = [401, 403, 403, 403, 200, 403, 403, 401, 401];

/// What is for DCC and observers: to parties there is nothing of it.
const OVERSEERS: [u16; 9] = [401, 404, 404, 404, 200, 200, 200, 401, 401];

/// What waits for a second one then.
const PROPOSED: [u16; 9] = [401, 403, 403, 403, 202, 403, 403, 401, 401];

/// Operations with a request of each, and what each of the callers gets: NOBODY, own party, other party, S1SP, operator, approver,
/// observer, disabled, revoked. `{own}` is a file of the own party, `{document}` the first document in its inbox.
const ROWS: &[(&str, &str, &str, &str, [u16; 9])] = &[
    ("GET", "/me", "/me", "{}", SIGNED_IN),
    ("GET", "/tokens", "/tokens", "{}", SIGNED_IN),
    ("POST", "/tokens", "/tokens", "{}", [401, 201, 201, 201, 201, 201, 201, 401, 401]),
    ("DELETE", "/tokens/{id}", "/tokens/0000000000", "{}", [401, 404, 404, 404, 404, 404, 404, 401, 401]),
    ("GET", "/files", "/files?party=AAA123", "{}", [401, 200, 404, 404, 200, 200, 404, 401, 401]),
    ("POST", "/files", "/files", "{}", [401, 202, 202, 202, 403, 403, 403, 401, 401]),
    ("GET", "/files/{id}", "/files/{own}", "{}", [401, 200, 404, 404, 200, 200, 404, 401, 401]),
    (
        "GET",
        "/files/{id}/responses/{name}",
        "/files/{own}/responses/x",
        "{}",
        [401, 404, 404, 404, 404, 404, 404, 401, 401],
    ),
    ("GET", "/inbox", "/inbox?party=AAA123", "{}", [401, 200, 404, 404, 200, 200, 404, 401, 401]),
    (
        "GET",
        "/inbox/{id}/content",
        "/inbox/d00/content?party=AAA123",
        "{}",
        [401, 404, 404, 404, 404, 404, 404, 401, 401],
    ),
    ("GET", "/weeks/{monday}", "/weeks/2021-07-26", "{}", SIGNED_IN),
    ("GET", "/eligible", "/eligible?s1sp=CGI&party=AAA123", "{}", [401, 200, 404, 404, 200, 200, 404, 401, 401]),
    (
        "GET",
        "/weeks/{monday}/proposed",
        "/weeks/2021-07-26/proposed?s1sp=CGI&party=AAA123",
        "{}",
        // The week is not firm.
        [401, 409, 404, 404, 409, 409, 404, 401, 401],
    ),
    ("GET", "/installations/{number}", "/installations/1", "{}", [401, 404, 404, 404, 404, 404, 404, 401, 401]),
    ("GET", "/reports", "/reports", "{}", SIGNED_IN),
    // What is for suppliers is not for an S1SP.
    ("GET", "/reports/{name}", "/reports/refusals", "{}", [401, 200, 200, 409, 200, 200, 200, 401, 401]),
    ("GET", "/proposals", "/proposals", "{}", [401, 404, 404, 404, 200, 200, 200, 401, 401]),
    ("GET", "/proposals/{id}", "/proposals/1", "{}", [401, 404, 404, 404, 404, 404, 404, 401, 401]),
    ("POST", "/proposals/{id}/approve", "/proposals/1/approve", "{}", [401, 404, 404, 404, 404, 404, 403, 401, 401]),
    (
        "POST",
        "/proposals/{id}/decline",
        "/proposals/1/decline",
        r#"{"why":"no"}"#,
        [401, 404, 404, 404, 404, 404, 403, 401, 401],
    ),
    ("POST", "/proposals/{id}/withdraw", "/proposals/1/withdraw", "{}", [401, 404, 404, 404, 404, 404, 403, 401, 401]),
    ("POST", "/weeks/{monday}/{s1sp}/scale", "/weeks/2021-07-26/CGI/scale", "{}", OPERATORS),
    ("POST", "/weeks/{monday}/{s1sp}/publish", "/weeks/2021-07-26/CGI/publish", "{}", NOTHING_YET),
    ("POST", "/weeks/{monday}/{s1sp}/refill", "/weeks/2021-07-26/CGI/refill", "{}", OPERATORS),
    ("POST", "/weeks/{monday}/{s1sp}/close", "/weeks/2021-07-26/CGI/close", r#"{"reason":"x"}"#, PROPOSED),
    (
        "POST",
        "/weeks/{monday}/milestones",
        "/weeks/2021-07-26/milestones",
        r#"{"milestone":"demand_cutoff","to":"2021-07-05T01:00:00Z","reason":"x"}"#,
        OPERATORS,
    ),
    ("POST", "/days/{date}/{s1sp}/capacity", "/days/2021-07-26/CGI/capacity", r#"{"capacity":1}"#, OPERATORS),
    ("POST", "/days/{date}/{s1sp}/lock", "/days/2021-07-26/CGI/lock", "{}", OPERATORS),
    (
        "POST",
        "/days/{date}/{s1sp}/hand-back",
        "/days/2021-07-26/CGI/hand-back",
        r#"{"units":1}"#,
        [401, 409, 409, 409, 403, 403, 403, 401, 401],
    ),
    (
        "POST",
        "/days/{date}/{s1sp}/queries",
        "/days/2021-07-26/CGI/queries",
        r#"{"question":"x"}"#,
        [401, 409, 409, 409, 403, 403, 403, 401, 401],
    ),
    (
        "POST",
        "/queries/{id}/answer",
        "/queries/1/answer",
        r#"{"answer":"x"}"#,
        [401, 404, 404, 404, 404, 404, 404, 401, 401],
    ),
    ("GET", "/stops", "/stops", "{}", OVERSEERS),
    ("POST", "/stops", "/stops", r#"{"scope":"S1SP","value":"CGI","reason":"x"}"#, DONE),
    ("POST", "/stops/{id}/acknowledge", "/stops/1/acknowledge", "{}", [401, 409, 409, 200, 403, 403, 403, 401, 401]),
    ("POST", "/stops/{id}/lift", "/stops/1/lift", "{}", PROPOSED),
    ("GET", "/exclusions", "/exclusions", "{}", OVERSEERS),
    ("POST", "/exclusions/{chf}/decide", "/exclusions/70-B3-D5-1F-30-00-A0-01/decide", r#"{"why":"x"}"#, NOTHING_YET),
    ("POST", "/exclusions/{chf}/lift", "/exclusions/70-B3-D5-1F-30-00-A0-01/lift", r#"{"why":"x"}"#, NOTHING_YET),
    ("GET", "/weeks/{monday}/{s1sp}/dormant", "/weeks/2021-07-26/CGI/dormant", "{}", SIGNED_IN),
    ("POST", "/weeks/{monday}/{s1sp}/dormant/plan", "/weeks/2021-07-26/CGI/dormant/plan", "{}", OPERATORS),
    ("POST", "/weeks/{monday}/{s1sp}/dormant/notify", "/weeks/2021-07-26/CGI/dormant/notify", "{}", OPERATORS),
    (
        "POST",
        "/weeks/{monday}/{s1sp}/dormant/decide",
        "/weeks/2021-07-26/CGI/dormant/decide",
        r#"{"chf":"70-B3-D5-1F-30-00-A0-01","party":"AAA123","upheld":true,"why":"x"}"#,
        OPERATORS,
    ),
    ("GET", "/rules/{id}", "/rules/STOP-1", "{}", SIGNED_IN),
    ("GET", "/responsibility", "/responsibility", "{}", OVERSEERS),
    (
        "POST",
        "/responsibility",
        "/responsibility",
        r#"{"kind":"TRANSFER","from":"AAA123","to":"BBB456","reason":"x"}"#,
        PROPOSED,
    ),
    ("POST", "/responsibility/{id}/cancel", "/responsibility/1/cancel", "{}", NOTHING_YET),
    (
        "POST",
        "/outages",
        "/outages",
        r#"{"from":"2021-07-05T07:00:00Z","to":"2021-07-05T07:30:00Z","reason":"x"}"#,
        PROPOSED,
    ),
    ("GET", "/imports", "/imports", "{}", OVERSEERS),
    ("POST", "/imports/undo", "/imports/undo", "{}", PROPOSED),
];

#[test]
fn msm_14_everybody_gets_of_every_operation_what_is_theirs() {
    for place in Place::all() {
        let receipt = place.client("alpha").hand_in(OF_ALPHA, DEMAND.as_bytes()).json();
        let own = receipt["receipt"]["id"].as_str().unwrap();
        place.client("alpha").judged(own);
        for (method, _, path, body, expected) in ROWS {
            for (caller, expected) in CALLERS.iter().zip(*expected) {
                let (client, path) = (place.client(caller), path.replace("{own}", own));
                let answer = match (*method, path.as_str()) {
                    ("POST", "/files") => client.hand_in(&format!("of-{caller}.csv"), b"x"),
                    ("POST", _) => client.send(method, &path, &[("Content-Type", "application/json")], body.as_bytes()),
                    _ => client.send(method, &path, &[], b""),
                };
                assert_eq!(answer.status, expected, "{method} {path} for {caller}: {}", answer.text());
                if expected >= 400 {
                    answer.problem();
                }
            }
        }
    }
}

#[test]
fn every_operation_is_in_a_row() {
    let described = serde_json::to_value(sluice_web::api::openapi()).unwrap();
    let mut found = BTreeSet::new();
    for (path, item) in described["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            found.insert((method.to_uppercase(), path.trim_start_matches("/api/v1").to_owned()));
        }
    }
    let rows: BTreeSet<_> = ROWS.iter().map(|(method, path, ..)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(found, rows);
}

#[test]
fn the_description_is_as_it_is_committed() {
    let described = format!("{}\n", sluice_web::api::openapi().to_pretty_json().unwrap());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    if std::env::var_os("SLUICE_BLESS").is_some() {
        std::fs::write(path, &described).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        described == committed,
        "run SLUICE_BLESS=1 cargo test -p sluice-web and look at what changed in docs/openapi.json"
    );
}

#[test]
fn msm_14_what_is_anothers_answers_as_what_is_not_there() {
    for place in Place::all() {
        let receipt = place.client("alpha").hand_in(OF_ALPHA, DEMAND.as_bytes()).json();
        let id = receipt["receipt"]["id"].as_str().unwrap();
        let none = "0".repeat(32);
        let beta = place.client("beta");
        for path in ["/files/{id}", "/files/{id}/responses/DR_x.csv"] {
            let (of_rival, of_nobody) = (beta.get(&path.replace("{id}", id)), beta.get(&path.replace("{id}", &none)));
            assert_eq!(of_rival.status, 404);
            assert_eq!(of_rival.problem(), of_nobody.problem(), "{path}");
        }
        let [of_rival, of_nobody] = [id, &none].map(|id| beta.get(&format!("/files?cursor={id}")));
        assert_eq!((of_rival.status, of_nobody.status), (400, 400));
        let words = |answer: &super::client::Answer, id: &str| answer.problem()["detail"].to_string().replace(id, "");
        assert_eq!(words(&of_rival, id), words(&of_nobody, &none));
    }
}
