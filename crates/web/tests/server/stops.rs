//! A server that stops keeps what it said that it keeps.

use super::place::{DEMAND, OF_ALPHA, Place};
use sluice_service::act::actor::Actor;

#[test]
fn mam_9_a_receipt_holds_when_the_server_stops_at_once() {
    for mut place in (0..3).flat_map(|_| Place::all()) {
        let receipt = place.client("alpha").hand_in(OF_ALPHA, DEMAND.as_bytes()).json();
        drop(place.server.take());
        let mut service = place.service();
        let now = service.moment(None).unwrap();
        service.catch_up(now).unwrap();
        let id = receipt["receipt"]["id"].as_str().unwrap();
        let by = Actor::supplier("AAA123".parse().unwrap());
        let file = service.handed_in(now, &by, id).unwrap().unwrap();
        assert_eq!(file.state, "ACCEPTED");
    }
}

#[test]
fn what_does_not_fit_is_told_to_come_again() {
    for place in Place::all_with(|settings| sluice_web::Settings { uploads: 0, ..settings }) {
        let answer = place.client("alpha").hand_in(OF_ALPHA, DEMAND.as_bytes());
        assert_eq!((answer.status, answer.header("retry-after")), (429, Some("1")));
    }
    for place in Place::all_with(|settings| sluice_web::Settings { requests_a_minute: 2, ..settings }) {
        let client = place.client("alpha");
        let statuses: Vec<u16> = (0..3).map(|_| client.get("/me").status).collect();
        assert_eq!(statuses, [200, 200, 429]);
        assert_eq!(place.client("beta").get("/me").status, 200, "another caller has its own");
    }
}

#[test]
fn who_keeps_connections_keeps_neither_others_nor_the_end_waiting() {
    let few = |settings| sluice_web::Settings { connections: (8, 4), ..settings };
    for mut place in Place::all_with(few) {
        let idle: Vec<_> = (0..6).map(|_| std::net::TcpStream::connect(place.address).unwrap()).collect();
        // Of one address some have a place, the others are cut off; it ends although they stay.
        drop(place.server.take());
        drop(idle);
    }
}

#[test]
fn a_body_of_json_has_an_end_to_its_time() {
    let short = |settings| sluice_web::Settings { patience: std::time::Duration::from_millis(300), ..settings };
    for place in Place::all_with(short) {
        let token = &place.tokens["alpha"];
        let head = format!(
            "POST /api/v1/days/2021-07-26/CGI/hand-back HTTP/1.1\r\nHost: s\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
        );
        let answer = super::client::raw(place.address, head.as_bytes()).unwrap();
        assert_eq!((answer.status, answer.problem()["code"].as_str()), (408, Some("SLOW")));
    }
}
