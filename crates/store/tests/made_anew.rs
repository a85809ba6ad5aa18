//! What protects a store of PostgreSQL is what `migrate` makes, whatever an owner or others made of it before.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod both;

use both::own::{Own, as_login, protection, with_logins};
use postgres::Client;
use sluice_store::schema::MIGRATIONS;
use sluice_store::tables::stage::{self, Change};
use sluice_store::{Store, StoreError};

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
        ("GRANT EXECUTE ON FUNCTION own.own_ids(boolean) TO PUBLIC", by_owner),
        ("GRANT EXECUTE ON FUNCTION own.own_ids(boolean) TO connects", by_owner),
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
    // A first inventory, which is put into its place without its indexes, leaves them as they were.
    let mut tx = store.decide().unwrap();
    stage::make(&mut tx).unwrap();
    let (difference, change) = stage::compare(&mut tx).unwrap();
    assert_eq!(change, Change::Whole);
    stage::put_in_place(&mut tx, &difference, change).unwrap();
    tx.commit().unwrap();
    store.require(MIGRATIONS).unwrap();
}

/// Runs the statements as the owner, with one that is always noticed; `migrate` then leaves what there was before.
fn is_made_anew(store: &mut Store, admin: &mut Client, statements: &[&str]) {
    let before = protection(admin, "own");
    for sql in statements {
        admin.batch_execute(sql).map_err(|error| format!("{sql}: {error:?}")).unwrap();
    }
    admin.batch_execute("DROP POLICY acts ON own.hold").unwrap();
    store.migrate(MIGRATIONS).map_err(|error| format!("{statements:?}: {error}")).unwrap();
    store.require(MIGRATIONS).unwrap();
    let after = protection(admin, "own");
    let beyond = |one: &[String], two: &[String]| -> Vec<String> {
        one.iter().filter(|fact| !two.contains(fact)).cloned().collect()
    };
    assert_eq!((beyond(&after, &before), beyond(&before, &after)), (vec![], vec![]), "{statements:?}");
}

#[test]
fn views_of_the_tables_own_schema_are_made_anew() {
    let server = Own::start();
    let (mut store, mut admin) = with_logins(&server);
    let statements = [
        "CREATE OR REPLACE VIEW own.arrival AS SELECT chf, file, s1sp, 'x'::text COLLATE \"C\" AS state, 0::bigint AS at \
         FROM own.authorisation",
        "ALTER VIEW own.passed_on SET (security_barrier = true)",
        "ALTER VIEW own.said_active RENAME COLUMN at TO since",
        "ALTER VIEW own.said_active OWNER TO connects",
        "CREATE VIEW own.more AS SELECT * FROM own.arrival; CREATE VIEW public.outside AS SELECT * FROM own.more",
    ];
    is_made_anew(&mut store, &mut admin, &statements);
    is_made_anew(&mut store, &mut admin, &["DROP VIEW own.passed_on CASCADE"]);
}

/// Default privileges are rights to what is made later: so `migrate` itself would give them.
#[test]
fn default_privileges_give_nobody_a_right() {
    let server = Own::start();
    let (mut store, mut admin) = with_logins(&server);
    let statements = [
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO connects",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA own GRANT ALL ON TABLES TO PUBLIC",
        "ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO connects, sluice_reader WITH GRANT OPTION",
        "ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON ROUTINES TO sluice_reader",
        "ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM sluice",
        "ALTER DEFAULT PRIVILEGES FOR ROLE sluice_views GRANT ALL ON TABLES TO connects",
    ];
    is_made_anew(&mut store, &mut admin, &statements);
    // Nor in a store that is made under them, or in a copy.
    let mut other = Store::create(&server.at("sluice", "127.0.0.1", "schema=other")).unwrap();
    other.migrate(MIGRATIONS).unwrap();
    let copy = store.copy_to(&server.at("sluice", "127.0.0.1", "schema=copied")).unwrap();
    let mut connects = as_login(&server, "connects");
    for schema in ["own", "other", "other_party", "copied"] {
        let sql = format!("SELECT count(*) FROM {schema}.arrival");
        assert!(connects.query(&sql, &[]).unwrap_err().to_string().contains("db error"), "{schema}");
        let rights =
            "SELECT has_schema_privilege('connects', $1, 'USAGE') OR has_schema_privilege('connects', $1, 'CREATE')";
        assert!(!admin.query_one(rights, &[&schema]).unwrap().get::<_, bool>(0), "{schema}");
    }
    copy.remove().unwrap();
}

