//! Files: receipts, verdicts, repeats, passwords.

use super::place::{DEMAND, OF_ALPHA, OF_BETA, Place, at};
use serde_json::{Value, json};
use sluice_service::files::signed::SignedReceipt;

#[test]
fn mam_9_a_file_has_a_signed_receipt_then_its_verdict() {
    for place in Place::all() {
        let client = place.client("alpha");
        let answer = client.hand_in(OF_ALPHA, DEMAND.as_bytes());
        assert_eq!(answer.status, 202, "{}", answer.text());
        let receipt: SignedReceipt = serde_json::from_slice(&answer.body).unwrap();
        assert!(receipt.is_as_signed());
        assert_eq!((receipt.receipt.name.as_str(), receipt.receipt.size), (OF_ALPHA, DEMAND.len() as u64));
        let id = &receipt.receipt.id;
        assert_eq!(answer.header("location"), Some(format!("/api/v1/files/{id}").as_str()));
        let file = client.judged(id);
        assert_eq!(
            (&file["state"], &file["s1sp"], &file["week"]),
            (&json!("ACCEPTED"), &json!("CGI"), &json!("2021-07-26"))
        );
        let page = client.get("/files").json();
        assert_eq!((page["files"][0]["id"].as_str(), &page["next"]), (Some(id.as_str()), &Value::Null));
    }
}

fn id(answer: &super::client::Answer) -> String {
    answer.json()["receipt"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn mam_9_the_same_again_has_the_first_receipt() {
    for place in Place::all() {
        let client = place.client("alpha");
        let first = client.hand_in(OF_ALPHA, DEMAND.as_bytes());
        client.judged(&id(&first));
        let again = client.hand_in(OF_ALPHA, DEMAND.as_bytes());
        assert_eq!((first.status, again.status), (202, 200));
        assert_eq!(first.body, again.body);
    }
}

#[test]
fn msm_2_demand_that_is_as_it_was_before_the_last_version_counts_again() {
    for place in Place::all() {
        let client = place.client("alpha");
        let other = DEMAND.replace(",5\n", ",9\n");
        let asked = || client.get("/weeks/2021-07-26").json()["pools"][0]["days"][4]["own"]["asked"].as_u64();
        for (content, wanted) in [(DEMAND, 5), (other.as_str(), 9), (DEMAND, 5)] {
            let answer = client.hand_in(OF_ALPHA, content.as_bytes());
            assert_eq!(answer.status, 202, "{}", answer.text());
            assert_eq!(client.judged(&id(&answer))["state"], "ACCEPTED");
            assert_eq!(asked(), Some(wanted));
        }
    }
}

#[test]
fn msm_2_what_was_refused_is_judged_anew() {
    for place in Place::all() {
        let client = place.client("alpha");
        // Demand for that week opens later (FI17).
        let name = "DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20211025.csv";
        for _ in 0..2 {
            let answer = client.hand_in(name, b"Migration Date,Demand\n");
            assert_eq!(answer.status, 202, "{}", answer.text());
            assert_eq!(client.judged(&id(&answer))["state"], "REFUSED");
        }
    }
}

#[test]
fn a_list_tells_of_what_waits_still_and_goes_on_behind_it() {
    for place in Place::all() {
        let client = place.client("alpha");
        let wanted: Vec<String> = (0..7).map(|number| id(&client.hand_in(&format!("x{number}.csv"), b"x"))).collect();
        let (mut found, mut path) = (Vec::new(), "/files?limit=2".to_owned());
        loop {
            let page = client.get(&path).json();
            found.extend(page["files"].as_array().unwrap().iter().map(|file| file["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/files?limit=2&cursor={next}");
        }
        found.sort();
        let mut wanted = wanted;
        wanted.sort();
        assert_eq!(found, wanted, "each once, whether it waits or is judged");
    }
}

#[test]
fn cal_1_what_comes_after_the_cut_off_is_late_and_what_came_before_is_not() {
    for place in Place::all() {
        let (alpha, beta, operator) = (place.client("alpha"), place.client("beta"), place.client("operator"));
        let move_to = |hour, minute| {
            let answer = operator.post("/clock", &json!({ "to": at(hour, minute).to_string() }));
            assert_eq!(answer.status, 200, "{}", answer.text());
        };
        move_to(16, 59);
        let in_time = alpha.hand_in(OF_ALPHA, DEMAND.as_bytes()).json();
        move_to(17, 0);
        let late = beta.hand_in(OF_BETA, DEMAND.as_bytes()).json();
        let state = |client: &super::client::Client<'_>, receipt: &Value| {
            client.judged(receipt["receipt"]["id"].as_str().unwrap())["state"].as_str().unwrap().to_owned()
        };
        assert_eq!(state(&alpha, &in_time), "ACCEPTED");
        assert_eq!(state(&beta, &late), "REFUSED");
        // The clock is moved by operators alone, and never back.
        assert_eq!(alpha.post("/clock", &json!({ "to": at(18, 0).to_string() })).status, 404);
        assert_eq!(operator.post("/clock", &json!({ "to": at(9, 0).to_string() })).status, 400);
    }
}

#[test]
fn mam_10_nothing_of_a_password_is_told_or_kept() {
    for place in Place::all() {
        let client = place.client("alpha");
        let name = "MAPASSWORD_CGI_70-B3-D5-1F-30-00-A0-08_20210705_090000.txt";
        let answer = client.hand_in(name, b"correct-horse-battery");
        assert_eq!(answer.status, 202, "{}", answer.text());
        let receipt = answer.json();
        assert_eq!((&receipt["receipt"]["size"], &receipt["receipt"]["sha256"]), (&json!(0), &Value::Null));
        let file = client.judged(receipt["receipt"]["id"].as_str().unwrap());
        assert_eq!(file["state"], "REMEMBERED");
        let large = vec![b'x'; (64 << 10) + 1];
        assert_eq!(client.hand_in(name, &large).status, 413);
        let files =
            std::fs::read_dir(place.url.path().map_or(std::env::temp_dir(), |path| path.parent().unwrap().to_owned()));
        for file in files.unwrap().flatten().filter(|_| place.url.path().is_some()) {
            let bytes = std::fs::read(file.path()).unwrap();
            assert!(!bytes.windows(21).any(|part| part == b"correct-horse-battery"), "{}", file.path().display());
        }
    }
}

#[test]
fn a_list_goes_on_where_its_page_ended() {
    for place in Place::all() {
        let client = place.client("alpha");
        let mut ids = Vec::new();
        for number in 0..5 {
            let receipt = client.hand_in(&format!("x{number}.csv"), b"x").json();
            let id = receipt["receipt"]["id"].as_str().unwrap().to_owned();
            client.judged(&id);
            ids.insert(0, id);
        }
        let (mut found, mut path) = (Vec::new(), "/files?limit=2".to_owned());
        loop {
            let page = client.get(&path).json();
            found.extend(page["files"].as_array().unwrap().iter().map(|file| file["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/files?limit=2&cursor={next}");
        }
        assert_eq!(found, ids);
        let inbox = client.get("/inbox?limit=1").json();
        let mut seen = 0;
        let mut next = String::new();
        let mut page = inbox;
        loop {
            let items = page["items"].as_array().unwrap();
            seen += items.len();
            page["next"].as_str().unwrap().clone_into(&mut next);
            if !page["more"].as_bool().unwrap() {
                break;
            }
            page = client.get(&format!("/inbox?limit=1&after={next}")).json();
        }
        assert_eq!(seen, client.get("/inbox?limit=200").json()["items"].as_array().unwrap().len());
    }
}
