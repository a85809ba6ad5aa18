//! What comes upon the programme, and reference data, by the API.

use super::client::Client;
use super::place::{Place, at};
use serde_json::{Value, json};

/// Proposed by the first, approved by the second.
fn by_two(place: &Place, path: &str, body: &Value) {
    let proposed = place.client("operator").post(path, body);
    assert_eq!(proposed.status, 202, "{path}: {}", proposed.text());
    let id = proposed.json()["proposed"]["id"].as_i64().unwrap();
    let approved = place.client("approver").post(&format!("/proposals/{id}/approve"), &json!({}));
    assert_eq!(approved.status, 200, "{path}: {}", approved.text());
}

#[test]
fn mam_11_an_event_to_come_is_recorded_and_cancelled_by_two() {
    for place in Place::all() {
        let event = json!({ "kind": "TRANSFER", "from": "AAA123", "to": "BBB456", "at": "2021-08-01T00:00:00Z", "reason": "sold" });
        by_two(&place, "/responsibility", &event);
        let listed = || place.client("observer").get("/responsibility").json()["events"][0].clone();
        let (one, effective) = (listed(), json!("2021-08-01T00:00:00Z"));
        assert_eq!(
            (&one["kind"], &one["effective"], &one["cancelled_at"]),
            (&json!("TRANSFER"), &effective, &Value::Null)
        );
        by_two(&place, "/responsibility/1/cancel", &json!({}));
        assert!(listed()["cancelled_at"].is_string());
    }
}

#[test]
fn cal_7_an_outage_moves_the_cut_off_that_it_hit() {
    for place in Place::all() {
        let operator = place.client("operator");
        // The cut-off of demand is at 17:00; just before it nothing could be handed in.
        assert_eq!(operator.post("/clock", &json!({ "to": at(16, 59).to_string() })).status, 200);
        let moved = |client: &Client<'_>| {
            let week = client.get("/weeks/2021-07-26").json();
            week["milestones"].as_array().unwrap().iter().any(|one| one["moved"] == true)
        };
        assert!(!moved(&operator));
        let (from, to) = (at(10, 0).to_string(), at(16, 58).to_string());
        by_two(&place, "/outages", &json!({ "from": from, "to": to, "reason": "the line was cut" }));
        assert!(moved(&place.client("alpha")));
    }
}

#[test]
fn ref_1_the_tables_have_their_ages_and_the_last_import_is_undone() {
    for place in Place::all() {
        let operator = place.client("operator");
        let age = |kind: &str| {
            let tables = operator.get("/imports").json()["tables"].clone();
            tables.as_array().unwrap().iter().find(|table| table["kind"] == kind).unwrap()["as_at"].clone()
        };
        assert_eq!((age("capacity"), age("inventory")), (json!(at(9, 0).to_string()), Value::Null));
        by_two(&place, "/imports/undo", &json!({}));
        assert_eq!((age("capacity"), age("parties")), (Value::Null, json!(at(9, 0).to_string())));
    }
}
