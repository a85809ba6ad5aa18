//! Roles of PostgreSQL: who makes them, who may act as them, and what of a store they protect.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod both;

use both::own::{Own, as_login, protection, with_logins};
use postgres::Client;
use sha2::{Digest, Sha256};
use sluice_store::raw::{Queries as _, Writes as _};
use sluice_store::schema::MIGRATIONS;
use sluice_store::tables::stage;
use sluice_store::{Scope, Store, StoreError, View};

#[test]
fn a_login_that_may_make_no_roles_is_told_what_a_superuser_runs() {
    let server = Own::start();
    let mut admin = server.client();
    admin.batch_execute("CREATE ROLE plain LOGIN; GRANT CREATE ON DATABASE postgres TO plain").unwrap();
    let url = server.at("plain", "127.0.0.1", "schema=of_plain");
    let error = Store::create(&url).unwrap_err();
    assert!(matches!(error, StoreError::Roles(_)), "{error:?}");
    let words = error.to_string();
    // Nothing is left of it, and what it says is what helps.
    assert!(!Store::exists(&url).unwrap());
    let statements = words.split_once(" run: ").unwrap().1.strip_suffix(" then run the command again").unwrap();
    admin.batch_execute(statements).unwrap();
    let mut store = Store::create(&url).unwrap();
    store.migrate(both::SCHEMA).unwrap();
    acts_as_both_roles(&mut store);
    // A role that is above row security is refused.
    admin.batch_execute("ALTER ROLE sluice_reader BYPASSRLS").unwrap();
    let error = store.view(Scope::Observer).unwrap_err();
    assert!(error.to_string().contains("above row security"), "{error}");
    admin.batch_execute("ALTER ROLE sluice_reader NOBYPASSRLS").unwrap();
    // A table that is protected no more is noticed when the store is opened.
    store.require(both::SCHEMA).unwrap();
    admin.batch_execute("ALTER TABLE of_plain.thing NO FORCE ROW LEVEL SECURITY").unwrap();
    assert!(matches!(store.require(both::SCHEMA), Err(StoreError::Roles(_))));
    // What a superuser made would be the owner's no more.
    let of_admin = Store::open(&server.at("sluice", "127.0.0.1", "schema=of_plain"));
    let error = of_admin.unwrap().migrate(both::SCHEMA).unwrap_err();
    assert!(error.to_string().contains("belongs to 'plain' and not to 'sluice'"), "{error}");
    store.migrate(both::SCHEMA).unwrap();
    store.require(both::SCHEMA).unwrap();
    // So are views of another owner, as who puts a backup back may have made them.
    admin.batch_execute("ALTER VIEW of_plain_party.thing OWNER TO plain").unwrap();
    assert!(matches!(store.require(both::SCHEMA), Err(StoreError::Roles(_))));
    store.migrate(both::SCHEMA).unwrap();
    store.require(both::SCHEMA).unwrap();
}

/// Who may not even see the tables is told what is missing, and not that they are another program's or older.
#[test]
fn a_login_without_the_roles_is_told_which_to_grant() {
    let server = Own::start();
    let url = server.at("sluice", "127.0.0.1", "schema=of_store");
    Store::create(&url).unwrap().migrate(both::SCHEMA).unwrap();
    server
        .client()
        .batch_execute("CREATE ROLE bare LOGIN; CREATE ROLE half LOGIN; GRANT sluice_reader TO half")
        .unwrap();
    for (login, lacks) in [("bare", "GRANT sluice_service, sluice_reader TO"), ("half", "GRANT sluice_service TO")] {
        let mut store = Store::open(&server.at(login, "127.0.0.1", "schema=of_store")).unwrap();
        let error = store.require(both::SCHEMA).unwrap_err().to_string();
        assert!(error.contains(lacks), "{login}: {error}");
    }
}

#[test]
fn who_may_make_no_temporary_tables_is_told_what_to_grant() {
    let server = Own::start();
    let mut store = Store::create(&server.at("sluice", "127.0.0.1", "schema=of_store")).unwrap();
    store.migrate(sluice_store::schema::MIGRATIONS).unwrap();
    server.client().batch_execute("REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC").unwrap();
    let error = stage::make(&mut store.prepare().unwrap()).unwrap_err().to_string();
    let grant = "GRANT TEMPORARY ON DATABASE postgres TO sluice_service";
    assert!(error.contains("may make no temporary tables") && error.ends_with(grant), "{error}");
    server.client().batch_execute(grant).unwrap();
    stage::make(&mut store.prepare().unwrap()).unwrap();
}

