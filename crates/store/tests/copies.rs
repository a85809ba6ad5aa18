//! Schemas for copies: one that is in use is left alone, one that nobody uses goes with the next.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod both;

use both::Place;
use postgres::{Client, NoTls};
use sha2::{Digest, Sha256};
use sluice_store::raw::{Queries as _, Writes as _};
use sluice_store::{SchemaForCopy, Scope, Store, StoreError, Url};
use std::sync::{Mutex, MutexGuard, PoisonError};

const SCOPE: Scope = Scope::Dcc;

/// Each test takes away what nobody holds, so what another has just left would go with it.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A copy as a program that was killed leaves it: there is a schema, and no lock.
fn abandoned(store: &mut Store) -> Url {
    let url = both::server().with_schema("sluice_replay_0123456789abcdef").unwrap();
    store.copy_to(&url).unwrap();
    url
}

#[test]
fn a_copy_that_nobody_uses_goes_with_the_next_and_one_in_use_stays() {
    let _alone = alone();
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

/// A store may have the name of a copy: one that is older than that name's meaning, or that a library made.
#[test]
fn a_store_that_is_no_copy_stays_whatever_its_name() {
    let _alone = alone();
    let place = Place::postgres();
    let _store = place.store();
    let url = both::server().with_schema("sluice_replay_fedcba9876543210").unwrap();
    let mut store = Store::create(&url).unwrap();
    store.migrate(both::SCHEMA).unwrap();
    drop(SchemaForCopy::beside(place.url()).unwrap());
    store.require(both::SCHEMA).unwrap();
    store.remove().unwrap();
}

/// The connection that holds a copy may be ended by who runs the server.
#[test]
fn a_copy_goes_though_its_connection_was_ended() {
    let _alone = alone();
    let place = Place::postgres();
    let mut store = place.store();
    let held = SchemaForCopy::beside(place.url()).unwrap();
    let url = held.url().clone();
    drop(store.copy_to(&url).unwrap());
    let schema = url.to_string().split_once("schema=").unwrap().1.to_owned();
    let key = u32::from_be_bytes(Sha256::digest(schema)[..4].try_into().unwrap());
    let mut admin = Client::connect(&std::env::var("SLUICE_TEST_POSTGRES").unwrap(), NoTls).unwrap();
    let ended = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = $1";
    assert!(admin.query_one(ended, &[&key]).unwrap().get::<_, bool>(0));
    drop(held);
    assert!(!Store::exists(&url).unwrap());
}

#[test]
fn a_copy_is_taken_away_from_under_a_writer() {
    let _alone = alone();
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