#[test]
fn rights_that_were_passed_on_go_with_those_that_they_came_from() {
    let server = Own::start();
    let (mut store, mut admin) = with_logins(&server);
    let statements = [
        "GRANT USAGE ON SCHEMA own TO connects; GRANT SELECT ON own.hold TO connects WITH GRANT OPTION; \
         SET ROLE connects; GRANT SELECT ON own.hold TO PUBLIC; RESET ROLE",
        "GRANT SELECT ON own.arrival TO sluice_reader WITH GRANT OPTION; \
         SET ROLE sluice_reader; GRANT SELECT ON own.arrival TO connects; RESET ROLE",
        "GRANT UPDATE (value) ON own.setting TO sluice_service WITH GRANT OPTION; \
         SET ROLE sluice_service; GRANT UPDATE (value) ON own.setting TO connects; RESET ROLE",
        "GRANT USAGE ON SCHEMA own TO connects WITH GRANT OPTION; \
         SET ROLE connects; GRANT USAGE ON SCHEMA own TO sluice_views; RESET ROLE",
        "GRANT USAGE ON SCHEMA own TO connects; GRANT SELECT ON own.setting TO connects WITH GRANT OPTION; \
         SET ROLE connects; GRANT SELECT ON own.setting TO sluice_reader; RESET ROLE",
        "GRANT EXECUTE ON FUNCTION own.own_ids(boolean) TO sluice_service WITH GRANT OPTION; \
         SET ROLE sluice_service; GRANT EXECUTE ON FUNCTION own.own_ids(boolean) TO works; RESET ROLE",
        "GRANT EXECUTE ON FUNCTION own.own_ids(boolean) TO sluice_reader, PUBLIC",
        "GRANT SELECT, TRIGGER ON own.hold TO sluice_reader, sluice_views",
        "REVOKE ALL ON own.question FROM sluice",
        "REVOKE CREATE ON SCHEMA own FROM sluice",
        "ALTER TABLE own.grace OWNER TO connects",
        "ALTER TABLE own.proposal OWNER TO sluice_reader",
    ];
    is_made_anew(&mut store, &mut admin, &statements);
}

#[test]
fn routines_of_every_kind_go_and_ours_are_made_anew() {
    let server = Own::start();
    let (mut store, mut admin) = with_logins(&server);
    let body = "AS $body$ BEGIN END $body$ LANGUAGE plpgsql";
    let statements = [
        "CREATE PROCEDURE own.more(a bigint, INOUT b text) LANGUAGE sql AS 'SELECT b'",
        "CREATE AGGREGATE own.most(bigint) (SFUNC = int8larger, STYPE = bigint)",
        "CREATE FUNCTION own.numbered() RETURNS bigint WINDOW LANGUAGE internal AS 'window_row_number'",
        "CREATE FUNCTION own.listed(VARIADIC text[]) RETURNS SETOF own.arrival LANGUAGE sql AS 'SELECT * FROM own.arrival'",
        "CREATE FUNCTION own.\"a b\"(\"c d\" own.hold, OUT e text) LANGUAGE sql AS 'SELECT '''''; \
         CREATE VIEW own.called AS SELECT own.\"a b\"(hold) FROM own.hold",
        &format!(
            "CREATE FUNCTION own.watch() RETURNS trigger {body}; \
             CREATE TRIGGER watch BEFORE INSERT ON own.hold EXECUTE FUNCTION own.watch(); \
             CREATE TABLE public.elsewhere (a bigint); \
             CREATE TRIGGER watch BEFORE INSERT ON public.elsewhere EXECUTE FUNCTION own.watch()"
        ),
    ];
    is_made_anew(&mut store, &mut admin, &statements);
    let drop = "DROP FUNCTION own.own_ids(boolean) CASCADE";
    for other in ["FUNCTION own.own_ids(since boolean) RETURNS bigint[]", "PROCEDURE own.own_ids(now boolean)"] {
        is_made_anew(&mut store, &mut admin, &[drop, &format!("CREATE {other} {body}")]);
    }
}

/// A function of the schema that fits better than the server's own would be called in its place, and could hide itself.
#[test]
fn what_looks_for_changes_calls_nothing_that_others_put_there() {
    let server = Own::start();
    let (mut store, mut admin) = with_logins(&server);
    let hides =
        "CREATE FUNCTION own.convert_to(text, text) RETURNS bytea LANGUAGE sql AS $body$ SELECT pg_catalog.convert_to(
                 regexp_replace($1, ' function [0-9]+ .[0-9]+,convert_to,[^)]*.', ''), 'UTF8'::name) $body$";
    admin.batch_execute(hides).unwrap();
    assert!(matches!(store.require(MIGRATIONS), Err(StoreError::Roles(_))));
    store.migrate(MIGRATIONS).unwrap();
    store.require(MIGRATIONS).unwrap();
}