/// From PostgreSQL 16 on who makes a role is a member of it, and may act as it only when it has granted it to itself.
#[test]
fn a_login_that_may_make_roles_acts_as_those_that_it_makes() {
    let server = Own::start();
    server
        .client()
        .batch_execute("CREATE ROLE maker LOGIN CREATEROLE; GRANT CREATE ON DATABASE postgres TO maker")
        .unwrap();
    let mut store = Store::create(&server.at("maker", "127.0.0.1", "schema=of_maker")).unwrap();
    store.migrate(both::SCHEMA).unwrap();
    acts_as_both_roles(&mut store);
}

/// Roles are the server's, and so are shared: a second store, of the same login or of another one, leaves the first as it is.
#[test]
fn a_second_store_in_the_database_leaves_the_first_as_protected_as_it_was() {
    let server = Own::start();
    let mut admin = server.client();
    admin.batch_execute("CREATE ROLE other LOGIN; GRANT CREATE ON DATABASE postgres TO other").unwrap();
    let first = server.at("sluice", "127.0.0.1", "schema=first");
    let mut one = Store::create(&first).unwrap();
    one.migrate(MIGRATIONS).unwrap();
    admin.batch_execute("GRANT sluice_service, sluice_reader, sluice_views TO other").unwrap();
    let allocate = |store: &mut Store, party: &str| {
        let mut tx = store.decide().unwrap();
        let sql = "INSERT INTO allocation (s1sp, date, party, units, handed_back) VALUES ('CGI', 20210712, $1, 1, 0)";
        tx.execute(sql, &[party.into()]).unwrap();
        tx.commit().unwrap();
    };
    let seen = |store: &mut Store, scope| {
        store
            .view(scope)
            .unwrap()
            .query("SELECT party FROM allocation", &[], |row| Ok(row.text(0)?.to_owned()))
            .unwrap()
    };
    let supplier = Scope::Party("AAA123".parse().unwrap());
    allocate(&mut one, "AAA123");
    allocate(&mut one, "BBB456");
    let before = protection(&mut admin, "first");
    assert!(before.len() > 200, "{before:?}");
    for login in ["sluice", "other"] {
        let mut two = Store::create(&server.at(login, "127.0.0.1", "schema=second")).unwrap();
        two.migrate(MIGRATIONS).unwrap();
        allocate(&mut two, "AAA123");
        for store in [&mut one, &mut two] {
            store.require(MIGRATIONS).unwrap();
            assert_eq!(seen(store, supplier), ["AAA123"]);
        }
        assert_eq!((seen(&mut one, Scope::Dcc).len(), seen(&mut two, Scope::Dcc).len()), (2, 1));
        assert_eq!(protection(&mut admin, "first"), before, "{login}");
        two.remove().unwrap();
    }
    assert_eq!(protection(&mut admin, "first"), before);
    one.require(MIGRATIONS).unwrap();
}

fn is_refused(client: &mut Client, sql: &str) -> bool {
    client.batch_execute(sql).is_err_and(|error| error.to_string().contains("db error") && error.code().is_some())
}

#[test]
fn a_login_that_works_chooses_neither_what_readers_see_nor_what_protects_it() {
    let server = Own::start();
    let (mut store, _) = with_logins(&server);
    let mut works = as_login(&server, "works");
    for sql in [
        "CREATE OR REPLACE RULE \"_RETURN\" AS ON SELECT TO own_party.hold DO INSTEAD SELECT * FROM own.hold",
        "ALTER VIEW own_party.hold SET (security_invoker = true)",
        "ALTER VIEW own_party.hold RENAME TO held",
        "DROP VIEW own_party.hold",
        "COMMENT ON SCHEMA own_party IS 'Sluice'",
        "SET ROLE sluice_views",
        "ALTER TABLE own.hold NO FORCE ROW LEVEL SECURITY",
    ] {
        assert!(is_refused(&mut works, sql), "{sql}");
        for role in ["sluice_service", "sluice_reader"] {
            works.batch_execute(&format!("SET ROLE {role}")).unwrap();
            assert!(is_refused(&mut works, sql), "{sql} as {role}");
            works.batch_execute("RESET ROLE").unwrap();
        }
    }
    store.require(MIGRATIONS).unwrap();
}

