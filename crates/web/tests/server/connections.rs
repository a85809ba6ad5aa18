//! Who has as many connections as an address may have.

use super::client::{answer, raw};
use super::place::Place;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

const ASKS: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n";

/// Two connections of an address, as the tests need no more.
fn two() -> impl Iterator<Item = Place> {
    Place::all_with(|settings| sluice_web::Settings { connections: (16, 2), ..settings })
}

/// A connection on which a request was answered, and that stays.
fn idle(place: &Place) -> BufReader<TcpStream> {
    let mut stream = BufReader::new(TcpStream::connect(place.address).unwrap());
    ask_again(&mut stream);
    stream
}

fn ask_again(stream: &mut BufReader<TcpStream>) {
    stream.get_mut().write_all(b"GET /healthz HTTP/1.1\r\nHost: s\r\n\r\n").unwrap();
    let mut line = String::new();
    while line != "alive\n" {
        line.clear();
        assert_ne!(stream.read_line(&mut line).unwrap(), 0, "it was cut off");
    }
}

#[test]
fn one_more_connection_has_the_place_of_the_longest_idle_one() {
    for place in two() {
        let (mut first, mut second) = (idle(&place), idle(&place));
        ask_again(&mut first);
        assert_eq!(raw(place.address, ASKS).unwrap().status, 200);
        assert_eq!(second.read_to_end(&mut Vec::new()).unwrap(), 0, "it waited longest");
        ask_again(&mut first);
    }
}

#[test]
fn where_none_is_idle_one_more_is_told_to_come_again() {
    for place in two() {
        let token = &place.tokens["alpha"];
        let head = format!(
            "POST /api/v1/files HTTP/1.1\r\nHost: s\r\nAuthorization: Bearer {token}\r\nContent-Length: 1\r\n\
             Connection: close\r\nExpect: 100-continue\r\nContent-Disposition: attachment; filename=\"x.csv\"\r\n\r\n"
        );
        let at_work = [(); 2].map(|()| {
            let mut stream = TcpStream::connect(place.address).unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            // The body is asked for: the request is at work.
            let mut goes_on = [0; 25];
            stream.read_exact(&mut goes_on).unwrap();
            assert_eq!(&goes_on, b"HTTP/1.1 100 Continue\r\n\r\n");
            stream
        });
        let refused = raw(place.address, ASKS).unwrap();
        assert_eq!((refused.status, refused.header("retry-after")), (503, Some("2")));
        let told: serde_json::Value = refused.json();
        assert_eq!(
            (refused.header("content-type"), &told["code"]),
            (Some("application/problem+json"), &"LIMIT".into())
        );
        for mut stream in at_work {
            stream.write_all(b"x").unwrap();
            let mut got = Vec::new();
            stream.read_to_end(&mut got).unwrap();
            assert!([200, 202].contains(&answer(&got).unwrap().status), "what was at work is done");
        }
        assert_eq!(raw(place.address, ASKS).unwrap().status, 200);
    }
}
