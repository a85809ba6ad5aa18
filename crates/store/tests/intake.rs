//! The intake: kept while an act goes on, in order, and no longer than a process lives (CAL-3, MAM-10).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod both;

use both::{Place, both};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use sluice_store::raw::Queries as _;
use sluice_store::schema::MIGRATIONS;
use sluice_store::tables::intake::{self, Arrival};
use sluice_store::tables::record::{self, Packed};
use sluice_store::{Options, Scope, Store, StoreError};

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
}

fn store(place: &Place) -> Store {
    Store::create_with(place.url(), both::options()).unwrap().migrate(MIGRATIONS).unwrap();
    Store::open_with(place.url(), both::options()).unwrap()
}

fn arrival(id: &str, seconds: i64) -> Arrival {
    Arrival {
        id: id.to_owned(),
        party: "AAA123".parse().unwrap(),
        actor: "{}".to_owned(),
        channel: "TEST".to_owned(),
        name: format!("{id}.csv"),
        size: 3,
        digest: Some(Sha256::digest(b"abc").into()),
        at: at(seconds),
        taken: None,
        why: None,
        place: 0,
        confirm: false,
    }
}

fn add(store: &mut Store, id: &str, seconds: i64) {
    let mut tx = store.intake().unwrap();
    intake::add(&mut tx, &arrival(id, seconds), Some(&Packed::of(b"abc").unwrap())).unwrap();
    tx.commit().unwrap();
}

both!(what_is_handed_in_is_kept_while_an_act_goes_on, |place| {
    let mut writer = store(place);
    let act = writer.decide().unwrap();
    let mut other = Store::open_with(place.url(), both::options()).unwrap();
    assert!(matches!(other.decide(), Err(StoreError::Locked)), "acts wait for each other");
    add(&mut other, "a", 5);
    drop(act);
    let mut tx = writer.intake().unwrap();
    assert_eq!(intake::next(&mut tx).unwrap(), Some(arrival("a", 5)));
    let (packed, content) = intake::content(&mut tx, &arrival("a", 5)).unwrap().unwrap();
    assert_eq!((packed.bytes, &*content), (Packed::of(b"abc").unwrap().bytes, &b"abc"[..]));
});

both!(what_is_taken_over_is_what_was_handed_in, |place| {
    let mut store = store(place);
    add(&mut store, "a", 5);
    let digest = arrival("a", 5).digest.unwrap();
    let packed = Packed::of(b"abc").unwrap();
    for id in ["a", "a", "none"] {
        let mut tx = store.decide().unwrap();
        intake::keep_content(&mut tx, &arrival(id, 5), &digest, &packed).unwrap();
        assert_eq!(record::content(&mut tx, &digest).unwrap(), b"abc");
        if id == "none" {
            // Nothing of it is in the intake, and its content is at hand.
            let other = Sha256::digest(b"abd").into();
            intake::keep_content(&mut tx, &arrival(id, 5), &other, &Packed::of(b"abd").unwrap()).unwrap();
            assert_eq!(record::content(&mut tx, &other).unwrap(), b"abd");
        }
        tx.commit().unwrap();
    }
});

both!(notes_are_seen_by_all_though_nobody_waits_for_the_disk, |place| {
    let (mut one, mut other) = (store(place), Store::open_with(place.url(), both::options()).unwrap());
    let mut tx = one.intake_notes().unwrap();
    intake::begin(&mut tx, "a", at(5)).unwrap();
    tx.commit().unwrap();
    assert_eq!(intake::live(&mut other.intake().unwrap()).unwrap().len(), 1);
    add(&mut one, "b", 6);
    assert_eq!(intake::next(&mut other.intake().unwrap()).unwrap(), Some(arrival("b", 6)));
});

