//! Stop orders by the API.

use super::place::Place;
use serde_json::json;

#[test]
fn stop_1_a_stop_order_is_imposed_acknowledged_and_lifted_by_two() {
    for place in Place::all() {
        let [operator, approver, provider, alpha] =
            ["operator", "approver", "provider", "alpha"].map(|name| place.client(name));
        let stop = json!({ "scope": "S1SP", "value": "CGI", "reason": "a fault in the field" });
        let imposed = operator.post("/stops", &stop);
        assert_eq!(imposed.status, 200, "{}", imposed.text());
        assert_eq!(imposed.json()["done"]["id"], 1);
        let listed = || operator.get("/stops").json()["stops"][0].clone();
        assert_eq!((&listed()["value"], &listed()["lists"][0]["s1sp"]), (&json!("CGI"), &json!("CGI")));
        assert_eq!(listed()["lists"][0]["acknowledged_at"], json!(null));
        assert_eq!(alpha.get("/stops").status, 404, "to a party there are none");
        assert_eq!(provider.post("/stops/1/acknowledge", &json!({})).json()["done"], json!(true), "in time");
        assert!(listed()["lists"][0]["acknowledged_at"].is_string());
        let proposed = operator.post("/stops/1/lift", &json!({}));
        assert_eq!((proposed.status, &listed()["lifted_at"]), (202, &json!(null)), "{}", proposed.text());
        let id = proposed.json()["proposed"]["id"].as_i64().unwrap();
        assert_eq!(approver.post(&format!("/proposals/{id}/approve"), &json!({})).status, 200);
        assert!(listed()["lifted_by"].as_str().unwrap().contains("approver"));
    }
}

#[test]
fn stop_1_what_is_no_scope_and_no_device_is_told_by_its_field() {
    for place in Place::all() {
        let operator = place.client("operator");
        for (body, wrong) in [
            (json!({ "scope": "STREET", "value": "x", "reason": "x" }), "scope 'STREET'"),
            (json!({ "scope": "LIST", "chfs": ["1"], "reason": "x" }), "chfs '1'"),
            (json!({ "scope": "LIST", "chfs": ["70-B3-D5-1F-30-00-A0-01"], "reason": "x" }), "70-B3-D5-1F-30-00-A0-01"),
            (json!({ "scope": "S1SP", "value": "CGI" }), "'reason' is missing"),
            (
                json!({ "scope": "S1SP", "value": "CGI", "chfs": ["00-C0-00-00-00-00-00-00"], "reason": "x" }),
                "takes no chfs",
            ),
            (json!({ "scope": "LIST", "value": "CGI", "reason": "x" }), "leave value out"),
        ] {
            let answer = operator.post("/stops", &body);
            assert_eq!(answer.status, 400, "{body}: {}", answer.text());
            assert!(answer.problem()["detail"].as_str().unwrap().contains(wrong), "{}", answer.text());
        }
        assert_eq!(operator.get("/stops").json(), json!({ "stops": [], "stopped": [] }));
    }
}
