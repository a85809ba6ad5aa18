//! Roles of PostgreSQL: who makes them, who may act as them, and what of a store they protect.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod both;

use both::own::Own;
use postgres::Client;
use sha2::{Digest, Sha256};
use sluice_store::raw::{Queries as _, Writes as _};
use sluice_store::schema::MIGRATIONS;
use sluice_store::tables::imports;
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

/// Who may do what with a schema: its policies, the rights to its tables and functions, and its views, in words.
fn protection(client: &mut Client, schema: &str) -> Vec<String> {
    let sql = "SELECT concat_ws(' ', tablename, policyname, roles, cmd, qual, with_check) FROM pg_policies WHERE schemaname = $1
               UNION ALL SELECT concat_ws(' ', relname, relacl, relrowsecurity, relforcerowsecurity) FROM pg_class
                 WHERE relnamespace = to_regnamespace($1)
               UNION ALL SELECT concat_ws(' ', proname, proacl) FROM pg_proc WHERE pronamespace = to_regnamespace($1)
               UNION ALL SELECT concat_ws(' ', nspname, nspacl) FROM pg_namespace WHERE nspname LIKE $1 || '%'
               UNION ALL SELECT concat_ws(' ', viewname, viewowner, definition) FROM pg_views WHERE schemaname LIKE $1 || '\\_%'
               UNION ALL SELECT concat_ws(' ', tablename, rulename) FROM pg_rules WHERE schemaname = $1
               UNION ALL SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
                 WHERE relnamespace = to_regnamespace($1) AND NOT tgisinternal
               UNION ALL SELECT concat_ws(' ', attrelid::regclass, attname, attacl) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
                 WHERE relnamespace = to_regnamespace($1) AND attacl <> '{}' ORDER BY 1";
    client.query(sql, &[&schema]).unwrap().iter().map(|row| row.get(0)).collect()
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

/// A store, a login that works in it without owning anything, and one that may only connect.
fn with_logins(server: &Own) -> (Store, Client) {
    let mut store = Store::create(&server.at("sluice", "127.0.0.1", "schema=own")).unwrap();
    store.migrate(MIGRATIONS).unwrap();
    let mut admin = server.client();
    admin
        .batch_execute(
            "CREATE ROLE works LOGIN; GRANT sluice_service, sluice_reader TO works; CREATE ROLE connects LOGIN",
        )
        .unwrap();
    (store, admin)
}

fn as_login(server: &Own, login: &str) -> Client {
    let mut config: postgres::Config = server.address().parse().unwrap();
    config.user(login).connect(postgres::NoTls).unwrap()
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

/// What of the protection is gone is noticed by everybody who opens the store, and `migrate` makes it anew.
#[test]
fn protection_that_was_taken_away_is_noticed_and_made_anew() {
    let server = Own::start();
    let (mut store, mut admin) = with_logins(&server);
    let mut works = as_login(&server, "works");
    let before = protection(&mut admin, "own");
    let (by_login, by_owner) = (true, false);
    for (sql, login) in [
        ("DROP OWNED BY sluice_reader", by_login),
        ("DROP OWNED BY sluice_service", by_login),
        ("SET ROLE sluice_service; SELECT own.inventory_indexes(false); RESET ROLE", by_login),
        ("DROP OWNED BY sluice_views CASCADE", by_owner),
        (
            "CREATE OR REPLACE RULE \"_RETURN\" AS ON SELECT TO own_party.grace DO INSTEAD SELECT * FROM own.grace",
            by_owner,
        ),
        ("ALTER POLICY reads ON own.grace USING (true)", by_owner),
        ("CREATE POLICY more ON own.grace TO sluice_reader USING (true)", by_owner),
        ("GRANT SELECT ON own.token_secret TO sluice_reader", by_owner),
        ("GRANT SELECT (digest) ON own.token_secret TO sluice_reader", by_owner),
        ("GRANT CREATE ON SCHEMA own_party TO sluice_reader", by_owner),
        ("ALTER FUNCTION own.own_ids(boolean) SECURITY INVOKER", by_owner),
        ("GRANT EXECUTE ON FUNCTION own.inventory_indexes(boolean) TO PUBLIC", by_owner),
        ("GRANT EXECUTE ON FUNCTION own.inventory_indexes(boolean) TO connects", by_owner),
        ("GRANT USAGE ON SCHEMA own TO connects; GRANT SELECT ON own.arrival TO connects", by_owner),
        ("GRANT SELECT (value) ON own.setting TO connects", by_owner),
        ("CREATE RULE none AS ON INSERT TO own.question DO INSTEAD NOTHING", by_owner),
        (
            "CREATE TRIGGER none BEFORE UPDATE ON own.question FOR EACH ROW \
             EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            by_owner,
        ),
    ] {
        let client = if login { &mut works } else { &mut admin };
        client.batch_execute(sql).unwrap();
        for login in ["sluice", "works"] {
            let opened = Store::open(&server.at(login, "127.0.0.1", "schema=own"));
            let error = opened.and_then(|mut store| store.require(MIGRATIONS)).unwrap_err();
            assert!(error.to_string().contains("not protected as this program wants it"), "{sql}: {error}");
        }
        store.migrate(MIGRATIONS).unwrap();
        store.require(MIGRATIONS).unwrap();
        assert!(protection(&mut admin, "own") == before, "{sql}");
    }
    admin.batch_execute("ALTER POLICY reads ON own.grace USING (true)").unwrap();
    let error = Store::open(&server.at("works", "127.0.0.1", "schema=own")).unwrap().migrate(MIGRATIONS).unwrap_err();
    assert!(error.to_string().contains("belongs to 'sluice' and not to 'works'"), "{error}");
    store.migrate(MIGRATIONS).unwrap();
    // A first load, which lifts row security for as long as it takes, leaves it as it was.
    let mut tx = store.decide().unwrap();
    imports::unindex_installations(&mut tx).unwrap();
    imports::index_installations(&mut tx).unwrap();
    tx.commit().unwrap();
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