both!(mam_9_a_party_has_one_file_in_checking_and_who_dies_keeps_nobody_from_it, |place| {
    let mut store = store(place);
    let mut tx = store.intake().unwrap();
    let (a, b) = ("AAA123".parse().unwrap(), "BBB456".parse().unwrap());
    assert!(intake::claim(&mut tx, &a, "1", "one", at(0)).unwrap());
    assert!(intake::claim(&mut tx, &a, "2", "one", at(0)).unwrap(), "its own next file");
    assert!(!intake::claim(&mut tx, &a, "1", "other", at(9)).unwrap());
    assert!(intake::claim(&mut tx, &b, "3", "other", at(9)).unwrap());
    assert_eq!(intake::in_checking(&mut tx, "other", at(9)).unwrap(), [a]);
    intake::beat(&mut tx, "one", at(9)).unwrap();
    assert!(!intake::claim(&mut tx, &a, "1", "other", at(18)).unwrap());
    // Ten seconds of silence.
    assert_eq!(intake::in_checking(&mut tx, "third", at(19)).unwrap(), []);
    assert!(intake::claim(&mut tx, &a, "1", "other", at(19)).unwrap());
    intake::give_back(&mut tx, "one").unwrap();
    assert_eq!(intake::in_checking(&mut tx, "third", at(20)).unwrap(), [a], "it is the other's now");
    intake::give_back(&mut tx, "other").unwrap();
    assert_eq!(intake::in_checking(&mut tx, "third", at(20)).unwrap(), []);
});

both!(mam_9_of_each_party_the_first_that_waits_is_found, |place| {
    let mut store = store(place);
    let mut tx = store.intake().unwrap();
    for (id, party, seconds) in
        [("1", "AAA123", 1), ("2", "AAA123", 2), ("3", "BBB456", 3), ("4", "CCC789", 2), ("5", "BBB456", 2)]
    {
        let of = Arrival { party: party.parse().unwrap(), digest: None, ..arrival(id, seconds) };
        intake::add(&mut tx, &of, None).unwrap();
    }
    intake::take(&mut tx, "1", at(7), at(0)).unwrap();
    intake::set_aside(&mut tx, "5", "a defect").unwrap();
    let first: Vec<String> = intake::first_of_each(&mut tx).unwrap().into_iter().map(|of| of.id).collect();
    assert_eq!(first, ["2", "4", "3"]);
});

#[test]
fn the_intake_of_an_earlier_program_gets_what_was_added_since() {
    let place = Place::sqlite();
    let mut first = store(&place);
    add(&mut first, "a", 5);
    drop(first);
    let beside = format!("{}-intake", place.url().path().unwrap().display());
    let earlier = rusqlite::Connection::open(beside).unwrap();
    earlier.execute_batch("DROP TABLE intake_claim").unwrap();
    drop(earlier);
    let mut store = Store::open_with(place.url(), both::options()).unwrap();
    let mut tx = store.intake().unwrap();
    assert!(intake::claim(&mut tx, &"AAA123".parse().unwrap(), "a", "one", at(0)).unwrap());
    assert!(intake::get(&mut tx, "a").unwrap().is_some());
}

both!(cal_3_arrivals_wait_in_the_order_of_their_moments, |place| {
    let mut store = store(place);
    for (id, seconds) in [("c", 5), ("b", 6), ("a", 6), ("d", 4)] {
        add(&mut store, id, seconds);
    }
    let mut order = Vec::new();
    let mut tx = store.intake().unwrap();
    while let Some(next) = intake::next(&mut tx).unwrap() {
        // One that cannot be taken over keeps no other from it.
        match &*next.id {
            "c" => intake::set_aside(&mut tx, "c", "a defect").unwrap(),
            id => intake::take(&mut tx, id, at(7), at(0)).unwrap(),
        }
        order.push(next.id);
    }
    assert_eq!(order, ["d", "c", "a", "b"]);
    let waiting = intake::waiting(&mut tx).unwrap();
    assert_eq!(waiting.iter().map(|one| (&*one.id, one.why.as_deref())).collect::<Vec<_>>(), [("c", Some("a defect"))]);
    // What was taken over is forgotten in time, and nothing that waits.
    intake::take(&mut tx, "c", at(100), at(50)).unwrap();
    assert_eq!(intake::get(&mut tx, "a").unwrap(), None);
    assert!(intake::get(&mut tx, "c").unwrap().is_some_and(|one| one.taken == Some(at(100)) && one.why.is_none()));
});

