//! Acts: once for each key, and by two where two answer for them.

use super::client::Client;
use super::place::{DEMAND, OF_ALPHA, Place, at};
use serde_json::json;

fn with_key(client: &Client<'_>, path: &str, key: &str, body: &str) -> super::client::Answer {
    client.send("POST", path, &[("Content-Type", "application/json"), ("Idempotency-Key", key)], body.as_bytes())
}

/// A week that was scaled by the operator.
fn scaled() -> impl Iterator<Item = Place> {
    Place::all().inspect(closed)
}

fn closed(place: &Place) {
    let alpha = place.client("alpha");
    let receipt = alpha.hand_in(OF_ALPHA, DEMAND.as_bytes()).json();
    alpha.judged(receipt["receipt"]["id"].as_str().unwrap());
    let moved = place.client("operator").post("/clock", &json!({ "to": at(17, 0).to_string() }));
    assert_eq!(moved.status, 200, "{}", moved.text());
}

#[test]
fn an_act_is_done_once_for_each_key() {
    for place in scaled() {
        let operator = place.client("operator");
        let path = "/weeks/2021-07-26/CGI/scale";
        let first = with_key(&operator, path, "a", "{}");
        assert_eq!((first.status, first.header("idempotency-replayed")), (200, None), "{}", first.text());
        let again = with_key(&operator, path, "a", "{}");
        assert_eq!((again.status, again.header("idempotency-replayed")), (200, Some("true")));
        assert_eq!(first.json(), again.json(), "it is answered as the first time");
        let other = with_key(&operator, path, "b", "{}");
        assert_eq!(other.json()["done"]["version"], 2, "another key is another request");
        let mixed = with_key(&operator, "/weeks/2021-07-26/CGI/refill", "a", "{}");
        assert_eq!((mixed.status, mixed.problem()["code"].as_str()), (422, Some("REQUEST-KEY")));
        // What was refused was not done, so its key is free.
        let refused = with_key(&operator, "/weeks/2021-07-26/CGI/refill", "c", "{}");
        assert_eq!(refused.status, 409);
        assert_eq!(with_key(&operator, path, "c", "{}").status, 200);
        // Keys of others are others.
        assert_eq!(with_key(&place.client("alpha"), path, "a", "{}").status, 403);
    }
}

#[test]
fn acc_2_what_two_people_answer_for_is_proposed_by_one_and_approved_by_another() {
    for place in scaled() {
        let (operator, approver) = (place.client("operator"), place.client("approver"));
        assert_eq!(with_key(&operator, "/weeks/2021-07-26/CGI/scale", "a", "{}").status, 200);
        let asked = with_key(&operator, "/weeks/2021-07-26/CGI/publish", "p", "{}");
        let again = with_key(&operator, "/weeks/2021-07-26/CGI/publish", "p", "{}");
        // A provisional result is published by one, a capacity is changed by two.
        assert_eq!((asked.status, again.status), (200, 200), "{}", asked.text());
        let path = "/weeks/2021-07-26/milestones";
        let body =
            json!({ "milestone": "refill_due", "to": "2021-07-20T16:00:00Z", "reason": "a holiday" }).to_string();
        let proposed = with_key(&operator, path, "m", &body);
        assert_eq!(proposed.status, 202, "{}", proposed.text());
        assert_eq!(with_key(&operator, path, "m", &body).json(), proposed.json());
        let id = proposed.json()["proposed"]["id"].as_i64().unwrap();
        let shown = approver.get(&format!("/proposals/{id}")).json();
        assert_eq!((&shown["same"], &shown["proposal"]["state"]), (&json!(true), &json!("WAITING")));
        let approve = format!("/proposals/{id}/approve");
        assert_eq!(operator.post(&approve, &json!({})).status, 409, "the first can never approve");
        let done = approver.post(&approve, &json!({}));
        assert_eq!(done.status, 200, "{}", done.text());
        assert_eq!(approver.post(&approve, &json!({})).status, 409, "it waits no more");
        let week = place.client("alpha").get("/weeks/2021-07-26").json();
        let moved =
            week["milestones"].as_array().unwrap().iter().find(|one| one["id"] == "refill_due").unwrap().clone();
        assert_eq!((&moved["at"], &moved["moved"]), (&json!("2021-07-20T16:00:00Z"), &json!(true)));
    }
}

#[test]
fn msm_11_a_query_is_raised_listed_and_answered_by_what_it_is_known_by() {
    for place in scaled() {
        let (operator, alpha) = (place.client("operator"), place.client("alpha"));
        for act in ["scale", "publish"] {
            assert_eq!(with_key(&operator, &format!("/weeks/2021-07-26/CGI/{act}"), act, "{}").status, 200);
        }
        let raised = with_key(&alpha, "/days/2021-07-26/CGI/queries", "q", "{\"question\":\"why so few?\"}");
        assert_eq!(raised.status, 200, "{}", raised.text());
        let id = raised.json()["done"].as_str().unwrap().to_owned();
        assert_eq!(id.len(), 16, "it tells nothing of how many others there are");
        let listed = || alpha.get("/weeks/2021-07-26").json()["pools"][0]["queries"].clone();
        assert_eq!((&listed()[0]["id"], &listed()[0]["answer"]), (&json!(id), &json!(null)));
        let answer = format!("/queries/{id}/answer");
        assert_eq!(with_key(&alpha, &answer, "a", "{\"answer\":\"x\"}").status, 403);
        assert_eq!(with_key(&operator, &answer, "a", "{\"answer\":\"so little capacity\"}").status, 200);
        assert_eq!(listed()[0]["answer"], "so little capacity");
    }
}
