//! What one database alone can be made to do: a full disk, a lost connection, a file that is no database.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod both;

use both::Place;
use sluice_store::{Scope, Store, StoreError, Url};

const SCOPE: Scope = Scope::Dcc;

#[test]
fn a_full_file_is_told_and_nothing_is_half_done() {
    let place = Place::sqlite();
    let mut store = place.store();
    let mut tx = store.begin(SCOPE).unwrap();
    tx.query("PRAGMA max_page_count = 40", &[], |row| row.int(0)).unwrap();
    let mut insert = tx.inserter("part", &["id", "note"]).unwrap();
    let note = "x".repeat(1_000);
    let error = (0..1_000_i64).try_for_each(|id| insert.row(&[id.into(), (&note).into()])).unwrap_err();
    assert!(matches!(error, StoreError::Full(_)) && error.passes(), "{error:?}");
    let words = "the disk of the database is full (database or disk is full); nothing is half done; make room, then hand the file in again";
    assert_eq!(error.to_string(), words);
    drop(insert);
    assert!(matches!(tx.commit(), Err(StoreError::Ended)));
    let mut tx = store.begin(SCOPE).unwrap();
    assert_eq!(tx.query_one("SELECT count(*) FROM part", &[], |row| row.int(0)).unwrap(), 0);
    tx.execute("INSERT INTO part (id) VALUES (1)", &[]).unwrap();
    tx.commit().unwrap();
}

#[test]
fn the_settings_of_a_file_are_as_they_must_be() {
    let place = Place::sqlite();
    let mut store = place.store();
    let mut tx = store.begin(SCOPE).unwrap();
    for (setting, wanted) in [("synchronous", 2), ("foreign_keys", 1), ("mmap_size", 0), ("busy_timeout", 300)] {
        let found = tx.query_one(&format!("PRAGMA {setting}"), &[], |row| row.int(0)).unwrap();
        assert_eq!(found, wanted, "{setting}");
    }
    let mode = tx.query_one("PRAGMA journal_mode", &[], |row| Ok(row.text(0)?.to_owned())).unwrap();
    assert_eq!(mode, "wal");
}

#[cfg(unix)]
#[test]
fn a_file_is_its_owners() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::sqlite();
    let _store = place.store();
    let path = place.url().path().unwrap();
    for file in [path.to_owned(), path.with_extension("db-wal")] {
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
    }
}

#[test]
fn a_file_where_none_can_be_is_told() {
    let url: Url = "sqlite:/proc/nowhere/store.db".parse().unwrap();
    assert!(matches!(Store::create(&url), Err(StoreError::Unreachable(_))));
}

#[test]
fn a_server_that_is_not_there_is_unreachable() {
    let url: Url = "postgres://sluice@127.0.0.1:1/none".parse().unwrap();
    let error = Store::open(&url).unwrap_err();
    assert!(matches!(error, StoreError::Unreachable(_)) && error.passes(), "{error:?}");
    let missing = Store::open(&both::server().with_schema("is_not_there").unwrap()).unwrap_err();
    assert!(matches!(missing, StoreError::Missing(_)), "{missing:?}");
}

#[test]
fn a_lost_connection_is_made_again_and_loses_only_its_transaction() {
    let place = Place::postgres();
    let mut store = place.store();
    let lose = |pid: i64| {
        let mut other = place.open();
        let sql = "SELECT pg_terminate_backend(CAST($1 AS INTEGER), 5000)";
        assert_eq!(other.read(SCOPE).unwrap().query_one(sql, &[pid.into()], |row| row.int(0)).unwrap(), 1);
    };
    let own = "SELECT pg_backend_pid()";
    let mut tx = store.begin(SCOPE).unwrap();
    tx.execute("INSERT INTO part (id) VALUES (1)", &[]).unwrap();
    lose(tx.query_one(own, &[], |row| row.int(0)).unwrap());
    let error = tx.commit().unwrap_err();
    assert!(matches!(error, StoreError::Unreachable(_)), "{error:?}");
    let mut tx = store.begin(SCOPE).unwrap();
    assert_eq!(tx.query_one("SELECT count(*) FROM part", &[], |row| row.int(0)).unwrap(), 0);
    tx.commit().unwrap();
    // Lost between two transactions: the second is begun on a new connection.
    lose(store.read(SCOPE).unwrap().query_one(own, &[], |row| row.int(0)).unwrap());
    store.begin(SCOPE).unwrap().commit().unwrap();
}

#[test]
fn what_a_server_says_becomes_an_error_in_words() {
    let place = Place::postgres();
    let mut store = place.store();
    let mut raise = |state: &str| {
        let sql = format!("DO $body$ BEGIN RAISE EXCEPTION 'words' USING ERRCODE = '{state}'; END $body$");
        store.begin(SCOPE).unwrap().execute(&sql, &[]).unwrap_err()
    };
    assert!(matches!(raise("53100"), StoreError::Full(words) if words == "words"));
    assert!(matches!(raise("25006"), StoreError::ReadOnly(_)));
    assert!(matches!(raise("57P03"), StoreError::Unreachable(_)));
}

#[test]
fn a_server_that_does_not_wait_for_its_disk_is_refused() {
    let place = Place::postgres();
    drop(place.store());
    let text = std::env::var("SLUICE_TEST_POSTGRES").unwrap();
    let mark = if text.contains('?') { '&' } else { '?' };
    let url: Url = format!("{text}{mark}options=-csynchronous_commit%3Doff").parse().unwrap();
    let error = Store::open(&url).unwrap_err();
    let words = "the database's setting synchronous_commit is 'off' and must be 'on'; correct it and start again";
    assert_eq!(error.to_string(), words);
    let url: Url = format!("{text}{mark}options=-cdefault_transaction_read_only%3Don").parse().unwrap();
    let error = Store::create(&url.with_schema("never_made").unwrap()).unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");
}