both!(cal_3_who_is_silent_for_ten_seconds_hands_nothing_in_any_more, |place| {
    let mut store = store(place);
    let mut tx = store.intake().unwrap();
    for (id, from) in [("slow", 0), ("quick", 1)] {
        intake::begin(&mut tx, id, at(from)).unwrap();
    }
    tx.commit().unwrap();
    let mut tx = store.intake().unwrap();
    assert_eq!(intake::bury(&mut tx, at(10) - SignedDuration::from_millis(1)).unwrap(), 0);
    assert_eq!(intake::bury(&mut tx, at(10)).unwrap(), 1);
    assert_eq!(intake::live(&mut tx).unwrap().iter().map(|live| &*live.id).collect::<Vec<_>>(), ["quick"]);
    assert!(!intake::end(&mut tx, "slow", at(10)).unwrap());
    assert!(intake::end(&mut tx, "quick", at(10)).unwrap());
    assert!(!intake::end(&mut tx, "quick", at(10)).unwrap(), "once");
});

both!(content_that_does_not_fit_its_digest_is_not_taken_over, |place| {
    let mut store = store(place);
    let mut tx = store.intake().unwrap();
    let other = Packed::of(b"abd").unwrap();
    intake::add(&mut tx, &arrival("a", 5), Some(&other)).unwrap();
    let read = intake::content(&mut tx, &arrival("a", 5));
    assert!(matches!(&read, Err(StoreError::Damaged(words)) if words.contains("arrival a")), "{read:?}");
});

both!(an_arrival_is_in_the_record_once, |place| {
    let mut store = store(place);
    let unkept = Arrival { digest: None, ..arrival("a", 5) };
    let mut tx = store.decide().unwrap();
    let id = intake::take_over(&mut tx, &unkept, true).unwrap();
    assert_eq!(intake::of_arrival(&mut tx, "a").unwrap(), Some(id));
    assert_eq!(intake::arrival_of(&mut tx, id).unwrap().as_deref(), Some("a"));
    assert!(matches!(intake::take_over(&mut tx, &unkept, true), Err(StoreError::Constraint { .. })));
});

#[test]
fn a_file_that_was_copied_alone_gets_its_intake_from_whoever_comes_first() {
    let place = Place::sqlite();
    drop(store(&place));
    let file = place.url().path().unwrap().to_owned();
    let beside = std::path::PathBuf::from(format!("{}-intake", file.display()));
    assert!(!beside.exists());
    let (one, other) = (place.url().clone(), place.url().clone());
    let open = |url| move || drop(Store::open_with(&url, Options::default()).unwrap().intake().unwrap());
    let threads = [std::thread::spawn(open(one)), std::thread::spawn(open(other))];
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert!(beside.exists());
    let mut store = Store::open_with(place.url(), both::options()).unwrap();
    add(&mut store, "a", 5);
    // It goes with its database.
    assert!(intake::get(&mut store.intake().unwrap(), "a").unwrap().is_some());
    assert!(store.view(Scope::Dcc).unwrap().tables().unwrap().iter().all(|table| !table.starts_with("intake")));
    store.remove().unwrap();
    assert!(!beside.exists());
}

#[test]
fn an_intake_that_was_left_is_not_taken_for_a_new_databases() {
    let place = Place::sqlite();
    let file = place.url().path().unwrap().to_owned();
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(format!("{}-intake", file.display()), "").unwrap();
    assert!(matches!(Store::must_be_free(place.url()), Err(StoreError::Exists(_))));
}

both!(cal_3_moments_are_those_of_the_clock_that_all_share, |place| {
    let mut store = store(place);
    let read = |store: &mut Store| match place.url().path() {
        Some(_) => Timestamp::now().as_millisecond(),
        None => {
            let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
            store.view(Scope::Dcc).unwrap().query_one(sql, &[], |row| row.int(0)).unwrap()
        }
    };
    let before = read(&mut store);
    let clock = store.clock().unwrap().as_millisecond();
    assert!((before..=read(&mut store)).contains(&clock));
});
