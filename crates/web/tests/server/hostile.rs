//! Requests that no honest program sends: each is answered in words or cut off, and the next one is served.

use super::client::raw;
use super::place::Place;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A request with a body that says that it is longer than it is: what came is not kept.
#[test]
fn a_body_that_stops_in_the_middle_is_not_kept() {
    for place in Place::all_with(|settings| sluice_web::Settings { patience: Duration::from_millis(300), ..settings }) {
        let token = &place.tokens["alpha"];
        let head = format!(
            "POST /api/v1/files HTTP/1.1\r\nHost: s\r\nAuthorization: Bearer {token}\r\nContent-Length: 100\r\n\
             Content-Disposition: attachment; filename=\"x.csv\"\r\n\r\nhalf"
        );
        // It stays open, and nothing more comes.
        let mut stream = TcpStream::connect(place.address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let mut got = Vec::new();
        let _ = stream.read_to_end(&mut got);
        let slow = super::client::answer(&got).unwrap();
        assert_eq!((slow.status, slow.problem()["code"].as_str()), (408, Some("SLOW")));
        // It is cut off.
        let mut stream = TcpStream::connect(place.address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        drop(stream);
        assert_eq!(place.client("alpha").get("/files").json()["files"].as_array().unwrap().len(), 0);
    }
}

#[test]
fn what_no_honest_program_sends_is_refused_and_the_next_is_served() {
    for place in Place::all_with(|settings| sluice_web::Settings { patience: Duration::from_millis(500), ..settings }) {
        let token = &place.tokens["alpha"];
        for (what, request, expected) in cases(token) {
            let answer = raw(place.address, request.as_bytes());
            let got = answer.as_ref().map_or(0, |answer| answer.status);
            let said = answer.map(|answer| answer.text()).unwrap_or_default();
            assert!(expected.contains(&got), "{what}: {got} {said}");
            assert_eq!(place.client("beta").get("/me").status, 200, "after: {what}");
        }
    }
}

/// A request, and what it may get; 0 is no answer.
type Case = (&'static str, String, &'static [u16]);

#[allow(clippy::too_many_lines, reason = "a table")]
fn cases(token: &str) -> Vec<Case> {
    let auth = format!("Host: s\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n");
    let name = "Content-Disposition: attachment; filename=\"x.csv\"\r\n";
    vec![
        ("no HTTP", "hello\r\n\r\n".to_owned(), &[400]),
        (
            "no host",
            format!("GET /api/v1/me HTTP/1.1\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"),
            &[200],
        ),
        ("head too large", format!("GET /api/v1/me HTTP/1.1\r\n{auth}X: {}\r\n\r\n", "x".repeat(20 << 10)), &[431]),
        ("many headers", format!("GET /api/v1/me HTTP/1.1\r\n{auth}{}\r\n", "X: y\r\n".repeat(200)), &[431]),
        ("address too long", format!("GET /api/v1/{} HTTP/1.1\r\n{auth}\r\n", "x".repeat(70_000)), &[414, 431]),
        (
            "two lengths",
            format!("POST /api/v1/tokens HTTP/1.1\r\n{auth}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}x"),
            &[400],
        ),
        (
            "length and chunks",
            format!(
                "POST /api/v1/tokens HTTP/1.1\r\n{auth}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            ),
            &[400, 415],
        ),
        (
            "a chunk that is none",
            format!("POST /api/v1/files HTTP/1.1\r\n{auth}{name}Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
            &[400],
        ),
        (
            "a length that is none",
            format!("POST /api/v1/files HTTP/1.1\r\n{auth}{name}Content-Length: -1\r\n\r\n"),
            &[400],
        ),
        (
            "a length that is too large",
            format!("POST /api/v1/files HTTP/1.1\r\n{auth}{name}Content-Length: 99999999999\r\n\r\nx"),
            &[413],
        ),
        ("a path upwards", format!("GET /api/v1/../../etc/passwd HTTP/1.1\r\n{auth}\r\n"), &[404]),
        ("a path upwards, coded", format!("GET /api/v1/files/%2e%2e%2f%2e%2e HTTP/1.1\r\n{auth}\r\n"), &[404]),
        ("a path that is no text", format!("GET /api/v1/files/%ff%fe HTTP/1.1\r\n{auth}\r\n"), &[400, 404]),
        ("a NUL in the path", format!("GET /api/v1/files/%00 HTTP/1.1\r\n{auth}\r\n"), &[400]),
        ("a NUL in the query", format!("GET /api/v1/files?cursor=%00 HTTP/1.1\r\n{auth}\r\n"), &[400]),
        (
            "a name upwards",
            format!(
                "POST /api/v1/files HTTP/1.1\r\n{auth}Content-Disposition: attachment; filename=\"../x.csv\"\r\nContent-Length: 1\r\n\r\nx"
            ),
            &[400],
        ),
        ("no name", format!("POST /api/v1/files HTTP/1.1\r\n{auth}Content-Length: 1\r\n\r\nx"), &[400]),
        ("a query that is not known", format!("GET /api/v1/files?a=1 HTTP/1.1\r\n{auth}\r\n"), &[400]),
        ("a query where none is", format!("GET /api/v1/weeks/2021-07-26?s1sp=CGI HTTP/1.1\r\n{auth}\r\n"), &[400]),
        (
            "a query beside an act",
            format!("POST /api/v1/weeks/2021-07-26/CGI/scale?dry_run=1 HTTP/1.1\r\n{auth}\r\n"),
            &[400],
        ),
        ("a limit of none", format!("GET /api/v1/files?limit=0 HTTP/1.1\r\n{auth}\r\n"), &[400]),
        ("a limit beyond", format!("GET /api/v1/files?limit=70000 HTTP/1.1\r\n{auth}\r\n"), &[400]),
        ("a place that is none", format!("GET /api/v1/inbox?after=d41d8cd9 HTTP/1.1\r\n{auth}\r\n"), &[400]),
        (
            "a body that is no JSON",
            format!(
                "POST /api/v1/tokens HTTP/1.1\r\n{auth}Content-Type: application/json\r\nContent-Length: 1\r\n\r\n{{"
            ),
            &[400],
        ),
        (
            "a field that is not known",
            format!(
                "POST /api/v1/tokens HTTP/1.1\r\n{auth}Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{{\"a\":1}}"
            ),
            &[400],
        ),
        (
            "a body of another kind",
            format!("POST /api/v1/tokens HTTP/1.1\r\n{auth}Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{{}}"),
            &[415],
        ),
        ("a method that is none", format!("BREW /api/v1/me HTTP/1.1\r\n{auth}\r\n"), &[405]),
        ("a method of another", format!("DELETE /api/v1/me HTTP/1.1\r\n{auth}\r\n"), &[405]),
        (
            "a token that is none",
            "GET /api/v1/me HTTP/1.1\r\nHost: s\r\nConnection: close\r\nAuthorization: Bearer x\r\n\r\n".to_owned(),
            &[401],
        ),
        (
            "a token of another scheme",
            format!("GET /api/v1/me HTTP/1.1\r\nHost: s\r\nConnection: close\r\nAuthorization: Basic {token}\r\n\r\n"),
            &[401],
        ),
        (
            "a token in the address",
            format!("GET /api/v1/me?token={token} HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n"),
            &[401],
        ),
        ("HTTP/2 without a word", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), &[0, 400]),
        ("a week that is none", format!("GET /api/v1/weeks/2021-07-27 HTTP/1.1\r\n{auth}\r\n"), &[400]),
        ("a week far out", format!("GET /api/v1/weeks/9999-12-31 HTTP/1.1\r\n{auth}\r\n"), &[400]),
        ("a report that is none", format!("GET /api/v1/reports/x HTTP/1.1\r\n{auth}\r\n"), &[404]),
    ]
}

#[test]
fn a_head_that_never_ends_is_cut_off() {
    for place in Place::all_with(|settings| sluice_web::Settings { patience: Duration::from_millis(200), ..settings }) {
        let mut stream = TcpStream::connect(place.address).unwrap();
        stream.write_all(b"GET /api/v1/me HTTP/1.1\r\nHost: s\r\nX").unwrap();
        let mut got = Vec::new();
        // It ends, and does not wait for the rest.
        let _ = stream.read_to_end(&mut got);
        assert_eq!(place.client("alpha").get("/me").status, 200);
    }
}
