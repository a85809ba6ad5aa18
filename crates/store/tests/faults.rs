//! What one database alone can be made to do: a full disk, a lost connection, a file that is no database.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod both;

use both::Place;
use sluice_store::raw::{Queries as _, Writes as _, owner, owner_view};
use sluice_store::{Scope, Store, StoreError, Url};

const SCOPE: Scope = Scope::Dcc;

#[test]
fn a_full_file_is_told_and_nothing_is_half_done() {
    let place = Place::sqlite();
    let mut store = place.store();
    let mut tx = store.decide().unwrap();
    tx.query("PRAGMA max_page_count = 40", &[], |row| row.int(0)).unwrap();
    let mut insert = tx.inserter("part", &["id", "note"]).unwrap();
    let note = "x".repeat(1_000);
    let error = (0..1_000_i64).try_for_each(|id| insert.row(&[id.into(), (&note).into()])).unwrap_err();
    assert!(matches!(error, StoreError::Full(_)) && error.passes(), "{error:?}");
    let words = "the disk of the database is full (database or disk is full); nothing is half done; make room, then run the command again";
    assert_eq!(error.to_string(), words);
    drop(insert);
    assert!(matches!(tx.commit(), Err(StoreError::Ended)));
    let mut tx = store.decide().unwrap();
    assert_eq!(tx.query_one("SELECT count(*) FROM part", &[], |row| row.int(0)).unwrap(), 0);
    tx.execute("INSERT INTO part (id) VALUES (1)", &[]).unwrap();
    tx.commit().unwrap();
}

#[test]
fn the_settings_of_a_file_are_as_they_must_be() {
    let place = Place::sqlite();
    let mut store = place.store();
    let mut tx = store.decide().unwrap();
    for (setting, wanted) in [("synchronous", 2), ("foreign_keys", 1), ("mmap_size", 0), ("busy_timeout", 300)] {
        let found = tx.query_one(&format!("PRAGMA {setting}"), &[], |row| row.int(0)).unwrap();
        assert_eq!(found, wanted, "{setting}");
    }
    let mode = tx.query_one("PRAGMA journal_mode", &[], |row| Ok(row.text(0)?.to_owned())).unwrap();
    assert_eq!(mode, "wal");
}

#[test]
fn a_folder_is_told_to_be_one() {
    let folder = tempfile::tempdir().unwrap();
    let url: Url = format!("sqlite:{}", folder.path().display()).parse().unwrap();
    for error in [Store::open(&url).unwrap_err(), Store::create(&url).unwrap_err()] {
        assert!(error.to_string().contains("(it is a folder)"), "{error}");
    }
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
        assert_eq!(owner_view(&mut other).unwrap().query_one(sql, &[pid.into()], |row| row.int(0)).unwrap(), 1);
    };
    let own = "SELECT pg_backend_pid()";
    let mut tx = store.decide().unwrap();
    tx.execute("INSERT INTO part (id) VALUES (1)", &[]).unwrap();
    lose(tx.query_one(own, &[], |row| row.int(0)).unwrap());
    // Nobody can tell from here whether the server still took it.
    let error = tx.commit().unwrap_err();
    assert!(matches!(error, StoreError::InDoubt(_)) && !error.is_worth_another_try(), "{error:?}");
    assert!(error.to_string().contains("whether it was kept is not known"), "{error}");
    assert!(error.known_lost(false).is_worth_another_try());
    let mut tx = store.decide().unwrap();
    assert_eq!(tx.query_one("SELECT count(*) FROM part", &[], |row| row.int(0)).unwrap(), 0);
    tx.commit().unwrap();
    // Lost between two transactions: the second is begun on a new connection.
    lose(store.view(SCOPE).unwrap().query_one(own, &[], |row| row.int(0)).unwrap());
    store.decide().unwrap().commit().unwrap();
}