/// Only who may write waits for writers, and is waited for.
#[test]
fn a_login_without_rights_holds_up_nobody() {
    let server = Own::start();
    let (_store, _) = with_logins(&server);
    let mut connects = as_login(&server, "connects");
    let key = i32::from_be_bytes(Sha256::digest("own")[..4].try_into().unwrap());
    connects.batch_execute(&format!("BEGIN; SELECT pg_advisory_xact_lock({}, {key})", 0x5155_1CE0)).unwrap();
    let url = server.at("works", "127.0.0.1", "schema=own");
    let mut store = Store::open_with(&url, both::options()).unwrap();
    store.decide().unwrap().commit().unwrap();
    connects.batch_execute("ROLLBACK").unwrap();
    for mode in ["ACCESS SHARE", "SHARE", "SHARE ROW EXCLUSIVE", "ACCESS EXCLUSIVE"] {
        assert!(is_refused(&mut connects, &format!("BEGIN; LOCK TABLE own.schema_version IN {mode} MODE")), "{mode}");
        connects.batch_execute("ROLLBACK").unwrap();
    }
    let mut reads = as_login(&server, "works");
    reads.batch_execute("SET ROLE sluice_reader").unwrap();
    assert!(is_refused(&mut reads, "BEGIN; LOCK TABLE own.schema_version IN SHARE ROW EXCLUSIVE MODE"));
}

/// What a replay needs of a copy is that acts are done in it: that takes no views, and so not the role that has them.
#[test]
fn a_login_that_works_may_make_a_copy_that_nobody_else_reads() {
    let server = Own::start();
    let (_store, mut admin) = with_logins(&server);
    admin.batch_execute("GRANT CREATE ON DATABASE postgres TO works").unwrap();
    let mut tokens = as_login(&server, "works");
    tokens.batch_execute("SET ROLE sluice_service; INSERT INTO own.token_secret VALUES ('a', 'canary', NULL)").unwrap();
    let mut store = Store::open(&server.at("works", "127.0.0.1", "schema=own")).unwrap();
    let mut copy = store.copy_to(&server.at("works", "127.0.0.1", "schema=copied")).unwrap();
    let count = |view: &mut View<'_>| {
        view.query_one(
            "SELECT (SELECT count(*) FROM schema_version), (SELECT count(*) FROM token_secret)",
            &[],
            |row| Ok((row.int(0)?, row.int(1)?)),
        )
    };
    let steps = i64::try_from(MIGRATIONS.len()).unwrap();
    assert_eq!(count(&mut copy.decide().unwrap()).unwrap(), (steps, 0));
    assert_eq!(count(&mut store.decide().unwrap()).unwrap(), (steps, 1));
    assert!(count(&mut copy.view(Scope::Observer).unwrap()).is_err());
    copy.remove().unwrap();
}

/// The schema of the views of one store is no place for another, and does not go with it.
#[test]
fn a_store_whose_name_is_that_of_anothers_views_keeps_apart() {
    let server = Own::start();
    let at = |schema: &str| server.at("sluice", "127.0.0.1", &format!("schema={schema}"));
    let mut one = Store::create(&at("one")).unwrap();
    assert!(matches!(Store::create(&at("one_party")), Err(StoreError::Exists(_))));
    one.migrate(both::SCHEMA).unwrap();
    one.remove().unwrap();
    let mut views = Store::create(&at("one_party")).unwrap();
    views.migrate(both::SCHEMA).unwrap();
    let error = Store::create(&at("one")).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error:?}");
    assert!(!Store::exists(&at("one")).unwrap());
    views.require(both::SCHEMA).unwrap();
}

/// An act is done as the one role; its row is DCC's to read, and a reader's scope that may not see it does not.
fn acts_as_both_roles(store: &mut Store) {
    let mut tx = store.decide().unwrap();
    tx.execute("INSERT INTO thing (id, name) VALUES (1, 'a')", &[]).unwrap();
    tx.commit().unwrap();
    let mut count = |scope| {
        let mut view = store.view(scope).unwrap();
        view.query_one("SELECT count(*) FROM thing", &[], |row| row.int(0)).unwrap()
    };
    assert_eq!((count(Scope::Dcc), count(Scope::Observer)), (1, 0));
}