/// What `migrate` cannot make anew it refuses by name, and whoever opens the store before is told to run it.
#[test]
fn what_can_not_be_protected_is_refused_by_name() {
    let server = Own::start();
    let (mut store, mut admin) = with_logins(&server);
    let watch = "EXECUTE FUNCTION suppress_redundant_updates_trigger()";
    let trigger = format!("CREATE TRIGGER none BEFORE UPDATE ON own.split FOR EACH ROW {watch}");
    for (make, named, take) in [
        (
            "CREATE MATERIALIZED VIEW own.kept AS SELECT * FROM own.hold",
            "materialized view own.kept",
            "DROP MATERIALIZED VIEW own.kept",
        ),
        (
            "CREATE TABLE own.\"hold; GRANT sluice_views TO connects\" (a bigint)",
            "table own.\"hold; GRANT sluice_views TO connects\" of sluice",
            "DROP TABLE own.\"hold; GRANT sluice_views TO connects\"",
        ),
        ("CREATE TABLE own.odd (\"a b\" bigint)", "table own.odd of sluice", "DROP TABLE own.odd"),
        ("CREATE SEQUENCE own.number", "sequence own.number", "DROP SEQUENCE own.number"),
        ("CREATE TYPE own.mood AS ENUM ()", "type own.mood", "DROP TYPE own.mood"),
        (
            "CREATE OPERATOR own.=== (FUNCTION = int8eq, LEFTARG = bigint, RIGHTARG = bigint)",
            "operator own.===(bigint,bigint)",
            "DROP OPERATOR own.=== (bigint, bigint)",
        ),
        (
            &format!(
                "CREATE TABLE own.split (a bigint) PARTITION BY LIST (a); {trigger}; \
                 CREATE TABLE own.slice PARTITION OF own.split DEFAULT"
            ),
            "table own.slice under table own.split, table own.split",
            "DROP TABLE own.split",
        ),
        (
            "CREATE TABLE public.heir () INHERITS (own.hold)",
            "table public.heir under table own.hold",
            "ALTER TABLE public.heir NO INHERIT own.hold",
        ),
        (
            "CREATE TABLE public.above (); ALTER TABLE own.hold INHERIT public.above",
            "table own.hold under table public.above",
            "ALTER TABLE own.hold NO INHERIT public.above",
        ),
    ] {
        admin.batch_execute(make).unwrap();
        assert!(matches!(store.require(MIGRATIONS), Err(StoreError::Roles(_))), "{make}");
        let before = protection(&mut admin, "own");
        for error in [store.migrate(MIGRATIONS).unwrap_err(), store.rehearse(MIGRATIONS).unwrap_err()] {
            assert!(matches!(error, StoreError::Roles(_)), "{make}: {error:?}");
            assert!(error.to_string().contains(&format!("neither made nor protects: {named}; ")), "{make}: {error}");
        }
        assert!(protection(&mut admin, "own") == before, "{make}");
        admin.batch_execute(take).unwrap();
        store.migrate(MIGRATIONS).unwrap();
        store.require(MIGRATIONS).unwrap();
    }
}

/// What would be done is told by doing it and taking it back: so who may not do it, and what is in its way, are told the same.
#[test]
fn a_rehearsal_is_refused_what_the_change_is_refused_and_changes_nothing() {
    let server = Own::start();
    let mut admin = server.client();
    admin.batch_execute("CREATE ROLE plain LOGIN; GRANT CREATE ON DATABASE postgres TO plain").unwrap();
    admin.batch_execute("CREATE ROLE sluice_service; CREATE ROLE sluice_reader; CREATE ROLE sluice_views").unwrap();
    admin.batch_execute("GRANT sluice_service, sluice_reader, sluice_views TO plain").unwrap();
    let mut store = Store::create(&server.at("plain", "127.0.0.1", "schema=own")).unwrap();
    let mut of_admin = Store::open(&server.at("sluice", "127.0.0.1", "schema=own")).unwrap();
    let before = protection(&mut admin, "own");
    let refused = |store: &mut Store, words: &str| {
        for error in [store.migrate(MIGRATIONS).unwrap_err(), store.rehearse(MIGRATIONS).unwrap_err()] {
            assert!(error.to_string().contains(words), "{error}");
        }
    };
    refused(&mut of_admin, "belongs to 'plain' and not to 'sluice'");
    admin.batch_execute("REVOKE sluice_views FROM plain").unwrap();
    refused(&mut store, "the login 'plain' cannot act as sluice_views");
    admin.batch_execute("GRANT sluice_views TO plain").unwrap();
    assert_eq!(store.rehearse(MIGRATIONS).unwrap().len(), MIGRATIONS.len());
    assert!(protection(&mut admin, "own") == before);
    assert_eq!(store.migrate(MIGRATIONS).unwrap().len(), MIGRATIONS.len());
    assert_eq!(store.rehearse(MIGRATIONS).unwrap().len(), 0);
    // An owner that may see and make nothing in its own schema.
    admin.batch_execute("DROP POLICY acts ON own.schema_version; REVOKE CREATE ON SCHEMA own FROM plain").unwrap();
    assert_eq!(store.migrate(MIGRATIONS).unwrap().len(), 0);
    store.require(MIGRATIONS).unwrap();
    // What a stranger has put there with a right to it is told with its owner.
    admin.batch_execute("CREATE ROLE stranger; GRANT CREATE ON SCHEMA own TO stranger").unwrap();
    admin.batch_execute("SET ROLE stranger; CREATE TABLE own.strange (a bigint); RESET ROLE").unwrap();
    refused(&mut store, "neither made nor protects: table own.strange of stranger; ");
    admin.batch_execute("DROP TABLE own.strange").unwrap();
    store.migrate(MIGRATIONS).unwrap();
    store.require(MIGRATIONS).unwrap();
}