#[test]
fn what_a_server_says_becomes_an_error_in_words() {
    let place = Place::postgres();
    let mut store = place.store();
    let mut raise = |state: &str| {
        let sql = format!("DO $body$ BEGIN RAISE EXCEPTION 'words' USING ERRCODE = '{state}'; END $body$");
        store.decide().unwrap().execute(&sql, &[]).unwrap_err()
    };
    assert!(matches!(raise("53100"), StoreError::Full(words) if words == "words"));
    assert!(matches!(raise("25006"), StoreError::ReadOnly(_)));
    assert!(matches!(raise("57P03"), StoreError::Unreachable(_)));
    for overtaken in ["40001", "40P01"] {
        let error = raise(overtaken);
        assert!(matches!(error, StoreError::Overtaken(_)) && error.is_worth_another_try(), "{error:?}");
    }
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

/// Opens a file that is to be refused; nothing of it changes, and nothing is left beside it.
fn refused(path: &std::path::Path) -> StoreError {
    let seen = || {
        let mut names: Vec<_> =
            std::fs::read_dir(path.parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        (std::fs::read(path).unwrap(), names)
    };
    let before = seen();
    let url: Url = format!("sqlite:{}", path.display()).parse().unwrap();
    let error = Store::open(&url).unwrap_err();
    assert!(before == seen(), "{} was changed", path.display());
    error
}

#[test]
fn a_file_of_another_program_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let text = "not a database, but long enough to be looked at as one ".repeat(100);
    std::fs::write(path("text"), text).unwrap();
    std::fs::write(path("short"), "SQLite format 3\0").unwrap();
    std::fs::write(path("empty"), "").unwrap();
    let make = |name: &str, sql: &str| rusqlite::Connection::open(path(name)).unwrap().execute_batch(sql).unwrap();
    make("plain.db", "CREATE TABLE t (a)");
    make("logged.db", "PRAGMA journal_mode = WAL; CREATE TABLE t (a)");
    make(
        "alike.db",
        "CREATE TABLE schema_version (version INTEGER, applied_at TEXT); INSERT INTO schema_version VALUES (1, '')",
    );
    for name in ["text", "short", "empty", "plain.db", "logged.db", "alike.db"] {
        let error = refused(&path(name));
        assert!(matches!(error, StoreError::Foreign { .. }) && !error.passes(), "{name}: {error:?}");
    }
    // What another program has not yet brought into its file stays in its log.
    let open = rusqlite::Connection::open(path("logged.db")).unwrap();
    open.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    open.execute_batch("INSERT INTO t VALUES (1)").unwrap();
    drop(open);
    assert!(path("logged.db-wal").exists());
    let log = std::fs::read(path("logged.db-wal")).unwrap();
    assert!(matches!(refused(&path("logged.db")), StoreError::Foreign { .. }));
    assert!(log == std::fs::read(path("logged.db-wal")).unwrap());
}

#[test]
fn a_table_that_is_not_strict_is_refused() {
    let place = Place::sqlite();
    drop(place.store());
    let loose = "CREATE TABLE loose (a)";
    rusqlite::Connection::open(place.url().path().unwrap()).unwrap().execute_batch(loose).unwrap();
    let error = Store::open(place.url()).unwrap_err();
    let words =
        "the database's setting STRICT is 'loose' and must be 'set for every table'; correct it and start again";
    assert_eq!(error.to_string(), words);
}

#[test]
fn a_schema_of_another_program_is_refused_and_left_as_it_is() {
    let place = Place::postgres();
    let mut store = place.store();
    let mut tx = owner(&mut store).unwrap();
    tx.execute("ALTER TABLE schema_version RENAME TO versions", &[]).unwrap();
    let before = tx.tables().unwrap();
    tx.commit().unwrap();
    let error = Store::open(place.url()).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }) && !error.passes(), "{error:?}");
    assert!(matches!(Store::create(place.url()), Err(StoreError::Exists(_))));
    assert_eq!(store.view(SCOPE).unwrap().tables().unwrap(), before);
    store.remove().unwrap();
}

/// What a killed program left beside a file that is gone would be read as the new file's.
#[test]
fn a_new_file_is_not_made_beside_what_is_left_of_another() {
    for end in ["-wal", "-shm", "-journal"] {
        let place = Place::sqlite();
        let path = place.url().path().unwrap().to_owned();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut left = path.into_os_string();
        left.push(end);
        std::fs::write(&left, "of another").unwrap();
        assert!(matches!(Store::create(place.url()), Err(StoreError::Exists(_))), "{end}");
        assert_eq!(std::fs::read(&left).unwrap(), b"of another");
    }
}
