//! Schemas for copies: one that is in use is left alone, one that nobody uses goes with the next.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod both;

use both::Place;
use sluice_store::raw::{Queries as _, Writes as _};
use sluice_store::{SchemaForCopy, Scope, Store, StoreError, Url};

const SCOPE: Scope = Scope::Dcc;

/// A copy as a program that was killed leaves it: there is a schema, and no lock.
fn abandoned(store: &mut Store) -> Url {
    let url = both::server().with_schema("sluice_replay_0123456789abcdef").unwrap();
    store.copy_to(&url).unwrap();
    url
}

#[test]
fn a_copy_that_nobody_uses_goes_with_the_next_and_one_in_use_stays() {
    let place = Place::postgres();
    let mut store = place.store();
    let used = SchemaForCopy::beside(place.url()).unwrap();
    let mut copy = store.copy_to(used.url()).unwrap();
    let left = abandoned(&mut store);
    let next = SchemaForCopy::beside(place.url()).unwrap();
    assert!(!Store::exists(&left).unwrap());
    assert_ne!(next.url().to_string(), used.url().to_string());
    assert_eq!(copy.view(SCOPE).unwrap().query_one("SELECT count(*) FROM thing", &[], |row| row.int(0)).unwrap(), 0);
    // It goes with what holds it.
    let url = used.url().clone();
    drop((copy, used));
    assert!(!Store::exists(&url).unwrap());
}

#[test]
fn a_copy_is_taken_away_from_under_a_writer() {
    let place = Place::postgres();
    let mut store = place.store();
    let held = SchemaForCopy::beside(place.url()).unwrap();
    let mut copy = store.copy_to(held.url()).unwrap();
    let mut tx = copy.decide().unwrap();
    tx.execute("INSERT INTO part (id) VALUES (1)", &[]).unwrap();
    SchemaForCopy::take_away(held.url()).unwrap();
    assert!(!Store::exists(held.url()).unwrap());
    assert!(tx.execute("INSERT INTO part (id) VALUES (2)", &[]).is_err());
    drop(tx);
    // The original is as it was.
    store.decide().unwrap().execute("INSERT INTO part (id) VALUES (1)", &[]).unwrap();
    // Nothing is there any more, which is no failure.
    SchemaForCopy::take_away(held.url()).unwrap();
}

#[test]
fn a_file_has_no_schemas() {
    assert!(matches!(SchemaForCopy::beside(Place::sqlite().url()), Err(StoreError::Url { .. })));
}
